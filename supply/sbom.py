"""The bill of what is linked into the wheel (CycloneDX).

maturin's own names the folders of the machine that builds and the crates of all systems, and differs from
build to build; this one depends on Cargo.lock alone.
"""

from __future__ import annotations

import json
from typing import Any

from .crates import BINDING, ROOT, Crate

SBOM = ROOT / "rust" / "matterapi.cdx.json"


def render(crates: list[Crate]) -> str:
    """The whole file; the program is the binding, its parts are the other crates."""
    (binding,) = (one for one in crates if one.name == BINDING)
    parts = [one for one in crates if one is not binding]
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": _component(binding)},
        "components": [_component(one) for one in parts],
        "dependencies": [
            {"ref": _purl(one.name, one.version), "dependsOn": [_purl(*used) for used in one.uses]}
            for one in crates
        ],
    }
    return json.dumps(bill, indent=1) + "\n"


def _component(crate: Crate) -> dict[str, Any]:
    reference = _purl(crate.name, crate.version)
    component = {
        "type": "library",
        "bom-ref": reference,
        "name": crate.name,
        "version": crate.version,
        "licenses": [{"expression": crate.licence}],
    }
    if crate.is_ours:
        return component
    hashes = [{"alg": "SHA-256", "content": crate.sha256}]
    return component | {"purl": reference, "hashes": hashes}


def _purl(name: str, version: str) -> str:
    return f"pkg:cargo/{name}@{version}"
