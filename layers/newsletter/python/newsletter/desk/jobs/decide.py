"""A decision of an editor, carried out and told to all editors: one road for links and for the command line."""

from __future__ import annotations

from datetime import datetime

from newsletter.core.slot import Rhythm
from newsletter.desk.domain.decision import Decided, Decision, DecisionOutcome, Verb
from newsletter.desk.jobs.approve import approve
from newsletter.desk.jobs.hold import hold
from newsletter.desk.jobs.release import release
from newsletter.desk.jobs.report_decision import report_decision
from newsletter.desk.jobs.withdraw import withdraw
from newsletter.desk.ports import DecidePorts

JOBS = {Verb.APPROVE: approve, Verb.HOLD: hold, Verb.RELEASE: release, Verb.WITHDRAW: withdraw}
"""What does each verb."""


def decide(decision: Decision, *, by_link: bool, ports: DecidePorts, rhythm: Rhythm, now: datetime) -> Decided:
    """Do what was decided, and mail the editors if anything is different from before."""
    if not decision.allowed:
        return Decided(DecisionOutcome.NOT_YOURS, ports.issues.get(decision.slug))
    decided = JOBS[decision.verb](decision, ports=ports, now=now)
    if decided.outcome.changed:
        report_decision(decision, decided, ports=ports, rhythm=rhythm, now=now, by_link=by_link)
    return decided
