"""Whether a body fits the structure that the server's handler decodes it into."""

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.numerals import INT64

from .checks import Schemas, resolve
from .operations import TypeExpr


def decodes(expr: TypeExpr, value: object, schemas: Schemas) -> bool:
    """Whether Go's encoding/json puts a JSON value into the type `expr`.

    Nothing has to be there, null fits everything, unknown fields are passed over, and the members of an enum
    are texts like any other: what is missing or odd is for the handler to refuse.
    """
    if value is None:
        return True
    expr = resolve(expr, schemas)
    if isinstance(expr, str):
        return _is_scalar(expr, value)
    if "enum" in expr:
        return isinstance(value, type(expr["enum"][0]))
    if "union" in expr:
        return any(decodes(member, value, schemas) for member in expr["union"])
    return _parts_decode(expr, value, schemas)


def _parts_decode(expr: JsonObject, value: object, schemas: Schemas) -> bool:
    if "list" in expr:
        return isinstance(value, list) and all(decodes(expr["list"], item, schemas) for item in value)
    if not isinstance(value, dict):
        return False
    if "map" in expr:
        return all(decodes(expr["map"], item, schemas) for item in value.values())
    fields = expr["object"]
    return all(decodes(fields[name]["type"], item, schemas) for name, item in value.items() if name in fields)


def _is_scalar(expr: str, value: object) -> bool:
    if expr in ("any", "file"):
        return True
    if expr == "bool" or isinstance(value, bool):
        return expr == "bool" and isinstance(value, bool)
    if expr == "int":
        return isinstance(value, int) and value in INT64
    return isinstance(value, (int, float) if expr == "float" else str)
