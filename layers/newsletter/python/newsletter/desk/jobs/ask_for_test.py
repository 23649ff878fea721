"""An editor wants a test: the email of an issue to one of the editors, asked for here and sent by `publish`."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from newsletter.desk.domain.decision import Decision
from newsletter.desk.ports import TestPorts

TESTS_PER_HOUR = 20
"""Of one issue. Whoever tries it in ten mail programs needs ten."""


class TestAnswer(StrEnum):
    """What came of asking for a test."""

    __test__ = False  # not one of pytest's

    ASKED = "asked"
    TOO_MANY = "too_many"
    NOBODY = "nobody"
    """The address is no editor's."""
    GONE = "gone"
    """There is no such issue any more."""


def ask_for_test(decision: Decision, editor_id: str, *, ports: TestPorts, now: datetime) -> TestAnswer:
    """Ask for the issue's email to one of the editors; it goes to nobody else, and changes nothing.

    Args:
        decision: What the link speaks of.
        editor_id: To whom.
        ports: What asking touches.
        now: The present.
    """
    if not any(editor.editor_id == editor_id for editor in ports.editors.team):
        return TestAnswer.NOBODY
    record = ports.issues.get(decision.slug)
    if record is None or record.withdrawn:
        return TestAnswer.GONE
    hour = f"{now:%Y-%m-%dT%H}"
    used = ports.counters.bump(f"test#{decision.slug}#{hour}", expires_at=now + timedelta(hours=2))
    if used > TESTS_PER_HOUR:
        return TestAnswer.TOO_MANY
    ports.publish_queue.mail_test(decision.slug, editor_id)
    return TestAnswer.ASKED
