"""Limits: what counts together, for how long, and that a counter tells nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.readers.domain.limits import (
    DAY,
    HOUR,
    Lane,
    Limit,
    Policy,
    Subject,
    counter,
    networks_of,
)
from newsletter.readers.limiter import Limiter
from tests.core.fakes import NOW, MemoryCounters

POLICY = Policy(proof_of_work=True, per_network=40, per_hour=1000)
MOMENTS = st.integers(0, 7_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
HERE, V6 = "192.0.2.7", "2001:db8:1:2::7"
NAMES = sorted({limit.name for lane in Lane for limit in POLICY.of_sign_up(lane)})
HOURLY = Limit("network", Subject.NETWORK, 3, HOUR)


def key_of(subject: str, *, limit: Limit = HOURLY, after: timedelta = timedelta(0), key: str = "key") -> str:
    return counter(limit, subject, key=key, now=NOW + after).key


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "20010db800010002/64 20010db8000100/56 20010db80001/48"),
        ("2001:db8:1:2::", "20010db800010002/64 20010db8000100/56 20010db80001/48"),
        ("2001:db8:1:3::1", "20010db800010003/64 20010db8000100/56 20010db80001/48"),
        ("fe80::1%eth0", "fe80000000000000/64 fe800000000000/56 fe8000000000/48"),
        ("", "unknown"),
        ("not an address", "unknown"),
        ("192.0.2.7, 192.0.2.8", "unknown"),
    ],
)
def test_a_network_is_one_place(address: str, network: str) -> None:
    assert " ".join(networks_of(address).values()) == network


@given(st.text())
def test_no_text_makes_a_network_fail(address: str) -> None:
    assert networks_of(address)[Subject.NETWORK]


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(2**32, 2**64 - 1))
def test_whoever_owns_a_64_is_one_place_whatever_address_they_use(one: int, other: int, prefix: int) -> None:
    assert networks_of(str(IPv6Address(prefix << 64 | one))) == networks_of(str(IPv6Address(prefix << 64 | other)))


@pytest.mark.parametrize(("bits", "subject"), [(56, Subject.SITE), (48, Subject.PROVIDER)])
@given(data=st.data())
def test_whoever_owns_more_is_one_place_too(bits: int, subject: Subject, data: st.DataObject) -> None:
    prefix = data.draw(st.integers(2**32, 2**bits - 1))
    one, other = (data.draw(st.integers(0, 2 ** (128 - bits) - 1)) for _ in range(2))

    places = [networks_of(str(IPv6Address(prefix << (128 - bits) | host))) for host in (one, other)]

    assert places[0][subject] == places[1][subject]


def test_a_counter_is_shared_within_its_window_and_new_in_the_next() -> None:
    start = counter(HOURLY, "place", key="key", now=NOW).expires_at - HOUR - NOW

    assert key_of("place", after=start) == key_of("place", after=start + HOUR - timedelta(seconds=1))
    assert key_of("place", after=start) != key_of("place", after=start + HOUR)


@given(MOMENTS, st.sampled_from([HOUR, DAY]))
def test_a_counter_may_be_forgotten_only_when_its_window_is_over(now: datetime, window: timedelta) -> None:
    expires = counter(Limit("any", Subject.NETWORK, 1, window), "place", key="key", now=now).expires_at

    assert now < expires <= now + window


def test_a_counter_tells_nothing_about_whom_it_counts() -> None:
    made = key_of("192.0.2.7")

    assert made.startswith("network#")
    assert "192" not in made.removeprefix("network#")[:4]
    assert made != key_of("192.0.2.7", key="another key")
    assert made.partition("#")[2] != key_of("192.0.2.7", limit=Limit("address", Subject.ADDRESS, 3, HOUR))[8:]


@given(st.text(max_size=5), st.text(max_size=5))
def test_two_subjects_never_share_a_counter(one: str, other: str) -> None:
    try:
        same = key_of(one) == key_of(other)
    except UnicodeEncodeError:
        return
    assert same == (one == other)


def stopped(limits: Sequence[Limit], counts: Mapping[str, int], network: str = HERE) -> str:
    """Return what stops the next attempt, where so many came before."""
    counters = MemoryCounters()
    subjects = {Subject.ADDRESS: "id", Subject.NETWORK: network}
    for limit in limits:
        known = subjects | networks_of(network)
        if limit.subject in known:
            counters.counts[counter(limit, known[limit.subject], key="key", now=NOW).key] = counts.get(limit.name, 0)
    return Limiter(counters, POLICY, "key").stopped_by(limits, subjects, now=NOW)


def test_a_limit_is_reached_by_the_attempt_after_the_last() -> None:
    assert stopped([HOURLY], {"network": 2}) == ""
    assert stopped([HOURLY], {"network": 3}) == "network"


def test_the_narrowest_limit_that_is_reached_is_named() -> None:
    limits = POLICY.of_sign_up(Lane.FAST)

    assert stopped(limits, {"network": 40, "address": 5}) == "network"
    assert stopped(limits, {"network": 39, "address": 5}) == "address"


@given(st.dictionaries(st.sampled_from(NAMES), st.integers(0, 2000)), st.sampled_from(Lane))
def test_an_attempt_goes_on_exactly_when_no_count_is_above_its_limit(counts: dict[str, int], lane: Lane) -> None:
    limits = POLICY.of_sign_up(lane)

    assert bool(stopped(limits, counts, V6)) == any(counts.get(limit.name, 0) >= limit.most for limit in limits)


def test_larger_networks_have_more_room_each() -> None:
    for limits in (POLICY.of_sign_up(Lane.FAST), POLICY.of_sign_up(Lane.SLOW), POLICY.of_leaving()):
        places = [each.most for each in limits if each.subject in (Subject.NETWORK, Subject.SITE, Subject.PROVIDER)]
        assert places == sorted(places)
        assert len(set(places)) == 3


def test_the_slow_lane_is_stricter_and_leaves_the_room_of_the_fast_one_alone() -> None:
    fast, slow = POLICY.of_sign_up(Lane.FAST), POLICY.of_sign_up(Lane.SLOW)

    assert all(narrow.most < wide.most for narrow, wide in zip(slow, fast, strict=True))
    assert {each.name for each in fast} & {each.name for each in slow} == {"address"}


def test_a_mailbox_is_counted_in_both_lanes_together() -> None:
    fast, slow = ({each.name: each for each in POLICY.of_sign_up(lane)}["address"] for lane in Lane)

    assert counter(fast, "id", key="key", now=NOW) == counter(slow, "id", key="key", now=NOW)


def test_without_proof_of_work_everybody_takes_the_fast_lane() -> None:
    assert Policy(proof_of_work=False, per_network=40, per_hour=1000).lane(proved=False) is Lane.FAST
    assert POLICY.lane(proved=False) is Lane.SLOW
    assert POLICY.lane(proved=True) is Lane.FAST


def test_the_smallest_policy_still_lets_somebody_in() -> None:
    smallest = Policy(proof_of_work=True, per_network=4, per_hour=4)

    assert all(limit.most >= 1 for limit in smallest.of_sign_up(Lane.SLOW))


def test_limits_that_share_a_name_share_window_and_subject() -> None:
    lanes = [limit for lane in Lane for limit in (*POLICY.of_sign_up(lane), *POLICY.of_mails(lane))]
    every = [*lanes, *POLICY.of_leaving(), *POLICY.of_notices(), POLICY.of_domain(), POLICY.of_mailbox()]
    kinds = {(limit.name, limit.window, limit.subject) for limit in every}

    assert len(kinds) == len({name for name, _, _ in kinds})
