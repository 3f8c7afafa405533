"""A time in which a part of the server is away."""

from abc import ABC, abstractmethod
from types import TracebackType

from typing_extensions import Self


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
