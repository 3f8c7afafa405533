from __future__ import annotations

import pytest

from codegen.names import class_name, field_name, member_name, method_name, normalized, pascal, snake


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GetUser", "get_user"),
        ("OAuth", "oauth"),
        ("LDAP", "ldap"),
        ("CreateOAuthApp", "create_oauth_app"),
        ("ListOutgoingOAuthConnections", "list_outgoing_oauth_connections"),
        ("getMyIP", "get_my_ip"),
        ("MigrateIdLdap", "migrate_id_ldap"),
        ("TestSiteURL", "test_site_url"),
        ("GetCPAGroup", "get_cpa_group"),
        ("PlaybookRuns", "playbook_runs"),
        ("Forward80To443", "forward80_to443"),
        ("shared channels", "shared_channels"),
        ("SetAIBridgeTestHelper", "set_ai_bridge_test_helper"),
        ("from", "from_"),
    ],
)
def test_snake_case(text: str, expected: str) -> None:
    assert snake(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user_id", "UserId"),
        ("Server_Busy", "Server_Busy"),
        ("getPlaybooks", "GetPlaybooks"),
        ("data retention", "DataRetention"),
        ("outgoing_oauth_connections", "OutgoingOauthConnections"),
    ],
)
def test_pascal_case(text: str, expected: str) -> None:
    assert pascal(text) == expected


def test_a_method_drops_the_name_of_its_tag() -> None:
    assert method_name("bookmarks_List", "bookmarks") == "list"
    assert method_name("ListBookmarks", "bookmarks") == "list_bookmarks"


def test_a_class_is_named_after_its_group() -> None:
    assert class_name("ip") == "IpApi"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("SiteURL", "site_url"), ("from", "from_"), ("2fa", "field_2fa"), ("isUrl", "is_url")],
)
def test_field_names(raw: str, expected: str) -> None:
    assert field_name(raw) == expected


@pytest.mark.parametrize(
    ("value", "index", "expected"),
    [
        ("in_progress", 0, "IN_PROGRESS"),
        ("InProgress", 0, "INPROGRESS"),
        ("", 2, "VALUE_2"),
        ("2nd", 1, "VALUE_1"),
    ],
)
def test_enum_members(value: str, index: int, expected: str) -> None:
    assert member_name(value, index) == expected


def test_routes_are_compared_without_parameter_names() -> None:
    assert normalized("/jobs/type/{type}") == normalized("/jobs/type/{job_type}")
