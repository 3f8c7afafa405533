"""Parameters of the session may be keys: they go out with every request, and are shown nowhere."""

from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from matterapi.client import exceptions as e
from tests.attacks.conftest import Attack
from tests.support.canary import CANARY, Shown, is_shown, leaks
from tests.support.scripted import Connection, Script, answer

OWN = {"key": CANARY, "lang": "en"}
QUERY = f"key={CANARY}&lang=en"
STATUSES = [300, 301, 302, 303, 304, 307, 308]


def options(follow: bool, **more: Any) -> dict[str, Any]:
    return {
        "httpx_client_options": {"params": OWN, "follow_redirects": follow, **more},
        "skip_response_parsing": True,
    }


def chain(*answers: bytes) -> tuple[Script, list[str]]:
    """A script that gives these answers one after the other, and the targets asked for."""
    left, targets = list(answers), []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            targets.append(request[0].split()[1])
            connection.send(left.pop(0))

    return script, targets


def moved(to: str, status: int = 302) -> bytes:
    return answer(b"", f"{status} Moved", Location=to) if to else answer(b"", f"{status} Moved")


def check(error: e.ApiError) -> None:
    """Neither the error nor anything that hangs on it shows the parameters."""
    assert error.response is not None
    assert leaks(error) == []
    assert leaks(error.response) == []
    shown = [error.response.url, error.response.request, error.request, error.response.headers, error]
    assert not any(map(is_shown, shown))
    assert "lang=en" not in str(error.response.url)


@pytest.mark.parametrize("follow", [False, True])
@pytest.mark.parametrize("status", STATUSES)
async def test_an_answer_that_leads_nowhere_shows_no_parameter(
    attack: Attack, status: int, follow: bool
) -> None:
    script, targets = chain(moved("", status))
    with attack(script, **options(follow)) as (_, client), pytest.raises(e.ApiError) as caught:
        await client.users.get_user("me")
    assert targets == [f"/api/v4/users/me?{QUERY}"]
    assert str(caught.value.response.url).endswith("/api/v4/users/me")
    check(caught.value)


LOCATIONS = {
    "repeated": f"/there?{QUERY}&x=1",
    "in another order": f"/there?x=1&lang=en&key={CANARY}",
    "encoded otherwise": f"/there?%6Bey={CANARY[:5]}%{ord(CANARY[5]):02X}{CANARY[6:]}&x=1",
    "for the way back": f"/login?to={quote_plus(f'http://h/api/v4/users/me?{QUERY}')}&x=1",
    "for the way back, twice": f"/login?to={quote(quote(f'/me?{QUERY}', safe=''), safe='')}&x=1",
}


@pytest.mark.parametrize("follow", [False, True])
@pytest.mark.parametrize(
    "location", [*LOCATIONS.values(), f"/there?{QUERY}&x=1&é"], ids=[*LOCATIONS, "no ASCII"]
)
async def test_a_location_that_repeats_them_shows_them_neither(
    attack: Attack, location: str, follow: bool
) -> None:
    # A write is not followed: the answer is the redirect itself.
    script, _ = chain(moved(location))
    with attack(script, **options(follow)) as (_, client), pytest.raises(e.ApiError) as caught:
        await client.posts.create_post(json_body={"channel_id": "c", "message": "m"})
    assert "x=1" in str(caught.value)
    check(caught.value)


@pytest.mark.parametrize("wire", ["plain", "tls"])
@pytest.mark.parametrize("last", [200, 302, 304, 404])
@pytest.mark.parametrize("location", LOCATIONS.values(), ids=LOCATIONS)
async def test_nothing_shows_after_hops(attack: Attack, location: str, last: int, wire: str) -> None:
    script, targets = chain(moved(location), moved(location), moved("", last) if last != 200 else answer())
    seen: list[Any] = []
    hooks = {"request": [seen.append], "response": [seen.append]}
    with attack(script, **options(follow=True, event_hooks=hooks)) as (_, client):
        try:
            response = await client.users.get_user("me")
        except e.ApiError as error:
            check(error)
            response = error.response
    assert targets[1:] == [location] * 2
    assert leaks(response) == []
    assert not any(map(is_shown, [response.url, response.request, response.history, response.headers, *seen]))
    assert "x=1" in str(response.url)


async def test_a_value_under_another_name_is_not_shown_in_the_url(attack: Attack) -> None:
    script, _ = chain(moved(f"/{CANARY}/a?other={CANARY}&x=1"), answer())
    with attack(script, **options(follow=True)) as (_, client):
        response = await client.users.get_user("me")
    assert str(response.url).endswith("/***/a?***&x=1")
    assert leaks(response) == []


async def test_a_login_that_is_redirected_shows_them_neither(attack: Attack) -> None:
    script, _ = chain(moved(f"http://127.0.0.1:9/?{QUERY}", 307))
    auth = {"login_id": "ann", "password": "pw"}
    with (
        attack(script, auth=auth, **options(follow=True)) as (_, client),
        pytest.raises(e.ApiError) as caught,
    ):
        await client.users.get_user("me")
    check(caught.value)


@pytest.mark.parametrize("to", ["/api/v4/users/me", "http://127.0.0.1:1/"])
async def test_an_error_on_the_way_shows_nothing(attack: Attack, to: str, shown: Shown) -> None:

    def script(connection: Connection) -> None:
        while connection.read_request() is not None:
            connection.send(moved(f"{to}?{QUERY}"))

    with shown.watching(), attack(script, debug=True, **options(follow=True)) as (_, client):
        await client.users.get_user("me")
    assert shown.seen == 1
    assert shown.leaks == []
