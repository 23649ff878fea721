"""The list of problems of an issue file, as the plain text that is put beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from newsletter.errors import ProblemLike
from newsletter.issues.domain.preflight import Finding, Level

WIDTH = 80
"""Columns of an ordinary terminal, where `aws s3 cp … -` shows this."""

NOT_MAILED = "not mailed"
"""In place of a version: the list stands beside the file, and the editors have no email about it yet."""


def problem_list(key: str, problems: Sequence[ProblemLike]) -> str:
    """Return a numbered list: of each problem its line, what is wrong, and below that what to do about it.

    Takes the problems of an unreadable file and the findings of its preflight alike; errors come first.
    """
    errors = [problem for problem in problems if not _is_warning(problem)]
    warnings = [problem for problem in problems if _is_warning(problem)]
    lines = [key]
    number = 0
    for title, some in (("Must be fixed:", errors), ("Worth a look:", warnings)):
        if some:
            lines += ["", title]
        for problem in some:
            number += 1
            lines += ["", *_entry(number, problem)]
    return "\n".join(lines) + "\n"


def _is_warning(problem: ProblemLike) -> bool:
    return isinstance(problem, Finding) and problem.level is Level.WARNING


def _entry(number: int, problem: ProblemLike) -> list[str]:
    mark = f"{number}. "
    where = f"Line {problem.line}: " if problem.line is not None else ""
    indent = " " * len(mark)
    code = f" [{problem.code}]" if isinstance(problem, Finding) and problem.code else ""
    return [
        *_wrapped(where + problem.message, first=mark, rest=indent),
        *_wrapped(problem.remedy + code, first=indent, rest=indent),
    ]


def _wrapped(text: str, *, first: str, rest: str) -> list[str]:
    # A long address stays whole: cut in two it could not be searched for.
    return textwrap.wrap(
        " ".join(text.split()),
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
