"""Sixty mails left for one network: with a forged X-Forwarded-For on the API's own address, each came from another.

CloudFront proves itself by a secret in a header now. Fails on a013654.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.confirm.handler import lambda_handler as confirm
from functions.subscribe.handler import lambda_handler as subscribe
from functions.unsubscribe.handler import lambda_handler as unsubscribe
from local.package import read_template
from local.process import ROOT
from newsletter.core.link_token import Purpose, sign
from newsletter.web.http import ORIGIN_HEADER
from tests.factories import an_id, subscriber
from tests.functions.conftest import Deployment, load

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
def behind_cloudfront(deployment: Deployment) -> Deployment:
    deployment.app.__dict__["origin_keys"] = (SECRET, BEFORE)
    return deployment


def test_without_cloudfront_sixty_forged_networks_are_one(deployment: Deployment) -> None:
    for number in range(60):
        assert post(deployment, number, forwarded=f"203.0.113.{number}, 198.51.100.1") == 202

    assert deployment.in_queue("greet") == deployment.app.settings.sign_ups_per_network // 4


@pytest.mark.parametrize("secret", ["", "a guess", SECRET[:-1]])
def test_behind_cloudfront_nobody_signs_up_past_it(behind_cloudfront: Deployment, secret: str) -> None:
    assert post(behind_cloudfront, 1, forwarded=PEERS, secret=secret) == 403
    assert behind_cloudfront.in_queue("greet") == 0


@pytest.mark.parametrize("secret", [SECRET, BEFORE])
def test_through_cloudfront_the_address_is_what_cloudfront_saw(behind_cloudfront: Deployment, secret: str) -> None:
    for number in range(60):
        forwarded = f"203.0.113.{number}, 192.0.2.7, 130.176.0.1"
        assert post(behind_cloudfront, number, forwarded=forwarded, secret=secret) == 202

    assert behind_cloudfront.in_queue("greet") == behind_cloudfront.app.settings.sign_ups_per_network // 4


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
