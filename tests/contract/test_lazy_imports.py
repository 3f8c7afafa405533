"""What is not loaded before it is needed, and that completion shows it all the same."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import matterapi
from codegen.render.endpoints import MIXINS
from matterapi import bodies, endpoints, enums, events, models
from matterapi.endpoints import async_api, sync_api

OPTIONS = "options={'url': 'http://127.0.0.1:9', 'auth': {'token': 't'}}"
GENERATED = ("matterapi.models", "matterapi.enums", "matterapi.endpoints.operations")
TABLES = "matterapi.endpoints.operations"
PACKAGE = Path(matterapi.__file__).parent
FACADES = ("matterapi.endpoints.sync_api", "matterapi.endpoints.async_api")
OF_EVENTS = ("asyncio", "concurrent", "matterapi.events", "matterapi.calls.loop_bridge")
RARE = ("email", "http", "ssl", "importlib.metadata", "httpx", "aiohttp")


def loaded(program: str, *packages: str) -> set[str]:
    """The modules of these packages that a program has loaded at its end."""
    code = f"{program}\nimport sys; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], check=True, capture_output=True, text=True
    )
    return {name for name in done.stdout.split() if any(f"{name}.".startswith(f"{p}.") for p in packages)}


@pytest.mark.parametrize(
    "program",
    [
        "from matterapi import SyncClient",
        "from matterapi.client import exceptions",
        "import matterapi; matterapi.SyncClient; matterapi.Response; matterapi.exceptions",
    ],
)
def test_names_can_be_imported_without_pydantic(program: str) -> None:
    assert loaded(program, "pydantic", *GENERATED, *FACADES, *OF_EVENTS, *RARE) == set()


def test_naming_the_async_client_loads_no_model_and_no_group() -> None:
    assert loaded("from matterapi import AsyncClient", "pydantic", *GENERATED, *FACADES) == set()


@pytest.mark.parametrize("name", ["SyncClient", "AsyncClient"])
def test_making_a_client_loads_no_model_and_no_group(name: str) -> None:
    program = f"from matterapi import {name}; client = {name}({OPTIONS})"
    assert loaded(program, *GENERATED, *FACADES, "matterapi.events", "httpx", "aiohttp") == set()


def test_a_program_without_a_loop_needs_no_asyncio() -> None:
    program = f"from matterapi import SyncClient; SyncClient({OPTIONS}).close()"
    assert loaded(program, *OF_EVENTS, "ssl") == set()


def test_a_group_loads_itself_and_its_models_only() -> None:
    program = f"from matterapi import SyncClient; SyncClient({OPTIONS}).reactions"
    found = loaded(program, *FACADES)
    assert found == {"matterapi.endpoints.sync_api", "matterapi.endpoints.sync_api.reactions"}
    assert "matterapi.models.config" not in loaded(program, "matterapi.models")


@pytest.mark.parametrize("group", MIXINS)
def test_what_a_group_offers_beside_operations_loads_no_other_group(group: str) -> None:
    own = (PACKAGE / "endpoints" / "sync_api" / f"{group}.py").read_text()
    homes = set(re.findall(r"from \.\.operations import (\w+) as", own))
    assert group in homes
    # Files are uploaded in sessions too; that is not another subject.
    homes |= {"uploads"} if group == "files" else set()
    found = loaded(f"from matterapi import SyncClient; SyncClient({OPTIONS}).{group}", TABLES)
    assert found == {TABLES, *(f"{TABLES}.{home}" for home in homes)}


RAW = ("matterapi.client.raw_groups", "matterapi.endpoints.raw", "matterapi.endpoints.sync_raw")
WATCHED = ("opentelemetry", "matterapi.otel", "matterapi.options.hooks", "matterapi.calls.etag_cache")


def test_raw_responses_hooks_tracers_and_the_cache_cost_nobody_else_anything() -> None:
    program = f"from matterapi import SyncClient; c = SyncClient({OPTIONS}); c.users; c.counters()"
    # The options read the hooks that there may be.
    assert loaded(program, *RAW, *WATCHED) <= {"matterapi.options.hooks"}
    found = loaded(f"{program}; c.with_raw_response.users", *RAW, *WATCHED)
    assert found - {"matterapi.options.hooks"} == {*RAW, "matterapi.endpoints.sync_raw.users"}


def test_a_call_loads_no_type_of_a_body() -> None:
    program = (
        f"from matterapi import SyncClient; c = SyncClient({OPTIONS}); c.posts; c.with_raw_response.posts"
    )
    assert loaded(program, "matterapi.bodies") == set()
    found = loaded("from matterapi.bodies import CreatePostJsonBodyDict", "matterapi")
    assert {name for name in found if name.startswith("matterapi.bodies")} == {
        "matterapi.bodies",
        "matterapi.bodies.posts",
    }
    assert not {name for name in found if name.startswith(("matterapi.client", *FACADES))}


def test_a_model_loads_no_client_and_not_every_module() -> None:
    found = loaded("from matterapi.models import User", "matterapi")
    assert not {name for name in found if name.startswith(("matterapi.client", *FACADES))}
    assert "matterapi.models.config" not in found


def test_completion_shows_what_is_not_loaded_yet() -> None:
    program = "import matterapi; assert {'SyncClient', 'models', 'exceptions'} <= {*dir(matterapi)}"
    assert loaded(program, "pydantic", "matterapi.models") == set()
    program = "from matterapi import models; assert {'User', 'PostList', 'Config'} <= {*dir(models)}"
    assert loaded(program, "matterapi.models") == {"matterapi.models"}
    program = "from matterapi import events; assert {'Event', 'Posted', 'Typing'} <= {*dir(events)}"
    assert loaded(program, "pydantic", "matterapi.events") == {"matterapi.events"}
    program = "from matterapi import events; assert {'SQLiteCheckpoint', 'SyncEventStream'} <= {*dir(events)}"
    assert loaded(program, "asyncio", "sqlite3", "pydantic", "matterapi.events") == {"matterapi.events"}
    program = "from matterapi.endpoints import sync_api; assert 'UsersApi' in dir(sync_api)"
    assert loaded(program, *FACADES) == {"matterapi.endpoints.sync_api"}


def test_everything_that_completion_shows_is_there() -> None:
    for module in (
        matterapi,
        models,
        bodies,
        enums,
        events,
        sync_api,
        async_api,
        matterapi.exceptions,
        endpoints,
    ):
        assert [name for name in dir(module) if not hasattr(module, name)] == []
        assert set(getattr(module, "__all__", [])) <= set(dir(module))


def test_an_unknown_name_says_so() -> None:
    for module in (matterapi, models, bodies, events, sync_api, matterapi.exceptions):
        with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
            module.nonsense  # noqa: B018
