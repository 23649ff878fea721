"""`check`, `publish` and `test-send` of an issue in several languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command, StackInProcess
from tests.cli.test_writing import GOOD, SLUG, picture
from tests.functions.conftest import Deployment

WELSH = "---\ntitle: Ymhen can mlynedd\n---\n\nAnnwyl {{ name | ddarllenydd }}, dyma'r rhifyn cyfan.\n"


@pytest.fixture
def original(desk: Path) -> Path:
    file = desk / f"{SLUG}.md"
    file.write_text(GOOD)
    return file


@pytest.fixture
def welsh(original: Path) -> Path:
    file = original.with_name(f"{SLUG}.cy.md")
    file.write_text(WELSH)
    return file


def languages(deployment: Deployment) -> tuple[str, ...]:
    record = deployment.app.issues.get(SLUG)
    assert record is not None
    return record.translated_into


def test_a_check_of_an_issue_is_one_of_its_translations_too(newsletter: Command, original: Path, welsh: Path) -> None:
    welsh.write_text(WELSH + "\nTODO: gorffen.\n")

    said = newsletter("check", original, "--json")
    twice = newsletter("check", original, welsh, original.parent, "--json")

    assert said.code == 1
    assert [Path(each["file"]).name for each in said.json["files"]] == [original.name, welsh.name]
    assert [each["errors"] for each in said.json["files"]] == [0, 1]
    assert {each["slug"] for each in said.json["files"]} == {SLUG}
    assert [each["file"] for each in twice.json["files"]] == [each["file"] for each in said.json["files"]]
    assert f"{welsh}:7: error" in newsletter("check", original).out


def test_a_translation_is_checked_by_itself_as_one_of_its_original(
    newsletter: Command, original: Path, welsh: Path
) -> None:
    assert newsletter("check", welsh).code == 0

    welsh.write_text(WELSH.replace("---\n\n", "date: 2126-02-02\n---\n\n"))
    assert f"`date` is not what {SLUG}.md says" in newsletter("check", welsh).words
    original.write_text("No front matter.\n")
    assert f"Its original, {SLUG}.md, cannot be read." in newsletter("check", welsh).words
    original.unlink()
    said = newsletter("check", welsh)
    assert said.code == 1
    assert f"Upload issues/{SLUG}.md as well" in said.words


def test_a_translation_shows_the_pictures_of_its_issue(newsletter: Command, original: Path, welsh: Path) -> None:
    welsh.write_text(WELSH + "\n![Llun coch.](chart.png)\n")
    assert newsletter("check", welsh).code == 1

    picture(original.parent / SLUG)
    assert newsletter("check", welsh).code == 0


def test_an_issue_is_published_with_its_translations(
    newsletter: Command, original: Path, welsh: Path, stack: StackInProcess, deployment: Deployment
) -> None:
    welsh.write_text(WELSH + "\n![Llun coch.](chart.png)\n")
    picture(original.parent / SLUG)

    said = newsletter("publish", original, "--json", stack=stack)

    assert said.code == 0, said.err
    assert (said.json["slug"], said.json["result"]) == (SLUG, "published")
    assert languages(deployment) == ("cy",)
    assert deployment.app.content.read(f"issues/{SLUG}/chart.png")


def test_a_translation_is_published_by_itself(
    newsletter: Command, original: Path, stack: StackInProcess, deployment: Deployment
) -> None:
    assert newsletter("publish", original, stack=stack).code == 0
    stood = deployment.app.content.newest(f"issues/{SLUG}.md")
    original.write_text(GOOD.replace("whole", "unfinished"))
    welsh = original.with_name(f"{SLUG}.cy.md")
    welsh.write_text(WELSH)

    said = newsletter("publish", welsh, stack=stack)

    assert said.code == 0, said.err
    assert languages(deployment) == ("cy",)
    assert deployment.app.content.newest(f"issues/{SLUG}.md") == stood
    assert f"https://briefing.example.org/issues/{SLUG}/cy/" in said.words
    assert "It goes out on " in said.words
    original.unlink()  # the bucket has it
    assert newsletter("publish", welsh, stack=stack).code == 0


def test_nothing_is_uploaded_of_an_issue_with_a_translation_that_would_be_refused(
    newsletter: Command, original: Path, welsh: Path, stack: StackInProcess, deployment: Deployment
) -> None:
    welsh.write_text(WELSH + "\nTODO: gorffen.\n")

    said = newsletter("publish", original, stack=stack)

    assert said.code == 1
    assert "Nothing was uploaded. Mend the errors above first." in said.err
    assert deployment.app.content.read(f"issues/{SLUG}.md") is None
    assert deployment.app.content.read(f"issues/{SLUG}.cy.md") is None


def test_a_folder_is_published_with_what_is_new_in_it(
    newsletter: Command, original: Path, welsh: Path, stack: StackInProcess, deployment: Deployment
) -> None:
    folder = original.parent
    assert newsletter("publish", folder, stack=stack).code == 0
    assert languages(deployment) == ("cy",)
    assert f"{SLUG} is there already" in newsletter("publish", folder, stack=stack).words

    other = folder / "2126-02-02-another.md"
    other.write_text(GOOD.replace("2126-01-01", "2126-02-02").replace("title: In", "title: Another one, in"))
    asked = newsletter("publish", folder, stack=stack)
    assert (asked.code, deployment.app.content.read(f"issues/{other.name}")) == (2, None)
    said = newsletter("publish", folder, "--yes", "--json", stack=stack)
    assert said.code == 0, said.err
    assert [(each["slug"], each["result"]) for each in said.json["issues"]] == [
        (SLUG, "unchanged"),
        (other.stem, "published"),
    ]


def test_the_folder_of_an_issue_means_the_issue(newsletter: Command, original: Path, welsh: Path) -> None:
    picture(original.parent / SLUG)

    checked = newsletter("check", original.parent / SLUG, "--json").json["files"]

    assert [Path(each["file"]).name for each in checked] == [original.name, welsh.name]


def test_a_test_is_mailed_in_each_language_or_in_one(
    newsletter: Command, original: Path, welsh: Path, stack: StackInProcess, deployment: Deployment
) -> None:
    assert newsletter("publish", original, stack=stack).code == 0

    both = newsletter("test-send", SLUG, "me@example.org", stack=stack)
    one = newsletter("test-send", welsh.name, "me@example.org", "--language", "cy", stack=stack)
    none = newsletter("test-send", SLUG, "me@example.org", "--language", "fr", stack=stack)

    subjects = [mail["subject"] for mail in deployment.ses.messages(to="me@example.org")]
    assert sorted(subjects) == ["In a hundred years", "Ymhen can mlynedd", "Ymhen can mlynedd"]
    assert "in en, cy is on its way" in both.words
    assert "in cy is on its way" in one.words
    assert (none.code, "it has en, cy" in none.err) == (1, True)
