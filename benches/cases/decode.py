"""Lists of 200 posts from bytes, without a server: `python -m benches.cases.decode LIBRARY AMOUNT KEEPING`.

KEEPING is `dropped`, where a list is given up before the next one is decoded, or `kept`, where 20 are kept
and then given up together; giving up is timed too. `kept` also measures the memory of a post. `long` is
`dropped` with 2,000 posts in a list. An AMOUNT is `2s` or a number of turns of 20 lists.
"""

# msgspec is in the environment of the peers only, not where the types are checked.
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from benches.cases.measure import (
    Amount,
    Sample,
    json_fingerprint,
    measure_calls,
    model_fingerprint,
    print_sample,
)
from benches.cases.memory import resident
from benches.cases.post_bytes import POSTS, post_list

LISTS = 20
"""Different lists decoded in turn: in life, too, none comes twice."""

FILLING = 10
"""Lists kept before memory is first read: they take what was free already."""

KEPT = 40
"""Lists kept between the first reading of memory and the second."""

Decode = Callable[[bytes], Any]


def _matterapi() -> tuple[Decode, Callable[[Any], str]]:
    from matterapi.decoding.schema import decoder_for
    from matterapi.models import PostList

    return decoder_for(PostList).decode, model_fingerprint


def _matterapi_050() -> tuple[Decode, Callable[[Any], str]]:
    from matterapi.models import PostList

    # What its endpoint does with a response of httpx.
    return lambda content: PostList.parse_obj(json.loads(content)), model_fingerprint


def _pydantic() -> tuple[Decode, Callable[[Any], str]]:
    from pydantic import TypeAdapter

    from matterapi.models import PostList

    return TypeAdapter(PostList).validate_json, model_fingerprint


def _orjson() -> tuple[Decode, Callable[[Any], str]]:
    import orjson

    return orjson.loads, json_fingerprint


def _msgspec() -> tuple[Decode, Callable[[Any], str]]:
    import msgspec

    from benches.cases.post_structs import PostList

    return msgspec.json.Decoder(PostList).decode, lambda value: json_fingerprint(msgspec.to_builtins(value))


LIBRARIES = {
    "matterapi": _matterapi,
    "matterapi-0.5.0": _matterapi_050,
    "pydantic": _pydantic,
    "orjson": _orjson,
    "msgspec": _msgspec,
}
"""For each library what makes its decoder and the function that fingerprints what that returns."""


def measure(library: str, amount: Amount, keeping: str) -> Sample:
    decode, fingerprint = LIBRARIES[library]()
    # Our decoder returns `NotImplemented` where pydantic has to help; it has no fingerprint then.
    outcome = fingerprint(decode(post_list(0)))
    memory = memory_of_post(decode) if keeping == "kept" else 0
    # The same number of posts in either: a tenth of the lists where they are ten times as long.
    lists, posts = (LISTS // 10, POSTS * 10) if keeping == "long" else (LISTS, POSTS)
    contents = [post_list(seed, posts) for seed in range(lists)]

    def dropped() -> None:
        for content in contents:
            decode(content)

    def kept() -> None:
        _ = [decode(content) for content in contents]

    sample = measure_calls(kept if keeping == "kept" else dropped, amount, outcome)
    return replace(sample, calls=sample.calls * lists * posts, memory=memory)


def memory_of_post(decode: Decode) -> float:
    """Bytes by which the process grows for each post that it keeps."""
    contents = [post_list(seed) for seed in range(1, FILLING + KEPT + 1)]
    lists = [decode(content) for content in contents[:FILLING]]
    before = resident()
    lists += [decode(content) for content in contents[FILLING:]]
    return (resident() - before) / (KEPT * POSTS)


if __name__ == "__main__":
    print_sample(measure(sys.argv[1], Amount.read(sys.argv[2]), sys.argv[3]))
