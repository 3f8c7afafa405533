"""Sets everything up, measures, and prints a table of ratios: `python -m benches --help`."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from benches import awake, bench_server, environments, report, rounds
from benches.plan import CASES, EVENTS

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
    places = environments.prepare(ROOT, arguments.ours)
    server = bench_server.build(ROOT)
    print("ours:", environments.versions(places.ours))
    print("peer:", environments.versions(places.peer))
    body: list[tuple[str, ...]] = []
    with bench_server.running(server, EVENTS) as url:
        run = partial(rounds.run_process, environments=places, root=ROOT, url=url)
        for case in CASES:
            if not arguments.cases or case.name in arguments.cases:
                print(f"{case.title} ...", file=sys.stderr)
                with awake.processors_awake() if case.waits else nullcontext():
                    samples = rounds.run_case(case, arguments.rounds, run)
                body += report.rows(case, samples)
    print()
    print(report.table(body))


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
