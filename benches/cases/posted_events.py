"""Events as dicts for an async handler: `python -m benches.cases.posted_events URL EVENTS`.

The clock runs from before the connection is made until the last event was handled, so all work on the
events is counted, whichever thread does it.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from benches.cases.event_work import Work, drive
from benches.cases.measure import Sample, print_sample
from matterapi import ApiClientOptions, AsyncClient


async def measure(url: str, events: int) -> Sample:
    options = ApiClientOptions.model_validate({"url": url, "auth": {"token": "bench"}})
    work = Work(events, dict)

    async def handle(event: dict[str, Any]) -> None:
        work.take(event["seq"], event)

    async with AsyncClient(options=options).session() as session:
        return await drive(session.start_ws(handle), work, events)


if __name__ == "__main__":
    print_sample(asyncio.run(measure(sys.argv[1], int(sys.argv[2]))))
