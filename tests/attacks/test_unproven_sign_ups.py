"""250 sign-ups without a proof, in fifteen seconds, used to close the slow lane for everybody for an hour.

Nearly all were refused for their network or their mailbox, and each was counted against the room of all the same.
Fails on a013654.
"""

from __future__ import annotations

from newsletter.readers.domain.limits import Policy, Verdict
from tests.core.fakes import MemoryCounters
from tests.factories import an_id
from tests.readers.signing_up import attempt_by

POLICY = Policy(proof_of_work=True, per_network=40, per_hour=1000)
ATTACKER, VISITOR = "198.51.100.66", "192.0.2.7"


def attempt(number: int, network: str, counters: MemoryCounters) -> Verdict:
    return attempt_by(an_id(number), network, counters=counters, policy=POLICY, key="key")


def test_one_client_without_proofs_closes_the_slow_lane_for_nobody_else() -> None:
    counters = MemoryCounters()
    for number in range(250):
        attempt(number, ATTACKER, counters)

    assert attempt(1000, VISITOR, counters).allowed


def test_a_whole_48_of_ipv6_closes_it_for_nobody_else_either() -> None:
    counters = MemoryCounters()
    for number in range(1000):
        attempt(number, f"2001:db8:1:{number:x}::1", counters)

    assert attempt(2000, VISITOR, counters).allowed


def test_one_mailbox_named_from_a_thousand_places_closes_it_for_nobody_else() -> None:
    counters = MemoryCounters()
    for number in range(1000):
        attempt(1, f"198.51.{number // 250}.{number % 250}", counters)

    assert attempt(2, VISITOR, counters).allowed
