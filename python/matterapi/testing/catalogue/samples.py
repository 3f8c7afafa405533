"""Makes values of catalogue types: the same ones for the same question, every time."""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from matterapi.testing.http.encoding import JsonObject

from .operations import TypeExpr

_ID_ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769"
_MAX_DEPTH = 6
_FILES = {
    "application/json": b'{"sample":true}',
    "application/pdf": b"%PDF-1.4\n%%EOF\n",
    "application/xml": b'<?xml version="1.0"?><sample/>\n',
    "text/csv": b"id,name\r\n1,sample\r\n",
    "text/html": b"<html><head></head><body>sample</body></html>\n",
}
_SCALARS: JsonObject = {"int": 1, "float": 1.5, "bool": True, "any": "sample", "file": "sample"}


def sample(expr: TypeExpr, schemas: Mapping[str, JsonObject], name: str = "value") -> object:
    """Return a JSON value of the type `expr`.

    Args:
        expr: Type expression of the catalogue.
        schemas: The catalogue's schemas.
        name: Name of what is made; a name that ends in `id` gives a string the form of an id.

    Recursive types end where they come back to a schema they are in, or at a depth of 6: optional fields
    are left out there, lists and maps are empty.
    """
    return _Maker(schemas).make(expr, name, ())


class _Maker:
    def __init__(self, schemas: Mapping[str, JsonObject]) -> None:
        self._schemas = schemas

    def make(self, expr: TypeExpr, name: str, inside: tuple[str, ...]) -> object:
        if isinstance(expr, str):
            return _text(name) if expr == "str" else _SCALARS[expr]
        if "null" in expr:
            return None if self._ends(expr["null"], inside) else self.make(expr["null"], name, inside)
        if "ref" in expr:
            return self._referred(expr["ref"], name, inside)
        if "object" in expr:
            return self._object(expr["object"], (*inside, ""))
        return self._simple(expr, name, inside)

    def _simple(self, expr: JsonObject, name: str, inside: tuple[str, ...]) -> object:
        if "enum" in expr:
            return expr["enum"][0]
        if "union" in expr:
            return self.make(expr["union"][0], name, inside)
        element = expr["list"] if "list" in expr else expr["map"]
        made = [] if self._ends(element, inside) else [self.make(element, name, inside)]
        return made if "list" in expr else {_text(name): made_value for made_value in made}

    def _referred(self, ref: str, name: str, inside: tuple[str, ...]) -> object:
        schema = self._schemas.get(ref)
        if schema is None or len(inside) > 2 * _MAX_DEPTH:
            return {}
        if "fields" in schema:
            return self._object(schema["fields"], (*inside, ref))
        return self.make(schema.get("alias", schema), name, (*inside, ref))

    def _object(self, fields: JsonObject, inside: tuple[str, ...]) -> JsonObject:
        return {
            name: self.make(entry["type"], name, inside)
            for name, entry in fields.items()
            if entry["required"] or not self._ends(entry["type"], inside)
        }

    def _ends(self, expr: TypeExpr, inside: tuple[str, ...]) -> bool:
        """Whether making `expr` here would go round in a circle or too deep."""
        if isinstance(expr, str):
            return False
        if len(inside) >= _MAX_DEPTH:
            return True
        if "null" in expr:
            return self._ends(expr["null"], inside)
        if "union" in expr:
            return self._ends(expr["union"][0], inside)
        return expr.get("ref") in inside


def _text(name: str) -> str:
    if name == "id" or name.endswith(("_id", "_ids", "Id")):
        return sample_id(name)
    return f"sample {name}"


def sample_id(name: str) -> str:
    """Return the 26-character id that samples have for `name`."""
    digest = hashlib.sha256(name.encode()).digest()
    return "".join(_ID_ALPHABET[byte % 32] for byte in digest[:26])


def sample_content(content_type: str) -> bytes:
    """Return a small real file of the content type."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind.startswith("image/"):
        return PNG
    if kind == "application/zip":
        return _zip()
    return _FILES.get(kind, b"sample\n")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\x00\x23\x89\xd7"))
    + _chunk(b"IEND", b"")
)


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("sample.txt", (2020, 1, 1, 0, 0, 0)), b"sample\n")
    return buffer.getvalue()
