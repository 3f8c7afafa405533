"""The drivers of calls in several steps."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Generator
from types import FrameType
from typing import Any

import pytest

from matterapi import SyncClient
from matterapi.calls import script


@pytest.fixture
def client() -> SyncClient:
    return SyncClient(options={"url": "http://127.0.0.1:1", "auth": {"token": "t"}})


def _script(ended: list[str]) -> Generator[script.Step, Any, str]:
    try:
        yield script.Do(lambda: None)
        return "done"
    finally:
        ended.append("closed")


class _Interrupt:
    """Raises KeyboardInterrupt at one instruction of the drivers."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, frame: FrameType, event: str, _arg: object) -> _Interrupt | None:
        if frame.f_code.co_filename != script.__file__:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self


def _interrupted(client: SyncClient, at: int) -> bool:
    """Whether a call ended by Ctrl-C at its instruction of that number; without one it is done."""
    ended: list[str] = []
    tracing = sys.gettrace()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        sys.settrace(_Interrupt(at))
        try:
            assert script.run(client.sender, _script(ended)) == "done"
        except KeyboardInterrupt:
            interrupted = True
        else:
            interrupted = False
            assert ended == ["closed"]
        finally:
            sys.settrace(tracing)
    assert warned == []
    return interrupted


def test_ctrl_c_at_any_instruction_leaves_nothing_that_was_not_awaited(client: SyncClient) -> None:
    at = 1
    while _interrupted(client, at):
        at += 1
    assert at > 20
