"""`newsletter doctor --first-day`: what only a real account can answer, as commands to type once.

Everything else is proven on the laptop. Whatever reads and changes nothing is asked right here, where credentials are;
the rest is for a person, who then knows it too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import typer
from botocore.exceptions import BotoCoreError, ClientError

from newsletter_cli.bill import POLLS_AN_HOUR, WORKERS
from newsletter_cli.console import err, out, show_json
from newsletter_cli.operator.doctor.finding import Finding, Level, ok, problem, skipped, warning
from newsletter_cli.operator.doctor.mail_dns import identity_of
from newsletter_cli.operator.doctor.patient import Patient
from newsletter_cli.problems import CommandError, sentence

CONCURRENCY = 1_000
"""Functions at the same time that an account usually has."""

SLOWEST_START = 3_000.0
"""Milliseconds in which a function should have started, also the first time."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A question, the command that answers it, and the answer to hope for."""

    question: str
    command: str
    """With <stack>, <domain>, <url> and the like for what a stack has."""
    expected: str
    ask: Callable[[Patient], Finding] | None = None
    """Asks the same from here; None where something is sent, changed or seen by a person only."""


def _account(patient: Patient) -> Finding:
    found: dict[str, Any] = patient.stack.client("sesv2").get_account()
    rate, day = found["SendQuota"]["MaxSendRate"], found["SendQuota"]["Max24HourSend"]
    plan = found.get("PricingAttributes", {}).get("Plan", "not known to this SDK")
    said = f"{rate:g} a second, {day:,.0f} a day, plan {plan}"
    if not found.get("ProductionAccessEnabled"):
        return problem("account", f"It is in the sandbox ({said}).", "Wait for AWS, or ask: `newsletter setup`.")
    return ok("account", f"It may write to everybody: {said}.")


def _concurrency(patient: Patient) -> Finding:
    limit = patient.stack.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    if limit < CONCURRENCY:
        remedy = "`newsletter setup` asks for more; until then large sends and visitors share what there is."
        return warning("concurrency", f"{limit} functions may run at the same time.", remedy)
    return ok("concurrency", f"{limit:,} functions may run at the same time.")


def _identity(patient: Patient) -> Finding:
    domain = patient.stack.settings.sender_email.rpartition("@")[2].lower()
    found = identity_of(patient, domain)
    signed = found.get("DkimAttributes", {}).get("Status", "none")
    bounces = found.get("MailFromAttributes", {}).get("MailFromDomainStatus", "none")
    said = f"DKIM {signed}, MAIL FROM {bounces}."
    if signed != "SUCCESS":
        return problem("identity", said, "Run `newsletter setup` again; it names the record.")
    return (
        ok("identity", said) if bounces in ("SUCCESS", "none") else warning("identity", said, "SES looks for it yet.")
    )


def _protection(patient: Patient) -> Finding:
    found = patient.stack.client("cloudformation").describe_stacks(StackName=patient.stack.name)["Stacks"][0]
    if found.get("EnableTerminationProtection"):
        return ok("protection", "The stack is protected.")
    return problem("protection", "Anybody with rights enough deletes it with one command.", "newsletter protect")


def _pages(patient: Patient) -> Finding:
    answer = patient.fetch(f"{patient.stack.url}/subscribe/")
    if answer.status != 200:
        return problem(
            "pages", f"The sign-up page answers {answer.status or 'nothing'}.", "Look at CloudFront and DNS."
        )
    if "x-amz-cf-pop" not in answer.headers:
        return warning("pages", "It answers 200, and not through CloudFront.", "Look where the domain points to.")
    return ok("pages", "The sign-up page comes through CloudFront.")


def _back_door(patient: Patient) -> Finding:
    if not patient.stack.resources.distribution_id:
        return skipped("back door", "This stack has no CloudFront.")
    answer = patient.fetch(f"{_api(patient)}/confirm?token=x")
    if answer.status == 403:
        return ok("back door", "The API answers 403 to whoever comes past CloudFront.")
    remedy = (
        "Limits by network address can be forged then. Check the header that CloudFront adds: `newsletter rotate-keys`."
    )
    return problem("back door", f"The API answers {answer.status or 'nothing'} past CloudFront.", remedy)


