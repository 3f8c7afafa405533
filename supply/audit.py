"""Judges what the project is built from: `python -m supply.audit [--strict]`.

Licences, banned crates and sources are judged anywhere. Known vulnerabilities are in databases that cannot
be had everywhere: where they cannot, the last lines say so, and `--strict` makes a failure of it.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from .crates import ROOT

DENY = ROOT / "deny.toml"
REQUIREMENTS = ROOT / "requirements"
_TOOLS = Path(sys.executable).parent
_UNREACHABLE = re.compile(
    r"failed to fetch advisory database|ConnectionError|ConnectionTimeout|ConnectTimeout|NameResolutionError"
    r"|Could not (?:resolve|connect)|Temporary failure in name resolution|timed out"
)


class State(Enum):
    """How a check ended."""

    GOOD = "checked"
    BAD = "FAILED"
    UNKNOWN = "NOT CHECKED"


@dataclass(frozen=True)
class Verdict:
    """What became of a check.

    Args:
        what: What was looked at.
        state: How it ended.
        why: One line on a check that did not end well, "" for one that did.
    """

    what: str
    state: State
    why: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.state.value}" + (f" ({self.why})" if self.why else "")


def rules_of_crates(manifest: Path = ROOT / "Cargo.toml", config: Path = DENY) -> Verdict:
    """Judge licences, banned crates and sources by `deny.toml`."""
    done = _deny(manifest, config, "bans", "licenses", "sources")
    what = "licences, bans and sources of crates"
    return Verdict(what, State.BAD, "see above") if done.returncode else Verdict(what, State.GOOD)


def advisories_of_crates(manifest: Path = ROOT / "Cargo.toml", config: Path = DENY) -> Verdict:
    """Look the crates of Cargo.lock up in the database of RustSec."""
    what = "advisories of crates"
    done = _deny(manifest, config, "advisories")
    if done.returncode == 0:
        return Verdict(what, State.GOOD)
    if _UNREACHABLE.search(done.stderr):
        return Verdict(what, State.UNKNOWN, "the database of RustSec cannot be had here")
    return Verdict(what, State.BAD, "see above")


def _deny(manifest: Path, config: Path, *checks: str) -> subprocess.CompletedProcess[str]:
    command = [str(_TOOLS / "cargo-deny"), "--manifest-path", str(manifest), "--config", str(config)]
    done = subprocess.run(
        [*command, "--locked", "check", *checks], check=False, capture_output=True, text=True, cwd=ROOT
    )
    if not _UNREACHABLE.search(done.stderr):
        print(done.stderr, end="", file=sys.stderr)
    return done


def advisories_of_packages(file: Path, *options: str) -> Verdict:
    """Look pinned Python packages up.

    Args:
        file: Requirements with hashes.
        *options: Further options of pip-audit.
    """
    command = [str(_TOOLS / "pip-audit"), "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    command += ["--requirement", str(file), *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    return judged(f"advisories of {file.name}", done.stdout, done.stderr)


def judged(what: str, report: str, errors: str) -> Verdict:
    """Read what pip-audit said; a package that its database does not know is none that was found good.

    Args:
        what: What was looked at.
        report: Its report in JSON, "" if there is none.
        errors: What it wrote to stderr.
    """
    try:
        packages: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except ValueError:
        if _UNREACHABLE.search(errors):
            return Verdict(what, State.UNKNOWN, "the database cannot be had here")
        return Verdict(what, State.BAD, f"pip-audit failed: {errors[-300:].strip()}")
    found = [
        f"{one['name']} {one['version']}: {bad['id']}" for one in packages for bad in one.get("vulns", ())
    ]
    if found:
        return Verdict(what, State.BAD, "; ".join(found))
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    if skipped or not packages:
        some = f"{len(skipped)} of {len(packages)}, such as {skipped[0]}" if skipped else "no package at all"
        return Verdict(what, State.UNKNOWN, f"the database says nothing of {some}")
    return Verdict(what, State.GOOD)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m supply.audit")
    parser.add_argument("--strict", action="store_true", help="fail if something could not be checked")
    strict = parser.parse_args().strict
    packages = [advisories_of_packages(one) for one in sorted(REQUIREMENTS.glob("*.txt"))]
    verdicts = [rules_of_crates(), advisories_of_crates(), *packages]
    print(*verdicts, sep="\n")
    bad = {State.BAD, State.UNKNOWN} if strict else {State.BAD}
    sys.exit(any(one.state in bad for one in verdicts))


if __name__ == "__main__":
    main()
