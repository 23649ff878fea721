"""The fields of an issue as a form shows them: read from the top of its file, and written back without a loss.

Only the lines of a field that was changed are written anew; comments, fields that the form does not show, and the
order stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from itertools import pairwise

from newsletter.core.time_zones import WallTime
from newsletter.desk.drafts.draft import plain_lines
from newsletter.issues.writing.written_dates import read_hour

FENCE = "---"
SHOWN = ("title", "subject", "summary", "date", "topics", "lang", "author", "status", "send")
"""The fields that the form shows, in the order in which new ones are written."""

PLAIN = re.compile(r"[A-Za-z0-9À-ɏ][^:#\n\"'\[\]{}|>&*!%@`]*[^\s:#\n\"'\[\]{}|>&*!%@`]|[A-Za-z0-9À-ɏ]")
"""A value that YAML reads as the text it is; any other is quoted."""

OTHERWISE_READ = re.compile(r"(?i)true|false|yes|no|on|off|null|~|[\d.,_]+")


def split(file_text: str) -> tuple[str, str]:
    """Return what stands between the fences, and the text below them; no fences are no fields."""
    lines = plain_lines(file_text).split("\n")
    if lines[0].rstrip() != FENCE:
        return "", "\n".join(lines)
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() in (FENCE, "..."):
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :]).removeprefix("\n")
    return "", "\n".join(lines)


def joined(front_matter: str, text: str) -> str:
    """Return the whole file."""
    return f"{FENCE}\n{front_matter}\n{FENCE}\n\n{text}" if front_matter else text


def text_of_form(fields: Mapping[str, str]) -> str:
    """Return the whole file that a form stands for. Browsers send CR LF, whatever the text had."""
    values = {name: fields[name] for name in SHOWN if name in fields}
    if isinstance(hour := read_hour(values.get("send", "")), WallTime):
        # What goes out at an hour of its own is of that day: the days to choose from are those of the slots.
        values |= {"send": str(hour), "date": hour.day.isoformat()}
    front_matter = with_values(plain_lines(fields.get("front_matter", "")), values)
    return joined(front_matter, plain_lines(fields.get("text", "")))


def picked_hour(written: str) -> str | None:
    """Return what is written in `send` as a browser's picker of hours wants it; None where it cannot show it.

    Source: https://html.spec.whatwg.org/multipage/common-microsyntaxes.html#local-dates-and-times
    """
    if isinstance(hour := read_hour(written), WallTime):
        return str(hour).replace(" ", "T")
    return "" if written in ("", "scheduled") else None


def lines_above(front_matter: str) -> int:
    """Return how many lines of the file stand above the text."""
    return front_matter.count("\n") + 4 if front_matter else 0


def values_of(front_matter: str) -> dict[str, str]:
    """Return the fields that a form shows, each as one line; of what cannot be read, as much as comes before it."""
    return {name: text for name, text in texts_of(front_matter).items() if name in SHOWN}


def texts_of(front_matter: str) -> dict[str, str]:
    """Return every field as one line, the items of a list with commas between them."""
    # Not above: most pages of the desk show no fields, and should not wait for YAML.
    from newsletter.issues.writing.yaml_fields import Field, read_fields

    fields: dict[str, Field] = {}
    read_fields("\n" + front_matter, fields, [])
    return {name: each.text for name, each in fields.items()}


def with_values(front_matter: str, typed_values: Mapping[str, str]) -> str:
    """Return the front matter with these values; a field with an empty one is left out.

    Args:
        front_matter: Without its fences; may be empty.
        typed_values: By field. `topics` names its items with commas between them.
    """
    from newsletter.issues.writing.yaml_fields import on_one_line

    blocks, before = _blocks(front_matter), values_of(front_matter)
    for name in SHOWN:
        if name not in typed_values or on_one_line(typed_values[name]) == before.get(name, ""):
            continue
        written = _written(name, on_one_line(typed_values[name]))
        at = next((index for index, (field, _) in enumerate(blocks) if field == name), None)
        if at is not None:
            blocks[at : at + 1] = [(name, written)] if written else []
        elif written:
            blocks.append((name, written))
    return "\n".join(block for _, block in blocks)


def without_fields(front_matter: str, names: Collection[str]) -> str:
    """Return the front matter without these fields, whatever they hold."""
    return "\n".join(block for name, block in _blocks(front_matter) if name not in names)


def _blocks(front_matter: str) -> list[tuple[str, str]]:
    """Return each field with all its lines; comments and blank lines between them are blocks without a name."""
    from newsletter.issues.writing.yaml_fields import lines_of_fields

    lines = front_matter.split("\n") if front_matter else []
    starts = lines_of_fields(front_matter) or [
        (found[1], number) for number, line in enumerate(lines) if (found := re.match(r"([A-Za-z_]\w*)\s*:", line))
    ]
    blocks = [("", line) for line in lines[: starts[0][1]]] if starts else [("", line) for line in lines]
    for (name, start), (_, after) in pairwise([*starts, ("", len(lines))]):
        end = after
        while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
            end -= 1
        blocks += [(name, "\n".join(lines[start:end])), *(("", line) for line in lines[end:after])]
    return blocks


def _written(name: str, value: str) -> str:
    if not value:
        return ""
    if name == "topics":
        items = [item.strip() for item in value.split(",") if item.strip()]
        # Within brackets a question mark is one of YAML's own.
        texts = [json.dumps(item, ensure_ascii=False) if "?" in item else _scalar(item) for item in items]
        return f"{name}: [{', '.join(texts)}]" if items else ""
    return f"{name}: {_scalar(value)}"


def _scalar(value: str) -> str:
    plain = PLAIN.fullmatch(value) and not OTHERWISE_READ.fullmatch(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?", value):
        return value
    return value if plain and "," not in value else json.dumps(value, ensure_ascii=False)
