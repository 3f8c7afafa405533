"""Answers that the server's own description gets wrong: here they are as its source writes them (11.2)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from matterapi.calls.codec import decode
from matterapi.calls.operation import Operation
from matterapi.endpoints.operations import access_control, groups, saml
from matterapi.models import GroupSyncableTeam
from matterapi.response import Response


def answer(content: bytes) -> Response:
    return Response(200, [("Content-Type", "application/json")], content)


@pytest.mark.parametrize(
    "op",
    [
        access_control.DELETE_ACCESS_CONTROL_POLICY,
        access_control.ASSIGN_ACCESS_CONTROL_POLICY_TO_CHANNELS,
        access_control.UNASSIGN_ACCESS_CONTROL_POLICY_FROM_CHANNELS,
    ],
)
def test_a_policy_is_changed_without_a_body(op: Operation[Any]) -> None:
    assert decode(op, answer(b"")) is None
    assert decode(op, answer(b'{"status":"OK"}')).status == "OK"


def test_what_an_identity_provider_says_of_itself_is_an_object() -> None:
    said = {
        "idp_descriptor_url": "https://idp",
        "idp_url": "https://idp/sso",
        "idp_public_certificate": "MII",
    }
    found = decode(saml.GET_SAML_METADATA_FROM_IDP, answer(json.dumps(said).encode()))
    assert found.model_dump() == said


@pytest.mark.parametrize("op", [groups.GET_GROUPS_BY_CHANNEL, groups.GET_GROUPS_BY_TEAM])
def test_a_group_of_a_channel_or_team_is_no_object_within_another(op: Operation[Any]) -> None:
    body = {"groups": [{"id": "g1", "display_name": "Devs", "scheme_admin": True}], "total_group_count": 1}
    (group,) = decode(op, answer(json.dumps(body).encode())).groups
    assert (group.id, group.display_name, group.scheme_admin, group.group) == ("g1", "Devs", True, None)


def test_a_group_that_is_synced_says_whether_it_makes_admins() -> None:
    assert GroupSyncableTeam(scheme_admin=True).scheme_admin
