"""A worker asks the subscriber's record alone, so no suppression may ever stand beside a record that says "mail me".

Two things happen to one address at once. The second runs from start to end at every port call of the first, which is
also cut off there, or goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from newsletter.core.link_token import Purpose, Token
from newsletter.errors import NewsletterError
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.feedback.jobs.lift_suppression import lift_suppression
from newsletter.feedback.jobs.record_feedback import record_feedback
from newsletter.feedback.ports import FeedbackPorts
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.limits import Policy
from newsletter.readers.domain.link_rights import Press
from newsletter.readers.domain.sign_up import SignUp
from newsletter.readers.domain.subscriber import Status, Subscriber, leave
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.domain.takeover import ExternalStatus, Row
from newsletter.readers.jobs import preferences, unsubscribe
from newsletter.readers.jobs.confirm import confirm
from newsletter.readers.jobs.import_subscribers import import_subscribers
from newsletter.readers.jobs.subscribe import subscribe
from newsletter.readers.jobs.suppress import suppress
from newsletter.readers.limiter import Limiter
from newsletter.readers.ports import ImportPorts, PreferencePorts, SignUpPorts
from tests.core.fakes import NOW, MemoryCounters
from tests.factories import subscriber
from tests.feedback.fakes import MemoryEvidence, MemorySuppressionList, MemoryUnfamiliar
from tests.issues.fakes import MemoryIssues
from tests.readers.fakes import MemoryNewcomers, MemorySubscribers, MemorySuppressions, PlainAddresses
from tests.sending.fakes import MemoryProbes, MemoryQueues, MemorySends

ADDRESSES = PlainAddresses()
EMAIL, OTHER = "ada@example.org", "ada@example.net"
ADA, NEW = (ADDRESSES.subscriber_id(ADDRESSES.mailbox(email)) for email in (EMAIL, OTHER))
SEAL = "key of the tests"
MOST_CALLS = 40


class CutOff(BaseException):
    """The first of the two ends here; no job can catch it."""


@dataclass
class Town:
    """The list, the suppressions, and what happens at the n-th port call of the first job."""

    subscribers: MemorySubscribers = field(default_factory=MemorySubscribers)
    at: int = -1
    then: Callable[[], None] = lambda: None
    cut_off: bool = False
    calls: int = 0

    def __post_init__(self) -> None:
        self.suppressions = MemorySuppressions(subscribers=self.subscribers)

    def watched(self, port: Any) -> Any:
        return Watched(port, self)

    def step(self) -> None:
        number, self.calls = self.calls, self.calls + 1
        if number != self.at:
            return
        self.then()
        self.check()
        if self.cut_off:
            raise CutOff

    def check(self) -> None:
        for who in self.suppressions.by_id:
            record = self.subscribers.get(who)
            assert record is None or not record.in_audience, f"{self.suppressions.by_id[who].reason} and mailable"


class Watched:
    """A port with a moment before and after each of its calls."""

    def __init__(self, port: Any, town: Town) -> None:
        self._port, self._town = port, town

    def __getattr__(self, name: str) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            self._town.step()
            answer = getattr(self._port, name)(*given, **named)
            self._town.step()
            return answer

        return call


Job = Callable[[Town, Any, Any], object]
"""Done to a town through these ports: the list and the suppressions, watched or not."""

LATER = NOW + timedelta(minutes=1)


def token(who: str = ADA, purpose: Purpose = Purpose.CONFIRM) -> Token:
    return Token(who, LATER, purpose)


def ports(subscribers: Any, suppressions: Any) -> SignUpPorts:
    return SignUpPorts(subscribers, suppressions, MemoryQueues())


def bounces(_: Town, subscribers: Any, suppressions: Any, who: str = ADA) -> None:
    event = FeedbackEvent(
        kind=FeedbackKind.HARD_BOUNCE, message_id="1", happened_at=NOW, mailed_at=NOW, subscriber_id=who, mail="welcome"
    )
    desk = FeedbackPorts(
        sends=MemorySends(), evidence=MemoryEvidence(), subscribers=subscribers, suppressions=suppressions,
        issues=MemoryIssues(), unfamiliar=MemoryUnfamiliar(), probes=MemoryProbes(),
    )  # fmt: skip
    record_feedback([event], ports=desk, now=NOW)


def the_new_address_bounces(town: Town, subscribers: Any, suppressions: Any) -> None:
    bounces(town, subscribers, suppressions, NEW)


def confirms(_: Town, subscribers: Any, suppressions: Any) -> None:
    confirm(Press(token()), ports=ports(subscribers, suppressions), seal_key=SEAL, now=LATER)


def confirms_the_new_address(_: Town, subscribers: Any, suppressions: Any) -> None:
    confirm(Press(token(NEW)), ports=ports(subscribers, suppressions), seal_key=SEAL, now=LATER)


def signs_up_and_confirms(town: Town, subscribers: Any, suppressions: Any) -> None:
    subscribe(
        SignUp(email=EMAIL),
        addresses=ADDRESSES,
        ports=ports(subscribers, suppressions),
        seal_key=SEAL,
        delay=0,
        now=NOW,
    )
    confirms(town, subscribers, suppressions)


def is_imported(
    town: Town, subscribers: Any, suppressions: Any, status: ExternalStatus = ExternalStatus.SUBSCRIBED
) -> None:
    newcomers: Any = MemoryNewcomers(town.subscribers, town.suppressions)
    if isinstance(subscribers, Watched):
        newcomers = town.watched(newcomers)
    row = Row(subscriber_id=ADA, email=EMAIL, confirmed_at=NOW, left_at=LATER, source="the old system", status=status)
    desk = ImportPorts(subscribers=subscribers, suppressions=suppressions, newcomers=newcomers)
    import_subscribers([row], ports=desk, seal_key=SEAL, keep_out=True, dry_run=False, now=NOW)


def bounced_elsewhere(town: Town, subscribers: Any, suppressions: Any) -> None:
    is_imported(town, subscribers, suppressions, ExternalStatus.BOUNCED)


def is_suppressed_by_hand(_: Town, subscribers: Any, suppressions: Any) -> None:
    suppress(ADA, because="By letter", subscribers=subscribers, suppressions=suppressions, now=NOW)


def is_let_in_again(_: Town, subscribers: Any, suppressions: Any) -> None:
    provider = MemorySuppressionList()
    lift_suppression(ADA, EMAIL, subscribers=subscribers, suppressions=suppressions, provider=provider)


def is_forgotten(_: Town, subscribers: Any, suppressions: Any) -> None:
    preferences.erase(ADA, subscribers=subscribers, suppressions=suppressions, now=NOW)


def moves(_: Town, subscribers: Any, suppressions: Any) -> None:
    limiter = Limiter(MemoryCounters(), Policy(proof_of_work=False, per_network=1, per_hour=1), SEAL)
    desk = PreferencePorts(
        subscribers, suppressions, MemoryQueues(), ADDRESSES, limiter, topics=lambda: [], seal_key=SEAL
    )
    preferences.move(token(purpose=Purpose.ACCOUNT), OTHER, ports=desk, now=NOW)


def comes_back(_: Town, subscribers: Any, suppressions: Any) -> None:  # noqa: ARG001 - like the others
    unsubscribe.undo(token(purpose=Purpose.UNSUBSCRIBE), subscribers=subscribers, now=NOW)


JOBS: tuple[Job, ...] = (
    bounces, the_new_address_bounces, confirms, confirms_the_new_address, signs_up_and_confirms, is_imported,
    bounced_elsewhere, is_suppressed_by_hand, is_let_in_again, is_forgotten, moves, comes_back,
)  # fmt: skip


def reader(who: str = ADA, **changes: Any) -> Subscriber:
    asked = Consent(asked_at=NOW, page="/").sealed(SEAL)
    return replace(subscriber(1), subscriber_id=who, email=EMAIL, consent=asked, **changes)


BEGINNINGS: dict[str, Callable[[], tuple[Subscriber, ...]]] = {
    "nobody": lambda: (),
    "asked": lambda: (reader(status=Status.UNCONFIRMED, confirmed_at=None),),
    "confirmed": lambda: (reader(),),
    "kept out": lambda: (reader(suppressed=True),),
    "left": lambda: (leave(reader(), now=NOW),),
    "on the move": lambda: (
        reader(moving_to=NEW),
        reader(NEW, status=Status.UNCONFIRMED, confirmed_at=None, moves_from=ADA),
    ),
}


def _remember_why(town: Town) -> None:
    """Let a suppression stand beside each record that says so."""
    for who in [ADA, NEW]:
        record = town.subscribers.get(who)
        if record is not None and record.suppressed:
            town.suppressions.add(Suppression(who, SuppressionReason.MANUAL, NOW))


def happens(job: Job, town: Town, *, watched: bool) -> None:
    wrap: Any = town.watched if watched else lambda port: port
    try:
        job(town, wrap(town.subscribers), wrap(town.suppressions))
    except (NewsletterError, CutOff):
        return  # refused, or ended there


@pytest.mark.parametrize("second", JOBS)
@pytest.mark.parametrize("first", JOBS)
def test_a_suppressed_address_is_never_in_the_audience_whatever_happens_at_once(first: Job, second: Job) -> None:
    for beginning, cut_off in product(BEGINNINGS.values(), (False, True)):
        for at in range(MOST_CALLS):
            town = Town(MemorySubscribers(*beginning()), at=at, cut_off=cut_off)
            _remember_why(town)
            town.then = lambda town=town: happens(second, town, watched=False)  # type: ignore[misc]

            happens(first, town, watched=True)

            town.check()
            if town.calls <= at:
                break
        else:
            pytest.fail("the first job makes more calls than the second was tried at")
