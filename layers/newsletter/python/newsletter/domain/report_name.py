"""Names of reports: each send has one of its own name, and the list has one."""

from __future__ import annotations

GROWTH = "list_growth"
"""No issue's name holds a low line, and no rehearsal's begins like this."""
