"""Verbs as lists know them: a name, a line of help, and where the code is, which is imported when the verb is called.

Importing the code of all verbs takes a second of a processor, most of it boto3 and the Markdown libraries. Whoever asks
for `--help`, or for one verb, or completes a word in a shell does not wait for it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

UNUSED_BY_HELP = ("rich.markdown", "rich.traceback")
"""What Typer's help imports for markup and tracebacks that this command line has not: a third of the time of --help."""


@dataclass(frozen=True, slots=True)
class VerbEntry:
    """One verb, or a group of verbs that is a Typer app of its own."""

    name: str
    code: str
    """Where it is: `module:function`, or `module:app`."""
    help: str
    """The first paragraph of its docstring; a test holds the two to each other."""


@dataclass(frozen=True, slots=True)
class VerbGroup:
    """Verbs below one word, such as `send pause` and `send resume`."""

    name: str
    help: str
    verbs: tuple[VerbEntry, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """What stands below one heading of `newsletter --help`."""

    heading: str
    verbs: tuple[VerbEntry, ...] = ()
    groups: tuple[VerbEntry | VerbGroup, ...] = ()


class LazyCommand(TyperCommand):
    """A verb in a list: it turns into the command itself when somebody calls it, or asks for its help."""

    def __init__(self, verb: VerbEntry, panel: str | None = None) -> None:
        super().__init__(verb.name, help=verb.help, rich_help_panel=panel)
        self._verb = verb

    def loaded(self) -> Any:
        """Return the command, with its code imported."""
        module, _, name = self._verb.code.partition(":")
        code = getattr(import_module(module), name)
        if isinstance(code, typer.Typer):
            return get_group(code)
        app = typer.Typer(add_completion=False)
        app.command(self._verb.name)(code)
        return get_command(app)

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Begin a call of the command, not of its place in the list."""
        return self.loaded().make_context(info_name, args, parent, **extra)


class LazyGroup(TyperGroup):
    """Verbs of which none is imported before it is called."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, without the libraries that it does not use."""
        with _left_out(UNUSED_BY_HELP):
            super().format_help(ctx, formatter)


def group_of(group: VerbGroup, panel: str) -> LazyGroup:
    """Return the group as a command."""
    verbs = {verb.name: LazyCommand(verb) for verb in group.verbs}
    return LazyGroup(name=group.name, commands={**verbs}, help=group.help, no_args_is_help=True, rich_help_panel=panel)


def commands_of(panels: Sequence[Panel]) -> dict[str, LazyCommand | LazyGroup]:
    """Return all commands by name: the verbs in the order of the panels, and behind them the groups."""
    verbs = {verb.name: LazyCommand(verb, panel.heading) for panel in panels for verb in panel.verbs}
    groups = {
        each.name: group_of(each, panel.heading) if isinstance(each, VerbGroup) else LazyCommand(each, panel.heading)
        for panel in panels
        for each in panel.groups
    }
    return {**verbs, **groups}


@contextmanager
def _left_out(modules: Sequence[str]) -> Iterator[None]:
    """Let modules that are not imported yet be imported as empty ones, which have any class that is asked for."""
    empty = {name: ModuleType(name) for name in modules if name not in sys.modules}
    for stand_in in empty.values():
        stand_in.__getattr__ = lambda name: type(name, (), {})  # type: ignore[method-assign]
    sys.modules.update(empty)
    try:
        yield
    finally:
        for name in empty:
            del sys.modules[name]
