"""`GET /config/client` and `GET /license/client`: servers want to be told the format (api4/config.go)."""

from typing import Any

from tests.support.scripted import answer, scripted


async def test_the_old_format_is_asked_for(connect: Any) -> None:
    lines: list[str] = []

    def script(connection: Any) -> None:
        while (request := connection.read_request()) is not None:
            lines.append(request[0].split()[1])
            connection.send(answer(b'{"SiteName":"a"}'))

    with scripted(script) as server:
        client = connect(server.url)
        assert await client.system.get_client_config() == {"SiteName": "a"}
        await client.system.get_client_config(format=None)
        await client.system.get_client_license(format="old")
    assert lines == [
        "/api/v4/config/client?format=old",
        "/api/v4/config/client",
        "/api/v4/license/client?format=old",
    ]
