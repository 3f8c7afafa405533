"""Runs the measured programs in turn, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benches.cases.measure import TRUSTED, Sample
from benches.environments import Environments
from benches.plan import Case, Contestant
from benches.served import Address

LONGEST = 180
"""Seconds after which a measured program is given up."""

Samples = dict[str, list[Sample]]
"""One sample of every round, by contestant."""


class RunError(Exception):
    """A measured program failed, or the libraries did not return the same."""


def run_case(
    case: Case, contestants: tuple[Contestant, ...], rounds: int, run: Callable[[Contestant], Sample]
) -> Samples:
    """Measure every contestant `rounds` times, taking turns so that a noisy minute hits all of them.

    Args:
        case: The case.
        contestants: Those of it that can take part.
        rounds: How often.
        run: Measures one contestant once.
    """
    samples: Samples = {contestant.name: [] for contestant in contestants}
    for _ in range(1 if case.once else rounds):
        for contestant in contestants:
            samples[contestant.name].append(run(contestant))
    return samples


def check_same(case: Case, samples: Samples) -> None:
    """Whether all did the same work.

    Raises:
        RunError: Two contestants returned different things.
    """
    outcomes = {name: {sample.outcome for sample in taken} for name, taken in samples.items()}
    if len(set.union(*outcomes.values())) > 1:
        raise RunError(f"{case.name}: the libraries do not return the same: {outcomes}")


def run_once(contestants: tuple[Contestant, ...], run: Callable[[Contestant], Sample]) -> Samples:
    """Let every contestant work once, two at a time: whether they work is seen, not how fast.

    Raises:
        RunError: A program failed.
    """
    with ThreadPoolExecutor(max_workers=2) as pool:
        return {
            contestant.name: [sample]
            for contestant, sample in zip(contestants, pool.map(run, contestants), strict=True)
        }


def run_process(
    contestant: Contestant, environments: Environments, root: Path, address: Address | None
) -> Sample:
    """Measure a contestant once, in a fresh process.

    Args:
        contestant: What is measured.
        environments: Whose interpreters run it.
        root: The project.
        address: The server's, if the program calls one.

    Raises:
        RunError: The program failed or took too long.
    """
    try:
        done = subprocess.run(
            command(contestant, environments, address),
            cwd=root,
            env=plain_environment(address),
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise RunError(f"{contestant.name}: {contestant.module} failed:\n{error.stderr}") from error
    except subprocess.TimeoutExpired as error:
        raise RunError(f"{contestant.name}: {contestant.module} took more than {LONGEST} s") from error
    return read_sample(done.stdout)


def command(contestant: Contestant, environments: Environments, address: Address | None) -> list[Path | str]:
    """What runs a contestant's program."""
    python = environments.ours if contestant.environment == "ours" else environments.peer
    url = [address.url] if address else []
    return [python, "-m", contestant.module, *url, *contestant.arguments]


def read_sample(output: str) -> Sample:
    """The sample that a program printed, as its last line."""
    return Sample(**json.loads(output.splitlines()[-1]))


def plain_environment(address: Address | None) -> dict[str, str]:
    """The environment without what would change the measured clients: proxies and Python settings.

    With whom to trust, if the server speaks TLS.
    """
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and not name.startswith(("PYTHON", "SSL_CERT_"))
    }
    trusted = {TRUSTED: str(address.trusted)} if address and address.trusted else {}
    return plain | trusted
