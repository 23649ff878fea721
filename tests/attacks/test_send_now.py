"""Whoever had an editor's key mailed everybody with one upload, within seconds, before anybody could do a thing.

An issue that says `send: now` opened its send in the moment of its upload. Now the editors get its preview with a
link that holds it, and it leaves some minutes after that mail, if it is still the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from newsletter.core.time_zones import WallTime
from newsletter.issues.domain.issue import SendPolicy
from newsletter.issues.domain.publication import Published
from newsletter.issues.domain.upload import Upload
from newsletter.issues.jobs.publish import publish
from tests.core.fakes import NOW
from tests.factories import SLUG
from tests.issues.test_publish import KEY, RHYTHM, Desk, issue

DELAY = timedelta(minutes=10)
AT_ONCE = issue(send=SendPolicy.NOW)


def desk(*, needs_approval: bool = False) -> Desk:
    return Desk(issue=AT_ONCE, send_now_delay=DELAY, needs_approval=needs_approval)


def looked_at(desk: Desk, minutes: float) -> Published:
    """Return what comes of a look so many minutes later, with the mail to the editors."""
    return desk.upload(sequencer="", now=NOW + timedelta(minutes=minutes))


def test_an_issue_that_asks_to_go_at_once_is_mailed_to_the_editors_and_leaves_minutes_later() -> None:
    newsroom = desk()

    assert not looked_at(newsroom, 0).send_now
    assert newsroom.queues.looks == [(SLUG, 600)]
    assert len(newsroom.mailer.outbox) == 1
    assert newsroom.record.leaves_at == NOW + DELAY
    assert not looked_at(newsroom, 9.9).send_now
    assert looked_at(newsroom, 10).send_now
    assert len(newsroom.mailer.outbox) == 1


def test_an_editor_who_holds_it_in_time_keeps_it_back() -> None:
    newsroom = desk()
    looked_at(newsroom, 0)

    newsroom.issues.hold(SLUG, held=True, noted="held")

    assert not looked_at(newsroom, 10).send_now
    assert not looked_at(newsroom, 1000).send_now


def test_a_version_that_replaces_it_meanwhile_waits_from_its_own_mail_on() -> None:
    """Else a harmless text would be mailed to the editors, and another one to everybody."""
    newsroom = desk()
    looked_at(newsroom, 0)
    newsroom.issue = replace(AT_ONCE, source_hash="b" * 64)

    assert not looked_at(newsroom, 9).send_now
    assert not looked_at(newsroom, 10).send_now
    newsroom.issue = AT_ONCE  # and back: the first mail is no leave for this
    assert not looked_at(newsroom, 11).send_now
    assert not looked_at(newsroom, 20.9).send_now
    assert looked_at(newsroom, 21).send_now
    assert len(newsroom.mailer.outbox) == 3


def test_the_next_minute_as_an_hour_of_its_own_is_no_way_round_the_wait() -> None:
    hour = WallTime.at(NOW + timedelta(minutes=1), RHYTHM.time_zone)
    newsroom = desk()
    newsroom.issue = issue(send=SendPolicy.AT, send_at=hour)

    looked_at(newsroom, 0)

    assert len(newsroom.mailer.outbox) == 1
    assert newsroom.queues.hours == [(SLUG, 600)]
    assert newsroom.record.goes_at(RHYTHM.time_zone) == NOW + DELAY


def test_what_the_editors_never_heard_of_does_not_leave() -> None:
    """SES takes no mail to them: the time begins when it does."""
    newsroom = desk()
    for minutes in (0, 10, 50):
        look = Upload(KEY, sequencer="")
        published = publish(look, ports=newsroom.ports, rhythm=RHYTHM, now=NOW + timedelta(minutes=minutes))
        assert published.result == "published"
        assert not published.send_now


def test_a_draft_made_ready_waits_although_it_reads_the_same() -> None:
    newsroom = desk()
    newsroom.issue = replace(AT_ONCE, ready=False)
    looked_at(newsroom, 0)
    newsroom.issue = AT_ONCE

    assert not looked_at(newsroom, 30).send_now
    assert looked_at(newsroom, 40).send_now


def test_what_somebody_approved_does_not_wait() -> None:
    newsroom = desk(needs_approval=True)
    assert not looked_at(newsroom, 0).send_now
    assert newsroom.queues.looks == []

    newsroom.issues.approve(SLUG, newsroom.record.content_hash, noted="approved")

    assert looked_at(newsroom, 1).send_now
