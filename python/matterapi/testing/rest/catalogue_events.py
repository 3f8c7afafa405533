"""Events of operations that are answered from the catalogue: nothing is kept, but listeners are told."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from matterapi.testing.http.encoding import loads
from matterapi.testing.http.response import Response
from matterapi.testing.websocket.messages import Event

from .call import Call

_Events: TypeAlias = Callable[[Call, Any], Iterator[Event]]


def publish_answered(call: Call, response: Response) -> None:
    """Tell listeners what the real server would after this call; nothing for most operations."""
    events = _EVENTS.get(call.operation.id)
    if events is None or response.status >= 300:
        return
    for event in events(call, loads(response.body)):
        call.hub.publish(event)


def _marketplace_visited(_call: Call, _shown: Any) -> Iterator[Event]:
    data = {"firstAdminVisitMarketplaceStatus": "true"}
    yield Event("first_admin_visit_marketplace_status_received", data)


_EVENTS: dict[str, _Events] = {
    "UpdateMarketplaceVisitedByAdmin": _marketplace_visited,
}
