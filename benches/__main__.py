"""Sets everything up, measures, and prints one table: `python -m benches --help`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

from benches import awake, environments, report, rounds, waste
from benches.environments import Environments
from benches.plan import FULL, SMOKE, Case, Contestant, cases
from benches.served import Address, Pages, SetupError
from benches.servers import serving, write_pages

ROOT = Path(__file__).resolve().parent.parent
WASTE = "waste"


def _arguments() -> argparse.Namespace:
    names = [*(case.name for case in cases(FULL, sys.version_info[:2])), WASTE]
    parser = argparse.ArgumentParser(
        prog="python -m benches", description="Compare matterapi with its peers."
    )
    parser.add_argument("cases", nargs="*", metavar="CASE", help="of: " + ", ".join(names))
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each library (default: 5)")
    parser.add_argument(
        "--server",
        choices=("rust", "nginx"),
        default="rust",
        help="who answers calls (default: rust); nginx has no events",
    )
    parser.add_argument(
        "--ours",
        type=Path,
        metavar="PYTHON",
        help="measure this interpreter's matterapi, not the newest wheel",
    )
    parser.add_argument("--python", help="make the environments with this Python, such as python3.13")
    parser.add_argument(
        "--smoke", action="store_true", help="let every program work for a moment: one round, no verdicts"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.cases) - set(names):
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    return arguments


class _Run:
    """One run of the benchmarks."""

    def __init__(self, arguments: argparse.Namespace, folder: Path) -> None:
        self._arguments = arguments
        self._folder = folder
        self._places = environments.prepare(ROOT, arguments.ours, arguments.python)
        self._have = {
            "ours": environments.installed(self._places.ours),
            "peer": environments.installed(self._places.peer),
        }

    def measure(self) -> list[str]:
        """Measure all that is asked for, and print it; returns what failed.

        A case that fails does not cost the figures of the others.
        """
        chosen, smoke = self._arguments.cases, self._arguments.smoke
        version = environments.python_version(self._places.ours).split(".")
        self._introduce(self._places)
        write_pages(self._folder)
        blocks, failures = [], []
        for case in cases(SMOKE if smoke else FULL, (int(version[0]), int(version[1]))):
            if not chosen or case.name in chosen:
                print(f"{case.title} ...", file=sys.stderr)
                try:
                    blocks.append(self._case(case))
                except rounds.RunError as error:
                    failures.append(str(error))
        if smoke:
            print(f"{len(blocks)} cases ran")
        elif blocks:
            print(report.table(blocks), report.tally(blocks), sep="\n\n")
        if not smoke and (not chosen or WASTE in chosen):
            self._waste()
        return failures

    def _introduce(self, places: Environments) -> None:
        print("ours:", environments.described(places.ours))
        print("peer:", environments.described(places.peer))
        if absent := environments.absent(places.peer):
            print("no wheel of:", ", ".join(absent))
        print()

    def _case(self, case: Case) -> report.Block:
        contestants = tuple(filter(self._available, case.contestants))
        if not contestants or contestants[0] != case.contestants[0]:
            raise SetupError(f"{case.name}: this environment of ours lacks {case.contestants[0].needs}")
        with self._server(case) as address:
            run = partial(rounds.run_process, environments=self._places, root=ROOT, address=address)
            if self._arguments.smoke:
                samples = rounds.run_once(contestants, run)
            else:
                with awake.processors_awake() if case.waits else nullcontext():
                    samples = rounds.run_case(case, contestants, self._arguments.rounds, run)
        rounds.check_same(case, samples)
        return report.block(case, contestants, samples, address.name if address else "")

    def _available(self, contestant: Contestant) -> bool:
        missing = [name for name in contestant.needs if name not in self._have[contestant.environment]]
        if missing:
            print(f"left out: {contestant.name}, without {', '.join(missing)}", file=sys.stderr)
        return not missing

    def _server(self, case: Case) -> AbstractContextManager[Address | None]:
        if case.server is None:
            return nullcontext()
        return serving(self._arguments.server, case.server, self._folder, ROOT)

    def _waste(self) -> None:
        if waste.strace() is None:
            print("\nstrace is not installed: system calls are not counted")
        with serving(self._arguments.server, Pages(), self._folder, ROOT) as address:
            lines = waste.rows(self._places, ROOT, address, self._available)
        print("", report.lined([waste.HEADINGS, *lines]), sep="\n")


def main() -> int:
    """Exit status 0 when everything ran, whether or not a target was met: time is no assertion."""
    arguments = _arguments()
    try:
        with tempfile.TemporaryDirectory() as folder:
            failures = _Run(arguments, Path(folder)).measure()
    except (SetupError, rounds.RunError) as error:
        failures = [str(error)]
    for failure in failures:
        print(f"benches: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
