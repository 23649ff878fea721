"""The monthly digest through the functions: offered, chosen, made, previewed, and each issue sent to its own half."""

from __future__ import annotations

import json
from datetime import UTC

import pytest

from functions.preferences.handler import lambda_handler as preferences
from functions.publish.handler import lambda_handler as publish
from functions.schedule.handler import lambda_handler as schedule
from newsletter.core.audience.reading_rhythm import ReadingRhythm, month_before, month_of
from newsletter.core.link_token import Purpose, sign
from newsletter.core.time_zones import WallTime
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.readers.domain.subscriber import Subscriber
from newsletter.sending.domain.send import Send
from newsletter.sending.readers_of_issue import readers_of_send
from tests.factories import SLUG, an_id, record, rendered, subscriber
from tests.functions.conftest import KEYS, Deployment, load


@pytest.fixture
def digests(deployment: Deployment) -> Deployment:
    """A deployment whose readers can choose a digest."""
    deployment.put("settings/brand.yaml", b"digest: monthly\n")
    assert deployment.invoke(publish, "publish/settings") == {"batchItemFailures": []}
    deployment.app.house_style.expire()
    deployment.drain("publish")
    return deployment


def uploaded(deployment: Deployment, slug: str, text: str) -> None:
    deployment.put(f"issues/{slug}.md", text.encode())
    event = json.loads(json.dumps(load("publish/uploaded")).replace(SLUG, slug))
    assert publish(event, deployment.context) == {"batchItemFailures": []}


def saved(deployment: Deployment, rhythm: str) -> Subscriber:
    """Press "Save" on the page of reader 1."""
    token = sign(Purpose.ACCOUNT, an_id(1), KEYS, now=deployment.now())
    event = json.loads(json.dumps(load("preferences/save")).replace("TOKEN", token))
    event["body"], event["isBase64Encoded"] = f"action=save&name=Ada&lang=en&rhythm={rhythm}", False
    assert preferences(event, deployment.context)["statusCode"] == 200
    stored = deployment.app.subscribers.get(an_id(1))
    assert stored is not None
    return stored


def test_the_page_of_a_reader_offers_the_choice_where_there_is_one(deployment: Deployment) -> None:
    deployment.save(subscriber())
    assert 'name="rhythm"' not in deployment.invoke(preferences, "preferences/get", Purpose.ACCOUNT)["body"]
    assert saved(deployment, "monthly").reading_rhythm is ReadingRhythm.EVERY_ISSUE


def test_a_reader_chooses_and_reads_from_when_it_counts(digests: Deployment) -> None:
    digests.save(subscriber())
    page = digests.invoke(preferences, "preferences/get", Purpose.ACCOUNT)["body"]

    assert 'value="every_issue" checked' in page
    assert saved(digests, "monthly").reading_rhythm is ReadingRhythm.MONTHLY
    assert 'value="monthly" checked' in digests.invoke(preferences, "preferences/get", Purpose.ACCOUNT)["body"]
    assert saved(digests, "every_issue").reading_rhythm is ReadingRhythm.EVERY_ISSUE


def test_the_draft_is_made_of_a_message_once_and_is_previewed_like_an_upload(digests: Deployment) -> None:
    app = digests.app
    month = month_before(month_of(app.rhythm.local_date(digests.now())))
    digests.save(subscriber(digest_since="2020-01"))
    opened_at = WallTime.parse(f"{month}-15 09:00").moment(app.rhythm.time_zone).astimezone(UTC)
    issue = record(status=IssueStatus.SENT, sent_hash="a" * 64, listed=True)
    assert app.issues.put(issue, before=None)
    app.content.put_rendered(rendered())
    app.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=opened_at))
    event = json.loads(json.dumps(load("publish/digest")).replace("2026-11", month))

    for _ in range(2):
        assert publish(event, digests.context) == {"batchItemFailures": []}
    text = digests.read(f"issues/digest-{month}.md", "content")
    assert text is not None
    uploaded(digests, f"digest-{month}", text)

    stored = app.issues.get(f"digest-{month}")
    assert stored is not None
    assert (stored.status, stored.digest, stored.send) == (IssueStatus.DRAFT, month, SendPolicy.AT)
    (preview,) = digests.ses.messages(to="editors@example.org", subject="[Preview]")
    words = " ".join(preview["text"].split())
    assert "everybody who gets the monthly digest" in words
    assert "More for more" in words


def test_each_send_is_for_its_own_half_and_the_page_of_a_digest_stands_in_no_list(digests: Deployment) -> None:
    app, today = digests.app, digests.app.rhythm.local_date(digests.now())
    month = month_before(month_of(today))
    for number in range(4):
        digests.save(subscriber(number, digest_since="2020-01" if number == 3 else ""))
    uploaded(digests, SLUG, f"---\ntitle: Bins\ndate: {today}\nsend: now\n---\n\nText of an issue.\n")
    top = f"title: All of it\ndate: {today}\nsend: now\ndigest: {month}"
    uploaded(digests, "digest", f"---\n{top}\n---\n\nText of a digest.\n")
    for message in digests.drain("publish"):
        if message.get("refresh"):
            body = load("publish/digest")
            body["Records"][0]["body"] = json.dumps(message)
            assert publish(body, digests.context) == {"batchItemFailures": []}

    issue, digest = app.sends.get(SLUG), app.sends.get("digest")
    assert issue is not None
    assert digest is not None
    assert (issue.reading_rhythm, issue.month) == (ReadingRhythm.EVERY_ISSUE, month_of(today))
    assert (digest.reading_rhythm, digest.month) == (ReadingRhythm.MONTHLY, month)
    assert [app.subscribers.size(matching=readers_of_send(each).expression) for each in (issue, digest)] == [3, 1]
    home, feed = digests.read("index.html"), digests.read("feed.atom")
    assert digests.read("issues/digest/index.html") is not None
    assert home is not None
    assert feed is not None
    assert [("Bins" in each, "All of it" in each) for each in (home, feed)] == [(True, False)] * 2
    assert [each.slug for each in app.issues.newest(9)] == [SLUG]


def test_the_watch_asks_for_a_digest_in_the_first_days_of_a_month_alone(deployment: Deployment) -> None:
    app = deployment.app
    local = deployment.now().astimezone(app.rhythm.time_zone)
    deployment.invoke(schedule, "schedule/watch")
    deployment.invoke(schedule, "schedule/watch")

    asked = [message for message in deployment.drain("publish") if "digest" in message]
    due = local.day in (2, 3) or (local.day == 1 and local.hour >= 8)
    assert asked == ([{"digest": month_before(month_of(local.date()))}] if due else [])
