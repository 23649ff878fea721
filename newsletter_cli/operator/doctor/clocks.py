"""What wakes the functions: clocks, queues, and the issue for the next slot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from newsletter.calendar.domain.hour import BEFORE_THE_SEND, is_cleared, why_it_waits
from newsletter.issues.domain.issue import IssueStatus
from newsletter_cli.operator.ages import age
from newsletter_cli.operator.doctor.finding import Finding, ok, problem, skipped, warning
from newsletter_cli.operator.doctor.mail_account import DEPLOY
from newsletter_cli.operator.doctor.patient import Patient

WOKEN_BY_CLOCKS = {"schedule": 2, "settle": 1, "publish": 1, "greet": 1, "report": 1}
"""Clocks that there are at least, by the word of the function or queue they wake."""

WOKEN_BY_QUEUES = ("greet", "inbound", "publish", "fan_out", "send", "feedback", "settle", "report", "sign_in_mail")
OF_WEBHOOKS = ("tell_webhooks", "post_webhook")
"""Woken by streams and by a queue, in a stack with the parameter Webhooks on."""

SOON = timedelta(hours=48)
"""Before a slot; the watch warns the editors at the same time."""

DRIFT, TOO_MUCH = timedelta(seconds=60), timedelta(minutes=5)
"""AWS refuses calls whose clock is five minutes off."""


def own_clock(patient: Patient) -> Iterator[Finding]:
    """Compare the clock of this machine with that of AWS."""
    answer = patient.stack.client("sts").get_caller_identity()
    said = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    if not said:
        yield skipped("clock", "AWS did not say what time it is.")
        return
    off = abs(patient.now - parsedate_to_datetime(said))
    if off >= TOO_MUCH:
        yield problem("clock", f"The clock of this machine is {age(off)} off.", "Set it, or turn on NTP.")
    elif off >= DRIFT:
        yield warning("clock", f"The clock of this machine is {age(off)} off.", "Turn on NTP.")
    else:
        yield ok("clock", "This machine and AWS agree about the time.")


def schedules(patient: Patient) -> Iterator[Finding]:
    """Look at every clock of the stack: that it is there, runs, and knows the time zone."""
    clocks = list(_ours(patient))
    for word, least in WOKEN_BY_CLOCKS.items():
        mine = [clock for woken, clock in clocks if woken == word]
        label = f"clock of {word}"
        stopped = [clock["Name"] for clock in mine if clock["State"] != "ENABLED"]
        if len(mine) < least:
            yield problem(label, f"{least - len(mine)} of {least} clocks are missing.", DEPLOY)
        elif stopped:
            yield problem(label, f"{stopped[0]} is disabled.", "Enable it in EventBridge Scheduler, or deploy again.")
        else:
            yield ok(label, f"{len(mine)} {'runs' if len(mine) == 1 else 'run'}.")
    yield _slot_clock(patient, [clock for woken, clock in clocks if woken == "schedule"])


def _ours(patient: Patient) -> Iterator[tuple[str, dict[str, Any]]]:
    resources = patient.stack.resources
    targets = {name: word for word, name in resources.functions.items()}
    targets |= {url.rpartition("/")[2]: word for word, url in resources.queues.items()}
    for page in patient.stack.client("scheduler").get_paginator("list_schedules").paginate():
        for clock in page["Schedules"]:
            word = targets.get(clock["Target"]["Arn"].rpartition(":")[2])
            if word is not None:
                yield word, clock


def _slot_clock(patient: Patient, clocks: list[dict[str, Any]]) -> Finding:
    settings = patient.stack.settings
    if patient.stack.is_local:
        return skipped("time of the slots", "The laptop stack's clock keeps no time zone; slots are fired by hand.")
    scheduler = patient.stack.client("scheduler")
    said = [scheduler.get_schedule(Name=clock["Name"], GroupName=clock["GroupName"]) for clock in clocks]
    wanted = (f"cron({settings.send_minute} {settings.send_hour} * * ? *)", settings.time_zone)
    if wanted in [(each["ScheduleExpression"], each.get("ScheduleExpressionTimezone")) for each in said]:
        hour = f"{settings.send_hour:02d}:{settings.send_minute:02d}"
        return ok("time of the slots", f"The clock strikes at {hour} in {settings.time_zone}.")
    return problem("time of the slots", "No clock strikes at the hour that the functions expect.", DEPLOY)


def next_slot(patient: Patient) -> Iterator[Finding]:
    """Look at whether an issue is ready for the next slot."""
    app, now = patient.stack.app, patient.now
    rhythm = app.current_rhythm()
    slot = rhythm.next_slots(1, now)[0]
    day, when = rhythm.day_of(slot), f"{slot.astimezone(rhythm.time_zone):%A %d %B %Y, %H:%M}"
    meant = [record for record in app.issues.with_status(IssueStatus.READY) if record.may_go(day)]
    due = [record for record in meant if record.due(day, needs_approval=app.settings.needs_approval)]
    if due:
        yield ok("next slot", f"{when}: {due[0].slug} goes out.")
    elif meant:
        wait = meant[0].waits_for(needs_approval=app.settings.needs_approval)
        yield warning("next slot", f"{when}: {meant[0].slug} waits for {wait}.", "An editor decides by the preview.")
    elif slot - now <= SOON:
        yield warning("next slot", f"{when}: no issue is ready.", "Publish one, or skip the day.")
    else:
        yield ok("next slot", f"{when}. No issue is ready yet.")


def own_hours(patient: Patient) -> Iterator[Finding]:
    """Look at whether what is to go out soon at an hour of its own may go."""
    app, now = patient.stack.app, patient.now
    rules = app.hour_ports.rules
    for status in BEFORE_THE_SEND:
        for record in app.issues.with_status(status):
            moment = record.goes_at(rules.zone)
            if moment is None or record.withdrawn or moment - now > SOON:
                continue
            when = f"{moment:%A %d %B %Y, %H:%M}"
            if is_cleared(record, rules) and moment > now:
                yield ok("own hour", f"{when}: {record.slug} goes out.")
            elif moment > now:
                what = f"{when}: {record.slug} is {why_it_waits(record)}."
                yield warning("own hour", what, "An editor decides by the preview.")
            else:
                yield warning("own hour", f"{when}: {record.slug} did not go out.", "Give it another hour in `send`.")


def event_sources(patient: Patient) -> Iterator[Finding]:
    """Look at whether queues wake their functions."""
    functions, stopped = patient.stack.client("lambda"), []
    woken = [word for word in WOKEN_BY_QUEUES if word != "inbound" or patient.stack.settings.inbound_domain]
    woken += [word for word in OF_WEBHOOKS if word in patient.stack.resources.functions]
    for word in woken:
        name = patient.stack.resources.functions[word]
        found = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        if not any(each["State"] in ("Enabled", "Enabling", "Updating") for each in found):
            stopped.append(word)
    if stopped:
        remedy = "Enable its trigger in Lambda when you know why it was stopped, or deploy again."
        yield problem("queues", f"No queue wakes {', '.join(stopped)}.", remedy)
    else:
        yield ok("queues", f"All {len(woken)} functions are woken by their queues.")
