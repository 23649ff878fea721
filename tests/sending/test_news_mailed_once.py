"""The editors hear of a pause, of its end and of doubts once each, though two looks at a send come at one moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from newsletter.core.editors import Editors
from newsletter.errors import SendThrottledError
from newsletter.sending.domain.send import NEWS_LEASE, PausedBy
from newsletter.sending.ports import SettlePorts
from newsletter.sending.settle_news import with_editors_informed, with_editors_informed_of_doubts
from tests.core.fakes import NOW, TEAM, PlainMails, Watched
from tests.factories import SLUG
from tests.sending.test_settle import Office

MOST_CALLS = 20


class CutOff(BaseException):
    """The look ends here; no job can catch it."""


def held(office: Office) -> None:
    office.sends.pause(SLUG, "Mend it.", by=PausedBy.SES, now=NOW)


def going_on(office: Office) -> None:
    held(office)
    office.sends.change(SLUG, lambda send: send.with_editors_informed(PausedBy.SES))
    office.sends.resume(SLUG, now=NOW)


def in_doubt(office: Office) -> None:
    office.sends.change(SLUG, lambda send: send.with_doubts(end_at=NOW, wait_for="One reader is in doubt."))


def tell(ports: SettlePorts, now: Any = NOW) -> None:
    send = ports.sends.get(SLUG)
    assert send is not None
    with_editors_informed_of_doubts(with_editors_informed(send, ports, now), ports, now)


class Look:
    """Tells the editors, and at the n-th moment something else happens, or the look is cut off."""

    def __init__(self, office: Office, at: int, then: Callable[[], None] = lambda: None, *, dies: bool = False) -> None:
        self.office, self.at, self.then, self.dies, self.moments = office, at, then, dies, 0

    def tell(self) -> None:
        ports, mailer = self.office.ports, Watched(self.office.mailer, self.moment)
        editors: Any = Editors(mailer, PlainMails(), TEAM)
        tell(replace(ports, sends=Watched(ports.sends, self.moment), editors=editors))

    def moment(self) -> None:
        number, self.moments = self.moments, self.moments + 1
        if number == self.at:
            self.then()
            if self.dies:
                raise CutOff


NEWS = pytest.mark.parametrize(
    ("happens", "name"),
    [(held, "editors_send_paused"), (going_on, "editors_send_resumed"), (in_doubt, "editors_doubts_wait")],
)


def an_office(happens: Callable[[Office], None]) -> Office:
    office = Office()
    happens(office)
    return office


def moments(happens: Callable[[Office], None]) -> int:
    undisturbed = Look(an_office(happens), at=-1)
    undisturbed.tell()
    assert 6 <= undisturbed.moments < MOST_CALLS
    return undisturbed.moments


def mailed(office: Office) -> list[str]:
    return [sent.mail.subject for sent in office.mailer.outbox]


@NEWS
def test_two_looks_tell_it_once_at_whatever_moment_of_the_one_the_other_comes(
    happens: Callable[[Office], None], name: str
) -> None:
    for at in range(moments(happens)):
        office = an_office(happens)
        Look(office, at, lambda office=office: tell(office.ports)).tell()  # type: ignore[misc]

        assert mailed(office) == [name], at
        send = office.sends.get(SLUG)
        assert send is not None
        assert send.news_claimed_at is None


@NEWS
def test_what_a_look_that_dies_did_not_tell_a_later_one_tells(happens: Callable[[Office], None], name: str) -> None:
    for at in range(moments(happens)):
        office = an_office(happens)
        with pytest.raises(CutOff):
            Look(office, at, dies=True).tell()
        left = mailed(office)
        tell(office.ports, NOW + NEWS_LEASE - timedelta(seconds=1))
        assert len(mailed(office)) <= 1
        tell(office.ports, NOW + NEWS_LEASE)

        assert set(mailed(office)) == {name}, at
        assert len(mailed(office)) <= len(left) + 1


@NEWS
def test_news_that_ses_does_not_take_leave_with_the_next_look(happens: Callable[[Office], None], name: str) -> None:
    office = an_office(happens)
    office.mailer.failure = SendThrottledError("quota")
    tell(office.ports)
    office.mailer.failure = None

    tell(office.ports)
    tell(office.ports)

    assert mailed(office) == [name]
