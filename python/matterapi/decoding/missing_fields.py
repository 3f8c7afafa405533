"""Fields that every answer of a supported server holds, in an answer that lacks one."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from matterapi.logs import library_logger

logger: logging.Logger = library_logger("matterapi")

_told: set[tuple[type, str]] = set()


def tell_missing(model: type, names: Iterable[str]) -> None:
    """Log at level WARNING, once per process and field, that an answer came without it.

    Args:
        model: The class of the instance, which has `None` there.
        names: The fields, as attributes.
    """
    news = [name for name in names if (model, name) not in _told]
    if news:
        _told.update((model, name) for name in news)
        logger.warning(
            "%s: the server left out %s, which answers of a supported server always hold; None stands there",
            model.__name__,
            ", ".join(news),
        )
