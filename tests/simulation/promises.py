"""What must be true at every moment of a story, and at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.domain.batch import batch_of_part
from newsletter.sending.domain.books import tally
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Recipient, SendState
from tests.factories import SLUG

if TYPE_CHECKING:
    from tests.simulation.world import Worker, World


OLDEST = 1.0
"""Seconds that a worker may rely on what it knows. Written out here, not taken from the job that is held to it."""


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

    def known_as_sent(self, who: str) -> None:
        """Acceptance of a message to this reader is on record from now on."""
        self.on_record.setdefault(who, self.world.moment)

    def hold_when_mailing(self, recipient: Recipient, worker: Worker) -> None:
        """Look at a message that SES is about to accept."""
        who = recipient.subscriber_id
        if not self.world.site.page_stood:
            self.breaks(f"{who} was mailed before the page of the issue stood")
        if batch_of_part(recipient.tags["batch"]) in self.restored:
            self.breaks(f"{who} was mailed from a restored batch without a person's word")
        if self.held is not None and self.held < worker.asked.get("get", 0):
            self.breaks(f"{who} was mailed though the send was held")
        asked = worker.asked.get("get_many", 0)
        since, why = self.barred.get(who, (0, ""))
        if why and since < asked:
            self.breaks(f"{who} was mailed though: {why}")
        if who in self.suppressed and self.suppressed[who] < asked:
            self.breaks(f"{who} was mailed though the address is suppressed")
        for question in ("get", "get_many"):
            if worker.age(question) > OLDEST:
                self.breaks(f"{who} was mailed on the answer to an old question: {question}")
        if who in self.on_record and self.on_record[who] < worker.asked.get("replace", 0):
            self.breaks(f"{who} was mailed though an acceptance was on record")

    def hold_to_language(self, recipient: Recipient, lang: str) -> None:
        """Look at the language of a message: Welsh for whoever reads Welsh, and the original for everybody else."""
        person = self.world.subscribers.by_id.get(recipient.subscriber_id)
        if person is not None and (lang == "cy") != (person.lang in ("cy", "cy-GB")):
            self.breaks(f"{person.subscriber_id} reads {person.lang or 'anything'} and was mailed {lang}")

    def breaks(self, what: str) -> None:
        """Note a broken promise; raised where it happens, the worker would take it for a fault."""
        self.world.log.append(f"BROKEN: {what}")
        self.broken.append(what)


def check(world: World) -> None:
    """Hold the end of a story to every promise."""
    promises, accepted = world.promises, world.ses.accepted
    assert not promises.broken, promises.broken
    send = world.sends.get(SLUG)
    assert send is not None
    assert send.state is SendState.CLOSED, f"the send never ended: {send}"
    status = world.issues.by_slug[SLUG].status
    assert status is (IssueStatus.CANCELLED if send.cancelled else IssueStatus.SENT), f"the issue is {status}"
    assert SLUG in world.reports, "nobody asked for the report to the editors"
    batches = list(world.sends.batches(SLUG))
    planned = [who for batch in batches for who in batch.ids]
    assert len(planned) == len(set(planned)), "somebody was planned twice"
    books = tally(batches)
    assert books.balanced, f"the books do not balance: {books}"
    assert send.books == books, "the stored books are not the real ones"
    outcomes = {who: outcome for batch in batches for who, outcome in zip(batch.ids, batch.outcomes, strict=True)}
    if world.sends.cut_short != send.round:
        lost = world.always_there - set(outcomes)
        assert not lost, f"lost: {lost}"
    for who, outcome in outcomes.items():
        if who in world.always_there:
            assert outcome is not None
            skipped = outcome.kind == "skipped" and outcome is not Outcome.CANCELLED
            assert not skipped, f"{who} wanted the issue all the time and is on record as {outcome}"
        if outcome is Outcome.SENT:
            assert accepted[who] >= 1, f"{who} is on record as sent and was not"
        elif not world.weather.event_lost:
            assert accepted[who] == 0, f"{who} was mailed and is on record as {outcome}"
    if not world.weather.event_lost:
        twice = [who for who, count in accepted.items() if count > 1]
        assert not twice, f"mailed twice: {twice}"
