"""Entering the desk: whose session a request comes with, if it still lets anybody in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter.desk.domain.member import Member
from newsletter.desk.domain.session import NOTED_EVERY, Session, hash_of
from newsletter.desk.session_ports import SessionPorts


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody of the team at the desk."""

    member: Member
    session: Session


def enter(secret: str, *, ports: SessionPorts, now: datetime) -> Visitor | None:
    """Return who comes with this cookie; None if nobody of the team, or not any more.

    Session and member are read at every request: a removal, another role, a sign-out count at once.
    """
    session = ports.sessions.find(hash_of(secret)) if secret else None
    member = ports.members.get(session.member_id) if session is not None else None
    if session is None or member is None or not session.is_open(member, now):
        return None
    if now - session.used_at >= NOTED_EVERY:
        ports.sessions.note_use(session, now)
    return Visitor(member, session)
