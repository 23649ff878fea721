"""Nine hundred proofs (14 seconds of work) from one client used to close sign-ups for everybody for an hour.

Fails on a013654.
"""

from __future__ import annotations

from newsletter.readers.domain.limits import Policy
from newsletter.readers.domain.proof_of_work import RANDOM_BYTES, SALT_BYTES, challenge, proof_key, solve
from tests.core.fakes import NOW, MemoryCounters
from tests.factories import an_id
from tests.readers.signing_up import attempt_by

KEY = "key of the addresses"
POLICY = Policy(proof_of_work=True, per_network=40, per_hour=500)
ATTACKER, VISITOR = "198.51.100.66", "192.0.2.7"


def proof(number: int) -> str:
    random = number.to_bytes(SALT_BYTES, "big") + bytes(RANDOM_BYTES - SALT_BYTES)  # found at the first try
    return solve(challenge(proof_key(KEY), random=random, now=NOW))


def test_one_client_with_nine_hundred_proofs_closes_sign_ups_for_nobody_else() -> None:
    counters = MemoryCounters()

    def attempt(number: int, network: str) -> bool:
        with_proof = proof(number)
        return attempt_by(an_id(number), network, counters=counters, policy=POLICY, key=KEY, proof=with_proof).allowed

    assert sum(attempt(number, ATTACKER) for number in range(1, 901)) == POLICY.per_network
    assert attempt(1000, VISITOR)
