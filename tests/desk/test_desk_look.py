"""What is typed is drawn at each pause, as its readers will see it, whether it is saved by then or not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.desk.desk_browser import DeskBrowser

SLUG = "2026-12-15-bridges"
AT = f"/desk/issues/{SLUG}/"
FRONT_MATTER = "title: Bridges\ndate: 2026-12-15\nauthor: Ada"
SCRIPT = Path(__file__).parents[2] / "templates" / "desk" / "files" / "preview.js"


def looked(writer: DeskBrowser, view: str = "mail", text: str = "Hello there, says **nobody** yet.") -> dict[str, str]:
    status, answer = writer.ask(f"{AT}look", view=view, front_matter=FRONT_MATTER, title="Bridges", text=text)
    assert status == 200
    assert isinstance(answer, dict)
    return answer


def test_what_is_typed_is_drawn_before_it_is_saved_and_is_not_kept(writer: DeskBrowser) -> None:
    answer = looked(writer)

    assert "<strong" in answer["html"]
    assert "nobody" in answer["html"]
    assert writer.deployment.app.drafts.newest(SLUG) is None


@pytest.mark.parametrize("view", ["mail", "dark", "page", "text"])
def test_it_is_what_the_frame_would_show_if_it_were_saved(writer: DeskBrowser, view: str) -> None:
    text = "Hello {{ name | there }},\n\nThe [tram](https://example.org/) is back.\n"
    writer.ask(f"{AT}save", front_matter=FRONT_MATTER, title="Bridges", text=text, page="a", number="1")

    answer = looked(writer, view, text)

    assert list(answer.values()) == [writer.get(f"{AT}draft/?view={view}").body]
    assert list(answer) == ["text" if view == "text" else "html"]


def test_nothing_is_read_or_written_of_the_bucket_for_a_text_without_files(writer: DeskBrowser) -> None:
    asked: list[str] = []
    looked(writer)  # the house style is read, which then is known for a minute
    writer.deployment.app.drafts._client.meta.events.register(
        "before-call.s3", lambda model, **_: asked.append(model.name)
    )

    looked(writer)

    assert asked == []


def test_what_cannot_be_read_is_said_in_place_of_a_preview(writer: DeskBrowser) -> None:
    _, answer = writer.ask(f"{AT}look", view="mail", front_matter="title: 'a", text="Hello")

    assert list(answer) == ["words"]


@pytest.mark.parametrize("view", ["mail", "page"])
def test_a_script_that_is_typed_is_no_part_of_it(writer: DeskBrowser, view: str) -> None:
    hostile = "<script>alert(1)</script> <img src=x onerror=alert(1)> [click](javascript:alert(1))"

    answer = looked(writer, view, f"Hello there\n\n{hostile}\n")

    assert not re.search(r"<script>|<[^>]* on(error|load)=|href=\W?javascript:", answer["html"])


def test_the_preview_is_asked_for_less_than_a_second_after_the_last_key() -> None:
    script = SCRIPT.read_text("utf-8")
    (pause,), (apart,) = (
        [int(found) for found in re.findall(rf"const {name} = (\d+);", script)] for name in ("PAUSE", "APART")
    )

    assert pause <= 300, "the answer takes up to 700 ms on the laptop"
    assert apart >= 2 * pause, "who never pauses would call the function at each key"
