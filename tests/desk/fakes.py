"""The ports of this wing in memory: for the tests of jobs, and held to the same contracts as the real adapters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from newsletter.desk.domain.activity import Activity
from newsletter.desk.domain.decision import Decision
from newsletter.desk.domain.invitation import Invitation
from newsletter.desk.domain.member import Member
from newsletter.desk.domain.session import Session
from newsletter.desk.domain.sign_in_attempt import SignInAttempt
from newsletter.desk.passkeys.passkey import MOST, Keyring, Passkey, PasskeyChallenge


class PlainLinks:
    """Links that say what they are for."""

    def to_decide(self, decision: Decision, *, now: datetime) -> str:
        whose = f"/{decision.editor.editor_id}" if decision.editor and decision.editor.name else ""
        return f"https://b.example.org/decide/{decision.verb}/{decision.content_hash[:4]}{whose}"

    def to_test(self, decision: Decision, *, now: datetime) -> str:
        return "https://b.example.org/test"

    def to_page(self, slug: str, *, since: datetime) -> str:
        return f"https://b.example.org/preview/{slug}.{since:%Y%m%d%H%M%S}/"


class MemoryMembers:
    """The team; until somebody changes it, the first one."""

    def __init__(self, *first: Member) -> None:
        self._members = {member.member_id: member for member in first}

    def get(self, member_id: str) -> Member | None:
        return self._members.get(member_id)

    def all(self) -> Sequence[Member]:
        return sorted(self._members.values(), key=lambda member: member.label.casefold())

    def put(self, member: Member, *, joins: bool | None = None, other_owner: str = "") -> bool:
        known = member.member_id in self._members
        if (joins is not None and joins is known) or not self._is_owner(other_owner):
            return False
        self._members[member.member_id] = member
        return True

    def remove(self, member_id: str, *, other_owner: str = "") -> bool:
        if not self._is_owner(other_owner):
            return False
        self._members.pop(member_id, None)
        return True

    def end_sessions(self, member_id: str, at: datetime) -> None:
        if member_id in self._members:
            self._members[member_id] = replace(self._members[member_id], sessions_from=at)

    def _is_owner(self, member_id: str) -> bool:
        return not member_id or (member_id in self._members and self._members[member_id].is_owner)


class MemorySessions:
    """Signed-in browsers, and attempts to become one."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.attempts: dict[str, SignInAttempt] = {}

    def open(self, session: Session) -> None:
        self.sessions[session.session_hash] = session

    def find(self, session_hash: str) -> Session | None:
        return self.sessions.get(session_hash)

    def note_use(self, session: Session, now: datetime) -> None:
        if session.session_hash in self.sessions:
            self.sessions[session.session_hash] = replace(session, used_at=now)

    def close(self, session_hash: str) -> None:
        self.sessions.pop(session_hash, None)

    def begin(self, attempt: SignInAttempt) -> None:
        self.attempts[attempt.attempt_id] = attempt

    def attempt(self, attempt_id: str) -> SignInAttempt | None:
        return self.attempts.get(attempt_id)

    def count_guess(self, attempt_id: str, *, most: int) -> bool:
        attempt = self.attempts.get(attempt_id)
        if attempt is None or attempt.guesses >= most:
            return False
        self.attempts[attempt_id] = replace(attempt, guesses=attempt.guesses + 1)
        return True

    def use_up(self, attempt_id: str) -> bool:
        attempt = self.attempts.get(attempt_id)
        if attempt is None or attempt.used:
            return False
        self.attempts[attempt_id] = replace(attempt, used=True)
        return True


class MemoryActivities:
    """A log that is only added to."""

    def __init__(self) -> None:
        self._activities: list[Activity] = []

    def note(self, activity: Activity) -> None:
        self._activities.append(activity)

    def month(self, month: str, *, most: int) -> Sequence[Activity]:
        found = [each for each in self._activities if f"{each.at:%Y-%m}" == month]
        return sorted(found, key=lambda each: each.at, reverse=True)[:most]


class MemorySignInQueue:
    """The attempts whose emails are to be written."""

    def __init__(self) -> None:
        self.waiting: list[str] = []
        self.invited: list[Invitation] = []
        self.told: list[str] = []

    def mail(self, attempt_id: str) -> None:
        self.waiting.append(attempt_id)

    def invite(self, invitation: Invitation) -> None:
        self.invited.append(invitation)

    def tell_of_passkey(self, member_id: str) -> None:
        self.told.append(member_id)


class MemoryPasskeys:
    """Passkeys, whose they are, and what is being asked of a device."""

    def __init__(self) -> None:
        self.kept: dict[str, Passkey] = {}
        self.challenges: dict[str, PasskeyChallenge] = {}
        self._keyrings: dict[str, Keyring] = {}

    def keyring(self, member_id: str) -> Keyring:
        return self._keyrings.get(member_id, Keyring())

    def start_keyring(self, member_id: str, user_handle: bytes) -> Keyring:
        known = self.keyring(member_id)
        self._keyrings[member_id] = replace(known, user_handle=known.user_handle or user_handle)
        return self._keyrings[member_id]

    def decline(self, member_id: str) -> None:
        self._keyrings[member_id] = replace(self.keyring(member_id), declined=True)

    def of_member(self, member_id: str) -> Sequence[Passkey]:
        found = [self.kept[each] for each in self.keyring(member_id).passkey_ids]
        return sorted(found, key=lambda each: (each.added_at, each.passkey_id))

    def find(self, passkey_id: str) -> Passkey | None:
        return self.kept.get(passkey_id)

    def add(self, passkey: Passkey) -> bool:
        keyring = self.keyring(passkey.member_id)
        full = len(keyring.passkey_ids) >= MOST
        if passkey.passkey_id in self.kept or full or keyring.user_handle != passkey.user_handle:
            return False
        self.kept[passkey.passkey_id] = passkey
        self._keyrings[passkey.member_id] = replace(keyring, passkey_ids=keyring.passkey_ids | {passkey.passkey_id})
        return True

    def note_use(self, passkey: Passkey, sign_count: int, now: datetime) -> bool:
        kept = self.kept.get(passkey.passkey_id)
        if kept is None or kept.is_copied(sign_count):
            return False
        self.kept[passkey.passkey_id] = replace(kept, sign_count=sign_count, used_at=now)
        return True

    def remove(self, member_id: str, passkey_id: str) -> bool:
        kept = self.kept.get(passkey_id)
        if kept is None or kept.member_id != member_id:
            return False
        del self.kept[passkey_id]
        keyring = self.keyring(member_id)
        self._keyrings[member_id] = replace(keyring, passkey_ids=keyring.passkey_ids - {passkey_id})
        return True

    def remove_all(self, member_id: str) -> None:
        for passkey_id in self.keyring(member_id).passkey_ids:
            del self.kept[passkey_id]
        self._keyrings.pop(member_id, None)

    def ask(self, challenge: PasskeyChallenge) -> None:
        self.challenges[challenge.challenge_hash] = challenge

    def take(self, challenge_hash: str) -> PasskeyChallenge | None:
        return self.challenges.pop(challenge_hash, None)
