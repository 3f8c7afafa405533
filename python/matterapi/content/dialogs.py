"""Interactive dialogs: builders of what `integration_actions.open_interactive_dialog` sends.

Each is checked when it is made, as the server checks it (Dialog.IsValid and DialogElement.IsValid in
model/integration_action.go). The server's limits of texts are in bytes of UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from matterapi.models.commands import PostActionOptions
from matterapi.models.integration_actions import DialogElementsItem, OpenInteractiveDialogJsonBody

from .attachments import as_options, given
from .checks import is_http_url, refuse_if_any, repeated, wrong_length, wrong_url

_MOST_TITLE = 24
_MOST_DISPLAY_NAME = 24
_MOST_NAME = 300
_MOST_HELP = 150
_MOST_TEXT = 150
_MOST_TEXTAREA = 3000
_MOST_SELECT = 3000
_MINUTES_OF_A_DAY = 1440

_DATE = r"\d{4}-\d\d-\d\d"
_RELATIVE = r"today|tomorrow|yesterday|[+-]\d{1,3}[dwmDWM]"
_ANY_DATE = re.compile(rf"{_DATE}|{_RELATIVE}")
_ANY_TIME = re.compile(rf"{_DATE}T\d\d:\d\d(:\d\d(Z|[+-]\d\d:\d\d)?)?|{_RELATIVE}")

Subtype: TypeAlias = Literal["text", "email", "number", "tel", "url", "password"]
"""What is written into a field of text: the keyboard of a telephone follows it."""

_SUBTYPES = ("text", "email", "number", "tel", "url", "password")

Day: TypeAlias = date | str
"""A day: a `date`, or as text `2030-01-31`, `today`, `tomorrow`, `yesterday`, `+3d`, `-1w`, `+2m`."""


class _Element(DialogElementsItem):
    """What all elements of a dialog have."""

    def __init__(self, kind: str, display_name: str, name: str, help_text: str | None, **more: Any) -> None:
        values = given(help_text=help_text, **more)
        super().__init__(**{"type": kind, "display_name": display_name, "name": name, **values})
        refuse_if_any("element", name, [*_common(display_name, name, help_text), *self._problems()])

    def _text(self, key: str) -> str:
        return str(self.get(key) or "")

    def _problems(self) -> Iterator[str]:
        """What is wrong with what only this kind of element has."""
        raise NotImplementedError


class TextElement(_Element):
    """A field for text, of one line or of several.

    Args:
        display_name: What stands above it, at most 24 bytes.
        name: The key of its value in the submission, at most 300 bytes.
        multiline: Whether it takes several lines.
        subtype: What is written into it.
        default: What stands in it at first, at most 150 bytes, in several lines 3,000.
        placeholder: What stands in it as long as it is empty, at most as long.
        help_text: What stands below it, at most 150 bytes.
        optional: Whether it may stay empty.
        min_length: The fewest characters that it takes.
        max_length: The most; by default 150, in several lines 3,000.

    Raises:
        InvalidRequest: The server would not accept it; the message names all that is wrong.
    """

    def __init__(
        self,
        display_name: str,
        name: str,
        *,
        multiline: bool = False,
        subtype: Subtype | None = None,
        default: str | None = None,
        placeholder: str | None = None,
        help_text: str | None = None,
        optional: bool | None = None,
        min_length: int | None = None,
        max_length: int | None = None,
    ) -> None:
        if min_length and max_length is None:
            # The server compares the two, and takes a missing one for 0.
            max_length = _MOST_TEXTAREA if multiline else _MOST_TEXT
        super().__init__(
            "textarea" if multiline else "text",
            display_name,
            name,
            help_text,
            subtype=subtype,
            default=default,
            placeholder=placeholder,
            optional=optional,
            min_length=min_length,
            max_length=max_length,
        )

    def _problems(self) -> Iterator[str]:
        most = _MOST_TEXTAREA if self["type"] == "textarea" else _MOST_TEXT
        yield from wrong_length("default", self._text("default"), most)
        yield from wrong_length("placeholder", self._text("placeholder"), most)
        if self._text("subtype") not in {"", *_SUBTYPES}:
            yield f"subtype is {self['subtype']!r} and not one of {', '.join(_SUBTYPES)}"
        shortest, longest = int(self.get("min_length") or 0), int(self.get("max_length") or 0)
        if shortest < 0 or shortest > longest:
            yield f"min_length is {shortest} and max_length {longest}"


class SelectElement(_Element):
    """A menu.

    Args:
        display_name: What stands above it, at most 24 bytes.
        name: The key of its value in the submission, at most 300 bytes.
        options: What it offers: options, or texts that are both text and value.
        data_source: `users`, `channels`, or `dynamic` for what `data_source_url` answers, in the place of
            options.
        data_source_url: Where the server asks for what a dynamic one offers: a URL, or a path below
            `/plugins/`.
        default: The value that is chosen at first; with `multiselect` several, with commas between them.
        multiselect: Whether several can be chosen.
        placeholder: What stands in it as long as nothing is chosen.
        help_text: What stands below it, at most 150 bytes.
        optional: Whether nothing has to be chosen.

    Raises:
        InvalidRequest: The server would not accept it; the message names all that is wrong.
    """

    def __init__(
        self,
        display_name: str,
        name: str,
        *,
        options: Sequence[PostActionOptions | str] = (),
        data_source: Literal["users", "channels", "dynamic"] | None = None,
        data_source_url: str | None = None,
        default: str | None = None,
        multiselect: bool | None = None,
        placeholder: str | None = None,
        help_text: str | None = None,
        optional: bool | None = None,
    ) -> None:
        super().__init__(
            "select",
            display_name,
            name,
            help_text,
            options=as_options(options) or None,
            data_source=data_source,
            data_source_url=data_source_url,
            default=default,
            multiselect=multiselect,
            placeholder=placeholder,
            optional=optional,
        )

    def _problems(self) -> Iterator[str]:
        yield from wrong_length("default", self._text("default"), _MOST_SELECT)
        yield from wrong_length("placeholder", self._text("placeholder"), _MOST_SELECT)
        source, options = self._text("data_source"), self.get("options") or []
        if source not in {"", "users", "channels", "dynamic"}:
            yield f"data_source is {source!r} and not users, channels or dynamic"
        if source == "dynamic":
            if not _is_lookup_url(self._text("data_source_url")):
                yield "a dynamic one needs a data_source_url of http or https, or below /plugins/"
            if options:
                yield "a dynamic one has no options"
        elif not source:
            chosen = self._text("default")
            values = chosen.replace(" ", "").split(",") if self.get("multiselect") else [chosen]
            yield from _not_offered(values, options)


class RadioElement(_Element):
    """Options of which one is chosen, all of them in sight.

    Args:
        display_name: What stands above it, at most 24 bytes.
        name: The key of its value in the submission, at most 300 bytes.
        options: What it offers: options, or texts that are both text and value.
        default: The value that is chosen at first.
        help_text: What stands below it, at most 150 bytes.
        optional: Whether nothing has to be chosen.

    Raises:
        InvalidRequest: The server would not accept it; the message names all that is wrong.
    """

    def __init__(
        self,
        display_name: str,
        name: str,
        *,
        options: Sequence[PostActionOptions | str],
        default: str | None = None,
        help_text: str | None = None,
        optional: bool | None = None,
    ) -> None:
        lines = as_options(options)
        super().__init__(
            "radio", display_name, name, help_text, options=lines, default=default, optional=optional
        )

    def _problems(self) -> Iterator[str]:
        yield from _not_offered([self._text("default")], self.get("options") or [])


class BoolElement(_Element):
    """A box to tick.

    Args:
        display_name: What stands above it, at most 24 bytes.
        name: The key of its value in the submission, at most 300 bytes.
        default: Whether it is ticked at first.
        placeholder: What stands beside it, at most 150 bytes.
        help_text: What stands below it, at most 150 bytes.
        optional: Whether it may stay empty.

    Raises:
        InvalidRequest: The server would not accept it; the message names all that is wrong.
    """

    def __init__(
        self,
        display_name: str,
        name: str,
        *,
        default: bool | None = None,
        placeholder: str | None = None,
        help_text: str | None = None,
        optional: bool | None = None,
    ) -> None:
        ticked = None if default is None else str(default).lower()
        super().__init__(
            "bool", display_name, name, help_text, default=ticked, placeholder=placeholder, optional=optional
        )

    def _problems(self) -> Iterator[str]:
        if self._text("default") not in {"", "true", "false"}:
            yield f"default is {self['default']!r} and not a bool"
        yield from wrong_length("placeholder", self._text("placeholder"), _MOST_TEXT)


class DateElement(_Element):
    """A day, or a day and a time; servers that are older than such elements show none.

    Args:
        display_name: What stands above it, at most 24 bytes.
        name: The key of its value in the submission, at most 300 bytes.
        time: Whether a time of the day is chosen too.
        default: What is chosen at first: a day; with `time` a `datetime` or its text in ISO 8601.
        min_date: The first day that can be chosen.
        max_date: The last.
        time_interval: Minutes between two times that are offered, a divisor of 1,440; 60 by default.
        placeholder: What stands in it as long as nothing is chosen.
        help_text: What stands below it, at most 150 bytes.
        optional: Whether nothing has to be chosen.

    Raises:
        InvalidRequest: The server would not accept it; the message names all that is wrong.
    """

    def __init__(
        self,
        display_name: str,
        name: str,
        *,
        time: bool = False,
        default: Day | datetime | None = None,
        min_date: Day | None = None,
        max_date: Day | None = None,
        time_interval: int | None = None,
        placeholder: str | None = None,
        help_text: str | None = None,
        optional: bool | None = None,
    ) -> None:
        super().__init__(
            "datetime" if time else "date",
            display_name,
            name,
            help_text,
            default=_written(default),
            min_date=_written(min_date),
            max_date=_written(max_date),
            time_interval=time_interval,
            placeholder=placeholder,
            optional=optional,
        )

    def _problems(self) -> Iterator[str]:
        has_time = self["type"] == "datetime"
        yield from wrong_length("placeholder", self._text("placeholder"), _MOST_TEXT)
        for key in ("default", "min_date", "max_date"):
            form = _ANY_TIME if has_time and key == "default" else _ANY_DATE
            if (value := self._text(key)) and not form.fullmatch(value):
                yield f"{key} is {value!r}, which is not of its form"
        minutes = self.get("time_interval")
        if minutes is not None and (not 0 < minutes <= _MINUTES_OF_A_DAY or _MINUTES_OF_A_DAY % minutes):
            yield f"time_interval is {minutes} and not a divisor of {_MINUTES_OF_A_DAY}"


class Dialog(OpenInteractiveDialogJsonBody.Dialog):
    """A dialog, which the server shows to who pressed a button or gave a command.

    Goes into `client.integration_actions.open_interactive_dialog` as `dialog`.

    Args:
        title: What stands at its top, at most 24 bytes.
        elements: What is filled in.
        callback_id: A name by which the integration knows it again.
        introduction_text: What stands above the elements, in Markdown.
        icon_url: URL of a small picture.
        submit_label: What stands on its button.
        notify_on_cancel: Whether the integration hears of it when it is closed without being sent.
        state: What comes back with the submission.

    Raises:
        InvalidRequest: The server would not accept it; the message names all that is wrong.
    """

    def __init__(
        self,
        title: str,
        elements: Sequence[DialogElementsItem] = (),
        *,
        callback_id: str | None = None,
        introduction_text: str | None = None,
        icon_url: str | None = None,
        submit_label: str | None = None,
        notify_on_cancel: bool | None = None,
        state: str | None = None,
    ) -> None:
        more = given(
            callback_id=callback_id,
            introduction_text=introduction_text,
            icon_url=icon_url,
            submit_label=submit_label,
            notify_on_cancel=notify_on_cancel,
            state=state,
        )
        super().__init__(title=title, elements=list(elements), **more)
        refuse_if_any("dialog", title, [*self._problems(), *wrong_url("icon_url", icon_url)])

    def _problems(self) -> Iterator[str]:
        if not self.title:
            yield "it needs a title"
        yield from wrong_length("title", self.title, _MOST_TITLE)
        if twice := repeated(element.get("name") for element in self.elements):
            yield f"several elements have the name {', '.join(sorted(twice))}"


def _common(display_name: str, name: str, help_text: str | None) -> Iterator[str]:
    if not display_name or not name:
        yield "it needs a display_name and a name"
    yield from wrong_length("display_name", display_name, _MOST_DISPLAY_NAME)
    yield from wrong_length("name", name, _MOST_NAME)
    yield from wrong_length("help_text", help_text or "", _MOST_HELP)


def _not_offered(values: Sequence[str], options: Sequence[PostActionOptions]) -> Iterator[str]:
    if missing := {value for value in values if value} - {option.value for option in options}:
        yield f"default is {', '.join(sorted(missing))}, which is no option's value"


def _is_lookup_url(url: str) -> bool:
    if url.startswith("/plugins/"):
        return ".." not in url and "//" not in url
    return is_http_url(url)


def _written(value: Day | datetime | None) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value
