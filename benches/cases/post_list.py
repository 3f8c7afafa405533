"""Lists of 200 posts as models, sync: `python -m benches.cases.post_list URL client|session AMOUNT`."""

from __future__ import annotations

import sys
from contextlib import nullcontext

from benches.cases.measure import Amount, Sample, measure_calls, model_fingerprint, print_sample
from benches.cases.options import options
from benches.cases.pages import CHANNEL
from benches.cases.post_bytes import POSTS
from matterapi import SyncClient
from matterapi.models import PostList


def measure(url: str, amount: Amount, *, in_session: bool) -> Sample:
    client = SyncClient(options=options(url))
    with client.session() if in_session else nullcontext(client) as caller:

        def read() -> PostList:
            posts = caller.posts.get_posts_for_channel(CHANNEL, per_page=POSTS)
            if type(posts) is not PostList or len(posts.posts or ()) != POSTS:
                raise RuntimeError("not the list of posts")
            return posts

        return measure_calls(read, amount, model_fingerprint(read()))


if __name__ == "__main__":
    print_sample(measure(sys.argv[1], Amount.read(sys.argv[3]), in_session=sys.argv[2] == "session"))
