"""Sign-ups by subscriber id, as far as limits go: for tests that name nobody's address."""

from __future__ import annotations

from datetime import datetime

from newsletter.readers.domain.limits import Policy, Verdict
from newsletter.readers.domain.sign_up import SignUp
from newsletter.readers.domain.subscriber import Mailbox
from newsletter.readers.jobs.sign_up import sign_up
from newsletter.readers.limiter import Limiter
from newsletter.readers.sign_up_ports import FormPorts
from tests.core.fakes import NOW, MemoryCounters, OneByOne
from tests.readers.fakes import (
    MemoryMailDomains,
    MemorySignUps,
    MemorySubscribers,
    MemorySuppressions,
    RecordingGreetQueue,
)


class IdsAsAddresses:
    """Takes every text for an address, and for its own id."""

    def mailbox(self, text: str) -> Mailbox:
        return Mailbox(text, text)

    def subscriber_id(self, mailbox: Mailbox) -> str:
        return mailbox.email


def attempt_by(
    subscriber_id: str,
    network: str,
    *,
    counters: MemoryCounters,
    policy: Policy,
    key: str,
    proof: str = "",
    now: datetime = NOW,
) -> Verdict:
    """Sign up, and return whether that went on; whoever it is has no record yet."""
    ports = FormPorts(
        MemorySignUps(MemorySubscribers(), MemorySuppressions(), counters),
        IdsAsAddresses(),
        Limiter(counters, policy, key),
        MemoryMailDomains(),
        RecordingGreetQueue(),
        OneByOne(),
        seal_key=key,
        slow_lane_seconds=0,
    )
    verdict = sign_up(SignUp(email=subscriber_id, network=network, proof=proof), ports=ports, now=now).verdict
    assert verdict is not None
    return verdict
