"""Files of any size move through little memory."""

import subprocess
import sys
from pathlib import Path

import pytest

MIB = 1024 * 1024
GROWTH_KIB = 32 * 1024
SERVER = "tests.large.byte_server"


SIZES = [
    96 * MIB,
    pytest.param(1024 * MIB, marks=[pytest.mark.large, pytest.mark.timeout(600)]),
    pytest.param(2048 * MIB, marks=[pytest.mark.large, pytest.mark.timeout(900)]),
]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("way", ["up", "down"])
def test_a_large_file_grows_the_process_by_less_than_32_mib(
    kind: str, way: str, size: int, url: str, tmp_path: Path
) -> None:
    path = tmp_path / "large.bin"
    path.touch()
    command = [sys.executable, "-m", "tests.large.transfer", kind, way, url, str(path), str(size)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    path.unlink()
    moved, growth = map(int, done.stdout.split())
    print(f"{kind} {way} {size // MIB} MiB: +{growth / 1024:.1f} MiB")  # noqa: T201 - the figure
    assert moved >= size
    assert growth < GROWTH_KIB
