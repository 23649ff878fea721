"""Reports out of the queue: none is lost whatever does not answer, and only what nobody can read is put aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import permutations

import boto3
import pytest

from newsletter.errors import MalformedMessageError, StoreBusyError
from newsletter.feedback.adapters.feedback_queue import SqsFeedbackQueue, queued_report
from newsletter.feedback.domain.breaker import Breaker
from newsletter.feedback.domain.event_file import EventFile
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.feedback.domain.queued_report import LONGEST_WAIT, MOST_FILES, MOST_RECEPTIONS, TURN, QueuedReport
from newsletter.feedback.jobs.take_reports import Taken, take_reports
from newsletter.feedback.ports import ConfirmationWatch, FeedbackPorts, HoldPorts, ReceptionPorts
from newsletter.feedback.queue_ports import TakingPorts
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.send import Send, SendState
from tests.core.fakes import NOW, MemoryCounters
from tests.factories import SLUG, an_id, subscriber
from tests.feedback.fakes import (
    MemoryEventFiles,
    MemoryEvidence,
    MemoryEvidenceArchive,
    MemoryFeedbackQueue,
    MemoryUnfamiliar,
)
from tests.issues.fakes import MemoryIssues
from tests.moto_aws import REGION
from tests.readers.fakes import MemorySubscribers, MemorySuppressions
from tests.sending.fakes import MemoryProbes, MemoryQueues, MemorySends

LATER = "a-later-issue"
FOURTEEN_DAYS = timedelta(days=14)


def event(number: int, kind: FeedbackKind = FeedbackKind.SENT, slug: str = SLUG) -> FeedbackEvent:
    return FeedbackEvent(
        kind=kind, message_id=f"m-{number}", happened_at=NOW, mailed_at=NOW, subscriber_id=an_id(number), slug=slug,
        part="00", mail="issue",
    )  # fmt: skip


def report(number: int, body: str = "", receptions: int = 1) -> QueuedReport:
    return QueuedReport(f"message {number}", f"receipt {number}", body or f"event {number}", receptions)


@dataclass
class House:
    """The queue, both places of evidence, and the reports that stand for events."""

    sends: MemorySends = field(default_factory=MemorySends)
    evidence: MemoryEvidence = field(default_factory=MemoryEvidence)
    archive: MemoryEvidenceArchive = field(default_factory=MemoryEvidenceArchive)
    files: MemoryEventFiles = field(default_factory=MemoryEventFiles)
    queue: MemoryFeedbackQueue = field(default_factory=MemoryFeedbackQueue)
    events: dict[str, FeedbackEvent] = field(default_factory=dict)
    before_adding: Callable[[str], None] = lambda _: None

    def __post_init__(self) -> None:
        self.subscribers = MemorySubscribers(*(subscriber(number) for number in range(1, 9)))
        self.suppressions = MemorySuppressions(subscribers=self.subscribers)
        for slug in (SLUG, LATER):
            self.sends.open(Send(slug=slug, content_hash="a" * 64, shards=16, opened_at=NOW))
        add = self.evidence.add

        def adding(slug: str, part: str, subscriber_ids: set[str], recorded: object = None) -> object:
            for subscriber_id in subscriber_ids:
                self.before_adding(subscriber_id)
            return add(slug, part, subscriber_ids, recorded)  # type: ignore[arg-type]

        self.evidence.add = adding  # type: ignore[assignment, method-assign]

    def read(self, body: str, *, now: datetime) -> list[FeedbackEvent]:  # noqa: ARG002 - nothing here is from the future
        if body not in self.events:
            raise MalformedMessageError("not an event")
        return [self.events[body]]

    def take(self, *reports: QueuedReport) -> Taken:
        recording = FeedbackPorts(
            sends=self.sends, evidence=self.evidence, subscribers=self.subscribers, suppressions=self.suppressions,
            issues=MemoryIssues(), unfamiliar=MemoryUnfamiliar(), probes=MemoryProbes(),
        )  # fmt: skip
        breaker = Breaker(sample=500, bounces=50, complaints=1)
        queues = MemoryQueues()
        reception = ReceptionPorts(
            recording=recording, holding=HoldPorts({}, _no_network, queues), queues=queues, engagement=None,
            breaker=breaker, confirmation_breaker=breaker, counters=MemoryCounters(),
        )  # fmt: skip
        ports = TakingPorts(
            queue=self.queue, files=self.files, archive=self.archive, read=self.read, reception=reception
        )  # fmt: skip
        return take_reports(reports, ports=ports, now=NOW)

    def file(self, name: str, *numbers: int, problem: str = "", receptions: int = 1) -> QueuedReport:
        self.files.files[f"ses-events/{name}"] = EventFile(tuple(map(event, numbers)), problem, len(numbers))
        return QueuedReport(f"message {name}", f"receipt {name}", f"ses-events/{name}", receptions)

    def queued(self, *numbers: int, receptions: int = 1) -> list[QueuedReport]:
        for number in numbers:
            self.events.setdefault(f"event {number}", event(number))
        return [report(number, receptions=receptions) for number in numbers]

    @property
    def accepted(self) -> set[str]:
        return set(self.evidence.accepted(SLUG, "00"))


def _no_network(name: str) -> ConfirmationWatch:
    raise AssertionError(name)


def busy(_: str) -> None:
    raise StoreBusyError("the database is busy")


def test_what_is_recorded_leaves_the_queue_and_stands_in_both_places() -> None:
    house = House()

    taken = house.take(*house.queued(1, 2))

    assert not taken.again
    assert house.accepted == {an_id(1), an_id(2)}
    assert house.archive.accepted(SLUG, NOW) == {("00", an_id(1)), ("00", an_id(2))}


def test_while_the_tables_are_busy_everything_waits_in_the_queue_longer_each_time_and_is_in_the_second_place() -> None:
    house = House(before_adding=busy)

    for receptions in (1, 4, 900):
        taken = house.take(*house.queued(receptions, receptions=receptions))
        assert [each.message_id for each in taken.again] == [f"message {receptions}"]

    assert house.queue.put_aside_bodies == []
    waits = [house.queue.hidden[f"message {number}"] for number in (1, 4, 900)]
    assert waits == [timedelta(minutes=1), timedelta(minutes=8), LONGEST_WAIT]
    assert {who for _, who in house.archive.accepted(SLUG, NOW)} == {an_id(1), an_id(4), an_id(900)}


def test_a_thousand_receptions_last_for_the_14_days_that_sqs_keeps_a_message() -> None:
    waits = [report(1, receptions=number).wait for number in range(1, MOST_RECEPTIONS + 1)]

    assert sum(waits, timedelta()) > FOURTEEN_DAYS
    assert max(waits) <= timedelta(minutes=30)
    assert waits == sorted(waits)


def test_the_tables_are_tried_though_the_second_place_does_not_answer() -> None:
    house = House()
    house.archive.fails = True

    taken = house.take(*house.queued(1))

    assert not taken.archived
    assert not taken.again
    assert house.accepted == {an_id(1)}


def test_poison_is_put_aside_at_its_first_reception_and_stays_in_the_queue_only_while_sqs_does_not_take_it() -> None:
    house = House()

    house.queue.fails = True
    refused = house.take(report(9, "poison"), *house.queued(1))
    house.queue.fails = False
    taken = house.take(report(9, "poison", receptions=2))

    assert [each.body for each in refused.again] == ["poison"]
    assert house.accepted == {an_id(1)}
    assert not taken.again
    assert house.queue.put_aside_bodies == ["poison"]


def test_an_event_that_trips_over_a_fault_of_ours_keeps_none_of_the_others_back_and_is_not_given_up() -> None:
    def trips(subscriber_id: str) -> None:
        if subscriber_id == an_id(2):
            raise KeyError("a fault of ours")

    house = House(before_adding=trips)

    taken = house.take(*house.queued(1, 2, 3))

    assert [each.message_id for each in taken.again] == ["message 2"]
    assert house.accepted == {an_id(1), an_id(3)}
    assert house.queue.put_aside_bodies == []
    assert [type(error) for error in taken.errors] == [KeyError, KeyError]


def test_when_everything_trips_the_rest_waits_untried() -> None:
    tried: list[str] = []

    def trips(subscriber_id: str) -> None:
        tried.append(subscriber_id)
        raise RuntimeError("a release that cannot work")

    house = House(before_adding=trips)

    taken = house.take(*house.queued(*range(1, 9)))

    assert len(taken.again) == 8
    assert len(tried) < 8 + 4


def test_a_replay_in_any_order_and_twice_and_after_the_close_says_the_same_as_once() -> None:
    numbers = (1, 2, 3)
    once = House()
    once.take(*once.queued(*numbers))
    for order in permutations(numbers):
        house = House()
        house.take(*house.queued(*numbers))
        opened = house.sends.get(SLUG)
        assert opened is not None
        assert house.sends.close(opened, Books(3, sent=3), now=NOW)
        for number in (*order, *order):
            house.take(*house.queued(number))
        for name in (*reversed(house.archive.names(SLUG, NOW)), *house.archive.names(SLUG, NOW)):
            house.take(report(99, name))
        assert house.evidence.results(SLUG) == once.evidence.results(SLUG)
        assert house.accepted == once.accepted


def test_a_replay_into_a_later_send_leaves_that_one_alone() -> None:
    house = House()
    house.events["late"] = event(1, FeedbackKind.HARD_BOUNCE)
    house.take(*house.queued(2))
    for each in (report(1, "late"), *(report(3, name) for name in house.archive.names(SLUG, NOW))):
        house.take(each)

    assert not any(house.evidence.results(LATER).totals.values())
    assert house.evidence.results(SLUG).totals[FeedbackKind.HARD_BOUNCE] == 1
    later = house.sends.get(LATER)
    assert later is not None
    assert later.state is SendState.OPEN


def test_what_is_replayed_while_the_second_place_does_not_answer_waits() -> None:
    house = House()
    house.take(*house.queued(1))
    (name,) = house.archive.names(SLUG, NOW)
    house.archive.fails = True

    taken = house.take(report(2, name))

    assert [each.body for each in taken.again] == [name]


def test_a_day_of_reports_at_once_is_recorded_with_one_write_a_part_for_each_reception() -> None:
    house = House()
    reports = house.queued(*range(1, 51))
    late = [
        QueuedReport(f"{name} {number}", "receipt", f"event {number}", 1) for name in "abc" for number in range(1, 51)
    ]

    for start in range(0, 200, 100):
        assert not house.take(*(reports + late)[start : start + 100]).again

    assert house.evidence.writes == 2
    assert len(house.accepted) == 50


@pytest.fixture
def sqs_queue(s3: object) -> tuple[SqsFeedbackQueue, str, str]:  # noqa: ARG001 - AWS in the process
    sqs = boto3.client("sqs", region_name=REGION)
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("feedback", "feedback-dead-letters")]
    return SqsFeedbackQueue(sqs, queue_url=urls[0], dead_letters_url=urls[1]), urls[0], urls[1]


def test_sqs_hides_puts_aside_and_asks_for_a_replay(sqs_queue: tuple[SqsFeedbackQueue, str, str]) -> None:
    queue, url, dead_letters_url = sqs_queue
    sqs = boto3.client("sqs", region_name=REGION)
    queue.ask_for_replay([f"object {number}" for number in range(12)])
    received = [
        message
        for _ in range(2)
        for message in sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, MessageSystemAttributeNames=["All"]
        )["Messages"]
    ]
    record = {
        "messageId": received[0]["MessageId"],
        "receiptHandle": received[0]["ReceiptHandle"],
        "body": received[0]["Body"],
        "attributes": received[0]["Attributes"],
    }
    first = queued_report(record)
    queue.put_aside(first)
    queue.hide([first])

    assert first.receptions >= 1
    visible = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"])
    assert visible["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "1"
    put_aside = sqs.receive_message(QueueUrl=dead_letters_url)["Messages"]
    assert [message["Body"] for message in put_aside] == [first.body]


def test_a_queue_that_does_not_answer_is_busy(sqs_queue: tuple[SqsFeedbackQueue, str, str]) -> None:
    gone = sqs_queue[1] + "-gone"
    queue = SqsFeedbackQueue(boto3.client("sqs", region_name=REGION), queue_url=gone, dead_letters_url=gone)

    with pytest.raises(StoreBusyError):
        queue.put_aside(report(1))
    with pytest.raises(StoreBusyError):
        queue.hide([report(1)])


def test_a_file_of_events_is_recorded_kept_without_addresses_and_removed() -> None:
    house = House()

    taken = house.take(house.file("a", 1, 2), *house.queued(3))

    assert not taken.again
    assert house.accepted == {an_id(1), an_id(2), an_id(3)}
    assert house.archive.accepted(SLUG, NOW) == {("00", an_id(number)) for number in (1, 2, 3)}
    assert not house.files.files
    assert (taken.files, taken.stream_units) == (1, 2)


def test_a_file_stays_as_long_as_one_of_its_events_is_not_on_record() -> None:
    house = House(before_adding=busy)

    taken = house.take(house.file("a", 1, 2))

    assert [each.message_id for each in taken.again] == ["message a"]
    assert house.queue.hidden == {"message a": timedelta(minutes=1)}
    assert list(house.files.files) == ["ses-events/a"]
    house.before_adding = lambda _: None
    assert not house.take(house.file("a", 1, 2, receptions=2)).again
    assert house.accepted == {an_id(1), an_id(2)}


def test_a_file_that_is_gone_was_recorded_by_an_earlier_reception() -> None:
    taken = House().take(QueuedReport("message", "receipt", "ses-events/gone", 2))

    assert (taken.again, taken.malformed, taken.errors) == ([], {}, [])


def test_a_file_that_nobody_can_read_to_the_end_gives_what_it_can_and_stays_with_a_dead_letter() -> None:
    house = House()

    taken = house.take(house.file("a", 1, problem="two documents are no events"))

    assert house.accepted == {an_id(1)}
    assert taken.malformed == {"message a": "two documents are no events"}
    assert house.queue.put_aside_bodies == list(house.files.files) == ["ses-events/a"]
    assert not taken.again


def test_more_files_than_a_reception_can_hold_wait_for_their_turn_and_not_longer() -> None:
    house = House()

    taken = house.take(*(house.file(f"{number:02}", number, receptions=9) for number in range(1, MOST_FILES + 3)))

    assert house.queue.hidden == {f"message {number}": TURN for number in (MOST_FILES + 1, MOST_FILES + 2)}
    assert len(taken.again) == len(house.files.files) == 2
    assert len(house.accepted) == MOST_FILES


def test_files_that_do_not_answer_keep_no_report_back() -> None:
    house = House()
    waiting = house.file("a", 1)
    house.files.fails = True

    taken = house.take(waiting, *house.queued(2))

    assert taken.again == [waiting]
    assert house.accepted == {an_id(2)}


def test_a_file_that_cannot_be_removed_is_not_recorded_again() -> None:
    house = House()
    waiting = house.file("a", 1)
    house.files.remove = busy  # type: ignore[assignment, method-assign]

    assert not house.take(waiting).again
