"""Ten megabytes that become ten gigabytes take no more memory than answers may take."""

import subprocess
import sys

import pytest

from tests.support.effort import checkered

from .bomb import TAKEN

MIB = 1024 * 1024
GROWTH_KIB = 32 * 1024
SERVER = "tests.large.bomb_server"


ENDS = {
    **dict.fromkeys(["call", "error", "whole file", "to memory"], "max_response_size"),
    **dict.fromkeys(["to a file", "stream"], str(TAKEN * MIB)),
}


@pytest.mark.parametrize(("kind", "way"), checkered(("sync", "async"), ENDS))
def test_a_bomb_grows_the_process_by_less_than_32_mib(kind: str, way: str, url: str) -> None:
    command = [sys.executable, "-m", "tests.large.bomb", kind, url, way]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    end, growth = done.stdout.rsplit(maxsplit=1)
    print(f"{kind} {way}: {end}, +{int(growth) / 1024:.1f} MiB")  # noqa: T201 - the figure
    assert end == ENDS[way]
    assert int(growth) < GROWTH_KIB
