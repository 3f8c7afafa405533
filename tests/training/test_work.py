"""What the counters count."""

from __future__ import annotations

from typing import Any

import pytest

from training import work


def test_the_work_is_done_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[Any] = []
    monkeypatch.setattr(work, "ROUNDS", 1)
    monkeypatch.setattr(work, "CHANNELS", 2)
    monkeypatch.setattr(work, "EVENTS", 400)
    monkeypatch.setattr(work, "CALLS", 30)
    decoder_for = work.decoder_for

    class Recording:
        def __init__(self, type_: object) -> None:
            self.type = type_

        def decode(self, content: bytes) -> None:
            decoded.append(decoder_for(self.type).decode(content))

    monkeypatch.setattr(work, "decoder_for", Recording)
    work.main()
    first, second, users, members, user = decoded
    assert [len(page.order) for page in (first, second)] == [work.POSTS] * 2
    assert first != second
    assert len(users) == len(members) == work.USERS + 1
    assert user.id in {one.id for one in users}
