"""The preview over HTTP: what it serves, to whom, and that open pages hear of a change."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from newsletter_cli.editor.look import look
from newsletter_cli.editor.preview_server import PreviewServer
from newsletter_cli.editor.showing import Showing
from tests.cli.preview import DESK, HERE, served
from tests.cli.test_writing import GOOD, SLUG, picture


@pytest.fixture
def issue(tmp_path: Path) -> Path:
    picture(tmp_path / SLUG)
    file = tmp_path / f"{SLUG}.md"
    file.write_text(GOOD + "\n![A picture of red.](chart.png)\n")
    return file


@pytest.fixture
def client(issue: Path) -> TestClient:
    """A browser in front of the preview, which does not watch the file."""
    return TestClient(PreviewServer(Showing(DESK, look(issue, DESK), name="Ada")).app(), base_url=HERE)


def test_the_page_shows_the_mail_for_a_reader_and_what_was_found(client: TestClient) -> None:
    page = client.get("/").text

    assert "In a hundred years" in page
    assert "0 errors, 2 warnings<" in page
    assert "days ahead; it is not sent before." in page
    assert "With the settings of a test." in page
    assert 'src="/mail?dark=0"' in page
    assert "Dear Ada, this is the whole issue." in client.get("/mail").text
    assert "Dear Ada, this is the whole issue." in client.get("/text").text
    assert "Dear reader, this is the whole issue." in client.get("/page").text


def test_pictures_and_styles_come_from_the_preview_itself(client: TestClient) -> None:
    for path in ("/mail", "/page"):
        html = client.get(path).text
        (address,) = {part.split('"')[0] for part in html.split('src="')[1:] if "chart" in part.split('"')[0]}
        assert address.startswith(f"/issues/{SLUG}/chart-")
        assert client.get(address).headers["content-type"] == "image/png"
    assert "<style>" in client.get("/page").text


@pytest.mark.parametrize("view", ["desktop", "phone", "text", "page", "page-phone"])
def test_every_view_can_be_asked_for_by_day_and_in_the_dark(client: TestClient, view: str) -> None:
    for dark in ("", "&dark=1"):
        page = client.get(f"/?view={view}{dark}").text
        assert page.count('aria-current="page"') == 1
        assert f'class="shown {view}{" dark" if dark else ""}"' in page


def test_a_view_that_does_not_exist_is_the_first(client: TestClient) -> None:
    assert 'class="shown desktop"' in client.get("/?view=<script>").text


@pytest.mark.parametrize("path", ["/no/such", "/unsubscribe?token=x", "/_preview/page.html", "/_preview/..%2Fx"])
def test_there_is_nothing_else(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_no_script_of_an_issue_runs_and_no_other_name_is_answered(client: TestClient) -> None:
    """A page elsewhere could otherwise read an unpublished issue by giving its own name this machine's address."""
    assert client.get("/", headers={"Host": "elsewhere.example"}).status_code == 400
    for path in ("/mail", "/page", "/text"):
        assert "script-src 'none'" in client.get(path).headers["content-security-policy"]
    assert "default-src 'none'" in client.get("/").headers["content-security-policy"]


def test_open_pages_hear_of_a_change_and_get_the_new_text(issue: Path) -> None:
    with served(issue) as url, httpx.stream("GET", f"{url}/events?seen=1", timeout=20) as news:
        lines = news.iter_lines()
        assert next(lines).startswith(":")  # it listens
        issue.write_text(GOOD.replace("whole", "mended"))

        assert "event: changed" in [next(lines) for _ in range(2)]
        assert "this is the mended issue" in httpx.get(f"{url}/mail").text


def test_a_page_that_missed_a_change_hears_of_it_at_once(issue: Path) -> None:
    with served(issue) as url, httpx.stream("GET", f"{url}/events?seen=0", timeout=20) as news:
        lines = news.iter_lines()
        assert [next(lines) for _ in range(4)][2:] == ["event: changed", "data: 1"]


def test_a_picture_that_is_replaced_is_a_change_too(issue: Path) -> None:
    with served(issue) as url, httpx.stream("GET", f"{url}/events?seen=1", timeout=20) as news:
        lines = news.iter_lines()
        assert next(lines).startswith(":")
        (issue.with_suffix("") / "chart.png").unlink()

        assert "event: changed" in [next(lines) for _ in range(2)]
        assert "1 error," in httpx.get(url).text


def test_while_a_file_cannot_be_read_the_last_good_version_is_shown(issue: Path) -> None:
    showing = Showing(DESK, look(issue, DESK))
    client = TestClient(PreviewServer(showing).app(), base_url=HERE)
    issue.write_text(GOOD.replace("date: 2126-01-01", "date: soon"))

    showing.look_again()

    page = client.get("/").text
    assert "The last version that could be is shown." in page
    assert "Error, line 3" in page
    assert "this is the whole issue" in client.get("/mail").text


def test_a_file_that_never_could_be_read_has_its_findings_to_show(issue: Path) -> None:
    issue.write_text("no front matter")
    client = TestClient(PreviewServer(Showing(DESK, look(issue, DESK))).app(), base_url=HERE)

    assert "1 error, 0 warnings" in client.get("/").text
    for path in ("/mail", "/page", "/text"):
        assert "Nothing to show yet" in client.get(path).text


def test_ctrl_c_ends_the_command_with_nothing_amiss(issue: Path) -> None:
    command = [str(Path(sys.executable).with_name("newsletter")), "preview", "--no-browser", str(issue)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "200"}
    with subprocess.Popen(
        command, cwd=issue.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        address = running.stdout.readline().split()[4]
        assert httpx.get(address, timeout=20).status_code == 200
        with httpx.stream("GET", f"{address}events", timeout=20) as waiting:  # a page is open
            next(waiting.iter_lines())
            running.send_signal(2)
            _, said = running.communicate(timeout=20)

    assert (running.returncode, "Traceback" in said) == (0, False)
