"""A document of a word processor, made into the draft of an issue."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

ENDING = ".docx"

NOT_KEPT = "Not kept from the document:"
"""Begins a remark in a converted draft; what follows it is a finding until the remark is taken out."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a document holds that an issue can hold."""

    title: str
    markdown: str
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    """By the names that the text uses."""
    not_kept: tuple[str, ...] = ()
    """What an issue cannot hold, as words such as `comments`."""

    def draft(self, slug: str, *, today: datetime.date, made_from: str) -> str:
        """Return the file of an issue: a draft of the day in its name, or of today. A remark keeps `made_from`."""
        dated = re.match(r"\d{4}-\d{2}-\d{2}(?=-|$)", slug)
        title = self.title or slug[dated.end() if dated else 0 :].strip("-").replace("-", " ").capitalize() or slug
        remarks = "".join(f"<!-- {NOT_KEPT} {each} -->\n\n" for each in self.not_kept)
        # JSON is YAML: whatever the title holds, it is one text.
        fields = (
            f"title: {json.dumps(title, ensure_ascii=False)}\ndate: {dated[0] if dated else today}\nstatus: draft\n"
        )
        return f"---\n{fields}---\n\n<!-- {made_from} -->\n\n{remarks}{self.markdown}\n"
