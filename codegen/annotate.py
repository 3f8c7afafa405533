"""Catalogue types as Python annotations, and the imports these need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .api import Spec
from .errors import SpecError
from .typeexpr import Type

_SCALARS = {"str": "str", "int": "int", "float": "float", "bool": "bool", "any": "Any", "file": "File"}


def top(name: str) -> str:
    """The outermost class of a possibly nested one: `PostList.Posts` -> `PostList`."""
    return name.partition(".")[0]


@dataclass(frozen=True)
class Annotator:
    """Writes annotations for one catalogue.

    Args:
        spec: The catalogue; it says which names are enums and where models live.
    """

    spec: Spec

    def resolve(self, name: str) -> str:
        """The name of a model today; `SlackAttachment` may have become another one."""
        aliases = self.spec.lock.model_aliases
        head, dot, rest = name.partition(".")
        return f"{aliases.get(head, head)}{dot}{rest}"

    def module(self, name: str, place: str) -> str:
        """The module of `matterapi.models` that holds a model.

        Raises:
            SpecError: There is no such schema.
        """
        schema = self.spec.schemas.get(self.resolve(name))
        if schema is None:
            raise SpecError(place, f"there is no schema {name}")
        return schema.module

    def is_enum(self, name: str) -> bool:
        """Whether the name is an enum's."""
        return name in self.spec.enums

    def of(self, kind: Type, inside: str = "") -> str:
        """The annotation of a type; `inside` is the class in whose body it stands."""
        if kind.kind == "union":
            return " | ".join(self.of(arg, inside) for arg in kind.args)
        if kind.kind == "list":
            return _quoted_whole(f"list[{self.element(kind.args[0], inside)}]")
        if kind.kind == "map":
            return _quoted_whole(f"dict[str, {self.element(kind.args[0], inside)}]")
        if not kind.is_ref:
            return _SCALARS[kind.kind]
        name = self.resolve(kind.kind)
        parent, _, last = name.rpartition(".")
        if inside and parent == inside:
            return last
        return f'"{name}"' if inside and name == inside else name

    def element(self, kind: Type, inside: str = "") -> str:
        """The annotation of an element, which may be null on its own."""
        text = self.of(kind, inside)
        return f"{text} | None" if kind.nullable and text != "Any" else text

    def optional(self, kind: Type, inside: str = "") -> str:
        """The annotation of a value that may be missing."""
        text = self.of(kind, inside)
        if text == "Any":
            return text
        return f"Optional[{text}]" if text.startswith('"') else f"{text} | None"

    def body(self, kind: Type) -> str:
        """The annotation of a `json_body`: the model, or plain Python data in its place."""
        if kind.kind == "union":
            return " | ".join(dict.fromkeys(self.body(arg) for arg in kind.args))
        if kind.kind == "list":
            return f"Sequence[{self.body(kind.args[0])}]"
        if not kind.is_ref:
            return "JsonObject" if kind.kind == "map" else _SCALARS[kind.kind]
        return self._body_model(kind)

    def _body_model(self, kind: Type) -> str:
        if self.is_enum(kind.kind):
            return f"{kind.kind} | str"
        root = self.spec.schemas[self.resolve(kind.kind)].root
        if root is not None and root.kind == "list":
            return f"{self.resolve(kind.kind)} | {self.body(root)}"
        return f"{self.resolve(kind.kind)} | JsonObject"

    def model_imports(self, names: Iterable[str], prefix: str, place: str, own: str = "") -> list[str]:
        """`from <prefix>.<module> import ...` lines for models, one a module; `own` needs none."""
        modules: dict[str, set[str]] = {}
        for name in names:
            if not self.is_enum(name):
                resolved = self.resolve(name)
                modules.setdefault(self.module(resolved, place), set()).add(top(resolved))
        modules.pop(own, None)
        return [f"from {prefix}{m} import {', '.join(sorted(found))}" for m, found in sorted(modules.items())]

    def enum_imports(self, names: Iterable[str], prefix: str) -> list[str]:
        """The `from ...enums import` line, if one is needed."""
        found = sorted({name for name in names if self.is_enum(name)})
        return [f"from {prefix}enums import {', '.join(found)}"] if found else []


def _quoted_whole(annotation: str) -> str:
    # Python 3.10 leaves a quoted name inside `list[...]` a text.
    return '"{}"'.format(annotation.replace('"', "")) if '"' in annotation else annotation
