"""The fields of front matter, with their lines.

YAML is read as events and every value as the text the editor typed. So `lang: no` stays Norwegian, a date is
a date only if we say so, nothing nests, nothing expands, and every problem has its line.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from yaml.error import Mark
from yaml.parser import ParserError
from yaml.reader import ReaderError

from newsletter.issues.domain.issue import NOT_IN_FRONT_MATTER, Issue, Problem

_OF_ISSUE = [field.name for field in dataclasses.fields(Issue) if field.name not in NOT_IN_FRONT_MATTER]

FIELDS = tuple("status" if name == "ready" else name for name in _OF_ISSUE)
"""Every field that an editor may write."""

DEEPEST = 4
"""Levels; the fields of an issue need two."""

EXAMPLE = "Begin the file with a line of three hyphens, then `title:` and `date:`, then three hyphens again."


@dataclass(frozen=True, slots=True)
class Field:
    """One field as it stands in the file."""

    value: tuple[str, ...]
    """One text, or the items of a list."""
    is_list: bool
    line: int

    @property
    def text(self) -> str:
        """The value on one line; a space that is meant to be another one, such as before a French colon, stays it."""
        return on_one_line(", ".join(self.value))


def on_one_line(text: str) -> str:
    """Return a text as one line, with each run of plain spaces as one, and without what nobody can see."""
    return _BREAKS.sub(" ", _INVISIBLE.sub("", text)).strip()


_BREAKS = re.compile("[ \\t-\\r\\x1c-\\x1f\\x85\\u2028\\u2029]+")


def read_fields(front_matter: str, found_fields: dict[str, Field], found_problems: list[Problem]) -> bool:
    """Fill in the fields found in YAML; more than `field: text` or `field: [list]` is a problem found.

    Returns whether all of it could be read; if not, the last problem says where reading ended.
    """
    try:
        _take_fields(_plain_events(front_matter, found_problems), found_fields, found_problems)
    except yaml.MarkedYAMLError as exc:
        found_problems.append(_quotation_problem(front_matter) or _yaml_problem(exc, front_matter))
        return False
    except ReaderError as exc:
        found_problems.append(_invisible(front_matter.count("\n", 0, exc.position) + 1))
        return False
    return True


def lines_of_fields(front_matter: str) -> list[tuple[str, int]]:
    """Return the name of each field and the line that it begins on, counted from 0; of what cannot be read, none."""
    found: list[tuple[str, int]] = []
    try:
        events = _plain_events(front_matter, [])
        if not isinstance(next(events, None), yaml.MappingStartEvent):
            return []
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            found.append((event.value.strip() if isinstance(event, yaml.ScalarEvent) else "", _line(event) - 1))
            _skip(event, events)
            _skip(next(events), events)
    except (yaml.MarkedYAMLError, ReaderError):
        return []
    return found


def read_nested_fields(text: str, found_fields: dict[str, Field], found_problems: list[Problem]) -> None:
    """Fill in the fields found in a file of settings: names within a name are joined by a dot, `light.paper`.

    No name is refused here; whoever asks knows which there are.
    """
    try:
        events = _plain_events(text, found_problems)
        _take_nested_fields(events, "", found_fields, found_problems)
        if not found_problems and (more := next(events, None)) is not None:
            # What stands behind three hyphens is another document for YAML, and would be left out without a word.
            found_problems.append(Problem(_line(more), "A second file begins here.", "Take out the line of hyphens."))
    except yaml.MarkedYAMLError as exc:
        found_problems.append(_yaml_problem(exc, text, of="The file"))
    except ReaderError as exc:
        found_problems.append(_invisible(text.count("\n", 0, exc.position) + 1))


def _take_nested_fields(
    events: Iterator[yaml.Event], outer: str, fields: dict[str, Field], problems: list[Problem]
) -> None:
    start = next(events, None)
    if start is None:
        return
    if not isinstance(start, yaml.MappingStartEvent):
        problems.append(Problem(_line(start), "The file is not a list of names.", "Write each as `name: text`."))
        return
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            return
        line = _line(event)
        if not isinstance(event, yaml.ScalarEvent):
            _skip(event, events)
            _skip(next(events), events)
            problems.append(Problem(line, "This is not a name.", "Write each as `name: text`."))
            continue
        name = f"{outer}{event.value.strip()}"
        value = next(events)
        if isinstance(value, yaml.MappingStartEvent):
            _take_nested_fields(itertools.chain([value], events), f"{name}.", fields, problems)
            continue
        field = _read_value(name, itertools.chain([value], events), problems)
        if name in fields:
            problems.append(
                Problem(line, f"`{name}` is there twice.", f"Keep one; the first is on line {fields[name].line}.")
            )
        elif field is not None:
            fields[name] = field


def _take_fields(events: Iterator[yaml.Event], fields: dict[str, Field], problems: list[Problem]) -> None:
    start = next(events, None)
    if start is None:
        return
    if not isinstance(start, yaml.MappingStartEvent):
        problems.append(Problem(_line(start), "The front matter is not a list of fields.", EXAMPLE))
        return
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            return
        name = event.value.strip() if isinstance(event, yaml.ScalarEvent) else ""
        line = _line(event)
        if not isinstance(event, yaml.ScalarEvent):
            _skip(event, events)
        field = _read_value(name, events, problems)
        if name not in FIELDS:
            shown = f"`{name}`" if name else "This"
            problems.append(Problem(line, f"{shown} is not a field of an issue.", f"The fields are {listed(FIELDS)}."))
        elif name in fields:
            problems.append(
                Problem(line, f"`{name}` is there twice.", f"Keep one; the first is on line {fields[name].line}.")
            )
        elif field is not None:
            fields[name] = field


def _plain_events(front_matter: str, problems: list[Problem]) -> Iterator[yaml.Event]:
    """Yield what stands for text and structure; report aliases, anchors and tags."""
    depth = 0
    for event in yaml.parse(front_matter, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            # Stop reading: the time that YAML takes grows with the square of the depth.
            mark = event.start_mark if isinstance(event.start_mark, Mark) else None
            raise ParserError(None, None, "too many brackets inside one another", mark)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            problems.append(
                Problem(
                    _line(event),
                    f"`&{anchor}` or `*{anchor}` is a YAML anchor or alias, which issues do not use.",
                    "Write the text itself; put it in quotes if it begins with & or *.",
                )
            )
        if getattr(event, "tag", None) is not None:
            problems.append(
                Problem(
                    _line(event),
                    "A word that begins with ! is a YAML tag, which issues do not use.",
                    "Write the text itself; put it in quotes if it begins with !.",
                )
            )
        if isinstance(event, yaml.ScalarEvent) and _INVISIBLE.search(event.value):
            # YAML refuses these in a file, but not as an escape in quotes; feeds and databases cannot hold them.
            problems.append(_invisible(_line(event)))
            event.value = _INVISIBLE.sub("", event.value)
        if isinstance(event, (yaml.NodeEvent, yaml.CollectionEndEvent)):
            yield event


def _read_value(name: str, events: Iterator[yaml.Event], problems: list[Problem]) -> Field | None:
    """Return the field whose key was just read, or None after reporting why it cannot be one."""
    event = next(events)
    line = _line(event)
    if isinstance(event, yaml.ScalarEvent):
        return Field((event.value.strip(),), is_list=False, line=line)
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[str] = []
        nested = False
        for item in events:
            if isinstance(item, yaml.SequenceEndEvent):
                break
            if isinstance(item, yaml.ScalarEvent):
                items.append(item.value.strip())
            else:
                nested = True
                _skip(item, events)
        if not nested:
            return Field(tuple(items), is_list=True, line=line)
    elif not isinstance(event, yaml.AliasEvent):
        _skip(event, events)
    if not isinstance(event, yaml.AliasEvent):
        problems.append(
            Problem(line, f"`{name}` holds fields or lists of its own.", "Give it one text, or a list of texts.")
        )
    return None


def _skip(event: yaml.Event, events: Iterator[yaml.Event]) -> None:
    """Pass over a collection that was just begun, however deep, without recursion."""
    depth = int(isinstance(event, yaml.CollectionStartEvent))
    while depth:
        event = next(events)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)


_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def _invisible(line: int) -> Problem:
    return Problem(line, "This line holds an invisible character.", "Delete it and type it again.")


_WHOLE = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*(?:#.*)?""")
"""A value in quotation marks that close, and nothing behind it but a remark."""


