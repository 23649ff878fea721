"""Nine hundred proofs (14 seconds of work) from one client used to close sign-ups for everybody for an hour.

Fails on a013654.
"""

from __future__ import annotations

from newsletter.readers.domain.limits import Policy
from newsletter.readers.domain.proof_of_work import RANDOM_BYTES, SALT_BYTES, challenge, proof_key, solve
from newsletter.readers.jobs.admit import Attempt, admit
from newsletter.readers.limiter import Limiter
from tests.core.fakes import NOW, MemoryCounters
from tests.factories import an_id

KEY = "key of the addresses"
POLICY = Policy(proof_of_work=True, per_network=40, per_hour=500)
ATTACKER, VISITOR = "198.51.100.66", "192.0.2.7"


def proof(number: int) -> str:
    random = number.to_bytes(SALT_BYTES, "big") + bytes(RANDOM_BYTES - SALT_BYTES)  # found at the first try
    return solve(challenge(proof_key(KEY), random=random, now=NOW))


def test_one_client_with_nine_hundred_proofs_closes_sign_ups_for_nobody_else() -> None:
    limiter = Limiter(MemoryCounters(), POLICY, KEY)
    let_in = 0
    for number in range(1, 901):
        attempt = Attempt(subscriber_id=an_id(number), network=ATTACKER, proof=proof(number))
        let_in += admit(attempt, limiter=limiter, now=NOW).allowed

    assert let_in == POLICY.per_network
    visitor = Attempt(subscriber_id=an_id(1000), network=VISITOR, proof=proof(1000))
    assert admit(visitor, limiter=limiter, now=NOW).allowed
