"""What a wheel must bring along about itself: the notices of what is linked into it, and the bill of it."""

from __future__ import annotations

import re

from supply.notices import NOTICES
from supply.sbom import SBOM

PLACES = re.compile(rb"file:/+[^\"\s]*|(?<![A-Za-z0-9.])/(?:home|root|tmp|build|Users)/[^\"\s]*")
"""Places of the machine that built it; nobody else's business."""


def paper_problems(files: dict[str, bytes]) -> list[str]:
    """What is wrong with the notices and the SBOM in a wheel, one line each.

    Args:
        files: The wheel's files about itself, by name.
    """
    bills = [name for name in files if "/sboms/" in name]
    found = [] if len(bills) == 1 else [f"one SBOM is wanted, not {bills}"]
    for end, file in (("licenses/THIRD-PARTY-NOTICES.txt", NOTICES), (f"sboms/{SBOM.name}", SBOM)):
        held = next((content for name, content in files.items() if name.endswith(f".dist-info/{end}")), None)
        if held is None:
            found.append(f"lacks {end}")
        elif held != file.read_bytes():
            found.append(f"{end} is not the project's")
    for name, content in files.items():
        found += [f"{name} names {one.decode()}" for one in PLACES.findall(content)[:1]]
    return found
