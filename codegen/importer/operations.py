"""Operations of the description, with their rows in the server table, as catalogue entries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from codegen.names import normalized, pascal
from codegen.typeexpr import ANY, Type

from .hints import hint
from .schemas import Json, SchemaImporter

_KINDS = {
    "application/json": ("json", "JsonBody"),
    "multipart/form-data": ("multipart", "MultipartData"),
    "application/x-www-form-urlencoded": ("form", "FormData"),
    "application/octet-stream": ("raw", "FormData"),
}
BODY_PARAMETERS = ("form_data", "multipart_data", "json_body")
"""In the order of a signature."""


def surface_routes(groups: Mapping[str, Json]) -> dict[tuple[str, str], list[tuple[str, str, Json]]]:
    """0.5.0's methods by verb and nameless path: (group, method, facts), one for each group."""
    routes: dict[tuple[str, str], list[tuple[str, str, Json]]] = {}
    for group, facts in groups.items():
        for method, entry in facts["methods"].items():
            routes.setdefault((entry["verb"], normalized(entry["url"])), []).append((group, method, entry))
    return routes


def table_rows(table: list[Json]) -> dict[tuple[str, str], Json]:
    """The server table by verb and nameless path of the description."""
    rows: dict[tuple[str, str], Json] = {}
    for row in table:
        for path, _ in row["operations"] or [[row["path"], ""]]:
            rows.setdefault((row["method"], normalized(path)), row)
    return rows


class OperationImporter:
    """Makes one catalogue entry after the other."""

    def __init__(self, schemas: SchemaImporter, responses: Mapping[str, Json], rows: Mapping[Any, Json]):
        self.schemas = schemas
        self.responses = responses
        self.rows = rows

    def entry(self, verb: str, path: str, operation: Json, known: Json | None) -> Json:
        """The catalogue entry of one operation; `known` is what 0.5.0 had on the route."""
        verb, name = verb.upper(), pascal(operation["operationId"])
        row = self.rows.get((verb, normalized(path)), {})
        annotations = _annotations(known)
        entry: Json = {"route": f"{verb} {path}", "tags": operation["tags"], **_facts(operation, row)}
        paths = [p for p in operation.get("parameters", []) if p["in"] == "path"]
        query = [p for p in operation.get("parameters", []) if p["in"] == "query"]
        for key, parameters in (("path", paths), ("query", query)):
            converted = {p["name"]: self._parameter(p, name, annotations) for p in parameters}
            if key == "path":
                converted = {n: v for n, v in converted.items() if v["type"] != Type("str") or len(v) > 2}
            if key == "query":
                converted.update(_dropped(known, converted))
            if converted:
                entry[key] = converted
        body = self._bodies(operation.get("requestBody"), name, annotations)
        if body:
            entry["body"] = body
        answers, errors, headers = self._answers(operation["responses"], row, name, _result(known))
        entry["answers"] = answers
        if errors:
            entry["errors"] = errors
        if headers:
            entry["headers"] = headers
        return entry

    def _parameter(self, parameter: Json, name: str, annotations: Mapping[str, Type]) -> Json:
        schema, raw = parameter["schema"], parameter["name"]
        expected = annotations.get(raw, ANY)
        kind = self.schemas.convert(schema, f"{name}{pascal(raw)}", name, expected)
        value: Json = {
            "type": kind,
            "required": parameter["in"] == "query" and bool(parameter.get("required")),
        }
        if "default" in schema:
            value["default"] = schema["default"]
        if parameter.get("explode"):
            value["repeat"] = True
        for key in ("deprecated", "x-ignored-by-server", "x-since"):
            if key in parameter:
                value[{"x-since": "since", "x-ignored-by-server": "ignored"}.get(key, key)] = parameter[key]
        for key in ("minimum", "maximum"):
            if key in schema:
                value[key] = schema[key]
        if "enum" in schema and kind == Type("str"):
            value["known"] = schema["enum"]
        return value

    def _bodies(self, body: Json | None, name: str, annotations: Mapping[str, Type]) -> Json:
        found: Json = {}
        for content_type, media in (body or {}).get("content", {}).items():
            kind, suffix = _KINDS[content_type]
            parameter = {"json": "json_body", "multipart": "multipart_data"}.get(kind, "form_data")
            expected = annotations.get(parameter, ANY)
            if not annotations.get(parameter) and kind == "json":
                expected = annotations.get("multipart_data", ANY)
            found[kind] = {
                "type": self.schemas.convert(media["schema"], f"{name}{suffix}", name, expected),
                "required": bool(body and body.get("required")),
            }
        return found

    def _answers(
        self, responses: Json, row: Json, name: str, expected: Type
    ) -> tuple[Json, list[str], list[str]]:
        answers: Json = {}
        errors: list[str] = []
        headers: list[str] = []
        for status in sorted(responses, key=lambda s: (s not in row.get("success", []), s)):
            response = responses[status]
            if "$ref" in response:
                response = self.responses[response["$ref"].rsplit("/", 1)[-1]]
            if status[0] not in "23":
                errors.append(status)
                continue
            headers += [h for h in response.get("headers", {}) if h not in headers]
            for content_type, media in (response.get("content") or {None: {}}).items():
                answers.setdefault(status, []).append(
                    (
                        content_type,
                        *self._answer(content_type, media, f"{name}Response{status}", name, expected),
                    )
                )
        return answers, errors, headers

    def _answer(
        self, content_type: str | None, media: Json, place: str, name: str, expected: Type
    ) -> tuple[Any, ...]:
        schema = media.get("schema")
        if schema is None or content_type not in {"application/json", "application/x-ndjson"}:
            return (None, {})
        if "x-items" in media:
            schema = {"type": "array", "items": {"$ref": media["x-items"]}}
        facts = {"only_if": media["x-variant"]} if "x-variant" in media else {}
        if "x-variant" in schema:
            facts["second_if"] = schema["x-variant"].partition(" if ")[2]
        return (self.schemas.convert(schema, place, name, expected), facts)


