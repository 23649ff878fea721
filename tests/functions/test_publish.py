"""The publish queue."""

from __future__ import annotations

import json
from datetime import date, timedelta

import boto3
import pytest

from bench.counting import Operations
from functions.publish.handler import lambda_handler
from newsletter.issues.adapters.publish_queue import SqsPublishQueue, read_refresh, then_plans
from newsletter.issues.adapters.s3_content import RESTORED
from newsletter.issues.domain.issue import IssueStatus
from tests.factories import SLUG, record, rendered
from tests.functions.conftest import ROOT, Deployment, deployed, load
from tests.issues.word import document, paragraph, run
from tests.moto_aws import REGION

KEY = f"issues/{SLUG}.md"
PAGE = f"issues/{SLUG}/index.html"
ISSUE = b"""---
title: More for more
date: 2026-11-03
---

Dear {{ name | reader }},

Co-production is **more for more**.
"""
NOTHING_FAILED: dict[str, list[object]] = {"batchItemFailures": []}


def test_an_upload_becomes_a_mail_a_record_and_a_preview(deployment: Deployment) -> None:
    """Shape: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html"""
    deployment.put(KEY, ISSUE)

    assert deployment.invoke(lambda_handler, "publish/uploaded") == NOTHING_FAILED

    record = deployment.app.issues.get(SLUG)
    assert record is not None
    assert (record.status, record.listed) == (IssueStatus.READY, False)
    rendered = deployment.app.content.rendered(SLUG, record.content_hash)
    assert "{{name_0_html}}" in rendered.html
    assert "{{unsubscribe_url}}" in rendered.text
    assert deployment.in_queue("publish") == 1
    (preview,) = deployment.ses.messages(to="editors@example.org")
    assert "More for more" in preview["subject"]


def test_the_editors_hear_that_a_draft_is_ready_although_it_reads_the_same(deployment: Deployment) -> None:
    deployment.put(KEY, ISSUE.replace(b"date:", b"status: draft\ndate:"))
    deployment.invoke(lambda_handler, "publish/uploaded")
    draft = deployment.app.issues.get(SLUG)
    deployment.put(KEY, ISSUE)

    deployment.invoke(lambda_handler, "publish/uploaded")
    deployment.invoke(lambda_handler, "publish/uploaded")

    ready = deployment.app.issues.get(SLUG)
    assert draft is not None
    assert ready is not None
    assert (draft.status, ready.status) == (IssueStatus.DRAFT, IssueStatus.READY)
    assert draft.content_hash == ready.content_hash
    assert len(deployment.ses.messages(to="editors@example.org")) == 2


def test_the_archive_is_written_from_what_is_public(deployment: Deployment) -> None:
    deployment.put(KEY, ISSUE.replace(b"date:", b"send: never\ndate:"))
    deployment.invoke(lambda_handler, "publish/uploaded")

    assert deployment.invoke(lambda_handler, "publish/refresh_issue") == NOTHING_FAILED

    for path in (f"issues/{SLUG}/index.html", "index.html", "feed.atom"):
        assert "More for more" in (deployment.read(path) or "")
    assert deployment.read("subscribe/index.html") is not None
    assert deployment.read("subscribe/thanks/index.html") is not None


def test_an_upload_without_front_matter_is_refused_with_its_reasons_and_changes_nothing(
    deployment: Deployment,
) -> None:
    deployment.put(KEY, b"Just some text.\n")

    assert deployment.invoke(lambda_handler, "publish/uploaded") == NOTHING_FAILED

    problems = deployment.read(f"issues/{SLUG}.problems.txt", bucket="content") or ""
    assert problems.startswith(KEY)
    assert "title" in problems
    assert len(deployment.ses.messages(to="editors@example.org")) == 1
    assert deployment.app.issues.get(SLUG) is None
    assert deployment.read(f"issues/{SLUG}/index.html") is None


