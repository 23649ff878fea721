"""Failures on demand."""

import time

import httpx
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from local.simulator.faults import Faults, FaultSource, parse_faults
from tests.local.simulator.sending import bulk, entry, single
from tests.ses_server import SesServer


def put(ses: SesServer, name: str, value: object) -> httpx.Response:
    return ses.http("PUT", f"/_simulator/{name}", json=value)


def stats(ses: SesServer) -> dict[str, int]:
    found: dict[str, int] = ses.http("GET", "/_simulator/stats").json()
    return found


def test_a_lost_answer_is_an_accepted_message_and_a_dropped_connection(ses: SesServer) -> None:
    put(ses, "faults", {"lose_answer": 1})

    with pytest.raises(ConnectionClosedError):
        single(ses)

    assert len(ses.messages()) == 1
    assert [event["eventType"] for event in ses.events()] == ["Send", "Delivery"]
    assert stats(ses)["lost_answers"] == 1


def test_a_throttled_call_accepts_nothing(ses: SesServer) -> None:
    put(ses, "faults", {"throttle": 1})

    with pytest.raises(ClientError) as refused:
        bulk(ses, [entry("ann@example.org")])

    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert ses.messages() == []
    assert stats(ses)["throttled_by_fault"] == 1


def test_a_500_proves_nothing_some_were_accepted_and_some_were_not(ses: SesServer) -> None:
    put(ses, "faults", {"error_5xx": 1, "seed": 3})

    for _ in range(20):
        with pytest.raises(ClientError) as failed:
            single(ses)
        assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500

    assert 0 < len(ses.messages()) < 20
    assert stats(ses)["errors_5xx_accepted"] == len(ses.messages())


def test_entries_fail_alone(ses: SesServer) -> None:
    put(ses, "faults", {"entry_failure": 0.5, "seed": 1})

    statuses = [each["Status"] for each in bulk(ses, [entry(f"r{n}@example.org") for n in range(40)])]

    assert set(statuses) == {"SUCCESS", "TRANSIENT_FAILURE"}
    assert len(ses.messages()) == statuses.count("SUCCESS")


def test_latency_delays_the_answer_and_not_the_acceptance(ses: SesServer) -> None:
    put(ses, "faults", {"latency_ms": 60})

    before = time.monotonic()
    single(ses)

    assert time.monotonic() - before >= 0.06


def test_an_empty_object_clears_all_faults(ses: SesServer) -> None:
    put(ses, "faults", {"throttle": 1})

    assert put(ses, "faults", {}).json()["throttle"] == 0
    single(ses)


@pytest.mark.parametrize(
    "wanted",
    [{"throtle": 1}, {"throttle": 2}, {"lose_answer": "often"}, {"latency_ms": -1}, {"seed": 1.5}, {"throttle": True}],
)
def test_a_fault_we_do_not_know_is_refused_by_name(ses: SesServer, wanted: dict[str, object]) -> None:
    answer = put(ses, "faults", wanted)

    assert answer.status_code == 400
    assert next(iter(wanted)) in answer.json()["message"]


def test_the_same_seed_fails_in_the_same_places() -> None:
    def drawn(seed: int) -> list[bool]:
        source = FaultSource(parse_faults({"throttle": 0.3, "seed": seed}))
        return [source.throttle() for _ in range(50)]

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)


def test_what_happens_to_events_does_not_shift_what_happens_to_calls() -> None:
    quiet, busy = (FaultSource(Faults(throttle=0.5, event_loss=0.5, seed=1)) for _ in range(2))
    for _ in range(10):
        busy.event_copies()

    assert [quiet.throttle() for _ in range(20)] == [busy.throttle() for _ in range(20)]


def test_how_many_entries_a_call_has_shifts_no_call() -> None:
    quiet, busy = (FaultSource(Faults(throttle=0.5, entry_failure=0.5, seed=1)) for _ in range(2))
    for _ in range(50):
        busy.entry_failure()

    assert [quiet.throttle() for _ in range(20)] == [busy.throttle() for _ in range(20)]


def test_the_account_is_changed_by_the_names_of_the_contract(ses: SesServer) -> None:
    put(ses, "account", {"max_send_rate": 7, "max_24_hour_send": 90, "sending_enabled": False})

    account = ses.client.get_account()
    assert account["SendQuota"] == {"Max24HourSend": 90.0, "MaxSendRate": 7.0, "SentLast24Hours": 0.0}
    assert (account["SendingEnabled"], account["EnforcementStatus"]) == (False, "HEALTHY")


@pytest.mark.parametrize(
    "wanted", [{"rate": 1}, {"enforcement_status": "FINE"}, {"sending_enabled": 1}, {"max_send_rate": "x"}]
)
def test_an_account_setting_we_do_not_know_is_refused(ses: SesServer, wanted: dict[str, object]) -> None:
    assert put(ses, "account", wanted).status_code == 400


def test_stats_tell_recipients_by_second_kind_and_operation(ses: SesServer) -> None:
    bulk(ses, [entry(f"r{n}@example.org", kind="issue") for n in range(3)])
    ses.clock.advance(2)
    single(ses, EmailTags=[{"Name": "kind", "Value": "welcome"}])

    counted = ses.http("GET", "/_simulator/stats").json()
    assert (counted["calls"], counted["accepted"], counted["peak_recipients_per_second"]) == (2, 4, 3)
    assert counted["recipients_per_second"] == [
        {"second": "2026-12-01T09:00:00Z", "recipients": 3, "SendBulkEmail": 3, "kind:issue": 3},
        {"second": "2026-12-01T09:00:02Z", "recipients": 1, "SendEmail": 1, "kind:welcome": 1},
    ]
