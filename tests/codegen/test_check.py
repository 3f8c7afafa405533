from __future__ import annotations

from pathlib import Path

import pytest

from codegen import __main__ as command
from codegen.check import MARK, differences, stale
from codegen.generate import generate
from codegen.load import load


def test_the_tree_is_what_the_catalogue_gives_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--check"]) == 0, capsys.readouterr().out
    again = generate(load(command.ROOT / "spec"))
    assert command.check(again) == 0, capsys.readouterr().out


def test_a_changed_file_is_shown_with_the_command_that_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "ROOT", tmp_path)
    target = tmp_path / "python/matterapi/x.py"
    target.parent.mkdir(parents=True)
    target.write_text(f"# {MARK}\nold\n")
    files = {"python/matterapi/x.py": f"# {MARK}\nnew\n"}
    assert command.check(files) == 1
    shown = capsys.readouterr().out
    assert "-old" in shown
    assert "+new" in shown
    assert "run: python -m codegen" in shown
    command.write(files)
    assert command.check(files) == 0


def test_a_long_diff_is_cut(tmp_path: Path) -> None:
    (found,) = differences(tmp_path, {"a.py": "\n".join(map(str, range(500)))})
    assert len(found.splitlines()) < 70
    assert "more lines" in found


def test_files_that_nothing_generates_any_more_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "ROOT", tmp_path)
    folder = tmp_path / "python/matterapi/models"
    folder.mkdir(parents=True)
    (folder / "old.py").write_text(f"# {MARK} from spec/; do not edit.\n")
    (folder / "mine.py").write_text("# written by hand\n")
    assert list(stale(tmp_path, {})) == ["python/matterapi/models/old.py"]
    command.write({})
    assert [path.name for path in folder.iterdir()] == ["mine.py"]
