"""Checks a request against the catalogue and refuses it as the server would."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from matterapi.testing.http.encoding import JsonObject, loads
from matterapi.testing.http.errors import invalid_body, invalid_url
from matterapi.testing.http.multipart import MultipartError, parse_multipart
from matterapi.testing.state.clock import is_id

from .operations import Body, Operation, TypeExpr

_TEXTS = {
    "int": re.compile(r"-?\d+"),
    "float": re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?"),
    "bool": re.compile(r"true|false"),
}
_SCALARS: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "file": str,
    "any": object,
}
# Path parameters that end in _id but are no 26-character ids.
_FREE_IDS = frozenset({"action_id", "plugin_id", "category_id", "invoice_id", "invite_id", "warn_metric_id"})

Schemas = Mapping[str, JsonObject]


def check_path_ids(params: Mapping[str, str]) -> None:
    """Refuse path ids that are no ids; `me` stands for a user.

    Raises:
        AppError: 400 with the parameter's name.
    """
    for name, value in params.items():
        if not name.endswith("_id") or name in _FREE_IDS:
            continue
        if not is_id(value) and not (name == "user_id" and value == "me"):
            raise invalid_url(name)


def check_request(
    operation: Operation,
    params: Mapping[str, str],
    query: Mapping[str, list[str]],
    *,
    content_type: str,
    body: bytes,
    schemas: Schemas,
) -> None:
    """Refuse a request that does not fit its operation's entry in the catalogue.

    Raises:
        AppError: 400 with the name of what is wrong.
    """
    for param in operation.path_params:
        if not text_fits(param.type, params[param.name], schemas):
            raise invalid_url(param.name)
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


def resolve(expr: TypeExpr, schemas: Schemas) -> TypeExpr:
    """Return the type that a reference, an alias or a nullable type stands for.

    The result is a scalar, or has one of the keys `enum`, `union`, `list`, `map`, `object`.
    """
    while isinstance(expr, dict) and ("null" in expr or "ref" in expr):
        if "null" in expr:
            expr = expr["null"]
            continue
        schema = schemas.get(expr["ref"], {"alias": "any"})
        if "enum" in schema:
            return schema
        expr = schema["alias"] if "alias" in schema else {"object": schema["fields"]}
    return expr


def text_fits(expr: TypeExpr, text: str, schemas: Schemas) -> bool:
    """Whether a query value or a plain form field has the type `expr`."""
    expr = resolve(expr, schemas)
    if isinstance(expr, str):
        return _TEXTS[expr].fullmatch(text) is not None if expr in _TEXTS else True
    if "enum" in expr:
        return text in [str(member) for member in expr["enum"]]
    if "union" in expr:
        return any(text_fits(wanted_member, text, schemas) for wanted_member in expr["union"])
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
    except MultipartError:
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
    return expr == "file" or (isinstance(expr, dict) and any(_is_file(inner) for inner in _inner(expr)))


def _inner(expr: JsonObject) -> list[TypeExpr]:
    return [expr[key] for key in ("list", "map", "null") if key in expr]


def object_fields(expr: TypeExpr | None, schemas: Schemas) -> JsonObject:
    """Return the fields of an object type, `{name: {"type", "required"}}`; empty for other types."""
    resolved = "any" if expr is None else resolve(expr, schemas)
    return dict(resolved.get("object", {})) if isinstance(resolved, dict) else {}


def value_fits(expr: TypeExpr, value: object, schemas: Schemas) -> bool:
    """Whether a JSON value has the type `expr`."""
    return wrong_field(expr, value, schemas) is None


def wrong_field(expr: TypeExpr, value: object, schemas: Schemas) -> str | None:
    """Find what in a JSON value does not have the type `expr`.

    Returns:
        None when all fits, the name of the innermost field that does not, or "" for the value itself.
        Unknown fields are ignored and null fits everything that is not required, as in the server.
    """
    if value is None:
        return None
    expr = resolve(expr, schemas)
    if isinstance(expr, str):
        return None if isinstance(value, _SCALARS[expr]) and _is_flag_where_due(expr, value) else ""
    if "enum" in expr or "union" in expr:
        return None if _is_one_of(expr, value, schemas) else ""
    if "list" in expr:
        return _first_wrong(expr["list"], value, schemas) if isinstance(value, list) else ""
    return _wrong_in_dict(expr, value, schemas) if isinstance(value, dict) else ""


def _is_one_of(expr: JsonObject, value: object, schemas: Schemas) -> bool:
    if "enum" in expr:
        return value in expr["enum"]
    return any(value_fits(member, value, schemas) for member in expr["union"])


def _is_flag_where_due(expr: str, value: object) -> bool:
    """Tell apart what Python takes for a kind of integer: a boolean fits no number."""
    return expr in ("bool", "any") or not isinstance(value, bool)


def _first_wrong(expr: TypeExpr, values: list[object], schemas: Schemas) -> str | None:
    return next((wrong for item in values if (wrong := wrong_field(expr, item, schemas)) is not None), None)


def _wrong_in_dict(expr: JsonObject, value: JsonObject, schemas: Schemas) -> str | None:
    if "map" in expr:
        return _first_wrong(expr["map"], list(value.values()), schemas)
    return _wrong_in_object(expr["object"], value, schemas)


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


def _body_name(body: Body) -> str:
    if isinstance(body.type, dict) and "ref" in body.type:
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", body.type["ref"]).lower()
    return "body"
