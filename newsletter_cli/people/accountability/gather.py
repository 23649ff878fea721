"""Everything that the pack says, as one plain mapping: what the Markdown, the JSON and the tables are written from."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from newsletter.issues.domain.privacy_notice import SOURCE
from newsletter.reports.domain.report_name import GROWTH
from newsletter_cli.people.accountability.people_facts import PeopleFacts, Span, people_facts
from newsletter_cli.people.accountability.send_facts import (
    EVENTS,
    LateMail,
    all_sends,
    late_mails,
    overdue_sends,
    rows_of_sends,
)

if TYPE_CHECKING:
    from newsletter.wiring import App

VERSION = 1
"""Of the JSON; it is counted on when a field changes its meaning."""


def gather(app: App, year: int, *, stack: str, region: str, now: datetime) -> dict[str, Any]:
    """Return what can be shown; no address, no name, ids only of what somebody has to look at."""
    zone = app.rhythm.time_zone
    span = Span(datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone))
    people, sends = people_facts(app, span, now=now), all_sends(app)
    late, looked, forgotten = late_mails(app, sends, people.left)
    rows = rows_of_sends(app, sends, span)
    growth = _growth(app, year)
    return {
        "version": VERSION,
        "made_at": now.isoformat(timespec="seconds"),
        "newsletter": app.settings.newsletter_name,
        "stack": stack,
        "year": year,
        "time_zone": zone.key,
        "receipts": {"readers": people.readers.as_plain(), "kept_after_leaving": people.kept.as_plain()},
        "leavings": _leavings(people, late, looked, forgotten),
        "retention": _retention(app, people, overdue_sends(app, sends, now=now)),
        "processors": _processors(app, region),
        "figures": {
            "sign_ups_on_record": people.sign_ups,
            "confirmations_on_record": people.confirmations,
            **growth,
            "sends": len(rows),
            "mails_sent": sum(row["sent"] for row in rows),
            **{event: sum(row[event] or 0 for row in rows) for event in EVENTS},
        },
        "sends": rows,
    }


def _leavings(people: PeopleFacts, late: list[LateMail], looked: int, forgotten: int) -> dict[str, Any]:
    seconds = [mail.at_most.total_seconds() for mail in late]
    mailed = {mail.subscriber_id for mail in late}
    return {
        "left_and_stayed_away": len(people.left),
        "mailed_nothing_afterwards": len(people.left) - len(mailed),
        "mailed_afterwards": len(mailed),
        "at_most_seconds": {"median": median(seconds), "longest": max(seconds)} if seconds else None,
        "longer_than_a_day": sum(each > timedelta(days=1).total_seconds() for each in seconds),
        "sends_looked_through": looked,
        "sends_forgotten": forgotten,
        "mails": [
            {"subscriber_id": mail.subscriber_id, "issue": mail.issue, "at_most_seconds": mail.at_most.total_seconds()}
            for mail in sorted(late, key=lambda mail: mail.at_most, reverse=True)
        ],
    }


def _retention(app: App, people: PeopleFacts, sends: int) -> dict[str, Any]:
    settings, last = app.settings, app.retention_log.last()
    return {
        "settings": {
            "ForgetAfterDays": settings.forget_after_days,
            "UnconfirmedDays": settings.unconfirmed_days,
            "KeepReceiptsYears": settings.keep_receipts_years,
            "RenewConsentYears": settings.renew_consent_years,
            "ForgetOutcomesAfterDays": settings.forget_outcomes_after_days,
            "Engagement": settings.engagement,
            "AskUseful": "on" if settings.ask_useful else "off",
            "CountReplies": "on" if settings.count_replies else "off",
        },
        "last_night": {"finished_at": last[0].isoformat(timespec="seconds"), **last[1].counts} if last else None,
        "overdue": {**people.overdue, "outcomes of old sends": sends},
    }


def _processors(app: App, region: str) -> dict[str, Any]:
    settings = app.settings
    services = {
        "Amazon DynamoDB": "stores the list, suppressions, receipts and outcomes, encrypted",
        "Amazon S3": "stores issues, the website and reports; no reader's address",
        "AWS Lambda": "runs the programs",
        "Amazon API Gateway": "takes what forms and links send",
        "Amazon SQS and SNS": "hand messages on, encrypted in the queues; events of SES hold addresses",
        "Amazon SES": "sends the emails, and keeps a suppression list of addresses",
        "Amazon CloudWatch": "keeps logs, without addresses",
        "AWS Secrets Manager": "keeps the keys",
    }
    if settings.distribution_id:
        services["Amazon CloudFront"] = "delivers the website; keeps no log of visitors for us"
    if settings.inbound_domain:
        services["Amazon SES, receiving"] = (
            "receives emails to unsubscribe, and copies of replies; only their headers are read"
        )
    own = app.content.read(SOURCE) is not None
    return {
        "processor": "Amazon Web Services",
        "region": region,
        "services": services,
        "privacy_notice": f"the publisher's own ({SOURCE})"
        if own
        else "the default of the software, from the settings",
        "privacy_notice_url": f"{settings.public_url}/privacy/",
    }


def _growth(app: App, year: int) -> dict[str, Any]:
    """Return what was counted night by night in the year."""
    days = [
        day for day in json.loads(app.content.report(GROWTH) or "{}").get("days", []) if day["day"][:4] == str(year)
    ]
    left, suppressed = Counter[str](), Counter[str]()
    months: dict[str, Counter[str]] = {}
    for day in days:
        left.update(day["left"])
        suppressed.update(day["suppressed"])
        month = months.setdefault(day["day"][:7], Counter())
        month.update(joined=day["joined"], left=sum(day["left"].values()), kept_out=sum(day["suppressed"].values()))
    return {
        "days_counted": len(days),
        "joined": sum(day["joined"] for day in days),
        "left": sum(left.values()),
        "left_by_reason": dict(left.most_common()),
        "kept_out_by_reason": dict(suppressed.most_common()),
        "months": {name: dict(month) for name, month in months.items()},
    }
