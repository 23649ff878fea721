"""Whose turn it is when a place in a send comes up: a reader who has moved is mailed at the new address, and once.

Planning and moving happen side by side, and the index of the audience shows a change only after a moment. So a send can
hold the old address of a reader, the new one, or both. The oldest place counts: its mail goes wherever the reader is
by now, and a newer place of the same reader is passed over. Where the newer one was quicker, the older is passed over.
Both workers follow the same rule after their claims, so that at any moment one of the two at most may mail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from newsletter.readers.domain.subscriber import Subscriber
from newsletter.readers.records import LONGEST_TRAIL
from newsletter.sending.domain.batch import Batch, BatchState, rounds_to
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Send
from newsletter.sending.ports import AcceptedRecipients, MailRecords, SendStore

LATELY = timedelta(hours=1)
"""Whoever moved longer before the opening is in the audience with their new address alone: no index is that late."""

NOT_SERVED = frozenset({Outcome.MOVED, Outcome.LEFT, Outcome.ERASED, Outcome.UNCONFIRMED})
"""Outcomes of a place that leave its reader to another one."""


@dataclass(frozen=True, slots=True)
class Addressees:
    """Who is behind some places of a send, as of one moment."""

    records: Mapping[str, Subscriber]
    """By place: the record of the reader, whatever address they have by now."""
    outcomes: Mapping[str, Outcome]
    """Of places that nothing is mailed for, because of what was found on the way."""
    waiting: frozenset[str]
    """Places whose reader is perhaps being mailed this moment, in another place."""


@dataclass
class _Search:
    """The way from places to readers."""

    send: Send
    mail_records: MailRecords
    sends: SendStore
    acceptances: AcceptedRecipients
    records: dict[str, Subscriber] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)

    def read(self, places: Sequence[str]) -> None:
        """Read the records of these places, and follow the readers who have moved."""
        found = self.mail_records.get_many(places)
        self.records.update(found)
        self.outcomes.update(dict.fromkeys(found.unreadable, Outcome.UNREADABLE))
        for _ in range(LONGEST_TRAIL):
            signposts = {place: record for place, record in self.records.items() if record.moved_to}
            if not signposts:
                return
            found = self.mail_records.get_many({record.moved_to for record in signposts.values()})
            for place, signpost in signposts.items():
                if signpost.moved_to in found.unreadable:
                    self.outcomes[place] = Outcome.UNREADABLE
                    del self.records[place]
                elif (record := found.get(signpost.moved_to)) is None:
                    del self.records[place]
                elif record.came_from and signpost.subscriber_id not in record.came_from:
                    self.outcomes[place] = Outcome.LEFT  # another reader has moved in there since
                    del self.records[place]
                else:
                    self.records[place] = record

    def compare(self, place: str, subscriber: Subscriber) -> None:
        """Find out whether a reader who moved is, or was, served in another place of this send."""
        trail = [*subscriber.came_from, subscriber.subscriber_id]
        at = trail.index(place) if place in trail else 0
        if any(outcome not in NOT_SERVED for outcome, _ in self._places(self._signposts(trail[:at]))):
            self.outcomes[place] = Outcome.MOVED
            return
        for outcome, state in self._places([one for one in trail[at:] if one != place]):
            if outcome is Outcome.UNKNOWN or (outcome is None and state is BatchState.CLAIMED):
                self.waiting.add(place)
            elif outcome is not None and outcome not in NOT_SERVED:
                self.outcomes[place] = Outcome.MOVED

    def _signposts(self, ids: Sequence[str]) -> list[str]:
        """Return those that lead to the reader, or led; at the others somebody else has signed up since.

        One that cannot be read counts, and so does one that is gone: an erasure takes the old addresses first, and then
        the one that was read a moment ago. It was there when its place was served, and nobody is mailed twice for it.
        """
        found = self.mail_records.get_many(ids)
        return [one for one in ids if (record := found.get(one)) is None or record.moved_to]

    def _places(self, ids: Sequence[str]) -> list[tuple[Outcome | None, BatchState]]:
        """Return what became of these ids in this send, as far as they are in it."""
        found = [
            (one, self.sends.batch_of(self.send.slug, one, round_number=number))
            for one in ids
            for number in rounds_to(self.send.round)
        ]
        return [(self._outcome(one, batch), batch.state) for one, batch in found if batch is not None]

    def _outcome(self, one: str, batch: Batch) -> Outcome | None:
        """Return what became of an id; a batch that was put back from a backup may not know what SES has reported."""
        outcome = batch.outcome_of(one)
        if outcome is not None and outcome is not Outcome.UNKNOWN:
            return outcome
        return Outcome.SENT if one in self.acceptances.accepted(batch.slug, batch.after) else outcome


def addressees(
    places: Sequence[str],
    send: Send,
    *,
    mail_records: MailRecords,
    sends: SendStore,
    acceptances: AcceptedRecipients,
) -> Addressees:
    """Return who is behind up to 100 places of a send; a few more questions for whoever moved, none for the others."""
    search = _Search(send, mail_records, sends, acceptances)
    search.read(places)
    for place, record in search.records.items():
        if record.subscriber_id != place or moved_lately(record, send):
            search.compare(place, record)
    return Addressees(search.records, search.outcomes, frozenset(search.waiting))


def moved_lately(subscriber: Subscriber, send: Send) -> bool:
    """Return whether the reader moved to this address so late that the send may hold the old one."""
    confirmed_at = subscriber.confirmed_at
    return bool(subscriber.came_from) and confirmed_at is not None and confirmed_at >= send.opened_at - LATELY