def test_while_ses_takes_nothing_an_issue_is_published_and_refused_all_the_same(deployment: Deployment) -> None:
    account = deployment.ses.simulator.account
    account.change({"max_24_hour_send": 0})
    deployment.put(KEY, b"Just some text.\n")
    assert deployment.invoke(lambda_handler, "publish/uploaded") == NOTHING_FAILED
    assert (deployment.read(f"issues/{SLUG}.problems.txt", bucket="content") or "").startswith(KEY)

    deployment.put(KEY, ISSUE)
    assert deployment.invoke(lambda_handler, "publish/uploaded") == NOTHING_FAILED
    record = deployment.app.issues.get(SLUG)
    assert record is not None
    assert record.status is IssueStatus.READY
    assert deployment.read(f"issues/{SLUG}.problems.txt", bucket="content") is None
    assert deployment.in_queue("publish") == 3, "two emails to editors, and the archive"

    account.change({"max_24_hour_send": 200})
    assert deployment.invoke(lambda_handler, "publish/uploaded") == NOTHING_FAILED
    (preview,) = deployment.ses.messages(to="editors@example.org")
    assert "More for more" in preview["subject"]


def test_an_object_that_is_not_markdown_is_refused_with_a_remedy(deployment: Deployment) -> None:
    deployment.put("issues/Annual report + plan.docx", b"PK\x03\x04")

    assert deployment.invoke(lambda_handler, "publish/not_markdown") == NOTHING_FAILED

    problems = deployment.read("issues/Annual report + plan.docx.problems.txt", bucket="content") or ""
    assert "not a Markdown file" in problems


def test_a_word_document_becomes_a_draft_beside_it(deployment: Deployment) -> None:
    deployment.put("issues/2026-12-01-our-year.docx", document(paragraph(run("Our year"), style="Title")))

    for _ in range(2):
        assert deployment.invoke(lambda_handler, "publish/document") == NOTHING_FAILED

    draft = deployment.read("issues/2026-12-01-our-year.md", bucket="content") or ""
    assert draft.startswith('---\ntitle: "Our year"\ndate: 2026-12-01\nstatus: draft\n---\n')
    assert deployment.ses.messages(to="editors@example.org") == []


def test_our_own_file_beside_an_issue_wakes_nobody(deployment: Deployment) -> None:
    assert deployment.invoke(lambda_handler, "publish/echo_of_our_own_file") == NOTHING_FAILED
    assert deployment.ses.messages() == []


def test_an_issue_waits_for_its_picture_and_the_picture_publishes_it(deployment: Deployment) -> None:
    deployment.put(KEY, ISSUE + b"\n![A chart of something.](chart.png)\n")
    deployment.invoke(lambda_handler, "publish/uploaded")
    assert deployment.app.issues.get(SLUG) is None
    assert deployment.ses.messages() == []
    deployment.put(f"issues/{SLUG}/chart.png", picture())

    assert deployment.invoke(lambda_handler, "publish/picture") == NOTHING_FAILED

    record = deployment.app.issues.get(SLUG)
    assert record is not None
    (chart,) = deployment.app.content.rendered(SLUG, record.content_hash).pictures
    assert chart.name == "chart.png"
    assert len(deployment.ses.messages(to="editors@example.org")) == 1


def test_publishing_asks_aws_for_each_thing_once(deployment: Deployment) -> None:
    calls = Operations()
    deployment.app.make_client = calls.counting(deployment.app.make_client)
    deployment.invoke(lambda_handler, "publish/refresh")  # the site is there
    deployment.put(KEY, ISSUE + b"\n![A chart of something.](chart.png)\n")
    deployment.put(f"issues/{SLUG}/chart.png", picture())
    calls.take()

    deployment.invoke(lambda_handler, "publish/uploaded")
    published = calls.take()
    deployment.invoke(lambda_handler, "publish/refresh_issue")
    refreshed = calls.take()

    assert {name: count for name, count in published.items() if name.startswith("s3.")} == {
        "s3.GetObject": 2 + 1,  # the house style, the file; by the function that opens pictures, the picture
        "s3.HeadObject": 1,  # whether a restore put it there
        "s3.ListObjectsV2": 2,  # the files of the issue and its folder, before and after
        "s3.PutObject": 2 + 1,  # what was rendered, and what was found; the picture
    }
    assert sum(published.values()) <= 26
    assert refreshed == {
        "s3.GetObject": 2, "dynamodb.Query": 1, "dynamodb.GetItem": 1, "dynamodb.UpdateItem": 1,
    }  # fmt: skip


