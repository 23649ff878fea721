"""A file of `settings/` as fields with their lines, or why it is none."""

from __future__ import annotations

from newsletter.issues.domain.issue import Problem
from newsletter.issues.domain.settings_file import LARGEST_SETTINGS
from newsletter.issues.writing.yaml_fields import Field, read_nested_fields


def fields_of(source: bytes, found_problems: list[Problem]) -> dict[str, Field]:
    """Return the fields of a file, names within a name joined by a dot; what is wrong with it is a problem found."""
    if len(source) > LARGEST_SETTINGS:
        found_problems.append(Problem(None, f"The file has more than {LARGEST_SETTINGS:,} bytes.", "Shorten it."))
        return {}
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        found_problems.append(Problem(None, "The file is not written in UTF-8.", "Save it again as UTF-8."))
        return {}
    fields: dict[str, Field] = {}
    read_nested_fields(text, fields, found_problems)
    if found_problems:
        return {}  # of a file that is no YAML the rest says nothing
    if not fields:
        found_problems.append(
            Problem(None, "The file says nothing.", "Write it, or remove it to use what we bring along.")
        )
    return fields


def in_order(found_problems: list[Problem]) -> list[Problem]:
    """Return problems by their lines."""
    return sorted(found_problems, key=lambda problem: problem.line or 0)