def _alarms(patient: Patient) -> Finding:
    topic = next(
        each["PhysicalResourceId"]
        for page in patient.stack.client("cloudformation").get_paginator("list_stack_resources").paginate(
            StackName=patient.stack.name
        )
        for each in page["StackResourceSummaries"]
        if each["LogicalResourceId"] == "OperatorsTopic"
    )  # fmt: skip
    subscriptions = patient.stack.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    confirmed = [each for each in subscriptions if each["SubscriptionArn"].startswith("arn:")]
    if confirmed:
        return ok("alarms", f"{len(confirmed)} addresses hear the alarms.")
    return problem("alarms", "Nobody has confirmed to hear the alarms.", "Click the link in the email from AWS.")


def _starts(patient: Patient) -> Finding:
    group = f"/aws/lambda/{patient.prefix}subscribe"
    pages = patient.stack.client("logs").get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern='"Init Duration"', PaginationConfig={"MaxItems": 200}
    )  # fmt: skip
    said = " ".join(each["message"] for page in pages for each in page["events"])
    starts = [float(each) for each in re.findall(r"Init Duration: ([\d.]+) ms", said)]
    if not starts:
        return skipped("starts", "Nobody has opened the form yet; open it, and look again in a minute.")
    found = f"The slowest of {len(starts)} starts took {max(starts):,.0f} ms."
    return ok("starts", found) if max(starts) <= SLOWEST_START else warning("starts", found, "See docs/numbers.md.")


def _polls(patient: Patient) -> Finding:
    name = patient.stack.resources.queues["batch"].rpartition("/")[2]
    found = patient.stack.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SQS", MetricName="NumberOfEmptyReceives", Dimensions=[{"Name": "QueueName", "Value": name}],
        StartTime=patient.now - timedelta(hours=3), EndTime=patient.now, Period=3600, Statistics=["Sum"],
    )["Datapoints"]  # fmt: skip
    if not found:
        return skipped("empty polls", "Nothing was counted yet; look again in an hour.")
    asked_for = max(each["Sum"] for each in found)
    said = f"{asked_for:,.0f} an hour."
    if asked_for > 1.5 * WORKERS * POLLS_AN_HOUR:
        return warning("empty polls", said, "Each queue is asked by more pollers than the bill has; see docs/cost.md.")
    return ok("empty polls", said)


PROBES = (
    Probe("May the account write to everybody, how fast, and on which plan?", "aws sesv2 get-account",
          "ProductionAccessEnabled is true; the plan ESSENTIALS costs 0.16 USD for 1,000 emails, NONE 0.10", _account),
    Probe("How many functions may run at the same time?",
          "aws lambda get-account-settings --query AccountLimit.ConcurrentExecutions", "1000", _concurrency),
    Probe("Does SES sign for the sender?", "aws sesv2 get-email-identity --email-identity <domain>",
          "SUCCESS for DKIM and for MAIL FROM", _identity),
    Probe("Is the stack protected?",
          "aws cloudformation describe-stacks --stack-name <stack> --query Stacks[0].EnableTerminationProtection",
          "true", _protection),
    Probe("Do the pages come through CloudFront?", "curl -sI <url>/subscribe/",
          "200, with a header x-amz-cf-pop", _pages),
    Probe("Is the way past CloudFront shut?", "curl -so /dev/null -w '%{http_code}' '<api>/confirm?token=x'",
          "403", _back_door),
    Probe("Does anybody hear the alarms?", "aws sns list-subscriptions-by-topic --topic-arn <topic>",
          "a SubscriptionArn that begins with arn:", _alarms),
    Probe("How long does a function take to start?",
          "aws logs filter-log-events --log-group-name /aws/lambda/<stack>-subscribe "
          "--filter-pattern '\"Init Duration\"'",
          "less than three seconds each", _starts),
    Probe("How often are empty queues asked?",
          "aws cloudwatch get-metric-statistics --namespace AWS/SQS --metric-name NumberOfEmptyReceives "
          "--dimensions Name=QueueName,Value=<batch queue> --statistics Sum --period 3600 "
          "--start-time <three hours ago> --end-time <now>",
          "about 360 an hour, as the bill has it; 900 would be five pollers a queue, 1.42 USD a month more", _polls),
    Probe("Does SES sign the headers of one-click unsubscribe?", "newsletter test-send <issue> <your address>",
          "in the source of that email: h= of a DKIM-Signature names List-Unsubscribe and List-Unsubscribe-Post"),
    Probe("Do bulk calls work with our permissions, and how many a second?", "newsletter send rehearse <issue>",
          "the books close balanced, at most of MaxSendRate; nobody but SES's own mailbox gets anything"),
    Probe("Do bounces come back to us?",
          "newsletter subscribers add bounce@simulator.amazonses.com",
          "a minute later `newsletter suppressions list` has one more line, a hard bounce"),
    Probe("May an editor do what the guide says?",
          "aws s3 cp <issue>.md s3://<content bucket>/issues/ --profile editor",
          "a preview email within a minute, by a user with the editors' policy alone"),
    Probe("Do the keys turn, CloudFront's with them?", "newsletter rotate-keys",
          "it ends without a refusal, and the sign-up page still answers"),
    Probe("What did a week cost?",
          "aws ce get-cost-and-usage --time-period Start=<day>,End=<day> --granularity DAILY --metrics UnblendedCost "
          "--group-by Type=DIMENSION,Key=SERVICE",
          "about what `newsletter setup` said, by docs/cost.md; this command itself costs 0.01 USD"),
)  # fmt: skip
"""Fifteen at most: more than that nobody does on a first day."""

