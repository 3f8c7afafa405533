"""Checks a wheel as auditwheel would: `python -m tests.wheel.check WHEEL`."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from pathlib import Path

from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

from tests.wheel.papers import paper_problems

TAG = re.compile(r"cp310-abi3-(?=.*manylinux_2_17_)[a-z0-9_.]+\.whl$")
OLDEST_GLIBC = (2, 17)
MOST_BYTES = 6 * 1024 * 1024
SYSTEM = re.compile(r"(libc|libm|libdl|libpthread|librt|libutil|libgcc_s|ld-linux-[a-z0-9-]+)\.so\.\d+$")
"""The libraries that every manylinux system has; OpenSSL's are not among them."""


UNWINDER = "libgcc_s.so.1"


def problems(wheel: Path) -> list[str]:
    """What is wrong with a wheel, one line each."""
    found = []
    if not TAG.search(wheel.name):
        found.append(f"not an abi3 wheel for manylinux_2_17: {wheel.name}")
    if wheel.stat().st_size > MOST_BYTES:
        found.append(f"larger than {MOST_BYTES} bytes: {wheel.stat().st_size}")
    with zipfile.ZipFile(wheel) as archive:
        libraries = [name for name in archive.namelist() if ".so" in Path(name).name]
        if libraries != ["matterapi/_core.abi3.so"]:
            found.append(f"the core is not the only library: {libraries}")
        for name in libraries:
            found += library_problems(archive.read(name))
        found += paper_problems(
            {name: archive.read(name) for name in archive.namelist() if ".dist-info/" in name}
        )
    return found


def library_problems(content: bytes) -> list[str]:
    """What is wrong with a shared library, one line each."""
    found = []
    if re.search(rb"OpenSSL \d+\.\d+\.\d+", content):
        found.append("OpenSSL is linked in")
    sections = list(ELFFile(io.BytesIO(content)).iter_sections())
    for section in sections:
        if isinstance(section, DynamicSection):
            needed = [tag.needed for tag in section.iter_tags() if tag.entry.d_tag == "DT_NEEDED"]
            found += [f"needs {name}" for name in needed if not SYSTEM.match(name)]
            if UNWINDER not in needed:
                found.append(f"has an unwinder of its own, not {UNWINDER}: ending threads would crash")
        if isinstance(section, GNUVerNeedSection):
            versions = [version.name for _, uses in section.iter_versions() for version in uses]
            found += [f"needs {version}" for version in versions if too_new(version)]
    return found


def too_new(version: str) -> bool:
    """Whether a symbol version such as `GLIBC_2.28` is newer than the oldest glibc."""
    name, _, number = version.partition("_")
    return name == "GLIBC" and tuple(map(int, number.split("."))) > OLDEST_GLIBC


if __name__ == "__main__":
    lines = problems(Path(sys.argv[1]))
    sys.exit("\n".join(lines) or None)
