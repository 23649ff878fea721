"""Telling the editors something by email."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsletter.errors import (
    NOTHING_NOW,
    NewsletterError,
    RecipientNotVerifiedError,
    SendRejectedError,
    SendThrottledError,
    TeamUnreadError,
    is_lasting,
)

if TYPE_CHECKING:
    from newsletter.core.content import MailContent
    from newsletter.core.ports import Mailer, MailRenderer
    from newsletter.core.team import Editor

LOG = logging.getLogger(__name__)

TRIES = 3
"""For one editor, where SES takes one email a second, as in its sandbox."""

SECOND = 1.1


class KeptTeam(Protocol):
    """The team as the desk keeps it."""

    def editors(self) -> tuple[Editor, ...] | None:
        """Return who gets the editors' emails; None as long as nobody changed the team that the deployment names.

        Raises:
            TeamUnreadError: It cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Editors:
    """Whoever writes and releases issues, each reached at an address of their own."""

    mailer: Mailer
    mails: MailRenderer
    first: tuple[Editor, ...]
    """The team as the deployment's parameters name it, until the desk keeps one."""
    kept: KeptTeam | None = None
    """None where there is no desk."""
    stand_in: Editor | None = None
    """Gets the emails if the team cannot be read; None lets them fail."""
    sleep: Callable[[float], None] = lambda _: None
    """Takes seconds; only between the emails to two editors."""

    @property
    def team(self) -> tuple[Editor, ...]:
        """The team as it is at this moment; it is read at every look.

        Raises:
            TeamUnreadError: It cannot be read; whoever decides by it has to wait.
        """
        kept = self.kept.editors() if self.kept is not None else None
        return self.first if kept is None else kept

    def tell(self, name: str, /, **context: object) -> None:
        """Send the email `templates/email/<name>.*` to each editor, in exactly one attempt.

        Raises:
            SendThrottledError, SendOutcomeUnknownError, SendRejectedError, SendingPausedError.
        """
        self.send(self.mails.mail(name, lang="", **context))

    def send(self, mail: MailContent) -> None:
        """Send an email that is written already to each editor; raises as `tell` does."""
        self.send_each(lambda _: mail)

    def send_each(self, written_for: Callable[[Editor], MailContent]) -> None:
        """Send each editor an email of their own; raises as `tell` does.

        An address that SES refuses, or bars in its sandbox, keeps nothing from the others: it is an error only if
        nobody was reached. Where SES takes nothing any more once somebody was, it is none either: whoever asks again
        would mail those again who have it.
        """
        barred: list[NewsletterError] = []
        recipients = self._recipients()
        for place, editor in enumerate(recipients):
            reached = place > len(barred)
            try:
                self._send(editor, written_for(editor), patient=reached)
            except (SendRejectedError, RecipientNotVerifiedError) as refusal:
                barred.append(refusal)
            except NOTHING_NOW as refusal:
                if not reached:
                    raise
                LOG.error("%s; so %d editors do not get an email that others got", refusal, len(recipients) - place)
                return
        if barred and len(barred) == len(recipients):
            raise next((each for each in barred if isinstance(each, NOTHING_NOW)), barred[0])

    def _send(self, editor: Editor, mail: MailContent, *, patient: bool) -> None:
        """Send one email; where the others have theirs, wait for the next second of an account that is slow."""
        for _ in range(TRIES if patient else 0):
            try:
                return self.mailer.send(editor.email, mail, kind="editors")
            except SendThrottledError as refusal:
                if is_lasting(refusal):
                    raise
                self.sleep(SECOND)
        return self.mailer.send(editor.email, mail, kind="editors")

    def _recipients(self) -> tuple[Editor, ...]:
        try:
            return self.team
        except TeamUnreadError as problem:
            if self.stand_in is None:
                raise
            # Better one person who hears of it than nobody; links in it open nothing for somebody who left the team.
            LOG.error("the team cannot be read (%s), so an email to the editors goes to EditorEmail alone", problem)
            return (self.stand_in,)
