"""report and show_report: what is written when a send closes is what the page shows, and the books say the same."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.control.handler import lambda_handler as control
from functions.fan_out.handler import lambda_handler as fan_out
from functions.report.handler import lambda_handler as report
from functions.send.handler import lambda_handler as send
from functions.settle.handler import lambda_handler as settle
from functions.show_report.handler import lambda_handler as show_report
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.shard import shards
from newsletter.reports.domain.report import SECOND_REPORT
from newsletter.reports.domain.report_name import GROWTH
from newsletter.sending.domain.send import Send
from tests.core.fakes import NOW
from tests.factories import SLUG, record, rendered, subscriber
from tests.functions.conftest import Deployment, load

NOTHING_FAILED: dict[str, list[Any]] = {"batchItemFailures": []}


def closed(deployment: Deployment) -> Send:
    """Send an issue to three readers, all through the functions, and close its books."""
    for number in (1, 2, 3):
        deployment.save(subscriber(256 * number))
    deployment.app.issues.put(record(status=IssueStatus.SENDING), before=None)
    deployment.app.content.put_rendered(rendered())
    deployment.app.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=deployment.now()))
    deployment.invoke(fan_out, "fan_out/shard")
    for shard in shards(16):
        deployment.app.sends.finish_shard(SLUG, shard)
    deployment.invoke(send, "send/batch")
    deployment.invoke(settle, "settle/send")
    found = deployment.app.sends.get(SLUG)
    assert found is not None
    return found


def show(deployment: Deployment, event: str, *, name: str = SLUG, age: timedelta = timedelta(0), **changes: str) -> Any:
    link = deployment.app.report_links
    now = deployment.now() - age
    url = link.to_growth(now=now) if name == GROWTH else link.to_report(name, now=now)
    loaded = json.loads(json.dumps(load(event)).replace("TOKEN", url.partition("token=")[2]))
    loaded["queryStringParameters"] |= changes
    return show_report(loaded, deployment.context)


def test_what_is_written_when_a_send_closes_is_what_the_page_shows_and_what_the_books_say(
    deployment: Deployment,
) -> None:
    books = closed(deployment).books
    assert deployment.queued("report") == [{"report": SLUG}]

    assert deployment.invoke(report, "report/send") == NOTHING_FAILED
    page, answer = show(deployment, "show_report/issue"), show(deployment, "show_report/json")

    assert books is not None
    told = json.loads(answer["body"])
    assert (told["books"]["audience"], told["books"]["sent"]) == (books.audience, books.sent) == (3, 3)
    assert page["statusCode"] == answer["statusCode"] == 200
    assert "3 in the audience = 3 sent + 0 skipped + 0 failed." in page["body"]
    assert page["headers"]["Cache-Control"] == answer["headers"]["Cache-Control"] == "no-store"


def test_the_receipt_holds_what_the_functions_really_asked_of_aws(deployment: Deployment) -> None:
    closed(deployment)
    deployment.invoke(report, "report/send")
    receipt = json.loads(show(deployment, "show_report/json")["body"])["receipt"]
    units = {line["what"]: line["units"] for line in receipt["lines"]}

    assert set(receipt["functions"]) == {"fan_out", "send", "settle"}
    assert receipt["calls"]["SES"]["SendBulkEmail"] == 1
    assert receipt["calls"]["DynamoDB"]["PutItem"] >= 1
    assert units["SES"] == 3
    assert units["Lambda requests"] == 3
    assert units["DynamoDB writes"] > 0
    assert units["Lambda"] > 0


def test_the_editors_get_one_mail_at_the_closing_and_one_two_days_later(deployment: Deployment) -> None:
    closed(deployment)
    for _ in range(2):
        deployment.invoke(report, "report/send")
    two_days = SECOND_REPORT + timedelta(hours=1)
    deployment.app.sends.change(SLUG, lambda header: back(header, two_days))
    deployment.drain("report")

    for at in deployment.app.due_reports.due_by(deployment.now() + two_days):
        deployment.app.due_reports.remove(SLUG, due=at[1])
    deployment.app.due_reports.add(SLUG, due=deployment.now())
    deployment.invoke(report, "report/due")
    assert deployment.drain("report") == [{"report": SLUG}]
    for _ in range(2):
        deployment.invoke(report, "report/send")
    deployment.invoke(report, "report/due")

    subjects = [mail["subject"] for mail in deployment.ses.messages(to="editors@example.org")]
    assert sorted(subjects) == ["Sent: More for more", "Two days later: More for more"]
    assert deployment.drain("report") == []


def back(header: Send, span: timedelta) -> Send:
    """Return the send as if it had closed earlier."""
    from dataclasses import replace

    assert header.closed_at is not None
    return replace(
        header, opened_at=header.opened_at - span, closed_at=header.closed_at - span, revision=header.revision + 1
    )


def test_a_mail_that_ses_throttles_is_asked_for_again(deployment: Deployment) -> None:
    from local.simulator.account import Limits

    closed(deployment)
    deployment.drain("report")
    deployment.ses.simulator.account.limits = Limits(max_24_hour_send=3)

    assert deployment.invoke(report, "report/send") == NOTHING_FAILED

    assert deployment.in_queue("report") == 1
    assert deployment.app.content.report(SLUG) is not None


def test_the_growth_of_the_list_has_a_page(deployment: Deployment) -> None:
    deployment.save(subscriber(1, confirmed_at=deployment.now() - timedelta(days=1)))
    before = show(deployment, "show_report/growth", name=GROWTH)

    assert deployment.invoke(report, "report/growth") == NOTHING_FAILED

    after = show(deployment, "show_report/growth", name=GROWTH)
    assert (before["statusCode"], after["statusCode"]) == (404, 200)
    assert "The list is counted every night" in before["body"]
    told = json.loads(deployment.app.content.report(GROWTH) or "")
    assert told["now"]["on_list"] == 1
    assert [day["joined"] for day in told["days"]] == [1]


def test_a_report_that_is_not_written_yet_says_so(deployment: Deployment) -> None:
    answer = show(deployment, "show_report/issue")

    assert answer["statusCode"] == 404
    assert "Not ready yet" in answer["body"]


@pytest.mark.parametrize(
    ("name", "age", "changes"),
    [
        ("another-issue", timedelta(0), {}),
        (GROWTH, timedelta(0), {}),
        (SLUG, timedelta(days=401), {}),
        (SLUG, timedelta(0), {"issue": "../secrets"}),
        (SLUG, timedelta(0), {"issue": GROWTH}),
        (SLUG, timedelta(0), {"growth": "1"}),
        (SLUG, timedelta(0), {"token": ""}),
    ],
)
def test_a_link_opens_one_report_and_no_other(
    deployment: Deployment, name: str, age: timedelta, changes: dict[str, str]
) -> None:
    deployment.app.content.put_report(SLUG, "{}")
    deployment.app.content.put_report(GROWTH, "{}")

    assert show(deployment, "show_report/issue", name=name, age=age, **changes)["statusCode"] == 400


def test_messages_that_ask_for_no_report_go_to_the_dead_letters(deployment: Deployment) -> None:
    assert len(deployment.invoke(report, "report/not_ours")["batchItemFailures"]) == 1


def test_a_report_on_an_issue_that_was_never_sent_goes_to_the_dead_letters(deployment: Deployment) -> None:
    assert len(deployment.invoke(report, "report/send")["batchItemFailures"]) == 1


def test_an_operator_gets_the_link_and_a_fresh_report_on_demand(deployment: Deployment) -> None:
    def ask(**wish: Any) -> Any:
        return control({"action": "report", **wish}, deployment.context)

    assert "never sent" in ask(slug=SLUG)["error"]
    deployment.app.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))
    assert "not closed" in ask(slug=SLUG)["error"]
    deployment.app.sends.change(SLUG, lambda header: header.stopped("why", now=NOW))
    assert ask()["url"].startswith("https://briefing.example.org/report?growth=1&token=")
    assert deployment.drain("report") == []
    assert ask(fresh=True)["fresh_on_its_way"] is True
    assert deployment.drain("report") == [{"report": "list growth"}]
