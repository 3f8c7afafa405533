"""Triggers: a program that a user has just used may open a dialog for him (model/integration_action.go)."""

import base64
import binascii
import secrets
from dataclasses import dataclass

from matterapi.testing.http.errors import AppError
from matterapi.testing.http.numerals import parse_int
from matterapi.testing.state.forgetting import forget_while
from matterapi.testing.state.integrations import Trigger
from matterapi.testing.state.world import World

_ID = "interactive_message.decode_trigger_id"


@dataclass(frozen=True, slots=True)
class NewTrigger:
    """A trigger as the program gets it, and as the user's client knows it."""

    token: str
    client_id: str


def new_trigger(world: World, user_id: str) -> NewTrigger:
    """Make a trigger for a user."""
    client_id, at = world.ids.new(), world.now()
    text = f"{client_id}:{user_id}:{at}:{secrets.token_hex(32)}"
    token = base64.b64encode(text.encode()).decode()
    triggers = world.integrations.triggers
    triggers[token] = Trigger(client_id, user_id, at)
    forget_while(triggers, lambda trigger: _has_expired(world, trigger.at))
    return NewTrigger(token, client_id)


def open_trigger(world: World, token: str) -> Trigger:
    """Return the trigger that a program sends back.

    Raises:
        AppError: 400; each way in which it can be wrong has an id of its own.
    """
    try:
        parts = base64.b64decode(token, validate=True).decode("utf-8", errors="replace").split(":")
    except (binascii.Error, ValueError):
        raise AppError(400, f"{_ID}.base64_decode_failed", "The trigger cannot be read.") from None
    if len(parts) != 4:
        raise AppError(400, f"{_ID}.missing_data", "The trigger is not complete.")
    trigger = world.integrations.triggers.get(token)
    at = parse_int(parts[2]) or 0
    if _has_expired(world, at):
        seconds = world.config.number("ServiceSettings.OutgoingIntegrationRequestsTimeout")
        why = f"The trigger has expired: it lives for a maximum of {go_duration(seconds)}."
        raise AppError(400, f"{_ID}.expired", why)
    if trigger is None:
        raise AppError(400, f"{_ID}.verify_signature_failed", "The trigger was made by somebody else.")
    return trigger


def go_duration(seconds: int) -> str:
    """Return whole seconds as Go writes them (Duration.String): `30s`, `1m30s`, `1h0m0s`."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _has_expired(world: World, at: int) -> bool:
    seconds = world.config.number("ServiceSettings.OutgoingIntegrationRequestsTimeout")
    return world.now() - at > seconds * 1000
