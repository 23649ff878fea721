"""What a machine can put right in a draft by itself, and how an editor says that a finding is meant so."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from newsletter.desk.drafts.issue_fields import joined, lines_above, split, texts_of, without_fields
from newsletter.errors import InvalidRequestError
from newsletter.issues.checking.preflight_codes import CODES
from newsletter.web.wrapped_link import unwrapped

ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"]+")
HEADING = re.compile(r"(#{1,6})(\s+\S.*)")
BULLET = re.compile(r"(\s*)[·•]\s*(?=\S)")
BOX = {"[ ]": "☐", "[x]": "☑", "[X]": "☑"}
ATTRIBUTES = re.compile(r"\s*\{[.#:][^{}]*\}")


def mend(file_text: str, code: str, line: int) -> str:
    """Return the file with one finding put right.

    Args:
        file_text: The whole draft.
        code: Of the finding, one of `MENDS`.
        line: Of the file, counted from 1, as the finding names it.

    Raises:
        InvalidRequestError: No machine can do this, or the line does not have it any more.
    """
    front_matter, body = split(file_text)
    lines, at = body.split("\n"), line - lines_above(front_matter) - 1
    if code not in MENDS:
        raise InvalidRequestError("this takes a person: no machine knows what should stand there")
    after = MENDS[code](lines, at) if 0 <= at < len(lines) else lines
    if after == lines:
        raise InvalidRequestError("this line has changed meanwhile, and has nothing to fix any more")
    return joined(front_matter, "\n".join(after))


def accept(file_text: str, code: str) -> str:
    """Return the file with a finding accepted in its front matter, so that it is not named again.

    Raises:
        InvalidRequestError: It would break the send or the law, or there is no such finding.
    """
    if not can_be_accepted(code):
        raise InvalidRequestError("this cannot be accepted; it has to be put right")
    front_matter, body = split(file_text)
    known = [each.strip() for each in texts_of(front_matter).get("accept", "").split(",")]
    codes = ", ".join(dict.fromkeys([*filter(None, known), code]))
    kept = without_fields(front_matter, {"accept"})
    return joined(f"{kept}\naccept: [{codes}]".lstrip("\n"), body)


def can_be_accepted(code: str) -> bool:
    """Return whether an editor may say that a finding is meant so."""
    return code in CODES and not CODES[code].final and CODES[code].check != "accept"


def _on_the_line(change: Callable[[str], str]) -> Callable[[Sequence[str], int], list[str]]:
    return lambda lines, at: [*lines[:at], change(lines[at]), *lines[at + 1 :]]


def _without_line(lines: Sequence[str], at: int) -> list[str]:
    return [*lines[:at], *lines[at + 1 :]] if not lines[at].strip("# \t") else [*lines]


def _one_rank_deeper(lines: Sequence[str], at: int) -> list[str]:
    """Return the lines with a heading one rank below the one before it."""
    heading = HEADING.fullmatch(lines[at])
    before = next((found[1] for line in reversed(lines[:at]) if (found := HEADING.fullmatch(line))), "#")
    return [*lines[:at], f"{before}#{heading[2]}", *lines[at + 1 :]] if heading else [*lines]


def _list(lines: Sequence[str], at: int) -> list[str]:
    """Return the lines with a word processor's bullets, from here to the end of the list, as Markdown has them."""
    end = at
    while end < len(lines) and BULLET.match(lines[end]):
        end += 1
    above = [""] if at and lines[at - 1].strip() else []  # a list begins behind a blank line
    return [*lines[:at], *above, *(BULLET.sub(r"\1- ", line, count=1) for line in lines[at:end]), *lines[end:]]


def _boxes(line: str) -> str:
    for box, sign in BOX.items():
        line = line.replace(box, sign)
    return line


MENDS: dict[str, Callable[[Sequence[str], int], list[str]]] = {
    "attribute-list": _on_the_line(lambda line: ATTRIBUTES.sub("", line)),
    "heading-empty": _without_line,
    "heading-skips": _one_rank_deeper,
    "link-http": _on_the_line(lambda line: line.replace("http://", "https://")),
    "link-wrapped": _on_the_line(lambda line: ADDRESS.sub(lambda found: unwrapped(found[0]), line)),
    "list-unread": _list,
    "task-list": _on_the_line(_boxes),
}
"""By code: takes the lines of the text and the place of one, and returns the lines as they should be."""
