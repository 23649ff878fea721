import datetime
import hashlib
import html
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import html5lib
import jinja2
import pytest

from newsletter.core.archive_entry import ArchiveEntry
from newsletter.core.content import MailContent
from newsletter.core.language import LANGUAGES
from newsletter.desk.domain.decision import Verb
from newsletter.desk.domain.issue_description import IssueDescription
from newsletter.desk.domain.preview_banner import InboxRow, under_banner
from newsletter.desk.domain.stage import Stage
from newsletter.desk.feeds.feed import FeedEntry
from newsletter.issues.domain.difference import ChangedFile, difference
from newsletter.issues.domain.issue import Problem
from newsletter.issues.domain.preflight import Finding, Level, Preflight
from newsletter.issues.writing.front_matter import parse_issue
from newsletter.readers.domain.subscriber import LEAVING_REASONS, rest_choices
from newsletter.sending.domain.forecast import forecast
from newsletter.sending.domain.quota import Allowance
from newsletter.web.jinja import Templates
from newsletter.web.pages import Pages
from tests import report_samples as reports
from tests.core.fakes import NOW, TEAM
from tests.factories import record
from tests.issues.rendering_samples import NEWSLETTER, PAGES, ROOT, SAMPLE, TEMPLATES, URL, sample

CHOICES = rest_choices(datetime.date(2026, 12, 1))
LINK = f"{URL}/confirm?token=a&b"
DESCRIBED = IssueDescription(
    record(),
    Stage.HELD,
    "Held",
    ("Held by Ann <b>.", "It goes out at nine."),
    newer=True,
    verbs=(Verb.RELEASE,),
    preview_url=LINK,
)
PAGE_CONTEXTS: dict[str, dict[str, Any]] = {
    "confirm": {"action_url": LINK, "renewing": False},
    "confirmed": {"already": False, "moved": False, "renewed": False},
    "unsubscribe": {"action_url": LINK, "pause_choices": CHOICES},
    "unsubscribed": {"action_url": LINK, "reasons": LEAVING_REASONS},
    "thanked_for_reason": {"action_url": LINK},
    "vote": {"action_url": "/vote?x", "chosen": "no", "slug": "2026-12-01-x"},
    "voted": {"already": True, "slug": "2026-12-01-x"},
    "undone": {"preferences_url": LINK},
    "paused": {"until": datetime.date(2026, 12, 29), "action_url": LINK},
    "leave_by_address": {"action_url": "/unsubscribe", "problem": "This is not an address."},
    "leave_by_address_sent": {},
    "address_change_sent": {},
    "account_by_address": {"action_url": "/preferences", "problem": "This is not an address."},
    "link_sent": {},
    "links_ended": {},
    "subscription": {
        "action_url": LINK,
        "unsubscribe_url": LINK,
        "pause_choices": CHOICES,
        "saved": "pause",
        "link_needed": False,
    },
    "preferences": {
        "action_url": LINK,
        "subscriber": {"name": 'Ada "<b>"', "lang": "cy", "email": "ada@example.org", "fields": {"region": "Wales"}},
        "answers": {"field.region": "Wales"},
        "problems": {"field.region": "Please fill this in."},
        "languages": list(LANGUAGES.items()),
        "topics": [("housing", False), ("rates & <b>", True)],
        "offers_digest": True,
        "reading_rhythm": "monthly",
        "rhythm_changes_on": datetime.date(2027, 1, 1),
        "paused_until": None,
        "pause_choices": CHOICES,
        "saved": "save",
        "problem": "",
        "unsubscribe_url": LINK,
    },
    "decide": {
        "described": DESCRIBED,
        "title": "More & more",
        "buttons": [(LINK, "Approve it", "It goes out.")] * 3,
        "test_url": LINK,
        "team": TEAM,
        "outcome": "",
        "headline": "",
        "meaning": "",
    },
    "decided": {
        "described": DESCRIBED,
        "title": "More & more",
        "buttons": [(LINK, "Release this issue", "It goes out.")],
        "test_url": LINK,
        "team": TEAM,
        "outcome": "held",
        "headline": "Held: More & more",
        "meaning": "It is not sent.",
    },
    "release": {
        "outcome": "held",
        "lane": "slow",
        "because": "9 of 100 emails bounced permanently",
        "steps": [(NOW, 0.1), (NOW, 1.0)],
        "zone": ZoneInfo("Europe/London"),
        "action_url": LINK,
    },
    "erased": {},
    "preview_phone": {},
    "test_asked": {"answer": "asked"},
    "bad_link": {"title": "This link is too old", "remedy": "Ask for a new one."},
    "sign_up_problem": {
        "email_value": '"><script>',
        "carried": {"utm_source": '"><script>'},
        "name_value": "<i>",
        "problem": "This is not an address.",
        "typed": {"field.organisation": '"><b>'},
        "problems": {"field.region": "Please fill this in."},
    },
    "fields_preview": {},
    "feeds_tried": {
        "lines": [("Our <blog>", "can be read: one entry, 1 of them new since the last issue.")],
        "offered": [(FeedEntry("0" * 16, "More <b>for</b> more", LINK, "Two <i>boats</i>."), "Tuesday")],
        "more": 2,
    },
    "sign_up_suggestion": {
        "typed": "<i>@gmial.com",
        "suggestion": "<i>@gmail.com",
        "carried": {"field.region": '"><b>'},
    },
    "problem": {"title": "Not now", "message": "Something broke.", "remedy": "Try again."},
    "report": {"report": reports.report(), "json_url": "/report?a&format=json", "zone": ZoneInfo("Europe/London")},
    "preview_ended": {},
    "report_missing": {"growth": False},
    "growth": {"report": reports.growth(), "json_url": "/report?a&format=json", "zone": ZoneInfo("Europe/London")},
}
MAIL_CONTEXTS: dict[str, dict[str, Any]] = {
    "confirmation": {"confirm_url": LINK, "name": "Ada <3"},
    "welcome": {
        "preferences_url": LINK,
        "unsubscribe_url": LINK,
        "name": "Ada <3",
        "latest": ArchiveEntry.of(sample()),
        "archive_url": f"{URL}/",
    },
    "already_subscribed": {"preferences_url": LINK, "unsubscribe_url": LINK, "name": ""},
    "reminder": {"confirm_url": LINK, "name": "Ada <3", "days": 27},
    "address_change_confirm": {"confirm_url": LINK, "name": ""},
    "address_change_notice": {"preferences_url": LINK, "name": "Ada"},
    "account_link": {"account_url": LINK, "name": "Ada"},
    "renewal": {"renew_url": LINK, "unsubscribe_url": LINK, "name": "Ada <3"},
    "reply_thanks": {"name": "Ada"},
    "leave_link": {"unsubscribe_url": LINK, "name": "Ada"},
    "editors_problems": {"key": "issues/x.md", "problems": [Problem(3, "`<b>` is no date.", "Write one.")]},
    "editors_nothing_ready": {
        "slot": "Tuesday 1 December 2026 at 09:00",
        "why": "nothing_ready",
        "waiting": [],
        "left": "",
    },
    "editors_language_missing": {
        "slot": "Tuesday 1 December 2026 at 09:00",
        "title": "More <b>for</b> more",
        "names": "Cymraeg",
        "files": ["issues/2026-12-01-more.cy.md"],
    },
    "editors_feed_draft": {
        "slot": "Tuesday 1 December 2026 at 09:00",
        "outcome": "made",
        "titles": ("More <b>for</b> more", "Ferries"),
        "more": 2,
        "unread": ("“Our <blog>” did not answer in time.",),
        "address": f"{URL}/desk/issues/2026-12-01-what-is-new/write/",
    },
    "editors_hour": {
        "hour": "Thursday 3 December 2026 at 14:30",
        "title": "More <b>for</b> more",
        "why": "waits",
        "state": "not approved",
        "left": "",
        "until": "Thursday 3 December 2026 at 20:30",
    },
    "editors_slot_ready": {"slot": "Tuesday 1 December 2026 at 09:00", "title": "More <b>for</b> more"},
    "editors_decided": {
        "slug": "x",
        "headline": "Held: More & more",
        "meaning": "It is not sent.",
        "when": "Tuesday",
        "by_link": True,
        "label": "Ann <b>",
        "way_back": "release",
        "way_back_url": LINK,
    },
    "editors_report": {
        "report": reports.report(),
        "number": 1,
        "report_url": f"{URL}/report?issue=x&token=y",
        "growth_url": f"{URL}/report?growth=1&token=z",
    },
    "editors_send_paused": {
        "title": "More & more",
        "because": "The day's quota is used up.",
        "resume_at": NOW,
        "alone": True,
    },
    "editors_confirmations_held": {
        "because": "9 of 100 emails bounced permanently",
        "release_url": f"{URL}/release?lane=slow",
    },
    "editors_account": {"trouble": "PROBATION"},
    "editors_sign_in": {"name": "Kim", "sign_in_url": f"{URL}/desk/sign-in?token=x", "code": "012345"},
    "editors_invited": {
        "name": "Kim",
        "inviter": "Ann <Lee>",
        "roles": [("Writer", "writes & previews"), ("List keeper", "looks after readers")],
        "email": "kim@example.org",
        "desk_url": f"{URL}/desk/",
    },
    "editors_passkey_added": {
        "name": "Kim <Lee>",
        "email": "kim@example.org",
        "account_url": f"{URL}/desk/account/",
    },
    "editors_webhook_gone": {
        "name": "Kim <Lee>",
        "endpoint": "crm.example.org/a&b",
        "webhooks_url": f"{URL}/desk/team/webhooks/",
    },
    "editors_send_resumed": {"title": "More & more"},
    "editors_audience_changed": {
        "title": "More & more",
        "seen": 512,
        "readers": 5120,
        "part": "readers tagged “members <b>”",
    },
    "editors_doubts_wait": {"title": "More & more", "because": "SES gave no answer about 2 readers."},
    "editors_comments": {
        "title": "More & more",
        "comments": [
            ("Dora <b>", "A <i>lock</i> gate lasts.", "From which <May>?"),
            ("Ed", "", "Fine."),
        ],
        "page_url": f"{URL}/desk/issues/x/",
    },
    "editors_settings": {
        "changed": ["settings/brand.yaml", "settings/words/cy.yaml"],
        "removed": ["settings/words/cy.yaml"],
        "approved": ["More & more"],
        "fields": ["Your <organisation>"],
        "feeds": [("Our <blog>", "https://www.example.org/feed.xml")],
        "samples": [("", "Please confirm", "Press <here>."), ("cy", "Cadarnhewch", "Pwyswch yma.")],
    },
    "editors_preview": {
        "issue": parse_issue(SAMPLE.stem, SAMPLE.read_bytes()),
        "rendered": sample(),
        "page_url": f"{URL}/issues/x/",
        "send_time": "It goes out on Tuesday.",
        "draft": False,
        "blocked": False,
        "preflight": Preflight((Finding(Level.WARNING, "links", "The link <x> is odd.", "Look at it.", 3),)),
        "forecast": forecast(1432, Allowance(per_second=14, per_day=200, left_today=100)),
        "duration": "about 7 days",
        "fees": ("0.23 USD", "less than a cent"),
        "part": "readers tagged “members”",
        "voided": "",
        "writer": True,
        "test_url": f"{LINK}#test",
        "inbox": InboxRow("More & more", "What <it> asks."),
        "links": {"approve": f"{URL}/decide?do=approve", "release": "", "hold": "", "withdraw": f"{URL}/decide?do=x"},
        "files": ["map & plan.pdf (PDF, 1.2 MB)"],
        "changes": [
            ChangedFile(f"{SAMPLE.stem}.md", difference(b"title: <b>\n\nOld & bold\n", b"title: <b>\n\nNew & bold\n"))
        ],
    },
}


