"""A decision of an editor, carried out and told to all editors: one road for links and for the command line."""

from __future__ import annotations

import logging
from datetime import datetime

from newsletter.core.slot import Rhythm
from newsletter.desk.domain.decision import Decided, Decision, DecisionOutcome, Verb
from newsletter.desk.jobs.approve import approve
from newsletter.desk.jobs.hold import hold
from newsletter.desk.jobs.release import release
from newsletter.desk.jobs.report_decision import report_decision
from newsletter.desk.jobs.withdraw import withdraw
from newsletter.desk.ports import DecidePorts
from newsletter.errors import NOTHING_NOW

LOG = logging.getLogger(__name__)

JOBS = {Verb.APPROVE: approve, Verb.HOLD: hold, Verb.RELEASE: release, Verb.WITHDRAW: withdraw}
"""What does each verb."""


def decide(decision: Decision, *, by_link: bool, ports: DecidePorts, rhythm: Rhythm, now: datetime) -> Decided:
    """Do what was decided, and mail the editors if anything is different from before.

    While SES takes no email they find it in the log of the desk alone: what was decided holds without one.
    """
    if not decision.allowed:
        return Decided(DecisionOutcome.NOT_YOURS, ports.issues.get(decision.slug))
    decided = JOBS[decision.verb](decision, ports=ports, now=now)
    if decided.outcome.changed:
        try:
            report_decision(decision, decided, ports=ports, rhythm=rhythm, now=now, by_link=by_link)
        except NOTHING_NOW as refusal:
            LOG.error("the editors get no email about a decision on %s: %s", decision.slug, refusal)
    return decided
