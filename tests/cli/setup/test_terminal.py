"""The terminal: a question says what it is for, offers its default, and says what was wrong with an answer."""

from __future__ import annotations

import io

import pytest

from newsletter_cli.console import err
from newsletter_cli.setup.adapters.terminal import Terminal
from newsletter_cli.setup.domain.questions import QUESTIONS
from newsletter_cli.setup.stopped import UnansweredError

BY_KEY = {question.key: question for question in QUESTIONS}


class Keyboard(io.StringIO):
    """Somebody sits there and has typed already."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Whatever is written beside the answer."""
    seen = io.StringIO()
    monkeypatch.setattr(err, "_file", seen)
    monkeypatch.setattr(err, "_width", 300)
    return seen


def types(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", Keyboard("".join(f"{line}\n" for line in lines)))


def test_a_question_says_what_it_is_for(monkeypatch: pytest.MonkeyPatch, screen: io.StringIO) -> None:
    types(monkeypatch, "America/New_York")
    question = BY_KEY["time_zone"]
    assert Terminal(agrees_to_all=False).ask(question, "Europe/London", "") == "America/New_York"
    assert question.text in screen.getvalue()
    assert question.sentence in screen.getvalue()


def test_nothing_typed_is_the_suggestion(monkeypatch: pytest.MonkeyPatch, screen: io.StringIO) -> None:
    types(monkeypatch, "", "")
    asking = Terminal(agrees_to_all=False)
    assert asking.ask(BY_KEY["time_zone"], "Europe/London", "") == "Europe/London"
    assert asking.ask(BY_KEY["domain"], "", "") == ""


def test_after_a_wrong_answer_only_what_was_wrong_is_said(monkeypatch: pytest.MonkeyPatch, screen: io.StringIO) -> None:
    types(monkeypatch, "Europe/London")
    Terminal(agrees_to_all=False).ask(BY_KEY["time_zone"], "", "There is no time zone London.")
    assert "There is no time zone London." in screen.getvalue()
    assert BY_KEY["time_zone"].sentence not in screen.getvalue()


@pytest.mark.parametrize(("typed", "agrees"), [("y", True), ("YES", True), ("n", False), ("", False), ("maybe", False)])
def test_only_yes_is_yes(monkeypatch: pytest.MonkeyPatch, screen: io.StringIO, typed: str, agrees: bool) -> None:
    types(monkeypatch, typed)
    assert Terminal(agrees_to_all=False).agrees("Deploy it?") is agrees


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    nobody = Terminal(agrees_to_all=False)
    for ask in (lambda: nobody.ask(BY_KEY["name"], "", ""), lambda: nobody.agrees("?"), lambda: nobody.type_name("x")):
        with pytest.raises(UnansweredError):
            ask()
    assert Terminal(agrees_to_all=True).agrees("?")


def test_progress_without_a_terminal_is_a_line_now_and_then(screen: io.StringIO) -> None:
    log = Terminal(agrees_to_all=True)
    for done in range(101):
        log.show_progress(done, 100, "create complete: Api")
    log.show_progress(0, 0, "nothing is known yet")
    assert [line.split()[0] for line in screen.getvalue().splitlines()] == ["0", "30", "60", "90", "100"]
