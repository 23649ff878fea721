"""A list imported piece by piece: whatever is delivered twice, late or cut off, each row is counted once."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from newsletter.errors import InvalidListError, StoreBusyError
from newsletter.readers.domain.subscriber import Status, Subscriber, leave
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.importing.adapters.import_queue import ImportTask
from newsletter.readers.importing.domain.list_import import LARGEST_UPLOAD, Choices, ImportState, ListImport
from newsletter.readers.importing.domain.list_keys import rejects_key, upload_key
from newsletter.readers.importing.domain.reasons import DONE, REASONS, WORDS
from newsletter.readers.importing.domain.rows import Vouched
from newsletter.readers.importing.jobs.ask_to_read import ask_to_read
from newsletter.readers.importing.jobs.check_import import check_import
from newsletter.readers.importing.jobs.describe_upload import describe_upload
from newsletter.readers.importing.jobs.offer_rejects import offer_rejects
from newsletter.readers.importing.jobs.open_import import open_import
from newsletter.readers.importing.jobs.plan_pieces import plan_pieces
from newsletter.readers.importing.jobs.resume_import import resume_import
from newsletter.readers.importing.jobs.run_import import run_import
from newsletter.readers.importing.jobs.run_piece import run_piece
from newsletter.readers.importing.jobs.stop_import import stop_import
from newsletter.readers.importing.progress import description_of
from tests.core.fakes import NOW
from tests.readers.fakes import PlainAddresses
from tests.readers.importing_fakes import CutOffError, Story

ID = "0123456789abcdef"
SEAL = "seal of the tests"
PIECE_ROWS = 4
ADDRESSES = PlainAddresses()

ROWS = [
    *(f"reader{number}@example.org,2024-01-0{number % 9 + 1}," for number in range(9)),
    "READER3@example.org,2024-01-01,",  # in a later piece than the first of its mailbox
    "here@example.org,2024-01-01,",
    "gone@example.org,2024-01-01,",
    "erased@example.org,2024-01-01,",
    "nobody,2024-01-01,",
    "later@example.org,2999-01-01,",
    "left@example.org,2024-01-01,unsubscribed",
    '"broken,2024-01-01,',
    "odd@example.org,2024-01-01,eaten",
    "last@example.org,2024-01-01,",
]
EXPECTED = {
    "added": 10, "repeated": 1, "already_here": 1, "left": 1, "suppressed": 1, "invalid_address": 1,
    "no_evidence": 1, "out_there": 1, "damaged": 1, "unknown_status": 1,
}  # fmt: skip
REFUSED_LINES = [11, 13, 14, 15, 16, 17, 18, 19]


def who(email: str) -> str:
    return ADDRESSES.subscriber_id(ADDRESSES.mailbox(email))


def uploaded(story: Story, rows: list[str] | None = None) -> Story:
    """Return the story with a file at its place, and with people who are here, have left, and were erased."""
    email = "here@example.org"
    here = Subscriber(subscriber_id=who(email), email=email, status=Status.CONFIRMED, signed_up_at=NOW)
    assert story.subscribers.save(here)
    gone = replace(here, subscriber_id=who("gone@example.org"), email="gone@example.org")
    assert story.subscribers.save(leave(gone, now=NOW))
    story.suppressions.add(Suppression(who("erased@example.org"), SuppressionReason.ERASED, NOW))
    open_import(ID, file_name="list.csv", started_by="keeper", back_to="", ports=story.desk, now=NOW)
    text = "\n".join(["email,confirmed_at,status", *(ROWS if rows is None else rows), ""])
    story.files.by_key[upload_key(ID)] = text.encode()
    assert ask_to_read(ID, ports=story.desk)
    return story


def deliver(story: Story, task: ImportTask) -> None:
    now = story.clock.now()
    if task.verb == "describe":
        describe_upload(task.import_id, ports=story.work, now=now)
    elif task.verb == "plan":
        plan_pieces(task.import_id, task.attempt, ports=story.work, now=now, piece_rows=PIECE_ROWS)
    else:
        run_piece(task.import_id, task.attempt, task.piece, ports=story.work, seal_key=SEAL, now=now)


def drain(story: Story, pick: Callable[[list[ImportTask]], int] = lambda tasks: 0) -> None:
    """Deliver what waits until nothing does; what is cut off is delivered again."""
    while story.queue.tasks:
        at = pick(story.queue.tasks)
        task = story.queue.tasks[at]
        try:
            deliver(story, task)
        except (CutOffError, StoreBusyError):
            continue
        story.queue.tasks.remove(task)


def stands(story: Story) -> ListImport:
    found = story.imports.get(ID)
    assert found is not None
    return found


def checked(story: Story) -> Story:
    drain(story)
    assert check_import(ID, Choices(), ports=story.desk, now=NOW) is not None
    drain(story)
    assert stands(story).state is ImportState.CHECKED
    return story


def begin(story: Story) -> None:
    story.clock.sleep(60)
    begun = run_import(ID, stands(story).attempt, ports=story.desk, now=story.clock.now())
    assert begun is not None
    assert begun.state is ImportState.RUNNING


def rejected(story: Story) -> list[int]:
    text = story.files.by_key[rejects_key(ID)].decode()
    return [int(row["line"]) for row in csv.DictReader(io.StringIO(text))]


def assert_each_row_counted_once(story: Story) -> None:
    done = stands(story)
    assert done.state is ImportState.DONE
    assert {word: rows for word, rows in done.counts.items() if rows} == EXPECTED
    assert done.counted == done.rows == len(ROWS)
    assert rejected(story) == REFUSED_LINES
    added = [each for each in story.subscribers.by_id.values() if each.consent is not None]
    assert len(added) == EXPECTED["added"]
    assert all(each.version == 1 for each in added)  # written once
    assert story.subscribers.by_id[who("gone@example.org")].status is Status.UNSUBSCRIBED
    assert who("erased@example.org") not in story.subscribers.by_id


def test_a_list_goes_from_the_upload_to_its_account() -> None:
    story = uploaded(Story())
    drain(story)

    description = description_of(ID, story.files)
    assert description is not None
    assert (description.encoding, description.delimiter, description.rows, description.damaged) == ("utf-8", ",", 19, 1)
    assert description.columns == {"email": (1,), "confirmed_at": (2,), "status": (3,)}
    assert description.first_rows[0] == ("reader0@example.org", "2024-01-01", "")
    assert stands(story).state is ImportState.READ

    checked(story)
    assert dict(stands(story).counts) == EXPECTED
    assert len(story.subscribers.by_id) == 2  # a dry run writes nobody
    assert rejected(story) == REFUSED_LINES

    begin(story)
    drain(story)
    assert_each_row_counted_once(story)
    assert offer_rejects(ID, ports=story.desk) == f"https://bucket.example/{rejects_key(ID)}?as=list-rejects.csv"
    assert not [each for each in story.subscribers.by_id.values() if each.email and "@" not in each.email]


def calls_of_a_run() -> int:
    story = checked(uploaded(Story()))
    story.calls = 0
    begin(story)
    drain(story)
    return story.calls


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_dies_at_any_call_goes_on_and_counts_each_row_once(when: str) -> None:
    calls = calls_of_a_run()
    assert calls > 40
    for call in range(1, calls + 1):
        story = checked(uploaded(Story()))
        story.calls = 0
        setattr(story, f"dies_{when}", call)
        begin(story)
        drain(story)
        assert story.calls > call
        assert_each_row_counted_once(story)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_check_that_dies_at_any_call_goes_on(when: str) -> None:
    for call in range(1, 60):
        story = uploaded(Story())
        setattr(story, f"dies_{when}", call)
        checked(story)
        assert dict(stands(story).counts) == EXPECTED


@pytest.mark.parametrize("seed", range(60))
def test_messages_that_come_twice_late_and_in_any_order_with_many_deaths_count_each_row_once(seed: int) -> None:
    dice, story = Random(seed), checked(uploaded(Story()))  # noqa: S311 - no secret is made
    begin(story)
    for _ in range(12):
        story.calls, story.dies_before, story.dies_after = 0, dice.randint(0, 12), dice.randint(0, 12)
        if not story.queue.tasks:
            break
        task = dice.choice(story.queue.tasks)
        story.queue.tasks += [task] * dice.randint(0, 2)
        try:
            deliver(story, task)
        except CutOffError:
            continue
        story.queue.tasks.remove(task)
    story.dies_before = story.dies_after = 0
    drain(story, lambda tasks: dice.randrange(len(tasks)))

    assert_each_row_counted_once(story)
    before = stands(story)
    for piece in range(before.pieces):
        deliver(story, ImportTask("import", ID, before.attempt, piece))
    deliver(story, ImportTask("plan", ID, before.attempt))
    assert story.queue.tasks == []
    assert stands(story) == before


def test_two_workers_on_one_piece_at_once_count_it_once() -> None:
    story = checked(uploaded(Story()))
    begin(story)
    deliver(story, story.queue.tasks.pop())  # plan
    (task, *others) = story.queue.tasks
    first = story.files.put_once

    def overtaken(key: str, file_body: bytes) -> bytes:
        story.files.put_once = first  # type: ignore[method-assign]
        deliver(story, task)  # the other worker does it all between our writing and our account
        return first(key, file_body)

    story.files.put_once = overtaken  # type: ignore[method-assign]
    drain(story)

    assert_each_row_counted_once(story)


def test_somebody_who_is_erased_between_two_deliveries_stays_erased_and_the_account_balances() -> None:
    story = checked(uploaded(Story()))
    begin(story)
    deliver(story, story.queue.tasks.pop())
    story.calls, story.dies_before = 0, 8  # after the people of the piece were written
    with pytest.raises(CutOffError):
        deliver(story, story.queue.tasks[0])
    story.dies_before = 0
    reader = story.subscribers.get(who("reader0@example.org"))
    assert reader is not None
    tombstone = Suppression(reader.subscriber_id, SuppressionReason.ERASED, NOW)
    assert story.suppressions.erase(tombstone, reader)
    drain(story)

    assert reader.subscriber_id not in story.subscribers.by_id
    assert stands(story).counted == len(ROWS)


def test_account_and_rejects_agree_although_a_reader_left_between_two_deliveries() -> None:
    story = checked(uploaded(Story()))
    begin(story)
    deliver(story, story.queue.tasks.pop())
    kept = story.files.put_once

    def dies(key: str, file_body: bytes) -> bytes:
        story.files.put_once = kept  # type: ignore[method-assign]
        kept(key, file_body)
        raise CutOffError

    story.files.put_once = dies  # type: ignore[method-assign]
    with pytest.raises(CutOffError):
        deliver(story, story.queue.tasks[0])
    reader = story.subscribers.get(who("reader0@example.org"))
    assert reader is not None
    assert story.subscribers.save(leave(reader, now=NOW))
    drain(story)

    assert stands(story).counts == EXPECTED
    assert rejected(story) == REFUSED_LINES
    assert story.subscribers.by_id[reader.subscriber_id].status is Status.UNSUBSCRIBED


def test_an_import_that_is_stopped_begins_no_further_piece_and_goes_on_where_it_was() -> None:
    story = checked(uploaded(Story()))
    begin(story)
    deliver(story, story.queue.tasks.pop())
    deliver(story, story.queue.tasks.pop(0))
    stop_import(ID, ports=story.desk, now=NOW)
    drain(story)
    assert (stands(story).state, stands(story).counted) == (ImportState.STOPPED, PIECE_ROWS)

    resume_import(ID, ports=story.desk)
    drain(story)

    assert_each_row_counted_once(story)


def test_messages_that_were_lost_are_queued_again_by_going_on() -> None:
    story = checked(uploaded(Story()))
    begin(story)
    story.queue.tasks.clear()

    resume_import(ID, ports=story.desk)
    drain(story)

    assert_each_row_counted_once(story)


def test_a_run_begins_only_with_the_check_that_was_seen_and_only_once() -> None:
    story = checked(uploaded(Story()))
    seen = stands(story).attempt
    assert check_import(ID, Choices(keep_out=True), ports=story.desk, now=NOW) is not None
    drain(story)

    stale = run_import(ID, seen, ports=story.desk, now=NOW)
    assert stale is not None
    assert stale.state is ImportState.CHECKED

    begin(story)
    again = run_import(ID, seen + 1, ports=story.desk, now=NOW)
    assert again is not None
    assert again.attempt == seen + 2
    check_import(ID, Choices(), ports=story.desk, now=NOW)  # too late: people are being written
    drain(story)
    assert stands(story).counts["kept_out"] == 1


def test_nobody_is_checked_without_evidence_and_the_sentence_names_no_option_of_the_command_line() -> None:
    story = uploaded(Story(), ["ada@example.org,,"])
    story.files.by_key[upload_key(ID)] = b"email,name\nada@example.org,Ada\n"
    drain(story)

    with pytest.raises(InvalidListError) as refusal:
        check_import(ID, Choices(), ports=story.desk, now=NOW)
    assert "does not say when each person confirmed" in str(refusal.value)
    assert "--" not in str(refusal.value)

    vouched = Vouched("Signed up at the fair", NOW)
    check_import(ID, Choices({"email": "1"}, vouched), ports=story.desk, now=NOW)
    drain(story)
    begin(story)
    drain(story)
    ada = story.subscribers.get(who("ada@example.org"))
    assert ada is not None
    assert ada.consent is not None
    assert (ada.consent.page, ada.consent.holds(SEAL)) == ("Signed up at the fair", True)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"PK\x03\x04\0\0\0", "not plain text"),
        (b"\n \n", "empty"),
        (b"email\n", "nobody below"),
        (b'"email\nada@example.org', "first line cannot be read"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_a_sentence(content: bytes, problem: str) -> None:
    story = uploaded(Story())
    story.files.by_key[upload_key(ID)] = content
    drain(story)

    assert stands(story).state is ImportState.REFUSED
    assert problem in stands(story).problem


def test_a_file_that_is_replaced_after_it_was_read_is_not_imported_in_its_place() -> None:
    story = checked(uploaded(Story()))
    story.files.by_key[upload_key(ID)] = b"email,confirmed_at\nevil@example.org,2024-01-01\n"
    begin(story)
    drain(story)

    assert stands(story).state is ImportState.REFUSED
    assert "replaced" in stands(story).problem
    assert who("evil@example.org") not in story.subscribers.by_id


def test_an_encoding_that_was_found_out_wrongly_can_be_said() -> None:
    story = uploaded(Story())
    story.files.by_key[upload_key(ID)] = "email,name\nada@example.org,Łukasz\n".encode("cp1250")
    drain(story)
    wrong = description_of(ID, story.files)
    assert ask_to_read(ID, encoding="cp1250", ports=story.desk)
    drain(story)
    right = description_of(ID, story.files)

    assert wrong is not None
    assert right is not None
    assert (wrong.encoding, right.first_rows[0][1]) == ("cp1252", "Łukasz")


def test_a_list_whose_columns_are_not_found_out_is_shown_so_that_somebody_says_them() -> None:
    story = uploaded(Story())
    story.files.by_key[upload_key(ID)] = b"Kontakt,Datum\nada@example.org,2024-01-01\n"
    drain(story)
    description = description_of(ID, story.files)
    assert description is not None
    assert (description.columns, description.headings) == ({}, ("Kontakt", "Datum"))
    assert "No column is headed like an address." in description.problem

    check_import(ID, Choices({"email": "Kontakt", "confirmed_at": "2"}), ports=story.desk, now=NOW)
    drain(story)

    assert stands(story).counts == {"added": 1}


def test_a_formula_in_a_refused_row_is_no_formula_in_the_file_of_rejects() -> None:
    story = uploaded(Story(), ['=cmd|calc,2024-01-01,"@SUM(A1)"'])
    checked(story)

    text = story.files.by_key[rejects_key(ID)].decode()
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["email"], row["status"]) == ("'=cmd|calc", "'@SUM(A1)")


def test_a_busy_database_is_waited_for_and_then_the_piece_comes_again() -> None:
    story = checked(uploaded(Story()))
    begin(story)
    deliver(story, story.queue.tasks.pop())
    busy = Busy(story, times=3)
    began = story.clock.now()
    run_piece(ID, stands(story).attempt, 0, ports=replace(story.work, people=busy.people), seal_key=SEAL, now=NOW)
    assert (story.clock.now() - began).total_seconds() == 1 + 2 + 4
    assert stands(story).counted == PIECE_ROWS

    always = replace(story.work, people=Busy(story, times=100).people)
    with pytest.raises(StoreBusyError):
        run_piece(ID, stands(story).attempt, 1, ports=always, seal_key=SEAL, now=NOW)
    drain(story)
    assert_each_row_counted_once(story)


class Busy:
    """A list that answers only after some questions."""

    def __init__(self, story: Story, *, times: int) -> None:
        self._left = times
        self._store = story.subscribers
        self.people = replace(story.work.people, subscribers=self)  # type: ignore[arg-type]

    def get_many(self, subscriber_ids: list[str]) -> object:
        self._left -= 1
        if self._left >= 0:
            raise StoreBusyError("the database is busy")
        return self._store.get_many(subscriber_ids)


def test_a_record_that_cannot_be_read_counts_as_somebody_who_is_here() -> None:
    story = checked(uploaded(Story()))
    story.subscribers.unreadable.add(who("here@example.org"))
    begin(story)
    drain(story)

    assert_each_row_counted_once(story)


def test_the_form_takes_one_file_of_a_size_to_exactly_one_place() -> None:
    story = Story()

    form = open_import(ID, file_name="a\nb.csv", started_by="keeper", back_to="/desk/", ports=story.desk, now=NOW)

    assert form.fields == {"key": f"imports/{ID}.csv", "success_action_redirect": "/desk/"}
    assert str(LARGEST_UPLOAD) in form.address
    assert stands(story).file_name == "a b.csv"
    assert ask_to_read(ID, ports=story.desk) is False  # nothing has come yet
    assert story.queue.tasks == []


def test_an_account_names_only_words_that_have_a_sentence() -> None:
    assert Counter(WORDS).most_common(1)[0][1] == 1
    assert set(EXPECTED) <= set(WORDS) == {*map(str, DONE), *map(str, REASONS)}
