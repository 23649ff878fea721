"""What the desk sends to a browser: compressed where that saves something, and little of it."""

from __future__ import annotations

import gzip
import re
from base64 import b64decode
from datetime import date
from typing import Any

import pytest

from functions.desk.handler import lambda_handler as desk
from functions.desk_people.handler import lambda_handler as desk_people
from functions.desk_tagged.handler import lambda_handler as desk_tagged
from functions.sign_in.handler import lambda_handler as sign_in
from newsletter.core.team import Role
from newsletter.issues.domain.issue import IssueStatus
from tests.desk.desk_browser import DeskBrowser, request
from tests.factories import record, rendered
from tests.functions.conftest import Deployment

FUNCTIONS = {
    "/desk/people/tagged": desk_tagged,
    "/desk/people": desk_people,
    "/desk/sign-in": sign_in,
    "/desk/team": sign_in,
}
LARGEST, LARGEST_WRITE = 60_000, 250_000
"""Bytes over the wire that a page may take with all that it loads."""

PAGES = (
    "/desk/", "/desk/issues/", "/desk/issues/2026-12-01-bridges/", "/desk/issues/new/", "/desk/calendar/",
    "/desk/results/", "/desk/health/", "/desk/help/", "/desk/log/", "/desk/people/", "/desk/people/import/",
    "/desk/people/tagged/?tag=press",
    "/desk/team/", "/desk/team/keys/", "/desk/sign-in",
)  # fmt: skip
SLUG = "2026-12-15-trams"
LONG = "\n\n".join(
    f"## Part {number}\n\nThe tram is back, for the {number}th time, and stays. " * 9 for number in range(60)
)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 1000


@pytest.fixture
def everybody(deployment: Deployment) -> DeskBrowser:
    """Somebody who may open every page, and a year of issues."""
    issues = deployment.app.issues
    issues.put(record(slug="2026-12-01-bridges", date=date(2026, 12, 1), status=IssueStatus.READY), before=None)
    deployment.app.content.put_rendered(rendered(slug="2026-12-01-bridges"))
    for number in range(1, 27):
        slug = f"2025-{number:02}-sent"
        issues.put(record(slug=slug, date=date(2025, 1, number), status=IssueStatus.SENT), before=None)
    return DeskBrowser(deployment, set(Role))


def sent(browser: DeskBrowser, path: str, accepts: str = "gzip, deflate, br, zstd") -> tuple[bytes, dict[str, str]]:
    """Return what goes over the wire for a page, and the headers."""
    event = request("GET", path, cookie=browser.cookie)
    event["headers"] |= {"accept-encoding": accepts}
    function = next((each for start, each in FUNCTIONS.items() if path.startswith(start)), desk)
    answer: dict[str, Any] = function(event, browser.deployment.context)
    assert answer["statusCode"] == 200, path
    body = b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()
    return body, answer["headers"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sent_compressed_and_is_small(everybody: DeskBrowser, path: str) -> None:
    body, headers = sent(everybody, path)

    assert headers["Content-Encoding"] == "gzip"
    assert "<!DOCTYPE html>" in gzip.decompress(body).decode()
    assert len(body) < LARGEST


def test_writing_a_long_issue_takes_little_with_its_scripts(everybody: DeskBrowser) -> None:
    everybody.post("/desk/issues/new", title="Trams", date="2026-12-15")
    everybody.ask(f"/desk/issues/{SLUG}/save", title="Trams", date="2026-12-15", front_matter="", text=LONG, page="a")
    page, _ = sent(everybody, f"/desk/issues/{SLUG}/write/")
    scripts = re.findall(r'src="(/desk/files/[^"]+)"', gzip.decompress(page).decode())
    assert len(scripts) >= 3
    loaded = [sent(everybody, address) for address in scripts]
    frame, _ = sent(everybody, f"/desk/issues/{SLUG}/draft/?view=mail")

    assert {headers["Content-Encoding"] for _, headers in loaded} == {"gzip"}
    assert {headers["Cache-Control"] for _, headers in loaded} == {"private, max-age=31536000, immutable"}
    assert len(page) + len(frame) + sum(len(body) for body, _ in loaded) < LARGEST_WRITE


def test_a_browser_that_knows_no_gzip_gets_the_page_as_it_is(everybody: DeskBrowser) -> None:
    body, headers = sent(everybody, "/desk/", accepts="identity")

    assert "Content-Encoding" not in headers
    assert body.startswith(b"<!DOCTYPE html>")


def test_a_picture_is_not_compressed_once_more(everybody: DeskBrowser) -> None:
    everybody.deployment.app.drafts.put_file(SLUG, "chart.png", PNG)

    body, headers = sent(everybody, f"/desk/issues/{SLUG}/files/chart.png/")

    assert body == PNG
    assert "Content-Encoding" not in headers