def test_the_hourly_look_asks_aws_as_often_at_three_years_as_at_one(deployment: Deployment) -> None:
    calls = Operations()
    deployment.app.make_client = calls.counting(deployment.app.make_client)

    def look() -> dict[str, int]:
        deployment.app.content.rendered.cache_clear()
        calls.take()
        assert deployment.invoke(lambda_handler, "publish/refresh") == NOTHING_FAILED
        return calls.take()

    listed(deployment, 2026)
    look()
    at_one = look()
    listed(deployment, 2025)
    listed(deployment, 2024)
    for _ in range(2):  # the first of these finds the years
        look()
    at_three = look()

    fixed = {"dynamodb.BatchGetItem", "dynamodb.Query", "s3.ListObjectsV2"}
    assert {name: at_three[name] for name in fixed} == {name: at_one[name] for name in fixed}
    assert "dynamodb.GetItem" not in at_three


def listed(deployment: Deployment, year: int) -> None:
    """Let three issues of this year have been sent."""
    for month in (3, 6, 9):
        slug, day = f"of-{year}-{month}", date(year, month, 1)
        text = rendered(slug=slug, date=day, content_hash=f"{year}{month}")
        deployment.app.content.put_rendered(text)
        sent = record(
            slug=slug, date=day, content_hash=text.content_hash, status=IssueStatus.SENT, listed=True, shown=day
        )
        assert deployment.app.issues.put(sent, before=None)


def test_a_picture_without_an_issue_is_no_issue(deployment: Deployment) -> None:
    deployment.put(f"issues/{SLUG}/chart.png", picture())

    assert deployment.invoke(lambda_handler, "publish/picture") == NOTHING_FAILED

    assert deployment.app.issues.get(SLUG) is None
    assert deployment.ses.messages() == []


def test_a_second_look_waits_for_no_picture(deployment: Deployment) -> None:
    deployment.put(KEY, ISSUE + b"\n![A chart of something.](chart.png)\n")

    assert deployment.invoke(lambda_handler, "publish/look_again") == NOTHING_FAILED

    assert len(deployment.ses.messages(to="editors@example.org")) == 1


def picture() -> bytes:
    return (ROOT / "samples/issues" / SLUG / "services-planned-together.png").read_bytes()


def restore(deployment: Deployment, key: str, body: bytes) -> None:
    """Put a file back as `newsletter restore` does."""
    mark = {RESTORED: str(int(deployment.now().timestamp()))}
    boto3.client("s3", region_name=REGION).put_object(Bucket="content", Key=key, Body=body, Metadata=mark)


def test_what_a_restore_puts_back_mails_nobody_and_opens_no_send(deployment: Deployment) -> None:
    restore(deployment, KEY, ISSUE.replace(b"date:", b"send: now\ndate:"))
    restore(deployment, f"issues/{SLUG}/chart.png", picture())

    assert deployment.invoke(lambda_handler, "publish/uploaded") == NOTHING_FAILED
    assert deployment.invoke(lambda_handler, "publish/picture") == NOTHING_FAILED

    assert deployment.ses.messages() == []
    assert deployment.app.issues.get(SLUG) is None
    assert (deployment.in_queue("plan"), deployment.in_queue("publish")) == (0, 0)


