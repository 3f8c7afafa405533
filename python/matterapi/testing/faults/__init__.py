"""Faults on command: what a server, a proxy or a network does wrong, when a test asks for it.

`MattermostServer.faults` takes them: ``server.faults.add(Status(503), route="GET /api/v4/users/{user_id}",
times=2)``.
"""

from .delivery import Bandwidth, Close, CloseIdle, Latency, NoContinue, Reset, Stall
from .fault import Fault
from .responses import EarlyResponse, Html, RawResponse, Redirect, Status
from .rules import Faults, Fired, Rule
from .spoiling import (
    BadFraming,
    BadGzip,
    BadUpgrade,
    Informational,
    InvalidJson,
    OddHead,
    WrongLength,
)
from .tcp import BadCertificate, Unserved
from .websocket_frames import (
    CloseFrame,
    CutSocket,
    InvalidFrame,
    Oversized,
    PingFlood,
    Text,
)
from .websocket_streams import (
    Deaf,
    Duplicate,
    Fragmented,
    Gap,
    Late,
    LostEvents,
    MissingPong,
    RefusedResume,
    Renumbered,
    Reordered,
)

__all__ = [
    "BadCertificate",
    "BadFraming",
    "BadGzip",
    "BadUpgrade",
    "Bandwidth",
    "Close",
    "CloseFrame",
    "CloseIdle",
    "CutSocket",
    "Deaf",
    "Duplicate",
    "EarlyResponse",
    "Fault",
    "Faults",
    "Fired",
    "Fragmented",
    "Gap",
    "Html",
    "Informational",
    "InvalidFrame",
    "InvalidJson",
    "Late",
    "Latency",
    "LostEvents",
    "MissingPong",
    "NoContinue",
    "OddHead",
    "Oversized",
    "PingFlood",
    "RawResponse",
    "Redirect",
    "RefusedResume",
    "Renumbered",
    "Reordered",
    "Reset",
    "Rule",
    "Stall",
    "Status",
    "Text",
    "Unserved",
    "WrongLength",
]
