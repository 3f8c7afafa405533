"""Splits multipart/form-data bodies."""

import re
from dataclasses import dataclass

_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^;\s]+))', re.IGNORECASE)
_ESCAPED = re.compile(r'\\([()<>@,;:\\"/\[\]?=])')
_PARAMETER = re.compile(r';\s*([A-Za-z*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))')


class MultipartError(ValueError):
    """The body is not what its content type says."""


@dataclass(frozen=True, slots=True)
class FormPart:
    """One part of a form.

    Attributes:
        name: Field name.
        filename: File name without its folders; None for a plain field, and for a file without a name.
        content: The bytes.
    """

    name: str
    filename: str | None
    content: bytes


def is_multipart(content_type: str) -> bool:
    """Whether a body of that type is a form."""
    return content_type.lower().startswith("multipart/form-data")


def parse_multipart(content_type: str, body: bytes) -> list[FormPart]:
    """Return the parts of a form in order.

    Raises:
        MultipartError: No boundary, no parts, or no closing boundary.
    """
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise MultipartError("no boundary")
    delimiter = b"--" + (match.group(1) or match.group(2)).encode("utf-8", errors="surrogateescape")
    sections = re.split(rb"\r\n%b(?=--|[ \t]*\r\n)" % re.escape(delimiter), b"\r\n" + body)
    if len(sections) < 2 or not sections[-1].startswith(b"--"):
        raise MultipartError("no closing boundary")
    return [_part(section) for section in sections[1:-1]]


def file_named(parts: list[FormPart], name: str) -> bytes | None:
    """Return the content of the first file in a field of that name, None if there is none."""
    return next((part.content for part in parts if part.name == name and part.filename is not None), None)


def _part(section: bytes) -> FormPart:
    head, separator, content = section.partition(b"\r\n\r\n")
    if not separator:
        raise MultipartError("a part without headers")
    for line in head.decode("utf-8", errors="replace").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            fields = {
                key.lower(): _unquote(quoted) or token for key, quoted, token in _PARAMETER.findall(value)
            }
            if "name" in fields:
                filename = fields.get("filename")
                return FormPart(fields["name"], base_name(filename) if filename else None, content)
    raise MultipartError("a part without a name")


def base_name(path: str) -> str:
    """Return the last element of a path, `.` for an empty one (path/filepath, Base)."""
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def _unquote(text: str) -> str:
    """Undo backslashes where Go does (consumeValue, mime/mediatype.go); the `%22` of browsers stays."""
    return _ESCAPED.sub(r"\1", text)
