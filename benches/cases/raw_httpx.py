"""The sync call with httpx alone, JSON to dict: `python -m benches.cases.raw_httpx URL SECONDS`."""

from __future__ import annotations

import sys

import httpx

from benches.cases.measure import Sample, fingerprint, measure_calls, print_sample


def measure(url: str, seconds: float) -> Sample:
    with httpx.Client(base_url=url, headers={"Authorization": "Bearer bench"}) as client:

        def call() -> object:
            return client.get("/api/v4/users/me").raise_for_status().json()

        return measure_calls(call, seconds, fingerprint(call()))


if __name__ == "__main__":
    print_sample(measure(sys.argv[1], float(sys.argv[2])))
