"""Words and looks on the laptop: uploaded, on the page within a minute, refused when broken; permissions enforced."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from local.reader import wait_for
from local.stack import running
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