@pytest.mark.parametrize(
    ("why", "waiting", "left", "said"),
    [
        (
            "soon",
            [],
            "2 hours",
            ["In 2 hours: no issue is ready", "We will write again when it is there", "skip the day"],
        ),
        ("soon", [("More & more", "held")], "2 hours", ["“More & more” is held", "would go out now", "in this slot"]),
        ("nothing_ready", [("More & more", "not approved")], "", ["is not approved", "nothing went out", "next slot"]),
        ("too_late", [], "", ["the timer ran too late", "The issue stays ready"]),
    ],
)
def test_the_editors_read_why_a_slot_has_no_issue_and_what_to_do(
    why: str, waiting: list[tuple[str, str]], left: str, said: list[str]
) -> None:
    mail = PAGES.mail("editors_nothing_ready", slot="Tuesday 1 December", why=why, waiting=waiting, left=left)
    words = " ".join(f"{mail.subject} {mail.text}".split())

    for sentence in said:
        assert sentence in words
        assert html.escape(sentence, quote=False) in " ".join(mail.html.split())


@pytest.mark.parametrize(
    ("why", "state", "said"),
    [
        (
            "soon",
            "not approved",
            ["“More & more” is to go out in 2 hours, and is not approved", "Approve it", "and it goes out then."],
        ),
        ("soon", "a draft", ["as it stands it would not: it is a draft", "Upload it with “status: ready”"]),
        ("waits", "on hold", ["was not sent: it is on hold", "Release it", "at once, until Thursday at 20:30."]),
        ("waits", "a draft", ["was not sent: it is a draft", "Upload it with another hour in “send”"]),
        ("too_late", "not approved", ["its hour passed too long ago", "give it another hour in “send”"]),
    ],
)
def test_the_editors_read_why_an_issue_does_not_go_at_its_hour_and_what_to_do(
    why: str, state: str, said: list[str]
) -> None:
    mail = PAGES.mail(
        "editors_hour", hour="Thursday at 14:30", title="More & more", why=why, state=state, left="2 hours",
        until="Thursday at 20:30",
    )  # fmt: skip
    words = " ".join(f"{mail.subject} {mail.text}".split())

    assert "Thursday at 14:30" in words
    for sentence in said:
        assert sentence in words
        assert html.escape(sentence, quote=False) in " ".join(mail.html.split())


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("PROBATION", ["SES is watching this account", "Email still goes out", "Send no issue until"]),
        (
            "SHUTDOWN",
            ["SES accepts no email from this account", "stopped the account (SHUTDOWN)", "We will write again"],
        ),
        ("DISABLED", ["Sending is switched off", "by one of your own people"]),
        ("", ["SES accepts email from this account again", "carries on by itself", "nothing you need to do"]),
    ],
)
def test_the_editors_read_what_ses_thinks_of_the_account(trouble: str, said: list[str]) -> None:
    mail = PAGES.mail("editors_account", trouble=trouble)
    words = " ".join(f"{mail.subject} {mail.text}".split())

    for sentence in said:
        assert sentence in words
        assert sentence in " ".join(mail.html.split())


