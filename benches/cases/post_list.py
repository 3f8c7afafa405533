"""Lists of 200 posts as models, sync: `python -m benches.cases.post_list URL SECONDS`."""

from __future__ import annotations

import sys

from benches.cases.measure import Sample, measure_calls, model_fingerprint, print_sample
from matterapi import ApiClientOptions, SyncClient
from matterapi.models import PostList

CHANNEL = "c" * 26


def measure(url: str, seconds: float) -> Sample:
    options = ApiClientOptions.model_validate({"url": url, "auth": {"token": "bench"}})
    with SyncClient(options=options).session() as session:
        posts = session.posts.get_posts_for_channel(CHANNEL, per_page=200)
        assert isinstance(posts, PostList)
        outcome = model_fingerprint(posts)
        return measure_calls(
            lambda: session.posts.get_posts_for_channel(CHANNEL, per_page=200), seconds, outcome
        )


if __name__ == "__main__":
    print_sample(measure(sys.argv[1], float(sys.argv[2])))
