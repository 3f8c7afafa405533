"""A resolver that never answers: the call ends with its time for connecting, and so does the program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HANGS = """
#include <stddef.h>
#include <unistd.h>
struct addrinfo;
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **result) {
    sleep(600);
    return -3;
}
"""

PROGRAM = """
import asyncio
from matterapi import AsyncClient, SyncClient
from matterapi.client.base import Timeout
from matterapi.exceptions import ConnectTimeout

options = {
    "url": "https://hangs.example.com",
    "auth": {"token": "t" * 26},
    "httpx_client_options": {"timeout": Timeout(connect=0.3)},
    "retries": RETRIES,
}


async def call():
    await AsyncClient(options=options).users.get_user("me")


try:
    SyncClient(options=options).users.get_user("me") if "KIND" == "sync" else asyncio.run(call())
except ConnectTimeout as error:
    print(error.retryable, error)
"""


@pytest.fixture(scope="module")
def hanging(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library whose `getaddrinfo` hangs, to be loaded before the C library."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    folder = tmp_path_factory.mktemp("resolver")
    (folder / "hangs.c").write_text(HANGS)
    library = folder / "hangs.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, folder / "hangs.c"], check=True)
    return library


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="loaded as on Linux")
@pytest.mark.parametrize("retries", [0, 1])
def test_the_call_and_the_program_end_although_the_resolver_hangs(
    kind: str, hanging: Path, retries: int
) -> None:
    program = PROGRAM.replace("KIND", kind).replace("RETRIES", str(retries))
    # The resolver hangs for ten minutes.
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "LD_PRELOAD": str(hanging)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("True ")
    assert "hangs.example.com" in done.stdout
