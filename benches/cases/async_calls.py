"""Typed calls of an async session: `python -m benches.cases.async_calls`, arguments as in `flight.run`."""

from __future__ import annotations

from benches.cases.flight import measure_flight, run
from benches.cases.measure import Amount, Sample, model_fingerprint
from benches.cases.options import options
from matterapi import AsyncClient
from matterapi.models import User


async def program(url: str, _library: str, in_flight: int, how: str, amount: Amount) -> Sample:
    async with AsyncClient(options=options(url)).session() as session:
        known = await session.users.get_user("me")

        async def call() -> None:
            user = await session.users.get_user("me")
            if type(user) is not User or user.id != known.id:
                raise RuntimeError(f"not the user: {user!r}")

        return await measure_flight(call, in_flight, how, amount, model_fingerprint(known))


if __name__ == "__main__":
    run(program)
