"""The categories of the sidebar, for each user and team (channel_store_categories.go)."""

import re
from collections.abc import Iterable

from matterapi.testing.http.encoding import JsonObject

from .channels import Channels

_DEFAULTS = (
    ("favorites", "Favorites", ""),
    ("channels", "Channels", ""),
    ("direct_messages", "Direct Messages", "recent"),
)
_ID = re.compile(r"[a-z0-9]{26}|(?:favorites|channels|direct_messages)_[a-z0-9]{26}_[a-z0-9]{26}")
_STEP = 10


class Categories:
    """Each user's categories in a team, in their order; three of them are there from the beginning."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str], list[JsonObject]] = {}

    def of(self, user_id: str, team_id: str) -> list[JsonObject]:
        """Return the stored categories, whose `channel_ids` are those put there by hand."""
        if (user_id, team_id) not in self._of:
            made = [_default(user_id, team_id, *category) for category in _DEFAULTS]
            self._of[user_id, team_id] = made
            _number(made)
        return self._of[user_id, team_id]

    def get(self, user_id: str, team_id: str, category_id: str) -> JsonObject | None:
        """Return one category."""
        return next(
            (category for category in self.of(user_id, team_id) if category["id"] == category_id), None
        )

    def add(self, category: JsonObject) -> None:
        """Store a new one, behind the favorites; its channels leave their former places."""
        mine = self.of(category["user_id"], category["team_id"])
        self.take(mine, category["channel_ids"])
        behind = (
            next(at for at, wanted_category in enumerate(mine) if wanted_category["type"] == "favorites") + 1
        )
        mine.insert(behind if behind == 1 else 0, category)
        _number(mine)

    @staticmethod
    def take(categories: list[JsonObject], channel_ids: list[str]) -> None:
        """Take channels out of the categories that hold them."""
        for category in categories:
            category["channel_ids"] = [held for held in category["channel_ids"] if held not in channel_ids]

    def arrange(self, user_id: str, team_id: str, order: list[str]) -> None:
        """Put the categories into an order."""
        mine = self.of(user_id, team_id)
        mine.sort(key=lambda category: order.index(category["id"]) if category["id"] in order else len(order))
        _number(mine)

    def set_favorite(self, user_id: str, team_ids: Iterable[str], channel_id: str, *, on: bool) -> None:
        """Put a channel in front of the favorites of some teams, or take it out of them."""
        for team_id in team_ids:
            mine = self.of(user_id, team_id)
            favorites = next(category for category in mine if category["type"] == "favorites")
            if not on:
                self.take([favorites], [channel_id])
            elif channel_id not in favorites["channel_ids"]:
                self.take(mine, [channel_id])
                favorites["channel_ids"].insert(0, channel_id)

    def remove(self, category: JsonObject) -> None:
        """Forget a category; its channels go back to where they come from."""
        self.of(category["user_id"], category["team_id"]).remove(category)

    def shown(self, category: JsonObject, channels: Channels) -> JsonObject:
        """Return a category with all its channels: the default ones hold what no other does."""
        mine = self.of(category["user_id"], category["team_id"])
        placed = {channel_id for wanted_category in mine for channel_id in wanted_category["channel_ids"]}
        kinds = {"channels": ("O", "P"), "direct_messages": ("D", "G")}.get(category["type"], ())
        loose = [
            channel["id"]
            for channel in channels.of_user(category["user_id"])
            if channel["type"] in kinds
            and channel["team_id"] in ("", category["team_id"])
            and channel["id"] not in placed
            and not channel["delete_at"]
        ]
        return {**category, "channel_ids": [*category["channel_ids"], *loose]}


def _default(user_id: str, team_id: str, kind: str, display_name: str, sorting: str) -> JsonObject:
    fields = {"type": kind, "display_name": display_name, "sorting": sorting}
    return new_category(f"{kind}_{user_id}_{team_id}", user_id, team_id, fields)


def new_category(category_id: str, user_id: str, team_id: str, fields: JsonObject) -> JsonObject:
    """Return the record of a new category; keys in the server's order."""
    return {
        "id": category_id,
        "user_id": user_id,
        "team_id": team_id,
        "sort_order": 0,
        "sorting": fields.get("sorting") or "",
        "type": fields.get("type") or "custom",
        "display_name": fields.get("display_name") or "",
        "muted": bool(fields.get("muted")),
        "collapsed": bool(fields.get("collapsed")),
        "channel_ids": list(fields.get("channel_ids") or ()),
    }


def _number(categories: list[JsonObject]) -> None:
    for at, category in enumerate(categories):
        category["sort_order"] = at * _STEP


def is_category_id(value: object) -> bool:
    """Whether `value` has the form of a category's id (model.IsValidCategoryId)."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None
