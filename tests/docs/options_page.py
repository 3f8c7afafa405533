"""`python -m tests.docs.options_page`: write docs/reference/options.md anew, from the options' classes."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import BaseModel

from matterapi.client.base import BaseClient
from matterapi.options.client import ApiClientOptions, AuthLogin, AuthToken
from matterapi.options.etag_cache import EtagCacheLimits
from matterapi.options.hooks import EventHooks
from matterapi.options.http import HttpxClientOptions
from matterapi.options.timeouts import Limits, Timeout

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "options.md"
CLASSES: tuple[tuple[str, type], ...] = (
    ("", ApiClientOptions),
    ("auth.", AuthToken),
    ("auth.", AuthLogin),
    ("etag_cache.", EtagCacheLimits),
    ("httpx_client_options.", HttpxClientOptions),
    ("httpx_client_options.timeout.", Timeout),
    ("httpx_client_options.limits.", Limits),
    ("httpx_client_options.event_hooks.", EventHooks),
)
"""Where options are given, and the class that has them."""

FORMS = {
    "auth": "AuthLogin | AuthToken | dict",
    "httpx_client_options": "HttpxClientOptions | dict | None",
    "auth.mfa_token": "str | function | None",
    "httpx_client_options.default_encoding": "str | function",
    **{f"httpx_client_options.event_hooks.{name}": "functions" for name in ("request", "response", "error")},
}
"""Types that are written otherwise than they are annotated: what a program gives."""

UNLESS_GIVEN = {"ws_reconnect_wait_time": "grows to 30"}
"""What holds without a value, where that is not the default that the class keeps for programs of 0.5.0."""

UNITS = {
    "s": r"\bseconds\b",
    "bytes": r"\bbytes\b",
    "calls/s": r"\bcalls that this client makes\b",
    "answers": r"\banswers, at most\b",
    "connections": r"^at once|^kept open",
    "times": r"^how often|^how many in a row",
}
"""What tells the unit of a number: words of its description."""

INTRO = """<!-- Written by python -m tests.docs.options_page; do not edit. -->

# Options

All options of a client, from the classes that read them. A dot is a step into what is given there:
`auth.token` is `options={"auth": {"token": "..."}}`, `httpx_client_options.timeout` is
`options={"httpx_client_options": {"timeout": 30}}`. Both clients take the same options; a name that none has
is refused. More on [TLS](../how-to/tls.md), [proxies](../how-to/proxies.md),
[retries](../how-to/retries.md), [hooks](../how-to/tracing.md), [limits](limits.md) and
[the environment](../how-to/any-route.md#making-a-client).

| option | type | default | unit | what it does |
|---|---|---|---|---|
"""

VIEWS = """
## For some calls

`client.with_options(...)` is a view of the client whose calls are made otherwise
([how to](../how-to/any-route.md#some-calls-otherwise)); what is left out is as in the client.

| argument | type | unit | what it does |
|---|---|---|---|
"""


def page() -> str:
    """The page as it has to be."""
    arguments = inspect.get_annotations(BaseClient.with_options)
    views = [
        _row(f"`{name}`", _code(_type(name, str(arguments[name]))), _unit(str(arguments[name]), text), text)
        for name, text in descriptions(BaseClient.with_options).items()
    ]
    return INTRO + "\n".join(_rows()) + "\n" + VIEWS + "\n".join(views) + "\n"


def descriptions(documented: Any) -> dict[str, str]:
    """What a docstring says of each argument, each on one line."""
    _, _, section = re.split(r"(Args|Attributes):\n", inspect.cleandoc(documented.__doc__ or ""), maxsplit=1)
    section = re.split(r"\n(?=\S)", section)[0]
    entries = re.findall(r"^    (\w+): (.*(?:\n     +.*)*)", section, re.MULTILINE)
    # Without the modules in front of names.
    shorter = [(name, re.sub(r"`matterapi\.[\w.]+\.(\w+)`", r"`\1`", text)) for name, text in entries]
    return {name: re.sub(r"\s+", " ", text).strip() for name, text in shorter}


def defaults(cls: Any) -> dict[str, Any]:
    """The default of each option of a class; `inspect.Parameter.empty` for those that must be given."""
    missing = inspect.Parameter.empty
    if issubclass(cls, BaseModel):
        return {name: missing if one.is_required() else one.default for name, one in cls.model_fields.items()}
    return {
        one.name: missing if one.default is dataclasses.MISSING else one.default
        for one in dataclasses.fields(cls)
    }


def _rows() -> Iterator[str]:
    for place, cls in CLASSES:
        texts, hints = descriptions(cls), get_type_hints(cls)
        # What the whole class counts in, such as seconds, its options need not say again.
        about, _, _ = (cls.__doc__ or "").partition("\n")
        for name, default in defaults(cls).items():
            hint = hints[name].__name__ if isinstance(hints[name], type) else str(hints[name])
            yield _row(
                _name(place, name),
                _code(_type(place + name, hint)),
                UNLESS_GIVEN.get(place + name) or _default(default),
                _unit(hint, texts[name]) or _unit(hint, about),
                texts[name],
            )


def _name(place: str, name: str) -> str:
    """On two lines where it is long: else the column would leave no room for the others."""
    return f"`{place.removesuffix('.')}`<br>`.{name}`" if place else f"`{name}`"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _type(option: str, hint: str) -> str:
    """A type as one reads it; empty where the description has the forms."""
    text = FORMS.get(option) or re.sub(r"\b(?:typing|collections\.abc|matterapi(?:\.\w+)*)\.", "", hint)
    text = re.sub(r"Optional\[(\w+)\]", r"\1 | None", text)
    return "" if re.search(r"\bAny$|^Any\b|\bAny \|", text) else text


def _unit(hint: str, text: str) -> str:
    first, _, _ = text.partition(". ")
    if not re.search(r"\b(?:int|float|Any)\b", hint):
        return ""
    return next((unit for unit, words in UNITS.items() if re.search(words, first, re.IGNORECASE)), "")


def _default(value: Any) -> str:
    if value is inspect.Parameter.empty:
        return "(required)"
    mib = 1024 * 1024
    if isinstance(value, int) and value >= mib:
        return f"{value // mib} MiB"
    return f"`{value!r}`"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
