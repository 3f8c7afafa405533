"""What the library logs is one line without credentials, whatever it is made of."""

import logging
import logging.handlers
import queue
from collections.abc import Iterator
from typing import Any

import pytest

from matterapi import AsyncClient, SyncClient
from matterapi.logs import Redaction, library_logger
from tests.support.scripted import answer, scripted, serve

TOKEN = "canarycanarycanarycanaryca"
NAMES = ["matterapi", "matterapi.client"]


@pytest.fixture(autouse=True)
def _level() -> Iterator[None]:
    """`debug=True` is for the whole process: undone after each test."""
    logger = logging.getLogger("matterapi.client")
    level = logger.level
    yield
    logger.setLevel(level)


@pytest.fixture(params=NAMES)
def logger(request: pytest.FixtureRequest) -> logging.Logger:
    return library_logger(request.param)


@pytest.mark.parametrize(
    "record",
    [
        ("token=%s", TOKEN),
        ("Bearer %s", TOKEN),
        ("%(head)s", {"head": f"Authorization: Bearer {TOKEN}"}),
        ("%r", {"password": TOKEN}),
        ("%s", ValueError(f"invalid session token={TOKEN}")),
        (f"https://ann:{TOKEN}@chat.example.com",),
        ("%s", f'{{"token": "{TOKEN}"}}'),
    ],
)
def test_credentials_are_masked_in_the_finished_message(
    logger: logging.Logger, caplog: pytest.LogCaptureFixture, record: tuple[Any, ...]
) -> None:
    text, *arguments = record
    logger.warning(text, *arguments)
    (seen,) = caplog.records
    assert TOKEN not in caplog.text + str(vars(seen))
    assert "[secure]" in seen.getMessage()


def test_credentials_are_masked_in_tracebacks(
    logger: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    header = f"Bearer {TOKEN}"
    try:
        raise RuntimeError(header) from ValueError(header)  # noqa: TRY301 - the traceback is what this is about
    except RuntimeError:
        logger.exception("failed")
    assert caplog.text.count("Bearer [secure]") == 2
    assert "raise RuntimeError(header)" in caplog.text
    assert TOKEN not in caplog.text


def test_records_that_go_to_another_process_are_masked(logger: logging.Logger) -> None:
    records: queue.Queue[Any] = queue.Queue()
    handler = logging.handlers.QueueHandler(records)
    logger.addHandler(handler)
    try:
        logger.error("token=%s", TOKEN)
    finally:
        logger.removeHandler(handler)
    assert TOKEN not in str(vars(records.get_nowait()))


def test_a_text_of_the_server_begins_no_line_of_its_own(
    logger: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    logger.warning("server version %s", "11.2\r\nCRITICAL root: all is lost\x1b[2J\x85\u2028")
    assert len(caplog.text.splitlines()) == 1
    assert r"11.2\r\nCRITICAL root: all is lost\x1b[2J\x85\u2028" in caplog.text


def test_a_logger_is_masked_once_and_its_level_left_alone() -> None:
    again = library_logger("matterapi.client")
    assert [type(one) for one in again.filters] == [Redaction]
    assert again.level == logging.NOTSET


async def test_debug_sets_the_level_of_the_process_and_logs_every_call(
    connect: Any, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("matterapi.client")
    with scripted(serve(answer(X_Request_Id="r1"))) as server:
        await connect(server.url).users.get_user("me")
        assert caplog.records == []
        client = connect(server.url, debug=True)
        assert logger.level == logging.DEBUG
        await client.users.get_user("me")
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("matterapi.client", logging.DEBUG)
    assert record.getMessage().startswith("GET /api/v4/users/{user_id}: status 200 after ")
    assert record.getMessage().endswith("request r1")


@pytest.mark.parametrize("client", [SyncClient, AsyncClient])
def test_the_mode_may_be_set_without_a_client(client: Any) -> None:
    logger = logging.getLogger("matterapi.client")
    client.set_logging_mode(True)
    assert logger.level == logging.DEBUG
    client.set_logging_mode(False)
    assert logger.level == logging.INFO
