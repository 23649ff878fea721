"""Words, looks and feeds on the laptop: uploaded, in use within a minute, refused when broken; permissions enforced."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from local.reader import wait_for
from local.stack import running
from newsletter.calendar.adapters.dynamo_calendar import DynamoCalendar
from newsletter.core.audience.reading_rhythm import month_before
from tests.desk.feed_site import feed_site
from tests.e2e.sends import fire, join
from tests.issues.test_pictures import chart, saved
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

A_MINUTE = 60


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A stack whose look no other test depends on."""
    home = tmp_path_factory.mktemp("settings")
    with running(home) as (_, where):
        yield Laptop(home, where)


def put(house: Laptop, name: str, body: bytes) -> None:
    house.client("s3").put_object(Bucket=house.where["content_bucket"], Key=f"settings/{name}", Body=body)


def page(house: Laptop, path: str) -> str:
    return httpx.get(f"{house.where['url']}{path}", timeout=30).text


def mails(house: Laptop, words: str) -> list[str]:
    found = house.inbox.messages(**{"tag.kind": "editors"})
    return [each["text"] for each in found if words in each["subject"]]


def test_a_brand_is_on_every_page_within_a_minute_and_a_broken_one_changes_nothing(house: Laptop) -> None:
    address = f"{house.where['url']}/unsubscribe"  # a page of a function, which is warm and has looked already
    wait_for("the pages to stand", lambda: httpx.get(address, timeout=30).status_code == 200)
    assert "News of the ferry" not in page(house, "/")
    put(house, "logo.png", saved(chart()))
    started = time.monotonic()
    put(
        house,
        "brand.yaml",
        b"strapline: News of the ferry, {rhythm}.\ninvitation: Bring me the news\nlogo: logo.png\n"
        b'logo_width: 150\nlight: {accent: "#7a1f5c"}\nfooter_links: [Imprint https://example.org/imprint]\n',
    )

    wait_for("the home page", lambda: "News of the ferry, every second Tuesday." in page(house, "/"), seconds=A_MINUTE)
    wait_for("a page of a function", lambda: "#7a1f5c" in page(house, "/unsubscribe"), seconds=A_MINUTE)
    took = time.monotonic() - started
    assert took < A_MINUTE
    logo = page(house, "/").partition('<img src="')[2].partition('"')[0]
    assert httpx.get(f"{house.where['url']}{logo}", timeout=30).headers["content-type"] == "image/png"
    wait_for("the preview", lambda: mails(house, "Your settings are in use: settings/brand.yaml"))

    put(house, "brand.yaml", b"strapline: Better news, {rythm}.\n")

    (problems,) = wait_for("the problems", lambda: mails(house, "settings/brand.yaml cannot be"))
    assert "{rythm}" in problems
    house.wait_until_quiet()
    beside = (
        house.client("s3")
        .get_object(Bucket=house.where["content_bucket"], Key="settings/brand.problems.txt")["Body"]
        .read()
    )
    assert b"Line 1: `strapline` holds {rythm}" in beside
    assert "News of the ferry, every second Tuesday." in page(house, "/")


def test_the_words_of_the_confirmation_are_those_of_the_publisher(house: Laptop) -> None:
    put(
        house,
        "words/en.yaml",
        b'confirmation_subject: "{newsletter}: are you coming aboard?"\nwelcome_text: "It sails {rhythm}."\n',
    )
    wait_for("the preview", lambda: mails(house, "settings/words/en.yaml"))
    house.restart("greet")  # an environment that has looked does not look again for half a minute

    house.confirmed("zoe@example.org", "Zoe")

    subjects = [each["subject"] for each in house.inbox.messages(to="zoe@example.org")]
    assert any("are you coming aboard?" in subject for subject in subjects)
    welcome = wait_for(
        "the welcome", lambda: [m for m in house.inbox.messages(to="zoe@example.org") if "It sails" in m["text"]]
    )
    assert "It sails every second Tuesday." in welcome[0]["text"]


def test_what_readers_answer_stands_in_their_issue_and_the_fallback_in_everybody_elses(house: Laptop) -> None:
    put(
        house,
        "fields.yaml",
        b"organisation:\n  label: Your organisation\n"
        b"region:\n  label: Region\n  kind: choice\n  options: [Wales, Scotland]\n  required: yes\n  asked: sign-up\n",
    )
    wait_for("the form", lambda: 'name="field.region" required' in page(house, "/subscribe/"), seconds=A_MINUTE)
    for function in ("subscribe", "publish", "send"):
        house.restart(function)
    ada = house.reader("ada@example.org", "Ada")
    missing = ada.sign_up()
    assert (missing.status_code, "Please fill this in." in missing.text) == (422, True)

    assert ada.sign_up(**{"field.organisation": "IPL & {{name}}", "field.region": "wales"}).status_code == 303
    ada.confirm()
    join(house, ["bo@example.org"])
    slug = "2026-12-01-fields"
    house.upload(
        slug,
        f"---\ntitle: Fields\ndate: {slug[:10]}\nsubject: For {{{{ region | all }}}}\n---\n\n"
        "This is news for {{ organisation | your organisation }}, and it is a whole issue.\n",
    )
    fire(house, slug)
    assert house.books(slug).sent >= 2

    mails = {each["to"]: each for each in house.inbox.issues_for(slug)}
    assert mails["ada@example.org"]["subject"] == "For Wales"
    assert "news for IPL & {{name}}, and" in mails["ada@example.org"]["text"]
    assert "news for IPL &amp; &#123;&#123;name}}, and" in mails["ada@example.org"]["html"]
    assert mails["bo@example.org"]["subject"] == "For all"
    assert "news for your organisation, and" in mails["bo@example.org"]["html"]
    assert "news for your organisation, and" in page(house, f"/issues/{slug}/")
    held = httpx.get(f"{house.account_link('ada@example.org')}&format=json", timeout=30).json()["subscriber"]
    assert held["fields"] == {"organisation": "IPL & {{name}}", "region": "Wales"}


