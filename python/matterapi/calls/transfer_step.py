"""What following a call event by event brings."""

from __future__ import annotations

from typing import TypeAlias

from matterapi._core import RawResponse

Retry: TypeAlias = tuple[int, float, RawResponse | Exception]
"""The number of the attempt that failed, from 1; seconds before the next; its answer, or why it has none."""

TransferStep: TypeAlias = int | bytes | Retry | RawResponse | None
"""Bytes sent so far, a piece, a further attempt, the answer, or the end."""
