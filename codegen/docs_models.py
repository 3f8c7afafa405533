"""One sentence about each model, derived from where it is used."""

from __future__ import annotations

from .api import Glossary, Spec
from .docstring import words
from .lower_routes import RoutePlan
from .names import snake


def model_docs(spec: Spec, plans: list[RoutePlan]) -> dict[str, str]:
    """A sentence for every schema, by name."""
    docs = {name: _from_name(name, spec.glossary) for name in spec.schemas}
    for plan in plans:
        for parameter in plan.parameters:
            name = parameter.type.kind if parameter.type else ""
            if name in docs and name.endswith(("JsonBody", "MultipartData", "FormData")):
                docs[name] = f"Body of `{plan.home}.{plan.method}`."
        for kind in plan.returns.types:
            for answer in kind.refs():
                if "Response2" in answer and answer in docs:
                    docs[answer] = f"Answer of `{plan.home}.{plan.method}`."
    return docs


def _from_name(name: str, glossary: Glossary) -> str:
    parent, _, last = name.rpartition(".")
    if parent:
        return f"Value of `{parent}.{snake(last)}`."
    text = words(snake(name), glossary)
    return f"{text[:1].upper()}{text[1:]}."
