"""Whoever sits at the terminal."""

from __future__ import annotations

import sys

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from newsletter_cli.console import err, out
from newsletter_cli.setup.domain.questions import Question
from newsletter_cli.setup.stopped import UnansweredError

STILL = 30
"""Resources between two lines where there is no terminal to draw in."""


class Terminal:
    """Asks and prints."""

    def __init__(self, *, agrees_to_all: bool) -> None:
        """`agrees_to_all`: the answer to every question of yes or no."""
        self._agrees_to_all = agrees_to_all
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._printed = -1

    def say(self, line: str) -> None:
        """Print a line."""
        out.print(line, markup=False, soft_wrap=True)

    def ask(self, question: Question, suggestion: str, complaint: str) -> str:
        """Ask a question, in words that say what it is for.

        Raises:
            UnansweredError: There is no terminal.
        """
        if not sys.stdin.isatty():
            raise UnansweredError(question.key)
        if complaint:
            err.print(complaint, style="yellow", markup=False)
        else:
            err.print(f"\n{question.text}", style="bold", markup=False)
            err.print(question.sentence, style="dim", markup=False)
        hint = f" [{suggestion}]" if suggestion else (" [none]" if question.optional else "")
        return err.input(f"{hint} > ".lstrip(), markup=False).strip() or suggestion

    def agrees(self, question: str) -> bool:
        """Ask for yes or no.

        Raises:
            UnansweredError: There is no terminal, and nobody said --yes.
        """
        if self._agrees_to_all:
            return True
        if not sys.stdin.isatty():
            raise UnansweredError(question)
        return err.input(f"{question} [y/N] ", markup=False).strip().lower() in ("y", "yes")

    def type_name(self, wanted: str) -> str:  # noqa: ARG002 - the terminal shows what stands above
        """Have a name typed.

        Raises:
            UnansweredError: There is no terminal.
        """
        if not sys.stdin.isatty():
            raise UnansweredError("the name of the stack")
        return err.input("> ", markup=False).strip()

    def show_progress(self, done: int, total: int, latest: str) -> None:
        """Move the bar; without a terminal, print a line now and then."""
        if not total:
            return
        if not err.is_terminal:
            if done >= total or self._printed < 0 or done - self._printed >= STILL:
                err.print(f"{done} of {total} {latest}", markup=False, soft_wrap=True)
                self._printed = -1 if done >= total else done
            return
        if self._bar is None:
            self._bar = Progress(
                BarColumn(bar_width=30),
                TextColumn("{task.completed}/{task.total}"),
                TimeElapsedColumn(),
                TextColumn("{task.description}", markup=False),
                console=err,
            )
            self._task = self._bar.add_task("", total=total)
            self._bar.start()
        self._bar.update(self._task, completed=done, total=total, description=latest)
        if done >= total:
            self.close()

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
