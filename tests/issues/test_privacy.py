"""What readers are told about their data: true for this stack's settings, and never more than a click away."""

from __future__ import annotations

import re
from typing import Any

import html5lib
import pytest

from newsletter.core.house_style import HouseStyle
from newsletter.core.reader_fields.reader_field import ReaderField
from newsletter.errors import InvalidNoticeError
from newsletter.issues.archive.archive import Archive
from newsletter.issues.domain.privacy_notice import LARGEST, SOURCE, Practice, read_notice
from newsletter.issues.jobs.refresh_archive import PRIVACY
from newsletter.web.jinja import Templates
from tests.issues.rendering_samples import NEWSLETTER, PAGES, ROOT, TEMPLATES, URL
from tests.issues.test_refresh_archive import Press

SETTINGS = ("off", "aggregate", "individual")
PROMISE = "contain no hidden pictures"
PATHS = (
    "index.html",
    "subscribe/index.html",
    "subscribe/thanks/index.html",
    "search/index.html",
    "404.html",
    "busy.html",
)


def archive(**practice: object) -> Archive:
    return Archive(TEMPLATES, NEWSLETTER, URL, feed_namespace="x", practice=Practice(**practice))  # type: ignore[arg-type]


def page(path: str, **practice: object) -> str:
    return next(file.body.decode() for file in archive(**practice).archive([], [], []) if file.path == path)


def notice(text: str = "", **practice: object) -> str:
    return archive(**practice).privacy(text).body.decode()


@pytest.mark.parametrize("engagement", SETTINGS)
def test_hidden_pictures_are_denied_only_where_there_are_none(engagement: str) -> None:
    """At the moment of consent, and in the notice; it used to be denied whatever `Engagement` said."""
    said = {
        "off": ("Our emails contain no hidden pictures", "do not measure"),
        "aggregate": ("We count how often our emails", "We count how often an issue is"),
        "individual": ("Our emails tell us whether you open them", "We record whether you open"),
    }
    form, told = page("subscribe/index.html", engagement=engagement), notice(engagement=engagement)

    for setting, (at_the_form, in_the_notice) in said.items():
        assert (at_the_form in form) == (setting == engagement)
        assert (in_the_notice in told) == (setting == engagement)
    assert (PROMISE in form) == (engagement == "off")


@pytest.mark.parametrize("path", PATHS)
def test_every_page_leads_to_the_notice_and_to_leaving_without_an_old_mail(path: str) -> None:
    footer = page(path).partition("<footer")[2]

    assert 'href="/privacy/"' in footer
    assert 'href="/unsubscribe"' in footer


@pytest.mark.parametrize("name", ["leave_by_address_sent", "erased", "thanked_for_reason"])
def test_so_do_the_pages_of_functions(name: str) -> None:
    footer = PAGES.page(name, action_url="/", problem="").partition("<footer")[2]

    assert f'href="{URL}/privacy/"' in footer
    assert f'href="{URL}/unsubscribe"' in footer


def test_every_form_and_the_confirmation_mail_lead_to_the_notice() -> None:
    for path in ("index.html", "subscribe/index.html"):
        assert re.search(r'<form.*href="/privacy/".*</form>', page(path), re.DOTALL)
    by_address = PAGES.page("leave_by_address", action_url="/unsubscribe", problem="").partition("<footer")[0]
    assert f'href="{URL}/privacy/"' in by_address
    mail = PAGES.mail("confirmation", name="", confirm_url=f"{URL}/confirm?token=t")
    assert f'href="{URL}/privacy/"' in mail.html
    assert f"{URL}/privacy/" in mail.text


def test_the_default_says_who_what_why_how_long_and_what_one_can_do() -> None:
    told = notice(unconfirmed_days=21)

    html5lib.HTMLParser(strict=True).parse(told)
    assert "{{" not in told
    assert "{%" not in told
    for words in (
        NEWSLETTER.name, "12 Canal Street", f"mailto:{NEWSLETTER.reply_to}", "21 days", "until you ask us to erase it",
        "Amazon Web Services", "Article 6(1)(a)", "data protection authority", f"{URL}/unsubscribe", "erase",
    ):  # fmt: skip
        assert words in told, words


