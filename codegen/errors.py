"""The one error of the generator."""

from __future__ import annotations


class SpecError(Exception):
    """A fact in `spec/` that cannot be generated from; says where it is and what is wrong with it."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")
        self.place = place
        self.problem = problem
