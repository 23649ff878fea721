"""A reader chooses between every issue and a monthly digest: nothing comes twice, nothing is missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.audience.part_of_list import PartOfList, part_of_list
from newsletter.core.audience.reading_rhythm import MONTH, ReadingRhythm, month_before, month_of, next_month
from newsletter.core.link_token import Purpose, Token
from newsletter.readers.adapters.email_addresses import EmailAddresses
from newsletter.readers.domain.preferences import PreferencesAction, PreferencesForm
from newsletter.readers.domain.subscriber import Status, Subscriber, confirm, first_sign_up, leave
from newsletter.readers.domain.takeover import Row, taken_over
from newsletter.readers.importing.domain.columns import find_columns
from newsletter.readers.importing.domain.csv_records import Record
from newsletter.readers.importing.domain.export_rows import person_row
from newsletter.readers.importing.domain.rows import RowReading, Vouched
from newsletter.readers.jobs.preferences import save
from newsletter.readers.part import is_in_part
from newsletter.readers.rhythm_choice import with_rhythm
from tests.core.fakes import NOW
from tests.factories import an_id, subscriber
from tests.readers.fakes import MemorySubscribers

EVERY, MONTHLY = ReadingRhythm.EVERY_ISSUE, ReadingRhythm.MONTHLY


def choosing(*choices: tuple[str, ReadingRhythm]) -> Subscriber:
    """Return a reader who chose so, in these months."""
    reader = subscriber()
    for month, reading_rhythm in choices:
        reader = with_rhythm(reader, reading_rhythm, month=month)
    return reader


def gets(reader: Subscriber, month: str) -> set[ReadingRhythm]:
    """Return what of a month the reader is planned for: its single issues, its digest, both or neither."""
    return {each for each in ReadingRhythm if is_in_part(reader, PartOfList("", each, month).expression)}


@pytest.mark.parametrize(
    ("choices", "months", "digests"),
    [
        ((), ("2026-11", "2026-12"), ()),
        ((("2026-11", MONTHLY),), ("2026-11", "2026-12", "2027-01"), ("2026-12", "2027-01")),
        ((("2026-11", MONTHLY), ("2026-11", EVERY)), ("2026-10", "2026-11", "2026-12"), ()),
        ((("2026-10", MONTHLY), ("2026-11", EVERY)), ("2026-10", "2026-11", "2026-12"), ("2026-11",)),
        ((("2026-10", MONTHLY), ("2026-12", EVERY)), ("2026-11", "2026-12", "2027-01"), ("2026-11", "2026-12")),
        (
            (("2026-10", MONTHLY), ("2026-12", EVERY), ("2026-12", MONTHLY)),
            ("2026-11", "2026-12", "2027-01"),
            ("2026-11", "2026-12", "2027-01"),
        ),
        (
            (("2026-10", MONTHLY), ("2026-11", EVERY), ("2026-12", MONTHLY)),
            ("2026-11", "2026-12", "2027-01"),
            ("2026-11", "2027-01"),
        ),
    ],
)
def test_a_choice_counts_from_the_next_month_on(
    choices: tuple[tuple[str, ReadingRhythm], ...], months: tuple[str, ...], digests: tuple[str, ...]
) -> None:
    reader = choosing(*choices)

    assert {month: gets(reader, month) for month in months} == {
        month: {MONTHLY if month in digests else EVERY} for month in months
    }


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from(ReadingRhythm)), max_size=12))
def test_whoever_changes_whenever_gets_each_month_once_by_mail_or_in_its_digest(
    choices: list[tuple[int, ReadingRhythm]],
) -> None:
    """Issues go out in their month, and its digest at any moment of the next one: before, between and after changes."""
    reader, month = subscriber(), "2026-01"
    by_issue: dict[str, bool] = {}
    changes = sorted(choices, key=lambda each: each[0])
    for number in range(32):
        for at, reading_rhythm in changes:
            if at == number:
                # an issue and the digest of the month before go out before the change ...
                assert gets(reader, month) == gets(with_rhythm(reader, reading_rhythm, month=month), month)
                before = month_before(month)
                assert gets(reader, before) == gets(with_rhythm(reader, reading_rhythm, month=month), before)
                reader = with_rhythm(reader, reading_rhythm, month=month)
        by_issue[month] = gets(reader, month) == {EVERY}
        if month != "2026-01":  # ... and the digest of the month before may go out behind it
            assert (gets(reader, month_before(month)) == {MONTHLY}) is not by_issue[month_before(month)]
        month = next_month(month)


def test_months_follow_each_other_over_the_turn_of_the_year() -> None:
    assert (month_of(date(2026, 12, 31)), next_month("2026-12"), month_before("2027-01")) == (
        "2026-12",
        "2027-01",
        "2026-12",
    )
    assert [next_month(month_before(f"2026-{each:02}")) for each in range(1, 13)] == [
        f"2026-{each:02}" for each in range(1, 13)
    ]
    assert not any(MONTH.fullmatch(text) for text in ("2026-13", "2026-1", "26-01", "2026-00", "2026-11-01"))


def test_a_part_of_the_list_and_what_its_readers_chose_hold_together() -> None:
    member = subscriber(tags=frozenset({"members"}), digest_since="2026-11")
    issue = part_of_list("tag:members", "", offers_digest=True, day=date(2026, 12, 1))
    digest = part_of_list("tag:members", "2026-11", offers_digest=True, day=date(2026, 12, 1))

    assert [is_in_part(member, each.expression) for each in (issue, digest)] == [False, True]
    assert not is_in_part(subscriber(digest_since="2026-11"), digest.expression)
    assert issue.in_words == "readers tagged “members”, of those who get every issue"
    assert PartOfList("", MONTHLY, "2026-11").in_words == "everybody who gets the monthly digest"


def test_where_no_digest_is_offered_an_issue_goes_to_everybody_whatever_they_chose_before() -> None:
    assert part_of_list("", "", offers_digest=False, day=date(2026, 12, 1)).expression is None


def test_whoever_comes_back_after_leaving_begins_with_every_issue() -> None:
    left = leave(subscriber(digest_since="2026-11", digest_months=("2026-10",)), now=NOW)
    waiting = subscriber(status=Status.UNCONFIRMED, digest_since=left.digest_since, digest_months=left.digest_months)

    back = confirm(waiting, first_sign_up(waiting), link_made_at=NOW, consent=None, now=NOW)

    assert back is not None
    assert back.reading_rhythm is EVERY
    assert gets(back, "2026-12") == {EVERY}


def saved(fields: dict[str, str], *, offers_digest: bool) -> Subscriber:
    readers = MemorySubscribers(subscriber())
    form = PreferencesForm.read({"action": PreferencesAction.SAVE, **fields})
    token = Token(an_id(1), NOW, Purpose.ACCOUNT)
    return save(
        token, form, subscribers=readers, topics_of_issues=(), offers_digest=offers_digest, month="2026-11", now=NOW
    )


def test_the_page_of_a_reader_saves_their_choice_where_there_is_one() -> None:
    assert saved({"rhythm": "monthly"}, offers_digest=True).digest_since == "2026-12"
    assert saved({"rhythm": "monthly"}, offers_digest=False).reading_rhythm is EVERY
    assert saved({"rhythm": "hourly"}, offers_digest=True).reading_rhythm is EVERY
    assert saved({}, offers_digest=True).reading_rhythm is EVERY


def test_a_reader_takes_along_what_they_chose() -> None:
    held = subscriber(digest_since="2026-12", digest_months=("2026-11",)).as_held()

    assert (held["rhythm"], held["digest_since"], held["digest_months"]) == ("monthly", "2026-12", ["2026-11"])
    assert "rhythm" not in subscriber().as_held()


def test_the_choice_goes_along_in_an_export_and_counts_at_once_for_whoever_is_imported() -> None:
    exported = person_row(subscriber(digest_since="2026-12"))["rhythm"]
    row = Row(subscriber_id=an_id(1), email="a@example.org", confirmed_at=NOW, source="x", reading_rhythm=MONTHLY)

    assert (exported, "rhythm" in person_row(subscriber())) == ("monthly", False)
    assert gets(taken_over(row, seal_key="k", now=NOW), month_of(NOW.date())) == {MONTHLY}
    assert taken_over(replace(row, reading_rhythm=EVERY), seal_key="k", now=NOW).as_held().get("rhythm") is None


def test_the_column_of_our_own_export_is_read_and_that_of_others_is_not() -> None:
    own = "email,status,confirmed_at,consent_page,consent_form_version,rhythm"
    others = "email,status,confirmed_at,rhythm"

    def rhythm_of(headings: str, cells: tuple[str, ...]) -> ReadingRhythm:
        columns = find_columns(headings.split(","), {})
        read = RowReading(columns, EmailAddresses("a key"), Vouched()).row(Record(2, list(cells)))
        assert isinstance(read, Row)
        return read.reading_rhythm

    at = "2026-01-02"
    assert rhythm_of(own, ("a@example.org", "confirmed", at, "/", "x", "monthly")) is MONTHLY
    assert rhythm_of(own, ("a@example.org", "confirmed", at, "/", "x", "hourly")) is EVERY
    assert rhythm_of(others, ("a@example.org", "confirmed", at, "monthly")) is EVERY
