"""Posts of mattermostautodriver's websocket, by pydantic.

`python -m benches.cases.autodriver_events URL POSTS [busy|delays]`.

It hands over the texts of the frames; orjson reads them.
"""

# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

from urllib.parse import urlsplit

import orjson
from mattermostautodriver import AsyncTypedDriver

from benches.cases.event_work import Work, measure, run
from benches.cases.measure import Sample
from benches.cases.post_models import Post


async def program(url: str, posts: int, how: str = "") -> Sample:
    address = urlsplit(url)

    async def listen(work: Work) -> None:
        async def handle(text: str) -> None:
            event = orjson.loads(text)
            if event.get("event") == "posted":
                work.take(event["seq"], Post.model_validate_json(event["data"]["post"]))

        driver = AsyncTypedDriver(
            {
                "url": address.hostname,
                "port": address.port,
                "scheme": "http",
                "token": "bench",
                "keepalive": False,
            }
        )
        await driver.init_websocket(handle)

    return await measure(listen, posts, how)


if __name__ == "__main__":
    run(program)
