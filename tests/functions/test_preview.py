"""preview: whoever has the address sees the newest upload, and nobody else learns anything."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from functions.preview.handler import lambda_handler as preview
from newsletter.core.link_token import Purpose, sign
from newsletter.desk.adapters.preview_links import PreviewLinks
from newsletter.issues.domain.issue_record import IssueRecord
from tests.factories import SLUG, an_id, record, rendered
from tests.functions.conftest import EDITOR_KEYS, KEYS, Deployment, load

URL = "https://briefing.example.org"
OTHER = "2026-12-15-never-written"


def show(deployment: Deployment, signed: str, *, slash: bool = True, view: str = "") -> Any:
    text = json.dumps(load("preview/page")).replace("SIGNED/", f"{signed}/" if slash else signed)
    event = json.loads(text)
    if view:
        event |= {"rawQueryString": f"view={view}", "queryStringParameters": {"view": view}}
    return preview(event, deployment.context)


def uploaded(deployment: Deployment, *, since: datetime | None = None, **changes: Any) -> str:
    """Put an issue on record whose preview was made at this moment, and return what its address is signed with."""
    since = since or deployment.now().replace(microsecond=0)
    stands = record(preview_since=since, **changes)
    deployment.app.issues.put(stands, before=None)
    deployment.app.content.put_rendered(rendered())
    return signed(deployment, SLUG, since)


def signed(deployment: Deployment, slug: str, since: datetime) -> str:
    return deployment.app.preview_links.to_page(slug, since=since).split("/")[-2]


@pytest.mark.parametrize("slash", [True, False])
def test_the_page_is_that_of_the_newest_upload_with_a_banner_and_is_kept_by_nobody(
    deployment: Deployment, slash: bool
) -> None:
    answer = show(deployment, uploaded(deployment), slash=slash)

    assert answer["statusCode"] == 200
    assert rendered().title in answer["body"]
    assert "Preview. Not public." in answer["body"]
    assert '<meta name="robots" content="noindex">' in answer["body"]
    headers = answer["headers"]
    assert (headers["Cache-Control"], headers["X-Robots-Tag"]) == ("no-store", "noindex")
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "script-src 'self'" in headers["Content-Security-Policy"]


def answers(deployment: Deployment, *many: str) -> set[tuple[int, str]]:
    got = [show(deployment, each) for each in many]
    return {(each["statusCode"], each["body"]) for each in got}


def test_who_guesses_gets_one_answer_whether_there_is_such_an_issue_or_not(deployment: Deployment) -> None:
    since = deployment.now().replace(microsecond=0)
    good = uploaded(deployment, since=since)
    token = good.partition(".")[2]
    foreign = PreviewLinks(URL, KEYS).to_page(SLUG, since=since).split("/")[-2]
    decide = f"{SLUG}.{sign(Purpose.DECIDE, an_id(1), EDITOR_KEYS, now=since)}"
    guesses = (f"{OTHER}.{token}", f"{SLUG}.{token[:-2]}aa", SLUG, "x.y.z", foreign, decide, token)
    old = signed(deployment, SLUG, since - timedelta(days=31))
    never = signed(deployment, OTHER, since)

    found = answers(deployment, *guesses, old, never)

    assert len(found) == 1
    status, body = found.pop()
    assert status == 400
    assert "This preview is not available" in body
    assert SLUG not in body
    assert show(deployment, good)["statusCode"] == 200


def test_an_address_that_was_ended_opens_nothing_and_the_next_one_does(deployment: Deployment) -> None:
    since = deployment.now().replace(microsecond=0) - timedelta(hours=1)
    ended = uploaded(deployment, since=since)
    deployment.app.issues.set_preview_since(SLUG, since + timedelta(seconds=1))

    assert show(deployment, ended)["statusCode"] == 400
    assert show(deployment, signed(deployment, SLUG, since + timedelta(seconds=1)))["statusCode"] == 200


def test_the_preview_of_a_withdrawn_issue_is_gone(deployment: Deployment) -> None:
    good = uploaded(deployment, withdrawn=True)

    assert show(deployment, good)["statusCode"] == 400


def test_every_upload_of_an_issue_has_the_same_address(deployment: Deployment) -> None:
    good = uploaded(deployment)
    stands: IssueRecord = deployment.app.issues.get(SLUG)  # type: ignore[assignment]
    corrected = replace(rendered(title="Another title"), content_hash="c" * 64)
    deployment.app.content.put_rendered(corrected)
    deployment.app.issues.put(replace(stands, content_hash="c" * 64), before=stands)

    assert "Another title" in show(deployment, good)["body"]


MAIL = """<html><head><style>@media (prefers-color-scheme: dark) { p { color: white } }</style></head>
<body><p>Dear {{name_0_html}}, <a href="{{unsubscribe_url}}">leave</a></p></body></html>"""


@pytest.mark.parametrize(
    ("view", "content_type", "shown", "hidden"),
    [
        ("mail", "text/html", "(prefers-color-scheme: dark)", "{{"),
        ("dark", "text/html", "@media (min-width: 0px)", "prefers-color-scheme"),
        ("text", "text/plain", "Dear reader, leave: https://briefing.example.org/preview/", "<p>"),
        ("phone", "text/html", '<iframe src="?view=mail"', "Dear reader"),
        ("page", "text/html", "Preview. Not public.", "Dear reader, <a"),
        ("hall-of-mirrors", "text/html", "Preview. Not public.", "Dear reader, <a"),
    ],
)
def test_an_address_shows_the_email_in_each_view(
    deployment: Deployment, view: str, content_type: str, shown: str, hidden: str
) -> None:
    address = uploaded(deployment)
    deployment.app.content.put_rendered(rendered(html=MAIL))

    answer = show(deployment, address, view=view)

    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"].startswith(content_type)
    assert shown in answer["body"]
    assert hidden not in answer["body"]
    assert (answer["headers"]["Cache-Control"], answer["headers"]["X-Robots-Tag"]) == ("no-store", "noindex")


def test_the_email_by_itself_runs_nothing_and_is_framed_by_nobody_else(deployment: Deployment) -> None:
    policy = show(deployment, uploaded(deployment), view="mail")["headers"]["Content-Security-Policy"]

    assert {"default-src 'none'", "frame-ancestors 'self'", "sandbox allow-popups"} <= set(policy.split("; "))
    assert "script-src" not in policy


@pytest.mark.parametrize("view", ["mail", "phone", "dark", "text"])
def test_a_view_of_a_withdrawn_issue_is_gone_too(deployment: Deployment, view: str) -> None:
    assert show(deployment, uploaded(deployment, withdrawn=True), view=view)["statusCode"] == 400


def test_a_file_is_shown_before_it_is_public_and_only_by_its_preview(deployment: Deployment) -> None:
    text, name = b"a;b\n", "Zahlen 1 (ü).csv"
    deployment.put(f"issues/{SLUG}/{name}", text)
    found = deployment.app.files.look(SLUG, name)
    assert found is not None
    good = uploaded(deployment)
    linked = f'<p><a href="{found.address(URL)}#b">Figures</a></p>'
    deployment.app.content.put_rendered(rendered(files=(found,), web_html=linked))
    deployment.put(f"issues/{SLUG}/{name}", b"a later version")

    (way,) = re.findall(rf'href="{URL}/preview/([^"#]+)#b"', show(deployment, good)["body"])
    answer = show(deployment, way, slash=False)

    assert answer["statusCode"] == 303
    headers = answer["headers"]
    assert (headers["Cache-Control"], headers["X-Robots-Tag"]) == ("no-store", "noindex")
    asked = parse_qs(urlsplit(headers["Location"]).query)
    assert urlsplit(headers["Location"]).path.endswith(f"/issues/{SLUG}/{quote(name)}")
    assert (asked["versionId"], asked["X-Amz-Expires"]) == ([found.version], ["300"])
    assert asked["response-content-type"] == ["text/csv; charset=utf-8"]
    assert asked["response-content-disposition"][0].startswith("attachment;")
    for other in (
        f"{good}/other.csv",
        f"{good}/..%2Fsecret.csv",
        f"{SLUG}.{'a' * 40}/{quote(name)}",
        f"{good}/a/b.csv",
    ):
        assert show(deployment, other, slash=False)["statusCode"] == 400
    deployment.app.issues.set_preview_since(SLUG, deployment.now().replace(microsecond=0) + timedelta(seconds=9))
    assert show(deployment, way, slash=False)["statusCode"] == 400
