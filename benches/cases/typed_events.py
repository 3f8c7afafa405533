"""Posts of our event stream: `python -m benches.cases.typed_events URL POSTS [busy|delays]`."""

from __future__ import annotations

from benches.cases.event_work import Work, measure, run
from benches.cases.measure import Sample
from matterapi import AsyncClient
from matterapi.events import Posted


async def program(url: str, posts: int, how: str = "") -> Sample:
    async def listen(work: Work) -> None:
        options = {"url": url, "auth": {"token": "bench"}}
        async with AsyncClient(options=options) as client, client.events(Posted) as stream:
            async for event in stream:
                assert event.seq is not None
                work.take(event.seq, event.post)

    return await measure(listen, posts, how)


if __name__ == "__main__":
    run(program)
