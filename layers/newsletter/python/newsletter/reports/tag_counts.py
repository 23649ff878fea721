"""Which tags readers have, and how many readers each, as the last night counted them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from newsletter.reports.domain.report_name import TAGS

if TYPE_CHECKING:
    from newsletter.issues.ports import ContentStore


def tag_counts(content: ContentStore) -> dict[str, int]:
    """Return readers by tag; empty before the first night."""
    return {str(tag): int(number) for tag, number in json.loads(content.report(TAGS) or "{}").items()}
