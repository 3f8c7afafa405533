"""Turns the JSON schemas of the description into named catalogue schemas.

The catalogue has names for most of them, inline ones too: a walk that carries along what it declares at the
same place finds those names. The naming rules name the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from codegen.names import field_name, pascal
from codegen.typeexpr import ANY, Type, list_of, map_of

from .description import Json
from .known import KnownModel

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_FACTS = {
    "x-since": "since",
    "x-undocumented": "undocumented",
    "x-unconfirmed": "unconfirmed",
    "x-known-values": "known",
    "minimum": "minimum",
    "maximum": "maximum",
    "minItems": "min_items",
    "maxItems": "max_items",
    "maxLength": "max_length",
    "pattern": "pattern",
}


@dataclass
class Named:
    """What the walk has found so far."""

    schemas: dict[str, Json] = field(default_factory=dict)
    enums: dict[str, list[str]] = field(default_factory=dict)


class SchemaImporter:
    """Converts schemas, collecting the named ones in `out`."""

    def __init__(
        self,
        components: Mapping[str, Json],
        models: Mapping[str, KnownModel],
        enums: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.components = components
        self.models = models
        self.known_enums = enums
        self.out = Named()
        self._done: set[str] = set()

    def convert(self, schema: Json, place: str, parent: str, expected: Type = ANY) -> Type:
        """The type of a schema; `place` is its rule-given name, `parent` the class that holds it."""
        found = self._bare(schema, place, parent, expected)
        return replace(
            found,
            nullable=bool(schema.get("nullable")) and not schema.get("x-null-as-empty"),
            null_as_empty=bool(schema.get("x-null-as-empty")),
        )

    def _bare(self, schema: Json, place: str, parent: str, expected: Type) -> Type:  # noqa: PLR0911
        alternatives = schema.get("oneOf") or schema.get("anyOf")
        if "$ref" in schema:
            return self.component(schema["$ref"].rsplit("/", 1)[-1])
        parts = schema.get("allOf", [])
        if len(parts) == 1 and "$ref" in parts[0] and not schema.get("required"):
            return self._bare(parts[0], place, parent, expected)
        if parts:
            return self._object(self._merged(schema), place, expected)
        if alternatives and not schema.get("properties"):
            return self._union(alternatives, place, parent, expected)
        if "enum" in schema and schema.get("type") == "string":
            return self._enum(schema["enum"], place, parent, expected)
        kind = schema.get("type")
        if kind == "array":
            inner = expected.args[0] if expected.kind == "list" else ANY
            return list_of(self.convert(schema.get("items", {}), f"{place}Item", parent, inner))
        if kind == "object" or "properties" in schema:
            return self._object(schema, place, expected)
        if schema.get("format") == "binary":
            return Type("file")
        return Type(_SCALARS[kind]) if kind in _SCALARS else ANY

    def component(self, name: str) -> Type:
        """The type of a schema that the description names itself."""
        full = pascal(name)
        if name not in self._done:
            self._done.add(name)
            self._define_component(name, full)
        return Type(full)

    def _define_component(self, name: str, full: str) -> None:
        schema = self.components[name]
        known = self.models.get(full, KnownModel())
        if schema.get("type") == "array" or (
            schema.get("type") == "object" and not schema.get("properties") and "allOf" not in schema
        ):
            self.out.schemas[full] = {"root": self.convert(schema, full, full, known.root or ANY)}
        elif "enum" in schema:
            self._enum(schema["enum"], full, full, Type(full))
        else:
            self._define(self._merged(schema), full)

    def _merged(self, schema: Json) -> Json:
        """A schema with its `allOf` parts laid over one another."""
        merged: Json = {"properties": {}, "required": list(schema.get("required", []))}
        for part in schema.get("allOf", []):
            if "$ref" in part:
                inner = self._merged(self.components[part["$ref"].rsplit("/", 1)[-1]])
            else:
                inner = self._merged(part)
            merged["properties"].update(inner["properties"])
            merged["required"] += inner["required"]
        merged["properties"].update(schema.get("properties", {}))
        if "additionalProperties" in schema:
            merged["additionalProperties"] = schema["additionalProperties"]
        return merged

    def _union(self, alternatives: list[Json], place: str, parent: str, expected: Type) -> Type:
        found: list[Type] = []
        for number, alternative in enumerate(alternatives, 1):
            fits = expected if (expected.kind == "list") == (alternative.get("type") == "array") else ANY
            try:
                converted = self.convert(alternative, place, parent, fits)
            except LookupError:
                converted = self.convert(alternative, f"{place}{number}", parent)
            if converted not in found:
                found.append(converted)
        return found[0] if len(found) == 1 else Type("union", tuple(found))

    def _enum(self, values: list[str], place: str, parent: str, expected: Type) -> Type:
        if expected.kind == "str":
            return Type("str")
        name = expected.kind if expected.kind in self.known_enums else place.replace(".", "")
        known = list(self.known_enums.get(name, ()))
        merged = self.out.enums.get(name, known)
        if name in self.out.enums and name not in self.known_enums and set(merged) != set(values):
            name, merged = f"{parent.replace('.', '')}{place.rsplit('.', 1)[-1]}", []
        self.out.enums[name] = merged + [v for v in values if v not in merged]
        return Type(name)

    def _object(self, schema: Json, place: str, expected: Type) -> Type:
        properties, extra = schema.get("properties"), schema.get("additionalProperties")
        name = expected.kind if expected.kind in self.models and expected.kind not in self.components else ""
        if not properties:
            inner = expected.args[0] if expected.kind == "map" else ANY
            root = self.models[name].root if name else None
            if root and root.args:
                inner = root.args[0]
            value = self.convert(extra, f"{place}Value", place, inner) if isinstance(extra, dict) else ANY
            if not name or (value == ANY and self.models[name].fields.keys() - {"..."} and not root):
                return map_of(value)
            if not root:
                # A model with attributes for keys: it stays one.
                self.out.schemas[name] = {"fields": {"...": {"type": value, "required": False}}}
                return Type(name)
            self.out.schemas[name] = {"root": map_of(value)}
            return Type(name)
        return self._define(schema, name or place)

    def _define(self, schema: Json, name: str) -> Type:
        """Record an object schema under `name`; a second, different one gets its full path as name."""
        hints = self.models.get(name, KnownModel()).fields
        required = set(schema.get("required", []))
        fields: dict[str, Json] = {}
        spellings = {field_name(raw): raw for raw in schema.get("properties", {})}
        for raw, prop in schema.get("properties", {}).items():
            if spellings[field_name(raw)] != raw:
                continue  # the description's own misspelling (UserApiEndpoint), corrected by a later key
            fields[raw] = self._field(raw, prop, name, hints.get(raw, ANY))
            fields[raw]["required"] = raw in required
        if schema.get("additionalProperties") and fields:
            extra = schema["additionalProperties"]
            value = self.convert(extra, f"{name}Value", name) if isinstance(extra, dict) else ANY
            fields["..."] = {"type": value, "required": False}
        taken = self.out.schemas.get(name)
        if taken is not None and set(taken.get("fields", {})) != set(fields) and "." not in name:
            raise LookupError(name)
        self.out.schemas.setdefault(name, {"fields": fields})
        return Type(name)

    def _field(self, raw: str, prop: Json, owner: str, expected: Type) -> Json:
        inner = prop
        while inner.get("type") == "array" and isinstance(inner.get("items"), dict):
            inner = inner["items"]
        title = pascal(prop.get("title", raw))
        if "enum" in inner or inner is not prop:
            place = f"{owner.rsplit('.', 1)[-1]}{title}"
        else:
            place = f"{owner}.{title}"
        try:
            found = self.convert(prop, place, owner, expected)
        except LookupError:
            # AttrsOptionsItem: the rule takes the name of the nearest class only, so two parents can clash.
            found = self.convert(prop, f"{owner.replace('.', '')}{title}", owner)
        facts = {short: prop[key] for key, short in _FACTS.items() if key in prop}
        if expected.kind == "str" and "enum" in prop:
            facts["known"] = prop["enum"]
        if "x-enum-varnames" in prop:
            facts["known"] = dict(zip(prop["enum"], prop["x-enum-varnames"], strict=True))
        entry: Json = {"type": found, **facts}
        if "default" in prop:
            entry["default"] = prop["default"]
        return entry
