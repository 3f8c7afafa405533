"""Names from a server are one harmless component of a path."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matterapi.http.file_names import FALLBACK, offered_name, safe_name

NAMES = {
    "a.txt": "a.txt",
    "写真 1.png": "写真 1.png",
    "naïve résumé.pdf": "naïve résumé.pdf",
    "a (2).tar.gz": "a (2).tar.gz",
    "no suffix": "no suffix",
    "": FALLBACK,
    " ": FALLBACK,
    ".": FALLBACK,
    "..": FALLBACK,
    "...": FALLBACK,
    "/": FALLBACK,
    "\\": FALLBACK,
    "../../etc/passwd": "passwd",
    "..\\..\\windows\\system.ini": "system.ini",
    "/etc/passwd": "passwd",
    "C:\\boot.ini": "boot.ini",
    "C:boot.ini": "C_boot.ini",
    "\\\\host\\share\\a.txt": "a.txt",
    "folder/": FALLBACK,
    "a/../..": FALLBACK,
    ".bashrc": "bashrc",
    "..hidden": "hidden",
    "...a": "a",
    "trailing.": "trailing",
    "trailing ": "trailing",
    "trailing. . .": "trailing",
    "a\0.txt": "a.txt",
    "a.txt\0.exe": "a.txt.exe",
    "a\r\nX-Injected: 1": "aX-Injected_ 1",
    "tab\there": "tabhere",
    "a:stream": "a_stream",
    'q"uote<>|?*.txt': "q_uote_____.txt",
    "CON": "_CON",
    "con.txt": "_con.txt",
    "nul.tar.gz": "_nul.tar.gz",
    "COM1": "_COM1",
    "lpt9.log": "_lpt9.log",
    "COM¹.txt": "_COM¹.txt",
    "console.txt": "console.txt",
    "AUX .txt": "_AUX .txt",
    "gpj.\u202eexe": "gpj.exe",
    "zero\u200bwidth": "zerowidth",
    "line\u2028break": "linebreak",
    "~root": "~root",
    "$HOME": "$HOME",
    "-rf": "-rf",
    "\ud800.txt": "txt",
    "x" * 300 + ".txt": "x" * 196 + ".txt",
    "x" * 300: "x" * 200,
    "写" * 100 + ".png": "写" * 65 + ".png",
    "." + "x" * 300 + "." + "y" * 300: "x" * 200,
}


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_becomes_a_harmless_one(name: str) -> None:
    assert safe_name(name) == NAMES[name]


@given(st.text(st.characters(codec=None), max_size=300))
def test_any_text_becomes_one_visible_component(name: str) -> None:
    safe = safe_name(name)
    assert safe == Path(safe).name == safe.strip()
    assert not safe.startswith(".")
    assert not safe.endswith(".")
    assert len(safe.encode()) <= 201  # one more for the underscore of a device
    assert (Path("/folder") / safe).parent == Path("/folder")
    assert safe_name(safe) == safe


FIELDS = {
    "attachment;filename=\"a%20lantern.txt\"; filename*=UTF-8''a%20lantern.txt": "a lantern.txt",
    "inline;filename=\"%E5%86%99.png\"; filename*=UTF-8''%E5%86%99.png": "写.png",
    'attachment; filename="plain.txt"': "plain.txt",
    'attachment; filename="with \\"quotes\\".txt"': 'with "quotes".txt',
    "attachment; filename=bare.txt": "bare.txt",
    "attachment; filename*=iso-8859-1'en'%A3.txt": "£.txt",
    "attachment; filename*=unheard-of''%41.txt": "A.txt",
    'attachment; FILENAME="case.txt"': "case.txt",
    'attachment; filename="100%.txt"': "100%.txt",
    'attachment; filename="..%2F..%2Fetc%2Fpasswd"': "../../etc/passwd",
    "attachment": "",
    "": "",
    'attachment; xfilename="no.txt"': "",
    'attachment; filename="open': '"open',
}


@pytest.mark.parametrize("field", FIELDS)
def test_the_name_of_a_content_disposition_is_read_as_it_was_meant(field: str) -> None:
    assert offered_name(field) == FIELDS[field]
