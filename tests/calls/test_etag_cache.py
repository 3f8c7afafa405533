"""What the cache keeps, for whom, and how much."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from matterapi.calls.etag_cache import EtagCache
from matterapi.http.response import Response
from matterapi.options.etag_cache import EtagCacheLimits


def cache(entries: int = 10, size: int = 100_000) -> EtagCache:
    return EtagCache(EtagCacheLimits(entries, size))


def fresh(content: bytes = b"{}", tag: str = "11.2.0.1", **headers: str) -> Response:
    fields = {"etag": tag, "x-request-id": "first", **headers}
    return Response(200, list(fields.items()), content)


def known(found: EtagCache, target: str, who: str = "ann") -> bool:
    return bool(found.lookup(who, target).headers)


def test_a_tag_goes_back_as_it_came() -> None:
    kept = cache()
    kept.lookup("ann", "/a").answer(fresh(tag="11.2.0.x.1"))
    assert kept.lookup("ann", "/a").headers == {"If-None-Match": "11.2.0.x.1"}
    assert not known(kept, "/b")
    assert not known(kept, "/a", "bob")


def test_what_is_not_modified_is_the_kept_answer_with_newer_fields() -> None:
    kept = cache()
    kept.lookup("ann", "/a").answer(fresh(b'{"id":1}', **{"content-type": "application/json"}))
    not_modified = Response(304, [("etag", "11.2.0.1"), ("x-request-id", "second")])
    answer = kept.lookup("ann", "/a").answer(not_modified)
    assert (answer.status_code, answer.json()) == (200, {"id": 1})
    assert answer.headers["x-request-id"] == "second"
    assert answer.headers["content-type"] == "application/json"
    assert len(answer.headers.get_list("etag")) == 1


def test_what_was_not_asked_about_is_as_it_came() -> None:
    not_modified = Response(304)
    assert cache().lookup("ann", "/a").answer(not_modified) is not_modified


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_what_is_gone_or_refused_is_kept_no_longer(status: int) -> None:
    kept = cache()
    kept.lookup("ann", "/a").answer(fresh())
    kept.lookup("ann", "/a").answer(Response(status))
    assert not known(kept, "/a")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_failure_that_passes_forgets_nothing(status: int) -> None:
    kept = cache()
    kept.lookup("ann", "/a").answer(fresh())
    kept.lookup("ann", "/a").answer(Response(status, [("etag", "other")]))
    assert known(kept, "/a")


@pytest.mark.parametrize("tag", ["", "two\nlines", "\u00e9", "x" * 257])
def test_a_tag_that_cannot_be_sent_is_none(tag: str) -> None:
    kept = cache()
    kept.lookup("ann", "/a").answer(fresh())
    kept.lookup("ann", "/a").answer(Response(200, [("etag", tag)] if tag else []))
    assert not known(kept, "/a")


def test_what_was_used_longest_ago_makes_room() -> None:
    kept = cache(entries=2)
    for target in ("/a", "/b"):
        kept.lookup("ann", target).answer(fresh())
    assert known(kept, "/a")
    kept.lookup("ann", "/c").answer(fresh())
    assert [known(kept, target) for target in ("/a", "/b", "/c")] == [True, False, True]


def test_bytes_are_bounded_and_a_larger_answer_is_not_kept() -> None:
    kept = cache(size=3 * 1024 + 3000)
    for target in ("/a", "/b", "/c", "/d"):
        kept.lookup("ann", target).answer(fresh(b"x" * 1000))
    assert [known(kept, target) for target in ("/a", "/b", "/c", "/d")] == [False, True, True, True]
    kept.lookup("ann", "/d").answer(fresh(b"x" * 10_000))
    assert not known(kept, "/d")
    assert repr(kept) == "<EtagCache of 2 answers, 4048 bytes>"


def test_many_threads_keep_the_count() -> None:
    kept = cache(entries=7, size=20_000)

    def work(number: int) -> None:
        for step in range(300):
            target = f"/{(number * step) % 23}"
            kept.lookup("ann", target).answer(fresh(b"x" * (step % 50)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(23):
        kept.lookup("ann", f"/{number}").answer(Response(404))
    assert repr(kept) == "<EtagCache of 0 answers, 0 bytes>"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
def test_a_child_does_not_wait_for_a_thread_of_the_parent() -> None:
    program = """
import os, signal, sys
from matterapi.calls.etag_cache import EtagCache
from matterapi.options.etag_cache import EtagCacheLimits
cache = EtagCache(EtagCacheLimits())
cache._lock.acquire()  # as a thread that keeps an answer at that moment
if os.fork() == 0:
    signal.alarm(20)
    cache.lookup("ann", "/a")
    os._exit(0)
sys.exit(os.wait()[1])
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_it_holds_no_token() -> None:
    kept = cache()
    kept.lookup(("hidden-token", False), "/a").answer(fresh())
    assert "hidden-token" not in str(vars(kept))
