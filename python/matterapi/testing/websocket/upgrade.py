"""What a client asks for when it opens a websocket (api4/websocket.go)."""

from dataclasses import dataclass

from matterapi.testing.http.numerals import parse_int
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.credentials import Credentials


@dataclass(frozen=True, slots=True)
class UpgradeRequest:
    """What the upgrade request asked for.

    Attributes:
        found: Its credentials.
        connection_id: Stream to resume; empty for a new one.
        sequence_number: Next number the client expects, as it was sent.
        wants_ack: Whether `posted_ack=true` was there.
    """

    found: Credentials
    connection_id: str = ""
    sequence_number: str = ""
    wants_ack: bool = False

    @property
    def resumes(self) -> bool:
        """Whether it asks for a known stream; without a session it cannot."""
        return self.found.session is not None and bool(self.connection_id)

    @property
    def sequence(self) -> int | None:
        """The number as strconv.ParseInt reads it; None for no 64-bit integer."""
        return parse_int(self.sequence_number)

    @property
    def is_valid(self) -> bool:
        """Whether the parameters for resuming make sense; they are ignored without a session."""
        return not self.resumes or (is_id(self.connection_id) and self.sequence is not None)
