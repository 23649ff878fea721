"""How much memory a process ever held."""

from __future__ import annotations

import resource
from pathlib import Path


def peak_rss_mb() -> float:
    """Return the most memory this process ever held. Linux's `ru_maxrss` would begin with that of the parent."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
