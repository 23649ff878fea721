"""May this go on? Stories of one mailbox, one network and everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import NetworkFullError
from newsletter.readers.domain.greeting import Letter
from newsletter.readers.domain.limits import Lane, Policy, Proof, Verdict
from newsletter.readers.domain.proof_of_work import LIFETIME, RANDOM_BYTES, SALT_BYTES, challenge, proof_key, solve
from newsletter.readers.limiter import Limiter
from newsletter.readers.mail_limiter import MailLimiter
from tests.core.fakes import NOW, MemoryCounters
from tests.factories import an_id
from tests.readers.signing_up import attempt_by

KEY = "key of the addresses"
POLICY = Policy(proof_of_work=True, per_network=8, per_hour=20)
HERE = "192.0.2.7"


def proof(number: int = 1, **changes: Any) -> str:
    random = number.to_bytes(SALT_BYTES, "big") + bytes(RANDOM_BYTES - SALT_BYTES)  # found at the first try
    return solve(challenge(proof_key(KEY), **{"random": random, "now": NOW, **changes}))


PROOFS = [proof(number) for number in range(1, 61)]


@pytest.fixture
def counters() -> MemoryCounters:
    return MemoryCounters()


def attempt(
    counters: MemoryCounters,
    who: int = 1,
    *,
    network: str = HERE,
    proof: str = "",
    policy: Policy = POLICY,
    after: timedelta = timedelta(0),
) -> Verdict:
    return attempt_by(an_id(who), network, counters=counters, policy=policy, key=KEY, proof=proof, now=NOW + after)


def test_a_first_sign_up_with_a_proof_goes_on_at_once(counters: MemoryCounters) -> None:
    assert attempt(counters, proof=proof()) == Verdict(allowed=True, lane=Lane.FAST, proof=Proof.GOOD)


def test_a_first_sign_up_without_a_proof_goes_on_in_the_slow_lane(counters: MemoryCounters) -> None:
    assert attempt(counters) == Verdict(allowed=True, lane=Lane.SLOW, proof=Proof.NONE)


def test_a_proof_counts_once(counters: MemoryCounters) -> None:
    solved = proof()

    assert attempt(counters, 1, proof=solved).lane is Lane.FAST
    again = attempt(counters, 2, proof=solved)
    assert (again.lane, again.proof) == (Lane.SLOW, "used")


def test_a_proof_is_remembered_for_as_long_as_it_could_be_used(counters: MemoryCounters) -> None:
    attempt(counters, proof=proof())

    (expiry,) = (moment for key, moment in counters.expiries.items() if key.startswith("proof#"))
    assert expiry >= NOW + LIFETIME


def test_an_old_proof_opens_no_fast_lane(counters: MemoryCounters) -> None:
    verdict = attempt(counters, proof=proof(), after=LIFETIME + timedelta(seconds=1))

    assert (verdict.allowed, verdict.lane, verdict.proof) == (True, Lane.SLOW, "expired")


def test_a_wrong_proof_opens_no_fast_lane(counters: MemoryCounters) -> None:
    verdict = attempt(counters, proof="nonsense")

    assert (verdict.allowed, verdict.lane, verdict.proof) == (True, Lane.SLOW, "invalid")
    assert not any(key.startswith("proof#") for key in counters.counts)


def test_without_proof_of_work_everybody_is_in_the_fast_lane(counters: MemoryCounters) -> None:
    off = Policy(proof_of_work=False, per_network=8, per_hour=20)

    assert attempt(counters, policy=off).lane is Lane.FAST


def test_nobody_can_have_one_mailbox_mailed_all_day(counters: MemoryCounters) -> None:
    """Not from a thousand places, and not with a proof for each."""
    verdicts = [attempt(counters, network=f"198.51.100.{place}", proof=proof(place)) for place in range(1, 20)]

    assert [verdict.allowed for verdict in verdicts].count(True) == 5
    assert verdicts[-1].reason == "address"


def test_one_place_cannot_sign_up_the_whole_telephone_book(counters: MemoryCounters) -> None:
    verdicts = [attempt(counters, who, proof=proof(who)) for who in range(1, 12)]

    assert [verdict.allowed for verdict in verdicts] == [True] * 8 + [False] * 3
    assert verdicts[-1].reason == "network"


def test_a_place_that_does_no_work_gets_a_quarter(counters: MemoryCounters) -> None:
    assert [attempt(counters, who).allowed for who in range(1, 5)] == [True, True, False, False]


def test_a_robot_without_proofs_does_not_shut_the_door_for_people_with_one(counters: MemoryCounters) -> None:
    robots = [attempt(counters, who, network=f"198.51.100.{who}") for who in range(1, 100)]

    assert all(verdict.allowed for verdict in robots)  # each did nothing; their mails wait in a lane of their own
    assert attempt(counters, 200, proof=proof()).allowed


@pytest.mark.parametrize(("lane", "most"), [(Lane.FAST, 20), (Lane.SLOW, 5)])
def test_a_sign_up_is_refused_once_no_hour_of_a_day_has_room_and_not_before(
    counters: MemoryCounters, lane: Lane, most: int
) -> None:
    def ask(after: timedelta = timedelta(0)) -> str:
        work = proof(len(counters.counts), now=NOW + after) if lane is Lane.FAST else ""
        return attempt(counters, len(counters.counts), network=f"2001:db8:{len(counters.counts):x}::1", proof=work,
                       after=after).reason  # fmt: skip

    mails = MailLimiter(counters, POLICY, KEY)
    for _ in range(24 * most - 1):
        assert mails.book(Letter.CONFIRMATION, "ada@gmail.com", lane, now=NOW)
    assert ask() == ""

    assert mails.book(Letter.CONFIRMATION, "ada@gmail.com", lane, now=NOW)
    assert ask() == "full"
    assert mails.book(Letter.CONFIRMATION, "ada@gmail.com", lane, now=NOW) is None
    assert ask(timedelta(hours=1)) == ""


def test_the_next_hour_is_another(counters: MemoryCounters) -> None:
    for who in range(1, 12):
        attempt(counters, who, proof=proof(who))

    later = timedelta(hours=1)
    assert attempt(counters, 20, proof=proof(20, now=NOW + later), after=later).allowed


def test_a_refused_attempt_counts_against_what_refused_it_and_nothing_wider(counters: MemoryCounters) -> None:
    for _ in range(5):
        attempt(counters)
    before = dict(counters.counts)

    refused = attempt(counters)

    assert refused.reason == "network-slow"
    (counted,) = (key for key, count in counters.counts.items() if count != before.get(key))
    assert counted.startswith("network-slow#")


def test_who_is_refused_for_their_network_uses_up_nothing_of_larger_networks_or_of_the_address(
    counters: MemoryCounters,
) -> None:
    for _ in range(10):
        attempt(counters, 9, network="2001:db8:1:1::7")
    counted = {key.partition("#")[0]: count for key, count in counters.counts.items()}

    assert counted["network-slow"] == 10
    assert counted["network-slow-56"] == counted["network-slow-48"] == counted["address"] == 2


def test_a_used_proof_uses_up_nothing_of_the_fast_lane(counters: MemoryCounters) -> None:
    solved = proof()
    for who in range(1, 4):
        attempt(counters, who, proof=solved)
    counted = {key.partition("#")[0]: count for key, count in counters.counts.items()}

    assert (counted["network"], counted["network-slow"]) == (1, 2)


def test_no_address_stands_in_a_counter(counters: MemoryCounters) -> None:
    attempt(counters, network="192.0.2.7")
    attempt(counters, network="2001:db8::7")

    assert not any("192.0" in key or "20010db8" in key or an_id(1) in key for key in counters.counts)


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 4), st.booleans()), max_size=60))
def test_whatever_comes_no_limit_is_exceeded(attempts: list[tuple[int, int, bool]]) -> None:
    counters, let_in = MemoryCounters(), []
    for (who, place, working), work in zip(attempts, PROOFS, strict=False):
        verdict = attempt(counters, who, network=f"198.51.100.{place}", proof=work if working else "")
        if verdict.allowed:
            let_in.append((who, place, verdict.lane))

    for who in range(1, 7):
        assert sum(each[0] == who for each in let_in) <= 5
    for place in range(1, 5):
        assert sum(each[1:] == (place, Lane.FAST) for each in let_in) <= 8
        assert sum(each[1:] == (place, Lane.SLOW) for each in let_in) <= 2


def test_links_to_leave_are_limited_for_a_mailbox_and_for_a_place(counters: MemoryCounters) -> None:
    def ask(who: int, network: str) -> Verdict:
        return Limiter(counters, POLICY, KEY).may_ask_for_link(an_id(who), network, now=NOW)

    assert [ask(1, f"198.51.100.{place}").allowed for place in range(1, 5)] == [True, True, True, False]
    assert all(ask(who, HERE).allowed for who in range(10, 18))
    with pytest.raises(NetworkFullError):
        ask(18, HERE)


def test_a_sign_up_uses_nothing_of_what_leaving_may_use(counters: MemoryCounters) -> None:
    for who in range(1, 30):
        attempt(counters, who)

    assert Limiter(counters, POLICY, KEY).may_ask_for_link(an_id(1), HERE, now=NOW).allowed
