"""What must be true at every moment of a story, and at its end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from typing import TYPE_CHECKING

from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.domain.batch import batch_of_part
from newsletter.sending.domain.books import tally
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import PausedBy, Recipient, Send, SendState
from tests.factories import SLUG
from tests.simulation.calls import RECORD_OF
from tests.simulation.long_faults import A_DAY

if TYPE_CHECKING:
    from tests.simulation.worker import Worker
    from tests.simulation.world import World


OLDEST = 1.0
"""Seconds that a worker may rely on what it knows. Written out here, not taken from the job that is held to it."""


PROMPT = 45.0
"""Seconds without a step of the send, at most: SES takes its time, and a worker waits for room and for its turn."""


class Promises:
    """Notes who must not be mailed, since when, and what was broken.

    A worker is held to what it could know: who left after it asked the store is mailed once more, in any system.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.broken: list[str] = []
        self.barred: dict[str, tuple[int, str]] = {}
        """Since which moment, and why."""
        self.suppressed: dict[str, int] = {}
        """Since which moment the address is on the list of suppressions; nobody comes back from there in a story."""
        self.on_record: dict[str, int] = {}
        """Since which moment a message to this reader is known to be accepted."""
        self.restored: set[str] = set()
        """Batches that were put back from a backup, until a person says that the send may go on."""
        self.most_copies = 0
        """Most messages about one batch that were in the queue at one moment."""
        self.held: int | None = None
        """Since which moment the send is held, cancelled or closed."""

    def hold_send(self, *, held: bool) -> None:
        """Nobody may mail anybody who reads the send from now on, or everybody may again."""
        self.held = (self.held or self.world.moment) if held else None

    def bar(self, who: str, why: str) -> None:
        """Nobody may mail this reader any more who asks from now on."""
        self.barred.setdefault(who, (self.world.moment, why))

    def suppress(self, who: str) -> None:
        """Nobody may mail this address any more, whatever its reader does."""
        self.suppressed.setdefault(who, self.world.moment)

    def welcome(self, who: str) -> None:
        """Allow mail to a reader who is back; an address that bounced stays suppressed."""
        self.barred.pop(who, None)

    def known_as_sent(self, reader: str) -> None:
        """Acceptance of a message to this reader, at any of their addresses, is on record from now on."""
        self.on_record.setdefault(reader, self.world.moment)

    def hold_when_mailing(self, recipient: Recipient, worker: Worker) -> None:
        """Look at a message that SES is about to accept."""
        who = recipient.tags.get("reader", recipient.subscriber_id)
        reader = self.world.subscribers.reader(who)
        if not self.world.site.page_stood:
            self.breaks(f"{who} was mailed before the page of the issue stood")
        if batch_of_part(recipient.tags["batch"]) in self.restored:
            self.breaks(f"{who} was mailed from a restored batch without a person's word")
        if self.held is not None and self.held < worker.moment_of("get"):
            self.breaks(f"{who} was mailed though the send was held")
        record = RECORD_OF + who
        asked = worker.moment_of(record)
        since, why = self.barred.get(who, (0, ""))
        if why and since < asked:
            self.breaks(f"{who} was mailed though: {why}")
        if who in self.suppressed and self.suppressed[who] < asked:
            self.breaks(f"{who} was mailed though the address is suppressed")
        for question in ("get", record):
            if worker.age(question) > OLDEST:
                self.breaks(f"{who} was mailed on the answer to an old question: {question}")
        if reader in self.on_record and self.on_record[reader] < worker.moment_of("replace"):
            self.breaks(f"{who} was mailed though an acceptance was on record")

    def hold_when_giving_up(self, readers: Collection[str], send: Send) -> None:
        """Look at readers who fail as unproven: that is for people who stop a send, or for the policy, after a day."""
        self.world.given_up.update(self.world.subscribers.reader(each) for each in readers)
        if send.paused_by is PausedBy.OUTAGE:
            self.breaks(f"{readers} were given up in an outage of SES, in which nobody can ask")
        if not send.cancelled and self.world.seconds() < A_DAY.total_seconds():
            self.breaks(f"{readers} were given up within a day")

    def hold_to_language(self, recipient: Recipient, lang: str) -> None:
        """Look at the language of a message: Welsh for whoever reads Welsh, and the original for everybody else."""
        who = recipient.tags.get("reader", recipient.subscriber_id)
        reads = self.world.subscribers.language(who)
        if (lang == "cy") != (reads in ("cy", "cy-GB")):
            self.breaks(f"{who} reads {reads or 'anything'} and was mailed {lang}")

    def hold_to_few_messages(self) -> None:
        """Look at the queues: whoever asks again must not leave behind what goes on asking by itself."""
        copies = Counter(message.payload for message in self.world.waiting if message.kind == "batch")
        self.most_copies = max(self.most_copies, *copies.values(), 0)

    def breaks(self, what: str) -> None:
        """Note a broken promise; raised where it happens, the worker would take it for a fault."""
        self.world.note(f"BROKEN: {what}")
        self.broken.append(what)


