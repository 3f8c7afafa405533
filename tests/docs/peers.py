"""What other clients offer and do, found out from the installed packages."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import mattermostautodriver
import mattermostdriver

from codegen.load import read_yaml

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("peer_call.py")
LIBRARIES = {
    "mattermostautodriver": "mattermostautodriver",
    "mattermostdriver": "mattermostdriver",
    "matterapi 0.5.0": "matterapi",
}
OLD_PYTHON = os.environ.get("MATTERAPI_0_5_0", str(ROOT / "benches" / ".venv-peer" / "bin" / "python"))
"""An interpreter that has matterapi 0.5.0, such as the one that `python -m benches` makes."""

SENDERS = ("get", "post", "put", "patch", "delete", "head")


def interpreter(library: str) -> str | None:
    """The interpreter that has a library; `None` if it is not on this machine."""
    if library != "matterapi 0.5.0":
        return sys.executable
    return OLD_PYTHON if Path(OLD_PYTHON).exists() else None


def call(library: str, url: str, token: str, name: str, arguments: Any) -> dict[str, Any]:
    """What becomes of a call by a library; see `peer_call.py`."""
    task = {"url": url, "token": token, "call": name, "arguments": arguments}
    command = [str(interpreter(library)), "-I", str(PROGRAM), LIBRARIES[library]]
    done = subprocess.run(
        command, check=True, input=json.dumps(task), capture_output=True, text=True, timeout=60
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def groups(library: str) -> dict[str, Any]:
    """The groups of methods of a library, by the names that programs use."""
    if library == "mattermostdriver":
        return dict(mattermostdriver.Driver({"url": "localhost"})._api)
    made = vars(mattermostautodriver.TypedDriver({"url": "localhost"}))
    return {
        name: group
        for name, group in made.items()
        if type(group).__module__.startswith("mattermostautodriver.endpoints")
    }


def methods(library: str) -> dict[str, Any]:
    """The methods of a library by their whole names, such as `users.get_user`."""
    return {
        f"{name}.{method}": function
        for name, group in groups(library).items()
        for method, function in inspect.getmembers(group, callable)
        if not method.startswith("_") and method != "client"
    }


class Recorder:
    """Takes the place of a driver's client and notes what would be sent.

    Args:
        model: The client's class: what it cannot send, this cannot either.
    """

    def __init__(self, model: type) -> None:
        self.sent: set[tuple[str, str]] = set()
        self._model = model

    def __getattr__(self, name: str) -> Any:
        if name not in SENDERS:
            # Such as the URL, from which some make their own.
            return "http://localhost"
        getattr(self._model, name)

        def send(endpoint: str, *_: Any, **__: Any) -> dict[str, Any]:
            self.sent.add((name, endpoint))
            return {}

        return send


@cache
def server_operations() -> dict[str, str]:
    """The route of each operation of the newest server that we know, by our methods."""
    text = (ROOT / "docs" / "reference" / "operations.md").read_text("utf-8")
    found, group = {}, ""
    for line in text.splitlines():
        if line.startswith("## client."):
            group = line.removeprefix("## client.")
        elif (row := re.match(r"\| `(\w+)` \| `([^`]+)` \|.*\| ([^|]*) \|", line)) and row[3] != "retired":
            found[f"{group}.{row[1]}"] = row[2]
    return found


@cache
def reached(library: str) -> frozenset[str]:
    """The operations of that server that the methods of a library reach, by their routes."""
    ours = server_operations()
    if library == "matterapi":
        return frozenset(ours.values())
    if library == "matterapi 0.5.0":
        text = (ROOT / "tests" / "contract" / "surface_0_5_0.yaml").read_text("utf-8")
        signatures = [one for group in read_yaml(text)["methods"].values() for one in group]
        # All of its methods are here, under the same names.
        return frozenset(ours[name] for one in signatures if (name := one.partition("(")[0]) in ours)
    return frozenset(routes_of_methods(library).values())


def _operation(verb: str, path: str) -> str | None:
    asked = f"{verb.upper()} {path}"
    routes = set(server_operations().values())
    if asked in routes:
        return asked
    return next((route for route in routes if _pattern(route).fullmatch(asked)), None)


@cache
def _pattern(route: str) -> re.Pattern[str]:
    # `ID` is what stands for a parameter: no other word of a path is taken for one.
    return re.compile(re.sub(r"\\{\w+\\}", "ID", re.escape(route.partition("{?")[0])))


def client_class(package: Any) -> type:
    """The class that sends a driver's calls."""
    client: type = (
        inspect.signature(getattr(package, "TypedDriver", None) or package.Driver)
        .parameters["client_cls"]
        .default
    )
    return client


def _call_with_samples(function: Any, group: Any) -> None:
    """Call a method with text for all that it needs; one that fails sends nothing."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    needed = [one for one in parameters if one.default is one.empty and one.kind not in kinds]
    samples: tuple[Any, ...] = ("ID", {})
    for sample in samples:
        try:
            function(group, **{one.name: sample for one in needed})
        except Exception:  # noqa: BLE001, S112 - then it is not reached in this way
            continue
        return


@cache
def routes_of_methods(library: str) -> dict[str, str]:
    """The operation that each method of a library reaches, by its whole name."""
    package: Any = mattermostdriver if library == "mattermostdriver" else mattermostautodriver
    # It leaves the beginning of the API to its client.
    prefix = "/api/v4" if library == "mattermostdriver" else ""
    found = {}
    for group_name, group in groups(library).items():
        for name, function in inspect.getmembers(type(group), inspect.isfunction):
            recorder = Recorder(client_class(package))
            if not name.startswith("_"):
                _call_with_samples(function, type(group)(recorder))
            for verb, path in recorder.sent:
                if route := _operation(verb, prefix + path):
                    found[f"{group_name}.{name}"] = route
    return found
