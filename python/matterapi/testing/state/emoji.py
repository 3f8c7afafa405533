"""Custom emoji, and the names that the server has built in."""

import re

from matterapi.testing.http.encoding import JsonObject

_NAME = re.compile(r"[a-z0-9_+-]{1,64}")

# The server knows about 1,800; a reaction or a clash with another built-in name is not told apart here.
SYSTEM_NAMES = frozenset(
    [
        "+1",
        "-1",
        "100",
        "apple",
        "beer",
        "bell",
        "bomb",
        "book",
        "boom",
        "bug",
        "bulb",
        "cake",
        "calendar",
        "camera",
        "cat",
        "check",
        "checkered_flag",
        "clap",
        "clock1",
        "cloud",
        "coffee",
        "computer",
        "construction",
        "cry",
        "dart",
        "dog",
        "email",
        "exclamation",
        "eyes",
        "fire",
        "fireworks",
        "fish",
        "flag_de",
        "frog",
        "gear",
        "ghost",
        "gift",
        "grin",
        "grinning",
        "hammer",
        "hand",
        "hash",
        "heart",
        "heart_eyes",
        "heavy_check_mark",
        "hourglass",
        "house",
        "hugging_face",
        "information_source",
        "innocent",
        "joy",
        "key",
        "keyboard",
        "kiss",
        "laughing",
        "link",
        "lock",
        "mag",
        "mega",
        "memo",
        "microscope",
        "money_with_wings",
        "moon",
        "mouse",
        "muscle",
        "musical_note",
        "mute",
        "neutral_face",
        "no_entry",
        "ok",
        "ok_hand",
        "one",
        "open_mouth",
        "package",
        "partying_face",
        "phone",
        "pizza",
        "point_down",
        "point_left",
        "point_right",
        "point_up",
        "pray",
        "pushpin",
        "question",
        "rabbit",
        "rainbow",
        "raised_hands",
        "red_circle",
        "relaxed",
        "robot",
        "rocket",
        "rofl",
        "rose",
        "scream",
        "scroll",
        "see_no_evil",
        "shrug",
        "skull",
        "sleeping",
        "slightly_smiling_face",
        "smile",
        "smiley",
        "smirk",
        "snake",
        "sob",
        "sparkles",
        "speech_balloon",
        "star",
        "stop_sign",
        "stuck_out_tongue",
        "sunglasses",
        "sunny",
        "sweat_smile",
        "tada",
        "thinking",
        "thumbsdown",
        "thumbsup",
        "timer_clock",
        "tomato",
        "tools",
        "trophy",
        "turtle",
        "two_hearts",
        "unlock",
        "v",
        "warning",
        "wave",
        "white_check_mark",
        "wink",
        "worried",
        "x",
        "yum",
        "zap",
        "zzz",
    ]
)


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
        return name in SYSTEM_NAMES or self.by_name(name) is not None

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
