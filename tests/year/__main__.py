"""Fortnight after fortnight without waiting: `make demo UNTIL=2027-03-31`.

Everything is real but the time, the readers and the editors: the functions, the template's clocks and queues, and AWS
in this process. At the end each promise is held against what people got; the exit code is 1 if one was broken. Clocks
that tick by minutes or hours rest while nothing is under way; one that then finds work is a broken promise too.
"""

import argparse
import gc
import os
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta

os.environ.setdefault("POWERTOOLS_LOG_LEVEL", "CRITICAL")  # read as the handlers are loaded

from tests.functions.conftest import SETTINGS
from tests.year.page import lines, verdict
from tests.year.promises import broken
from tests.year.story import told

LONGEST = timedelta(days=5 * 366)
"""A year takes about a minute, and each one more than the one before."""


def day(text: str) -> date:
    """Return the day on which the story ends.

    Raises:
        argparse.ArgumentTypeError: It is none, or too early for anything to happen, or too late to wait for.
    """
    first = date.fromisoformat(SETTINGS["ANCHOR_DATE"])
    try:
        until = date.fromisoformat(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as {first.year + 1}-12-31") from problem
    if not first < until <= first + LONGEST:
        raise argparse.ArgumentTypeError(
            f"the story begins before {first}; name a day between that and {first + LONGEST}"
        )
    return until


def main(arguments: Sequence[str]) -> int:
    """Tell the story; return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="make demo UNTIL=", description="Fortnight after fortnight, without waiting.")
    parser.add_argument("until", type=day, help="the last day, such as 2027-12-31")
    parser.add_argument("--seed", type=int, default=1, help="other people, who do other things")
    given = parser.parse_args(arguments)
    began = time.perf_counter()
    # What AWS holds lives until the end: looking through it for garbage takes a sixth of the time.
    gc.set_threshold(200_000, 100, 100)
    with told(given.until, given.seed) as story:
        print(f"From {story.start:%d %B %Y} to {given.until:%d %B %Y}, without waiting:")
        story.run(lambda month: print(f" {month:%b}", end="", flush=True))
        print()
        for line in lines(story):
            print(line)
        print()
        for line in verdict(story):
            print(line)
        print()
        stack, seconds = story.stack, time.perf_counter() - began
        print(f"  {stack.ticks:,} ticks of the template's clocks; {stack.ticks_spared:,} more were spared, since")
        print(f"  nothing was under way. {seconds:.0f} seconds.")
        return 1 if broken(story) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
