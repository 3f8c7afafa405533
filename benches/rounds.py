"""Runs the measured programs in turn, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from benches.cases.measure import Sample
from benches.environments import Environments
from benches.plan import Case, Contestant

LONGEST = 180
"""Seconds after which a measured program is given up."""

Samples = dict[str, list[Sample]]
"""One sample of every round, by contestant."""


class RunError(Exception):
    """A measured program failed, or the libraries did not return the same."""


def run_case(case: Case, rounds: int, run: Callable[[Contestant], Sample]) -> Samples:
    """Measure every contestant `rounds` times, taking turns so that a noisy minute hits all of them.

    Args:
        case: The case.
        rounds: How often.
        run: Measures one contestant once.

    Raises:
        RunError: Two contestants returned different things.
    """
    samples: Samples = {contestant.name: [] for contestant in case.contestants}
    for _ in range(rounds):
        for contestant in case.contestants:
            samples[contestant.name].append(run(contestant))
    outcomes = {name: {sample.outcome for sample in taken} for name, taken in samples.items()}
    if len(set.union(*outcomes.values())) > 1:
        raise RunError(f"{case.name}: the libraries do not return the same: {outcomes}")
    return samples


def run_process(contestant: Contestant, environments: Environments, root: Path, url: str | None) -> Sample:
    """Measure a contestant once, in a fresh process.

    Args:
        contestant: What is measured.
        environments: Whose interpreters run it.
        root: The project.
        url: The server's, if the program calls one.

    Raises:
        RunError: The program failed or took too long.
    """
    python = environments.ours if contestant.environment == "ours" else environments.peer
    command: list[Path | str] = [python, "-m", contestant.module, *filter(None, [url]), *contestant.arguments]
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env=_plain_environment(),
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise RunError(f"{contestant.name}: {contestant.module} failed:\n{error.stderr}") from error
    except subprocess.TimeoutExpired as error:
        raise RunError(f"{contestant.name}: {contestant.module} took more than {LONGEST} s") from error
    return Sample(**json.loads(done.stdout.splitlines()[-1]))


def _plain_environment() -> dict[str, str]:
    """The environment without what would change the measured clients: proxies and Python settings."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and not name.startswith("PYTHON")
    }
