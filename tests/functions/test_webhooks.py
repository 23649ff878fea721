"""Webhooks: an owner adds an endpoint at the desk; changes of records are told there, signed, until they are taken."""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from functions.post_webhook.handler import lambda_handler as post_webhook
from functions.sign_in_mail.handler import lambda_handler as sign_in_mail
from functions.tell_webhooks.handler import lambda_handler as tell_webhooks
from newsletter.desk.sessions.change_team import member_id_of
from newsletter.desk.webhooks.endpoint import MOST, OffBecause
from newsletter.desk.webhooks.event import CHOICES
from tests.functions.conftest import Deployment, deployed, load
from tests.functions.desk_browser import OWNER, Browser
from tests.moto_aws import REGION
from tests.webhook_receiver import WebhookReceiver, webhook_receiver

WEBHOOKS = "/desk/team/webhooks/"


@pytest.fixture
def laptop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with deployed(monkeypatch) as deployment:
        deployment.app.on_loopback = True
        yield deployment


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with webhook_receiver() as receiver:
        yield receiver


@pytest.fixture
def owner(laptop: Deployment) -> Browser:
    browser = Browser(laptop)
    browser.signs_in()
    return browser


def adds(owner: Browser, url: str, *events: str, **fields: str) -> Any:
    chosen = {f"event_{each}": "yes" for each in events or CHOICES}
    return owner.posts("sign_in/invite", path=WEBHOOKS.rstrip("/"), url=url, **chosen, **fields)  # type: ignore[arg-type]


def secret_in(answer: Any) -> str:
    assert answer["statusCode"] == 200, answer["body"]
    found = re.search(r'value="(whsec_[^"]+)"', answer["body"])
    assert found is not None
    return html.unescape(found[1])


def page(owner: Browser, path: str = WEBHOOKS) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(str(owner.send("sign_in/team", path=path)["body"]))).split())


def posts(owner: Browser, deployment: Deployment, what: str, **fields: str) -> str:
    endpoint_id = deployment.app.endpoints.all()[0].endpoint_id
    answer = owner.posts("sign_in/invite", path=f"{WEBHOOKS}{endpoint_id}/{what}", **fields)  # type: ignore[arg-type]
    return str(answer["headers"].get("Location", answer["body"]))


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.message for each in caplog.records if each.levelno >= logging.ERROR]


def deliver(deployment: Deployment) -> list[Any]:
    """Hand what waits in the queue to the function, as Lambda does; return what it reports."""
    client: Any = boto3.client("sqs", region_name=REGION)
    url, answers = deployment.queue_urls["webhook"], []
    for message in client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        event = load("post_webhook/delivery")
        event["Records"][0] |= {"body": message["Body"], "receiptHandle": message["ReceiptHandle"]}
        answer = post_webhook(event, deployment.context)
        if not answer["batchItemFailures"]:
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        answers.append(answer)
    return answers


def test_an_event_goes_from_the_stream_to_the_endpoint_and_into_its_log(
    owner: Browser, laptop: Deployment, receiver: WebhookReceiver
) -> None:
    assert "nobody is told anything" in page(owner)
    receiver.secret = secret_in(adds(owner, receiver.url))
    assert receiver.secret not in page(owner)

    tell_webhooks(load("tell_webhooks/confirmed"), laptop.context)
    tell_webhooks(load("tell_webhooks/confirmed"), laptop.context)  # a stream may be read twice
    assert deliver(laptop) == [{"batchItemFailures": []}] * 2

    (event,) = receiver.events.values()
    assert event["type"] == "subscriber.confirmed"
    assert event["data"] == {"subscriber_id": "01000000000000000000000000000001", "source": "/join"}
    assert receiver.requests == 1, "the second message found it delivered"
    endpoint_id = laptop.app.endpoints.all()[0].endpoint_id
    log = page(owner, f"{WEBHOOKS}{endpoint_id}/")
    assert re.search(r"subscriber\.confirmed evt_[0-9a-f]{32} .* Delivered .*: 204, \d+ ms", log)


