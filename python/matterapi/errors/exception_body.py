"""The error object of the server as a model."""

from __future__ import annotations

from typing import ClassVar

from pydantic import ConfigDict

from matterapi.bases.free_keys import FreeKeys


class ExceptionBody(FreeKeys):
    """The error object of the server (`AppError`, model/utils.go).

    `id` names the kind of error and is what code should branch on; `message` is translated for the
    caller. `detailed_error` is empty unless the server runs in developer mode. `is_oauth` is documented
    but never sent.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="allow", coerce_numbers_to_str=True, defer_build=True
    )

    id: str
    message: str
    status_code: int
    request_id: str = ""
    detailed_error: str | None = None
    is_oauth: bool | None = None
