"""Asking: each question until its answer can be used, and never a second time."""

from __future__ import annotations

from collections.abc import Mapping

from newsletter_cli.setup.domain.answers import Answers
from newsletter_cli.setup.domain.questions import QUESTIONS, Circumstances, WrongAnswerError
from newsletter_cli.setup.ports import Notebook, Person
from newsletter_cli.setup.stopped import StoppedError


def ask_all(
    person: Person,
    notebook: Notebook,
    circumstances: Circumstances,
    *,
    brought: Mapping[str, str],
    again: bool = False,
) -> Answers:
    """Return all answers: those of the file, those given before, and of the person what is left.

    Args:
        person: Is asked.
        notebook: Keeps each answer as soon as it is given.
        circumstances: What answers are judged by.
        brought: Answers of a file; they count more than those given before.
        again: Whether everything is asked, with what was said before as the suggestion.

    Raises:
        StoppedError: The file of answers says something that cannot be used.
        UnansweredError: Nobody is there to ask.
    """
    if unknown := sorted(set(brought) - {question.key for question in QUESTIONS}):
        known = ", ".join(question.key for question in QUESTIONS)
        raise StoppedError(
            f"The file of answers has {', '.join(unknown)}, which nobody asks for. It may have: {known}."
        )
    given = dict(notebook.answers())
    if brought:
        for question in QUESTIONS:
            suggested = question.default({**given, **brought}, circumstances)
            try:
                answer = question.judged(
                    brought.get(question.key, given.get(question.key, "")) or suggested, circumstances
                )
            except WrongAnswerError as exc:
                raise StoppedError(f"The file of answers, at {question.key}: {exc}") from exc
            _keep(notebook, given, question.key, answer)
    for question in QUESTIONS:
        if question.key in given and not again:
            continue
        suggestion, complaint = given.get(question.key) or question.default(given, circumstances), ""
        while True:
            try:
                answer = question.judged(person.ask(question, suggestion, complaint), circumstances)
            except WrongAnswerError as exc:
                complaint = str(exc)
                continue
            _keep(notebook, given, question.key, answer)
            break
    return Answers(**{question.key: given[question.key] for question in QUESTIONS})


def _keep(notebook: Notebook, given: dict[str, str], key: str, answer: str) -> None:
    if given.get(key) != answer:
        notebook.keep_answer(key, answer)
        given[key] = answer