def test_a_restored_picture_whose_issue_is_not_back_yet_withdraws_nothing(deployment: Deployment) -> None:
    deployment.put(KEY, ISSUE)
    deployment.invoke(lambda_handler, "publish/uploaded")
    deployment.delete(KEY)
    restore(deployment, f"issues/{SLUG}/chart.png", picture())

    deployment.invoke(lambda_handler, "publish/picture")

    record = deployment.app.issues.get(SLUG)
    assert record is not None
    assert not record.withdrawn


def test_an_upload_over_a_restored_file_is_published_as_ever(deployment: Deployment) -> None:
    restore(deployment, KEY, ISSUE)
    deployment.invoke(lambda_handler, "publish/uploaded")
    deployment.put(KEY, ISSUE)

    deployment.invoke(lambda_handler, "publish/uploaded")

    assert len(deployment.ses.messages(to="editors@example.org")) == 1


def test_a_removed_file_withdraws_its_issue(deployment: Deployment) -> None:
    deployment.put(KEY, ISSUE)
    deployment.invoke(lambda_handler, "publish/uploaded")
    deployment.invoke(lambda_handler, "publish/refresh_issue")
    deployment.delete(KEY)

    assert deployment.invoke(lambda_handler, "publish/removed") == NOTHING_FAILED

    record = deployment.app.issues.get(SLUG)
    assert record is not None
    assert record.withdrawn
    deployment.invoke(lambda_handler, "publish/refresh_issue")
    assert deployment.read(f"issues/{SLUG}/index.html") is None


def test_s3_tests_its_queue_and_gets_no_error(deployment: Deployment) -> None:
    assert deployment.invoke(lambda_handler, "publish/test_event_of_s3") == NOTHING_FAILED


