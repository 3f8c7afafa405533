"""How many examples a property test tries."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings


def examples(usual: int) -> settings:
    """Decorator of a property test.

    Args:
        usual: How many examples; `MATTERAPI_EXAMPLES` in the environment asks for another number.
    """
    asked = os.environ.get("MATTERAPI_EXAMPLES")
    # Whoever asks for a number accepts the time that it takes.
    unhurried = [HealthCheck.too_slow] if asked else []
    return settings(max_examples=int(asked or usual), deadline=None, suppress_health_check=unhurried)
