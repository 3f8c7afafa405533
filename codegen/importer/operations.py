"""Operations of the description as catalogue entries."""

from __future__ import annotations

from typing import Any

from codegen.errors import SpecError
from codegen.names import pascal
from codegen.typeexpr import ANY, Type

from .description import Json
from .known import BODY_PARAMETERS, Hints
from .schemas import SchemaImporter

_KINDS = {
    "application/json": ("json", "JsonBody"),
    "multipart/form-data": ("multipart", "MultipartData"),
    "application/x-www-form-urlencoded": ("form", "FormData"),
    "application/octet-stream": ("raw", "FormData"),
}
_FLAGS = {"x-local-mode-only": "local_only", "x-unconfirmed": "unconfirmed", "deprecated": "deprecated"}


class OperationImporter:
    """Makes one catalogue entry after the other.

    Args:
        schemas: Takes the schemas that the operations mention.
    """

    def __init__(self, schemas: SchemaImporter) -> None:
        self.schemas = schemas

    def entry(self, verb: str, path: str, operation: Json, hints: Hints) -> Json:
        """The catalogue entry of one operation; `hints` are what the catalogue has on the route."""
        name = pascal(operation["operationId"])
        entry: Json = {"route": f"{verb} {path}", "tags": operation["tags"], **_facts(operation)}
        for place in ("path", "query"):
            found = {
                p["name"]: self._parameter(p, name, hints)
                for p in operation["parameters"]
                if p["in"] == place
            }
            if place == "path":
                found = {n: value for n, value in found.items() if value["type"] != Type("str")}
            if found:
                entry[place] = found
        if body := self._bodies(operation["requestBody"], name, hints):
            entry["body"] = body
        answers, errors, headers = self._answers(operation["responses"], name, hints.answer)
        entry["answers"] = answers
        return entry | ({"errors": errors} if errors else {}) | ({"headers": headers} if headers else {})

    def _parameter(self, parameter: Json, name: str, hints: Hints) -> Json:
        schema, raw = parameter.get("schema", {}), parameter["name"]
        kind = self.schemas.convert(schema, f"{name}{pascal(raw)}", name, hints.parameters.get(raw, ANY))
        value: Json = {
            "type": kind,
            "required": parameter["in"] == "query" and bool(parameter.get("required")),
        }
        if "default" in schema:
            value["default"] = schema["default"]
        if kind.kind == "list" and parameter.get("explode"):
            value["repeat"] = True
        for key, short in (
            ("deprecated", "deprecated"),
            ("x-ignored-by-server", "ignored"),
            ("x-since", "since"),
        ):
            if parameter.get(key):
                value[short] = parameter[key]
        value |= {key: schema[key] for key in ("minimum", "maximum") if key in schema}
        if "enum" in schema and kind == Type("str"):
            value["known"] = schema["enum"]
        return value

    def _bodies(self, body: Json, name: str, hints: Hints) -> Json:
        found: Json = {}
        for content_type, media in body.get("content", {}).items():
            if content_type not in _KINDS:
                raise SpecError(
                    name, f"a body of {content_type}: teach codegen/importer/operations.py what it is"
                )
            kind, suffix = _KINDS[content_type]
            expected = hints.parameters.get(BODY_PARAMETERS[kind], ANY)
            found[kind] = {
                "type": self.schemas.convert(media.get("schema", {}), f"{name}{suffix}", name, expected),
                "required": bool(body.get("required")),
            }
        return found

    def _answers(self, responses: Json, name: str, expected: Type) -> tuple[Json, list[str], list[str]]:
        answers: Json = {}
        errors: list[str] = []
        headers: list[str] = []
        for status in sorted(responses):
            response = responses[status]
            if status[0] not in "23":
                errors.append(status)
                continue
            headers += [header for header in response.get("headers", {}) if header not in headers]
            for content_type, media in (response.get("content") or {None: {}}).items():
                form = self._answer(content_type, media, f"{name}Response{status}", name, expected)
                answers.setdefault(status, []).append((content_type, *form))
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


def _facts(operation: Json) -> Json:
    facts: Json = {}
    since = operation.get("x-since", operation.get("x-documented-since", operation.get("x-first-documented")))
    if since:
        facts["since"] = since
        if "x-since" not in operation:
            facts["since_is"] = "documented"
    if "x-permissions" in operation:
        facts["permissions"] = operation["x-permissions"]
    facts |= {short: True for key, short in _FLAGS.items() if operation.get(key)}
    return facts | ({"auth": "none"} if operation.get("security") == [] else {})
