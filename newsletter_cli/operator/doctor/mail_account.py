"""What SES allows: the account, its quota and the time a send takes, the identity, the configuration sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from newsletter.aws.ses_identity import MISSING
from newsletter.core.figures import spelled
from newsletter.sending.domain.forecast import forecast
from newsletter.sending.domain.quota import UNLIMITED, Allowance
from newsletter_cli.operator.doctor.finding import Finding, ok, problem, see, skipped, warning
from newsletter_cli.operator.doctor.mail_dns import identity_of
from newsletter_cli.operator.doctor.patient import Patient

HEADING = see("What pauses a send")
NEEDED_EVENTS = frozenset({"send", "reject", "bounce", "complaint", "renderingfailure", "deliverydelay"})
"""SES answers in capitals with underscores, the template asks in camel case: both are compared as one word."""
DEPLOY = "Deploy the stack again; it belongs to the template."


def mail_account(patient: Patient) -> Iterator[Finding]:
    """Look at the account."""
    account: dict[str, Any] = patient.stack.client("sesv2").get_account()
    yield _sandbox(account)
    yield _sending(account)
    yield _enforcement(account)
    yield _quota(patient, account)


def sender(patient: Patient) -> Iterator[Finding]:
    """Look at the identity of the sender."""
    email = patient.stack.settings.sender_email
    domain = email.rpartition("@")[2]
    # An address can be verified alone; SES prefers the identity that is nearest to it.
    for name in (email, domain):
        if (found := identity_of(patient, name)) and found.get("VerifiedForSendingStatus"):
            what = "address" if name == email else domain
            yield ok("identity", f"The sender's {what} is verified." if name == email else f"{what} is verified.")
            return
    yield problem("identity", f"{domain} is not verified: SES sends nothing.", see("DNS of the sender"))


def replies(patient: Patient) -> Iterator[Finding]:
    """Look at who gets what readers answer: it should not lie among the links that release an issue."""
    if patient.stack.is_local:
        yield skipped("replies", "Nobody answers a laptop stack.")
        return
    settings = patient.stack.settings
    reply_to = settings.reply_to_email
    if reply_to.casefold() in {editor.email.casefold() for editor in settings.team}:
        yield warning(
            "replies", "What readers answer goes to an editor's mailbox, where the links to approve lie.",
            "Give ReplyToEmail a mailbox that is no editor's, and deploy. See docs/deploy.md.",
        )  # fmt: skip
    else:
        yield ok("replies", "What readers answer goes to a mailbox that is no editor's.")


def _sandbox(account: dict[str, Any]) -> Finding:
    if account.get("ProductionAccessEnabled"):
        return ok("sandbox", "The account may mail everybody.")
    return problem(
        "sandbox", "The account is in the sandbox: only verified addresses get email.",
        "Ask for production access in the SES console (Account dashboard). " + see("The first send"),
    )  # fmt: skip


def _sending(account: dict[str, Any]) -> Finding:
    if account.get("SendingEnabled"):
        return ok("sending", "The account may send.")
    return problem("sending", "Sending is stopped for the whole account.", f"The SES console says why. {HEADING}")


def _enforcement(account: dict[str, Any]) -> Finding:
    status = account.get("EnforcementStatus", "HEALTHY")
    heading = see("Bounces and complaints of the account")
    if status == "HEALTHY":
        return ok("reputation", "SES finds the account healthy.")
    if status == "PROBATION":
        return warning("reputation", "SES reviews the account.", heading)
    return problem("reputation", "SES has shut the account down.", heading)


def _quota(patient: Patient, account: dict[str, Any]) -> Finding:
    quota, readers = account["SendQuota"], patient.stack.app.subscribers.size()
    rate, limit = quota["MaxSendRate"], quota["Max24HourSend"]
    left = limit - quota["SentLast24Hours"]
    if rate <= 0:
        return problem("quota", "SES allows no email at all.", HEADING)
    expected = forecast(readers, Allowance(per_second=rate, per_day=limit, left_today=left))
    takes = f"{readers:,} readers at {rate:g} a second take {spelled(expected.duration)}"
    if limit == UNLIMITED:
        return ok("quota", f"{takes}; there is no daily limit.")
    room = f"{left:,.0f} of {limit:,.0f} emails are left today"
    if readers > limit:
        return warning("quota", f"{takes}: the list is larger than a day's quota.", "Ask for more in Service Quotas.")
    if readers > left:
        return warning("quota", f"{takes}: {room}.", "A send now pauses and goes on alone. " + HEADING)
    return ok("quota", f"{takes}; {room}.")


def configuration_sets(patient: Patient) -> Iterator[Finding]:
    """Look at both sets: that they exist, may send, and tell us what happens."""
    settings, ses = patient.stack.settings, patient.stack.client("sesv2")
    stream = settings.issues_configuration_set.removesuffix("issues") + "events"
    for word, name in (
        ("issues", settings.issues_configuration_set),
        ("confirmations", settings.confirmations_configuration_set),
    ):
        try:
            found = ses.get_configuration_set(ConfigurationSetName=name)
            wired = ses.get_configuration_set_event_destinations(ConfigurationSetName=name)["EventDestinations"]
        except ClientError as exc:
            if exc.response.get("Error", {}).get("Code") not in MISSING:
                raise
            yield problem(f"{word} set", f"The configuration set {name} is gone.", DEPLOY)
            continue
        ours = [each for each in wired if each.get("Enabled") and _is_ours(each, settings.feedback_topic_arn, stream)]
        yield _set(word, name, found, ours)


def _set(word: str, name: str, found: dict[str, Any], ours: list[dict[str, Any]]) -> Finding:
    label = f"{word} set"
    if not found.get("SendingOptions", {}).get("SendingEnabled", True):
        command = f"aws sesv2 put-configuration-set-sending-options --configuration-set-name {name} --sending-enabled"
        return problem(label, f"{name} is stopped: none of its mail leaves.", f"When you know why: {command}")
    reported = {kind.replace("_", "").lower() for each in ours for kind in each.get("MatchingEventTypes", [])}
    if not ours:
        return problem(label, f"{name} tells us nothing: bounces suppress nobody.", DEPLOY)
    if missing := sorted(NEEDED_EVENTS - reported):
        return problem(label, f"{name} does not tell us about {', '.join(missing)}.", DEPLOY)
    streamed = " and our stream" if any("KinesisFirehoseDestination" in each for each in ours) else ""
    return ok(label, f"{name} sends, and reports to our topic{streamed}.")


def _is_ours(destination: dict[str, Any], topic: str, stream: str) -> bool:
    """Return whether events go to the topic of this stack, or to its stream of this name."""
    arn: str = destination.get("KinesisFirehoseDestination", {}).get("DeliveryStreamArn", "")
    in_topic: bool = destination.get("SnsDestination", {}).get("TopicArn") == topic
    return in_topic or arn.rpartition("/")[2] == stream


def feedback_topic(patient: Patient) -> Iterator[Finding]:
    """Look at whether what SES says reaches the feedback queue."""
    stack = patient.stack
    queue = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack.resources.queues["feedback"], AttributeNames=["QueueArn"]
    )["Attributes"]["QueueArn"]
    pages = (
        stack.client("sns")
        .get_paginator("list_subscriptions_by_topic")
        .paginate(TopicArn=stack.settings.feedback_topic_arn)
    )
    if any(each["Endpoint"] == queue for page in pages for each in page["Subscriptions"]):
        yield ok("feedback", "The topic of SES's events leads to the feedback queue.")
    else:
        yield problem("feedback", "SES's events do not reach the feedback queue.", DEPLOY)
