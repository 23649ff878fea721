"""A decision was made by a link or at the command line: all editors hear of it, each with the way back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from newsletter.core.content import MailContent
from newsletter.core.slot import Rhythm
from newsletter.core.team import Editor
from newsletter.desk.domain.decision import Decided, Decision, DecisionOutcome, Verb
from newsletter.desk.domain.decision_words import MEANINGS, headline, local_time
from newsletter.desk.ports import DecidePorts
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.send_time import send_time_sentence

WAY_BACK = {
    DecisionOutcome.APPROVED: Verb.HOLD,
    DecisionOutcome.HELD: Verb.RELEASE,
    DecisionOutcome.RELEASED: Verb.HOLD,
}
"""What takes a decision back, for those that can be."""


def report_decision(
    decision: Decision, decided: Decided, *, ports: DecidePorts, rhythm: Rhythm, now: datetime, by_link: bool
) -> None:
    """Mail the editors what was decided, by whom, and when by their clock."""

    def written_for(editor: Editor) -> MailContent:
        way_back = WAY_BACK.get(decided.outcome)
        return ports.editors.mails.mail(
            "editors_decided",
            slug=decision.slug,
            headline=headline(decided, decision),
            meaning=f"{MEANINGS[decided.outcome]} {_send_time(decided, ports, rhythm, now)}".strip(),
            by_link=by_link,
            label=decision.editor.label if decision.editor else "",
            when=local_time(now, rhythm.time_zone),
            way_back=str(way_back) if way_back else "",
            way_back_url=_link(way_back, decision, decided, editor, ports, now),
        )

    ports.editors.send_each(written_for)


def _send_time(decided: Decided, ports: DecidePorts, rhythm: Rhythm, now: datetime) -> str:
    """Return when the issue goes out, by day and hour, where a decision let it."""
    if decided.record is None or decided.outcome not in (DecisionOutcome.APPROVED, DecisionOutcome.RELEASED):
        return ""
    ready = ports.issues.with_status(IssueStatus.READY)
    return send_time_sentence(decided.record, ready, rhythm, needs_approval=ports.needs_approval, now=now)


def _link(
    verb: Verb | None, decision: Decision, decided: Decided, editor: Editor, ports: DecidePorts, now: datetime
) -> str:
    if verb is None or decided.record is None:
        return ""
    back = replace(decision, verb=verb, content_hash=decided.record.content_hash, editor=editor)
    return ports.links.to_decide(back, now=now) if back.allowed else ""
