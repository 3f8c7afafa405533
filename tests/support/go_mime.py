"""How Go's mime/multipart reads the head of a part, which is how the server does: the oracle for names."""

from __future__ import annotations

_SPECIAL = frozenset(b'()<>@,;:\\"/[]?=')


class Malformed(ValueError):
    """Go refuses the whole form."""


def read_part(head: bytes) -> tuple[str, str | None]:
    """Field name and file name of a part; the latter `None` for a plain field.

    Args:
        head: The lines before the part's content, each with its end.

    Raises:
        Malformed: A line has a character that no header may have (net/textproto, readMIMEHeader).
    """
    disposition = b""
    for line in head.removesuffix(b"\r\n").split(b"\r\n"):
        if any((byte < 0x20 and byte != 0x09) or byte == 0x7F for byte in line):
            raise Malformed(f"malformed MIME header line: {line!r}")
        name, _, value = line.partition(b":")
        if name.lower() == b"content-disposition":
            disposition = value.strip()
    form, _, rest = disposition.partition(b";")
    assert form == b"form-data"
    found: dict[str, str] = {}
    while rest:
        key, _, rest = rest.strip().partition(b"=")
        value, rest = _quoted(rest)
        found[key.decode()] = value.decode()
        assert not rest or rest.startswith(b";"), rest
        rest = rest.removeprefix(b";")
    file_name = found.get("filename")
    return found["name"], file_name and _base(file_name)


def _quoted(text: bytes) -> tuple[bytes, bytes]:
    """A quoted string and what follows it (consumeValue, mime/mediatype.go)."""
    assert text.startswith(b'"')
    value, at = bytearray(), 1
    while True:
        if at == len(text):
            raise Malformed(f"no closing quote: {text!r}")
        byte = text[at]
        if byte == ord('"'):
            return bytes(value), text[at + 1 :]
        # Before any other character a backslash is one: Internet Explorer sent whole paths.
        if byte == ord("\\") and at + 1 < len(text) and text[at + 1] in _SPECIAL:
            at += 1
            byte = text[at]
        value.append(byte)
        at += 1


def _base(name: str) -> str:
    """The last element of a path (filepath.Base on Linux)."""
    return name.rstrip("/").rpartition("/")[2] or "/"
