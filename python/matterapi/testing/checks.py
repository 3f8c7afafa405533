"""Checks a request against the catalogue and refuses it as the server would."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from .catalogue import Body, Operation, TypeExpr
from .encoding import JsonObject, loads
from .errors import invalid_body, invalid_url
from .multipart import MalformedMultipart, parse_multipart
from .state.clock import is_id

_INTEGER = re.compile(r"-?\d+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
# Path parameters that end in _id but are no 26-character ids.
_FREE_IDS = frozenset({"plugin_id", "category_id", "invoice_id", "invite_id", "warn_metric_id"})

Schemas = Mapping[str, JsonObject]


def check_path_ids(params: Mapping[str, str]) -> None:
    """Refuse path ids that are no ids; ``me`` stands for a user.

    Raises:
        AppError: 400 with the parameter's name.
    """
    for name, value in params.items():
        if not name.endswith("_id") or name in _FREE_IDS:
            continue
        if not is_id(value) and not (name == "user_id" and value == "me"):
            raise invalid_url(name)


def check_request(
    operation: Operation, query: Mapping[str, list[str]], content_type: str, body: bytes, schemas: Schemas
) -> None:
    """Refuse a request that does not fit its operation's entry in the catalogue.

    Raises:
        AppError: 400 with the name of what is wrong.
    """
    for param in operation.query:
        values = query.get(param.name)
        if values is None:
            if param.required:
                raise invalid_url(param.name)
        elif not _texts_fit(param.type, values, schemas):
            raise invalid_url(param.name)
    if operation.body is not None:
        _check_body(operation.body, content_type, body, schemas)


def _texts_fit(expr: TypeExpr, values: list[str], schemas: Schemas) -> bool:
    if isinstance(expr, dict) and "list" in expr:
        parts = [part for value in values for part in value.split(",")]
        return all(text_fits(expr["list"], part, schemas) for part in parts)
    return text_fits(expr, values[0], schemas)


def text_fits(expr: TypeExpr, text: str, schemas: Schemas) -> bool:
    """Tell whether a query value or a plain form field has the type `expr`."""
    if expr == "int":
        return _INTEGER.fullmatch(text) is not None
    if expr == "float":
        return _NUMBER.fullmatch(text) is not None
    if expr == "bool":
        return text in ("true", "false")
    if isinstance(expr, str):
        return True
    if "enum" in expr:
        return text in [str(member) for member in expr["enum"]]
    if "null" in expr:
        return text == "" or text_fits(expr["null"], text, schemas)
    if "union" in expr:
        return any(text_fits(one, text, schemas) for one in expr["union"])
    if "ref" in expr:
        schema = schemas.get(expr["ref"], {})
        if "enum" in schema:
            return text in [str(member) for member in schema["enum"]]
        if "alias" in schema:
            return text_fits(schema["alias"], text, schemas)
    try:
        return value_fits(expr, loads(text.encode()), schemas)
    except ValueError:
        return False


def _check_body(body: Body, content_type: str, data: bytes, schemas: Schemas) -> None:
    if not data:
        if body.required:
            raise invalid_body(_body_name(body))
        return
    if body.kind == "json":
        _check_json(body, data, schemas)
    elif body.kind == "multipart":
        _check_parts(body, content_type, data, schemas)
    elif body.kind == "form":
        fields = dict(parse_qsl(data.decode("utf-8", errors="replace"), keep_blank_values=True))
        _check_fields(body, fields, schemas)


def _check_json(body: Body, data: bytes, schemas: Schemas) -> None:
    try:
        value = loads(data)
    except ValueError:
        raise invalid_body(_body_name(body)) from None
    if body.type is None:
        return
    wrong = wrong_field(body.type, value, schemas)
    if wrong is not None:
        raise invalid_body(wrong or _body_name(body))


def _check_parts(body: Body, content_type: str, data: bytes, schemas: Schemas) -> None:
    try:
        parts = parse_multipart(content_type, data)
    except MalformedMultipart:
        raise invalid_body(_body_name(body)) from None
    fields = {part.name: part.content.decode("utf-8", errors="replace") for part in parts}
    files = {part.name for part in parts if part.filename is not None}
    for name in body.files:
        if name in fields and name not in files:
            raise invalid_body(name)
    _check_fields(body, fields, schemas)


def _check_fields(body: Body, fields: Mapping[str, str], schemas: Schemas) -> None:
    for name, entry in object_fields(body.type, schemas).items():
        if name not in fields:
            if entry["required"]:
                raise invalid_body(name)
        elif not _is_file(entry["type"]) and not text_fits(entry["type"], fields[name], schemas):
            raise invalid_body(name)


def _is_file(expr: TypeExpr) -> bool:
    return expr == "file" or (isinstance(expr, dict) and any(_is_file(one) for one in _inner(expr)))


def _inner(expr: JsonObject) -> list[TypeExpr]:
    return [expr[key] for key in ("list", "map", "null") if key in expr]


def object_fields(expr: TypeExpr | None, schemas: Schemas) -> JsonObject:
    """Return the fields of an object type, ``{name: {"type", "required"}}``; empty for other types."""
    if not isinstance(expr, dict):
        return {}
    if "object" in expr:
        return dict(expr["object"])
    if "null" in expr:
        return object_fields(expr["null"], schemas)
    if "ref" in expr:
        schema = schemas.get(expr["ref"], {})
        return dict(schema["fields"]) if "fields" in schema else object_fields(schema.get("alias"), schemas)
    return {}


def value_fits(expr: TypeExpr, value: object, schemas: Schemas) -> bool:
    """Tell whether a JSON value has the type `expr`."""
    return wrong_field(expr, value, schemas) is None


def wrong_field(expr: TypeExpr, value: object, schemas: Schemas) -> str | None:
    """Find what in a JSON value does not have the type `expr`.

    Returns:
        None when all fits, the name of the innermost field that does not, or "" for the value itself.
        Unknown fields are ignored and null fits everything that is not required, as in the server.
    """
    if isinstance(expr, str):
        return None if _scalar_fits(expr, value) else ""
    if value is None:
        return None
    if "ref" in expr:
        schema = schemas.get(expr["ref"])
        if schema is None:
            return None
        if "alias" in schema:
            return wrong_field(schema["alias"], value, schemas)
        return wrong_field(schema if "enum" in schema else {"object": schema["fields"]}, value, schemas)
    if "enum" in expr:
        return None if value in expr["enum"] else ""
    if "null" in expr:
        return wrong_field(expr["null"], value, schemas)
    if "union" in expr:
        return None if any(value_fits(one, value, schemas) for one in expr["union"]) else ""
    if "list" in expr:
        return _first_wrong(expr["list"], value, schemas) if isinstance(value, list) else ""
    if not isinstance(value, dict):
        return ""
    if "map" in expr:
        return _first_wrong(expr["map"], list(value.values()), schemas)
    return _wrong_in_object(expr["object"], value, schemas)


def _first_wrong(expr: TypeExpr, values: list[object], schemas: Schemas) -> str | None:
    return next((wrong for one in values if (wrong := wrong_field(expr, one, schemas)) is not None), None)


def _wrong_in_object(fields: JsonObject, value: JsonObject, schemas: Schemas) -> str | None:
    for name, entry in fields.items():
        if value.get(name) is None:
            if entry["required"]:
                return name
            continue
        wrong = wrong_field(entry["type"], value[name], schemas)
        if wrong is not None:
            return wrong or name
    return None


def _scalar_fits(expr: str, value: object) -> bool:
    if value is None or expr == "any":
        return True
    if expr == "bool":
        return isinstance(value, bool)
    if expr == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if expr == "float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def _body_name(body: Body) -> str:
    if isinstance(body.type, dict) and "ref" in body.type:
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", body.type["ref"]).lower()
    return "body"
