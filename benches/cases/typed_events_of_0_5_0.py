"""Posts of 0.5.0's events, made from its dicts.

`python -m benches.cases.typed_events_of_0_5_0 URL POSTS [busy|delays]`.
"""

from __future__ import annotations

import json
from typing import Any

from benches.cases.event_work import Work, measure, run
from benches.cases.measure import Sample
from matterapi import ApiClientOptions, AsyncClient
from matterapi.models import Post


async def program(url: str, posts: int, how: str = "") -> Sample:
    async def listen(work: Work) -> None:
        async def handle(event: dict[str, Any]) -> None:
            if event.get("event") == "posted":
                work.take(event["seq"], Post.parse_obj(json.loads(event["data"]["post"])))

        options = ApiClientOptions.model_validate({"url": url, "auth": {"token": "bench"}})
        async with AsyncClient(options=options).session() as session:
            await session.start_ws(handle)

    return await measure(listen, posts, how)


if __name__ == "__main__":
    run(program)
