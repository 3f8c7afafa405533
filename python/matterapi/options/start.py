"""The options of a client as a program gives them: by name, in a dict, from the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from matterapi.errors.exceptions import InvalidOptions

from .client import ApiClientOptions, MfaToken, read_options
from .totp import Totp

Given = ApiClientOptions | Mapping[str, Any] | None


def named_options(  # noqa: PLR0917 - the arguments of a client
    url: str | None,
    token: str | None,
    login_id: str | None,
    password: str | None,
    mfa_token: MfaToken | None,
    options: Given,
) -> ApiClientOptions:
    """The options of a client that was made with these arguments.

    Raises:
        InvalidOptions: One of them cannot be used, two say the same, or there is no URL.
    """
    if url is not None and not isinstance(url, str):
        raise InvalidOptions(
            f"url must be text, not {type(url).__name__}; a dict of options is given as options=..."
        )
    auth = {"token": token, "login_id": login_id, "password": password, "mfa_token": mfa_token}
    auth = {name: value for name, value in auth.items() if value is not None}
    if url is None and not auth and options is not None:
        return read_options(options)
    if isinstance(options, ApiClientOptions):
        raise InvalidOptions("give ApiClientOptions alone: url and auth are among them")
    if options is not None and not isinstance(options, Mapping):
        raise InvalidOptions(f"options must be a dict or ApiClientOptions, not {type(options).__name__}")
    named: dict[str, Any] = {"url": url} if url is not None else {}
    if auth:
        named["auth"] = auth
    given = dict(options or {})
    if twice := sorted(named.keys() & given.keys()):
        raise InvalidOptions(f"{' and '.join(twice)} stand in options and beside them: give them once")
    if "url" not in {*named, *given}:
        raise InvalidOptions(
            'a client needs the URL of its server: SyncClient("https://chat.example.com", ...)'
        )
    if "token" in auth and len(auth) > 1:
        raise InvalidOptions("give a token, or login_id and password")
    if auth and "token" not in auth and not {"login_id", "password"} <= auth.keys():
        raise InvalidOptions("a login needs login_id and password")
    return read_options({**given, **named})


def environment_options(environment: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that `MATTERMOST_*` variables say, beside others.

    Args:
        environment: The variables. Empty ones count as unset.
        options: Options of the program; they win over the variables.

    Raises:
        InvalidOptions: A variable that is needed is not set, or cannot be used; it is named.
    """

    def read(name: str) -> str | None:
        return environment.get(f"MATTERMOST_{name}") or None

    found: dict[str, Any] = {}
    if "url" not in options:
        found["url"] = read("URL") or _missing("URL")
    if "auth" not in options:
        found["auth"] = _auth(read)
    http = dict(options.get("httpx_client_options") or {})
    for option, name in (("verify", "CA_BUNDLE"), ("proxy", "PROXY")):
        if (value := read(name)) is not None:
            http.setdefault(option, value)
    if http:
        found["httpx_client_options"] = http
    return {**options, **found}


def _auth(read: Callable[[str], str | None]) -> dict[str, Any]:
    if token := read("TOKEN"):
        return {"token": token}
    login_id, password, secret = read("LOGIN_ID"), read("PASSWORD"), read("MFA_SECRET")
    if login_id is None and password is None:
        raise InvalidOptions("set MATTERMOST_TOKEN, or MATTERMOST_LOGIN_ID and MATTERMOST_PASSWORD")
    auth: dict[str, Any] = {
        "login_id": login_id or _missing("LOGIN_ID"),
        "password": password or _missing("PASSWORD"),
    }
    if secret is not None:
        try:
            auth["mfa_token"] = Totp(secret)
        except ValueError as error:
            raise InvalidOptions(f"MATTERMOST_MFA_SECRET: {error}") from None
    return auth


def _missing(name: str) -> str:
    raise InvalidOptions(f"the environment variable MATTERMOST_{name} is not set")
