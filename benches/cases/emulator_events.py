"""Events that the embedded server sends: `python -m benches.cases.emulator_events SOCKETS EVENTS`.

Every socket gets every event; a process of its own reads them and checks that none is missing or out of
order. The clock runs until it has read the last one.
"""

from __future__ import annotations

import subprocess
import sys
import time

from benches.cases.measure import Clock, Sample, print_sample
from matterapi.testing import MattermostServer

BATCH = 100


def measure(sockets: int, events: int) -> Sample:
    with MattermostServer() as server:
        reader = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "benches.cases.emulator_reader",
                str(server.port),
                server.admin.token,
                str(sockets),
                str(events),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        with reader:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
            connections = server.connections
            clock = Clock()
            for first in range(0, events, BATCH):
                batch = [{"number": number} for number in range(first, min(first + BATCH, events))]
                server.emit("custom_bench_event", batch[0], copies=batch[1:])
                while any(connection.queued for connection in connections):
                    time.sleep(0.001)
            outcome = reader.stdout.readline().strip()
            clock.stop()
        assert reader.returncode == 0
    return clock.sample(events, outcome)


if __name__ == "__main__":
    print_sample(measure(int(sys.argv[1]), int(sys.argv[2])))
