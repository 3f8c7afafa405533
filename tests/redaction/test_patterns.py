"""Credentials are masked in any text, what is none stays, and no text takes long."""

import pytest

from matterapi.redaction.patterns import redact, redact_value

SECRET = "s3cr3tabcdefghijklmnopqrst"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Authorization: Bearer {SECRET}", "Authorization: Bearer [secure]"),
        ("basic YW5uOnNlc2FtZQ==; realm", "basic [secure]; realm"),
        (f"Invalid session token={SECRET}, err=x", "Invalid session token=[secure], err=x"),
        (f"token '{SECRET}' is unknown", "token '[secure]' is unknown"),
        ("?access_token=a.b-c&page=0", "?access_token=[secure]&page=0"),
        ("MMAUTHTOKEN=abc; Path=/", "MMAUTHTOKEN=[secure]; Path=/"),
        ('{"password": "a\\"b", "id": "x"}', '{"password": "[secure]", "id": "x"}'),
        ("{'new_password': 'a\"b', 'id': 'x'}", "{'new_password': '[secure]', 'id': 'x'}"),
        (r'"{\"token\":\"abc\"}"', r'"{\"token\":\"[secure]\"}"'),
        ("https://ann:pw@h/a, http://h/b", "https://[secure]@h/a, http://h/b"),
        ("a\r\nX-Api-Key: abc def\r\nHost: h", "a\r\nX-Api-Key: [secure]\r\nHost: h"),
        ("Set-Cookie: a=b; Path=/\nx", "Set-Cookie: [secure]\nx"),
        ("X-Auth-Token:abc", "X-Auth-Token:[secure]"),
    ],
)
def test_credentials_are_masked(text: str, shown: str) -> None:
    assert redact(text) == shown
    assert redact(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Unable to authenticate: the token has expired",
        "Invalid or missing token in request body.",
        "cookies are not sent",
        "https://chat.example.com/api/v4/users?page=0",
        "X-Request-Id: abc",
        "ann@example.com",
    ],
)
def test_other_texts_stay(text: str) -> None:
    assert redact(text) == text


def test_values_are_masked_by_key_or_by_what_they_are() -> None:
    value = {
        "token": "x",
        "client_secret": "y",
        "n": 1,
        "list": ["Bearer x", {"passwd": "z"}],
        "empty_token": "",
    }
    assert redact_value(value) == {
        "token": "[secure]",
        "client_secret": "[secure]",
        "n": 1,
        "list": ["Bearer [secure]", {"passwd": "[secure]"}],
        "empty_token": "",
    }


@pytest.mark.parametrize(
    "piece",
    [
        "a.",
        "x-",
        "a+",
        "://",
        "a://",
        "token",
        "token.",
        '"token":"',
        '\\"token\\":\\"',
        "bearer ",
        "cookie:",
        "=",
        "a",
    ],
)
@pytest.mark.timeout(60)
def test_a_hostile_text_takes_time_by_its_length_only(piece: str) -> None:
    """By the square of its length such a text would take many minutes."""
    assert len(redact(piece * (256 * 1024 // len(piece)))) > 0
