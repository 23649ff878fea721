"""A slot in which nothing went out: the editors are told, every time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from newsletter.domain.issue_record import IssueRecord
from newsletter.ports import Mailer, MailRenderer


def report_empty_slot(
    slot: datetime,
    verdict: str,
    waiting: Sequence[IssueRecord] = (),
    *,
    mailer: Mailer,
    mails: MailRenderer,
    editor_email: str,
) -> None:
    """Mail the editors that this slot (in their own time zone) passed without an issue, and why.

    Args:
        slot: The slot.
        verdict: What became of it.
        waiting: Issues that would have gone, had somebody approved or released them.
        mailer: Sends the mail.
        mails: Writes it.
        editor_email: Whom to tell.
    """
    mail = mails.mail(
        "editors_nothing_ready",
        slot=f"{slot:%A} {slot.day} {slot:%B %Y at %H:%M}",
        why=str(verdict),
        waiting=[(each.title, "held" if each.held else "not approved") for each in waiting],
    )
    mailer.send(editor_email, mail, kind="editors")
