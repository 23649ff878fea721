"""A send to a part of the list: whoever is outside has no place in it, at no stage and in no round."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from newsletter.core.audience.part_of_list import PartOfList
from newsletter.core.editors import Editors
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.preflight import AUDIENCE_READERS
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.shard import shards
from newsletter.readers.moving import moved, moved_in
from newsletter.readers.tags import with_tags, without_tags
from newsletter.sending.adapters.dynamo_sends import header_item, read_send
from newsletter.sending.domain.repair import KnownElsewhere, Remains, rebuilt_header
from newsletter.sending.domain.send import Send, rehearsal_name
from newsletter.sending.jobs.fan_out import fan_out
from newsletter.sending.jobs.look_up_outcome import NOT_IN_AUDIENCE, look_up_by_id
from newsletter.sending.jobs.open_send import Opening, open_send
from newsletter.sending.jobs.settle import settle
from newsletter.sending.jobs.sweep import sweep
from newsletter.sending.ports import SettlePorts
from tests.core.fakes import NOW, TEAM, MemoryMailer, PlainMails
from tests.factories import SLUG, an_id, record, subscriber
from tests.feedback.fakes import MemoryEvidence
from tests.issues.fakes import MemoryIssues
from tests.readers.fakes import MemorySubscribers
from tests.sending.fakes import (
    MemoryAudienceCount,
    MemoryDueReports,
    MemoryQueues,
    MemorySends,
    MemorySweeps,
    PlainAccount,
    plain_channel,
)

MEMBERS = "tag:members and not tag:staff"
JUST_BEFORE = NOW - timedelta(minutes=2)


def tags(*words: str) -> frozenset[str]:
    return frozenset(words)


@dataclass
class House:
    """A list of a hundred, of whom every tenth is a member, and one of these is on the staff."""

    seen: int | None = 9
    """Readers of the part, as the preview said."""
    queues: MemoryQueues = field(default_factory=MemoryQueues)
    sends: MemorySends = field(default_factory=MemorySends)
    mailer: MemoryMailer = field(default_factory=MemoryMailer)

    def __post_init__(self) -> None:
        self.readers = MemorySubscribers(
            *(subscriber(number, tags=tags("members") if number % 10 == 0 else tags()) for number in range(100))
        )
        self.tag(50, "staff")
        self.sweeps, self.evidence = MemorySweeps(self.sends), MemoryEvidence()
        counted = {} if self.seen is None else {AUDIENCE_READERS: self.seen}
        self.record = record(audience=MEMBERS, preflight={"errors": 0, **counted})
        self.issues = MemoryIssues(self.record)
        opening = Opening(self.issues, self.sends, self.queues, self.queues, needs_approval=False, shards=16)
        assert open_send(self.record, opening=opening, now=NOW) is not None

    def tag(self, number: int, word: str) -> None:
        assert self.readers.save(with_tags(self.readers.by_id[an_id(number)], [word]))

    def plan(self) -> None:
        for shard in shards(16):
            fan_out(
                SLUG, shard.first, sends=self.sends, audience=self.readers, sending_account=PlainAccount(),
                queues=self.queues, sweeps=self.sweeps, out_of_time=lambda: False, now=NOW,
            )  # fmt: skip

    def sweep(self) -> None:
        for part in range(16):
            sweep(SLUG, part, sends=self.sends, sweeps=self.sweeps, readers=self.readers, queues=self.queues, now=NOW)

    def look(self) -> Send:
        ports = SettlePorts(
            sends=self.sends, evidence=self.evidence, due_reports=MemoryDueReports(), issues=self.issues,
            queues=self.queues, publish_queue=self.queues, report_queue=self.queues, sweeps=self.sweeps,
            audience=self.readers, audience_count=MemoryAudienceCount(), account=PlainAccount(),
            channel=plain_channel(), editors=Editors(self.mailer, PlainMails(), TEAM),
        )  # fmt: skip
        send, _ = settle(SLUG, ports=ports, grace=timedelta(hours=1), now=NOW)
        return send

    def why(self, number: int) -> tuple[str, str]:
        found = look_up_by_id(
            SLUG, an_id(number), sends=self.sends, evidence_store=self.evidence, subscribers=self.readers
        )
        return found.outcome, found.why

    @property
    def planned(self) -> list[str]:
        return sorted(subscriber_id for batch in self.sends.batches(SLUG) for subscriber_id in batch.ids)

    @property
    def told(self) -> list[str]:
        return [sent.mail.subject for sent in self.mailer.outbox]


MEANT = sorted(an_id(number) for number in range(0, 100, 10) if number != 50)


def test_nobody_outside_the_part_is_planned_and_everybody_in_it_is() -> None:
    house = House()
    house.plan()
    house.plan()

    assert house.planned == MEANT


def test_the_part_is_what_was_approved_and_stands_in_the_header() -> None:
    house = House()
    send = house.sends.get(SLUG)
    assert send is not None
    assert send.audience == MEMBERS


def test_an_opening_that_was_cut_off_takes_the_part_that_is_locked_and_not_what_somebody_read_before() -> None:
    issues = MemoryIssues(record(audience=MEMBERS, status=IssueStatus.SENDING, sent_hash="a" * 64))
    sends, queues = MemorySends(), MemoryQueues()
    opening = Opening(issues, sends, queues, queues, needs_approval=False, shards=16)

    opened = open_send(record(audience=""), opening=opening, now=NOW)

    assert opened is not None
    assert opened.audience == MEMBERS


def test_who_is_tagged_after_the_planning_is_not_in_it_and_who_is_untagged_stays() -> None:
    house = House()
    house.plan()
    house.tag(1, "members")
    ten = house.readers.by_id[an_id(10)]
    assert house.readers.save(without_tags(ten, ["members"]))
    house.sweep()
    house.plan()

    assert house.planned == MEANT


def test_the_sweep_finds_who_confirmed_just_before_if_they_are_in_the_part() -> None:
    house = House()
    house.plan()
    house.readers.save(subscriber(201, confirmed_at=JUST_BEFORE, tags=tags("members")))
    house.readers.save(subscriber(202, confirmed_at=JUST_BEFORE))
    house.readers.save(subscriber(203, confirmed_at=JUST_BEFORE, tags=tags("members", "staff")))

    house.sweep()

    assert house.planned == sorted([*MEANT, an_id(201)])


def test_sending_to_the_rest_reaches_who_came_into_the_part_since_and_nobody_else() -> None:
    house = House()
    house.plan()
    house.tag(1, "members")
    house.readers.save(subscriber(201, confirmed_at=NOW + timedelta(days=1)))
    assert house.sends.change(SLUG, lambda send: replace(send, round=2)) is not None

    house.plan()

    assert house.planned == sorted([*MEANT, an_id(1)])


@pytest.mark.parametrize(("number", "found"), [(301, True), (302, False)])
def test_the_signpost_of_a_reader_who_has_moved_is_followed_to_know_their_part(number: int, *, found: bool) -> None:
    house = House()
    house.plan()
    house.readers.save(subscriber(number, tags=tags("members") if number == 301 else tags()))
    old = house.readers.by_id[an_id(number)]
    asked = Move(new_id=an_id(number + 100), email="new@example.org", asked_at=JUST_BEFORE)
    consent = Consent(asked_at=JUST_BEFORE, page="preferences")
    new = moved_in(old, None, move=asked, consent=consent, now=NOW)
    assert house.readers.save_both(new, moved(old, new.subscriber_id, now=NOW))

    house.sweep()

    places = [each for each in house.planned if each in (old.subscriber_id, new.subscriber_id)]
    assert bool(places) is found


def test_whoever_asks_about_somebody_outside_reads_that_and_not_that_they_were_skipped() -> None:
    house = House()
    house.plan()

    assert house.why(10)[0] == "waiting"
    outcome, why = house.why(1)
    assert outcome == NOT_IN_AUDIENCE
    assert why == (
        "It goes to a part of the list, and they are not in it: readers tagged “members” and not tagged “staff”."
    )


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (9, []),
        (5, []),
        (18, []),
        (4, ["editors_audience_changed"]),
        (19, ["editors_audience_changed"]),
        (0, ["editors_audience_changed"]),
        (None, []),  # approved before anybody counted parts
    ],
)
def test_editors_hear_of_a_part_that_is_another_by_far_and_the_send_goes_on(seen: int | None, told: list[str]) -> None:
    house = House(seen=seen)

    send = house.look()
    house.look()

    assert house.told == told
    assert send.state == "open"
    assert send.forecast is not None
    assert send.forecast.recipients == 9


def test_a_header_that_is_rebuilt_never_means_everybody_where_a_part_was_meant() -> None:
    known = KnownElsewhere("a" * 64, PartOfList(MEMBERS), NOW, 1, (), 16)

    damaged: list[dict[str, object]] = [{}, {"audience": {"M": {}}}, {"audience": "tag:"}, {"audience": ""}]
    for remains in damaged:
        assert rebuilt_header(SLUG, Remains(remains), known, now=NOW).audience == MEMBERS
    kept = rebuilt_header(SLUG, Remains({"audience": "tag:press"}), replace(known, goes_to=PartOfList()), now=NOW)
    assert kept.audience == "tag:press"


def test_a_rehearsal_is_for_the_same_part() -> None:
    house = House()
    name = rehearsal_name(SLUG, 1)
    house.sends.open(replace(Send(slug=name, content_hash="a" * 64, shards=16, opened_at=NOW), audience=MEMBERS))
    for shard in shards(16):
        fan_out(
            name, shard.first, sends=house.sends, audience=house.readers, sending_account=PlainAccount(),
            queues=house.queues, sweeps=house.sweeps, out_of_time=lambda: False, now=NOW,
        )  # fmt: skip

    assert sorted(who for batch in house.sends.batches(name) for who in batch.ids) == MEANT


def test_a_release_that_knows_no_parts_cannot_read_the_header_and_so_holds_the_send() -> None:
    """Up to 1.1 a header without `shards` is held as unreadable; it would otherwise be planned for everybody."""
    send = Send(slug=SLUG, content_hash="a" * 64, shards=32, opened_at=NOW, audience=MEMBERS)

    item = header_item(send)

    assert "shards" not in item
    assert read_send(item) == send
    assert "shards" in header_item(replace(send, audience=""))
    assert (
        rebuilt_header(
            SLUG,
            Remains({"shards_of_part": 32}),
            KnownElsewhere("a" * 64, PartOfList(MEMBERS), NOW, 1, (), 16),
            now=NOW,
        ).shards
        == 32
    )
