"""Signing out: in this browser, or everywhere at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from newsletter.desk.domain.activity import Activity
from newsletter.desk.session_ports import SessionPorts
from newsletter.desk.sessions.enter import Visitor


def sign_out(visitor: Visitor, *, everywhere: bool, ports: SessionPorts, now: datetime) -> None:
    """End this session, or all of this member's."""
    if everywhere:
        # A moment later than now: a session that was opened in this very moment ends too.
        ports.members.end_sessions(visitor.member.member_id, now + timedelta(microseconds=1))
    ports.sessions.close(visitor.session.session_hash)
    did = "signed out everywhere" if everywhere else "signed out"
    ports.activities.note(Activity(now, visitor.member.label, did, session=visitor.session.name))
