"""The figures that the docs point to: there, whole, and within the bounds that do not hang on a machine."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bench.desk import PAGES, PAUSES
from bench.feeding import at_a_time
from bench.function_memory import megabytes
from bench.ses_stream import report_names
from bench.timing import auc

RESULTS = Path(__file__).parent.parent.parent / "bench" / "results" / "latest.json"


def results() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(RESULTS.read_text())
    return loaded


def test_a_long_issue_with_pictures_was_published_and_its_calls_counted() -> None:
    publish = results()["publish"]
    assert (publish["words"], publish["pictures"]) == (5000, 5)
    assert publish["ms"] > 0
    assert publish["aws_calls"] == sum(publish["calls"].values()) > 0
    assert publish["html_bytes"] < 102 * 1000, "Gmail would cut it off"


def test_the_command_line_was_started_for_its_help_and_for_a_listing() -> None:
    assert 0 < results()["cli"]["help_ms"] < results()["cli"]["listing_ms"]


def test_one_more_issue_costs_the_same_in_a_young_archive_and_in_an_old_one() -> None:
    young, old = results()["archive"]["10"], results()["archive"]["2000"]
    # The feeds carry twenty issues, and a young archive has not got so many.
    assert old["aws_calls"] - young["aws_calls"] <= 20
    assert old["calls"]["dynamodb"] == young["calls"]["dynamodb"]


def test_an_hourly_look_at_a_year_costs_the_same_however_long_the_archive_is() -> None:
    looks = results()["hourly_look"]
    assert set(looks) == {"50", "2000", "20000"}
    assert len({str(look["calls"]) for look in looks.values()}) == 1


def test_the_laptop_was_started_and_looked_at() -> None:
    laptop = results()["laptop"]
    assert laptop["demo_s"] > 0
    assert laptop["page_ms"] > 0


@pytest.mark.parametrize("rate", ["14", "200", "1000"])
def test_a_send_kept_to_the_rate_and_was_hardly_ever_throttled(rate: str) -> None:
    measured = results()["rate"][rate]
    assert 0.95 <= measured["sustained_share"] <= 1
    assert 0 <= measured["throttled_share"] <= 0.01
    assert measured["recipients"] >= 500


@pytest.mark.parametrize("rate", ["5000", "10000", "50000"])
def test_a_send_of_a_large_account_used_the_rate_and_met_no_wall_of_the_store(rate: str) -> None:
    measured = results()["rate"][rate]
    assert 0.95 <= measured["sustained_share"] <= 1
    assert measured["throttled_share"] <= 0.01
    assert measured["workers"] == int(rate) // 1000 + 2
    assert measured["writes_throttled"] == 0
    assert measured["write_units_of_a_partition_per_s"] <= 500
    assert measured["refused_writes_per_1000"] <= 0.1


@pytest.mark.parametrize("way", ["bulk", "single"])
def test_what_a_send_takes_was_measured_and_its_calls_counted(way: str) -> None:
    send = results()["send"][way]
    assert send["provider_latency_ms"] == 50
    assert send["recipients_per_s"] > 0
    assert send["cpu_s_per_1000"] > 0
    assert 0 < send["peak_rss_mb"] <= 256
    assert set(send["calls_per_1000"]) == {"dynamodb", "sesv2", "sqs"}
    assert send["usd_per_million"] > 0


@pytest.mark.parametrize("memory", ["whole", "large_stack", "small_stack"])
def test_a_worker_with_stores_that_take_their_time_was_measured_beside_the_limit(memory: str) -> None:
    worker, limit = results()["send"]["bulk"]["with_store"][memory], results()["limit"]
    assert (
        0 < worker["recipients_per_s"] == pytest.approx(worker["share_of_limit"] * limit["recipients_per_s"], rel=0.01)
    )
    assert worker["cpu_s_per_1000"] > limit["cpu_s_per_1000"] > 0
    assert 0 < worker["peak_rss_mb"] <= 80
    assert sum(worker["calls_per_1000"].values()) <= 41
    assert worker["refused_writes_per_1000"] <= 0.5


def test_a_worker_is_measured_with_the_memory_that_it_is_given() -> None:
    measured = results()["send"]["bulk"]["with_store"]
    assert measured["small_stack"]["memory_mb"] == megabytes("Send")
    assert measured["large_stack"]["memory_mb"] == megabytes("Send", large=True)


def test_a_thousand_readers_take_the_calls_that_the_code_says() -> None:
    bulk = results()["send"]["bulk"]["calls_per_1000"]
    # Twenty calls of fifty, a few that are not full at the end of a shard, and what planning asks about the account.
    assert 20 <= bulk["sesv2"] <= 21
    # Ten reads of a hundred readers. The rest is shared by a batch of up to a thousand: planning, batch, room, claim,
    # outcomes, the batches that are through, and the header each second, which all threads of a worker share; and how
    # the send is spread, which planner and worker ask once.
    assert 10 < bulk["dynamodb"] <= 21
    assert sum(bulk.values()) <= 42
    single = results()["send"]["single"]
    handing_over = single["calls_per_1000"]["sesv2"] - single["calls_per_1000_planning"]["sesv2"]
    assert handing_over == pytest.approx(1000, abs=0.2), "both are rounded"


def test_reports_of_ses_were_recorded_by_the_function_as_it_is_deployed() -> None:
    measured = results()["feedback"]["with_store"]
    assert measured["at_a_time"] == at_a_time()
    assert measured["events_per_core_s"] * measured["cpu_s_per_1000"] == pytest.approx(1000, rel=0.01)
    assert measured["writes_per_1000"] <= 25
    assert len(measured["profile"]) == 10


def test_a_send_is_reported_mail_by_mail_and_each_report_after_what_it_follows_from() -> None:
    named = list(report_names(4_000))
    place = {each: number for number, each in enumerate(named)}
    assert len(place) == len(named), "each once"
    assert Counter(name for _, name in named) == {
        "send": 4_000, "delivery": 3_960, "bounce_no_email": 20, "bounce_transient": 20, "delivery_delay": 40,
        "complaint": 1,
    }  # fmt: skip
    assert all(place[mail, "send"] <= at for (mail, _), at in place.items())


@pytest.mark.parametrize("page", sorted(PAGES))
def test_each_page_of_the_desk_was_measured_and_its_calls_counted(page: str) -> None:
    measured = results()["desk"]["pages"][page]
    assert measured["cold_ms"] > 0 < measured["cold_cpu_ms"]  # what runs side by side takes more than passes
    assert measured["p95_ms"] >= measured["p50_ms"] > 0
    assert measured["aws_calls"] == sum(measured["operations"].values()) <= measured["cold_aws_calls"]
    assert 0 < measured["bytes"] <= 60_000


def test_an_hour_of_writing_costs_less_than_a_cent() -> None:
    desk = results()["desk"]
    hour, pages = desk["writing_hour"], desk["pages"]
    assert hour["requests"] == 2 * hour["pauses"] + 1 == 2 * PAUSES + 1
    calls = PAUSES * (pages["preview"]["aws_calls"] + pages["autosave"]["aws_calls"]) + pages["write"]["aws_calls"]
    assert sum(hour["operations"].values()) == calls
    assert 0 < hour["usd"] < 0.01


@pytest.mark.parametrize("form", ["sign_up", "leave_by_address", "account_by_address", "address_change"])
@pytest.mark.parametrize("kind", ["reader", "suppressed"])
def test_the_time_of_an_answer_does_not_tell_who_is_on_the_list(form: str, kind: str) -> None:
    assert 0.45 <= results()["timing"][form][kind] <= 0.55


def test_the_chance_to_guess_right_is_counted_over_all_pairs() -> None:
    assert auc([1, 2, 3], [1, 2, 3]) == 0.5
    assert auc([3, 4], [1, 2]) == 1
    assert auc([1, 2], [3, 4]) == 0
    assert auc([1, 2, 2], [2]) == pytest.approx(1 / 3)


def test_every_function_was_loaded_out_of_the_built_layer() -> None:
    built = results()["cold_built"]
    assert set(built) == {path.parent.name for path in RESULTS.parents[2].glob("functions/*/handler.py")}
    assert results()["cold_built_client_ms"] > 0
    assert all(0 < each["ms"] <= each["ms_scaled"] for each in built.values())
    # A whole processor is a whole processor: nothing is scaled.
    assert built["report"]["ms"] == built["report"]["ms_scaled"]


@pytest.mark.parametrize("name", ["confirm", "preferences", "subscribe", "unsubscribe"])
def test_a_page_was_measured_from_its_start(name: str) -> None:
    measured = results()["first_answer"][name]

    assert 0 < measured["load_ms"] < measured["load_scaled_ms"]
    assert 0 < measured["cpu_ms"] < measured["first_ms"] < measured["first_scaled_ms"]
    assert measured["p50_ms"] <= measured["p99_ms"]
