"""Sets everything up, measures, and prints tables of ratios: `python -m benches --help`."""

from __future__ import annotations

import argparse
import sys
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

from benches import awake, bench_server, environments, report, rounds
from benches.plan import CASES, Case

ROOT = Path(__file__).resolve().parent.parent


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benches", description="Compare matterapi with its peers."
    )
    parser.add_argument("cases", nargs="*", metavar="CASE", help="of: " + ", ".join(c.name for c in CASES))
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each library (default: 5)")
    parser.add_argument(
        "--ours",
        type=Path,
        metavar="PYTHON",
        help="measure this interpreter's matterapi, not the newest wheel",
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.cases) - {case.name for case in CASES}:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    return arguments


def _run(arguments: argparse.Namespace) -> None:
    cases = [case for case in CASES if not arguments.cases or case.name in arguments.cases]
    places = environments.prepare(ROOT, arguments.ours)
    print("ours:", environments.versions(places.ours))
    print("peer:", environments.versions(places.peer))
    bodies: dict[str, list[report.Cells]] = {shown: [] for shown in report.LAYOUTS}
    for case in cases:
        print(f"{case.title} ...", file=sys.stderr)
        with _server(case) as url:
            run = partial(rounds.run_process, environments=places, root=ROOT, url=url)
            with awake.processors_awake() if case.waits else nullcontext():
                samples = rounds.run_case(case, arguments.rounds, run)
            bodies[case.shown] += report.rows(case, samples)
    for shown, layout in report.LAYOUTS.items():
        if bodies[shown]:
            print()
            print(report.table(layout, bodies[shown]))


def _server(case: Case) -> AbstractContextManager[str | None]:
    """The server and its URL, if the case needs it: it takes a Rust toolchain."""
    if case.server is None:
        return nullcontext()
    return bench_server.running(bench_server.build(ROOT), case.server)


def main() -> int:
    """Exit status 0 when everything ran, whether or not a target was met: time is no assertion."""
    try:
        _run(_arguments())
    except (bench_server.SetupError, rounds.RunError) as error:
        print(f"benches: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
