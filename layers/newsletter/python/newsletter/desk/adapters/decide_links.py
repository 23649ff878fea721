"""The links in the editors' mails, as queries of an address: how they are written and how they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from newsletter.core.link_token import ID_BYTES, Purpose, SigningKeys, read, sign
from newsletter.core.team import Editor
from newsletter.desk.domain.decision import Decision, Verb
from newsletter.errors import ExpiredTokenError, InvalidTokenError
from newsletter.issues.domain.issue import is_slug

TOO_OLD = "the link is too old; add an empty line to the issue's file, upload it again, and a new preview comes"
"""For editors, and so in no other language than English."""

TEST = "test"
"""In place of a verb: a test is asked for, and nothing is decided."""

NOT_OF_THE_TEAM = "whoever this link was mailed to is not among the editors any more"


@dataclass(frozen=True, slots=True)
class DecideLinks:
    """Makes the links."""

    public_url: str
    keys: SigningKeys

    def to_decide(self, decision: Decision, *, now: datetime) -> str:
        """Return the address of the page with the button for this decision."""
        query = {
            "do": str(decision.verb),
            "issue": decision.slug,
            "content": decision.content_hash,
            **({"by": decision.editor.editor_id} if decision.editor else {}),
            "token": sign(Purpose.DECIDE, subject_of(decision), self.keys, now=now),
        }
        return f"{self.public_url}/decide?{urlencode(query)}"

    def to_test(self, decision: Decision, *, now: datetime) -> str:
        """Return the address of the place on that page where a test is asked for."""
        return f"{self.to_decide(decision, now=now)}#test"


def subject_of(decision: Decision) -> str:
    """Return what the token of a link speaks for: this issue, content and editor, and not for a verb."""
    return _subject(decision, decision.editor.editor_id if decision.editor else "")


def _subject(decision: Decision, editor_id: str) -> str:
    # Links that were mailed before they were personal speak for two things; they go on working.
    parts = (decision.slug, decision.content_hash, *((editor_id,) if editor_id else ()))
    return hashlib.sha256("\0".join(parts).encode()).digest()[:ID_BYTES].hex()


def read_decision(query: Mapping[str, str], keys: SigningKeys, team: Iterable[Editor], *, now: datetime) -> Decision:
    """Return what the link speaks of, and who pressed it.

    Raises:
        InvalidTokenError: Incomplete, altered, made for another issue, content or purpose, or for somebody who has
            left the team since.
        ExpiredTokenError: Genuine, but too old.
    """
    try:
        token = read(Purpose.DECIDE, query.get("token", ""), keys, now=now)
    except ExpiredTokenError as exc:
        raise ExpiredTokenError(TOO_OLD) from exc
    slug, verb = query.get("issue", ""), query.get("do", "")
    verb = Verb.HOLD if verb == TEST else verb  # what everybody may do; the page of a test is that of the issue
    if not is_slug(slug) or verb not in tuple(Verb):
        raise InvalidTokenError("the link is incomplete; open it from the email again")
    decision = Decision(slug, query.get("content", ""), Verb(verb))
    editor_id = query.get("by", "")
    if _subject(decision, editor_id) != token.subscriber_id:
        raise InvalidTokenError("the link is not one of ours, or not for this page; open it from the email again")
    editor = next((each for each in team if each.editor_id == editor_id), None)
    if editor_id and editor is None:
        raise InvalidTokenError(NOT_OF_THE_TEAM)
    return replace(decision, editor=editor)
