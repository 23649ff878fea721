"""An issue file, read: YAML front matter between two lines of hyphens, then Markdown.

Everything that is wrong with a file is found at once, each with its line and its remedy.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from newsletter.core.audience.grammar import parse_audience
from newsletter.core.audience.reading_rhythm import MONTH, month_of, next_month
from newsletter.core.language import FALLBACK, tag
from newsletter.core.time_zones import WallTime
from newsletter.errors import InvalidAudienceError, InvalidIssueError
from newsletter.issues.domain.issue import WRITTEN_POLICIES, Issue, Problem, SendPolicy, is_slug
from newsletter.issues.domain.upload import LARGEST_ISSUE
from newsletter.issues.writing.markdown import Body, Markdown
from newsletter.issues.writing.weights import heaviest
from newsletter.issues.writing.written_dates import looks_like_hour, only_date, read_hour
from newsletter.issues.writing.yaml_fields import EXAMPLE, Field, listed, read_fields

LARGEST_FRONT_MATTER = 16 * 1024
"""Characters. More than that is text in the wrong place."""

STATUSES = {"ready": True, "draft": False}

YEARS = range(1900, 2200)
"""Of an issue. Beyond them, a day with a time of day soon leaves the calendar that Python knows."""


def parse_issue(slug: str, source: bytes) -> Issue:
    """Return the issue that the file holds; see `read_issue`."""
    return read_issue(slug, source, Markdown())[0]


def read_issue(slug: str, source: bytes, markdown: Markdown, field_keys: Collection[str] = ()) -> tuple[Issue, Body]:
    """Return the issue that the file holds, and its text, which is parsed when the first asks for it.

    Args:
        slug: Of the issue.
        source: The file.
        markdown: Reads its text.
        field_keys: Of the fields of readers that a placeholder can name.

    Raises:
        InvalidIssueError: The file cannot be published; it names everything that is wrong with it.
    """
    return _read(f"issues/{slug}.md", slug, source, markdown, field_keys)


def read_translation(
    original: Issue, code: str, source: bytes, markdown: Markdown, field_keys: Collection[str] = ()
) -> tuple[Issue, Body]:
    """Return the translation that the file holds, and its text; what it leaves out, it has of the original.

    Args:
        original: The issue that it is a translation of.
        code: The language in the name of its file.
        source: The file.
        markdown: Reads its text.
        field_keys: Of the fields of readers that a placeholder can name.

    Raises:
        InvalidIssueError: As `read_issue` does, and when the two contradict each other.
    """
    key = f"issues/{original.slug}.{code}.md"
    return _read(key, original.slug, source, markdown, field_keys, original=original, code=code)


def _read(
    key: str,
    slug: str,
    source: bytes,
    markdown: Markdown,
    field_keys: Collection[str],
    *,
    original: Issue | None = None,
    code: str = "",
) -> tuple[Issue, Body]:
    text = _decode(key, source)
    front_matter, body = _split(key, text)
    source_hash = hashlib.sha256(source).hexdigest()
    parsed = Body(body, source_hash, markdown, field_keys)
    problems: list[Problem] = [] if is_slug(slug) else [_BAD_SLUG]
    fields: dict[str, Field] = {}
    if not read_fields(front_matter, fields, problems):
        # What else is missing then follows from that: the cause stands alone.
        raise InvalidIssueError(key, problems[-1:])
    reader = _Reader(fields, problems)
    send, send_at = reader.send()
    issue = Issue(
        slug=slug,
        title=reader.required("title", "a title of one line", "title: More for more"),
        subject=reader.text("subject") or reader.text("title"),
        date=original.date if original and "date" not in fields else reader.date(),
        summary=reader.text("summary") or parsed.summary(),
        body=body,
        author=reader.text("author"),
        topics=reader.items("topics"),
        lang=reader.lang(tag(code) or FALLBACK),
        image=reader.text("image"),
        image_alt=reader.text("image_alt"),
        canonical=reader.address("canonical"),
        ready=STATUSES[reader.choice("status", tuple(STATUSES))],
        send=send,
        send_at=send_at,
        audience=reader.audience(),
        digest=reader.digest(),
        accept=reader.items("accept"),
        source_hash=source_hash,
        lines={**{name: field.line for name, field in fields.items()}, "body": text.count("\n") - body.count("\n") + 1},
        translation=code,
    )
    if issue.image and not issue.image_alt:
        problems.append(
            Problem(
                fields["image"].line,
                "`image` has no `image_alt`.",
                "Say in `image_alt` what the picture shows, for those who do not see it.",
            )
        )
    if send_at and "date" in fields and send_at.day < issue.date:
        what = f"`send` is {send_at}, and `date` says that it goes out on {issue.date.isoformat()} at the earliest."
        problems.append(Problem(fields["send"].line, what, f"Write date: {send_at.day}, or a later hour."))
    problems += _digest_problems(issue, fields)
    if not body.strip():
        problems.append(Problem(None, "There is no text below the front matter.", "Write the issue there."))
    if original:
        problems += _contradictions(issue, original, fields)
        issue = _completed(issue, original)
    if problems:
        raise InvalidIssueError(key, sorted(problems, key=lambda problem: problem.line or 0))
    return issue, parsed


OF_THE_ORIGINAL = {
    "date": "date", "send": "send", "status": "ready", "topics": "topics", "audience": "audience",
    "digest": "digest",
}  # fmt: skip
"""What an issue has once, whatever its languages: the field of the front matter, and of `Issue`."""


def _contradictions(issue: Issue, original: Issue, fields: Mapping[str, Field]) -> list[Problem]:
    """Return what a translation says otherwise than its original or its own name."""
    found: list[Problem] = []
    for name, attribute in OF_THE_ORIGINAL.items():
        differs = getattr(issue, attribute) != getattr(original, attribute)
        if name in fields and (differs or (name == "send" and issue.send_at != original.send_at)):
            what = f"`{name}` is not what {original.slug}.md says: an issue has one, in all its languages."
            remedy = f"Leave `{name}` out of the translation, or change it in {original.slug}.md."
            found.append(Problem(fields[name].line, what, remedy))
    if issue.lang.lower() != issue.translation:
        what = f"`{issue.lang}` is not the language in the name of the file, which is `{issue.translation}`."
        found.append(Problem(fields["lang"].line, what, "Leave `lang` out, or rename the file."))
    elif issue.translation == original.lang.lower():
        what = f"{original.slug}.md says that it is in this language itself."
        remedy = f"Set `lang` in {original.slug}.md to the language that it is in, or rename this file."
        found.append(Problem(None, what, remedy))
    return found


def _completed(issue: Issue, original: Issue) -> Issue:
    """Return the translation with what it has of the original."""
    return replace(
        issue,
        date=original.date,
        send=original.send,
        send_at=original.send_at,
        ready=original.ready,
        topics=original.topics,
        audience=original.audience,
        digest=original.digest,
        author=issue.author or original.author,
        image=issue.image or original.image,
        image_alt=issue.image_alt or ("" if issue.image else original.image_alt),
    )


def _digest_problems(issue: Issue, fields: Mapping[str, Field]) -> list[Problem]:
    """Return what is wrong with when a digest goes out: it takes no slot, and its month has to be over."""
    if not issue.digest or issue.translation:
        return []
    if issue.send not in (SendPolicy.AT, SendPolicy.NOW):
        what = "A digest goes out at an hour of its own, and takes no slot of an issue."
        example = f"send: {next_month(issue.digest)}-03 09:00"
        return [Problem(fields["digest"].line, what, f"Write the day and the hour, such as {example}")]
    if issue.send_at and month_of(issue.send_at.day) <= issue.digest:
        what = f"`send` is {issue.send_at}, and the month of the digest, {issue.digest}, is not over then."
        return [Problem(fields["send"].line, what, f"Write an hour from {next_month(issue.digest)}-01 on.")]
    return []


_BAD_SLUG = Problem(
    None,
    "The file name cannot become a web address.",
    "Use small letters a-z, digits and single hyphens, such as 2026-12-01-more-for-more.md.",
)


def _decode(key: str, source: bytes) -> str:
    """Return the file as text with plain line ends."""
    if len(source) > LARGEST_ISSUE:
        what = f"The file has more than {LARGEST_ISSUE:,} bytes. {heaviest(source.decode(errors='replace'))}".rstrip()
        remedy = "Put pictures beside the file instead of into it, or make two issues of it."
        raise InvalidIssueError(key, [Problem(None, what, remedy)])
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
        raise InvalidIssueError(key, [Problem(1, "The file does not begin with front matter.", EXAMPLE)])
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() in ("---", "..."):
            front_matter = "\n".join(["", *lines[1:number]])
            if len(front_matter) > LARGEST_FRONT_MATTER:
                problem = Problem(1, "The front matter is longer than the fields need.", "Shorten it.")
                raise InvalidIssueError(key, [problem])
            return front_matter, "\n".join(lines[number + 1 :])
    problem = Problem(1, "The front matter does not end.", "Put a line of three hyphens below its last field.")
    raise InvalidIssueError(key, [problem])


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
        if not value:
            return datetime.date.min
        found = only_date(value)
        if found is not None and found.readings:
            one, other = (f"{each:%-d %B}" for each in found.readings)
            message = f"`{value}` is not a date that everybody reads alike: it can be {one} or {other}."
            remedy = (
                f"Write the one that you mean: date: {' or date: '.join(each.isoformat() for each in found.readings)}"
            )
            self._complain("date", message, remedy)
        elif found is None or found.day is None:
            self._complain("date", f"`{value}` is not a date.", "Write year, month and day like this: date: 2026-12-01")
        elif found.day.year not in YEARS:
            remedy = f"Use a year from {YEARS[0]} to {YEARS[-1]}."
            self._complain("date", f"`{value}` is in the wrong century.", remedy)
        else:
            return found.day
        return datetime.date.min

    def send(self) -> tuple[SendPolicy, WallTime | None]:
        value = self.text("send")
        if not looks_like_hour(value):
            return SendPolicy(self.choice("send", WRITTEN_POLICIES, "or an hour such as 2026-12-03 14:30")), None
        hour = read_hour(value)
        if isinstance(hour, WallTime) and hour.day.year in YEARS:
            return SendPolicy.AT, hour
        remedy = f"Use a year from {YEARS[0]} to {YEARS[-1]}." if isinstance(hour, WallTime) else hour
        self._complain("send", f"`{value}` is not an hour at which an issue can go out.", remedy)
        return SendPolicy.SCHEDULED, None

    def lang(self, otherwise: str) -> str:
        value = self.text("lang") or otherwise
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

    def audience(self) -> str:
        value = self.text("audience")
        if "audience" not in self._fields:
            return ""
        try:
            return parse_audience(value).text if value else ""
        except InvalidAudienceError as refusal:
            self._complain("audience", f"`audience`, character {refusal.position}: {refusal.message}", refusal.remedy)
            return ""

    def digest(self) -> str:
        value = self.text("digest")
        if value and not MONTH.fullmatch(value):
            self._complain("digest", f"`{value}` is not a month.", "Write year and month like this: digest: 2026-11")
            return ""
        return value

    def choice(self, name: str, choices: tuple[str, ...], otherwise: str = "") -> str:
        value = self.text(name) or choices[0]
        if value in choices:
            return value
        remedy = f"Use {listed(choices, 'or')}{f', {otherwise}' if otherwise else ''}."
        self._complain(name, f"`{value}` is not a value of `{name}`.", remedy)
        return choices[0]

    def _complain(self, name: str, message: str, remedy: str) -> None:
        field = self._fields.get(name)
        problem = Problem(field.line if field is not None else None, message, remedy)
        if problem not in self._problems:
            self._problems.append(problem)
