"""What saves the day when something goes wrong: alarms, backups, the drill, the daily count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from newsletter_cli.operator.ages import age
from newsletter_cli.operator.doctor.finding import Finding, ok, problem, see, skipped, warning
from newsletter_cli.operator.doctor.mail_account import DEPLOY
from newsletter_cli.operator.doctor.patient import Patient
from newsletter_cli.operator.queue_facts import SIGN_OF_LIFE
from newsletter_cli.operator.restore_marks import DRILL, RESTORE, noted

RECONCILE = "reconcile"
"""Key of the item in `limits` that says when our suppressions were last compared with those of SES."""

RETENTION = "retention"
"""Key of the item in `limits` that says when people who left were last forgotten."""

DRILL_AGE = timedelta(days=180)
"""A backup that nobody ever restored is a hope. Twice a year is what most guides ask for."""

NIGHTLY_AGE = timedelta(days=3)


def alarms(patient: Patient) -> Iterator[Finding]:
    """Look at the alarms: that they are there, quiet, and heard."""
    pages = patient.stack.client("cloudwatch").get_paginator("describe_alarms")
    found = [each for page in pages.paginate(AlarmNamePrefix=patient.prefix) for each in page["MetricAlarms"]]
    watched = {each["Value"] for alarm in found for each in alarm.get("Dimensions", []) if each["Name"] == "QueueName"}
    sign_of_life = patient.stack.resources.queues.get(SIGN_OF_LIFE, "").rpartition("/")[2]
    if sign_of_life not in watched:
        yield problem("alarms", "There is none for the watch.", DEPLOY)
    elif silent := [each["AlarmName"] for each in found if not each.get("ActionsEnabled", True)]:
        remedy = f"aws cloudwatch enable-alarm-actions --alarm-names {silent[0]}"
        yield problem("alarms", f"{len(silent)} tell nobody, the first is {silent[0]}.", remedy)
    else:
        yield ok("alarms", f"{len(found)} are in place.")
    ringing = [each for each in found if each["StateValue"] == "ALARM"]
    for each in ringing:
        yield problem("ringing", each["AlarmName"], each.get("AlarmDescription", ""))
    if not ringing:
        yield ok("ringing", "No alarm rings.")
    yield _heard(patient, {topic for each in found for topic in each.get("AlarmActions", [])})


def _heard(patient: Patient, topics: set[str]) -> Finding:
    if patient.stack.is_local:
        return skipped("who hears", "Nobody needs to hear the alarms of a laptop stack.")
    sns = patient.stack.client("sns")
    subscriptions: list[dict[str, Any]] = [
        each
        for topic in sorted(topics)
        for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        for each in page["Subscriptions"]
    ]
    confirmed = [each for each in subscriptions if each["SubscriptionArn"].startswith("arn:")]
    if confirmed:
        return ok("who hears", f"{len(confirmed)} confirmed subscription{'s' * (len(confirmed) != 1)} to the alarms.")
    if subscriptions:
        return problem("who hears", "Nobody confirmed a subscription.", "Click the link in the email from AWS.")
    return problem("who hears", "Nobody hears the alarms.", "Set AlarmEmail and deploy. " + see("Alarms"))


PROTECT = "Whoever deploys runs `newsletter protect`."


def tables(patient: Patient) -> Iterator[Finding]:
    """Look at what protects the tables."""
    dynamodb, bare, open_to_mistakes = patient.stack.client("dynamodb"), [], []
    for word, name in sorted(patient.stack.resources.tables.items()):
        if not dynamodb.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"):
            open_to_mistakes.append(word)
        backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        if backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") != "ENABLED":
            bare.append(word)
    if patient.stack.is_local:
        yield skipped("table backups", "The laptop stack keeps its tables in memory.")
    elif bare:
        yield problem("table backups", f"Point-in-time recovery is off for {', '.join(bare)}.", DEPLOY)
    else:
        yield ok("table backups", "Point-in-time recovery is on for all tables.")
    if open_to_mistakes:
        yield problem("table protection", f"Deletion protection is off for {', '.join(open_to_mistakes)}.", PROTECT)
    else:
        yield ok("table protection", "No table can be deleted by mistake.")


def deletion(patient: Patient) -> Iterator[Finding]:
    """Look at whether `sam delete` would be refused: with the stack go all links by which readers unsubscribe."""
    if patient.stack.is_local:
        yield skipped("deletion", "A laptop stack is thrown away.")
        return
    described = patient.stack.client("cloudformation").describe_stacks(StackName=patient.stack.name)["Stacks"][0]
    if described.get("EnableTerminationProtection"):
        yield ok("deletion", "The stack is protected: `sam delete` is refused.")
    else:
        said = "`sam delete` would delete the stack, and readers could not unsubscribe any more."
        yield problem("deletion", said, PROTECT)


def drill(patient: Patient) -> Iterator[Finding]:
    """Look at when a backup was last proved, and whether a restore was cut off."""
    dynamodb, limits = patient.stack.client("dynamodb"), patient.stack.resources.tables["limits"]
    if noted(dynamodb, limits, RESTORE):
        yield problem("restore", "A restore was cut off.", "Run the same `newsletter restore` again; it goes on.")
    last = noted(dynamodb, limits, DRILL)
    if last is not None and patient.now - last[0] <= DRILL_AGE:
        yield ok("restore drill", f"The last was {age(patient.now - last[0])} ago.")
    elif patient.stack.is_local:
        yield skipped("restore drill", "A laptop stack holds nothing that must be restored.")
    elif last is None:
        yield warning("restore drill", "There was never one.", "Run `newsletter drill`.")
    else:
        yield warning("restore drill", f"The last was {age(patient.now - last[0])} ago.", "Run `newsletter drill`.")


def reconcile(patient: Patient) -> Iterator[Finding]:
    """Look at when our suppressions were last compared with those of SES."""
    yield _nightly(patient, "reconcile", RECONCILE)


def forgetting(patient: Patient) -> Iterator[Finding]:
    """Look at when people who left were last forgotten."""
    yield _nightly(patient, "forgetting", RETENTION)


def _nightly(patient: Patient, name: str, key: str) -> Finding:
    item = patient.stack.client("dynamodb").get_item(
        TableName=patient.stack.resources.tables["limits"], Key={"counter_key": {"S": key}}
    ).get("Item")  # fmt: skip
    finished = (item or {}).get("finished_at", {}).get("S")
    last = datetime.fromisoformat(finished).astimezone(UTC) if finished else None
    if last is not None and patient.now - last <= NIGHTLY_AGE:
        return ok(name, f"The last was {age(patient.now - last)} ago.")
    if patient.stack.is_local:
        return skipped(name, "Never; the laptop stack does not run overnight.")
    if last is None:
        return warning(name, "Never.", "It runs by itself once a day; look again tomorrow.")
    return warning(name, f"The last was {age(patient.now - last)} ago.", "Look at the alarms.")
