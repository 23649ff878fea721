"""Hold a send whose mails bounce or annoy: SES may stop an account that goes on.

A bounce may come minutes before the news that its mail and a thousand others were accepted: they take different ways.
So the books are asked how many were mailed, before a send is held for a share of those who are reported.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from newsletter.errors import UnreadableBatchError
from newsletter.feedback.domain.breaker import Breaker, counts
from newsletter.feedback.domain.feedback import FeedbackEvent
from newsletter.feedback.ports import EvidenceLog
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import PausedBy
from newsletter.sending.ports import SendQueues, SendStore

REMEDY = (
    "Find out where these addresses come from before you resume the send. Nobody who bounced or complained is emailed "
    "again in any case. "
    "To resume, run `newsletter send resume {slug}`; only emails sent from then on count. "
    'To stop for good, run `newsletter send cancel {slug} --because "..."`.'
)


def break_circuit(
    news: Iterable[FeedbackEvent],
    *,
    sends: SendStore,
    evidence: EvidenceLog,
    queues: SendQueues,
    breaker: Breaker,
    now: datetime,
) -> list[str]:
    """Judge each send by what is new about it; return the slugs of those that are held now.

    `settle` mails the editors. Repeated: nothing is news twice. Cut off between record and tally, some mails are never
    counted here; a send has enough others to be judged by.
    """
    held = []
    by_send: dict[str, list[FeedbackEvent]] = defaultdict(list)
    for event in news:
        if event.of_an_issue:
            by_send[event.slug].append(event)
    for slug, about in by_send.items():
        send = sends.get(slug)
        if send is None:
            continue
        more = Counter(event.kind for event in about if counts(event, since=send.judged_from))
        if not more:
            continue
        verdict = breaker.verdict(evidence.tally(slug, send.judged_from, more))
        if verdict and send.paused(verdict, by=PausedBy.BREAKER, resume_at=None, now=now) is None:
            continue  # it is held already: its batches need not be read for that, once for each reception
        if verdict:
            mailed = _mailed(slug, send.judged_from, sends)
            verdict = breaker.verdict(evidence.note_mailed(slug, send.judged_from, mailed))
        if verdict and sends.pause(slug, f"{verdict}. {REMEDY.format(slug=slug)}", by=PausedBy.BREAKER, now=now):
            queues.settle(slug)
            held.append(slug)
    return held


def _mailed(slug: str, since: datetime | None, sends: SendStore) -> int:
    """Return how many SES took by its own answers; 0 if the books cannot be read, and the reports alone are judged."""
    try:
        return sum(
            len(batch.with_outcome(Outcome.SENT))
            for batch in sends.batches(slug)
            if since is None or batch.touched_at >= since
        )
    except UnreadableBatchError:
        return 0
