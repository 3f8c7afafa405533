"""Times in which a server, or a part of it, is away."""

from abc import ABC, abstractmethod
from types import TracebackType

from typing_extensions import Self, override

from matterapi.testing.http.listener import Listener
from matterapi.testing.state.world import World


class Absence(ABC):
    """Begins when it is made; ends with a with block or by `end`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @abstractmethod
    def end(self) -> None:
        """Bring back what is away; does nothing the second time."""


class Down(Absence):
    """The time in which a server is away; ends with a with block or by `end`.

    Args:
        listener: What is shut.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener: Listener | None = listener

    @override
    def end(self) -> None:
        """Take connections again, on the same port; does nothing the second time.

        Raises:
            OSError: Somebody else took the port meanwhile.
        """
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.reopen()


class DatabaseDown(Absence):
    """The time in which a server's database is away; ends with a with block or by `end`.

    Args:
        world: The server's state.
        listener: Runs changes on the server's thread.
    """

    def __init__(self, world: World, listener: Listener) -> None:
        self._world = world
        self._listener = listener
        self._set(away=True)

    @override
    def end(self) -> None:
        """Let the database come back."""
        self._set(away=False)

    def _set(self, *, away: bool) -> None:
        def change() -> None:
            self._world.database_away = away

        self._listener.run(change)
