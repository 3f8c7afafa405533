"""`matterapi.events`: a class for each event, by topic, and the package that shows them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from codegen.annotate import Annotator
from codegen.api import EventField
from codegen.lower_events import BESIDE, BY_HAND, EventFieldPlan, EventPlan
from codegen.paths import EVENT_CATALOG, EVENTS

from . import header, packed
from .endpoints import LAZY

_WIDTH = 100


def render_event_classes(topics: dict[str, list[EventPlan]], annotator: Annotator) -> dict[str, str]:
    """The modules of the topics, their package with the table of names, and `matterapi.events`, by path."""
    if not topics:
        return {}
    version = annotator.spec.server_version
    files = {
        f"{EVENT_CATALOG}/{topic}.py": _module(topic, plans, annotator) for topic, plans in topics.items()
    }
    files[f"{EVENT_CATALOG}/__init__.py"] = _table(topics, version)
    files[EVENTS] = _package(topics, version)
    return files


def _module(topic: str, plans: list[EventPlan], annotator: Annotator) -> str:
    body = "\n\n".join(_class(plan, annotator) for plan in plans)
    refs = [ref for plan in plans for ref in plan.refs()]
    typing = [name for name in ("Any", "ClassVar") if f"{name}]" in body or f"{name}[" in body]
    lines = [f"from typing import {', '.join(typing)}", ""]
    lines += ["from pydantic import Field", ""] if "= Field(" in body else []
    lines += annotator.model_imports(refs, "...models.", f"events/{topic}")
    lines += ["from ..event import Event"]
    doc = header(f"Events about `{topic}`.", annotator.spec.server_version)
    return f"{doc}\n{chr(10).join(lines)}\n\n\n{body}"


def _class(plan: EventPlan, annotator: Annotator) -> str:
    doc = "\n".join(f"    {line}".rstrip() for line in _doc(plan))
    hide = ", hide_input_in_errors=True" if any(field.is_secret for field in plan.fields) else ""
    lines = [f"class {plan.name}(Event{hide}):", f'    """{doc.lstrip()}', '    """', ""]
    lines += [f'    NAME: ClassVar[str] = "{plan.facts.name}"']
    for constant, keys in (
        ("JSON_TEXTS", [field.key for field in plan.fields if field.facts.is_text]),
        ("_secret_fields", [field.name for field in plan.fields if field.is_secret]),
    ):
        if keys:
            names = ", ".join(f'"{key}"' for key in keys)
            lines.append(f"    {constant}: ClassVar[frozenset[str]] = frozenset({{{names}}})")
    lines += ["", *(f"    {_field(field, annotator)}" for field in plan.fields)]
    return "\n".join(lines).rstrip() + "\n"


def _field(field: EventFieldPlan, annotator: Annotator) -> str:
    kind = field.facts.type
    default = "default=None" if field.may_be_none else ""
    text = annotator.optional(kind) if field.may_be_none else annotator.of(kind)
    if field.name != field.key:
        alias = f'alias="{field.key}"'
        return f"{field.name}: {text} = Field({', '.join(part for part in (default, alias) if part)})"
    return f"{field.name}: {text}" + (" = None" if default else "")


def _doc(plan: EventPlan) -> Iterator[str]:
    """The docstring without quotes, as lines."""
    facts = plan.facts
    yield facts.about
    yield ""
    yield from _wrapped(" ".join((f"Sent to {facts.who}.", *version_notes(plan), *delivery_notes(plan))))
    if facts.note:
        yield ""
        yield from _wrapped(facts.note)
    yield ""
    yield from _wrapped(recovery_note(plan))
    described = [(field.name, text) for field in plan.fields if (text := field_note(field))]
    if described:
        yield from ("", "Attributes:")
        for name, text in described:
            yield from textwrap.wrap(
                f"{name}: {text}",
                _WIDTH,
                initial_indent="    ",
                subsequent_indent=" " * 8,
                break_on_hyphens=False,
            )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_on_hyphens=False)


def version_notes(plan: EventPlan) -> Iterator[str]:
    """Sentences about the servers that send an event."""
    facts = plan.facts
    yield (
        f"Since server {facts.since}."
        if facts.until is None
        else f"From server {facts.since} to before {facts.until}."
    )
    if facts.sent == "never":
        yield "Servers of today know the name, but do not send it."
    elif facts.sent == "enterprise":
        yield "Sent by code of the server that is not public."


def delivery_notes(plan: EventPlan) -> Iterator[str]:
    """Sentences about when it does not reach a connection."""
    if plan.facts.is_dropped_when_slow:
        yield "Best effort: not sent to a connection on which 128 or more events wait."
    if plan.facts.is_for_viewers:
        yield "A connection that tells the server what its user looks at gets it for that channel only."


def recovery_note(plan: EventPlan) -> str:
    """A sentence about what becomes of an event that was missed."""
    recovery = plan.facts.recovery
    if recovery == "events":
        return "Missed ones come by REST when the stream catches up, marked as `recovered`."
    if recovery:
        return f"A missed one does not come again; `client.{recovery}` tells how things are."
    return "A missed one is lost."


def field_note(field: EventFieldPlan) -> str:
    """What there is to say about an attribute; empty if its name says it all."""
    facts = field.facts
    parts = [facts.about] if facts.about else []
    if facts.known and not facts.about:
        parts.append(f"one of {', '.join(f'`{value}`' for value in facts.known)}")
    if facts.since:
        parts.append(f"since server {facts.since}")
    parts += _absence(facts)
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _absence(facts: EventField) -> Iterator[str]:
    cases = [] if facts.required else ["if the server does not send it"]
    cases += [] if facts.rest else ["after a catch-up, which cannot know it"]
    if cases:
        yield f"`None` {', and '.join(cases)}"


def _table(topics: dict[str, list[EventPlan]], version: str) -> str:
    rows = "".join(
        f'    "{plan.facts.name}": ("{topic}", "{plan.name}"),\n'
        for topic, plans in topics.items()
        for plan in plans
    )
    return (
        header("The events that the server is known to send, one module a topic.", version)
        + "\n# fmt: off\nHOMES = {\n"
        + rows
        + '}\n"""Module and class by the server\'s name."""\n'
    )


def _package(topics: dict[str, list[EventPlan]], version: str) -> str:
    homes = {f"catalog.{topic}": [plan.name for plan in plans] for topic, plans in topics.items()}
    homes["event"] = list(BY_HAND)
    homes |= {module: list(names) for module, names in BESIDE.items()}
    typed = "".join(
        f"    from .{home} import (\n{packed(names, '        ')}    )\n" for home, names in homes.items()
    )
    table = "".join(
        f'    "{home}": (\n{packed([f"{chr(34)}{name}{chr(34)}" for name in names], "        ")}    ),\n'
        for home, names in homes.items()
    )
    every = sorted(name for names in homes.values() for name in names)
    return (
        header("Websocket events: a class for each, loaded on first use.", version)
        + "\nfrom __future__ import annotations\n\nfrom importlib import import_module\n"
        + "from typing import TYPE_CHECKING, Any\n\n# fmt: off\nif TYPE_CHECKING:\n"
        + typed
        + "\n__all__ = [\n"
        + packed([f'"{name}"' for name in every], "    ")
        + "]\n_NAMES = {\n"
        + table
        + "}\n# fmt: on\n_HOMES = {name: module for module, names in _NAMES.items() for name in names}\n"
        + LAZY.format(table="_HOMES")
    )
