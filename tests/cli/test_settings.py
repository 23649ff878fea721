"""`newsletter settings` on a stack in the process."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.publish.handler import lambda_handler as publish
from tests.cli.conftest import Command, StackInProcess
from tests.cli.test_writing import GOOD
from tests.desk.feed_site import feed_site
from tests.functions.conftest import Deployment
from tests.issues.test_pictures import chart, saved


def brand(desk: Path, text: str) -> Path:
    file = desk / "brand.yaml"
    file.write_text(text)
    return file


def test_a_file_is_checked_without_a_stack_with_the_logo_beside_it(newsletter: Command, desk: Path) -> None:
    file = brand(desk, "strapline: Hello\nlogo: logo.png\nlogo_width: 120\n")

    missing = newsletter("settings", "check", file)
    (desk / "logo.png").write_bytes(saved(chart()))
    there = newsletter("settings", "check", file)

    assert missing.code == 1
    assert "Line 2: There is no “logo.png” in settings/." in missing.words
    assert (there.code, "nothing found" in there.words) == (0, True)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("de.yaml", "welcome_heading: ''", "Line 1: `welcome_heading` is empty."),
        ("brand.yaml", "light: {link: '#cccccc'}", "is hard to see on"),
        ("fields.yaml", "region:\n  kind: choice", "`region` has no label."),
        ("feeds.yaml", "feeds: our blog", "“our blog” is no feed."),
        ("privacy.md", "", "The notice is empty."),
    ],
)
def test_what_the_stack_would_refuse_is_refused_here_and_not_uploaded(
    newsletter: Command, desk: Path, stack: StackInProcess, deployment: Deployment, name: str, text: str, said: str
) -> None:
    (desk / name).write_text(text)

    checked, published = (
        newsletter("settings", "check", desk / name),
        newsletter("settings", "publish", desk / name, stack=stack),
    )

    assert (checked.code, published.code) == (1, 1)
    assert said in checked.words
    assert said in published.err
    assert deployment.app.content.read(f"settings/{name}") is None


def test_a_name_that_is_none_of_settings_is_a_mistake_of_usage(newsletter: Command, desk: Path) -> None:
    (desk / "brand.yml").write_text("strapline: x")

    said = newsletter("settings", "check", desk / "brand.yml")

    assert said.code == 2
    assert "brand.yaml, fields.yaml, feeds.yaml, words/en.yaml" in said.err


def test_a_file_is_published_shown_replaced_and_an_older_version_comes_back(
    newsletter: Command, desk: Path, stack: StackInProcess, deployment: Deployment
) -> None:
    for strapline in ("First", "Second"):
        said = newsletter("settings", "publish", brand(desk, f"strapline: {strapline}"), stack=stack)
        assert "It is in use within a minute" in said.words
        deployment.invoke(publish, "publish/settings")
    shown = newsletter("settings", "show", stack=stack)
    newest, oldest = newsletter("settings", "history", "brand.yaml", "--json", stack=stack).json

    assert "brand.yaml in use" in shown.words
    assert "strapline: Second" in shown.words
    assert (newest["in_use"], oldest["in_use"]) == (True, False)
    assert newsletter("settings", "restore", "brand.yaml", oldest["version"], stack=stack).code == 0
    deployment.invoke(publish, "publish/settings")
    assert newsletter("settings", "show", "--json", stack=stack).json["brand"] == {"strapline": "First"}
    assert len(newsletter("settings", "history", "brand.yaml", "--json", stack=stack).json) == 3
    assert newsletter("settings", "restore", "brand.yaml", "none", stack=stack).code == 1


def test_a_refused_file_says_why_and_that_the_last_good_one_is_in_use(
    newsletter: Command, stack: StackInProcess, deployment: Deployment
) -> None:
    for text in (b"strapline: Good", b"straplin: Bad"):
        deployment.put("settings/brand.yaml", text)
        deployment.invoke(publish, "publish/settings")

    said = newsletter("settings", "show", stack=stack).words

    assert "brand.yaml refused, the last good one stays in use" in said
    assert "Did you mean `strapline`?" in said
    assert "words/de.yaml not uploaded; ours is in use" in said
    assert newsletter("settings", "history", "words/de.yaml", stack=stack).words.endswith("was never uploaded.")


def test_a_preview_on_this_machine_has_the_look_of_the_stack(
    newsletter: Command, desk: Path, stack: StackInProcess, deployment: Deployment
) -> None:
    deployment.put("settings/brand.yaml", b"light: {accent: '#7a1f5c'}\npostal_address: 9 New Street\n")
    deployment.invoke(publish, "publish/settings")
    issue = desk / "2126-01-01-in-a-hundred-years.md"
    issue.write_text(GOOD)

    said = newsletter("preview", issue, "--once", desk / "shown", stack=stack)

    assert said.code == 0, said.err
    mail = (desk / "shown" / "mail.html").read_text()
    assert "#7a1f5c" in mail
    assert "9 New Street" in mail


def test_feeds_are_tried_from_this_machine_without_a_stack(newsletter: Command, desk: Path) -> None:
    with feed_site() as website:
        website.entries = ["Ferries", "Bridges"]
        (desk / "feeds.yaml").write_text(f"feeds: Our blog {website.at('feed.xml')}")
        good = newsletter("settings", "try-feeds", desk / "feeds.yaml")
        (desk / "feeds.yaml").write_text(
            f"feeds: [Old {website.at('410')}, Inside http://10.0.0.1/, {website.at('404')}]"
        )
        bad = newsletter("settings", "try-feeds", desk / "feeds.yaml")

    assert good.code == 0
    assert "Our blog: 2 entries" in good.words
    assert "Ferries" in good.words
    assert bad.code == 1
    assert "Old: is gone for good (410)" in bad.words
    assert "Inside: leads into a private network, and was not asked" in bad.words
    assert "127.0.0.1: answers 404" in bad.words


def test_feeds_that_cannot_be_read_are_a_mistake_with_its_line(newsletter: Command, desk: Path) -> None:
    (desk / "feeds.yaml").write_text("feeds: our blog")

    answer = newsletter("settings", "try-feeds", desk / "feeds.yaml")

    assert answer.code == 1
    assert "Line 1: “our blog” is no feed." in answer.err
