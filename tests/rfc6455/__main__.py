"""`python -m tests.rfc6455`: carry out all cases, write the page, and name those that fail."""

from __future__ import annotations

import asyncio
import logging
import sys

from .cases import CASES
from .page import PAGE, page
from .trial import expected, outcomes


def main() -> int:
    """Run all cases with both clients; the exit status says whether one fails."""
    logging.getLogger("matterapi").setLevel(logging.CRITICAL)
    failed = 0
    for kind in ("sync", "async"):
        found = asyncio.run(outcomes(kind, CASES))
        for case, came in zip(CASES, found, strict=True):
            if came != expected(case):
                failed += 1
                print(f"{case.id} ({kind}), {case.what}: expected {expected(case)}, came {came}")
    PAGE.write_text(page(CASES, found), "utf-8")
    print(f"{2 * len(CASES)} cases, {failed} failed: {PAGE.name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
