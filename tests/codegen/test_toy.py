from __future__ import annotations

import re

import pytest

from .toy_spec import TOY, generated, texts

_FOLDER = TOY / "expected"
_EXPECTED = sorted(
    path.relative_to(_FOLDER).as_posix().removesuffix(".txt") for path in _FOLDER.rglob("*.txt")
)


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return generated(texts())


def test_the_toy_catalogue_gives_every_kind_of_file(files: dict[str, str]) -> None:
    assert len(_EXPECTED) == 21
    assert set(_EXPECTED) <= set(files)


@pytest.mark.parametrize("name", _EXPECTED)
def test_the_toy_catalogue_gives_the_expected_text(files: dict[str, str], name: str) -> None:
    assert files[name] == (_FOLDER / f"{name}.txt").read_text()


def test_both_facades_differ_by_async_and_await_only(files: dict[str, str]) -> None:
    sync = files["python/matterapi/endpoints/sync_api/books.py"]
    twin = files["python/matterapi/endpoints/async_api/books.py"]
    twin = (
        twin.replace("async def", "def")
        .replace("await ", "")
        .replace("AsyncApi, JsonObject, KEYWORDS", "JsonObject, KEYWORDS, SyncApi")
    )
    twin = twin.replace("AsyncApi", "SyncApi").replace("AsyncPageIterator", "PageIterator")
    assert unwrapped(twin.replace(", async.", ", sync.")) == unwrapped(sync)


def unwrapped(text: str) -> str:
    """A text without what the formatter adds where it wraps a line."""
    return re.sub(r",?\s+(?=\))|\s+", "", text)


def test_python_in_generated_files_compiles(files: dict[str, str]) -> None:
    for name, text in files.items():
        if name.endswith(".py"):
            compile(text, name, "exec")