def _facts(operation: Json, row: Json) -> Json:
    facts: Json = {
        "since": operation.get(
            "x-since", operation.get("x-documented-since", operation.get("x-first-documented"))
        ),
        "permissions": operation.get("x-permissions"),
    }
    if "x-since" not in operation and facts["since"]:
        facts["since_is"] = "documented"
    if operation.get("deprecated"):
        facts["deprecated"] = True
    if operation.get("x-local-mode-only"):
        facts["local_only"] = True
    if operation.get("x-unconfirmed"):
        facts["unconfirmed"] = True
    if operation.get("security") == []:
        facts["auth"] = "none"
    if row:
        facts["auth"] = row["auth"]
        facts["max_body"] = row["max_body"]
        facts["error_ids"] = sorted(set(_error_ids(row)))
    return {key: value for key, value in facts.items() if value is not None and value != []} | (
        {"permissions": []} if facts["permissions"] == [] else {}
    )


def _error_ids(row: Json) -> Iterator[str]:
    for error in row["errors"] or []:
        if re.fullmatch(r"[\w.-]+\.[\w.-]+", error):
            yield error


def _annotations(known: Json | None) -> dict[str, Type]:
    if not known:
        return {}
    return {p["name"]: hint(p["annotation"]) for p in known["signature"]["params"] if "annotation" in p}


def _result(known: Json | None) -> Type:
    for status, text in (known or {"responses": {}})["responses"].items():
        if status[0] == "2" and ":" not in text:
            return hint(text)
    return ANY


def _dropped(known: Json | None, documented: Mapping[str, Json]) -> Json:
    """Query parameters that 0.5.0 sends and the description no longer names."""
    gone: Json = {}
    for parameter in (known or {"signature": {"params": []}})["signature"]["params"]:
        name = parameter["name"]
        if parameter["kind"] == "KEYWORD_ONLY" and name not in documented and name not in BODY_PARAMETERS:
            gone[name] = {"type": hint(parameter["annotation"]), "required": False, "undocumented": True}
    return gone


_STILL_SERVED = {"POST /api/v4/posts/ids/reactions"}
"""Routes that only 0.5.0 documents, but which an 11.2 server answers. It has none of the others."""


def legacy_entry(known: Json, tags: list[str]) -> Json:
    """The entry of a route that only 0.5.0 documents, from its signature there."""
    annotations = _annotations(known)
    entry: Json = {"route": f"{known['verb']} {known['url']}", "tags": tags, "legacy": True}
    if entry["route"] not in _STILL_SERVED:
        entry["until"] = "<=11.2"
    query = {
        name: {"type": annotations[name], "required": "default" not in p}
        for p in known["signature"]["params"]
        if (name := p["name"]) in known["query"]
    }
    if query:
        entry["query"] = query
    for name, form in zip(BODY_PARAMETERS, ("form", "multipart", "json"), strict=True):
        if name in annotations:
            entry["body"] = {form: {"type": annotations[name], "required": True}}
    entry["answers"] = {}
    for status, text in known["responses"].items():
        if status[0] == "2":
            kind = ANY if ":" in text else hint(text)
            entry["answers"][status] = [("application/json", kind, {})]
    if not entry["answers"]:
        entry["answers"]["200"] = [(None, None, {})]
    return entry
