"""comment: whoever was asked reads the text and says something; the desk shows it, answers it, ends the link."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from functions.comment.handler import lambda_handler as comment
from functions.publish.handler import lambda_handler as publish
from newsletter.core.time_zones import WallTime
from newsletter.desk.domain.comment import EACH_HOUR, EACH_ISSUE, LONGEST, CommentLink
from newsletter.desk.review_ports import quarter_of
from newsletter.issues.domain.issue import SendPolicy
from tests.factories import SLUG, record
from tests.functions.commenting import FILE, LINK_ID, linked, put_issue, say, show
from tests.functions.conftest import Deployment, deployed, load
from tests.functions.desk_browser import Browser

ANN, BEN = "ann@example.org", "ben@example.org"
TEAM = f"Ann Lee <{ANN}> approver; Ben Fox <{BEN}> writer"
OURS = "https://briefing.example.org"


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with deployed(monkeypatch, EDITORS=TEAM, REQUIRE_APPROVAL="anyone") as deployment:
        put_issue(deployment)
        yield deployment


def body_of(deployment: Deployment, answer: Any) -> str:
    """Return the page that a form leads to."""
    assert answer["statusCode"] == 303
    query = answer["headers"]["Location"].partition("?")[2].partition("#")[0]
    return str(show(deployment, answer["headers"]["Location"].split("/")[2], query)["body"])


def test_the_text_is_shown_by_paragraph_with_a_form_beside_each_and_kept_by_nobody(deployment: Deployment) -> None:
    answer = show(deployment, linked(deployment))

    assert answer["statusCode"] == 200
    for words in ("<h2>More</h2>", "Councils ask for more.", "Much more.", "by Ann Lee", 'value="Jo"'):
        assert words in answer["body"]
    assert answer["body"].count("<form") == 4
    headers = answer["headers"]
    assert (headers["Cache-Control"], headers["X-Robots-Tag"], headers["Referrer-Policy"]) == (
        "no-store", "noindex", "no-referrer",
    )  # fmt: skip
    assert "script-src" not in headers["Content-Security-Policy"]


def test_the_email_itself_can_be_seen_too(deployment: Deployment) -> None:
    answer = show(deployment, linked(deployment), "view=mail")

    assert answer["statusCode"] == 200
    assert "Dear reader" in answer["body"]
    assert "sandbox" in answer["headers"]["Content-Security-Policy"]


def test_a_comment_stands_beside_its_paragraph_and_the_team_hears_of_it_once(
    deployment: Deployment, log: StringIO
) -> None:
    signed = linked(deployment)
    deployment.drain("publish")

    first = say(deployment, signed)
    say(deployment, signed, words="And\r\nwhy? <script>alert(1)</script>", quote="Much more.", line="10")
    page = body_of(deployment, first)

    assert first["headers"]["Location"].endswith("/?done=added#line-8")
    assert "Your comment has been sent." in page
    assert "And\nwhy? &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    found = deployment.app.reviews.comments(SLUG)
    assert [(each.line, each.quote, each.author) for each in found] == [
        (8, "Councils ask for more.", "Dame Jo Bell"),
        (10, "Much more.", "Dame Jo Bell"),
    ]
    quarters = {quarter_of(each.at) for each in found}  # two, if the clock strikes one between them
    assert deployment.in_queue("publish") == len(quarters)
    assert "Jo" not in log.getvalue()
    mail = mailed(deployment, news(deployment), ANN)
    told = "2 new comments" if len(quarters) == 1 else "One new comment"
    assert mail["subject"] == f"{told} on More for more"
    assert "why? <script>alert(1)</script>" in mail["text"]
    assert "&lt;script&gt;" in mail["html"]
    assert f"{OURS}/desk/issues/{SLUG}/#comments" in mail["text"]


def news(deployment: Deployment) -> dict[str, Any]:
    """Return the message about the newest comment, which waits for the end of its quarter of an hour."""
    quarter = quarter_of(deployment.app.reviews.comments(SLUG)[-1].at)
    return {"comments": SLUG, "quarter": quarter.isoformat()}


def mailed(deployment: Deployment, message: dict[str, Any], to: str) -> Any:
    event = load("publish/refresh")
    event["Records"][0]["body"] = json.dumps(message)
    assert publish(event, deployment.context) == {"batchItemFailures": []}
    return deployment.ses.messages(to=to)[0]


def test_no_more_than_a_beginning_of_a_strangers_words_goes_into_an_email(deployment: Deployment) -> None:
    say(deployment, linked(deployment), words="a" * 299 + "b" * 200)
    text = mailed(deployment, news(deployment), BEN)["text"].replace("\n", "")

    assert "a" * 299 + "b…" in text
    assert "bb" not in text


def test_the_name_is_asked_for_once_and_kept_in_the_browser(deployment: Deployment) -> None:
    answer = say(deployment, linked(deployment), author="Zoë; Bell")

    (cookie,) = answer["cookies"]
    assert cookie.startswith("comment-name=Zo%C3%AB%3B%20Bell; ")
    for part in ("Path=/comment/", "HttpOnly", "Secure", "SameSite=Lax"):
        assert part in cookie
    event = json.loads(json.dumps(load("comment/page")).replace("SIGNED", linked(deployment)))
    event["cookies"] = ["comment-name=Zo%C3%AB%3B%20Bell"]
    assert 'value="Zoë; Bell"' in comment(event, deployment.context)["body"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"words": " \r\n "}, "Please write your name"),
        ({"author": "\u202e "}, "Please write your name"),
        ({"words": "x" * (LONGEST + 1)}, "Please shorten it"),
        ({"author": "x" * 81}, "Please shorten it"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_the_form_with_what_was_typed(
    deployment: Deployment, fields: dict[str, str], words: str
) -> None:
    answer = say(deployment, linked(deployment), **fields)

    assert answer["statusCode"] == 400
    assert words in answer["body"]
    assert "<details open>" in answer["body"]
    assert deployment.app.reviews.comments(SLUG) == []


def test_a_link_that_was_passed_on_fills_neither_an_hour_nor_an_issue(deployment: Deployment) -> None:
    signed, counters, now = linked(deployment), deployment.app.counters, deployment.now()
    later = now + timedelta(days=1)
    for _ in range(EACH_HOUR):
        for hour in (now, now + timedelta(hours=1)):
            counters.bump(f"comments#{LINK_ID}#{hour:%Y-%m-%dT%H}", expires_at=later)
    assert say(deployment, signed)["statusCode"] == 429

    other = CommentLink("cd" * 8, now.replace(microsecond=0), "Ann Lee")
    deployment.app.reviews.make_link(SLUG, other)
    for _ in range(EACH_ISSUE):
        counters.bump(f"comments#{SLUG}", expires_at=later)
    full = say(deployment, deployment.app.comment_links.to_page(SLUG, other).split("/")[-2])
    assert full["statusCode"] == 409
    assert "write to whoever sent you the link" in full["body"]
    assert deployment.app.reviews.comments(SLUG) == []


def test_a_comment_survives_an_edit_and_says_so_when_its_line_has_changed(deployment: Deployment) -> None:
    signed = linked(deployment)
    say(deployment, signed, quote="Councils ask for more.")
    replaced(deployment, FILE.replace(b"# More\n", b"# More\n\nA new line.\n"))
    moved = show(deployment, signed)["body"]
    replaced(deployment, FILE.replace(b"Councils ask", b"Towns ask"))
    changed = show(deployment, signed)["body"]

    assert moved.index("Councils ask for more.") < moved.index("More of what?") < moved.index("Much more.")
    assert "On a line that has changed since: “Councils ask for more.”" in changed


def replaced(deployment: Deployment, file: bytes) -> None:
    deployment.put(f"issues/{SLUG}.md", file)
    upload, stands = deployment.app.content.newest(f"issues/{SLUG}.md"), deployment.app.issues.get(SLUG)
    assert upload is not None
    assert deployment.app.issues.put(record(version=upload.version), before=stands)


# --- at the desk ----------------------------------------------------------------------------------------------------


def signed_in(deployment: Deployment, email: str) -> Browser:
    browser = Browser(deployment)
    browser.signs_in(email)
    return browser


def posts(browser: Browser, act: str, **fields: str) -> Any:
    return browser.posts("desk/approve", path=f"/desk/issues/{SLUG}/{act}", headers=None, **fields)


def test_from_a_link_to_an_answer_to_the_end_of_the_link(deployment: Deployment) -> None:
    ben = signed_in(deployment, BEN)
    assert posts(ben, "comment-link", name="Jo")["headers"]["Location"] == f"/desk/issues/{SLUG}/?done=link#comments"
    (link,) = deployment.app.reviews.links(SLUG)
    url = deployment.app.comment_links.to_page(SLUG, link)
    assert url in ben.send("desk/issue")["body"]
    signed = url.split("/")[-2]

    say(deployment, signed, quote="Much more.", line="10", words="<b>Why?</b>")
    page = ben.send("desk/issue")["body"]
    assert "&lt;b&gt;Why?&lt;/b&gt;" in page
    assert "Line 10" in page
    assert "One comment is still open." in page
    writing = ben.send("desk/issue", path=f"/desk/issues/{SLUG}/write")["body"]
    assert '<span class="note" data-line="10">Line 10</span>' in writing

    (found,) = deployment.app.reviews.comments(SLUG)
    assert posts(ben, "comment-answer", comment=found.comment_id, words="Because.", done="yes")["statusCode"] == 303
    assert "Because." in show(deployment, signed)["body"]
    assert "still open" not in ben.send("desk/issue")["body"]
    assert posts(ben, "comment-answer", comment="nothing", done="yes")["statusCode"] == 400
    assert posts(ben, "comment-answer", comment=found.comment_id, words="x" * (LONGEST + 1))["statusCode"] == 400

    assert posts(ben, "comment-link-end", link=link.link_id)["statusCode"] == 303
    assert show(deployment, signed)["statusCode"] == 400
    assert url not in ben.send("desk/issue")["body"]
    month = deployment.app.activities.month(f"{deployment.now():%Y-%m}", most=100)
    assert [each.did for each in reversed(month) if "comment" in each.did] == [
        "made a link for comments on", "answered a comment on", "ended a link for comments on",
    ]  # fmt: skip


def test_a_page_that_is_open_says_so_and_hears_of_the_others(deployment: Deployment) -> None:
    ann, ben = signed_in(deployment, ANN), signed_in(deployment, BEN)
    by_script = {"accept": "application/json"}

    posts(ben, "here", doing="writing")
    answer = ann.posts("desk/approve", path=f"/desk/issues/{SLUG}/here", headers=by_script, doing="reading")

    assert json.loads(answer["body"])["words"].startswith("Ben Fox is writing on it (just now).")
    assert "Ben Fox is writing on it" in ann.send("desk/issue")["body"]
    assert "Ann Lee is looking at it (just now)." in ben.send("desk/issue", path=f"/desk/issues/{SLUG}/write")["body"]


def test_a_test_goes_to_any_address_with_any_name_and_says_what_it_is(deployment: Deployment, log: StringIO) -> None:
    ben = signed_in(deployment, BEN)
    deployment.drain("publish")
    answer = ben.posts("desk/test", to="", email="boss@example.net", name="Dame <Jo>")
    assert answer["statusCode"] == 303
    (message,) = deployment.drain("publish")
    assert set(message) == {"test", "named"}

    mail = mailed(deployment, message, "boss@example.net")

    assert mail["subject"] == "Test: More for more, Dame <Jo>"
    assert "Dear Dame &lt;Jo&gt;" in mail["html"]
    for part in (mail["html"], mail["text"]):
        assert "This is a test, sent to you by Ben Fox. You have not been signed up for anything." in part
    assert "boss@example.net" not in log.getvalue()
    assert "boss@example.net" not in ben.send("desk/log")["body"]


@pytest.mark.parametrize("email", ["nobody", "a@b", "a@example.org, b@example.org", "a\r\nBcc: x@example.org"])
def test_a_test_to_what_is_no_address_is_refused(deployment: Deployment, email: str) -> None:
    ben = signed_in(deployment, BEN)
    deployment.drain("publish")

    assert ben.posts("desk/test", to="", email=email)["statusCode"] == 400
    assert deployment.in_queue("publish") == 0


def test_the_team_sends_no_more_than_some_tests_a_day_to_others(deployment: Deployment) -> None:
    ben, now = signed_in(deployment, BEN), deployment.now()
    for day in (now, now + timedelta(days=1)):
        for _ in range(20):
            deployment.app.counters.bump(f"tests#{day:%Y-%m-%d}", expires_at=now + timedelta(days=2))
    answer = ben.posts("desk/test", to="", email="boss@example.net")

    assert answer["statusCode"] == 400
    assert "tomorrow there are more" in answer["body"]


def test_the_list_before_approval_and_the_button_say_what_will_happen(deployment: Deployment) -> None:
    app = deployment.app
    app.audience_count.keep(1204, now=deployment.now())
    deployment.put(f"issues/{SLUG}.preflight.json", b'{"warnings": [{"line": 8, "message": "A long sentence."}]}')
    stands = app.issues.get(SLUG)
    assert stands is not None
    app.issues.put(record(version=stands.version, preflight={"errors": 0, "warnings": 1}), before=stands)

    page = signed_in(deployment, ANN).send("desk/issue")["body"]
    writers = signed_in(deployment, BEN).send("desk/issue")["body"]

    for words in (
        "1,204 readers, as counted on ", "About 0.19 USD for the emails", "No mistakes, one thing to look at.",
        "Line 8: A long sentence.", "It is your turn.", "Approve for Tuesday ", "(Europe/London), in ",
    ):  # fmt: skip
        assert words in page, words
    assert "It is the turn of Ann Lee." in writers
    assert "Approve for" not in writers


@pytest.mark.parametrize(
    ("away", "when", "button"),
    [
        (timedelta(hours=30), "(Europe/London), in 29 hours.", "Approve for "),
        (-timedelta(hours=2), "That is over: at once.", "Approve, to go out at once"),
        (
            -timedelta(days=44_000),  # these functions send up to 114 years late
            "That is too long ago: it needs another hour.",
            ">Approve this issue</button>",
        ),
    ],
    ids=["to come", "over", "over for too long"],
)
def test_the_button_says_what_it_does_before_and_after_an_hour_of_its_own(
    deployment: Deployment, away: timedelta, when: str, button: str
) -> None:
    app = deployment.app
    hour = WallTime.at(deployment.now() + away, app.rhythm.time_zone)
    stands = app.issues.get(SLUG)
    assert stands is not None
    app.issues.put(record(version=stands.version, send=SendPolicy.AT, send_at=hour), before=stands)

    page = signed_in(deployment, ANN).send("desk/issue")["body"]

    assert when in page
    assert button in page


def test_what_can_be_undone_has_a_button_and_what_cannot_a_sentence(deployment: Deployment) -> None:
    ann, ben = signed_in(deployment, ANN), signed_in(deployment, BEN)
    posts(ann, "hold", content="a" * 64)
    held = ann.send("desk/issue", path=f"/desk/issues/{SLUG}?done=held")["body"]
    held_by_writer = ben.send("desk/issue", path=f"/desk/issues/{SLUG}?done=held")["body"]
    posts(ann, "release", content="a" * 64)
    released = ben.send("desk/issue", path=f"/desk/issues/{SLUG}?done=released")["body"]
    posts(ann, "approve", content="a" * 64)
    approved = ann.send("desk/issue", path=f"/desk/issues/{SLUG}?done=approved")["body"]

    assert ">Undo</button>" in held
    assert ">Undo</button>" in released
    assert ">Undo</button>" not in held_by_writer + approved
    assert "An approver can release it again." in held_by_writer
    assert "An approval is not taken back." in approved
