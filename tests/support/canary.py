"""A secret that must not get out, and everything that a program, its log or its crash report would show."""

from __future__ import annotations

import base64
import copy
import gc
import html
import pickle
import re
import traceback
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import pytest

from matterapi.client.exceptions import MatterapiError
from matterapi.response import Response
from tests.support.effort import usually
from tests.support.faces import AwaitableFace

CANARY = "canarycanarycanarycanaryca"
"""Of the form of the server's tokens: 26 letters."""

EVERYWHERE = {
    "headers": {"X-Api-Key": CANARY},
    "cookies": {"MMAUTHTOKEN": CANARY},
    "params": {"key": CANARY},
}
"""The secret as every option of `httpx_client_options` that goes out with calls and websockets alike."""

PROTOCOLS = usually((2, pickle.HIGHEST_PROTOCOL), tuple(range(2, pickle.HIGHEST_PROTOCOL + 1)))
"""The pickle protocols that values are looked at in; what a class gives is the same for all from 2 on."""

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


_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}")
_ESCAPED = re.compile(r"\\+(?:u00|x)([0-9a-fA-F]{2})")


def is_shown(value: object, secret: str = CANARY) -> bool:
    """Whether a text or bytes has the secret, in any case, or as URLs, HTML, JSON or base64 write it."""
    return _shows(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value), secret)


@lru_cache(64)  # the same text is met as `repr`, `str` and attribute of one error, and in each log record
def _shows(text: str, secret: str) -> bool:
    return any(secret.lower() in form.lower() for form in _undressed(text))


def _undressed(text: str) -> Iterator[str]:
    escapes_undone = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    yield from (text, unquote(text), unquote(text.replace("+", " ")), html.unescape(text), escapes_undone)
    yield escapes_undone.replace("\\", "")
    runs = _BASE64.findall(text.replace("-", "+").replace("_", "/"))
    for start in range(4):
        # All in one, kept apart by what decodes to three NULs: a decoder's call costs more than its work.
        whole = "AAAA".join(run[start:][: (len(run) - start) // 4 * 4] for run in runs)
        yield base64.b64decode(whole).decode("utf-8", "replace")


def leaks(value: Any, secret: str = CANARY) -> list[str]:
    """Where `value` shows the secret: as text, in its pickle, or in an object that it holds.

    Args:
        value: An exception, with its causes and notes; a response; a client.
        secret: The secret.
    """
    found = [name for name, text in _texts(value) if is_shown(text, secret)]
    if isinstance(value, BaseException):
        found += [f"holds {text!r}" for text in _held(value) if is_shown(text, secret)]
    return found


def _texts(value: Any) -> Iterator[tuple[str, Any]]:
    yield "repr", repr(value)
    yield "str", str(value)
    yield "format", f"{value}"
    if isinstance(value, BaseException):
        yield "traceback", "".join(traceback.format_exception(value))
        yield "notes", getattr(value, "__notes__", None)
    for protocol in PROTOCOLS:
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
            # What the server sent is kept but for the secrets of the clients.
            yield f"{one.url} {one.headers.multi_items()!r} {one.request.headers!r}"
            yield one.content
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
