"""How far the evidence of a send is read: what makes silence about a reader a proof that SES did not take the mail."""

from __future__ import annotations

from datetime import datetime, timedelta

from newsletter.errors import StoreBusyError
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.probe import SAMPLE, EvidenceRead, clocks_apart
from newsletter.sending.domain.send import Send
from newsletter.sending.ports import SettlePorts

TOLERATED = 0.001
"""The share of reports that may be missing once they had the whole grace period; before, none may be."""

NO_PROBE = EvidenceRead(waits_for="No message to SES's own mailbox is on its way yet.")
NOT_BACK = EvidenceRead(waits_for="SES has not reported a message to its own mailbox, so its reports do not arrive.")
NOT_READ = EvidenceRead(waits_for="Reports of SES wait in the queue of the function feedback.")
GIVEN_UP = EvidenceRead(waits_for="Reports of SES lie among the dead letters of the function feedback; put them back.")
NOT_KNOWN = EvidenceRead(waits_for="The queue of the function feedback does not say how many reports wait.")
MISSING = EvidenceRead(waits_for="Reports about readers whom SES took for sure are missing.")
TOO_FEW = EvidenceRead(too_few=True, waits_for="A few more messages to SES's own mailbox have to be reported.")


def read_evidence(send: Send, ports: SettlePorts, *, grace: timedelta, now: datetime) -> EvidenceRead:
    """Say how far the evidence of this send is read; each look asks anew, and what was true once is not kept."""
    probe, channel = send.probe, ports.channel
    if probe is None or not probe.is_out:
        return NO_PROBE
    back = channel.returned.returned(probe.probe_id)
    if back is None or back.messages < probe.size:
        return NOT_BACK
    try:
        # After the probe came back: what was reported before it has arrived by then, and is counted here.
        waiting, given_up = channel.backlog.waiting(), channel.backlog.unreadable()
    except StoreBusyError:
        return NOT_KNOWN
    if waiting or given_up:
        return NOT_READ if waiting else GIVEN_UP
    reported = _reported(send, ports, before=back.mailed_at - clocks_apart(grace), strict=now - probe.asked_at < grace)
    if reported is None:
        return MISSING
    if reported + probe.returned + probe.size < SAMPLE:
        return TOO_FEW
    return EvidenceRead(until=back.mailed_at)


def _reported(send: Send, ports: SettlePorts, *, before: datetime, strict: bool) -> int | None:
    """Return how many of those whom SES took by then are reported; None if too many are not, or were not before."""
    known = missing = 0
    for batch in ports.sends.batches(send.slug):
        if batch.repeats:
            # For a day nothing was proven, and the policy decided. Whom it did not touch is on record because their
            # reports are here: in such a sample none is ever missing.
            return None
        sent = batch.with_outcome(Outcome.SENT) if batch.touched_at <= before else ()
        if not sent:
            continue
        known += len(sent)
        missing += len(set(sent) - ports.evidence.accepted(send.slug, batch.after))
        if missing and strict:
            return None
    return None if missing > known * TOLERATED else known - missing