def test_what_a_website_has_put_up_is_a_draft_before_the_slot_and_goes_out_by_nobody(house: Laptop) -> None:
    with feed_site() as website:
        website.entries = ["Ferries", "Bridges"]
        put(house, "feeds.yaml", f"feeds:\n  - Our blog {website.at('feed.xml')}\n".encode())
        wait_for("the settings", lambda: mails(house, "Your settings are in use: settings/feeds.yaml"))
        day = (datetime.now(UTC) + timedelta(days=2)).date()
        calendar = DynamoCalendar(house.client("dynamodb"), house.where["tables"]["sends"])
        calendar.set_extra(day, extra=True)
        house.restart("schedule")  # an environment that has looked does not look again for half a minute

        for _ in range(2):
            watch(house)

        (told,) = wait_for("the email", lambda: mails(house, "is waiting"))
        assert "- Ferries\n- Bridges\n" in told
        bucket = house.where["content_bucket"]
        found = house.client("s3").list_objects_v2(Bucket=bucket, Prefix="drafts/")["Contents"]
        (key,) = [each["Key"] for each in found if each["Key"].startswith(f"drafts/{day}")]
        text = house.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        assert "status: draft" in text
        assert "## [Ferries](https://www.example.org/Ferries)\n\nAbout Ferries.\n" in text
        slug = key.removeprefix("drafts/").removesuffix(".md")
        assert f"/desk/issues/{slug}/write/" in told
        assert [path for path, _ in website.asked] == ["/feed.xml"]


def watch(house: Laptop) -> None:
    answer = house.client("lambda").invoke(
        FunctionName=house.where["functions"]["schedule"], Payload=b'{"watch": "slots"}'
    )
    assert "FunctionError" not in answer, answer["Payload"].read()


def test_whoever_chose_it_gets_one_digest_of_the_month_and_the_others_each_issue(house: Laptop) -> None:
    words = "Your settings are in use: settings/brand.yaml"
    before = len(mails(house, words))
    put(house, "brand.yaml", b"digest: monthly\n")
    wait_for("the preview", lambda: mails(house, words)[before:], seconds=A_MINUTE)
    for function in ("preferences", "publish"):
        house.restart(function)
    join(house, ["mia@example.org", "eva@example.org"])
    link = house.account_link("mia@example.org")
    assert "One digest a month" in httpx.get(link, timeout=30).text
    httpx.post(link, data={"action": "save", "name": "Mia", "rhythm": "monthly"}, timeout=30).raise_for_status()
    mia = house.held("mia@example.org")
    assert mia is not None
    month = month_before(mia.digest_since)
    assert house.subscribers.save(replace(mia, digest_since=month))  # as if she had chosen it a month ago
    top = f"title: Of this month\ndate: {month}-01\nsend: now\n"

    house.upload("2026-of-this-month", f"---\n{top}---\n\nThis is a whole issue.\n")
    issue = house.books("2026-of-this-month")
    house.tell("publish", json.dumps({"digest": month}))
    (preview,) = wait_for("the digest's preview", lambda: mails(house, "[Preview] The issues of "))
    assert "everybody who gets the monthly digest" in " ".join(preview.split())

    slug, key = f"digest-{month}", f"issues/digest-{month}.md"
    found = house.client("s3").get_object(Bucket=house.where["content_bucket"], Key=key)["Body"].read().decode()
    assert "[Of this month](2026-of-this-month.md)" in found
    ready = re.sub(r"(?m)^send: .*$", "send: now", found).replace("status: draft", "status: ready")
    ready = re.sub(r"(?m)^date: .*$", f"date: {month}-01", ready)
    house.upload(slug, ready)
    digest = house.books(slug)

    assert (digest.audience, digest.sent, digest.balanced) == (1, 1, True)
    assert house.inbox.recipients_of(slug) == ["mia@example.org"]
    assert issue.audience == issue.sent >= 1
    assert "mia@example.org" not in house.inbox.recipients_of("2026-of-this-month")
    assert "eva@example.org" in house.inbox.recipients_of("2026-of-this-month")
    assert "Of this month" in page(house, f"/issues/{slug}/")
    assert slug not in page(house, "/")
