"""Writes to a server, cuts a listener off it, and counts what is lost or comes twice.

Without `--url` each mode has an embedded server of its own. The token is a system admin's. A server is
restarted and killed by commands: of `restart` and `start` each returns when the server answers again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from matterapi.testing import MattermostServer

from .peers import PEERS
from .report import table
from .run import MODES, Outcome, Plan, run
from .server import Commanded, Embedded

TOKEN = "SURVIVAL_TOKEN"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.survival", description=__doc__)
    parser.add_argument("--url", help="server; by default embedded ones")
    parser.add_argument("--token", default=os.environ.get(TOKEN, ""), help=f"by default that in {TOKEN}")
    parser.add_argument("--mode", action="append", choices=MODES, help="may be repeated; by default all")
    parser.add_argument("--client", choices=["sync", "async", *PEERS], default="async")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has another library")
    parser.add_argument("--patience", type=float, default=90, help="seconds to wait for what is missing")
    parser.add_argument("--seconds", type=float, default=120, help="how long is written")
    parser.add_argument("--rate", type=float, default=10, help="posts a second")
    parser.add_argument("--cut-after", type=float, nargs="+", default=[5, 8], help="seconds, in turn")
    parser.add_argument("--away", type=float, default=20, help="seconds for which a killed server is away")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--restart", default="", help="command that restarts the server, gracefully")
    parser.add_argument("--kill", default="", help="command that kills the server")
    parser.add_argument("--start", default="", help="command that starts the server again")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--records", type=Path, help="folder for what came and what is lost")
    given = parser.parse_args()
    outcomes = []
    for mode in given.mode or MODES:
        missing = [name for name in _COMMANDS.get(mode, ()) if not getattr(given, name)]
        if given.url and missing:
            sys.stderr.write(f"{mode}: left out, it needs --{' and --'.join(missing)}\n")
            continue
        with _plan(given, mode) as plan:
            outcomes.append(run(plan))
        print(table([outcomes[-1].figures]), "\n", flush=True)
        if given.records:
            _keep(given.records / f"{mode}.json", outcomes[-1])
    if not outcomes:
        parser.error("no mode is left to run")
    found = [outcome.figures for outcome in outcomes]
    print(table(found))
    if given.json:
        given.json.write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n")
    return not all(one.is_good for one in found)


_COMMANDS = {"restart": ("restart",), "kill": ("kill", "start")}


@contextmanager
def _plan(given: argparse.Namespace, mode: str) -> Iterator[Plan]:
    server = Commanded(given.restart, given.kill, given.start)
    plan = Plan(
        url=given.url,
        token=given.token,
        mode=mode,
        server=server,
        client=given.client,
        python=given.python,
        patience=given.patience,
        seconds=given.seconds,
        rate=given.rate,
        cut_after=tuple(given.cut_after),
        away=given.away,
        seed=given.seed,
    )
    if given.url:
        yield plan
        return
    with MattermostServer() as embedded:
        yield replace(plan, url=embedded.url, token=embedded.admin.token, server=Embedded(embedded))


def _keep(path: Path, outcome: Outcome) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {
        "verdict": asdict(outcome.verdict),
        "vanished": sorted(outcome.truth.vanished),
        "records": [asdict(record) for record in outcome.records],
    }
    path.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
