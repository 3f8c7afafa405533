import http.client
import ssl
from pathlib import Path

import pytest

from benches import nginx_server, servers
from benches.cases.pages import USER_PATH, pages, user_page
from benches.served import Pages, SetupError


def test_the_user_has_the_size_of_a_real_one() -> None:
    assert 900 <= len(user_page()) <= 1_100


def test_the_pages_and_a_certificate_that_its_authority_vouches_for_are_written(tmp_path: Path) -> None:
    servers.write_pages(tmp_path)

    assert {name: (tmp_path / name).read_bytes() for name in pages()} == pages()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "chain.pem", tmp_path / "key.pem")
    ssl.create_default_context(cafile=str(servers.trusted_in(tmp_path)))


def test_nginx_has_one_worker_and_listens_on_loopback_alone(tmp_path: Path) -> None:
    text = nginx_server.configuration(tmp_path, 4321, tls=False, root=False)

    assert "worker_processes 1;" in text
    assert text.count("listen ") == 1
    assert "listen 127.0.0.1:4321;" in text
    assert "ssl" not in text
    assert "user root" not in text


def test_nginx_speaks_tls_where_it_is_asked_to_and_keeps_its_rights_as_root(tmp_path: Path) -> None:
    text = nginx_server.configuration(tmp_path, 4321, tls=True, root=True)

    assert "listen 127.0.0.1:4321 ssl;" in text
    assert f"ssl_certificate {tmp_path}/chain.pem;" in text
    assert "user root root;" in text


def test_a_missing_nginx_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)

    with pytest.raises(SetupError, match="nginx is not installed"):
        nginx_server.program()


@pytest.mark.parametrize("tls", [False, True])
def test_nginx_answers_with_the_pages(tmp_path: Path, *, tls: bool) -> None:
    try:
        nginx_server.program()
    except SetupError as error:
        pytest.skip(str(error))
    servers.write_pages(tmp_path)
    with servers.serving("nginx", Pages(tls=tls), tmp_path, tmp_path) as address:
        port = int(address.url.rpartition(":")[2])
        if tls:
            context = ssl.create_default_context(cafile=str(address.trusted))
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                "127.0.0.1", port, context=context, timeout=10
            )
        else:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", USER_PATH)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, user_page())
        connection.close()
    assert address.name == "nginx"
