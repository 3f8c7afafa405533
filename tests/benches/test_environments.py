import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benches import environments
from benches.environments import PEERS, absent, described, installed, prepare, python_version
from benches.served import SetupError

THIS = Path(sys.executable)


def test_a_python_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"no Python 'python9\.99'"):
        prepare(tmp_path, THIS, "python9.99")


def test_without_a_wheel_and_without_an_interpreter_of_ours_there_is_nothing_to_measure(
    tmp_path: Path,
) -> None:
    with pytest.raises(SetupError, match="make wheel"):
        prepare(tmp_path, None)


def test_an_interpreter_tells_its_version_and_what_it_has() -> None:
    assert python_version(THIS) == "{}.{}".format(*sys.version_info)
    assert "pydantic" in installed(THIS)
    assert described(THIS).startswith(f"Python {platform.python_version()}, matterapi ")


def test_peers_that_an_interpreter_lacks_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    have = {pin.partition("==")[0]: "1" for pin in PEERS if not pin.startswith(("wreq", "primp"))}
    monkeypatch.setattr(environments, "installed", lambda _: have)

    assert absent(THIS) == ["wreq", "primp"]


class Pip:
    """Makes environments of nothing; some packages have no wheel."""

    def __init__(self, lacking: str) -> None:
        self.lacking = lacking
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, command: list[Any], **_: object) -> subprocess.CompletedProcess[str]:
        words = [str(word) for word in command]
        if "venv" in words:
            Path(words[-1]).mkdir(parents=True)
        if "pip" in words:
            self.asked.append(tuple(word for word in words if "==" in word and "--" not in word))
        fails = any(word.startswith(f"{self.lacking}==") for word in words)
        return subprocess.CompletedProcess(command, int(fails), stdout="3.99\n", stderr="")


def test_a_peer_without_a_wheel_is_left_out_and_the_others_are_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip = Pip("primp")
    monkeypatch.setattr(subprocess, "run", pip)

    made = prepare(tmp_path, THIS, sys.executable)

    assert made.ours == THIS
    assert made.peer.parent.parent.name == ".venv-peer-3.99"
    assert pip.asked == [PEERS, *((pin,) for pin in PEERS)]


def test_what_is_installed_already_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip = Pip("none")
    monkeypatch.setattr(subprocess, "run", pip)

    prepare(tmp_path, THIS)
    prepare(tmp_path, THIS)

    assert pip.asked == [PEERS]
