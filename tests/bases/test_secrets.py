"""No secret of a model is shown by `repr`, `str` or what draws models for people; everything else has it."""

import json
import pprint
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from matterapi import models
from matterapi.calls.codec import decode
from matterapi.calls.operation import Operation
from matterapi.models import (
    AppError,
    Command,
    Config,
    LoginJsonBody,
    MfaSecret,
    OAuthApp,
    OutgoingWebhook,
    Post,
    Session,
    User,
    UserAccessToken,
)
from matterapi.response import Response
from matterapi.types import BaseArray, BaseConfig, BaseMapping

HIDDEN = "not-for-your-eyes"
MASK = "**********"
DECIDED = yaml.safe_load((Path(__file__).parents[2] / "spec" / "secrets.yaml").read_text("utf-8"))["secret"]


def shown(value: Any) -> str:
    """Everything that shows a value to people."""
    drawn = (
        [list(value.__rich_repr__()), list(value.__pretty__(repr))] if hasattr(value, "__rich_repr__") else []
    )
    return "\n".join([repr(value), str(value), f"{value}", pprint.pformat(value), *map(repr, drawn)])


def decoded(declared: Any, content: Any) -> Any:
    return decode(Operation("GET /x", declared), Response(200, (), json.dumps(content).encode()))


@pytest.mark.parametrize(
    ("model", "field"),
    [
        (UserAccessToken, "token"),
        (Session, "token"),
        (OAuthApp, "client_secret"),
        (OutgoingWebhook, "token"),
        (Command, "token"),
        (LoginJsonBody, "password"),
        (MfaSecret, "secret"),
        (MfaSecret, "qr_code"),
        (models.Team, "invite_id"),
        (models.IncomingWebhook, "id"),
        (models.RemoteCluster, "remote_token"),
        (models.OutgoingOAuthConnection, "credentials_password"),
        (Config.EmailSettings, "smtp_password"),
        (Config.SqlSettings, "data_source"),
    ],
)
def test_a_secret_is_masked_and_kept(model: Any, field: str) -> None:
    one = model(**{field: HIDDEN})
    assert HIDDEN not in shown(one)
    assert f"{field}='{MASK}'" in repr(one)
    assert getattr(one, field) == HIDDEN
    assert one.model_dump()[field] == HIDDEN
    assert HIDDEN in one.model_dump_json()


def secret_fields(model: Any) -> Iterator[tuple[Any, str]]:
    yield from ((model, name) for name in sorted(model._secret_fields))
    for inner in vars(model).values():
        if isinstance(inner, type) and issubclass(inner, BaseConfig):
            yield from secret_fields(inner)


ALL = [
    pair
    for name in models.__all__
    if issubclass(model := getattr(models, name), BaseConfig)
    for pair in sorted(secret_fields(model), key=lambda pair: pair[1])
]


def test_every_decision_of_the_catalogue_reaches_a_model() -> None:
    marked = {key for model, name in ALL for key in (name, model.model_fields[name].alias)}
    marked |= {f"{model.__qualname__}.{name}" for model, name in ALL}
    assert [decided for decided in DECIDED if decided not in marked] == []
    assert len(ALL) > 80


@pytest.mark.parametrize(("model", "name"), ALL, ids=str)
def test_every_secret_field_is_masked(model: Any, name: str) -> None:
    one = model.model_construct(**{name: HIDDEN})
    assert HIDDEN not in shown(one)
    assert getattr(one, name) == HIDDEN


def test_a_decoded_answer_hides_its_secrets_at_any_depth() -> None:
    sessions = decoded(
        list[Session], [{"id": "s", "token": HIDDEN, "props": {"csrf_token": HIDDEN, "os": "Linux"}}]
    )
    assert HIDDEN not in shown(sessions)
    assert "os='Linux'" in repr(sessions)
    assert sessions[0].props["csrf_token"] == HIDDEN
    config = Config.model_validate({"EmailSettings": {"SMTPPassword": HIDDEN, "SMTPPort": "25"}})
    assert HIDDEN not in shown(config)
    assert "smtp_port='25'" in repr(config)


@pytest.mark.parametrize("key", ["auth_token", "clientSecret", "api_key", "Password", "credentials"])
def test_a_key_that_nobody_declared_hides_what_its_name_says(key: str) -> None:
    user = decoded(User, {"id": "u", key: HIDDEN, "nested": [{"deep": {key: HIDDEN}}]})
    assert HIDDEN not in shown(user)
    assert user.model_extra == {key: HIDDEN, "nested": [{"deep": {key: HIDDEN}}]}
    assert HIDDEN not in shown(Post.model_validate({"props": {"a": {"b": [{key: HIDDEN}]}}}))
    assert HIDDEN not in shown(AppError.model_validate({"id": "e", key: HIDDEN}))


@pytest.mark.parametrize("key", ["token_id", "token_type", "tokenUrl", "secretId"])
def test_what_is_only_about_a_secret_is_shown(key: str) -> None:
    assert "plain" in repr(User.model_validate({key: "plain"}))


def test_mappings_and_arrays_hide_the_same() -> None:
    class Values(BaseMapping[Any]):
        root: dict[str, Any]

    class Rows(BaseArray[Any]):
        root: list[Any]

    assert HIDDEN not in shown(Values({"token": HIDDEN, "rows": [{"password": HIDDEN}]}))
    assert HIDDEN not in shown(Rows([{"token": HIDDEN}]))
    assert "'a': 1" in repr(Values({"a": 1}))


def test_what_is_no_secret_looks_as_it_is() -> None:
    assert "token=''" in repr(Session(id="s", token=""))
    assert "token=None" in repr(Session(id="s"))
    assert "n=5" in repr(User.model_validate({"n": 5, "has_token": True}))
    assert "has_token=True" in repr(User.model_validate({"n": 5, "has_token": True}))


def test_a_value_that_holds_itself_is_shown_to_an_end() -> None:
    around: dict[str, Any] = {"token": HIDDEN}
    around["again"] = [around]
    post = Post.model_construct(odd=around)
    assert HIDDEN not in shown(post)


def test_an_error_about_another_field_does_not_quote_the_secret() -> None:
    with pytest.raises(ValidationError) as caught:
        models.CreateUserJsonBody(password=HIDDEN)  # type: ignore[call-arg]
    assert HIDDEN not in str(caught.value)
