"""Fuzzing of multipart forms: `python -m tests.fuzz.fuzz_multipart --seconds N [--seed S] [--first N]`.

Each case is a form of fields and files, whose names and contents have what ends a line, a quoted string or
a part. It passes when two parsers find in what was sent the very parts of the form, or when it is refused
with a typed error and nothing is sent.
"""

from __future__ import annotations

import email.parser
import email.policy
import random
import re
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from matterapi import SyncClient, exceptions
from tests.support.go_mime import Malformed, read_part

from .recorder import Recorder, Request, recording
from .runner import Outcome, main

PIECES = (
    *(
        '"',
        "\\",
        "\\\\",
        '\\"',
        ";",
        "; filename=x",
        '"; name="other',
        "=",
        "%22",
        "%0D%0A",
        "%",
        "'",
        ":",
        "/",
        "../",
    ),
    *(
        "\r",
        "\n",
        "\r\n",
        "\r\n\r\n",
        "\0",
        "\t",
        "\x0b",
        "\x1b",
        "\x7f",
        "\x85",
        "\u2028",
        " ",
        "",
        "--",
        "\r\n--",
    ),
    *("a", "name", "file.txt", "é", "漢字", "😀", "=?utf-8?q?x?=", "X-Injected: 1", "x" * 300),
    *("--matterapi-", "\r\n--matterapi-0123456789abcdef--\r\n"),
    'Content-Disposition: form-data; name="evil"',
)
NO_TEXT = "\ud800"
CONTENT_TYPES = (*(None,) * 8, *("text/plain", "image/png", "text/plain; charset=utf-8") * 3)
NO_CONTENT_TYPES = ("a/b\r\nX-Injected: 1", "none", "")


_QUOTED = rb'"(?:[^"\\\r\n]|\\.)*"'
_DISPOSITION = re.compile(rb"Content-Disposition: form-data; name=%b(?:; filename=%b)?" % (_QUOTED, _QUOTED))


class Part(NamedTuple):
    """What is in a form, or was found in one."""

    name: str
    file_name: str | None
    content: bytes


class Case(NamedTuple):
    """A form as it is given, and the parts that have to come of it."""

    given: dict[str, Any]
    parts: list[Part]


def make_case(seed: int, number: int) -> Case:
    """The form of a number: the same one in every process and on every machine."""
    rng = random.Random(f"{seed}:{number}")
    given: dict[str, Any] = {}
    fields: list[Part] = []
    files: list[Part] = []
    for count in range(rng.randrange(1, 5)):
        name = f"{count}{_text(rng)}"
        content = _content(rng)
        if count and rng.random() < 0.4:
            value = _text(rng)
            given[name] = value
            fields.append(Part(_escaped(name), None, value.encode(errors="surrogatepass")))
            continue
        types = CONTENT_TYPES if rng.random() < 0.97 else NO_CONTENT_TYPES
        file_name, content_type = f"f{_text(rng)}", rng.choice(types)
        given[name] = (file_name, content) if content_type is None else (file_name, content, content_type)
        files.append(Part(_escaped(name), _base(_escaped(file_name)), content))
    return Case(given, fields + files)


def _text(rng: random.Random) -> str:
    text = "".join(rng.choices(PIECES, k=rng.randrange(4)))
    return text if rng.random() < 0.99 else text + NO_TEXT


def _content(rng: random.Random) -> bytes:
    if rng.random() < 0.2:
        return rng.randbytes(rng.choice((0, 1, 1000, 70_000)))
    return "".join(rng.choices(PIECES, k=rng.randrange(6))).encode(errors="surrogatepass")


def _escaped(name: str) -> str:
    """A name as the server's Go reads it: control characters stay written as they were sent."""
    return re.sub(r"[\x00-\x08\x0a-\x1f\x7f]", lambda found: f"%{ord(found[0]):02X}", name)


def _base(file_name: str) -> str:
    return file_name.rstrip("/").rpartition("/")[2] or "/"


def complaint(case: Case, client: SyncClient, recorder: Recorder) -> tuple[str, str | None]:
    """What became of a form, and what is wrong with that."""
    recorder.take()
    try:
        client.files.upload_file(channel_id="c", multipart_data=case.given)
    except exceptions.MatterapiError as error:
        requests = recorder.take()
        refused = f"refused with {type(error).__name__}"
        return refused, f"{refused}, and sent" if requests else None
    except Exception as error:  # noqa: BLE001 - the finding
        return "", f"untyped {error!r:.300}"
    (request,) = recorder.take()
    return "sent", _read_back(request, case.parts)


def _read_back(request: Request, parts: list[Part]) -> str | None:
    if any(name.startswith("x-injected") for name in request.headers):
        return "a field of the form is one of the request's head"
    content_type = request.headers["content-type"]
    try:
        found = list(strict_parts(content_type.partition("boundary=")[2].encode(), request.body))
    except (Malformed, ValueError, AssertionError, KeyError) as error:
        return f"no form: {error!r:.300}"
    if found != parts:
        return f"read back as {found!r:.600}, not {parts!r:.600}"
    by_email = list(_parts_of_email(content_type, request.body))
    wanted = [part.content for part in parts]
    return None if by_email == wanted else f"the email package reads {by_email!r:.300}, not {wanted!r:.300}"


def strict_parts(boundary: bytes, body: bytes) -> Iterator[Part]:
    """The parts of a body, of which every byte has to be in its place (RFC 2046, section 5.1.1).

    Raises:
        ValueError: One is not.
    """
    delimiter = b"\r\n--" + boundary
    start, *rest, end = (b"\r\n" + body).split(delimiter)
    if start or end != b"--\r\n":
        raise ValueError(f"begins with {start!r:.100}, ends with {end!r:.100}")
    for part in rest:
        head, blank, content = part.partition(b"\r\n\r\n")
        if not blank or not head.startswith(b"\r\n"):
            raise ValueError(f"no head: {part!r:.100}")
        lines = head.removeprefix(b"\r\n")
        if not _DISPOSITION.fullmatch(lines.partition(b"\r\n")[0]):
            raise ValueError(f"another head: {lines!r:.300}")
        names = [line.partition(b":")[0].lower() for line in lines.split(b"\r\n")]
        if names not in ([b"content-disposition"], [b"content-disposition", b"content-type"]):
            raise ValueError(f"fields of a part: {names}")
        yield Part(*read_part(lines + b"\r\n"), content)


def _parts_of_email(content_type: str, body: bytes) -> Iterator[bytes]:
    # Only the types of its parts would make it read more than parts: it is told that all are bytes.
    plain = re.sub(rb"(?<=\r\nContent-Type: )[^\r]*(?=\r\n\r\n)", b"application/octet-stream", body)
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.compat32).parsebytes(head + plain)
    for part in message.get_payload():
        yield part.get_payload(decode=True)  # type: ignore[union-attr,misc]


def work(seed: int, numbers: Iterator[int]) -> Iterator[Outcome]:
    """Send the forms of a seed; see `runner.Work`."""
    with recording() as recorder, SyncClient(recorder.url, token="t" * 26) as client:
        for number in numbers:
            case = make_case(seed, number)
            sort, found = complaint(case, client, recorder)
            yield Outcome(sort, found and f"{found}\n  {case.given!r:.1000}")


if __name__ == "__main__":
    sys.exit(main(work, "Fuzz multipart forms against independent parsers."))
