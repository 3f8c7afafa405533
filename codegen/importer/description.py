"""The server's API as an OpenAPI 3 document describes it, evened out for what follows."""

from __future__ import annotations

import re
from typing import Any

from codegen.errors import SpecError

Json = dict[str, Any]
VERBS = ("get", "post", "put", "patch", "delete", "head")


class Description:
    """An OpenAPI document.

    Args:
        document: The document as read from YAML or JSON.

    Raises:
        SpecError: It is no OpenAPI 3 document.
    """

    def __init__(self, document: Any) -> None:
        is_object = isinstance(document, dict)
        if not is_object or not str(document.get("openapi", "")).startswith("3") or "paths" not in document:
            raise SpecError("description", "no OpenAPI 3 document: `openapi: 3...` and `paths` are needed")
        self._document: Json = document
        self._components: Json = document.get("components", {})
        self.schemas: Json = self._components.get("schemas", {})

    def operations(self) -> list[tuple[str, str, Json]]:
        """Verb, path and operation of each, with its references but those to schemas replaced."""
        return [
            (verb.upper(), path, self._whole(verb, path, item))
            for path, item in self._document["paths"].items()
            for verb in VERBS
            if verb in item
        ]

    def _whole(self, verb: str, path: str, item: Json) -> Json:
        operation: Json = item[verb]
        parameters = [
            self._resolved(p) for p in [*item.get("parameters", []), *operation.get("parameters", [])]
        ]
        if not operation.get("tags"):
            raise SpecError(f"{verb.upper()} {path}", "without a tag there is no group for its method")
        return {
            **operation,
            "operationId": operation.get("operationId") or _rule_given(verb, path),
            "parameters": list({(p["in"], p["name"]): p for p in parameters}.values()),
            "requestBody": self._resolved(operation.get("requestBody") or {}),
            "responses": {str(s): self._resolved(r) for s, r in operation.get("responses", {}).items()},
        }

    def _resolved(self, value: Json) -> Json:
        while "$ref" in value:
            _, _, kind, name = value["$ref"].split("/")
            value = self._components[kind][name]
        return value


def _rule_given(verb: str, path: str) -> str:
    """The id of an operation without one: its verb and path (`get_api_v4_jobs`)."""
    return f"{verb}_{re.sub('[{}]', '', path).strip('/').replace('/', '_')}"
