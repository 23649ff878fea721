"""How many functions the account runs at a time, and how many of them its queues may take."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter_cli.operator.doctor.clocks import OF_WEBHOOKS, WOKEN_BY_QUEUES
from newsletter_cli.operator.doctor.finding import Finding, ok, see, warning
from newsletter_cli.operator.doctor.patient import Patient

PAGES = 10
"""Executions that pages should find at any moment: some 180 requests a second, and a few functions that start."""

KEPT_BY_AWS = 100
"""What AWS keeps for functions without a reservation, and refuses a reservation for."""

NAME = "concurrency"


def concurrency(patient: Patient) -> Iterator[Finding]:
    """Look at whether pages find room while all queues are worked off."""
    functions, queues = patient.stack.client("lambda"), 0
    at_a_time = functions.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    there = patient.stack.resources.functions
    for word in (*WOKEN_BY_QUEUES, "import_people", *(each for each in OF_WEBHOOKS if each in there)):
        name = there[word]
        for mapping in functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
            of_stream = "StartingPosition" in mapping  # which has one reader for each shard, of which ours have one
            queues += mapping.get("ScalingConfig", {}).get("MaximumConcurrency", 1 if of_stream else at_a_time)
    found = f"The account runs {at_a_time:,} functions at a time, of which the queues take {queues:,} at most."
    if at_a_time < queues + PAGES:
        yield warning(NAME, f"{found} While they do, pages are refused for moments.", see("Functions are throttled"))
        return
    room = min(at_a_time - KEPT_BY_AWS, 100)
    hint = f" ReservedForLeaving may be up to {room}: executions that are kept for the page to leave by."
    yield ok(NAME, found + hint if room > 0 else found)
