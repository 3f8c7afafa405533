"""What a real server (11.2) answered: every body becomes its declared type and loses nothing."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from matterapi.calls import codec
from matterapi.client.exceptions import DecodeError, ResourceNotFound
from matterapi.decoding import lenient
from matterapi.models import ChannelMember, ChannelMemberWithTeamData
from matterapi.response import Response
from tests.support.always_sent import lacking
from tests.support.recorded import Recorded, reached, recordings, without_null_lists

FAILED_ON_THE_WAY = [one for one in recordings() if re.search(r'"status_code":\d+\}$', one.body)]
"""Answers that begin as a success and end in an error, which the server noticed too late."""

WITHOUT_BODY = [one for one in recordings() if not one.body]

ANSWERS = [one for one in recordings() if one.body and one not in FAILED_ON_THE_WAY]


def group_of(recorded: Recorded) -> str:
    """What follows `/api/v4` in the path, or the first part of another."""
    parts = recorded.line.route.split("/")
    return parts[3] if len(parts) > 3 else parts[1]


every_group = pytest.mark.parametrize("group", sorted({group_of(one) for one in ANSWERS}))


def answers_of(group: str) -> list[Recorded]:
    return [one for one in ANSWERS if group_of(one) == group]


NOT_ONE_DOCUMENT = ["GetChannelMembersWithTeamDataForUser", "GetChannelMembersWithTeamDataForUser"]
NULL_FOR_ONE_OF_TWO_TYPES = ["AddChannelMember"]


@pytest.fixture(autouse=True)
def _nothing_reported_yet() -> Iterator[None]:
    lenient._reported.clear()
    yield
    lenient._reported.clear()


def recordings_of(operation: str) -> list[Recorded]:
    return [one for one in recordings() if one.operation == operation]


def test_the_recording_has_answers_of_more_than_half_of_the_operations() -> None:
    assert len(ANSWERS) > 390
    assert len({one.operation for one in ANSWERS}) > 330


@every_group
def test_each_key_is_reachable_and_nothing_is_reported(group: str, caplog: pytest.LogCaptureFixture) -> None:
    for recorded in answers_of(group):
        found = reached(codec.decode(recorded.line, recorded.response()), recorded.json)
        assert found == without_null_lists(recorded.json, found), recorded.operation
        assert caplog.records == [], recorded.operation


# The body is not the one that the operation takes.
@pytest.mark.filterwarnings("ignore::matterapi.exceptions.UnknownKeyWarning")
@every_group
def test_an_answer_dumped_or_sent_back_as_a_body_is_the_same_json(group: str) -> None:
    for recorded in answers_of(group):
        value = codec.decode(recorded.line, recorded.response())
        dumped = recorded.line.adapter.dump_python(value, mode="json", by_alias=True, exclude_unset=True)
        assert dumped == without_null_lists(recorded.json, dumped), recorded.operation
        body = codec.encode(recorded.line, value, None, None)
        assert body is not None
        assert isinstance(body.data, bytes)
        assert json.loads(body.data) == dumped, recorded.operation


def test_what_is_annotated_without_none_is_never_none() -> None:
    seen = {name for one in ANSWERS for name in lacking(codec.decode(one.line, one.response()))}
    assert seen == set()


def test_no_operation_that_answers_json_gives_the_raw_response() -> None:
    assert [one.operation for one in ANSWERS if one.line.returns is Response] == []


def test_the_lenient_path_is_for_lines_of_json_and_for_null(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []

    def salvage(declared: Any, value: Any, route: str) -> Any:
        taken.append(recorded.operation)
        return lenient.salvage(declared, value, route)

    monkeypatch.setattr(codec, "salvage", salvage)
    for recorded in ANSWERS:
        codec.decode(recorded.line, recorded.response())
    assert sorted(taken) == NULL_FOR_ONE_OF_TWO_TYPES + NOT_ONE_DOCUMENT
    assert len(taken) / len(ANSWERS) < 0.01


def test_the_core_leaves_only_the_same_answers_to_pydantic() -> None:
    left = [one.operation for one in ANSWERS if one.line.decoder.decode(one.body.encode()) is NotImplemented]
    assert sorted(left) == NULL_FOR_ONE_OF_TWO_TYPES + NOT_ONE_DOCUMENT


def test_no_body_is_none_or_the_raw_response() -> None:
    results = {one.operation: codec.decode(one.line, one.response()) for one in WITHOUT_BODY}
    assert {name for name, value in results.items() if value is None} == {
        "SubmitPerformanceReport",
        "UploadData",
    }
    assert {name for name, value in results.items() if isinstance(value, Response)} == {
        "DetachPlugin",
        "HeadFilePublic",
    }


def test_adding_one_several_or_no_members_gives_one_or_a_list() -> None:
    found = [codec.decode(one.line, one.response()) for one in recordings_of("AddChannelMember")]
    assert [] in found
    assert {type(value) for value in found} == {ChannelMember, list}
    assert {type(item) for value in found if isinstance(value, list) for item in value} <= {ChannelMember}


def test_lines_of_json_are_a_list_of_models_whether_one_or_many() -> None:
    found = [
        codec.decode(one.line, one.response())
        for one in recordings_of("GetChannelMembersWithTeamDataForUser")
        if one.content_type == "application/x-ndjson"
    ]
    assert sorted(min(len(members), 2) for members in found) == [1, 2]
    assert {type(member) for members in found for member in members} == {ChannelMemberWithTeamData}


def test_a_success_that_ends_in_an_error_raises_it() -> None:
    found = {}
    for one in FAILED_ON_THE_WAY:
        with pytest.raises((DecodeError, ResourceNotFound)) as caught:
            codec.decode(one.line, one.response())
        found[one.operation] = str(caught.value)
    assert found.keys() == {"GetUsers", "GetChannelsForUser"}
    assert "Invalid or missing inactive parameter" in found["GetUsers"]
    assert "No channels were found" in found["GetChannelsForUser"]
