"""The ports of this wing in memory: for the tests of jobs, and held to the same contracts as the real adapters."""

from __future__ import annotations

from datetime import datetime

from newsletter.desk.domain.decision import Decision


class PlainLinks:
    """Links that say what they are for."""

    def to_decide(self, decision: Decision, *, now: datetime) -> str:
        whose = f"/{decision.editor.editor_id}" if decision.editor and decision.editor.name else ""
        return f"https://b.example.org/decide/{decision.verb}/{decision.content_hash[:4]}{whose}"

    def to_test(self, decision: Decision, *, now: datetime) -> str:
        return "https://b.example.org/test"

    def to_page(self, slug: str, *, since: datetime) -> str:
        return f"https://b.example.org/preview/{slug}.{since:%Y%m%d%H%M%S}/"
