"""Message attachments, buttons and menus: the builders of what the models of the same parents read.

Each is checked when it is made, as the server checks it (model/integration_action.go and
model/slack_attachment.go). An instance is one of `MessageAttachment`, `PostAction` or their like, so what
takes these takes the builders too, and it holds what was said only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from matterapi.models.commands import (
    MessageAttachment,
    MessageAttachmentField,
    PostAction,
    PostActionIntegration,
    PostActionOptions,
)

from .checks import (
    refuse_if_any,
    repeated,
    wrong_action_id,
    wrong_color,
    wrong_integration,
    wrong_url,
)

_STYLES = ("default", "primary", "success", "good", "warning", "danger")
_COLORS = ("good", "warning", "danger")

DataSource: TypeAlias = Literal["users", "channels"]
"""What a menu offers instead of options of its own."""


def given(**values: Any) -> dict[str, Any]:
    """The values that somebody gave."""
    return {name: value for name, value in values.items() if value is not None}


class Option(PostActionOptions):
    """One line of a menu.

    Args:
        text: What people see.
        value: What the integration is sent; the text by default.

    Raises:
        InvalidRequest: One of them is empty.
    """

    def __init__(self, text: str, value: str | None = None) -> None:
        super().__init__(text=text, value=text if value is None else value)
        refuse_if_any("option", text, () if self.text and self.value else ["it needs a text and a value"])


class Button(PostAction):
    """A button below an attachment: pressing it sends a request to an integration.

    Args:
        name: What people read on it.
        url: Where the server sends the request, or a path below `/plugins/`.
        context: What it sends along; it is kept on the server and not shown to people.
        id: Its name, of letters and digits of ASCII; the server makes one if there is none.
        style: One of `default`, `primary`, `success`, `good`, `warning`, `danger`, or a color as `#rrggbb`.
        tooltip: What people read when they point at it.
        disabled: Whether it cannot be pressed.

    Raises:
        InvalidRequest: The server would not accept it; the message names all that is wrong.
    """

    def __init__(
        self,
        name: str,
        *,
        url: str,
        context: Mapping[str, Any] | None = None,
        id: str | None = None,  # noqa: A002 - the server's name
        style: str | None = None,
        tooltip: str | None = None,
        disabled: bool | None = None,
    ) -> None:
        more = given(id=id, style=style, tooltip=tooltip, disabled=disabled)
        super().__init__(type="button", name=name, integration=_integration(url, context), **more)
        refuse_if_any("button", name, [*_problems(self, url), *wrong_color("style", style, _STYLES)])


class Select(PostAction):
    """A menu below an attachment: choosing from it sends a request to an integration.

    Args:
        name: What people read on it before they choose.
        url: Where the server sends the request, or a path below `/plugins/`.
        options: What it offers: options, or texts that are both text and value.
        data_source: `users` or `channels`, in the place of options.
        default_option: The value that is chosen at first.
        context: What it sends along; it is kept on the server and not shown to people.
        id: Its name, of letters and digits of ASCII; the server makes one if there is none.
        disabled: Whether nothing can be chosen.

    Raises:
        InvalidRequest: The server would not accept it; the message names all that is wrong.
    """

    def __init__(
        self,
        name: str,
        *,
        url: str,
        options: Sequence[PostActionOptions | str] = (),
        data_source: DataSource | None = None,
        default_option: str | None = None,
        context: Mapping[str, Any] | None = None,
        id: str | None = None,  # noqa: A002 - the server's name
        disabled: bool | None = None,
    ) -> None:
        lines = as_options(options)
        more = given(
            id=id,
            data_source=data_source,
            default_option=default_option,
            disabled=disabled,
            options=lines or None,
        )
        super().__init__(type="select", name=name, integration=_integration(url, context), **more)
        refuse_if_any("menu", name, [*_problems(self, url), *self._wrong_choice(lines)])

    def _wrong_choice(self, lines: list[PostActionOptions]) -> Iterator[str]:
        if self.data_source is not None and self.data_source not in {"users", "channels"}:
            yield f"data_source is {self.data_source!r} and not users or channels"
        if bool(lines) == bool(self.data_source):
            yield "it needs either options or a data_source"
        if lines and self.default_option and self.default_option not in {line.value for line in lines}:
            yield f"default_option is {self.default_option!r}, which is no option's value"


class AttachmentField(MessageAttachmentField):
    """A title and a value in the table of an attachment.

    Args:
        title: What stands above the value.
        value: The value, in Markdown.
        short: Whether two such fields stand side by side.
    """

    def __init__(self, title: str, value: str | int, *, short: bool = False) -> None:
        super().__init__(title=title, value=value, short=short)


class Attachment(MessageAttachment):
    """A block below a message, with a coloured edge: text, a table, a picture, buttons and menus.

    Goes into a post as `props={"attachments": [Attachment(...)]}`, and into `webhooks.send`.

    Args:
        text: What it says, in Markdown.
        fallback: What stands in notifications in its place.
        color: Of its edge: `good`, `warning`, `danger`, or a color as `#rrggbb`.
        pretext: What stands above it.
        title: Its headline.
        title_link: URL that the headline leads to.
        author_name: Who says it.
        author_link: URL that the name leads to.
        author_icon: URL of a small picture beside the name.
        fields: A table.
        image_url: URL of a picture below the text.
        thumb_url: URL of a picture beside it.
        footer: A small line at its end.
        footer_icon: URL of a small picture beside that line.
        actions: Buttons and menus.

    Raises:
        InvalidRequest: The server would not accept it; the message names all that is wrong.
    """

    def __init__(
        self,
        text: str | None = None,
        *,
        fallback: str | None = None,
        color: str | None = None,
        pretext: str | None = None,
        title: str | None = None,
        title_link: str | None = None,
        author_name: str | None = None,
        author_link: str | None = None,
        author_icon: str | None = None,
        fields: Sequence[MessageAttachmentField] | None = None,
        image_url: str | None = None,
        thumb_url: str | None = None,
        footer: str | None = None,
        footer_icon: str | None = None,
        actions: Sequence[PostAction] | None = None,
    ) -> None:
        links = given(
            title_link=title_link,
            author_link=author_link,
            author_icon=author_icon,
            image_url=image_url,
            thumb_url=thumb_url,
            footer_icon=footer_icon,
        )
        more = given(
            text=text,
            fallback=fallback,
            color=color,
            pretext=pretext,
            title=title,
            author_name=author_name,
            footer=footer,
            fields=None if fields is None else list(fields),
            actions=None if actions is None else list(actions),
        )
        super().__init__(**more, **links)
        refuse_if_any("attachment", title or text or "", self._problems(links))

    def _problems(self, links: Mapping[str, str]) -> Iterator[str]:
        yield from wrong_color("color", self.color, _COLORS)
        for name, value in links.items():
            yield from wrong_url(name, value)
        if self.title_link and not self.title:
            yield "title_link needs a title"
        if self.author_link and not self.author_name:
            yield "author_link needs an author_name"
        if twice := repeated(action.id for action in self.actions or ()):
            yield f"several actions have the id {', '.join(sorted(twice))}"


def as_options(options: Sequence[PostActionOptions | str]) -> list[PostActionOptions]:
    """Options, of which texts stand for themselves."""
    return [Option(option) if isinstance(option, str) else option for option in options]


def _integration(url: str, context: Mapping[str, Any] | None) -> PostActionIntegration:
    return PostActionIntegration(**given(url=url, context=None if context is None else dict(context)))


def _problems(action: PostAction, url: str) -> Iterator[str]:
    if not action.name:
        yield "it needs a name"
    yield from wrong_action_id(action.id)
    yield from wrong_integration(url)