def test_what_is_refused_is_put_aside_and_the_log_says_when_it_is_tried_next(
    owner: Browser, laptop: Deployment, receiver: WebhookReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.secret = secret_in(adds(owner, receiver.url))
    receiver.answers = [503]
    tell_webhooks(load("tell_webhooks/confirmed"), laptop.context)

    (answer,) = deliver(laptop)

    assert len(answer["batchItemFailures"]) == 1
    assert errors(caplog) == [], "a failure of theirs is none of ours"
    assert laptop.queued("webhook") == [], "it comes again by itself, later"
    endpoint = laptop.app.endpoints.all()[0]
    (delivery,) = laptop.app.deliveries.newest(endpoint.endpoint_id, most=9)
    assert delivery.next_at is not None
    assert 2 <= (delivery.next_at - delivery.attempts[0].at).total_seconds() <= 5
    log = page(owner, f"{WEBHOOKS}{endpoint.endpoint_id}/")
    assert "Waiting next attempt" in log
    assert ": 503, " in log
    assert "the last attempt failed" in log


def test_an_owner_tests_rotates_switches_off_and_on_sends_again_and_removes(
    owner: Browser, laptop: Deployment, receiver: WebhookReceiver
) -> None:
    first = secret_in(adds(owner, receiver.url, "issue.sent"))
    endpoint_id = laptop.app.endpoints.all()[0].endpoint_id
    path = f"{WEBHOOKS}{endpoint_id}/"

    assert posts(owner, laptop, "test") == f"{path}?done=tested"
    answer = owner.posts("sign_in/invite", path=f"{path}secret")
    receiver.secret = secret_in(answer)
    assert receiver.secret != first
    deliver(laptop)
    assert receiver.of_type("test") == [{"endpoint_id": endpoint_id}]
    assert "the old one still signs as well" in page(owner, path)

    receiver.events.clear()
    receiver.secret = first
    entry = laptop.app.deliveries.newest(endpoint_id, most=1)[0].entry
    assert posts(owner, laptop, "again", entry=entry) == f"{path}?done=again"
    deliver(laptop)
    assert len(receiver.of_type("test")) == 1, "by the old secret too"

    assert posts(owner, laptop, "switch", to="off") == f"{path}?done=off"
    assert "Switched off." in page(owner, path)
    assert "switched off" in posts(owner, laptop, "test")
    assert posts(owner, laptop, "switch", to="on") == f"{path}?done=on"
    assert posts(owner, laptop, "remove") == f"{WEBHOOKS}?done=removed"
    assert laptop.app.endpoints.all() == []
    assert owner.send("sign_in/team", path=path)["statusCode"] == 404

    lines = laptop.app.activities.month(f"{laptop.now():%Y-%m}", most=7)
    label = "127.0.0.1/hook"
    assert [(each.did, each.what) for each in reversed(lines)] == [
        ("added the webhook", label),
        ("tested the webhook", label),
        ("rotated the secret of the webhook", label),
        ("sent an event again to the webhook", label),
        ("switched off the webhook", label),
        ("switched on the webhook", label),
        ("removed the webhook", label),
    ]


def test_an_endpoint_that_is_gone_is_switched_off_and_its_owner_is_mailed(
    owner: Browser, laptop: Deployment, receiver: WebhookReceiver
) -> None:
    receiver.secret = secret_in(adds(owner, receiver.url))
    receiver.answers = [410]
    tell_webhooks(load("tell_webhooks/confirmed"), laptop.context)

    assert deliver(laptop) == [{"batchItemFailures": []}]

    endpoint = laptop.app.endpoints.all()[0]
    assert endpoint.off_because is OffBecause.GONE
    assert "it answered that it is gone (410)" in page(owner)
    (message,) = laptop.drain("sign_in")
    assert "@" not in json.dumps(message)
    event = json.loads(json.dumps(load("sign_in_mail/webhook_gone")))
    event["Records"][0]["body"] = json.dumps(message)
    assert sign_in_mail(event, laptop.context) == {"batchItemFailures": []}
    mail = laptop.ses.messages()[0]
    assert (mail["to"], mail["subject"]) == (OWNER, "A webhook of Fortnightly Briefing was switched off")
    assert "127.0.0.1/hook" in mail["text"]
    assert "/desk/team/webhooks/" in mail["html"]


def test_nobody_is_mailed_about_an_endpoint_of_somebody_who_left(laptop: Deployment) -> None:
    event = json.loads(json.dumps(load("sign_in_mail/webhook_gone")).replace("MEMBER", "0" * 16))

    assert sign_in_mail(event, laptop.context) == {"batchItemFailures": []}
    assert member_id_of(OWNER) != "0" * 16
    assert laptop.ses.messages() == []


def test_one_change_that_nobody_can_read_keeps_no_other_back(
    owner: Browser, laptop: Deployment, receiver: WebhookReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.secret = secret_in(adds(owner, receiver.url))

    tell_webhooks(load("tell_webhooks/unreadable"), laptop.context)

    assert errors(caplog) == ["unreadable change"]
    assert "example.org" not in caplog.text
    assert len(laptop.queued("webhook")) == 1


def test_a_message_that_is_not_ours_becomes_a_dead_letter(laptop: Deployment) -> None:
    answer = post_webhook(load("post_webhook/malformed"), laptop.context)

    assert len(answer["batchItemFailures"]) == 1


def test_a_delivery_that_nobody_knows_any_more_is_let_go(laptop: Deployment) -> None:
    assert post_webhook(load("post_webhook/delivery"), laptop.context) == {"batchItemFailures": []}


def test_in_aws_an_endpoint_is_public_and_https(monkeypatch: pytest.MonkeyPatch) -> None:
    with deployed(monkeypatch) as deployment:
        owner = Browser(deployment)
        owner.signs_in()
        refused = [
            "http://crm.example.org/hook", "https://127.0.0.1/", "http://127.0.0.1/", "https://localhost/hook",
            "https://[::1]/", "https://169.254.169.254/latest/", "https://10.0.0.1/", "https://2130706433/",
            "https://0x7f.1/", "https://intranet/hook", "https://user:pw@crm.example.org/", "https://crm.example.org/#x",
            "https://crm.example.org:0/", "https://crm.example.org:99999/", "ftp://crm.example.org/", "javascript:1",
            "https://crm.example.org/a b", "https://", "", "https://crm.example.org/" + "a" * 1000, "https://.org/",
        ]  # fmt: skip
        answers = {url: adds(owner, url)["statusCode"] for url in refused}
        assert answers == dict.fromkeys(refused, 400)
        assert deployment.app.endpoints.all() == []

        assert adds(owner, "https://crm.example.org/hook?key=1")["statusCode"] == 200
        assert adds(owner, "https://bücher.example.org/")["statusCode"] == 200
        assert "key=1" not in page(owner)


def test_an_endpoint_without_an_event_is_not_added_nor_one_too_many(owner: Browser, laptop: Deployment) -> None:
    answer = owner.posts("sign_in/invite", path=WEBHOOKS.rstrip("/"), url="https://crm.example.org/")
    assert answer["statusCode"] == 400
    assert adds(owner, "https://crm.example.org/", "subscriber.everything")["statusCode"] == 400

    for number in range(MOST):
        assert adds(owner, f"https://crm.example.org/{number}")["statusCode"] == 200
    assert "no room for another endpoint" in page(owner)
    assert adds(owner, "https://crm.example.org/")["statusCode"] == 400
    assert len(laptop.app.endpoints.all()) == MOST


@pytest.mark.parametrize("entry", ["", "x", "#", "2026-12-01T09:00:00+00:00#evt_1", "a" * 3000])
def test_what_names_no_delivery_is_not_sent_again(owner: Browser, laptop: Deployment, entry: str) -> None:
    adds(owner, "https://crm.example.org/")

    assert "cannot be sent again" in posts(owner, laptop, "again", entry=entry)
    assert laptop.queued("webhook") == []


@pytest.mark.parametrize("endpoint_id", ["x", "0" * 16, "a" * 3000])
def test_what_names_no_endpoint_has_no_page_and_no_buttons(owner: Browser, endpoint_id: str) -> None:
    assert owner.send("sign_in/team", path=f"{WEBHOOKS}{endpoint_id}/")["statusCode"] == 404
    assert owner.posts("sign_in/invite", path=f"{WEBHOOKS}{endpoint_id}/test")["statusCode"] == 400


def test_addresses_go_only_where_an_owner_ticked_it(
    owner: Browser, laptop: Deployment, receiver: WebhookReceiver
) -> None:
    receiver.secret = secret_in(adds(owner, receiver.url, with_addresses="yes"))
    image = load("tell_webhooks/confirmed")["Records"][0]["dynamodb"]["NewImage"]
    boto3.client("dynamodb", region_name=REGION).put_item(TableName="SubscribersTable", Item=image)
    tell_webhooks(load("tell_webhooks/confirmed"), laptop.context)
    deliver(laptop)

    (event,) = receiver.events.values()
    assert event["data"]["email"] == "ada@example.org"
    kept = boto3.client("dynamodb", region_name=REGION).scan(TableName="WebhooksTable")["Items"]
    assert "ada@" not in str(kept)


def test_a_stack_without_webhooks_says_how_to_have_them_and_takes_no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    with deployed(monkeypatch, WEBHOOKS_TABLE="") as deployment:
        owner = Browser(deployment)
        owner.signs_in()

        assert "parameter Webhooks of the stack" in page(owner)
        assert adds(owner, "https://crm.example.org/")["statusCode"] == 400
        assert owner.send("sign_in/team", path=f"{WEBHOOKS}{'0' * 16}/")["statusCode"] == 404


def test_the_page_with_the_secret_is_kept_by_no_browser(owner: Browser) -> None:
    headers = {name.lower(): value for name, value in adds(owner, "https://crm.example.org/")["headers"].items()}

    assert "no-store" in headers["cache-control"]
