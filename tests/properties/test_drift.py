"""Real answers in which the server has changed one value: nothing else is lost, and the log says so once."""

import copy
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from matterapi.calls.codec import decode
from matterapi.decoding import lenient
from matterapi.response import Response
from tests.support.recorded import Recorded, reached, recordings, without_null_lists

Place = tuple[str | int, ...]

ANSWERS = [one for one in recordings() if one.body and '"status_code":' not in one.body]

REPLACEMENTS = st.sampled_from(
    [None, True, 7, -1, 0.5, 2**70, "", "a word of the future", [], [1, "a"], [None], {}, {"new": {"x": [1]}}]
)


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Where the values of a JSON document stand, itself included."""
    yield at
    if isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*at, key))


def at_place(value: Any, place: Place) -> Any:
    for key in place:
        value = value[key]
    return value


def replaced(value: Any, place: Place, new: Any) -> Any:
    if not place:
        return new
    changed = copy.deepcopy(value)
    at_place(changed, place[:-1])[place[-1]] = new
    return changed


@contextmanager
def reports() -> Iterator[list[str]]:
    """The messages logged in the block, as in a process that has logged nothing yet."""
    lenient._reported.clear()
    messages: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("matterapi")
    logger.addHandler(handler)
    try:
        yield messages
    finally:
        logger.removeHandler(handler)
        lenient._reported.clear()


def fits(recorded: Recorded, value: Any) -> bool:
    try:
        recorded.line.adapter.validate_python(value)
    except ValueError:
        return False
    return True


@settings(max_examples=500, deadline=None)
@given(data=st.data())
def test_one_changed_value_costs_no_other_and_is_reported_once(data: st.DataObject) -> None:
    recorded = data.draw(st.sampled_from(ANSWERS))
    place = data.draw(st.sampled_from(list(places(recorded.json))))
    new = data.draw(REPLACEMENTS)
    changed = replaced(recorded.json, place, new)
    with reports() as messages:
        found = reached(decode(recorded.line, recorded.response(changed)), changed)
        first = list(messages)
        decode(recorded.line, recorded.response(changed))
    assert found == without_null_lists(changed, found)
    assert messages == first, "the same place was reported again"
    reported = [message.partition(":")[0] for message in first]
    assert len(set(reported)) == len(reported)
    if fits(recorded, changed):
        assert reported == []
    elif new not in (None, [None]):  # null is no drift: Go sends it for everything that may be empty
        assert reported


def enum_places() -> dict[type[Enum], tuple[Recorded, Place]]:
    """One place for each enum that the recorded answers have."""
    found: dict[type[Enum], tuple[Recorded, Place]] = {}
    for recorded in ANSWERS:
        value = reached(decode(recorded.line, recorded.response()), recorded.json)
        for place in places(recorded.json):
            member = at_place(value, place)
            if isinstance(member, Enum):
                found.setdefault(type(member), (recorded, place))
    return found


def test_an_unknown_word_is_kept_for_every_enum_and_quoted_in_the_log() -> None:
    examples = enum_places()
    assert len(examples) >= 3
    for recorded, place in examples.values():
        changed = replaced(recorded.json, place, "word_of_the_future")
        with reports() as messages:
            found = reached(decode(recorded.line, recorded.response(changed)), changed)
        assert at_place(found, place) == "word_of_the_future"
        assert found == without_null_lists(changed, found)
        (message,) = messages
        assert f".{place[-1]}: the server sent 'word_of_the_future'" in message


def test_every_answer_may_be_something_else_entirely() -> None:
    for recorded in ANSWERS:
        if recorded.line.returns is not Response:
            with reports():
                assert decode(recorded.line, recorded.response("maintenance")) == "maintenance"
