"""A child process with a share of a processor, as Lambda gives it to a function with less memory than 1,769 MB.

Lambda lets a function run until its share of each short period is used up, and then not until the next. A laptop has no
such quota without root, so the child is stopped and continued here (SIGSTOP, SIGCONT) by what its own clock of
processor time says. Waiting for an answer costs nothing of the share, as there.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

PERIOD = 0.1
"""Seconds; what is not used of one is lost. It is what Linux does with a quota unless told otherwise, and a stop costs
each thread of the child some work, which a quota in the kernel does not: shorter ones would measure that.

Source: https://docs.kernel.org/scheduler/sched-bwc.html
"""

LOOK = 0.002
"""Seconds between two looks at the clock of the child."""


def run(command: Sequence[str], *, share: float, timeout: float, environment: Mapping[str, str], folder: str) -> str:
    """Run a program with a share of a processor, 1 being a whole one, and return what it printed.

    Raises:
        TimeoutExpired: It was not through in time, and is ended.
        CalledProcessError: It failed.
    """
    with subprocess.Popen(
        list(command), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(environment), cwd=folder
    ) as child:
        ends = time.monotonic() + timeout
        try:
            if share < 1:
                _hold_to(child, share, ends)
            said, complaint = child.communicate(timeout=max(0.1, ends - time.monotonic()))
        finally:
            if child.poll() is None:
                child.kill()
        if child.returncode:
            sys.stderr.write(complaint)
            raise subprocess.CalledProcessError(child.returncode, list(command), said, complaint)
    return said


def _hold_to(child: subprocess.Popen[str], share: float, ends: float) -> None:
    """Stop and continue the child until it has ended, so that it never has more than its share of a period or two."""
    clock = (~child.pid << 3) | 2  # the processor time of another process, as clock_getcpuclockid(3) names it
    most = share * PERIOD
    credit, stopped = most, False
    at, used = time.monotonic(), 0.0
    while child.poll() is None and time.monotonic() < ends:
        time.sleep(LOOK)
        now = time.monotonic()
        try:
            used_now = time.clock_gettime(clock)
        except OSError:
            return  # it has just ended
        credit = min(most, credit + (now - at) * share) - (used_now - used)
        at, used = now, used_now
        if stopped is not (credit < 0):
            stopped = not stopped
            child.send_signal(signal.SIGSTOP if stopped else signal.SIGCONT)
