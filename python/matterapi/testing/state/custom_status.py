"""What a user may say about himself, and until when (model/custom_status.go)."""

import re
from datetime import datetime, timezone

from matterapi.testing.http.encoding import JsonObject

ZERO_TIME = "0001-01-01T00:00:00Z"
MOST_RUNES = 100

_DURATIONS = ("thirty_minutes", "one_hour", "four_hours", "today", "this_week", "date_and_time")
# RFC 3339 as Go's time.Time reads it from JSON: with a zone and a T.
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)")


def parse_custom_status(fields: JsonObject, now: int) -> JsonObject | None:
    """Return the status that a body asks for, as it is kept; None for one that the server refuses.

    A time without a duration makes it `date_and_time`; a duration needs a time to come.

    Args:
        fields: Body of the request.
        now: Time in ms.
    """
    emoji, text, duration = (fields.get(name) or "" for name in ("emoji", "text", "duration"))
    expires_at = ZERO_TIME if fields.get("expires_at") is None else fields["expires_at"]
    if not all(isinstance(value, str) for value in (emoji, text, duration)) or not (emoji or text):
        return None
    moment = _seconds(expires_at)
    if moment is None:
        return None
    comes = moment * 1000 >= now
    if duration and (duration not in _DURATIONS or not comes):
        return None
    if not duration and not comes and moment != _seconds(ZERO_TIME):
        return None
    if not duration and comes:
        duration = "date_and_time"
    return {"emoji": emoji, "text": text[:MOST_RUNES], "duration": duration, "expires_at": expires_at}


def _seconds(text: object) -> float | None:
    """Return the seconds since the epoch that a time of RFC 3339 means; None for anything else."""
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    fraction = (match[2] or "")[:7]
    try:
        moment = datetime.fromisoformat(f"{match[1]}{match[3].replace('Z', '+00:00')}")
    except ValueError:
        return None
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (moment - epoch).total_seconds() + float(fraction or 0)