def _quotation_problem(front_matter: str) -> Problem | None:
    """Return the first field whose quotation marks do not enclose all of it, which YAML only notices lines later."""
    lines = front_matter.split("\n")
    for number, (line, below) in enumerate(zip(lines, [*lines[1:], ""], strict=True), start=1):
        field = re.match(r"([a-z_]+):[ \t]+([\"'].*)", line)
        if field is None or below.startswith((" ", "\t")) or _WHOLE.fullmatch(field[2].strip()):
            continue
        name, value, mark = field[1], field[2].strip(), field[2][0]
        if value.endswith(mark) and len(value) > 1:
            what, meant = "there are quotation marks within its quotation marks", value[1:-1]
        elif mark in value[1:]:
            what, meant = "words stand behind its quotation marks", value
        else:
            what, meant = "its quotation mark does not close", value[1:]
        message = f"The field `{name}` cannot be read: {what}."
        return Problem(number, message, f"Write it like this: {in_quotes(name, meant.strip())}")
    return None


def in_quotes(name: str, value: str) -> str:
    """Return a field as YAML that means just this text."""
    if '"' in value:
        quote = "'"
        return f"{name}: {quote}{value.replace(quote, quote * 2)}{quote}"
    return f'{name}: "{value}"'


def _yaml_problem(exc: yaml.MarkedYAMLError, source: str, *, of: str = "The front matter") -> Problem:
    mark = exc.problem_mark if exc.problem_mark is not None else exc.context_mark
    line = mark.line + 1 if mark is not None else None
    what = exc.problem or exc.context or "it is not YAML"
    if "mapping values are not allowed" in what:
        field = re.match(r"([a-z_]+):[ \t]+(.*)", source.split("\n")[line - 1]) if line else None
        name, value = (field[1], field[2].strip()) if field else ("title", "Care: who decides?")
        return Problem(
            line, "There is a second colon in this field.", f"Put the text in quotes: {in_quotes(name, value)}"
        )
    if "\\t" in what:
        return Problem(line, "There is a tab where YAML wants spaces.", "Use spaces.")
    return Problem(
        line,
        f"{of} cannot be read: {what}.",
        "Write each field as `name: text` on its own line; put text with : # [ ] { } or quotes into quotes.",
    )


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 1


def listed(names: tuple[str, ...], conjunction: str = "and") -> str:
    """Return words as a list in a sentence."""
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"
