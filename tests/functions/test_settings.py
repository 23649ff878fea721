"""Settings through the functions: uploaded, taken by `publish`, and read by whoever renders."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from functions.confirm.handler import lambda_handler as confirm
from functions.publish.handler import lambda_handler as publish
from functions.subscribe.handler import lambda_handler as subscribe
from newsletter.core.house_style import HouseStyle
from newsletter.core.link_token import Purpose
from newsletter.core.registered_form import form_id
from newsletter.issues.adapters import s3_house_style
from newsletter.issues.adapters.s3_house_style import KEY
from newsletter.readers.domain.subscriber import Status
from tests.factories import subscriber
from tests.functions.conftest import Deployment
from tests.issues.test_pictures import chart, saved
from tests.moto_aws import REGION

BRAND = "settings/brand.yaml"


def later(deployment: Deployment) -> None:
    """Let the half minute pass for which an environment does not ask again."""
    deployment.app.house_style.expire()


def effective(deployment: Deployment) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(deployment.read(KEY, "content") or "{}")
    return found


def test_an_upload_is_in_use_on_pages_and_in_mails_without_a_deployment(deployment: Deployment) -> None:
    deployment.save(subscriber(1, status=Status.UNCONFIRMED, confirmed_at=None))
    before = deployment.invoke(confirm, "confirm/get", Purpose.CONFIRM)["body"]
    deployment.put(BRAND, b"light: {accent: '#7a1f5c'}\npostal_address: 9 New Street\ninvitation: Send it to me\n")

    deployment.invoke(publish, "publish/settings")
    later(deployment)
    after = deployment.invoke(confirm, "confirm/get", Purpose.CONFIRM)

    assert "#7a1f5c" not in before
    assert "--accent: #7a1f5c" in after["body"]
    assert "9 New Street" in after["body"]
    (preview,) = deployment.ses.messages(to="editors@example.org")
    assert "Your settings are in use: settings/brand.yaml" in preview["subject"]
    assert "#7a1f5c" in preview["html"]
    assert "Send it to me" in preview["html"]
    assert deployment.in_queue("publish") == 1  # the refresh of the archive, a second late


def test_the_home_page_and_the_stylesheet_follow(deployment: Deployment) -> None:
    deployment.put(BRAND, b"strapline: News of the parish, {rhythm}.\nfooter_links: [Imprint https://example.org/i]\n")

    deployment.invoke(publish, "publish/settings")
    deployment.invoke(publish, "publish/refresh_year")

    home = deployment.read("index.html") or ""
    assert "<h1>News of the parish, every second Tuesday.</h1>" in home
    assert '<a href="https://example.org/i">Imprint</a>' in home


def test_a_logo_is_opened_and_stands_on_the_site(deployment: Deployment) -> None:
    deployment.put("settings/logo.png", saved(chart()))
    deployment.put(BRAND, b"logo: logo.png\nlogo_width: 120\n")

    deployment.invoke(publish, "publish/settings")

    logo = effective(deployment)["brand"]["logo"]
    s3: Any = boto3.client("s3", region_name=REGION)
    assert s3.head_object(Bucket="site", Key=logo["light"])["ContentType"] == "image/png"
    (preview,) = deployment.ses.messages(to="editors@example.org")
    assert f'src="https://briefing.example.org/{logo["light"]}" width="120"' in preview["html"]


def test_a_second_look_tells_what_is_still_missing(deployment: Deployment) -> None:
    deployment.put(BRAND, b"logo: logo.png\n")
    deployment.invoke(publish, "publish/settings")
    assert deployment.ses.messages(to="editors@example.org") == []

    deployment.invoke(publish, "publish/settings_again")

    (problems,) = deployment.ses.messages(to="editors@example.org")
    assert "settings/brand.yaml cannot be" in problems["subject"]
    assert "no “logo.png”" in (deployment.read("settings/brand.problems.txt", "content") or "")


def test_a_form_that_was_replaced_still_says_what_its_reader_agreed_to(deployment: Deployment) -> None:
    before = deployment.app.pages.form_words("en")
    deployment.put(BRAND, b"invitation: Send it to me\n")
    deployment.invoke(publish, "publish/settings")
    later(deployment)

    forms = deployment.app.pages.registered_forms

    assert forms[form_id(before, "en")] == before
    assert forms[form_id("Send it to me", "en")] == "Send it to me"


@pytest.mark.parametrize("body", [b"no json", b"[1]", b'{"brand": 1}', b"\xff"])
def test_an_effective_file_that_nobody_can_read_stops_nothing(deployment: Deployment, body: bytes) -> None:
    deployment.put(KEY, body)

    answer = deployment.invoke(subscribe, "subscribe/bad_address_form")

    assert answer["statusCode"] == 422
    assert "Please send me the fortnightly briefing" in answer["body"]


def test_an_environment_asks_once_in_half_a_minute_and_keeps_the_last_style_while_nobody_answers(s3: Any) -> None:
    seconds = [0.0]
    writer = s3_house_style.S3HouseStyle(s3, "content")
    reader = s3_house_style.S3HouseStyle(s3, "content", read_seconds=lambda: seconds[0])
    assert reader.current().brand == {}
    style = HouseStyle(brand={"strapline": "Hello"})
    writer.put(style)

    assert reader.current().brand == {}
    seconds[0] = s3_house_style.FRESH
    assert reader.current() == style
    seconds[0] *= 2
    assert reader.current() is reader.current()  # "not modified"
    s3.delete_object(Bucket="content", Key=KEY)
    seconds[0] *= 2
    assert reader.current() == style
