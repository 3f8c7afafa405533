"""Installing plugins, and what admins try and list."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from matterapi.testing import MattermostServer
from tests.conformance.rest.outside import Programs
from tests.emulator.peer import Peer

from .test_joining_teams import BOUNDARY, _send

if TYPE_CHECKING:
    from collections.abc import Iterator


def _bundle(**manifest: Any) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        content = json.dumps(manifest).encode()
        entry = tarfile.TarInfo("folder/plugin.json")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _forced(bundle: bytes) -> bytes:
    field = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="force"\r\n\r\ntrue\r\n'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="plugin"; filename="p.tar.gz"\r\n\r\n'
    return field.encode() + head.encode() + bundle + f"\r\n--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def programs() -> Iterator[Programs]:
    with Programs() as running:
        yield running


def test_a_plugin_is_installed_enabled_and_removed(admin: Peer, member: Peer) -> None:
    bundle = _bundle(id="org.example.Probe", name="Probe", version="1.0.0", description="d")
    assert _send(member, "/plugins", "plugin", bundle).status == 403
    made = _send(admin, "/plugins", "plugin", bundle)
    shown = {"id": "org.example.probe", "name": "Probe", "description": "d", "version": "1.0.0"}
    assert (made.status, made.json) == (201, shown)
    assert [one["id"] for one in admin.get("/plugins").json["inactive"]] == ["org.example.probe"]
    assert admin.post("/plugins/org.example.probe/enable").status == 200
    assert shown in admin.get("/plugins").json["active"]
    offered = admin.get("/plugins/marketplace?local_only=true").json
    versions = {one["manifest"]["id"]: one["installed_version"] for one in offered}
    assert versions["org.example.probe"] == "1.0.0"
    assert admin.delete("/plugins/org.example.probe").status == 200
    assert admin.post("/plugins/org.example.probe/enable").error_id == "app.plugin.not_installed.app_error"


def test_an_installed_plugin_gives_way_by_force_only(admin: Peer) -> None:
    bundle = _bundle(id="probe", version="1.0.0")
    assert _send(admin, "/plugins", "plugin", bundle).status == 201
    assert _send(admin, "/plugins", "plugin", bundle).error_id == "app.plugin.install_id.app_error"
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    newer = _forced(_bundle(id="probe", version="2.0.0"))
    assert admin.call("POST", "/api/v4/plugins", newer, headers=headers).json["version"] == "2.0.0"


@pytest.mark.parametrize(
    ("name", "content", "error_id"),
    [
        ("wrong", b"", "api.plugin.upload.no_file.app_error"),
        ("plugin", b"no archive", "app.plugin.extract.app_error"),
        ("plugin", _bundle(name="without an id"), "app.plugin.manifest.app_error"),
    ],
)
def test_what_is_no_plugin_is_refused(admin: Peer, name: str, content: bytes, error_id: str) -> None:
    refused = _send(admin, "/plugins", name, content)
    assert (refused.status, refused.error_id) == (400, error_id)


def test_a_plugin_is_fetched_from_an_address_on_this_machine(admin: Peer, programs: Programs) -> None:
    path = "/plugins/install_from_url?plugin_download_url="
    assert admin.post(f"{path}{programs.url}/plugin.tar.gz").json["id"] == "org.example.second"
    for address in ("bogus", "http://192.0.2.1/plugin.tar.gz"):
        assert admin.post(path + address).error_id == "api.plugin.install.download_failed.app_error"


def test_an_empty_server_has_no_plugin() -> None:
    with MattermostServer(empty=True) as server:
        fields = {"username": "first", "email": "first@example.org", "password": "a-Password-1"}
        Peer(server).post("/users", fields)
        login = Peer(server).post("/users/login", {"login_id": "first", "password": "a-Password-1"})
        assert Peer(server, login.headers["Token"]).get("/plugins").json == {"active": [], "inactive": []}


def test_what_an_admin_tries_is_looked_at(admin: Peer, member: Peer) -> None:
    assert admin.post("/email/test").status == 200
    partly = {"EmailSettings": {"SMTPServer": "127.0.0.1"}}
    refused = admin.post("/email/test", partly)
    assert refused.error_id == "api.file.test_connection_email_settings_nil.app_error"
    assert admin.post("/site_url/test", {"site_url": "http://127.0.0.1"}).status == 200
    assert admin.post("/site_url/test", {}).error_id == "api.context.invalid_body_param.app_error"
    for path in ("/email/test", "/site_url/test", "/system/onboarding/complete", "/license"):
        assert member.post(path, {}).status in (400, 403), path
    assert _send(admin, "/license", "license", b"x").error_id == "api.license.add_license.invalid.app_error"
    assert _send(admin, "/license", "wrong", b"x").error_id == "api.license.add_license.no_file.app_error"
    assert admin.post("/system/onboarding/complete", {"organization": "x"}).status == 200


def test_users_are_reported_in_pages(admin: Peer, member: Peer, stranger: Peer) -> None:
    first = admin.get("/reports/users?page_size=2&sort_column=Username").json
    rest = admin.get(f"/reports/users?sort_column=Username&from_id={first[-1]['id']}").json
    names = [one["username"] for one in [*first, *rest]]
    assert names == sorted(names)
    assert len(names) == admin.get("/reports/users/count").json == 3
    assert admin.get("/reports/users?page_size=101").error_id == "api.getUsersForReporting.invalid_page_size"
    assert member.get("/reports/users").status == stranger.get("/reports/users/count").status == 403