def test_every_page_and_mail_is_tried_here() -> None:
    pages = {path.stem for path in (ROOT / "templates" / "page").glob("*.html")} - {"layout", "parts", "charts"}
    pages -= {"comment", "comment_ended"}  # in English alone; the tour of every page has them
    mails = {path.name.split(".")[0] for path in (ROOT / "templates" / "email").glob("*.subject.txt")}

    assert pages == set(PAGE_CONTEXTS)
    assert mails == set(MAIL_CONTEXTS)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PAGE_CONTEXTS)
def test_a_page_is_well_formed_in_every_language_and_has_only_forms_that_post(name: str, lang: str) -> None:
    page = PAGES.page(name, lang=lang, **PAGE_CONTEXTS[name])
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)

    assert (document.get("lang"), document.get("dir")) == (lang, "ltr")
    assert len(document.findall(".//h1")) == 1
    assert "%(" not in page
    ids = [element.get("id") for element in document.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for form in document.iter("form"):
        assert form.get("method") == "post"
        buttons = list(form.iter("button"))
        assert len(buttons) == 1 or all(button.get("name") for button in buttons)


@pytest.mark.parametrize("name", PAGE_CONTEXTS)
def test_a_page_needs_no_script(name: str) -> None:
    document = html5lib.parse(PAGES.page(name, **PAGE_CONTEXTS[name]), namespaceHTMLElements=False)

    loaded = [script.get("src") for script in document.iter("script")]
    assert loaded == ([f"{URL}/sign-up.js"] if name == "sign_up_problem" else [])


@pytest.mark.parametrize("name", PAGE_CONTEXTS)
def test_every_field_has_a_label_and_every_description_exists(name: str) -> None:
    document = html5lib.parse(PAGES.page(name, **PAGE_CONTEXTS[name]), namespaceHTMLElements=False)
    labels = {label.get("for") for label in document.iter("label")}
    wrapped = {id(field) for label in document.iter("label") for field in label.iter("input")}
    ids = {element.get("id") for element in document.iter()}

    for field in [*document.iter("input"), *document.iter("select")]:
        assert field.get("type") == "hidden" or field.get("id") in labels or id(field) in wrapped
    for element in document.iter():
        for attribute in ("aria-describedby", "aria-labelledby"):
            assert set((element.get(attribute) or "").split()) <= ids


def test_a_language_we_do_not_speak_gives_the_newsletters_own() -> None:
    page = PAGES.page("confirm", lang="tlh", **PAGE_CONTEXTS["confirm"])

    assert page == PAGES.page("confirm", **PAGE_CONTEXTS["confirm"])
    assert '<html lang="en" dir="ltr">' in page


def test_a_page_says_in_the_readers_language_what_python_said_in_english() -> None:
    context = {
        "title": "This link is too old",
        "remedy": "The link is too old; sign up again to get a new one.",
    }

    page = PAGES.page("bad_link", lang="cy", **context)

    assert "<h1>Mae’r ddolen hon yn rhy hen</h1>" in page
    assert "<p>Mae’r ddolen yn rhy hen. Cofrestrwch eto i gael un newydd.</p>" in page


def test_what_no_catalogue_knows_is_said_as_it_is() -> None:
    page = PAGES.page("problem", lang="de", title="100 % <b>", message="The field 'a%(b)s' was sent twice.", remedy="")

    assert "<h1>100 % &lt;b&gt;</h1>" in page
    assert "The field &#39;a%(b)s&#39; was sent twice." in page


@pytest.mark.parametrize(
    ("lang", "first", "later"),
    [
        ("en", "1 August 2027", "29 December 2026"),
        ("cy", "1 Awst 2027", "29 Rhagfyr 2026"),
        ("de", "1. August 2027", "29. Dezember 2026"),
        ("es", "1 de agosto de 2027", "29 de diciembre de 2026"),
        ("fr", "1er août 2027", "29 décembre 2026"),
    ],
)
def test_a_date_is_written_as_its_readers_write_it(lang: str, first: str, later: str) -> None:
    days = (datetime.date(2027, 8, 1), datetime.date(2026, 12, 29))
    pages = [PAGES.page("paused", lang=lang, until=day, action_url=LINK) for day in days]

    assert first in pages[0]
    assert later in pages[1]


def test_a_language_from_right_to_left_needs_nothing_but_its_catalogue(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    shutil.copytree(ROOT / "templates" / "locale" / "de", tmp_path / "templates" / "locale" / "fa")
    pages = Pages(Templates(tmp_path / "templates"), NEWSLETTER, URL)

    page = pages.page("preferences", lang="fa", **PAGE_CONTEXTS["preferences"])
    mail = pages.mail("confirmation", lang="fa", **MAIL_CONTEXTS["confirmation"])

    assert '<html lang="fa" dir="rtl">' in page
    assert '<div style="max-width:600px;margin:0 auto" lang="fa" dir="rtl">' in mail.html
    assert 'name="new_email" type="email" dir="ltr"' in page


def test_the_stylesheet_knows_no_left_and_right_but_for_numbers_and_old_browsers() -> None:
    css = (ROOT / "templates" / "site" / "style.css").read_text()
    css = css.replace("float: left; float: inline-start;", "")

    assert {
        line.split(" {")[0] for line in css.splitlines() if re.search(r"\b(left|right)\b(?!-)", line.split("{")[-1])
    } == {".prose .right"}


@pytest.mark.parametrize("name", PAGE_CONTEXTS)
def test_the_policy_allows_exactly_the_style_of_the_page(name: str) -> None:
    page = PAGES.page(name, **PAGE_CONTEXTS[name])
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()

    policy = PAGES.page_headers(name)["Content-Security-Policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert " style=" not in page


@pytest.mark.parametrize("name", PAGE_CONTEXTS)
def test_only_the_page_with_the_form_may_load_a_script_and_only_that_one(name: str) -> None:
    policy = PAGES.page_headers(name)["Content-Security-Policy"]

    if name == "sign_up_problem":
        assert f"; script-src {URL}/sign-up.js; connect-src {URL}/challenge; " in policy
    else:
        assert "script-src" not in policy
        assert "connect-src" not in policy


def test_a_page_is_kept_by_nobody_and_tells_nobody_its_token() -> None:
    headers = PAGES.page_headers(lang="cy")

    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Language"] == "cy"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_browser_is_held_to_https_where_there_is_https() -> None:
    on_a_laptop = Pages(TEMPLATES, NEWSLETTER, "http://127.0.0.1:8000").page_headers()

    assert PAGES.page_headers()["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in on_a_laptop


def test_the_way_to_thank_stays_on_our_own_list() -> None:
    assert PAGES.thanks_path() == PAGES.thanks_path("en") == PAGES.thanks_path("//evil.example") == "/subscribe/thanks/"
    assert PAGES.thanks_path("cy") == "/subscribe/thanks/cy/"


def test_the_words_of_the_form_are_known_in_every_language() -> None:
    words = {lang: PAGES.form_words(lang) for lang in LANGUAGES}

    assert words["en"] == PAGES.form_words() == "Please send me the fortnightly briefing"
    assert len(set(words.values())) == len(LANGUAGES)
    for lang, invitation in words.items():
        assert f"<legend>{invitation}</legend>" in PAGES.page(
            "sign_up_problem", lang=lang, **PAGE_CONTEXTS["sign_up_problem"]
        )


def test_what_a_stranger_typed_is_shown_as_text() -> None:
    page = PAGES.page("sign_up_problem", **PAGE_CONTEXTS["sign_up_problem"])

    assert 'value="&#34;&gt;&lt;script&gt;"' in page
    assert 'aria-describedby="page-problem"' in page


def test_a_page_without_what_it_needs_is_an_error_and_not_a_hole() -> None:
    with pytest.raises(jinja2.UndefinedError):
        PAGES.page("confirm")


def mail_of(name: str, lang: str = "") -> MailContent:
    """Return the mail as it arrives: the preview stands above the issue."""
    context = MAIL_CONTEXTS[name]
    mail = PAGES.mail(name, lang=lang, **context)
    return under_banner(mail, context["rendered"], context["page_url"]) if name == "editors_preview" else mail


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", MAIL_CONTEXTS)
def test_a_mail_has_a_subject_of_one_line_and_two_parts_that_read_well(name: str, lang: str) -> None:
    mail = mail_of(name, lang)
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(mail.html)

    assert name.startswith("editors_") or document.get("lang") == lang
    assert "%(" not in mail.html + mail.text + mail.subject
    assert mail.subject
    assert mail.subject == " ".join(re.split("[ \t\r\n]+", mail.subject.strip()))
    assert len(document.findall(".//h1")) == 1
    assert "12 Canal Street" in mail.html
    assert "12 Canal Street" in mail.text
    assert "\n\n\n\n" not in mail.text
    assert "{{" not in mail.html + mail.text + mail.subject
    assert all(len(line) <= 72 or "https://" in line for line in mail.text.split("\n"))


def test_the_link_to_confirm_is_in_both_parts() -> None:
    mail = PAGES.mail("confirmation", **MAIL_CONTEXTS["confirmation"])

    assert 'href="https://news.example.org/confirm?token=a&amp;b"' in mail.html
    assert LINK in mail.text
    assert "Ada" not in mail.html + mail.text, "nobody confirmed yet who that is"


def test_a_mail_to_a_reader_greets_by_name() -> None:
    mail = PAGES.mail("welcome", lang="cy", **MAIL_CONTEXTS["welcome"])

    assert "Helo Ada &lt;3," in mail.html
    assert "Helo Ada <3," in mail.text


def test_a_mail_speaks_the_readers_language() -> None:
    mail = PAGES.mail("reminder", lang="cy", **MAIL_CONTEXTS["reminder"] | {"days": 2})

    assert mail.subject == "Oeddech chi’n bwriadu derbyn The Fortnightly Briefing?"
    assert "Helo," in mail.text
    assert "ymhen 2 ddiwrnod" in mail.html
    assert "ymhen 2 ddiwrnod" in " ".join(mail.text.split())


def test_the_editors_are_written_to_in_english_whatever_the_readers_speak() -> None:
    name = "editors_report"

    assert PAGES.mail(name, lang="cy", **MAIL_CONTEXTS[name]) == PAGES.mail(name, **MAIL_CONTEXTS[name])


def test_whoever_is_on_the_list_already_gets_the_links_to_their_details_and_out() -> None:
    mail = PAGES.mail(
        "already_subscribed", preferences_url="https://p.example/", unsubscribe_url="https://u.example/", name=""
    )

    for part in (mail.html, mail.text):
        assert "https://p.example/" in part
        assert "https://u.example/" in part


def test_a_preview_shows_its_row_in_the_inbox_and_says_in_its_subject_that_an_approval_is_void() -> None:
    mail = PAGES.mail("editors_preview", **MAIL_CONTEXTS["editors_preview"] | {"voided": "Ann & Co"})

    assert mail.subject == "[Approval void] More for more"
    assert "Ann & Co approved an earlier version." in " ".join(mail.text.split())
    row = mail.text.partition("IN THE INBOX")[2]
    assert row.split("\n")[2:5] == [
        f"  From: {NEWSLETTER.name} <{NEWSLETTER.sender_email}>", "  Subject: More & more", "What <it> asks.",
    ]  # fmt: skip
    assert "Ann &amp; Co approved" in mail.html
    assert "<strong>More &amp; more</strong><br>" in mail.html


def test_the_preview_is_the_mail_itself_below_a_banner() -> None:
    mail = mail_of("editors_preview")

    assert mail.subject.startswith("[Preview] ")
    assert "Sent today, it would reach 1,432 subscribers in about 7 days" in mail.html
    assert mail.html.index("Preview for the editors") < mail.html.index("Hello there,")
    assert "PREVIEW" in mail.text
    assert "Hello there," in mail.text


def test_the_books_are_in_the_editors_mail() -> None:
    text = PAGES.mail("editors_report", **MAIL_CONTEXTS["editors_report"]).text

    assert "    6,000  in the audience\n    5,840  sent\n       40  skipped: unsubscribed before their turn\n" in text
    assert "       30  hard bounces\n" in text


def test_the_forecast_stands_beside_what_became_of_it() -> None:
    context = MAIL_CONTEXTS["editors_report"]
    mail = PAGES.mail("editors_report", **context)
    words = "Expected: 6,000 emails, about 7 minutes, 0.96 USD. Actual: 5,840 emails, about 15 minutes until"

    assert words in mail.html
    assert words in " ".join(mail.text.split())
    without = PAGES.mail("editors_report", **context | {"report": reports.report() | {"expected": None}})
    assert "Expected" not in without.html + without.text


REACHED_ALL = {"reached": 400, "possible": 400, "missed": [], "perhaps_twice": 0}
REACHED_SOME = {
    "reached": 61,
    "possible": 400,
    "missed": [
        {"outcome": "failed:gave_up", "readers": 339, "remedies": ["newsletter send retry-failed some-issue"]},
    ],
    "perhaps_twice": 3,
}


@pytest.mark.parametrize(
    ("number", "changes", "subject", "said"),
    [
        (1, {"reach": REACHED_ALL}, "Sent: ", "has gone out"),
        (1, {"reach": REACHED_SOME}, "Reached 61 of 400: ", "has reached 61 of 400 who could be mailed"),
        (
            1,
            {"reach": REACHED_SOME | {"perhaps_twice": 0}},
            "Reached 61 of 400: ",
            "339 readers were not reached: SES failed",
        ),
        (1, {"reach": REACHED_ALL | {"perhaps_twice": 1}}, "Sent: ", "1 reader may have got it twice"),
        (1, {"reach": None}, "Sent: ", "has gone out"),
        (2, {"reach": REACHED_SOME}, "Two days later: ", "What reaches them: newsletter send retry-failed some-issue"),
        (2, {}, "Two days later: ", "What happened in the two days since"),
        (1, {"rehearsal": True}, "Rehearsed: ", "to no reader"),
        (1, {"cancelled_because": "A wrong link."}, "Cancelled: ", "was stopped (A wrong link.)"),
        (1, {"cancelled_because": "No.", "reach": REACHED_SOME}, "Cancelled: ", "339 readers were not reached"),
        (1, {"one_by_one_because": "SES limits calls.", "reach": REACHED_ALL}, "Sent: ", "SES limits calls."),
    ],
)
def test_the_mail_says_what_kind_of_report_it_brings(
    number: int, changes: dict[str, Any], subject: str, said: str
) -> None:
    context = MAIL_CONTEXTS["editors_report"] | {"number": number, "report": reports.report() | changes}
    mail = PAGES.mail("editors_report", **context)

    assert mail.subject.startswith(subject)
    assert said in " ".join(mail.html.split())
    assert said in " ".join(mail.text.split())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rehearsal": True}, "This was a rehearsal"),
        ({"settled": False}, "still coming in"),
        ({"reach": REACHED_SOME}, "Reached 61 of 400 who could be mailed."),
        ({"reach": REACHED_SOME}, "339 readers were not reached: SES failed repeatedly."),
        ({"reach": REACHED_SOME}, "3 readers may have got it twice"),
        ({"cancelled_because": "A wrong link."}, "This send was stopped: A wrong link."),
        ({"expected": None}, "There was no forecast"),
        ({"sending": reports.report(delivered=False)["sending"]}, "SES reported no deliveries"),
        ({"pace": reports.report(allowance=None)["pace"]}, "SES did not say"),
    ],
)
def test_a_report_says_what_is_not_known(changes: dict[str, Any], said: str) -> None:
    context = PAGE_CONTEXTS["report"]

    assert said in PAGES.page("report", **context | {"report": reports.report() | changes})
    assert said not in PAGES.page("report", **context)


def test_a_report_on_nobody_is_a_page_too() -> None:
    page = PAGES.page("report", **PAGE_CONTEXTS["report"] | {"report": reports.report(0)})

    assert "0 in the audience = 0 sent + 0 skipped + 0 failed." in page
    assert "<rect" not in page


def test_the_figures_of_a_chart_stand_beside_it_as_a_table() -> None:
    report = reports.report()
    document = html5lib.parse(PAGES.page("report", **PAGE_CONTEXTS["report"]), namespaceHTMLElements=False)
    chart = next(each for each in document.iter("figure") if "Handed to SES" in "".join(each.itertext()))
    cells = ["".join(cell.itertext()).replace(",", "") for cell in chart.iter("td")]

    assert sum(map(int, cells)) == report["books"]["sent"]
    assert sum(str(each.tag).endswith("rect") for each in chart.iter()) == len(cells)


def test_the_first_night_has_no_line_to_draw_and_a_missed_one_no_figure() -> None:
    context = PAGE_CONTEXTS["growth"]
    first = PAGES.page("growth", **context | {"report": reports.growth(1)})
    missed = PAGES.page("growth", **context)

    assert "<polyline" not in first
    assert missed.count("<polyline") == 1
    assert "<td>–</td>" in missed


def test_answering_a_reader_does_not_import_markdown() -> None:
    heavy = "{'markdown_it', 'nh3', 'css_inline', 'yaml', 'newsletter.issues.writing.rendering'}"
    code = f"import sys, newsletter.web.pages, newsletter.issues.archive.archive; print({heavy} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
