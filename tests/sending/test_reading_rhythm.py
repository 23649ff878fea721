"""Sends where readers can choose a monthly digest: each to its own half, and the books know nobody of the other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from newsletter.core.audience.part_of_list import PartOfList, part_of_list
from newsletter.core.audience.reading_rhythm import ReadingRhythm
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.readers.domain.shard import shards
from newsletter.readers.rhythm_choice import with_rhythm
from newsletter.sending.adapters.dynamo_sends import header_item, read_send
from newsletter.sending.domain.repair import KnownElsewhere, Remains, rebuilt_header
from newsletter.sending.domain.send import Send
from newsletter.sending.jobs.fan_out import fan_out
from newsletter.sending.jobs.look_up_outcome import look_up_by_id
from newsletter.sending.jobs.open_send import Opening, open_send
from newsletter.sending.jobs.sweep import sweep
from newsletter.sending.readers_of_issue import readers_of_send
from tests.core.fakes import NOW
from tests.factories import an_id, record, subscriber
from tests.feedback.fakes import MemoryEvidence
from tests.issues.fakes import MemoryIssues
from tests.readers.fakes import MemorySubscribers
from tests.sending.fakes import MemoryQueues, MemorySends, MemorySweeps, PlainAccount

DIGEST = "digest-2026-11"
MONTHLY = [an_id(number) for number in range(0, 40, 4)]
EVERY_ISSUE = [an_id(number) for number in range(40) if number % 4]


@dataclass
class House:
    """Forty readers, of whom every fourth has chosen the digest since November."""

    offers_digest: bool = True
    sends: MemorySends = field(default_factory=MemorySends)
    queues: MemoryQueues = field(default_factory=MemoryQueues)

    def __post_init__(self) -> None:
        self.readers = MemorySubscribers(
            *(subscriber(number, digest_since="" if number % 4 else "2026-11") for number in range(40))
        )
        self.sweeps = MemorySweeps(self.sends)

    def readers_of(self, issue: IssueRecord, now: datetime) -> PartOfList:
        return part_of_list(issue.audience, issue.digest, offers_digest=self.offers_digest, day=now.date())

    def send(self, issue: IssueRecord, *, now: datetime = NOW) -> Send:
        issues = MemoryIssues(issue)
        opening = Opening(issues, self.sends, self.queues, self.queues, False, 16, self.readers_of)
        opened = open_send(issue, opening=opening, now=now)
        assert opened is not None
        for shard in shards(16):
            fan_out(
                issue.slug, shard.first, sends=self.sends, audience=self.readers, sending_account=PlainAccount(),
                queues=self.queues, sweeps=self.sweeps, out_of_time=lambda: False, now=now,
            )  # fmt: skip
        for part in range(16):
            sweep(
                issue.slug,
                part,
                sends=self.sends,
                sweeps=self.sweeps,
                readers=self.readers,
                queues=self.queues,
                now=now,
            )
        return opened

    def planned(self, slug: str) -> list[str]:
        return sorted(subscriber_id for batch in self.sends.batches(slug) for subscriber_id in batch.ids)


def issue(**changes: object) -> IssueRecord:
    return record(**changes)


def test_an_issue_goes_to_readers_of_every_issue_and_the_digest_to_the_others() -> None:
    house = House()
    regular, digest = house.send(issue()), house.send(issue(slug=DIGEST, digest="2026-11"))

    assert house.planned(regular.slug) == EVERY_ISSUE
    assert house.planned(digest.slug) == MONTHLY
    assert readers_of_send(regular).in_words == "everybody who gets every issue"


def test_whoever_chose_the_other_is_outside_and_can_be_told_why() -> None:
    house = House()
    send = house.send(issue())

    found = look_up_by_id(
        send.slug, MONTHLY[0], sends=house.sends, evidence_store=MemoryEvidence(), subscribers=house.readers
    )

    assert found.outcome == "not in the audience"
    assert found.why == "It goes to a part of the list, and they are not in it: everybody who gets every issue."


def test_without_digests_an_issue_goes_to_everybody_whatever_they_chose() -> None:
    house = House(offers_digest=False)

    assert house.planned(house.send(issue()).slug) == sorted(MONTHLY + EVERY_ISSUE)
    assert "shards" in header_item(house.send(issue(slug="another")))


def test_a_digest_goes_to_its_readers_although_no_further_ones_are_offered() -> None:
    house = House(offers_digest=False)

    assert house.planned(house.send(issue(slug=DIGEST, digest="2026-11")).slug) == MONTHLY


def test_a_change_in_mid_month_moves_nobody_before_the_next_one() -> None:
    house = House()
    for subscriber_id, chosen in ((MONTHLY[0], ReadingRhythm.EVERY_ISSUE), (EVERY_ISSUE[0], ReadingRhythm.MONTHLY)):
        assert house.readers.save(with_rhythm(house.readers.by_id[subscriber_id], chosen, month="2026-12"))

    december = house.send(issue(), now=datetime(2026, 12, 15, 9, tzinfo=UTC))
    digest = house.send(issue(slug=DIGEST, digest="2026-11"), now=datetime(2026, 12, 16, 9, tzinfo=UTC))
    january = house.send(issue(slug="january"), now=datetime(2027, 1, 12, 9, tzinfo=UTC))

    assert house.planned(december.slug) == EVERY_ISSUE
    assert house.planned(digest.slug) == MONTHLY
    assert house.planned("january") == sorted({*EVERY_ISSUE[1:], MONTHLY[0]})
    assert january.month == "2027-01"


def test_a_header_keeps_whose_send_it_is_and_an_earlier_release_cannot_read_it() -> None:
    send = Send(
        slug=DIGEST, content_hash="a" * 64, shards=32, opened_at=NOW,
        reading_rhythm=ReadingRhythm.MONTHLY, month="2026-11",
    )  # fmt: skip

    assert read_send(header_item(send)) == send
    assert "shards" not in header_item(send), "up to 1.1 the send is held as unreadable, and not planned for everybody"


def test_a_header_that_is_rebuilt_is_for_the_same_half() -> None:
    digest = PartOfList("", ReadingRhythm.MONTHLY, "2026-11")
    known = KnownElsewhere("a" * 64, digest, NOW, 1, (), 16)
    kept = Remains({"reading_rhythm": "every_issue", "month": "2026-12"})

    assert readers_of_send(rebuilt_header(DIGEST, Remains({"month": 7}), known, now=NOW)) == digest
    assert readers_of_send(rebuilt_header("x", kept, replace(known, goes_to=PartOfList()), now=NOW)) == PartOfList(
        "", ReadingRhythm.EVERY_ISSUE, "2026-12"
    )
