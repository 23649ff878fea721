"""Names of reports: each send has one of its own name, and the list has one."""

from __future__ import annotations

LIST_GROWTH = "list growth"
WHAT_IS_DUE = "what is due"
"""What may be asked for in place of the report of a send; no send has a space in its name."""

TAGS = "list_tags"
"""Readers by tag, as of the last night. Shape: {tag: number}."""

GROWTH = "list_growth"
"""No issue's name holds a low line, and no rehearsal's begins like this."""