def check(world: World, *, somebody_died: bool = False) -> None:
    """Hold the end of a story to every promise.

    Args:
        world: The story.
        somebody_died: Whether a worker was killed by another way than the weather's; then a send may stand for a while.
    """
    promises, accepted = world.promises, world.ses.accepted
    assert not promises.broken, promises.broken
    send = world.sends.get(SLUG)
    assert send is not None
    assert send.state is SendState.CLOSED, f"the send never ended: {send}"
    status = world.issues.by_slug[SLUG].status
    assert status is (IssueStatus.CANCELLED if send.cancelled else IssueStatus.SENT), f"the issue is {status}"
    assert SLUG in world.reports, "nobody asked for the report to the editors"
    then, before = world.put_back or (None, None)
    # Put back in the very moment in which the books were closed, and never looked at again: what it was before counts.
    batches = [before if before and batch == then else batch for batch in world.sends.batches(SLUG)]
    planned = [who for batch in batches for who in batch.ids]
    assert len(planned) == len(set(planned)), "somebody was planned twice"
    if world.weather.is_prompt and not world.weather.steering and not somebody_died:
        stood = world.sends.stood_still
        assert stood < PROMPT, f"nothing moved for {stood:.0f} seconds, though nobody died and nothing was lost"
    books = tally(batches)
    assert books.balanced, f"the books do not balance: {books}"
    assert send.books == books, "the stored books are not the real ones"
    outcomes = {who: outcome for batch in batches for who, outcome in zip(batch.ids, batch.outcomes, strict=True)}
    places: dict[str, list[Outcome | None]] = defaultdict(list)
    for who, outcome in outcomes.items():
        places[world.subscribers.reader(who)] += [outcome] if outcome is not Outcome.MOVED else []
    for reader in world.always_there:
        served = [outcome for outcome in places[reader] if outcome is not Outcome.CANCELLED]
        # The worker of a place that would be passed over may die; then nobody knows what it did.
        known = [outcome for outcome in served if outcome is not Outcome.UNPROVEN]
        assert len(known) <= 1, f"{reader} is served in several places: {served}"
        assert places[reader] or world.sends.cut_short == send.round, f"lost: {reader}"
        for outcome in served:
            assert outcome is not None
            assert outcome.kind != "skipped", f"{reader} wanted the issue all the time and is on record as {outcome}"
    for who, outcome in outcomes.items():
        if outcome is Outcome.SENT:
            assert accepted[who] >= 1, f"{who} is on record as sent and was not"
        elif not world.faults.no_proof:
            assert accepted[who] == 0, f"{who} was mailed and is on record as {outcome}"
    for batch in batches:
        late = world.evidence.accepted(SLUG, batch.after).intersection(batch.with_outcome(Outcome.UNPROVEN))
        assert not late, f"on record as unproven though SES's report is here: {late}"
    moments: dict[str, list[float]] = defaultdict(list)
    for who, taken_at in world.ses.taken_at.items():
        moments[world.subscribers.reader(who)] += taken_at
    named = {world.subscribers.reader(who) for batch in batches for who in batch.perhaps_twice}
    for reader, taken_at in moments.items():
        if len(taken_at) > 1:
            hold_to_one_mail(reader, sorted(taken_at), world)
            forgotten = world.put_back or world.sends.was_corrupt  # a backup does not know of what came after it
            assert forgotten or reader in named, f"{reader} was mailed twice, and the books do not say so"


def hold_to_one_mail(reader: str, taken_at: list[float], world: World) -> None:
    """Look at somebody who got several: rightly so only where nobody can know it, after a day or by a person's word."""
    assert world.faults.no_proof, f"{reader} was mailed twice"
    if reader in world.given_up:
        return  # a person sent again to those whom nobody knows anything about
    assert world.faults.lose_reports, f"{reader} was mailed twice, and the reports were only late"
    if world.faults.dark.has(taken_at[0]) and not somebody_was_missed(world):
        return  # every call of those hours is in doubt, and every report lost: decision 0138
    early = taken_at[1] - taken_at[0] < A_DAY.total_seconds()
    assert not early, f"{reader} was mailed twice before the policy could decide"


def somebody_was_missed(world: World) -> bool:
    """Return whether SES took somebody for sure and never reported it, which tells that reports get lost."""
    return any(
        world.ses.taken_at[reader] and all(map(world.faults.dark.has, world.ses.taken_at[reader]))
        for batch in world.sends.batches(SLUG)
        for reader in set(batch.with_outcome(Outcome.SENT)) - world.evidence.accepted(SLUG, batch.after)
    )
