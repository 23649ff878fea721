import datetime
import hashlib
import re
import subprocess
import sys
from base64 import b64encode
from typing import Any

import html5lib
import jinja2
import pytest

from newsletter.adapters.front_matter import parse_issue
from newsletter.domain.issue import Problem
from newsletter.domain.language import LANGUAGES
from newsletter.domain.site import ArchiveEntry
from newsletter.domain.subscriber import LEAVING_REASONS, pause_choices
from tests.adapters.rendering_samples import PAGES, ROOT, SAMPLE, URL, sample

CHOICES = pause_choices(datetime.date(2026, 12, 1))
LINK = f"{URL}/confirm?token=a&b"
PAGE_CONTEXTS: dict[str, dict[str, Any]] = {
    "confirm": {"action_url": LINK},
    "confirmed": {"preferences_url": LINK, "already": False},
    "unsubscribe": {"action_url": LINK, "pause_choices": CHOICES},
    "unsubscribed": {"action_url": LINK, "reasons": LEAVING_REASONS},
    "thanked_for_reason": {"action_url": LINK},
    "undone": {"preferences_url": LINK},
    "paused": {"until": datetime.date(2026, 12, 29), "action_url": LINK},
    "leave_by_address": {"action_url": "/unsubscribe", "problem": "This is not an address."},
    "leave_by_address_sent": {},
    "address_change_sent": {},
    "preferences": {
        "action_url": LINK,
        "subscriber": {"name": 'Ada "<b>"', "lang": "cy", "email": "ada@example.org"},
        "languages": list(LANGUAGES.items()),
        "topics": [("housing", False), ("rates & <b>", True)],
        "paused_until": None,
        "pause_choices": CHOICES,
        "saved": "save",
        "problem": "",
        "unsubscribe_url": LINK,
    },
    "erased": {},
    "bad_link": {"title": "This link is too old", "remedy": "Ask for a new one."},
    "sign_up_problem": {"email_value": '"><script>', "name_value": "<i>", "problem": "This is not an address."},
    "problem": {"title": "Not now", "message": "Something broke.", "remedy": "Try again."},
}
BOOKS = {"audience": 1432, "sent": 1420, "skipped": {"unsubscribed": 10}, "failed": {"rejected": 2}}
MAIL_CONTEXTS: dict[str, dict[str, Any]] = {
    "confirmation": {"confirm_url": LINK, "name": "Ada <3"},
    "welcome": {
        "preferences_url": LINK,
        "unsubscribe_url": LINK,
        "name": "",
        "latest": ArchiveEntry.of(sample()),
        "archive_url": f"{URL}/",
    },
    "already_subscribed": {"preferences_url": LINK, "unsubscribe_url": LINK, "name": ""},
    "reminder": {"confirm_url": LINK, "name": "Ada <3", "days": 27},
    "address_change_confirm": {"confirm_url": LINK, "name": ""},
    "address_change_notice": {"preferences_url": LINK, "name": "Ada"},
    "leave_link": {"unsubscribe_url": LINK, "name": "Ada"},
    "editors_problems": {"key": "issues/x.md", "problems": [Problem(3, "`<b>` is no date.", "Write one.")]},
    "editors_nothing_ready": {"slot": "Tuesday 1 December 2026, 09:00", "why": "nothing_ready"},
    "editors_send_closed": {"slug": "x", "title": "More & more", "books": BOOKS},
    "editors_preview": {
        "issue": parse_issue(SAMPLE.stem, SAMPLE.read_bytes()),
        "rendered": sample(),
        "page_url": f"{URL}/issues/x/",
        "when": "It goes out on Tuesday.",
        "subscribers": 1432,
    },
}


def test_every_page_and_mail_is_tried_here() -> None:
    pages = {path.stem for path in (ROOT / "templates" / "page").glob("*.html")} - {"layout"}
    mails = {path.name.split(".")[0] for path in (ROOT / "templates" / "email").glob("*.subject.txt")}

    assert pages == set(PAGE_CONTEXTS)
    assert mails == set(MAIL_CONTEXTS)


@pytest.mark.parametrize("name", PAGE_CONTEXTS)
def test_a_page_is_well_formed_needs_no_script_and_has_only_forms_that_post(name: str) -> None:
    page = PAGES.page(name, **PAGE_CONTEXTS[name])
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)

    assert len(document.findall(".//h1")) == 1
    assert not list(document.iter("script"))
    for form in document.iter("form"):
        assert form.get("method") == "post"
        assert len(list(form.iter("button"))) == 1


@pytest.mark.parametrize("name", PAGE_CONTEXTS)
def test_the_policy_allows_exactly_the_style_of_the_page(name: str) -> None:
    page = PAGES.page(name, **PAGE_CONTEXTS[name])
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()

    policy = PAGES.page_headers()["Content-Security-Policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert " style=" not in page


def test_a_page_is_kept_by_nobody_and_tells_nobody_its_token() -> None:
    headers = PAGES.page_headers()

    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_what_a_stranger_typed_is_shown_as_text() -> None:
    page = PAGES.page("sign_up_problem", **PAGE_CONTEXTS["sign_up_problem"])

    assert 'value="&#34;&gt;&lt;script&gt;"' in page
    assert 'aria-describedby="page-problem"' in page


def test_a_page_without_what_it_needs_is_an_error_and_not_a_hole() -> None:
    with pytest.raises(jinja2.UndefinedError):
        PAGES.page("confirm")


@pytest.mark.parametrize("name", MAIL_CONTEXTS)
def test_a_mail_has_a_subject_of_one_line_and_two_parts_that_read_well(name: str) -> None:
    mail = PAGES.mail(name, **MAIL_CONTEXTS[name])
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(mail.html)

    assert mail.subject
    assert mail.subject == " ".join(mail.subject.split())
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
    assert "Hello Ada &lt;3," in mail.html
    assert "Hello Ada <3," in mail.text


def test_the_preview_is_the_mail_itself_below_a_banner() -> None:
    mail = PAGES.mail("editors_preview", **MAIL_CONTEXTS["editors_preview"])

    assert mail.subject.startswith("[Preview] ")
    assert "It would go to 1,432 subscribers today." in mail.html
    assert mail.html.index("Preview for the editors.") < mail.html.index("Hello there,")
    assert "PREVIEW" in mail.text
    assert "Hello there," in mail.text


def test_the_books_are_in_the_editors_mail() -> None:
    text = PAGES.mail("editors_send_closed", **MAIL_CONTEXTS["editors_send_closed"]).text

    assert "    1,432  in the audience\n    1,420  sent\n       10  skipped: unsubscribed\n" in text


def test_answering_a_reader_does_not_import_markdown() -> None:
    heavy = "{'markdown_it', 'nh3', 'css_inline', 'yaml', 'newsletter.adapters.rendering'}"
    code = f"import sys, newsletter.adapters.pages, newsletter.adapters.archive; print({heavy} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
