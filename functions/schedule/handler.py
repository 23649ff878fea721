"""EventBridge Scheduler, daily: {"scheduled_time": ISO 8601}. Opens the send of the next issue in a slot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.domain.issue import IssueStatus
from newsletter.errors import MalformedMessageError
from newsletter.jobs.choose_issue import Verdict, choose_issue
from newsletter.jobs.open_send import open_send
from newsletter.jobs.report_empty_slot import report_empty_slot
from newsletter.wiring import app

logger = Logger()


def _slot(event: dict[str, Any]) -> datetime:
    try:
        slot = datetime.fromisoformat(event["scheduled_time"])
    except (KeyError, TypeError, ValueError) as exc:
        raise MalformedMessageError("the event holds no scheduled_time such as 2026-12-01T09:00:00Z") from exc
    return slot.astimezone(UTC) if slot.tzinfo else slot.replace(tzinfo=UTC)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:  # noqa: ARG001 - Lambda's signature
    now, slot = datetime.now(UTC), _slot(event)
    late_after = timedelta(hours=app().settings.late_after_hours)
    choice = choose_issue(
        slot, rhythm=app().rhythm, late_after=late_after, issues=app().issues, sends=app().sends,
        needs_approval=app().settings.require_approval, now=now,
    )  # fmt: skip
    verdict, record = choice.verdict, choice.record
    if record and open_send(record, opening=app().opening, now=now) is None and record.status is IssueStatus.READY:
        verdict = Verdict.NOTHING_READY  # replaced or withdrawn in this very moment: the editors should know
    if verdict not in (Verdict.SEND, Verdict.NOT_A_SLOT):
        report_empty_slot(
            slot.astimezone(app().rhythm.time_zone), verdict, choice.waiting, mailer=app().mailer, mails=app().pages,
            editor_email=app().settings.editor_email,
        )  # fmt: skip
    slug = record.slug if record else ""
    logger.info("slot", extra={"slot": slot.isoformat(), "verdict": verdict, "issue": slug})
    return {"verdict": verdict, "issue": slug}
