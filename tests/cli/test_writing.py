"""`new`, `check` and `preview --once`: what an editor does without a stack, or beside one."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from newsletter.issues.writing.front_matter import parse_issue
from tests.cli.conftest import Command, StackInProcess
from tests.factories import record
from tests.functions.conftest import Deployment

SLUG = "2126-01-01-in-a-hundred-years"
GOOD = "---\ntitle: In a hundred years\ndate: 2126-01-01\n---\n\nDear {{ name | reader }}, this is the whole issue.\n"


@pytest.fixture
def issue(desk: Path) -> Path:
    file = desk / f"{SLUG}.md"
    file.write_text(GOOD)
    return file


def picture(folder: Path, name: str = "chart.png") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (20, 10), "red").save(folder / name)
    return folder / name


def test_a_new_issue_is_a_draft_that_can_be_read(newsletter: Command, desk: Path) -> None:
    said = newsletter("new", "Ünder one roof: it’s “done”", "--date", "2126-01-01")

    file = desk / "2126-01-01-under-one-roof-its-done.md"
    issue = parse_issue(file.stem, file.read_bytes() + b"Text.\n")
    assert said.code == 0
    assert (issue.title, issue.date.isoformat(), issue.ready) == ("Ünder one roof: it’s “done”", "2126-01-01", False)


def test_a_new_issue_gets_the_day_of_the_next_slot_without_one(
    newsletter: Command, desk: Path, stack: StackInProcess, deployment: Deployment
) -> None:
    first = deployment.now().date()
    deployment.app.issues.put(record(date=first), before=None)

    assert newsletter("new", "Next", stack=stack).code == 0

    days = [file.name[:10] for file in desk.glob("*.md")]
    assert days == [(first + timedelta(days=15)).isoformat()]  # the anchor is tomorrow, and that slot is taken


def test_a_file_that_exists_is_never_written_over(newsletter: Command, issue: Path) -> None:
    said = newsletter("new", "In a hundred years", "--date", "2126-01-01")

    assert (said.code, issue.read_text()) == (1, GOOD)
    assert "exists already and stays as it is" in said.err


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["new", " "], 2, "needs a title"),
        (["new", "x", "--date", "soon"], 2, "is not a day"),
        (["new", "x"], 1, "Or say the day of the issue with --date."),
        (["new", "x", "--date", "2126-01-01", "--in", "nowhere"], 1, "Name another folder with --in."),
        (["check", "nothing.md"], 1, "Name the Markdown file of an issue."),
        (["check", "."], 1, "cannot be read"),
        (["--local", "check", "nothing.md"], 1, "No stack runs on this machine"),
        (["publish", "nothing.md"], 1, "No stack runs on this machine"),
        (["check"], 2, "Missing argument"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_remedy(
    newsletter: Command, arguments: list[str], code: int, sentence: str
) -> None:
    said = newsletter(*arguments)

    assert said.code == code
    assert sentence in said.err
    assert "Traceback" not in said.err


def test_a_good_file_is_checked_without_a_stack_and_it_is_said_with_what(newsletter: Command, issue: Path) -> None:
    said = newsletter("check", issue)

    assert said.code == 0  # a date in a hundred years is a warning
    assert f"{issue}:3: warning: The date, 2126-01-01, is" in said.out
    assert f"{issue}: 0 errors, 1 warning." in said.out
    assert "No stack is named or runs here" in said.err


def test_errors_name_file_line_and_remedy_and_end_with_one(newsletter: Command, issue: Path, desk: Path) -> None:
    bad = desk / "2126-01-15-bad.md"
    bad.write_text("---\ntitle: Bad\ndate: 15 Jan\ncolour: red\n---\n\nText.\n")
    issue.write_text(GOOD + "\nTODO: write this.\n")

    said = newsletter("check", bad, issue)

    assert said.code == 1
    assert f"{bad}:3: error: `15 Jan` is not a date. Write year, month and day like this" in said.out
    assert f"{bad}:4: error: " in said.out
    assert f"{issue}:8: error: " in said.out


def test_json_is_all_there_is_on_standard_output(newsletter: Command, issue: Path, desk: Path) -> None:
    (desk / "UPPER.md").write_text(GOOD)

    said = newsletter("check", "--json", issue, "UPPER.md")

    good, bad = said.json["files"]
    assert (said.code, good["slug"], good["errors"], good["findings"][0]["check"]) == (1, SLUG, 0, "date")
    assert (bad["refused"], bad["findings"][0]["check"]) == (True, "file")


def test_a_picture_is_looked_for_in_the_folder_of_the_issue_and_nowhere_else(
    newsletter: Command, issue: Path, desk: Path
) -> None:
    picture(desk / SLUG)
    outside = picture(desk / "elsewhere", "private.png")
    (desk / SLUG / "link.png").symlink_to(outside)
    names = ("chart.png", "link.png", "../elsewhere/private.png")
    issue.write_text(GOOD + "".join(f"\n![A picture of red.]({name})\n" for name in names))

    found = newsletter("check", "--json", issue).json["files"][0]

    assert found["measures"]["pictures"] >= 1
    missing = [each["message"] for each in found["findings"] if each["check"] == "picture"]
    assert any("link.png" in message for message in missing)
    assert not any("chart.png" in message for message in missing)


def test_with_a_stack_its_settings_count_and_its_issues_are_compared(
    newsletter: Command, issue: Path, stack: StackInProcess, deployment: Deployment
) -> None:
    deployment.app.issues.put(record(title="In a hundred years", subject="Other"), before=None)

    said = newsletter("check", issue, stack=stack)

    assert "With the settings of the stack in-process." in said.err
    assert "has the same title" in said.out


def test_a_preview_without_a_server_is_a_folder_of_files(newsletter: Command, issue: Path, desk: Path) -> None:
    picture(desk / SLUG)
    issue.write_text(GOOD + "\n![A picture of red.](chart.png)\n")

    said = newsletter("preview", issue, "--once", desk / "out", "--name", "Ada & Co")

    mail, dark = (desk / "out" / "mail.html").read_text(), (desk / "out" / "mail-dark.html").read_text()
    (chart,) = (desk / "out" / "issues" / SLUG).iterdir()
    assert said.code == 0
    assert "Dear Ada &amp; Co, this is the whole issue." in mail
    assert f'src="./issues/{SLUG}/{chart.name}"' in mail
    assert ":root{color-scheme:dark}" in dark
    assert "Dear Ada & Co, this is the whole issue." in (desk / "out" / "mail.txt").read_text()
    assert "Dear reader, this is the whole issue." in (desk / "out" / "page.html").read_text()
    assert '<link rel="stylesheet"' not in (desk / "out" / "page.html").read_text()
    assert json.loads((desk / "out" / "findings.json").read_text())["errors"] == []


def test_a_file_that_cannot_be_read_leaves_only_its_findings(newsletter: Command, desk: Path) -> None:
    (desk / "2126-01-01-bad.md").write_text("no front matter")

    said = newsletter("preview", "2126-01-01-bad.md", "--once", desk / "out")

    assert said.code == 1
    assert [file.name for file in (desk / "out").iterdir()] == ["findings.json"]


def test_a_link_to_a_file_or_an_issue_of_ours_that_is_not_there_is_an_error_with_its_line_without_a_stack(
    newsletter: Command, issue: Path, desk: Path
) -> None:
    (desk / "2125-01-01-before.md").write_text(GOOD.replace("2126-01-01", "2125-01-01"))
    (desk / SLUG).mkdir()
    (desk / SLUG / "there.pdf").write_bytes(b"%PDF-1.7\n")
    (desk / SLUG / "lie.pdf").write_bytes(b"<html>")
    names = ["there.pdf", "2125-01-01-before.md", "report.pdf", "lie.pdf", "/nothing/", "other-issue.md"]
    issue.write_text(GOOD + "".join(f"A [thing to read]({name}).\n\n" for name in names))

    said = newsletter("check", issue)

    assert said.code == 1
    lines = [line.split(":")[1] for line in said.out.splitlines() if ": error: " in line]
    assert lines == ["11", "13", "15", "17"]
    assert newsletter("check", "--json", issue).json["files"][0]["files"] == [{"name": "there.pdf", "bytes": 9}]


def test_a_preview_in_a_folder_has_the_files_and_its_links_lead_to_them(
    newsletter: Command, issue: Path, desk: Path
) -> None:
    (desk / SLUG).mkdir()
    (desk / SLUG / "a [b].pdf").write_bytes(b"%PDF-1.7\n")
    issue.write_text(GOOD + "The [report](<a [b].pdf>).\n")

    assert newsletter("preview", issue, "--once", desk / "out").code == 0

    assert f'href="./issues/{SLUG}/a%20%5Bb%5D.pdf"' in (desk / "out" / "mail.html").read_text()
    assert (desk / "out" / "issues" / SLUG / "a [b].pdf").read_bytes() == b"%PDF-1.7\n"
