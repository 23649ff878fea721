"""What signing in at the desk touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from newsletter.core.ports import Counters, Mailer, MailRenderer
    from newsletter.desk.domain.activity import Activity
    from newsletter.desk.domain.invitation import Invitation
    from newsletter.desk.domain.member import Member
    from newsletter.desk.domain.session import Session
    from newsletter.desk.domain.sign_in_attempt import SignInAttempt
    from newsletter.readers.limiter import Limiter


class MemberStore(Protocol):
    """Who may sign in."""

    def get(self, member_id: str) -> Member | None: ...

    def all(self) -> Sequence[Member]:
        """Return the team, by name."""
        ...

    def put(self, member: Member, *, joins: bool | None = None, other_owner: str = "") -> bool:
        """Add a member, or change the roles of one; return whether it was done.

        Args:
            member: As they are from now on.
            joins: Whether they are added. It is not done if there is one already, or if there is none to change; None
                does it in either case.
            other_owner: The id of another owner. It is not done if they are none any more at this moment.
        """
        ...

    def remove(self, member_id: str, *, other_owner: str = "") -> bool:
        """Remove a member; return whether it was done, with `other_owner` as in `put`."""
        ...

    def end_sessions(self, member_id: str, at: datetime) -> None:
        """End every session of a member that was opened before this moment, and change nothing else of them."""
        ...


class SessionStore(Protocol):
    """Signed-in browsers, and attempts to become one."""

    def open(self, session: Session) -> None: ...

    def find(self, session_hash: str) -> Session | None: ...

    def note_use(self, session: Session, now: datetime) -> None:
        """Remember that the session is in use at this moment."""
        ...

    def close(self, session_hash: str) -> None: ...

    def begin(self, attempt: SignInAttempt) -> None:
        """Remember an attempt."""
        ...

    def attempt(self, attempt_id: str) -> SignInAttempt | None: ...

    def count_guess(self, attempt_id: str, *, most: int) -> bool:
        """Count one more wrong code, before it is compared; return whether there was one left."""
        ...

    def use_up(self, attempt_id: str) -> bool:
        """Mark the attempt as used; return whether it was not used before. Of two at once, one gets it."""
        ...


class ActivityLog(Protocol):
    """What everybody did; nothing in it is ever changed."""

    def note(self, activity: Activity) -> None: ...

    def month(self, month: str, *, most: int) -> Sequence[Activity]:
        """Return the newest activities of a month such as `2026-12`, newest first."""
        ...


class SignInQueue(Protocol):
    """Emails about signing in, to be written: each with a link, and invitations."""

    def mail(self, attempt_id: str) -> None: ...
    def invite(self, invitation: Invitation) -> None: ...


@dataclass(frozen=True, slots=True)
class AskPorts:
    """What asking for a link touches."""

    members: MemberStore
    sessions: SessionStore
    queue: SignInQueue
    limiter: Limiter


@dataclass(frozen=True, slots=True)
class SignInMailPorts:
    """What the email with the link touches."""

    members: MemberStore
    sessions: SessionStore
    mailer: Mailer
    mails: MailRenderer
    public_url: str


@dataclass(frozen=True, slots=True)
class SessionPorts:
    """What opening, keeping and ending a session touches."""

    members: MemberStore
    sessions: SessionStore
    activities: ActivityLog
    counters: Counters
