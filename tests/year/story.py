"""A year of the newsletter: a cast of readers, a desk of editors, and the stack between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from local.simulator.inbox.reading import Read
from local.simulator.message import Message
from newsletter.reports.domain.metrics import Metric, troubles
from tests.functions.conftest import SETTINGS, deployed
from tests.moto_aws import template
from tests.ses_server import TOPIC
from tests.year.cast import Cast, Habit, people
from tests.year.clock import time_from
from tests.year.clocks import clocks
from tests.year.editors import Desk, Slot, slots
from tests.year.fast_aws import fast_aws
from tests.year.stack import Stack

BEFORE_THE_FIRST = timedelta(days=13)
"""The story starts so long before its first slot: time enough to sign up, and for an issue."""
EDITORS = "editors@example.org"
SETTINGS_OF_THE_YEAR = {
    "FEEDBACK_TOPIC_ARN": TOPIC,
    "LATE_AFTER_HOURS": "6",
    "REQUIRE_APPROVAL": "anyone",
    "RENEW_CONSENT_YEARS": "1",
    "BREAKER_SAMPLE": "100",
    "BREAKER_CONFIRMATION_SAMPLE": "100",
}
"""Those of the functions' tests are of one moment; these are of a stack that runs."""
SILENCE_ENDS = timedelta(days=31)
"""After a renewal was asked for and nobody pressed its button."""


class Watch:
    """Hears the numbers that the functions write into their logs, as the alarms do."""

    def __init__(self) -> None:
        self.rang: list[str] = []

    def emit(self, metrics: Mapping[Metric, float]) -> None:
        """Note what is not well."""
        self.rang += map(str, troubles(metrics))


class Story:
    """What will happen, and what has."""

    def __init__(self, stack: Stack, start: datetime, end: datetime, seed: int) -> None:
        self.stack, self.start, self.end = stack, start, end
        self.watch = Watch()
        stack.deployment.app.metrics = self.watch  # type: ignore[assignment]
        rhythm = stack.deployment.app.rhythm
        self.slots = list(slots(rhythm, start, end))
        self.desk = Desk(stack, self.slots)
        self.cast = Cast(stack, people(start, end, seed))
        stack.marks, stack.on_mail = self.desk.marks, self._arrives

    @property
    def past_slots(self) -> list[Slot]:
        """Slots whose sends are over."""
        return [slot for slot in self.slots if slot.moment < self.stack.clock.now() - timedelta(hours=2)]

    def id_of(self, email: str) -> str:
        """Return the key under which somebody is on record."""
        addresses = self.stack.deployment.app.addresses
        return addresses.subscriber_id(addresses.mailbox(email))

    def run(self, on_month: Any = lambda month: None) -> None:
        """Let the time pass, a month after the other."""
        while (now := self.stack.clock.now()) < self.end:
            first = (now.date().replace(day=1) + timedelta(days=32)).replace(day=1)
            self.stack.run_until(min(datetime.combine(first, time(0), UTC), self.end))
            on_month(now.date())
        for person in self.cast:
            if person.habit is Habit.FADES and person.asked_to_renew:
                silent_since = person.asked_to_renew[0] + SILENCE_ENDS
                person.left += [silent_since] if silent_since < self.end else []

    def _arrives(self, message: Message, mail: Read) -> None:
        tags = dict(message.tags)
        for email in message.recipients:
            if email == EDITORS:
                self.desk.receives(mail)
            else:
                self.cast.receives(email, tags.get("kind", ""), tags.get("issue", ""), mail)


@contextmanager
def told(until: date, seed: int = 1) -> Iterator[Story]:
    """Yield a story that ends with a day, on a stack that stands only as long as the block."""
    anchor = date.fromisoformat(SETTINGS["ANCHOR_DATE"])
    start = datetime.combine(anchor, time(6), UTC) - BEFORE_THE_FIRST
    end = datetime.combine(until, time(23), UTC)
    with (
        time_from(start) as clock,
        pytest.MonkeyPatch.context() as environment,
        deployed(environment, **SETTINGS_OF_THE_YEAR) as deployment,
        fast_aws(deployment.app),
    ):
        deployment.app.clock = clock  # type: ignore[assignment]
        deployment.ses.clock.now = clock.now()
        zone = deployment.app.rhythm.time_zone
        parameters = {"SendHour": SETTINGS["SEND_HOUR"], "SendMinute": SETTINGS["SEND_MINUTE"]}
        stack = Stack(deployment, clock, clocks(template()["Resources"], parameters), zone)
        yield Story(stack, start, end, seed)
