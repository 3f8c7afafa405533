"""Custom emoji, and the names that the server has built in."""

import re
from functools import cache
from importlib.resources import files

from matterapi.testing.http.encoding import JsonObject

_NAME = re.compile(r"[a-z0-9_+-]{1,64}")

TONES = ("light", "medium_light", "medium", "medium_dark", "dark")
"""Skin tones, as the names of emoji have them before `_skin_tone`."""


@cache
def system_names() -> frozenset[str]:
    """Return the names of the emoji that a server has built in (system_emoji.txt); read once per process."""
    text = files("matterapi.testing.state").joinpath("system_emoji.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    names = set[str]()
    for listed in " ".join(lines).split():
        name = listed.removesuffix("*")
        names.add(name)
        if listed != name:
            names |= {f"{name}_{tone}_skin_tone" for tone in TONES}
    return frozenset(names)


class Emojis:
    """Custom emoji by id, with their pictures."""

    def __init__(self) -> None:
        self.by_id: dict[str, JsonObject] = {}
        self.images: dict[str, bytes] = {}

    def by_name(self, name: str) -> JsonObject | None:
        """Return the custom emoji of that name."""
        return next((emoji for emoji in self.by_id.values() if emoji["name"] == name), None)

    def exists(self, name: str) -> bool:
        """Whether a reaction may use `name`."""
        return name in system_names() or self.by_name(name) is not None

    def matching(self, term: str, *, prefix_only: bool) -> list[JsonObject]:
        """Return the custom emoji whose name begins with, or contains, `term`."""
        found = [
            emoji
            for emoji in self.by_id.values()
            if emoji["name"].startswith(term) or (not prefix_only and term in emoji["name"])
        ]
        return sorted(found, key=lambda emoji: str(emoji["name"]))


def valid_emoji_name(name: object) -> bool:
    """Whether the server accepts `name` for a custom emoji (model.IsValidEmojiName)."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None
