"""`client/groups.py`: one property a group."""

from __future__ import annotations

from codegen.annotate import Annotator
from codegen.docstring import words
from codegen.names import class_name
from codegen.paths import GROUPS

from . import header


def render_groups(groups: list[str], annotator: Annotator) -> dict[str, str]:
    """The two classes of group properties by path."""
    spec = annotator.spec
    text = header("The resource groups of a client, each loaded on first use.", spec.server_version)
    text += "\nfrom __future__ import annotations\n"
    text += "\nfrom typing import TYPE_CHECKING\n\nfrom .lazy_group import LazyGroup\n\nif TYPE_CHECKING:\n"
    text += "    from ..calls.async_sender import AsyncSender\n"
    text += "    from ..calls.sync_sender import SyncSender\n"
    for facade in ("async", "sync"):
        for group in groups:
            name = class_name(group)
            text += f"    from ..endpoints.{facade}_api.{group} import {name} as {_alias(facade, name)}\n"
    text += "    from ..options.client import ApiClientOptions\n"
    for facade in ("sync", "async"):
        text += f"\n\nclass {facade.title()}Groups:\n"
        text += f'    """The groups of the {facade} client."""\n'
        text += "\n    if TYPE_CHECKING:\n        options: ApiClientOptions\n"
        text += f"        sender: {facade.title()}Sender\n"
        for group in groups:
            name = class_name(group)
            text += f"\n    @LazyGroup\n    def {group}(self) -> {_alias(facade, name)}:\n"
            text += f'        """Calls about {words(group, spec.glossary)}."""\n'
            # Absolute: the import system resolves a relative name anew at every access.
            text += f"        from matterapi.endpoints.{facade}_api.{group} import {name}\n\n"
            text += f"        return {name}(self, self.options.skip_response_parsing)\n"
    return {GROUPS: text}


def _alias(facade: str, name: str) -> str:
    return f"{facade.title()}{name}"
