"""Telling the editors something by email."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsletter.errors import SendRejectedError, TeamUnreadError

if TYPE_CHECKING:
    from newsletter.core.content import MailContent
    from newsletter.core.ports import Mailer, MailRenderer
    from newsletter.core.team import Editor

LOG = logging.getLogger(__name__)


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

        An address that SES refuses keeps nothing from the others: it is an error only if nobody was reached.
        """
        refused: list[SendRejectedError] = []
        recipients = self._recipients()
        for editor in recipients:
            try:
                self.mailer.send(editor.email, written_for(editor), kind="editors")
            except SendRejectedError as refusal:
                refused.append(refusal)
        if refused and len(refused) == len(recipients):
            raise refused[0]

    def _recipients(self) -> tuple[Editor, ...]:
        try:
            return self.team
        except TeamUnreadError as problem:
            if self.stand_in is None:
                raise
            # Better one person who hears of it than nobody; links in it open nothing for somebody who left the team.
            LOG.error("the team cannot be read (%s), so an email to the editors goes to EditorEmail alone", problem)
            return (self.stand_in,)
