"""What waits: dead letters, old messages, sends that are held."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.domain.send import PausedBy, SendState
from newsletter_cli.operator.dead_letters.meanings import MEANINGS, dead_letter_queues
from newsletter_cli.operator.doctor.finding import Finding, ok, problem, see, skipped, warning
from newsletter_cli.operator.doctor.patient import Patient
from newsletter_cli.operator.queue_facts import DEAD_LETTERS, queue_facts

SPAN = timedelta(minutes=15)
"""As long as the alarm waits."""

MAY_WAIT = ("batch", "import")
"""Queues whose messages wait for the rate or the day's quota when a send has to, or for their turn in a long list."""


def dead_letters(patient: Patient) -> Iterator[Finding]:
    """Look at whether anything failed for good."""
    sqs, any_there = patient.stack.client("sqs"), False
    for queue, url in dead_letter_queues(patient.stack).items():
        facts, word = queue_facts(sqs, url), queue.removesuffix(DEAD_LETTERS)
        if facts.empty:
            continue
        any_there = True
        number = facts.waiting + facts.under_way
        found = f"{number} of {word}. {MEANINGS.get(word, '')}"
        yield problem("dead letters", found, f"newsletter dead-letters show {word}. {see('Dead letters')}")
    if not any_there:
        yield ok("dead letters", "There are none.")


def old_messages(patient: Patient) -> Iterator[Finding]:
    """Look at how long messages wait."""
    if patient.stack.is_local:
        yield skipped("waiting", "The laptop stack does not measure how old messages are.")
        return
    cloudwatch, now, old = patient.stack.client("cloudwatch"), patient.now, False
    for word, url in sorted(patient.stack.resources.queues.items()):
        if word.endswith(DEAD_LETTERS) or word in MAY_WAIT:
            continue
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/SQS",
            MetricName="ApproximateAgeOfOldestMessage",
            Dimensions=[{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
            StartTime=now - SPAN,
            EndTime=now,
            Period=300,
            Statistics=["Maximum"],
        )["Datapoints"]
        newest = max(points, key=lambda point: point["Timestamp"])["Maximum"] if points else 0
        if newest > SPAN.total_seconds():
            old = True
            found = f"The oldest message of {word} waits {newest / 60:.0f} minutes."
            yield problem("waiting", found, see("Events that wait"))
    if not old:
        yield ok("waiting", "No message waits longer than 15 minutes.")


def held_sends(patient: Patient) -> Iterator[Finding]:
    """Look at sends that are not over."""
    app, any_there = patient.stack.app, False
    for status in (IssueStatus.SENDING, IssueStatus.PAUSED):
        for issue in app.issues.with_status(status):
            send = app.sends.get(issue.slug)
            if send is None or send.state is SendState.CLOSED:
                continue
            any_there = True
            if send.state is SendState.PAUSED:
                alone = send.paused_by in (PausedBy.QUOTA, PausedBy.OUTAGE)
                found = f"{issue.slug} is held: {send.paused_because}"
                yield warning("sends", found, "It goes on alone." if alone else see("What pauses a send"))
            elif send.doubts_wait_for:
                yield warning("sends", f"{issue.slug}: {send.doubts_wait_for}", see("Readers in doubt"))
            elif send.is_late(patient.now):
                yield warning("sends", f"{issue.slug} takes longer than expected.", see("Dead letters"))
            else:
                yield ok("sends", f"{issue.slug} is {send.state}.")
    if not any_there:
        yield ok("sends", "None is open.")


def confirmation_mail(patient: Patient) -> Iterator[Finding]:
    """Look at whether mail to people who sign up is held."""
    holds = {lane: watch.get() for lane, watch in patient.stack.app.confirmation_watches.items()}
    held = {lane: hold for lane, hold in holds.items() if hold.holds(patient.now)}
    for lane, hold in held.items():
        yield warning("confirmations", f"The {lane} lane is held back: {hold.because}", see("What pauses a send"))
    if not held:
        yield ok("confirmations", "Emails to people who sign up are not held back.")
