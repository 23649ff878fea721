"""An issue file, read: YAML front matter between two lines of hyphens, then Markdown.

YAML is read as events and every value as the text the editor typed. So `lang: no` stays Norwegian, a date is
a date only if we say so, nothing nests, nothing expands, and every problem has its line.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import yaml
from yaml.parser import ParserError
from yaml.reader import ReaderError

from newsletter.adapters.markdown import summarise
from newsletter.domain.issue import Issue, Problem, SendPolicy, is_slug
from newsletter.errors import InvalidIssueError

LARGEST_FILE = 512 * 1024
"""Bytes. A long issue is 40 KB; a mail above 102 KB is cut off by Gmail."""

LARGEST_FRONT_MATTER = 16 * 1024
"""Characters. More than that is text in the wrong place."""

DEEPEST = 4
"""Levels; the fields of an issue need two."""

FIELDS = (
    "title",
    "date",
    "summary",
    "subject",
    "author",
    "topics",
    "lang",
    "image",
    "image_alt",
    "canonical",
    "status",
    "send",
)

STATUSES = {"ready": True, "draft": False}


@dataclass(frozen=True, slots=True)
class Field:
    """One field as it stands in the file."""

    value: tuple[str, ...]
    """One text, or the items of a list."""
    is_list: bool
    line: int

    @property
    def text(self) -> str:
        """The value on one line."""
        return " ".join(", ".join(self.value).split())


def parse_issue(slug: str, source: bytes) -> Issue:
    """Return the issue that the file holds.

    Raises:
        InvalidIssueError: The file cannot be published; it names everything that is wrong with it.
    """
    key = f"issues/{slug}.md"
    text = _decode(key, source)
    front_matter, body = _split(key, text)
    problems: list[Problem] = [] if is_slug(slug) else [_BAD_SLUG]
    fields: dict[str, Field] = {}
    try:
        _read_fields(front_matter, fields, problems)
    except yaml.MarkedYAMLError as exc:
        raise InvalidIssueError(key, [*problems, _yaml_problem(exc)]) from exc
    except ReaderError as exc:
        line = front_matter.count("\n", 0, exc.position) + 1
        invisible = Problem(line, "This line holds an invisible character.", "Delete the line and type it again.")
        raise InvalidIssueError(key, [*problems, invisible]) from exc

    reader = _Reader(fields, problems)
    issue = Issue(
        slug=slug,
        title=reader.required("title", "a title of one line", "title: More for more"),
        subject=reader.text("subject") or reader.text("title"),
        date=reader.date(),
        summary=reader.text("summary") or summarise(body),
        body=body,
        author=reader.text("author"),
        topics=reader.items("topics"),
        lang=reader.lang(),
        image=reader.text("image"),
        image_alt=reader.text("image_alt"),
        canonical=reader.address("canonical"),
        ready=STATUSES[reader.choice("status", tuple(STATUSES))],
        send=SendPolicy(reader.choice("send", tuple(SendPolicy))),
        content_hash=hashlib.sha256(source).hexdigest(),
    )
    if issue.image and not issue.image_alt:
        problems.append(
            Problem(
                fields["image"].line,
                "`image` has no `image_alt`.",
                "Say in `image_alt` what the picture shows, for those who do not see it.",
            )
        )
    if not body.strip():
        problems.append(Problem(None, "There is no text below the front matter.", "Write the issue there."))
    if problems:
        raise InvalidIssueError(key, sorted(problems, key=lambda problem: problem.line or 0))
    return issue


_BAD_SLUG = Problem(
    None,
    "The file name cannot become a web address.",
    "Use small letters a-z, digits and single hyphens, such as 2026-12-01-more-for-more.md.",
)

_EXAMPLE = "Begin the file with a line of three hyphens, then `title:` and `date:`, then three hyphens again."


def _decode(key: str, source: bytes) -> str:
    """Return the file as text with plain line ends."""
    if len(source) > LARGEST_FILE:
        raise InvalidIssueError(
            key,
            [
                Problem(
                    None,
                    f"The file has {len(source):,} bytes; an issue may have {LARGEST_FILE:,}.",
                    "Put pictures beside the file instead of into it, or make two issues of it.",
                )
            ],
        )
    if source.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidIssueError(key, [Problem(1, "The file is UTF-16.", "Save it as UTF-8 and upload it again.")])
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = source.count(b"\n", 0, exc.start) + 1
        problem = Problem(line, "This is not UTF-8 text.", "Save the file as UTF-8 and upload it again.")
        raise InvalidIssueError(key, [problem]) from exc
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        problem = Problem(line, "The file is not text: it holds a zero byte.", "Upload the Markdown file.")
        raise InvalidIssueError(key, [problem])
    return text


def _split(key: str, text: str) -> tuple[str, str]:
    """Return front matter and body; the front matter keeps its first line, so that its lines count right."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        raise InvalidIssueError(key, [Problem(1, "The file does not begin with front matter.", _EXAMPLE)])
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() in ("---", "..."):
            front_matter = "\n".join(["", *lines[1:number]])
            if len(front_matter) > LARGEST_FRONT_MATTER:
                problem = Problem(1, "The front matter is longer than the fields need.", "Shorten it.")
                raise InvalidIssueError(key, [problem])
            return front_matter, "\n".join(lines[number + 1 :])
    problem = Problem(1, "The front matter does not end.", "Put a line of three hyphens below its last field.")
    raise InvalidIssueError(key, [problem])


