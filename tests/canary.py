"""A secret that must not get out, and everything that a program, its log or its crash report would show."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import traceback
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import ValidationError

from matterapi.client.exceptions import MatterapiError
from matterapi.response import Response
from tests.faces import AwaitableFace

CANARY = "canarycanarycanarycanaryca"
"""Of the form of the server's tokens: 26 letters."""

EVERYWHERE = {
    "headers": {"X-Api-Key": CANARY},
    "cookies": {"MMAUTHTOKEN": CANARY},
    "params": {"key": CANARY},
}
"""The secret as every option of `httpx_client_options` that goes out with calls and websockets alike."""

# What belongs to the program that runs and not to the value that it was given.
_PROGRAM = (
    types.ModuleType,
    types.FunctionType,
    types.MethodType,
    types.BuiltinFunctionType,
    types.FrameType,
    types.TracebackType,
    types.CodeType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
    type,
)


def is_shown(value: object) -> bool:
    """Whether a text or bytes has the secret, whatever its case."""
    return CANARY in str(value).lower()


def leaks(value: Any) -> list[str]:
    """Where `value` shows the secret: as text, in its pickle, or in an object that it holds.

    Args:
        value: An exception, with its causes and notes; a response; a client.
    """
    found = [name for name, text in _texts(value) if is_shown(text)]
    if isinstance(value, BaseException):
        found += [f"holds {text!r}" for text in _held(value) if is_shown(text)]
    return found


def _texts(value: Any) -> Iterator[tuple[str, Any]]:
    yield "repr", repr(value)
    yield "str", str(value)
    yield "format", f"{value}"
    if isinstance(value, BaseException):
        yield "traceback", "".join(traceback.format_exception(value))
        yield "notes", getattr(value, "__notes__", None)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        try:
            yield "pickle", pickle.dumps(value, protocol)
        except (TypeError, AttributeError, pickle.PicklingError) as refused:
            yield "refused pickle", refused
    if isinstance(value, BaseException):
        yield "copy", repr(copy.copy(value))


def _held(value: object) -> Iterator[str | bytes]:
    """Every text that can be reached from an object without going through running code."""
    seen: set[int] = set()
    left = [value]
    while left:
        one = left.pop()
        if id(one) in seen or isinstance(one, _PROGRAM):
            continue
        seen.add(id(one))
        if isinstance(one, (str, bytes)):
            yield one
            continue
        if isinstance(one, Response):
            # What the server sent is kept as it came; its pickle is another matter.
            yield f"{one.url} {one.headers!r} {one.request.headers!r}"
            continue
        if isinstance(one, (json.JSONDecodeError, ValidationError)) and one is not value:
            # Why a body could not be read: these hold the same body.
            yield str(one)
            continue
        left += gc.get_referents(one)
        # Slots and attributes that the collector does not follow.
        left += [getattr(one, name, None) for name in ("args", "__cause__", "__context__", "__notes__")]


class Shown:
    """Collects what got out.

    Attributes:
        leaks: Where the secret was shown; empty if all is well.
        seen: How many values, failures and warnings were looked at.
    """

    def __init__(self, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
        self._caplog, self._capfd = caplog, capfd
        self.leaks: list[str] = []
        self.seen = 0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look at what leaves a block: its exception, log records, warnings, and output of the process."""
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                yield
            except (MatterapiError, ValueError, TypeError) as failure:
                self.add(failure)
        self.add(*(one.message for one in warned))
        # The failure of a handler is a program's own object; how it is written is the library's matter.
        records = [{**vars(one), "exc_info": None} for one in self._caplog.records]
        self.leaks += [f"log: {one}" for one in records if is_shown(one)]
        self.leaks += [text for text in (self._caplog.text, *self._capfd.readouterr()) if is_shown(text)]

    def add(self, *values: Any) -> None:
        """Look at values, and at the answers that they hold."""
        for given in values:
            self.seen += 1
            value = given._target if isinstance(given, AwaitableFace) else given
            self.leaks += [f"{type(value).__name__}: {place}" for place in leaks(value)]
            if (answered := getattr(value, "response", None)) is not None:
                self.add(answered)
                request = answered.request
                self.leaks += [text for text in (str(request.url), repr(request.headers)) if is_shown(text)]
