"""REST exchanges recorded on an 11.2 server, sent again: same status, media type, error and keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conformance.differences import Listed
from tests.conformance.rest.replay import Outcome, play_all
from tests.fixtures.import_recorded_exchanges import outline, read

LISTED = Listed.read(Path(__file__).with_name("differences.yaml"))


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return play_all(read(), set(LISTED.not_played))


def test_every_difference_is_listed_and_no_other(outcomes: list[Outcome]) -> None:
    LISTED.agrees_with({one.number: one.differences() for one in outcomes})


def test_most_exchanges_agree(outcomes: list[Outcome]) -> None:
    agreeing = [one for one in outcomes if not one.differences()]
    assert len(outcomes) > 1250
    assert len(agreeing) > 750
    assert len([one for one in agreeing if one.exchange["status"] < 300]) > 350
    assert len({one.exchange.get("error") for one in agreeing}) > 60


def test_another_status_type_error_or_key_is_a_difference() -> None:
    recorded: dict[str, Any] = outline(200, "application/json", '{"a":1,"b":[{"c":1},{"c":2}],"d":null}')
    assert recorded["keys"] == [{"a": None, "b": [{"c": None}], "d": None}]
    failed = outline(400, "application/json", '{"id":"x","message":"m"}')
    assert failed["error"] == "x"
    assert (
        Outcome(recorded, outline(200, "application/json", '{"a":2,"b":[{"c":3}],"d":""}')).differences()
        == []
    )
    wrong = [
        outline(201, "application/json", '{"a":1,"b":[{"c":1}],"d":null}'),
        outline(200, "text/json", '{"a":1,"b":[{"c":1}],"d":null}'),
        *(
            outline(200, "application/json", body)
            for body in (
                '{"a":1,"b":[{"c":1}]}',
                '{"a":1,"b":[{"c":1}],"d":null,"e":1}',
                '{"a":1,"b":[],"d":null}',
                '{"a":1,"b":[{"c":1},{"x":1}],"d":null}',
                '{"a":{},"b":[{"c":1}],"d":null}',
                '{"a":1,"b":{},"d":null}',
                "[]",
                "",
                "{",
            )
        ),
    ]
    for got in wrong:
        assert Outcome(recorded, got).differences() != [], got
    assert Outcome(failed, outline(400, "application/json", '{"id":"y","message":"m"}')).differences() != []
