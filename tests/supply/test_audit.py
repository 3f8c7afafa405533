"""The audit finds what is planted: a check that finds nothing proves nothing."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from supply.audit import (
    DENY,
    State,
    advisories_of_crates,
    advisories_of_packages,
    judged,
    rules_of_crates,
)
from supply.crates import ROOT

Said = pytest.CaptureFixture[str]


def _crate(folder: Path, *, licence: str = "MIT", dependencies: str = "") -> Path:
    """Make a crate of the folder's name; returns its manifest."""
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "lib.rs").touch()
    manifest = folder / "Cargo.toml"
    manifest.write_text(
        f'[package]\nname = "{folder.name}"\nversion = "0.9.0"\nedition = "2024"\nlicense = "{licence}"\n'
        f"[dependencies]\n{dependencies}"
    )
    return manifest


def _program(folder: Path, dependencies: str) -> Path:
    manifest = _crate(folder / "program", dependencies=dependencies)
    subprocess.run(["cargo", "generate-lockfile", "--quiet"], check=True, cwd=manifest.parent)
    return manifest


def _program_with(folder: Path, name: str, licence: str) -> Path:
    _crate(folder / name, licence=licence)
    return _program(folder, f'{name} = {{ path = "../{name}", version = "0.9" }}\n')


def _repository(folder: Path) -> str:
    """Make a git repository of a folder; returns its address."""
    git = ["git", "-c", "user.name=planted", "-c", "user.email=planted@example.org"]
    for command in (["init", "--initial-branch=main"], ["add", "."], ["commit", "--message=planted"]):
        subprocess.run([*git, *command], check=True, cwd=folder, capture_output=True)
    return folder.as_uri()


def test_a_program_within_the_rules_passes(tmp_path: Path) -> None:
    assert rules_of_crates(_program_with(tmp_path, "harmless", "MIT")).state is State.GOOD


@pytest.mark.parametrize(
    ("name", "licence", "word"), [("planted", "GPL-3.0-only", "rejected"), ("openssl", "MIT", "banned")]
)
def test_a_planted_crate_is_found(tmp_path: Path, capfd: Said, name: str, licence: str, word: str) -> None:
    assert rules_of_crates(_program_with(tmp_path, name, licence)).state is State.BAD
    assert word in capfd.readouterr().err


def test_an_unknown_source_is_found(tmp_path: Path, capfd: Said) -> None:
    _crate(tmp_path / "elsewhere")
    address = _repository(tmp_path / "elsewhere")
    manifest = _program(tmp_path, f'elsewhere = {{ git = "{address}", version = "0.9" }}\n')
    assert rules_of_crates(manifest).state is State.BAD
    assert "source-not-allowed" in capfd.readouterr().err


ADVISORY = """\
```toml
[advisory]
id = "RUSTSEC-2026-9999"
package = "{crate}"
date = "2026-01-01"
url = "https://example.org"
[versions]
patched = []
```

# Planted

For a test.
"""


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Lets git find the database of RustSec at an address; returns rules that keep its copy apart."""

    def put(address: str) -> Path:
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{address}.insteadOf")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/RustSec/advisory-db")
        config = tmp_path / "deny.toml"
        copies = f'[advisories]\ndb-path = "{tmp_path / "copies"}"\n'
        config.write_text(DENY.read_text().replace("[advisories]\n", copies))
        return config

    return put


@pytest.mark.parametrize(("crate", "state"), [("bytes", State.BAD), ("not-among-ours", State.GOOD)])
def test_an_advisory_against_a_crate_of_ours_is_found(
    tmp_path: Path, capfd: Said, database: Callable[[str], Path], crate: str, state: State
) -> None:
    place = tmp_path / "database" / "crates" / crate
    place.mkdir(parents=True)
    (place / "RUSTSEC-2026-9999.md").write_text(ADVISORY.format(crate=crate))
    config = database(_repository(tmp_path / "database"))
    assert advisories_of_crates(config=config).state is state
    assert ("RUSTSEC-2026-9999" in capfd.readouterr().err) is (state is State.BAD)


def test_a_database_that_cannot_be_had_is_no_pass(database: Callable[[str], Path]) -> None:
    verdict = advisories_of_crates(config=database("https://127.0.0.1:9/none"))
    assert verdict.state is State.UNKNOWN
    assert "NOT CHECKED" in str(verdict)


@pytest.fixture
def osv(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database of vulnerabilities that answers as the parameter says."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps(request.param).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


PLANTED = {
    "id": "PYSEC-2026-9999",
    "modified": "2026-01-01T00:00:00Z",
    "published": "2026-01-01T00:00:00Z",
    "summary": "Planted",
    "affected": [{"package": {"name": "pip", "ecosystem": "PyPI"}, "versions": ["26.3"]}],
}


def _installer(folder: Path) -> Path:
    file = folder / "requirements.txt"
    file.write_text(f"pip==26.3 --hash=sha256:{'0' * 64}\n")
    return file


@pytest.mark.parametrize(
    ("osv", "state"), [({"vulns": [PLANTED]}, State.BAD), ({}, State.GOOD)], indirect=["osv"]
)
def test_a_vulnerable_package_is_found(tmp_path: Path, osv: str, state: State) -> None:
    verdict = advisories_of_packages(_installer(tmp_path), "--vulnerability-service=osv", f"--osv-url={osv}")
    assert verdict.state is state
    assert ("PYSEC-2026-9999" in verdict.why) is (state is State.BAD)


def test_a_service_that_cannot_be_had_is_no_pass(tmp_path: Path) -> None:
    away = ("--vulnerability-service=osv", "--osv-url=http://127.0.0.1:9/")
    assert advisories_of_packages(_installer(tmp_path), *away).state is State.UNKNOWN


@pytest.mark.parametrize(
    ("report", "state"),
    [
        ('{"dependencies":[{"name":"a","version":"1","vulns":[]}]}', State.GOOD),
        ('{"dependencies":[{"name":"a","skip_reason":"not found"}]}', State.UNKNOWN),
        ('{"dependencies":[]}', State.UNKNOWN),
        ("", State.BAD),
    ],
)
def test_what_was_skipped_was_not_checked(report: str, state: State) -> None:
    assert judged("it", report, "no idea").state is state


def test_the_project_itself_is_within_the_rules() -> None:
    assert rules_of_crates(ROOT / "Cargo.toml").state is State.GOOD
