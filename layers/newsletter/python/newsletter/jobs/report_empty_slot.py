"""A slot in which nothing went out: the editors are told, every time."""

from __future__ import annotations

from datetime import datetime

from newsletter.ports import Mailer, MailRenderer


def report_empty_slot(slot: datetime, verdict: str, *, mailer: Mailer, mails: MailRenderer, editor_email: str) -> None:
    """Mail the editors that this slot (in their own time zone) passed without an issue, and why."""
    mail = mails.mail("editors_nothing_ready", slot=f"{slot:%A} {slot.day} {slot:%B %Y at %H:%M}", why=str(verdict))
    mailer.send(editor_email, mail, kind="editors")
