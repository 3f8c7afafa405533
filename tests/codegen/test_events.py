"""The classes of websocket events: what the generator refuses, and what it makes of an entry."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from codegen.errors import SpecError
from codegen.load import load
from codegen.lower_events import BY_HAND, COMMON, lower_events
from matterapi.events import event as by_hand
from matterapi.events.event import Broadcast, Event

from .toy_spec import changed, generated, texts

EVENTS = "events.yaml"
BOOKS = "python/matterapi/events/catalog/books.py"
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  topic: books\n  about: A book is gone.", "  about: A book is gone.", "book_lost: has no 'topic'"),
        ("about: A book is gone.", "about: ''", "book_lost: has no 'about'"),
        ("  who: everybody\n  since: '1.0'", "  since: '1.0'", "book_lost: has no 'who'"),
        ("note: It", "remark: It", "'remark' is no key; known are about, "),
        ("may: [omit_users]", "may: [user]", "'user' is no address; known are channel_id, "),
        ("to: [team_id]", "to: [team]", "'team' is no address"),
        ("cluster: reliable", "cluster: sometimes", "cluster is reliable, or left out"),
        ("when_slow: dropped", "when_slow: kept", "when_slow is dropped, or left out"),
        ("viewers: true", "viewers: false", "viewers is True, or left out"),
        ("sent: enterprise", "sent: maybe", "sent is never or enterprise, or left out"),
        (
            "rest: false",
            "json: true",
            "book_added.shelfMark: 'json' is no key; known are about, known, rest,",
        ),
        ("json Book!", "json book!", "book_added.book: unknown type name 'book'"),
        (
            "recovery: books.get_books",
            "recovery: books.find",
            "book_lost: recovery: there is no method books.find",
        ),
    ],
)
def test_an_entry_that_says_something_odd_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        generated(changed(EVENTS, old, new))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bookAdded", "the class BookAdded is there already: events.yaml: bookAdded"),
        ("connected", "connected: the class Connected is there already: events/event.py"),
        ("book", "book: the class Book and a model in its data have one name"),
    ],
)
def test_two_classes_of_one_name_are_refused(name: str, message: str) -> None:
    files = texts()
    files[EVENTS] += (
        f"{name}:\n  topic: t\n  about: A.\n  who: b\n  since: '1.0'\n  data: {{book: json Book!}}\n"
    )
    with pytest.raises(SpecError, match=message):
        generated(files)


@pytest.mark.parametrize("key", ["seq", "raw", "received_at", "recovered", "broadcast", "copy", "json"])
def test_data_by_the_name_of_what_every_event_has_is_refused(key: str) -> None:
    with pytest.raises(SpecError, match=f"book_added.{key}: every event has a '{key}' already"):
        generated(changed(EVENTS, "    shelf: str", f"    {key}: str"))


def test_two_keys_that_become_one_attribute_are_refused() -> None:
    with pytest.raises(SpecError, match="'shelf_mark' and 'shelfMark' both become 'shelf_mark'"):
        generated(changed(EVENTS, "    shelf: str", "    shelf_mark: str"))


def test_a_field_that_looks_like_a_secret_has_to_be_decided_on() -> None:
    with pytest.raises(SpecError, match=r"BookAdded\.access_token: the name looks like that of a secret"):
        generated(changed(EVENTS, "    shelf: str", "    access_token: str"))


def test_what_is_always_sent_is_never_none_unless_a_catch_up_cannot_know_it() -> None:
    text = generated(texts())[BOOKS]
    assert "    book: Book\n" in text
    assert "    shelf: str | None = None\n" in text
    known = generated(changed(EVENTS, " rest: false,", ""))[BOOKS]
    assert '    shelf_mark: str | None = Field(default=None, alias="shelfMark")\n' in text
    assert '    shelf_mark: str = Field(alias="shelfMark")\n' in known


def test_the_names_written_by_hand_are_those_of_the_module() -> None:
    found = {
        name
        for name, one in vars(by_hand).items()
        if inspect.isclass(one) and issubclass(one, (Event, Broadcast)) and one.__module__ == by_hand.__name__
    }
    assert found == set(BY_HAND)
    common = {name for name in vars(Event) if not name.startswith(("_", "model_"))}
    assert common == set(COMMON)


def test_every_event_that_has_a_class_is_on_the_page() -> None:
    page = (ROOT / "docs/reference/events.md").read_text()
    plans = [plan for plans in lower_events(load(ROOT / "spec")).values() for plan in plans]
    assert len(plans) == 89
    for plan in plans:
        section = page.partition(f"\n### {plan.name}\n")[2].partition("\n### ")[0]
        assert f"`{plan.facts.name}`: {plan.facts.about}" in section
        assert [field.name for field in plan.fields if f"| `{field.name}` |" not in section] == []


@pytest.mark.parametrize("name", sorted({*BY_HAND} - {"Broadcast", "Event", "PluginEvent", "UnknownEvent"}))
def test_the_page_has_the_fields_of_the_life_cycle(name: str) -> None:
    page = (ROOT / "docs/reference/events.md").read_text()
    (row,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
    fields = getattr(by_hand, name).model_fields
    assert [field for field in fields if f"`{field}" not in row] == []
