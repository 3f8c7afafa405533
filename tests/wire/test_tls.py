"""TLS with certificates made here, for calls and for the websocket, sync and async."""

import ssl
from pathlib import Path
from typing import Any

import pytest

from matterapi.client import exceptions as e
from tests.support.both_ways import WAYS, Reached, reach
from tests.support.certificates import Authority
from tests.support.effort import usually
from tests.support.scripted import scripted

pytestmark = pytest.mark.parametrize("way", WAYS)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def reach_tls(way: str, server: ssl.SSLContext, **http: Any) -> None:
    with scripted(Reached().script(), server) as running:
        await reach(way, running.url, **http)


async def test_an_authority_of_ones_own_is_trusted_by_its_file(way: str, authority: Authority) -> None:
    await reach_tls(way, authority.server(), verify=str(authority.file))


async def test_an_authority_of_ones_own_is_trusted_by_its_folder(
    way: str, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "readme.txt").write_text("no certificate")
    await reach_tls(way, authority.server(), verify=tmp_path)


async def test_an_authority_of_ones_own_is_trusted_by_the_environment(
    way: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    await reach_tls(way, authority.server())
    with pytest.raises(e.TLSError, match="UnknownIssuer"):
        await reach_tls(way, authority.server(), trust_env=False)


async def test_an_unknown_authority_is_refused(way: str, authority: Authority) -> None:
    with pytest.raises(e.TLSError, match="UnknownIssuer") as caught:
        await reach_tls(way, authority.server())
    assert not caught.value.retryable


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        (("other.example", None, 1), "not valid for name"),
        (("127.0.0.1", -9, -2), "expired"),
        (("127.0.0.1", 2, 9), "not valid yet"),
    ],
)
async def test_a_certificate_that_is_not_good_is_refused(
    way: str, authority: Authority, server: tuple[str, int | None, int], reason: str
) -> None:
    name, not_before, not_after = server
    context = authority.server(name, not_before=not_before, not_after=not_after)
    with pytest.raises(e.TLSError, match=reason):
        await reach_tls(way, context, verify=authority.file)
    await reach_tls(way, context, verify=False)


async def test_a_client_certificate_is_shown_to_a_server_that_asks(way: str, authority: Authority) -> None:
    certificate, key = authority.client()
    both = authority.folder / "both.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    for cert in ((str(certificate), str(key)), both):
        await reach_tls(way, authority.server(client=True), verify=authority.file, cert=cert)


async def test_the_key_of_a_client_certificate_may_have_a_password(way: str, authority: Authority) -> None:
    cert = (*authority.client(password="sesame"), "sesame")
    await reach_tls(way, authority.server(client=True), verify=authority.file, cert=cert)


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_missing_client_certificate_is_named(
    way: str, authority: Authority, newest: ssl.TLSVersion
) -> None:
    server = authority.server(client=True)
    server.maximum_version = newest
    with pytest.raises(e.TLSError, match="option cert"):
        await reach_tls(way, server, verify=authority.file)


async def test_an_alert_that_overtakes_the_request_is_named(way: str, authority: Authority) -> None:
    """With TLS 1.3 the alert may come before the request is sent; one call in ten met that."""
    with scripted(Reached().script(), authority.server(client=True)) as running:
        for _ in range(usually(100, 400)):
            with pytest.raises(e.TLSError, match="option cert"):
                await reach(way, running.url, verify=authority.file)


async def test_tls_1_2_alone_is_spoken_and_older_is_not(way: str, authority: Authority) -> None:
    server = authority.server()
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    await reach_tls(way, server, verify=authority.file)
    context = ssl.create_default_context(cafile=str(authority.file))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    with pytest.raises(e.TLSError):
        await reach_tls(way, server, verify=context)


async def test_a_context_tells_its_authorities_and_whether_names_matter(
    way: str, authority: Authority
) -> None:
    context = ssl.create_default_context(cafile=str(authority.file))
    await reach_tls(way, authority.server(), verify=context)
    with pytest.raises(e.TLSError, match="not valid for name"):
        await reach_tls(way, authority.server("other.example"), verify=context)
    context.check_hostname = False
    await reach_tls(way, authority.server("other.example"), verify=context)
    with pytest.raises(e.TLSError, match="expired"):
        expired = authority.server("other.example", not_before=-9, not_after=-2)
        await reach_tls(way, expired, verify=context)
    context.verify_mode = ssl.CERT_NONE
    await reach_tls(way, Authority(authority.folder).server(), verify=context)
