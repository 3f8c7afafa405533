"""`client/groups.py` and `client/raw_groups.py`: one property a group."""

from __future__ import annotations

from codegen.annotate import Annotator
from codegen.docstring import words
from codegen.names import class_name
from codegen.paths import GROUPS, RAW_GROUPS

from . import header


def render_groups(groups: list[str], annotator: Annotator) -> dict[str, str]:
    """The classes of group properties by path."""
    return {GROUPS: _groups(groups, annotator), RAW_GROUPS: _raw_groups(groups, annotator)}


def _groups(groups: list[str], annotator: Annotator) -> str:
    spec = annotator.spec
    text = header("The resource groups of a client, each loaded on first use.", spec.server_version)
    text += "\nfrom __future__ import annotations\n"
    text += "\nfrom typing import TYPE_CHECKING\n\nfrom .lazy_group import LazyGroup\n\nif TYPE_CHECKING:\n"
    text += "    from ..calls.async_sender import AsyncSender\n"
    text += "    from ..calls.sync_sender import SyncSender\n"
    text += _imports(groups, "")
    text += "    from ..options.client import ApiClientOptions\n"
    for facade in ("sync", "async"):
        text += f"\n\nclass {facade.title()}Groups:\n"
        text += f'    """The groups of the {facade} client."""\n'
        text += "\n    if TYPE_CHECKING:\n        options: ApiClientOptions\n"
        text += f"        sender: {facade.title()}Sender\n"
        for group in groups:
            text += _property(facade, group, "", words(group, spec.glossary))
            text += f"        return {class_name(group)}(self, self.options.skip_response_parsing)\n"
    return text


def _raw_groups(groups: list[str], annotator: Annotator) -> str:
    spec = annotator.spec
    text = header("The resource groups of `client.with_raw_response`.", spec.server_version)
    text += "\nfrom __future__ import annotations\n"
    text += "\nfrom typing import TYPE_CHECKING\n\nfrom .lazy_group import LazyGroup\n"
    text += "from .raw_view import RawView\n\nif TYPE_CHECKING:\n"
    text += _imports(groups, "Raw")
    for facade in ("sync", "async"):
        text += f"\n\nclass {facade.title()}RawGroups(RawView):\n"
        text += f'    """A view of a {facade} client whose calls return the answers themselves."""\n'
        for group in groups:
            text += _property(facade, group, "Raw", words(group, spec.glossary))
            text += f"        return Raw{class_name(group)}(self)\n"
    return text


def _imports(groups: list[str], prefix: str) -> str:
    text = ""
    for facade in ("async", "sync"):
        folder = f"..endpoints.{_folder(facade, prefix)}"
        for group in groups:
            name = f"{prefix}{class_name(group)}"
            text += f"    from {folder}.{group} import {name} as {_alias(facade, name)}\n"
    return text


def _property(facade: str, group: str, prefix: str, about: str) -> str:
    name = f"{prefix}{class_name(group)}"
    text = f"\n    @LazyGroup\n    def {group}(self) -> {_alias(facade, name)}:\n"
    text += f'        """Calls about {about}."""\n'
    # Absolute: the import system resolves a relative name anew at every access.
    return f"{text}        from matterapi.endpoints.{_folder(facade, prefix)}.{group} import {name}\n\n"


def _folder(facade: str, prefix: str) -> str:
    return f"{facade}_{prefix.lower() or 'api'}"


def _alias(facade: str, name: str) -> str:
    return f"{facade.title()}{name}"
