"""Handing probes to SES: so that doubts can end, and to learn when an outage of SES is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.next_look import next_probe_at
from newsletter.sending.domain.probe import AT_ONCE, LOST_AFTER, EvidenceRead, Probe, ProbeAnswer, clocks_apart
from newsletter.sending.domain.send import OUTAGE_SENTENCE, PausedBy, Send, SendState
from newsletter.sending.ports import SettlePorts

REFUSED_ANYWAY = (PausedBy.QUOTA, PausedBy.SES)
"""While a send is held by these, SES refuses probes too."""

GRACES = 24
"""So many grace periods readers in doubt are left alone while nobody can say what became of them: a day by default."""

UNDECIDED = timedelta.max / 2
"""As long as it takes."""


def decides_after(send: Send, grace: timedelta) -> timedelta:
    """Return how long readers in doubt are left alone before the policy decides, whatever is missing.

    In a send that is being cancelled nobody is mailed any more, so nobody needs to wait for proof.
    """
    if send.state is SendState.PAUSED and send.paused_by is PausedBy.OUTAGE:
        return UNDECIDED  # nobody can be asked
    return grace if send.state is SendState.CANCELLING else grace * GRACES


def outage_is_over(send: Send, ports: SettlePorts, *, now: datetime) -> bool:
    """Ask SES whether it answers again, if it is time to; a refusal is an answer, and workers find out its cause."""
    if now < next_probe_at(send, now):
        return False
    probed = ports.channel.prober.send(1)
    probe = Probe(now, probed.probe_id, probed.accepted)
    ports.sends.change(send.slug, lambda header: header.with_probe(probe))
    return probed.answer in (ProbeAnswer.ACCEPTED, ProbeAnswer.REFUSED)


def look_after_doubts(
    send: Send, doubted: Sequence[Batch], reading: EvidenceRead, ports: SettlePorts, *, grace: timedelta, hold: bool,
    now: datetime,
) -> None:  # fmt: skip
    """Hand over a probe if one can end a doubt, and write down what is waited for."""
    if not doubted:
        if send.probe or send.doubts_end_at:
            ports.sends.change(send.slug, lambda header: header.with_doubts(end_at=None, wait_for=""))
        return
    quiet = min(batch.quiet_from(clocks_apart(grace)) for batch in doubted)
    sentence = _sentence(send, doubted, reading, grace=grace, hold=hold, now=now)
    ports.sends.change(send.slug, lambda header: header.with_doubts(end_at=quiet, wait_for=sentence))
    held = send.state is SendState.PAUSED and send.paused_by in (*REFUSED_ANYWAY, PausedBy.OUTAGE)
    if quiet <= now and not held and _needs_another(send.probe, reading, now):
        _probe(send, reading, ports, now)


def _needs_another(probe: Probe | None, reading: EvidenceRead, now: datetime) -> bool:
    """Return whether the last probe has told what it can, and somebody is in doubt still."""
    if probe is None or not probe.is_out or reading.too_few or reading.until is not None:
        return True
    return now - probe.asked_at >= LOST_AFTER


def _probe(send: Send, reading: EvidenceRead, ports: SettlePorts, now: datetime) -> None:
    before = send.probe
    complete = reading.too_few or reading.until is not None or before is None or not before.is_out
    returned = before.returned + before.size if before and complete else 0
    probed = ports.channel.prober.send(AT_ONCE)
    probe = Probe(now, probed.probe_id, probed.accepted, returned)
    ports.sends.change(send.slug, lambda header: header.with_probe(probe))
    if probed.answer is ProbeAnswer.UNCLEAR:
        ports.sends.pause(send.slug, OUTAGE_SENTENCE, by=PausedBy.OUTAGE, resume_at=now, now=now)


def _sentence(
    send: Send, doubted: Sequence[Batch], reading: EvidenceRead, *, grace: timedelta, hold: bool, now: datetime
) -> str:
    """Say for the editors who is in doubt, once that lasts for longer than reports take; empty before."""
    waited_from = min(_since(send, batch) for batch in doubted)
    if now - waited_from < grace:
        return ""
    as_open = send if send.state is SendState.OPEN else replace(send, state=SendState.OPEN)
    decided = waited_from + decides_after(as_open, grace)
    number = sum(len(batch.in_doubt) for batch in doubted)
    readers, they = ("1 reader", "that reader") if number == 1 else (f"{number} readers", "those readers")
    policy = (
        f"{they} will be recorded as not reached (UnknownPolicy is hold), and nobody is emailed twice."
        if hold
        else f"{they} will be emailed again (UnknownPolicy is resend), and whoever has the issue already gets it twice."
    )
    return (
        f"SES gave no answer about {readers}. {reading.waits_for or 'A message to its own mailbox will tell.'}"
        f" If that has not changed by {decided:%-d %B %Y, %H:%M} UTC, {policy}"
    )


def _since(send: Send, batch: Batch) -> datetime:
    return max(batch.touched_at, send.outage_ended_at or batch.touched_at)
