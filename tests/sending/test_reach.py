"""Whom a send reached, who is missing with the command that reaches them, and who is doubtful by id."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.errors import InvalidRequestError, UnknownSendError
from newsletter.sending.domain.batch import WORKER_LIFE, Batch
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.reach import REMEDIES, Missed, Reach
from newsletter.sending.domain.send import Again, Send
from newsletter.sending.jobs import list_doubtful as job
from newsletter.sending.jobs.list_doubtful import list_doubtful
from newsletter.sending.jobs.send_again import OUTCOMES
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id
from tests.sending.test_control import Desk

SEND = Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW)
REPAIRS = (f"newsletter send repair {SLUG}", "newsletter subscribers repair <id>")
IDS = tuple(an_id(number) for number in (1, 2, 3, 4))


def test_who_was_not_reached_is_named_by_reason_with_the_commands_that_reach_them() -> None:
    books = Books(
        410, sent=61, skipped={"left": 10, "cancelled": 9}, failed={"gave_up": 328, "unreadable": 2}, perhaps_twice=3
    )

    reach = Reach.of(SEND, books)

    assert (reach.reached, reach.possible, reach.perhaps_twice) == (61, 400, 3)
    assert reach.missed == (
        Missed("skipped:cancelled", 9, (f"newsletter send rest {SLUG}",)),
        Missed("failed:gave_up", 328, (f"newsletter send retry-failed {SLUG}",)),
        Missed("failed:unreadable", 2, (*REPAIRS, f"newsletter send retry-failed {SLUG}")),
    )


def test_a_rehearsal_has_nobody_to_reach_later() -> None:
    rehearsal = replace(SEND, slug=f"{SLUG}_rehearsal_1", rehearsal_of=SLUG)

    (missed,) = Reach.of(rehearsal, Books(2, sent=1, failed={"rejected": 1})).missed

    assert missed.remedies == ()


def test_each_remedy_is_one_that_opens_this_outcome_again_and_no_failure_is_without() -> None:
    for outcome, remedies in REMEDIES.items():
        verb = {Again.FAILED: "retry-failed", Again.REST: "rest"}
        (whom,) = (whom for whom, outcomes in OUTCOMES.items() if outcome in outcomes)
        assert f" {verb[whom]} " in remedies[-1]
    assert {outcome for outcome in Outcome if outcome.kind == "failed"} <= set(REMEDIES)


def test_readers_in_doubt_are_listed_by_id_with_what_is_known() -> None:
    desk = Desk()
    outcomes = (Outcome.SENT, Outcome.SENT, Outcome.UNPROVEN, Outcome.GAVE_UP)
    desk.sends.open(SEND)
    desk.sends.add_batch(Batch(slug=SLUG, after="00", ids=IDS, outcomes=outcomes, repeats=(0, 2, 0, 1), touched_at=NOW))
    desk.evidence.add(SLUG, "00", IDS[:2])

    page = list_doubtful(SLUG, ports=desk.ports, now=NOW)

    assert page.next == ""
    assert [(each.subscriber_id, each.known, each.repeats, each.reported) for each in page.readers] == [
        (IDS[1], job.TWICE, 2, True), (IDS[2], job.UNPROVEN, 0, False), (IDS[3], job.EARLIER, 1, False),
    ]  # fmt: skip


def test_whom_a_worker_holds_is_in_doubt_only_once_it_must_be_dead() -> None:
    desk = Desk()
    held = Batch.of(SLUG, "00", IDS[:2], now=NOW).claimed("worker", now=NOW)
    desk.sends.open(SEND)
    desk.sends.add_batch(held)

    assert list_doubtful(SLUG, ports=desk.ports, now=NOW + WORKER_LIFE - timedelta(seconds=1)).readers == ()
    found = list_doubtful(SLUG, ports=desk.ports, now=NOW + WORKER_LIFE).readers
    assert [(each.outcome, each.known) for each in found] == [("waiting", job.IN_DOUBT)] * 2


def test_a_long_list_comes_in_pages_that_miss_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "READERS_AT_ONCE", 2)
    desk = Desk()
    desk.sends.open(SEND)
    numbers = range(0x1000, 0x6000, 0x1000)
    for number in numbers:
        ids = (an_id(number),)
        desk.sends.add_batch(
            Batch(slug=SLUG, after=f"{number:04x}", ids=ids, outcomes=(Outcome.UNKNOWN,), touched_at=NOW)
        )

    found, after, pages = list[str](), "", 0
    while pages == 0 or after:
        page = list_doubtful(SLUG, after=after, ports=desk.ports, now=NOW)
        found += [each.subscriber_id for each in page.readers]
        after, pages = page.next, pages + 1

    assert (found, pages) == ([an_id(number) for number in numbers], 3)


def test_of_no_send_and_of_a_forgotten_one_nobody_is_listed() -> None:
    desk = Desk()
    with pytest.raises(UnknownSendError, match="there is no send"):
        list_doubtful(SLUG, ports=desk.ports, now=NOW)
    desk.sends.open(replace(SEND, outcomes_forgotten_at=NOW))
    with pytest.raises(InvalidRequestError, match="was forgotten"):
        list_doubtful(SLUG, ports=desk.ports, now=NOW)
