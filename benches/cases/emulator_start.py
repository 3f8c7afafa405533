"""Start of the embedded server to its first answer: `python -m benches.cases.emulator_start`.

The import is not counted, and every start after the first is quicker.
"""

from __future__ import annotations

import http.client
import time

from benches.cases.measure import Sample, print_sample
from benches.cases.memory import resident
from matterapi.testing import MattermostServer


def measure() -> Sample:
    start, cpu_start = time.perf_counter(), time.process_time()
    with MattermostServer() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", "/api/v4/system/ping")
        response = connection.getresponse()
        response.read()
        connection.close()
        cpu_seconds = time.process_time() - cpu_start
        seconds = time.perf_counter() - start
        assert response.status == 200
    return Sample(calls=1, seconds=seconds, cpu_seconds=cpu_seconds, outcome="answered", memory=resident())


if __name__ == "__main__":
    print_sample(measure())