def _read_fields(front_matter: str, fields: dict[str, Field], problems: list[Problem]) -> None:
    """Fill `fields` from YAML events; more than `field: text` or `field: [list]` becomes a problem."""
    events = iter(_plain_events(front_matter, problems))
    start = next(events, None)
    if start is None:
        return
    if not isinstance(start, yaml.MappingStartEvent):
        problems.append(Problem(_line(start), "The front matter is not a list of fields.", _EXAMPLE))
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
            problems.append(Problem(line, f"{shown} is not a field of an issue.", f"The fields are {_listed(FIELDS)}."))
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
            raise ParserError(None, None, "too many brackets inside one another", event.start_mark)
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


def _yaml_problem(exc: yaml.MarkedYAMLError) -> Problem:
    mark = exc.problem_mark if exc.problem_mark is not None else exc.context_mark
    line = mark.line + 1 if mark is not None else None
    what = exc.problem or exc.context or "it is not YAML"
    if "mapping values are not allowed" in what:
        return Problem(
            line,
            "There is a second colon in this field.",
            'Put the text in quotes: title: "Care: who decides?".',
        )
    if "\\t" in what:
        return Problem(line, "There is a tab where YAML wants spaces.", "Use spaces.")
    return Problem(
        line,
        f"The front matter cannot be read: {what}.",
        "Write each field as `name: text` on its own line; put text with : # [ ] { } or quotes into quotes.",
    )


class _Reader:
    """Takes typed values out of the fields and notes what is wrong with them."""

    def __init__(self, fields: Mapping[str, Field], problems: list[Problem]) -> None:
        self._fields = fields
        self._problems = problems

    def text(self, name: str) -> str:
        field = self._fields.get(name)
        if field is not None and field.is_list:
            self._complain(name, f"`{name}` is a list.", "Give it one text.")
            return ""
        return field.text if field is not None else ""

    def required(self, name: str, what: str, example: str) -> str:
        value = self.text(name)
        if not value:
            self._complain(name, f"The issue has no `{name}`.", f"Add {what} to its front matter: {example}")
        return value

    def items(self, name: str) -> tuple[str, ...]:
        field = self._fields.get(name)
        if field is None:
            return ()
        values = field.value if field.is_list else tuple(field.text.split(","))
        return tuple(value.strip() for value in values if value.strip())

    def date(self) -> datetime.date:
        value = self.required("date", "the day of the issue", "date: 2026-12-01")
        try:
            # Only this form: fromisoformat also reads 20261201 and week dates.
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                return datetime.date.fromisoformat(value)
        except ValueError:
            pass
        if value:
            self._complain("date", f"`{value}` is not a date.", "Write year, month and day like this: date: 2026-12-01")
        return datetime.date.min

    def lang(self) -> str:
        value = self.text("lang") or "en"
        parts = value.split("-")
        if not (parts[0].isascii() and parts[0].isalpha() and 2 <= len(parts[0]) <= 3) or not all(
            part.isascii() and part.isalnum() and len(part) <= 8 for part in parts[1:]
        ):
            self._complain("lang", f"`{value}` is not a language.", "Use a code such as en, cy or pt-BR.")
        return value

    def address(self, name: str) -> str:
        value = self.text(name)
        if not value:
            return ""
        try:
            parts = urlsplit(value)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("https", "http") or not parts.hostname or " " in value:
            self._complain(
                name,
                f"`{value}` is not a web address.",
                f"Write it in full: {name}: https://example.org/page",
            )
        return value

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.text(name) or choices[0]
        if value in choices:
            return value
        self._complain(name, f"`{value}` is not a value of `{name}`.", f"Use {_listed(choices, 'or')}.")
        return choices[0]

    def _complain(self, name: str, message: str, remedy: str) -> None:
        field = self._fields.get(name)
        problem = Problem(field.line if field is not None else None, message, remedy)
        if problem not in self._problems:
            self._problems.append(problem)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 1


def _listed(words: tuple[str, ...], conjunction: str = "and") -> str:
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"
