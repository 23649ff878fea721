"""Sixty mails left for one network: with a forged X-Forwarded-For on the API's own address, each came from another.

CloudFront proves itself by a secret in a header now. Fails on a013654.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest

from functions.confirm.handler import lambda_handler as confirm
from functions.subscribe.handler import lambda_handler as subscribe
from functions.unsubscribe.handler import lambda_handler as unsubscribe
from local.package import read_template
from local.process import ROOT
from newsletter.aws.dynamo_proof_log import DynamoProofLog
from newsletter.core.link_token import Purpose, sign
from newsletter.web.front_door import LEARNING
from newsletter.web.http import ORIGIN_HEADER
from tests.factories import an_id, subscriber
from tests.functions.conftest import Deployment, load
from tests.moto_aws import REGION

RESOURCES: dict[str, dict[str, Any]] = read_template(ROOT / "template.yaml")["Resources"]
SECRET, BEFORE = "the secret of our CloudFront", "the one before"
PEERS = "203.0.113.99, 192.0.2.7, 130.176.0.1"
"""What the caller wrote, the peer of CloudFront, CloudFront."""


def post(deployment: Deployment, number: int, *, forwarded: str, secret: str = "") -> int:
    event = load("subscribe/json")
    event["body"] = json.dumps({"email": f"victim{number}@example.org"})
    event["isBase64Encoded"] = False
    event["headers"] |= {"x-forwarded-for": forwarded} | ({ORIGIN_HEADER: secret} if secret else {})
    return int(subscribe(event, deployment.context)["statusCode"])


@pytest.fixture
def new_cloudfront(deployment: Deployment) -> Deployment:
    """A CloudFront whose edges do not all show the secret yet: no request has been proved."""
    deployment.app.__dict__["origin_keys"] = (SECRET, BEFORE)
    return deployment


@pytest.fixture
def behind_cloudfront(new_cloudfront: Deployment) -> Deployment:
    proved_since(new_cloudfront, LEARNING)
    return new_cloudfront


def proved_since(deployment: Deployment, before: timedelta) -> None:
    log = DynamoProofLog(boto3.client("dynamodb", region_name=REGION), "LimitsTable", "")
    log.note(deployment.now() - before)


def test_without_cloudfront_sixty_forged_networks_are_one_and_whoever_is_not_kept_is_told(
    deployment: Deployment,
) -> None:
    room = deployment.app.settings.sign_ups_per_network // 4
    answers = [post(deployment, number, forwarded=f"203.0.113.{number}, 198.51.100.1") for number in range(60)]

    assert answers == [202] * room + [429] * (60 - room)
    assert deployment.in_queue("greet") == room


@pytest.mark.parametrize("secret", ["", "a guess", SECRET[:-1]])
def test_behind_cloudfront_nobody_signs_up_past_it(behind_cloudfront: Deployment, secret: str) -> None:
    assert post(behind_cloudfront, 1, forwarded=PEERS, secret=secret) == 403
    assert behind_cloudfront.in_queue("greet") == 0


@pytest.mark.parametrize("secret", [SECRET, BEFORE])
def test_through_cloudfront_the_address_is_what_cloudfront_saw(behind_cloudfront: Deployment, secret: str) -> None:
    room = behind_cloudfront.app.settings.sign_ups_per_network // 4
    answers = [
        post(behind_cloudfront, number, forwarded=f"203.0.113.{number}, 192.0.2.7, 130.176.0.1", secret=secret)
        for number in range(60)
    ]

    assert answers == [202] * room + [429] * (60 - room)
    assert behind_cloudfront.in_queue("greet") == room


def test_while_the_edges_learn_nobody_is_refused_and_forged_networks_are_still_one(new_cloudfront: Deployment) -> None:
    room = new_cloudfront.app.settings.sign_ups_per_network // 4
    answers = [
        post(new_cloudfront, number, forwarded=f"203.0.113.{number}, 198.51.100.1", secret="a guess")
        for number in range(60)
    ]
    assert answers == [202] * room + [429] * (60 - room)
    assert post(new_cloudfront, 60, forwarded=PEERS, secret=SECRET) == 202
    unlearnt = post(new_cloudfront, 61, forwarded=PEERS)  # of an edge that does not know the secret yet
    assert unlearnt == 429, "not refused as foreign, but counted with everybody who comes from there"

    assert new_cloudfront.in_queue("greet") == room + 1


@pytest.mark.parametrize(("before", "status"), [(LEARNING - timedelta(minutes=1), 202), (LEARNING, 403)])
def test_an_hour_after_cloudfront_first_proved_itself_others_are_refused(
    new_cloudfront: Deployment, before: timedelta, status: int
) -> None:
    proved_since(new_cloudfront, before)
    proved_since(new_cloudfront, timedelta(0))  # another environment, later: the first moment stays

    assert post(new_cloudfront, 1, forwarded=PEERS) == status


def test_a_proof_begins_the_hour_and_nothing_else_does(new_cloudfront: Deployment) -> None:
    log = DynamoProofLog(boto3.client("dynamodb", region_name=REGION), "LimitsTable", "")
    post(new_cloudfront, 1, forwarded=PEERS, secret="a guess")
    assert log.since() is None

    post(new_cloudfront, 2, forwarded=PEERS, secret=SECRET)
    assert log.since() is not None


def test_links_in_mails_that_are_older_than_the_cloudfront_still_work(behind_cloudfront: Deployment) -> None:
    behind_cloudfront.save(subscriber())
    for purpose, handler, name in (
        (Purpose.CONFIRM, confirm, "confirm/post"),
        (Purpose.UNSUBSCRIBE, unsubscribe, "unsubscribe/one_click_urlencoded"),
    ):
        token = sign(purpose, an_id(1), behind_cloudfront.app.keys, now=behind_cloudfront.now())
        event = load(name)
        event["rawQueryString"] = f"token={token}"
        event["queryStringParameters"] = {"token": token}
        assert handler(event, behind_cloudfront.context)["statusCode"] == 200


def test_cloudfront_shows_the_secret_and_the_pages_that_count_know_it() -> None:
    (api,) = [
        origin
        for origin in RESOURCES["Distribution"]["Properties"]["DistributionConfig"]["Origins"]
        if origin["Id"] == "api"
    ]
    (header,) = api["OriginCustomHeaders"]

    assert header["HeaderName"].lower() == ORIGIN_HEADER
    assert "OriginKeys" in str(header["HeaderValue"])
    for function in ("Subscribe", "Confirm", "Unsubscribe", "Preferences"):
        assert "OriginKeys" in str(RESOURCES[function]["Properties"]["Policies"])
