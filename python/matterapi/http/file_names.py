"""Names that a server gives to files, made harmless for this side's folders."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from .charsets import known_charset

FALLBACK = "download"
"""The name of a file whose server gives it none that can be used."""

_EXTENDED = re.compile(r"""filename\*\s*=\s*([\w-]*)'[^']*'([^;\s"]+)""", re.IGNORECASE)
_PLAIN = re.compile(r"""(?:^|[;\s])filename\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^;]+))""", re.IGNORECASE)
# What Windows forbids in names; the others do not miss it.
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
_LONGEST_FIELD = 8 * 1024  # characters; a name of the server has 255 bytes, thrice as many percent-encoded
_LONGEST = 200  # bytes; file systems allow 255, and a number or a suffix may follow
_LONGEST_SUFFIX = 20


def offered_name(disposition: str) -> str:
    """The file name in a `Content-Disposition` field as the server meant it; empty without one.

    The server percent-encodes the name in both parameters (writeFileResponse, api4/file.go).
    """
    disposition = disposition[:_LONGEST_FIELD]
    if extended := _EXTENDED.search(disposition):
        charset, value = extended.groups()
        return unquote(value, known_charset(charset) or "utf-8")
    if plain := _PLAIN.search(disposition):
        quoted, bare = plain.groups()
        return unquote(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare.strip())
    return ""


def safe_name(name: str) -> str:
    """One component of a path, whatever `name` is: never empty, hidden, a device or a way elsewhere.

    Folders in front are dropped; characters that show nothing or that some system forbids become `_` or
    vanish; at most 200 bytes of UTF-8 remain, the suffix among them.
    """
    last = re.split(r"[/\\]", name)[-1]
    visible = "".join(
        char for char in last if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    )
    plain = _FORBIDDEN.sub("_", visible).strip().lstrip(".").rstrip(". ").strip()
    if _DEVICES.fullmatch(plain.partition(".")[0].strip()):
        plain = f"_{plain}"
    return _shortened(plain) or FALLBACK


def _shortened(name: str) -> str:
    if len(name.encode()) <= _LONGEST:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix.encode()) > _LONGEST_SUFFIX:
        stem, dot, suffix = name, "", ""
    room = _LONGEST - len(f"{dot}{suffix}".encode())
    # A character cut in half at the end is left out.
    return f"{stem.encode()[:room].decode(errors='ignore').rstrip('. ')}{dot}{suffix}"
