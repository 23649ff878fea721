"""What has alarms of its own only in a large stack: crashes by function, what was turned away, floods of sign-ups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from newsletter_cli.operator.doctor.finding import Finding, ok, problem, see, skipped, warning
from newsletter_cli.operator.doctor.patient import Patient

SPAN = timedelta(days=1)

FLOOD = 300
"""Refused requests in five minutes, as the alarm of a large stack counts them."""

SIGN_UP_LINES = {
    "limits stopped": ("subscribe", '{ $.message = "sign-up refused" && $.reason != "honeypot" }', 100),
    "there was no room within a day for": ("subscribe", '{ $.reason = "full" }', 0),
    "the budget of the hour kept back": ("greet", '{ ($.mail = "budget") && ($.occasion != "renewal") }', 0),
    "mailboxes were spared": ("greet", '{ ($.mail = "spared") || ($.mail = "undeliverable") }', 20),
}
"""Lines in the log of a function, as the filters of a large stack read them, and how many are nothing to speak of."""


def function_errors(patient: Patient) -> Iterator[Finding]:
    """Look at which functions crashed, and whether Lambda turned calls away."""
    if patient.stack.is_local:
        yield skipped("crashes", "The laptop stack does not count them.")
        return
    crashed = {
        word: number
        for word, name in sorted(patient.stack.resources.functions.items())
        if (number := sum(_sums(patient, "AWS/Lambda", "Errors", "FunctionName", name)))
    }
    for word, number in crashed.items():
        yield problem("crashes", f"{word} ended in an error {number:.0f} times in a day.", see("A function crashes"))
    if not crashed:
        yield ok("crashes", "No function crashed in the last day.")
    throttled = sum(_sums(patient, "AWS/Lambda", "Throttles"))
    if throttled:
        yield warning(
            "throttles", f"Lambda turned {throttled:.0f} calls away in a day.", see("Functions are throttled")
        )
    else:
        yield ok("throttles", "Lambda turned no call away in the last day.")


def requests(patient: Patient) -> Iterator[Finding]:
    """Look at how many requests the API refused."""
    if patient.stack.is_local:
        yield skipped("requests", "The laptop stack does not count them.")
        return
    most = max(_sums(patient, "AWS/ApiGateway", "4xx", "ApiId", patient.stack.resources.api_id), default=0)
    if most > FLOOD:
        found = f"The API refused {most:.0f} requests in five minutes."
        yield warning("requests", found, see("A flood of requests"))
    else:
        yield ok("requests", "There was no flood of them in the last day.")


def sign_ups(patient: Patient) -> Iterator[Finding]:
    """Look at how many sign-ups limits stopped."""
    if patient.stack.is_local:
        yield skipped("sign-ups", "The logs of the laptop stack are files.")
        return
    logs, since, any_there = patient.stack.client("logs"), int((patient.now - SPAN).timestamp() * 1000), False
    for found, (word, pattern, usual) in SIGN_UP_LINES.items():
        group = f"/aws/lambda/{patient.stack.resources.functions[word]}"
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=since, filterPattern=pattern
        )
        number = sum(len(page["events"]) for page in pages)
        if number > usual:
            any_there = True
            yield warning("sign-ups", f"In the last day {found} {number}.", see("A flood of sign-ups"))
    if not any_there:
        yield ok("sign-ups", "There was no flood of them in the last day.")


def _sums(patient: Patient, namespace: str, metric: str, dimension: str = "", of: str = "") -> list[float]:
    answer: dict[str, Any] = patient.stack.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": dimension, "Value": of}] if dimension else [],
        StartTime=patient.now - SPAN,
        EndTime=patient.now,
        Period=300,
        Statistics=["Sum"],
    )
    return [float(point.get("Sum", 0)) for point in answer["Datapoints"]]