SIGNS = {Level.OK: "ok", Level.SKIPPED: "--", Level.WARNING: "!", Level.PROBLEM: "X"}


def first_day(examine: Callable[[], Patient], *, as_json: bool) -> None:
    """Show every probe, and what those say that can be asked from here; exit code 1 if one is a problem."""
    try:
        patient, why = examine(), ""
        names = _names(patient)
    except (ClientError, BotoCoreError) as exc:
        patient, names, why = None, {}, sentence(exc)
    except CommandError as exc:
        patient, names, why = None, {}, str(exc)
    found = list(asked(patient))
    if as_json:
        show_json([_plain(probe, finding, names) for probe, finding in found])
    else:
        for number, (probe, finding) in enumerate(found, start=1):
            _show(number, probe, finding, names)
        if why:
            err.print(f"\nNothing was asked from here: {why}", markup=False, soft_wrap=True)
    if any(finding is not None and finding.level is Level.PROBLEM for _, finding in found):
        raise typer.Exit(1)


def asked(patient: Patient | None) -> Iterator[tuple[Probe, Finding | None]]:
    """Yield every probe with what it says; None where it is a person's, or nobody can be asked."""
    for probe in PROBES:
        if probe.ask is None or patient is None:
            yield probe, None
            continue
        try:
            yield probe, probe.ask(patient)
        except (ClientError, BotoCoreError) as exc:
            yield probe, problem("refused", sentence(exc), "Until then nobody knows.")
        except (CommandError, KeyError, StopIteration) as exc:
            yield probe, problem("unread", f"AWS answered something else: {exc}", "Until then nobody knows.")


def _names(patient: Patient) -> Mapping[str, str]:
    stack = patient.stack
    if stack.is_local:
        raise CommandError("a laptop stack cannot answer for AWS; name a deployed one with --stack.")
    return {
        "<stack>": stack.name,
        "<domain>": stack.settings.sender_email.rpartition("@")[2],
        "<url>": stack.url,
        "<api>": _api(patient),
        "<batch queue>": stack.resources.queues["batch"].rpartition("/")[2],
        "<content bucket>": stack.resources.content_bucket,
    }


def _api(patient: Patient) -> str:
    region = patient.stack.client("lambda").meta.region_name
    return f"https://{patient.stack.resources.api_id}.execute-api.{region}.amazonaws.com"


def _filled(text: str, names: Mapping[str, str]) -> str:
    for sign, name in names.items():
        text = text.replace(sign, name)
    return text


def _show(number: int, probe: Probe, finding: Finding | None, names: Mapping[str, str]) -> None:
    out.print(f"\n{number:>2}  [bold]{probe.question}[/bold]")
    for line in (_filled(probe.command, names), f"expected: {probe.expected}"):
        out.print(f"    {line}", markup=False, soft_wrap=True)
    if finding is None:
        out.print("    [ ] for you", markup=False)
        return
    out.print(f"    {SIGNS[finding.level]:>2} {finding.found}", markup=False, soft_wrap=True)
    if finding.remedy:
        out.print(f"       -> {finding.remedy}", markup=False, soft_wrap=True)


def _plain(probe: Probe, finding: Finding | None, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "question": probe.question, "command": _filled(probe.command, names), "expected": probe.expected,
        "finding": asdict(finding) if finding else None,
    }  # fmt: skip
