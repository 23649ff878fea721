"""Calls that do not wait for one another, made at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Executor

Call = Callable[[], Any]


def side_by_side(tasks: Sequence[Call], threads: Executor) -> list[Any]:
    """Make calls at the same time, and return their results in order.

    The first is made by whoever asks, which saves a change of threads. All have ended when this returns or raises: in
    Lambda, what runs on behind an answer stands still until the next request.

    Raises:
        Exception: What the earliest call raised that did.
    """
    first, *others = tasks
    begun = [threads.submit(call) for call in others]
    try:
        result = first()
    finally:
        failures = [each.exception() for each in begun]  # waits for each
    for failure in failures:
        if failure is not None:
            raise failure
    return [result, *(each.result() for each in begun)]
