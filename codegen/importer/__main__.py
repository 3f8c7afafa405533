"""`python -m codegen.importer DESCRIPTION VERSION`: take a newer description of the API into `spec/`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import yaml

from codegen.errors import SpecError

from .bump import bump

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None, folder: Path = ROOT / "spec") -> int:
    """Change the catalogue in `folder`; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m codegen.importer", description=__doc__)
    parser.add_argument("description", type=Path, help="an OpenAPI 3 file, YAML or JSON")
    parser.add_argument("version", help="the server version that it describes, such as 11.12")
    options = parser.parse_args(arguments)
    texts = {p.relative_to(folder).as_posix(): p.read_text("utf-8") for p in sorted(folder.rglob("*.yaml"))}
    try:
        description = yaml.safe_load(options.description.read_text("utf-8"))
        changed, remarks = bump(texts, description, options.version)
    except (SpecError, OSError, yaml.YAMLError) as error:
        print(f"bump: {error}", file=sys.stderr)
        return 1
    for name, text in changed.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print("\n".join([*remarks, f"{len(changed)} files of spec/ changed; now run: python -m codegen"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
