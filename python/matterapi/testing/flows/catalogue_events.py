"""Events of operations that are answered from the catalogue: nothing is kept, but listeners are told."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from matterapi.testing.call import Call
from matterapi.testing.encoding import loads
from matterapi.testing.events.frames import Event
from matterapi.testing.replies import Reply

_Events: TypeAlias = Callable[[Call, Any], Iterator[Event]]


def publish_answered(call: Call, reply: Reply) -> None:
    """Tell listeners what the real server would after this call; nothing for most operations."""
    events = _EVENTS.get(call.operation.id)
    if events is None or reply.status >= 300:
        return
    for event in events(call, loads(reply.body)):
        call.hub.publish(event)


def _marketplace_visited(_call: Call, _shown: Any) -> Iterator[Event]:
    data = {"firstAdminVisitMarketplaceStatus": "true"}
    yield Event("first_admin_visit_marketplace_status_received", data)


_EVENTS: dict[str, _Events] = {
    "UpdateMarketplaceVisitedByAdmin": _marketplace_visited,
}
