"""Descriptions in our own words, derived from names; the glossary has what a name cannot say."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from .api import Glossary
from .lower_bodies import BodyPlan
from .lower_routes import ParameterPlan, RoutePlan

# fmt: off
_PLAIN_VERBS = frozenset({
    "add", "assign", "burn", "cancel", "check", "convert", "create", "delete", "demote", "disable",
    "download", "enable", "execute", "follow", "generate", "get", "import", "install", "invite", "link",
    "list", "mark", "migrate", "move", "notify", "open", "pause", "pin", "post", "preview", "promote",
    "publish", "purge", "regenerate", "reload", "remove", "reorder", "request", "reset", "restart",
    "restore", "resume", "revoke", "rotate", "save", "search", "send", "set", "start", "stop", "submit",
    "sync", "test", "unassign", "unfollow", "unlink", "unpin", "update", "upload", "validate", "verify",
    "view",
})
# fmt: on
_VERBS = {verb: verb.capitalize() for verb in _PLAIN_VERBS} | {
    "autocomplete": "Suggest completions for",
    "head": "Look up the headers of",
    "patch": "Change some fields of",
    "regen": "Regenerate",
    "upsert": "Create or update",
}
_JOINTS = frozenset(
    {
        "after",
        "around",
        "as",
        "at",
        "before",
        "by",
        "for",
        "from",
        "in",
        "into",
        "of",
        "on",
        "to",
        "with",
        "via",
    }
)
_COUNTED = frozenset(
    {
        "access", "bot", "channel", "dialog", "guest", "invite", "post", "retention", "scheme", "team",
        "thread", "user", "view",
    }
)  # fmt: skip
_UNCOUNTED = frozenset(
    {
        "access",
        "config",
        "data",
        "health",
        "info",
        "information",
        "metadata",
        "status",
        "stats",
        "support",
        "usage",
    }
)


def summary(method: str, glossary: Glossary) -> str:
    """One sentence about a method: the glossary's, or one made from its name."""
    if method in glossary.methods:
        return glossary.methods[method]
    verb, *rest = method.rstrip("_").split("_")
    if verb not in _VERBS:
        text = words(method, glossary)
        return f"{text[:1].upper()}{text[1:]}."
    cut = next((i for i, word in enumerate(rest) if word in _JOINTS and i), len(rest))
    parts = [_VERBS[verb], _noun(verb, rest[:cut], glossary), *_tail(rest[cut:], glossary)]
    return f"{' '.join(part for part in parts if part)}."


def _noun(verb: str, noun: list[str], glossary: Glossary) -> str:
    text = words("_".join(noun), glossary)
    if not noun or _is_plural(noun[-1]) or noun[0] in {"all", "my", "as", "the", "is"}:
        return text
    if verb in {"create", "add", "upload", "upsert", "generate", "open"}:
        return f"{_article(text)} {text}"
    return f"the {text}"


def _tail(tail: list[str], glossary: Glossary) -> Iterator[str]:
    """The words after the first preposition; nouns of which a server has many get an article."""
    for word, following in zip_longest(tail, tail[1:], fillvalue=""):
        yield glossary.words.get(word, word)
        if word in _JOINTS - {"by", "as"} and following in _COUNTED:
            yield _article(following)


def _article(text: str) -> str:
    return "an" if text[:1].lower() in "aeiou" and not text.startswith(("us", "uni")) else "a"


def _is_plural(word: str) -> bool:
    return (word.endswith("s") and not word.endswith(("ss", "us"))) or word in _UNCOUNTED


def words(name: str, glossary: Glossary) -> str:
    """A name as words, with acronyms written as people do (`ldap` -> `LDAP`)."""
    return " ".join(glossary.words.get(word, word) for word in name.split("_") if word)


def argument(parameter: ParameterPlan, route: str, glossary: Glossary) -> str:
    """The glossary's line for a parameter; an entry for this route goes before the general one."""
    key = f"{route.partition(' ')[2]} {parameter.name}"
    text = glossary.parameters.get(key, glossary.parameters.get(parameter.name, ""))
    known = parameter.facts.get("known")
    notes = [text.rstrip(".")] if text else []
    if known:
        notes.append(f"one of {', '.join(f'`{value}`' for value in known)}")
    if parameter.facts.get("ignored"):
        notes.append("the server does not read it")
    if parameter.facts.get("deprecated"):
        notes.append("deprecated")
    if parameter.facts.get("undocumented"):
        notes.append("no longer described by the server")
    joined = "; ".join(notes)
    return f"{joined[:1].upper()}{joined[1:]}." if joined else ""


def method_lines(
    plan: RoutePlan, name: str, body: BodyPlan | None, glossary: Glossary, width: int = 100
) -> list[str]:
    """The docstring of a method, without quotes, as lines; `body` is its JSON body, if that has fields."""
    lines = [_first(plan, name, glossary), "", *_facts(plan)]
    if note := glossary.notes.get(plan.method):
        lines += ["", *textwrap.wrap(note, width - 4, break_long_words=False)]
    arguments = [
        (p.name, argument(p, plan.route, glossary)) for p in plan.parameters if p.kind in {"path", "query"}
    ]
    arguments += body_arguments(body) if body else []
    described = [(name, text) for name, text in arguments if text]
    if described:
        lines += ["", "Args:"]
        lines += [line for about in described for line in argument_lines(*about, width)]
    return lines


def argument_lines(name: str, text: str, width: int = 100) -> list[str]:
    """The lines of one argument, indented below `Args:`."""
    return textwrap.wrap(f"{name}: {text}", width - 4, initial_indent="    ", subsequent_indent=" " * 8)


def body_arguments(body: BodyPlan) -> Iterator[tuple[str, str]]:
    """What is said of the body and of the keywords in its place."""
    clashing = _listed(sorted(body.clashes))
    if not body.keywords:
        yield "json_body", f"The body. It has no form as keywords: the call has a parameter {clashing} too."
        return
    yield "json_body", "The body, unless its fields are given as keywords."
    needed = _listed(body.needed)
    others = _listed([field.name for field in body.keywords if not field.required])
    text = "; ".join(filter(None, (f"{needed} (required)" if needed else "", others)))
    more = f" In `json_body` only: {clashing}." if clashing and not body.iterator else ""
    yield "**fields", f"{text}.{more}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _first(plan: RoutePlan, name: str, glossary: Glossary) -> str:
    if plan.retired:
        return f"{summary(name, glossary)} Retired: current servers may answer 404."
    if name != plan.method:
        return f"The same as `{plan.method}`, under its name in newer descriptions of the server."
    return summary(name, glossary)


def _facts(plan: RoutePlan) -> Iterator[str]:
    """Route, permissions and version, each a line."""
    yield f"`{plan.route}`" + (" (deprecated by the server)" if plan.facts.get("deprecated") else "")
    permissions = [p for p in plan.facts.get("permissions", []) if p != "authenticated"]
    if permissions:
        yield from textwrap.wrap(f"Permissions: {', '.join(f'`{p}`' for p in permissions)}.", 98)
    if plan.facts.get("local_only"):
        yield "Answered only on the server's local socket."
    since = str(plan.facts.get("since", ""))
    if since and not since.startswith("<="):
        yield f"Since a server newer than {since[1:]}." if since[0] == ">" else f"Since server {since}."
    if plan.facts.get("legacy"):
        yield "No longer described by the server; kept for older ones."
