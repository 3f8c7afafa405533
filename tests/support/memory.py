"""How much memory a process has taken."""

from pathlib import Path


def peak() -> int:
    """The most memory that this process has had resident, in KiB."""
    # Not `ru_maxrss`, which a new program inherits from the process that started it.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])
