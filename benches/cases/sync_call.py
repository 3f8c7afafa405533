"""Typed calls of a sync session: `python -m benches.cases.sync_call URL SECONDS`."""

from __future__ import annotations

import sys

from benches.cases.measure import Sample, measure_calls, model_fingerprint, print_sample
from matterapi import ApiClientOptions, SyncClient
from matterapi.models import User


def measure(url: str, seconds: float) -> Sample:
    options = ApiClientOptions.model_validate({"url": url, "auth": {"token": "bench"}})
    with SyncClient(options=options).session() as session:
        user = session.users.get_user("me")
        assert isinstance(user, User)
        return measure_calls(lambda: session.users.get_user("me"), seconds, model_fingerprint(user))


if __name__ == "__main__":
    print_sample(measure(sys.argv[1], float(sys.argv[2])))
