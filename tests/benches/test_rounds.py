import sys
from pathlib import Path

import pytest

from benches.cases.measure import Sample
from benches.environments import Environments
from benches.plan import Case, Contestant
from benches.rounds import RunError, run_case, run_process

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

    samples = run_case(CASE, 2, run)

    assert order == ["ours", "theirs", "ours", "theirs"]
    assert {name: len(taken) for name, taken in samples.items()} == {"ours": 2, "theirs": 2}


def test_different_results_are_no_comparison() -> None:
    with pytest.raises(RunError, match="do not return the same"):
        run_case(CASE, 1, lambda contestant: sample(contestant.name))


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", None])
def test_a_program_is_given_the_url_of_the_server_if_there_is_one(tmp_path: Path, url: str | None) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    python = Path(sys.executable)

    sample = run_process(
        Contestant("ours", "ours", "program", ("argument",)), Environments(python, python), tmp_path, url
    )

    assert sample.outcome == " ".join([*([url] if url else []), "argument"])
