"""The questions: what may be answered, and that each is asked once."""

from __future__ import annotations

import pytest

from newsletter_cli.setup.domain.answers import parameters
from newsletter_cli.setup.domain.questions import QUESTIONS, Circumstances, WrongAnswerError
from newsletter_cli.setup.jobs.ask import ask_all
from newsletter_cli.setup.stopped import StoppedError, UnansweredError
from tests.cli.setup.fakes import GIVEN, KNOWN, TODAY, MemoryNotebook, MemoryPerson

NOW = Circumstances(TODAY)
BY_KEY = {question.key: question for question in QUESTIONS}


def test_there_are_eight_at_most_and_each_says_what_it_is_for() -> None:
    assert len(QUESTIONS) <= 8
    assert all(question.text.endswith("?") and question.sentence.endswith(".") for question in QUESTIONS)


@pytest.mark.parametrize(
    ("key", "answer", "kept"),
    [
        ("name", "  The   Briefing ", "The Briefing"),
        ("sender", "Briefing@Society.Example", "Briefing@society.example"),
        ("time_zone", "America/New_York", "America/New_York"),
        ("first_day", "2026-12-08", "2026-12-08 09:00"),
        ("first_day", "2026-12-08T07:30", "2026-12-08 07:30"),
        ("domain", "https://Briefing.Society.Example/", "briefing.society.example"),
        ("domain", "", ""),
        ("editors", "ann@society.example", "ann@society.example"),
        ("readers", "12,500", "12500"),
    ],
)
def test_an_answer_is_kept_in_one_spelling(key: str, answer: str, kept: str) -> None:
    assert BY_KEY[key].judged(answer, NOW) == kept


@pytest.mark.parametrize(
    ("key", "answer", "complaint"),
    [
        ("name", "", "needs an answer"),
        ("name", "x" * 201, "too long"),
        ("sender", "briefing", "not an email address"),
        ("sender", "briefing@example.org", "everybody's example"),
        ("time_zone", "London", "Write it like Europe/London"),
        ("first_day", "2026-02-30", "no day that there is"),
        ("first_day", "next Tuesday", "no day that there is"),
        ("first_day", "2026-11-01", "is over"),
        ("first_day", "2026-12-08T07:30+01:00", "time is local"),
        ("domain", "briefing", "not a domain"),
        ("domain", "briefing.example.com", "example's"),
        ("editors", "Ann", "not like"),
        ("editors", "Ben <ben@society.example> writer", "has to be an approver"),
        ("readers", "many", "no number of people"),
        ("readers", "0", "no number of people"),
    ],
)
def test_a_wrong_answer_is_answered_with_what_would_do(key: str, answer: str, complaint: str) -> None:
    with pytest.raises(WrongAnswerError, match=complaint):
        BY_KEY[key].judged(answer, NOW)


def test_the_first_issue_is_on_a_tuesday_at_least_a_week_away_unless_one_says_otherwise() -> None:
    assert BY_KEY["first_day"].default({}, NOW) == "2026-12-08 09:00"


def test_a_wrong_answer_is_asked_for_again() -> None:
    class Learning(MemoryPerson):
        def ask(self, question: object, suggestion: str, complaint: str) -> str:
            answer = super().ask(question, suggestion, complaint)  # type: ignore[arg-type]
            return "nonsense" if self.asked.count("sender") == 1 and self.asked[-1] == "sender" else answer

    person = Learning()
    answers = ask_all(person, MemoryNotebook(), NOW, brought={})

    assert answers.sender == GIVEN["sender"]
    assert person.asked.count("sender") == 2
    assert "nonsense is not an email address" in person.words


def test_what_was_answered_is_not_asked_again_unless_one_wants_to() -> None:
    notebook, person = MemoryNotebook(), MemoryPerson()
    ask_all(person, notebook, NOW, brought={})
    ask_all(person, notebook, NOW, brought={})
    assert person.asked == [question.key for question in QUESTIONS]

    changed = MemoryPerson({"name": "Another"})
    answers = ask_all(changed, notebook, NOW, brought={}, again=True)
    assert len(changed.asked) == len(QUESTIONS)
    assert (answers.name, answers.sender) == ("Another", GIVEN["sender"])


def test_a_file_answers_everything_with_defaults_where_there_are_some() -> None:
    few = {key: GIVEN[key] for key in ("name", "postal_address", "sender")}

    answers = ask_all(MemoryPerson(None), MemoryNotebook(), NOW, brought=few)

    assert (answers.time_zone, answers.first_day, answers.domain) == ("Europe/London", "2026-12-08 09:00", "")
    assert answers.editors == GIVEN["sender"]


def test_a_file_counts_more_than_what_was_said_before() -> None:
    notebook = MemoryNotebook(dict(GIVEN))
    assert ask_all(MemoryPerson(None), notebook, NOW, brought={"name": "Another"}).name == "Another"
    assert notebook.kept["name"] == "Another"


@pytest.mark.parametrize(
    ("brought", "complaint"),
    [
        ({"colour": "red"}, "colour, which nobody asks for"),
        ({"name": "A", "postal_address": "B"}, "at sender: This needs an answer"),
        ({**GIVEN, "first_day": "2026-02-30"}, "at first_day: 2026-02-30 is no day"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(brought: dict[str, str], complaint: str) -> None:
    with pytest.raises(StoppedError, match=complaint):
        ask_all(MemoryPerson(None), MemoryNotebook(), NOW, brought=brought)


def test_without_a_terminal_the_question_that_nobody_answers_is_named() -> None:
    with pytest.raises(UnansweredError, match="name"):
        ask_all(MemoryPerson(None), MemoryNotebook(), NOW, brought={})


def test_the_answers_become_parameters_of_the_template() -> None:
    answers = ask_all(MemoryPerson(), MemoryNotebook(), NOW, brought={})

    wanted = parameters(answers, certificate_arn="arn")

    assert set(wanted) <= set(KNOWN)
    assert (wanted["AnchorDate"], wanted["SendHour"], wanted["SendMinute"]) == ("2026-12-08", "7", "30")
    assert wanted["EditorEmail"] == wanted["AlarmEmail"] == "ann@society.example"
    assert (wanted["Editors"], wanted["CreateSenderIdentity"]) == (GIVEN["editors"], "false")


@pytest.mark.parametrize(("readers", "size"), [("1000", "small"), ("50000", "large")])
def test_the_alarms_of_a_large_list_come_with_many_readers(readers: str, size: str) -> None:
    answers = ask_all(MemoryPerson({**GIVEN, "readers": readers}), MemoryNotebook(), NOW, brought={})
    assert parameters(answers, certificate_arn="")["Size"] == size
