"""Which compiler builds the core, and where its tool for profiles is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from training.toolchain import TOOL, Compiler, current, find_tool

HOST = "x86_64-unknown-linux-gnu"
VERSION = f"rustc 1.90.0 (0123456789 2025-09-14)\nbinary: rustc\nhost: {HOST}\nrelease: 1.90.0\n"

RUSTUP = f"""#!/bin/sh
echo "$@" > "$RUSTUP_HOME.called"
mkdir -p "$RUSTUP_HOME/toolchains/$3-{HOST}/lib/rustlib/{HOST}/bin"
touch "$RUSTUP_HOME/toolchains/$3-{HOST}/lib/rustlib/{HOST}/bin/{TOOL}"
"""


def with_tool(sysroot: Path) -> Path:
    tool = sysroot / "lib" / "rustlib" / HOST / "bin" / TOOL
    tool.parent.mkdir(parents=True)
    tool.touch()
    return tool


def put_rustup(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "bin" / "rustup"
    program.parent.mkdir()
    program.write_text(RUSTUP)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def test_the_compiler_of_this_machine_says_what_it_is() -> None:
    compiler = current()
    assert compiler.host in compiler.version
    assert compiler.release.startswith("1.")
    assert (compiler.sysroot / "lib" / "rustlib").is_dir()


def test_a_version_without_a_host_is_an_error() -> None:
    with pytest.raises(ValueError, match="no host"):
        _ = Compiler("rustc 1.90.0\n", Path("/")).host


def test_the_tool_of_the_toolchain_is_used(tmp_path: Path) -> None:
    tool = with_tool(tmp_path / "sysroot")
    assert find_tool(Compiler(VERSION, tmp_path / "sysroot"), tmp_path / "cache") == tool
    assert not (tmp_path / "cache").exists()


def test_a_toolchain_without_it_is_left_alone_and_a_second_one_fetched_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_rustup(tmp_path, monkeypatch)
    compiler, cache = Compiler(VERSION, tmp_path / "sysroot"), tmp_path / "cache"
    cache.mkdir()
    tool = find_tool(compiler, cache)
    called = cache / "rustup.called"
    assert tool is not None
    assert tool.is_relative_to(cache)
    assert called.read_text().split()[:3] == ["toolchain", "install", "1.90.0"]
    called.unlink()
    assert find_tool(compiler, cache) == tool
    assert not called.exists()


def test_without_rustup_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_tool(Compiler(VERSION, tmp_path / "sysroot"), tmp_path / "cache") is None