def test_the_default_promises_no_forgetting_that_nobody_does() -> None:
    """With the clocks off, what somebody left behind stays until it is erased, and so do single opens and clicks."""
    off: dict[str, Any] = {"forget_after_days": 0, "forget_outcomes_after_days": 0}
    assert "also after you unsubscribe" in notice("", **off)
    assert "longer if you had been on the list before" in notice("", **off)
    assert "so that we can answer a claim" not in notice("", **off)
    assert "erased once it is counted" in notice(engagement="aggregate", **off)
    assert "kept with the accounts of the issue" in notice(engagement="individual", **off)


def test_the_default_names_the_days_of_the_clocks_that_run() -> None:
    told = notice(engagement="individual", forget_after_days=1, keep_receipts_years=1, forget_outcomes_after_days=7)

    assert "until 1 day after you unsubscribe" in told
    assert "and 1 year more, without your address and name" in told
    assert "14 days after the issue went out" in told, "outcomes are kept so long in any case"
    assert "kept for 14 days" in told
    for words in ("30 days after you unsubscribe", "6 years more", "400 days after the issue went out", "35 days more"):
        assert words in notice(), words
    assert "years more" not in notice(keep_receipts_years=0)
    assert "still want the newsletter" not in notice()
    assert "2 years after your consent we ask you by email" in notice(renew_consent_years=2)


def test_a_publishers_notice_takes_its_place_and_cannot_bring_markup_or_scripts() -> None:
    told = notice("# Ours\n\nWords <script>alert(1)</script> [x](javascript:alert(1)) [y](https://example.org)")

    assert "<h2>Ours</h2>" in told
    assert told.count("<h1>") == 1
    assert "<script>" not in told
    assert 'href="javascript' not in told
    assert '<a href="https://example.org">y</a>' in told
    assert "Article 6" not in told


@pytest.mark.parametrize("source", [b"", b" \n", b"\xff\xfe", b"x" * (LARGEST + 1)])
def test_what_cannot_be_a_notice_is_refused(source: bytes) -> None:
    with pytest.raises(InvalidNoticeError):
        read_notice(source)


def put(press: Press, source: bytes) -> None:
    press.content.objects[SOURCE] = source


def test_a_refused_notice_leaves_the_last_good_one_and_says_why_beside_it() -> None:
    press = Press()
    press.refresh()
    assert press.page("privacy") == "the default"

    put(press, b"Ours.")
    press.refresh()
    assert press.page("privacy") == "Ours."

    put(press, b"\xff")
    press.refresh()
    assert press.page("privacy") == "Ours."
    assert "UTF-8" in press.content.problems[SOURCE]

    put(press, b"Better.")
    press.refresh()
    assert press.page("privacy") == "Better."
    assert SOURCE not in press.content.problems
    assert press.site.read(PRIVACY) == b"Better."


def test_a_first_notice_that_is_refused_gives_the_default() -> None:
    press = Press()
    put(press, b"\xff")
    press.refresh()

    assert press.page("privacy") == "the default"


def test_the_default_notice_names_what_the_publisher_asks_besides() -> None:
    asked = ReaderField(key="organisation", labels={"": "Your | <b>organisation"})
    style = HouseStyle(fields={"organisation": asked.as_held(0)})
    templates = Templates(ROOT / "templates", current_style=lambda: style)

    told = Archive(templates, NEWSLETTER, URL, feed_namespace="x").privacy("").body.decode()

    assert "what you answered, if you did: “Your / " in told
    assert "<b>organisation" not in told
    assert "what you answered" not in notice()


def test_the_notice_says_what_becomes_of_an_answer_only_where_readers_are_asked() -> None:
    said = "we count the answer, and keep for 31 days that your link has been used"

    assert said in notice(ask_useful=True)
    assert said not in notice(ask_useful=False)


def test_the_notice_says_what_becomes_of_a_reply_only_where_replies_are_counted() -> None:
    said = "A program sees that you wrote, not what"

    assert said in notice(count_replies=True)
    assert said not in notice(count_replies=False)
