"""The secrets of this process's clients, masked wherever they turn up.

Patterns know what looks like a credential; a server that echoes one in another spelling gets past them. So
every text of a server or of a failure is searched for the very secrets that the living clients have: tokens
in use, passwords, and what the options of HTTP hold. The register is the process's, since a log record or an
exception does not say which client it is about; it forgets a client's secrets when the client is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from weakref import ref

from matterapi._core import Needles, Session, tokens_given

from .spellings import pair_spellings, spellings

HEADER_MASK = "[secure]"
"""Stands for a secret inside a header or a message."""

LONGEST = 4096
"""Bytes by which a text is searched beyond where it is cut, so that no secret is cut in half unseen."""

_MASK = HEADER_MASK.encode()


class Secrets:
    """What a client must not show, beside the tokens of its session.

    Args:
        single: Passwords, codes, keys, tokens.
        pairs: Users and passwords of HTTP Basic.
    """

    def __init__(self, single: Iterable[str], pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._single, self._pairs = frozenset(single), frozenset(pairs)

    @cached_property
    def forms(self) -> frozenset[str]:
        """All that is looked for; made by the first error."""
        pairs = [form for pair in self._pairs for form in pair_spellings(*pair)]
        return frozenset([*_spelled(self._single), *pairs])


# An entry comes and goes in one step of the interpreter: no lock, which a fork could leave taken.
_owners: dict[ref[Session], Secrets] = {}
_change = object()
_made: tuple[object, int, Needles | None] = (None, 0, None)


def guard(session: Session, secrets: Secrets) -> None:
    """Mask these secrets from now on, and the tokens of the session, as long as the session lives."""
    global _change  # noqa: PLW0603 - another object for every change
    _owners[ref(session, _forget)] = secrets
    _change = object()


def mask(text: str) -> str:
    """The text with `[secure]` in place of every secret of at least 6 bytes, in whatever case."""
    needles = _needles()
    if needles is None:
        return text
    content = text.encode("utf-8", "surrogatepass")
    masked = needles.mask(content, _MASK)
    return text if masked is content else masked.decode("utf-8", "surrogatepass")


def mask_bytes(content: bytes) -> bytes:
    """The same for bytes; the same object if there is no secret in them."""
    needles = _needles()
    return content if needles is None else needles.mask(content, _MASK)


def mask_beginning(content: bytes, size: int) -> bytes:
    """The first `size` bytes without a secret, nor a part of one that reaches beyond."""
    return mask_bytes(content[: size + LONGEST])[:size]


def _forget(owner: ref[Session], owners: dict[ref[Session], Secrets] = _owners) -> None:
    # A default, because at the end of the interpreter globals go before the last client does.
    global _change  # noqa: PLW0603 - see `guard`
    owners.pop(owner, None)
    _change = object()


def _needles() -> Needles | None:
    global _made  # noqa: PLW0603 - kept until a client or a token comes or goes
    change, given = _change, tokens_given()
    made_at, made_with, needles = _made
    if made_at is not change or made_with != given:
        forms = {form for owner in list(_owners) for form in _forms(owner)}
        needles = Needles([form.encode("utf-8", "surrogatepass") for form in forms]) if forms else None
        _made = change, given, needles
    return needles


def _forms(owner: ref[Session]) -> Iterable[str]:
    session, secrets = owner(), _owners.get(owner)
    if session is None or secrets is None:
        return ()
    return secrets.forms.union(_spelled(session.tokens))


def _spelled(secrets: Iterable[str]) -> list[str]:
    return [form for secret in secrets for form in spellings(secret)]
