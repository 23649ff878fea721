"""250 sign-ups without a proof, in fifteen seconds, used to close the slow lane for everybody for an hour.

Nearly all were refused for their network or their mailbox, and each was counted against the room of all the same.
Fails on a013654.
"""

from __future__ import annotations

from newsletter.readers.domain.limits import Policy
from newsletter.readers.jobs.admit import Attempt, admit
from newsletter.readers.limiter import Limiter
from tests.core.fakes import NOW, MemoryCounters
from tests.factories import an_id

POLICY = Policy(proof_of_work=True, per_network=40, per_hour=1000)
ATTACKER, VISITOR = "198.51.100.66", "192.0.2.7"


def test_one_client_without_proofs_closes_the_slow_lane_for_nobody_else() -> None:
    limiter = Limiter(MemoryCounters(), POLICY, "key")
    for number in range(250):
        admit(Attempt(subscriber_id=an_id(number), network=ATTACKER), limiter=limiter, now=NOW)

    assert admit(Attempt(subscriber_id=an_id(1000), network=VISITOR), limiter=limiter, now=NOW).allowed


def test_a_whole_48_of_ipv6_closes_it_for_nobody_else_either() -> None:
    limiter = Limiter(MemoryCounters(), POLICY, "key")
    for number in range(1000):
        attempt = Attempt(subscriber_id=an_id(number), network=f"2001:db8:1:{number:x}::1")
        admit(attempt, limiter=limiter, now=NOW)

    assert admit(Attempt(subscriber_id=an_id(2000), network=VISITOR), limiter=limiter, now=NOW).allowed


def test_one_mailbox_named_from_a_thousand_places_closes_it_for_nobody_else() -> None:
    limiter = Limiter(MemoryCounters(), POLICY, "key")
    for number in range(1000):
        attempt = Attempt(subscriber_id=an_id(1), network=f"198.51.{number // 250}.{number % 250}")
        admit(attempt, limiter=limiter, now=NOW)

    assert admit(Attempt(subscriber_id=an_id(2), network=VISITOR), limiter=limiter, now=NOW).allowed
