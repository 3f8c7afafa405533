"""Lists of 200 posts as models, sync: `python -m benches.cases.post_list URL SECONDS client|session`."""

from __future__ import annotations

import sys
from contextlib import nullcontext

from benches.cases.measure import Sample, measure_calls, model_fingerprint, print_sample
from matterapi import ApiClientOptions, SyncClient
from matterapi.models import PostList

CHANNEL = "c" * 26


def measure(url: str, seconds: float, *, in_session: bool) -> Sample:
    options = ApiClientOptions.model_validate({"url": url, "auth": {"token": "bench"}})
    client = SyncClient(options=options)
    with client.session() if in_session else nullcontext(client) as caller:
        posts = caller.posts.get_posts_for_channel(CHANNEL, per_page=200)
        assert isinstance(posts, PostList)
        outcome = model_fingerprint(posts)
        return measure_calls(
            lambda: caller.posts.get_posts_for_channel(CHANNEL, per_page=200), seconds, outcome
        )


if __name__ == "__main__":
    print_sample(measure(sys.argv[1], float(sys.argv[2]), in_session=sys.argv[3] == "session"))
