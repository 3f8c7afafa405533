"""What the server looks at in attachments and dialogs.

Version 11 only logs what is wrong and announces that it will be refused (ValidateProps, model/post.go).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from matterapi.errors.exceptions import InvalidRequest

_HEX_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_SHOWN = 40  # characters of a name
_ACTION_ID = re.compile(r"[A-Za-z0-9]+")


def refuse_if_any(what: str, name: str, problems: Iterable[str]) -> None:
    """Raise an error that names all problems, if there is one.

    Args:
        what: What is looked at, such as `button`.
        name: Which of them.
        problems: What is wrong.

    Raises:
        InvalidRequest: There is a problem.
    """
    if found := list(problems):
        raise InvalidRequest(f"the {what} {name[:_SHOWN]!r} cannot be sent: {'; '.join(found)}")


def is_http_url(text: str) -> bool:
    """Whether a text is a URL with host of http or https (IsValidHTTPURL, model/utils.go)."""
    if not text.startswith(("http://", "https://")):
        return False
    try:
        return bool(urlsplit(text).netloc) and not re.search(r"[\s\x00-\x1f]", text)
    except ValueError:
        return False


def wrong_color(name: str, value: str | None, words: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with a colour, which is one of some words or `#` and six digits."""
    if value and value not in words and not _HEX_COLOR.fullmatch(value):
        yield f"{name} is {value!r} and not one of {', '.join(words)}, or a color such as #2389d7"


def wrong_url(name: str, value: str | None) -> Iterator[str]:
    """What is wrong with an optional URL."""
    if value and not is_http_url(value):
        yield f"{name} is {value!r} and not a URL of http or https"


def wrong_integration(url: str) -> Iterator[str]:
    """What is wrong with the URL of a button or menu: it may be a path of a plugin as well."""
    if not url.startswith(("/plugins/", "plugins/")) and not is_http_url(url):
        yield f"url is {url!r} and neither a URL of http or https nor a path below /plugins/"


def wrong_action_id(value: str | None) -> Iterator[str]:
    """What is wrong with the id of a button or menu, a part of its route (api4/integration_action.go)."""
    if value and not _ACTION_ID.fullmatch(value):
        yield f"id is {value!r}: only letters and digits of ASCII are found again when it is pressed"


def wrong_length(name: str, value: str, most: int) -> Iterator[str]:
    """What is wrong with a text that the server measures in bytes of UTF-8."""
    if (size := len(value.encode("utf-8", "surrogatepass"))) > most:
        yield f"{name} has {size} bytes, of which {most} are allowed"


def repeated(values: Iterable[str | None]) -> set[str]:
    """The values that are there more than once, but for missing ones."""
    return {value for value, times in Counter(values).items() if value and times > 1}
