"""Who may come to the desk, and who is there."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.wiring.readers import ReaderParts

if TYPE_CHECKING:
    from newsletter.desk.adapters.dynamo_activities import DynamoActivities
    from newsletter.desk.adapters.dynamo_passkeys import DynamoPasskeys
    from newsletter.desk.adapters.dynamo_sessions import DynamoSessions
    from newsletter.desk.adapters.sign_in_queue import SqsSignInQueue
    from newsletter.desk.passkey_ports import PasskeyPorts
    from newsletter.desk.session_ports import AskPorts, SessionPorts, SignInMailPorts
    from newsletter.readers.limiter import Limiter


class SessionParts(ReaderParts):
    """Who may come to the desk, and who is there."""

    @cached_property
    def sessions(self) -> DynamoSessions:
        """Signed-in browsers."""
        from newsletter.desk.adapters.dynamo_sessions import DynamoSessions

        return DynamoSessions(self._client("dynamodb"), self.settings.sessions_table)

    @cached_property
    def passkeys(self) -> DynamoPasskeys:
        """The team's passkeys."""
        from newsletter.desk.adapters.dynamo_passkeys import DynamoPasskeys

        return DynamoPasskeys(self._client("dynamodb"), self.settings.sessions_table)

    @cached_property
    def activities(self) -> DynamoActivities:
        """What everybody did."""
        from newsletter.desk.adapters.dynamo_activities import DynamoActivities

        return DynamoActivities(self._client("dynamodb"), self.settings.activities_table)

    @cached_property
    def sign_in_queue(self) -> SqsSignInQueue:
        """Emails with a link to sign in, to be written."""
        from newsletter.desk.adapters.sign_in_queue import SqsSignInQueue

        return SqsSignInQueue(self.queue_at(self.settings.sign_in_queue_url))

    @property
    def ask_ports(self) -> AskPorts:
        """What asking for a link to sign in touches."""
        from newsletter.desk.session_ports import AskPorts

        return AskPorts(self.members, self.sessions, self.sign_in_queue, self._sign_in_limiter)

    @property
    def passkey_ports(self) -> PasskeyPorts:
        """What adding, using and removing passkeys touches."""
        from newsletter.desk.adapters.webauthn_ceremonies import WebAuthnCeremonies
        from newsletter.desk.passkey_ports import PasskeyPorts

        settings = self.settings
        return PasskeyPorts(
            members=self.members,
            sessions=self.sessions,
            activities=self.activities,
            passkeys=self.passkeys,
            ceremonies=WebAuthnCeremonies(settings.public_url.rstrip("/"), settings.newsletter_name),
            limiter=self._sign_in_limiter,
            queue=self.sign_in_queue,
        )

    @property
    def _sign_in_limiter(self) -> Limiter:
        # Its counters have names of their own, by a key that this function has anyway.
        from newsletter.readers.limiter import Limiter

        return Limiter(self.counters, self.policy, self.editor_keys.current)

    @property
    def sign_in_mail_ports(self) -> SignInMailPorts:
        """What the email with the link touches."""
        from newsletter.desk.session_ports import SignInMailPorts

        public_url = self.settings.public_url.rstrip("/")
        return SignInMailPorts(self.members, self.sessions, self.mailer, self.pages, public_url)

    @property
    def session_ports(self) -> SessionPorts:
        """What opening, keeping and ending a session touches."""
        from newsletter.desk.session_ports import SessionPorts

        return SessionPorts(self.members, self.sessions, self.activities, self.counters)
