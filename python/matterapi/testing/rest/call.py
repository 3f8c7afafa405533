"""One request on its way to a handler, with the readings of path, query and body that handlers share."""

from collections.abc import Mapping
from dataclasses import dataclass

from matterapi.testing.catalogue.decoding import decodes
from matterapi.testing.catalogue.operations import Operation, bundled
from matterapi.testing.http.encoding import JsonObject, loads
from matterapi.testing.http.errors import (
    AppError,
    invalid_body,
    invalid_url,
    no_such_user,
    session_expired,
    unparsable,
)
from matterapi.testing.http.integration_client import IntegrationClient
from matterapi.testing.http.multipart import FormPart, MultipartError, parse_multipart
from matterapi.testing.http.numerals import parse_int
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.permissions import can, is_admin
from matterapi.testing.state.sessions import Session
from matterapi.testing.state.world import World
from matterapi.testing.websocket.hub import Hub

PER_PAGE, PER_PAGE_MAX = 60, 200


@dataclass(slots=True)
class Call:
    """A request that found its operation and passed authentication.

    Attributes:
        world: The server's state.
        hub: Where events are published.
        operation: What was asked for.
        params: Path parameters.
        query: Query parameters, all values of each.
        headers: Request headers, names in any case.
        body: The whole body.
        session: The live session, None without one.
        integrations: Asks programs outside the server.
    """

    world: World
    hub: Hub
    operation: Operation
    params: dict[str, str]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    session: Session | None
    integrations: IntegrationClient

    @property
    def now(self) -> int:
        """The server's time in ms."""
        return self.world.now()

    @property
    def user(self) -> JsonObject:
        """The account that asks.

        Raises:
            AppError: 401 without a session.
        """
        user = self.world.users.get(self.session.user_id) if self.session else None
        if user is None:
            raise session_expired()
        return user

    @property
    def is_admin(self) -> bool:
        """Whether the account that asks manages the system."""
        return self.session is not None and is_admin(self.world, self.user)

    def id(self, name: str) -> str:
        """Return a path id; `me` becomes the user's own id."""
        value = self.params[name]
        return str(self.user["id"]) if name == "user_id" and value == "me" else value

    def target_user(self) -> JsonObject:
        """Return the account that the path's `user_id` names.

        Raises:
            AppError: 404 for an unknown one.
        """
        user = self.world.users.get(self.id("user_id"))
        if user is None:
            raise no_such_user()
        return user

    def may(self, permission: str) -> bool:
        """Whether the account's system roles give `permission`."""
        return can(self.world, self.user, permission)

    def text(self, name: str, default: str = "") -> str:
        """Return a query parameter's first value."""
        return self.query.get(name, [default])[0]

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean query parameter; garbage gives the default."""
        value = self.text(name).lower()
        return value in ("true", "1", "t") if value in ("true", "1", "t", "false", "0", "f") else default

    def number(self, name: str, default: int) -> int:
        """Return an integer query parameter; garbage gives the default."""
        value = parse_int(self.text(name))
        return default if value is None else value

    def page(self) -> tuple[int, int]:
        """Return (page, per_page): from 0, 60 by default, at most 200 without an error."""
        page, per_page = self.number("page", 0), self.number("per_page", PER_PAGE)
        return max(page, 0), min(per_page, PER_PAGE_MAX) if per_page >= 0 else PER_PAGE

    def cut(self, items: list[JsonObject]) -> list[JsonObject]:
        """Return the page of `items` that the query asks for."""
        page, per_page = self.page()
        return items[page * per_page : (page + 1) * per_page]

    def json_object(self, name: str) -> JsonObject:
        """Return the body as an object; `null` counts as an empty one.

        Args:
            name: What the error calls the body.

        Raises:
            AppError: 400 for no JSON, or JSON of another kind, or with a field of the wrong type.
        """
        value = self._json(name)
        if value is None:
            return {}
        if not isinstance(value, dict) or not self._decodes(value):
            raise invalid_body(name)
        return value

    def json_strings(self) -> dict[str, str]:
        """Return the body as a map of strings; whatever is no string counts as absent (MapFromJSON)."""
        try:
            value = loads(self.body)
        except ValueError:
            return {}
        if not isinstance(value, dict):
            return {}
        return {key: item for key, item in value.items() if isinstance(item, str)}

    def json_list(self, name: str) -> list[object]:
        """Return the body as a list.

        Raises:
            AppError: 400 for no JSON, or JSON of another kind, or with a field of the wrong type.
        """
        value = self._json(name)
        if not isinstance(value, list) or not self._decodes(value):
            raise invalid_body(name)
        return value

    def json_names(self, name: str, *, sized: bool = True) -> list[str]:
        """Return the body as a sorted list of distinct texts (SortedArrayFromJSON); `null` is an empty one.

        Args:
            name: What the error calls the list.
            sized: Whether an empty list is refused.

        Raises:
            AppError: 400 for anything but a list of texts.
        """
        try:
            value = loads(self.body)
        except ValueError:
            raise unparsable() from None
        if value is None:
            value = []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise unparsable()
        if sized and not value:
            raise invalid_body(name)
        return sorted(set(value))

    def json_ids(self, name: str, *, sized: bool = True) -> list[str]:
        """Return the body as `json_names` does, of ids only.

        Raises:
            AppError: 400 for anything but a list of ids.
        """
        ids = self.json_names(name, sized=sized)
        if not all(is_id(wanted_id) for wanted_id in ids):
            raise invalid_body(name)
        return ids

    def _json(self, name: str) -> object:
        try:
            return loads(self.body)
        except ValueError:
            raise invalid_body(name) from None

    def _decodes(self, value: object) -> bool:
        body = self.operation.body
        return body is None or body.type is None or decodes(body.type, value, bundled().schemas)

    def form(self, unreadable: AppError) -> list[FormPart]:
        """Return the parts of the form in the body.

        Args:
            unreadable: Raised if the body is no form.
        """
        try:
            return parse_multipart(self.headers.get("Content-Type", ""), self.body)
        except MultipartError:
            raise unreadable from None

    def query_id(self, name: str) -> str:
        """Return an id from the query, "" when absent.

        Raises:
            AppError: 400 for something that is no id.
        """
        value = self.text(name)
        if value and not is_id(value):
            raise invalid_url(name)
        return value
