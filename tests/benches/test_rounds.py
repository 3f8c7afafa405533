import sys
from pathlib import Path

import pytest

from benches.cases.measure import Sample
from benches.environments import Environments
from benches.plan import Case, Contestant
from benches.rounds import RunError, check_same, plain_environment, run_case, run_once, run_process
from benches.served import Address

OURS = Contestant("ours", "ours", "module", ())
THEIRS = Contestant("theirs", "peer", "module", ())
CASE = Case("c", "a case", (OURS, THEIRS))

PROGRAM = """
import json, sys
print(json.dumps({"calls": 1, "seconds": 1, "cpu_seconds": 1, "outcome": " ".join(sys.argv[1:])}))
"""


def sample(outcome: str) -> Sample:
    return Sample(calls=1, seconds=1.0, cpu_seconds=1.0, outcome=outcome)


def test_the_libraries_take_turns() -> None:
    order: list[str] = []

    def run(contestant: Contestant) -> Sample:
        order.append(contestant.name)
        return sample("same")

    samples = run_case(CASE, CASE.contestants, 2, run)

    assert order == ["ours", "theirs", "ours", "theirs"]
    assert {name: len(taken) for name, taken in samples.items()} == {"ours": 2, "theirs": 2}


def test_different_results_are_no_comparison() -> None:
    with pytest.raises(RunError, match="do not return the same"):
        check_same(CASE, {"ours": [sample("this")], "theirs": [sample("that")]})
    check_same(CASE, {"ours": [sample("this")], "theirs": [sample("this")]})


def test_what_is_measured_once_takes_one_round() -> None:
    case = Case("c", "a case", (OURS, THEIRS), once=True)

    samples = run_case(case, (OURS,), 5, lambda _: sample("same"))

    assert {name: len(taken) for name, taken in samples.items()} == {"ours": 1}


def test_a_smoke_run_lets_each_work_once() -> None:
    samples = run_once(CASE.contestants, lambda contestant: sample(contestant.name))

    assert {name: taken[0].outcome for name, taken in samples.items()} == {"ours": "ours", "theirs": "theirs"}


def test_a_program_is_told_whom_to_trust_and_nothing_that_would_change_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("PYTHONPATH", "somewhere")
    monkeypatch.setenv("SSL_CERT_FILE", "another.pem")

    secure = plain_environment(Address("https://127.0.0.1:1", "rust", Path("authority.pem")))

    assert secure["BENCH_TRUSTED"] == "authority.pem"
    assert {"HTTPS_PROXY", "PYTHONPATH", "SSL_CERT_FILE"}.isdisjoint(secure)
    assert "BENCH_TRUSTED" not in plain_environment(Address("http://127.0.0.1:1", "rust"))


def test_a_program_that_fails_ends_the_run_with_what_it_said(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("raise SystemExit('an answer of status 500')")
    python = Path(sys.executable)

    with pytest.raises(RunError, match="an answer of status 500"):
        run_process(Contestant("theirs", "peer", "program", ()), Environments(python, python), tmp_path, None)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", None])
def test_a_program_is_given_the_url_of_the_server_if_there_is_one(tmp_path: Path, url: str | None) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    python = Path(sys.executable)

    sample = run_process(
        Contestant("ours", "ours", "program", ("argument",)),
        Environments(python, python),
        tmp_path,
        Address(url, "rust") if url else None,
    )

    assert sample.outcome == " ".join([*([url] if url else []), "argument"])