def test_a_message_that_is_not_ours_goes_to_the_dead_letters_and_the_others_are_done(deployment: Deployment) -> None:
    event = "publish/one_of_ours_and_one_that_is_not"

    answer = deployment.invoke(lambda_handler, event)

    foreign = load(event)["Records"][1]["messageId"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": foreign}]}
    assert deployment.read("index.html") is not None


def test_an_issue_that_asks_to_go_at_once_is_opened_at_once(deployment: Deployment) -> None:
    deployment.put(KEY, ISSUE.replace(b"date:", b"send: now\ndate:"))

    deployment.invoke(lambda_handler, "publish/uploaded")

    record = deployment.app.issues.get(SLUG)
    assert record is not None
    assert record.status is IssueStatus.SENDING
    assert deployment.read(PAGE) is None
    assert deployment.drain("plan") == [{"warm_up": SLUG}]
    assert deployment.in_queue("publish") == 2

    deployment.invoke(lambda_handler, "publish/refresh_opened")

    assert "More for more" in (deployment.read(PAGE) or "")
    assert deployment.in_queue("plan") == 16


def test_a_send_is_opened_although_no_editor_can_be_told_of_it(deployment: Deployment) -> None:
    deployment.ses.simulator.account.change({"sending_enabled": False})
    deployment.put(KEY, ISSUE.replace(b"date:", b"send: now\ndate:"))

    assert deployment.invoke(lambda_handler, "publish/uploaded") == NOTHING_FAILED

    record = deployment.app.issues.get(SLUG)
    assert record is not None
    assert record.status is IssueStatus.SENDING
    assert deployment.ses.messages() == []


def test_a_file_is_published_with_its_page_replaced_with_it_and_removed_with_it(deployment: Deployment) -> None:
    pdf, path = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", f"issues/{SLUG}/Bericht 1.pdf"
    deployment.put(path, pdf)
    deployment.put(KEY, ISSUE.replace(b"date:", b"send: never\ndate:") + b"\nThe [report](<Bericht 1.pdf>).\n")
    deployment.invoke(lambda_handler, "publish/uploaded")
    deployment.invoke(lambda_handler, "publish/refresh_issue")

    (preview,) = deployment.ses.messages(to="editors@example.org")
    address = f"https://briefing.example.org/issues/{SLUG}/Bericht%201.pdf"
    assert "Bericht 1.pdf (PDF, 1\u00a0KB)" in preview["text"].partition("PUBLISHED WITH IT")[2]
    assert f'href="{address}"' in (deployment.read(f"issues/{SLUG}/index.html") or "")
    served = boto3.client("s3").get_object(Bucket="site", Key=path)
    assert (served["Body"].read(), served["ContentType"]) == (pdf, "application/pdf")
    before = deployment.app.issues.get(SLUG)

    deployment.put(path, pdf + b"another")
    deployment.invoke(lambda_handler, "publish/uploaded")
    deployment.invoke(lambda_handler, "publish/refresh_issue")
    after = deployment.app.issues.get(SLUG)
    assert before is not None
    assert after is not None
    assert after.content_hash != before.content_hash  # an approval of the one is none of the other
    assert boto3.client("s3").get_object(Bucket="site", Key=path)["Body"].read() == pdf + b"another"

    deployment.delete(KEY)
    deployment.invoke(lambda_handler, "publish/removed")
    deployment.invoke(lambda_handler, "publish/refresh_issue")
    assert path not in [each["Key"] for each in boto3.client("s3").list_objects_v2(Bucket="site")["Contents"]]


def test_a_page_under_the_name_of_a_pdf_is_an_error_and_never_on_the_site(deployment: Deployment) -> None:
    deployment.put(f"issues/{SLUG}/report.pdf", b"<!doctype html><script>alert(1)</script>")
    deployment.put(KEY, ISSUE + b"\nThe [report](report.pdf).\n")
    deployment.invoke(lambda_handler, "publish/uploaded")
    deployment.invoke(lambda_handler, "publish/refresh_issue")

    problems = (deployment.read(f"issues/{SLUG}.problems.txt", "content") or "").split()
    assert "Line 10: The file “report.pdf” cannot be published. It is no PDF file" in " ".join(problems)
    assert deployment.read(f"issues/{SLUG}/report.pdf") is None


def test_the_request_for_a_page_that_wakes_planners_is_the_one_that_is_read() -> None:
    sent: list[str] = []

    class Line:
        def put(self, messages: list[dict[str, object]], *, delay: int = 0) -> None:
            sent.extend(json.dumps(message) for message in messages)

    queue = SqsPublishQueue(Line())  # type: ignore[arg-type]
    queue.refresh_archive(SLUG, then_plan=True)
    queue.refresh_archive(SLUG)

    assert [read_refresh(body) for body in sent] == [SLUG, SLUG]
    assert [then_plans(body) for body in sent] == [True, False]
    assert json.loads(load("publish/refresh_opened")["Records"][0]["body"]) == json.loads(sent[0])


def test_the_files_of_an_upload_are_gathered_and_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with deployed(monkeypatch, GATHER_SECONDS="1") as deployment:
        deployment.put(KEY, ISSUE + b"\n![A chart of something.](chart.png)\n")
        deployment.put(f"issues/{SLUG}/chart.png", picture())
        deployment.invoke(lambda_handler, "publish/uploaded")
        deployment.invoke(lambda_handler, "publish/picture")
        assert deployment.ses.messages() == []
        looks = [{"publish": SLUG, "day": _today(deployment), "number": n, "patient": True, "by": ""} for n in (1, 2)]

        for look in looks:
            event = load("publish/look_again")
            event["Records"][0]["body"] = json.dumps(look)
            assert lambda_handler(event, deployment.context) == NOTHING_FAILED
            assert len(deployment.ses.messages(to="editors@example.org")) == (look["number"] == 2)


def _today(deployment: Deployment) -> str:
    now = deployment.now()
    assert now.date() == (now + timedelta(seconds=30)).date(), "at midnight this test would not say anything"
    return now.date().isoformat()
