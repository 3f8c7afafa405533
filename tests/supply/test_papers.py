from __future__ import annotations

import pytest

from supply.notices import NOTICES
from supply.sbom import SBOM
from tests.wheel.papers import paper_problems

INFO = "matterapi-1.0.dist-info"
GOOD = {
    f"{INFO}/METADATA": b"Project-URL: Home, https://example.org/home/page",
    f"{INFO}/licenses/THIRD-PARTY-NOTICES.txt": NOTICES.read_bytes(),
    f"{INFO}/sboms/{SBOM.name}": SBOM.read_bytes(),
}


def test_the_papers_of_a_wheel_are_in_order() -> None:
    assert paper_problems(GOOD) == []


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        (f"{INFO}/licenses/THIRD-PARTY-NOTICES.txt", None, "lacks licenses/THIRD-PARTY-NOTICES.txt"),
        (f"{INFO}/licenses/THIRD-PARTY-NOTICES.txt", b"", "is not the project's"),
        (f"{INFO}/sboms/{SBOM.name}", None, "one SBOM is wanted"),
        (f"{INFO}/sboms/{SBOM.name}", b'{"ref":"path+file:///x"}', "names file:///x"),
        (f"{INFO}/sboms/other.json", b"{}", "one SBOM is wanted"),
        (f"{INFO}/METADATA", b"built in /tmp/somewhere", "names /tmp/somewhere"),
    ],
)
def test_what_is_wrong_with_the_papers_is_told(name: str, content: bytes | None, problem: str) -> None:
    files = {one: held for one, held in (GOOD | {name: content}).items() if held is not None}
    assert problem in "\n".join(paper_problems(files))
