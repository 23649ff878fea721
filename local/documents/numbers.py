"""docs/numbers.md: what `make bench` measured last, as tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from bench import aims
from local.documents.within import with_parts
from local.process import ROOT

FILE = ROOT / "docs" / "numbers.md"
RESULTS = ROOT / "bench" / "results" / "latest.json"


def results() -> dict[str, Any]:
    """Return what was measured last."""
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def as_text() -> str:
    """Return the page with its tables."""
    found = results()
    return with_parts(
        FILE,
        {
            "machine": f"Measured on {found['measured_on']}: {found['cores']} processors, Python {found['python']}.",
            "aims": _table([*aims.COLUMNS], aims.rows(found)),
            "send": _send(found["send"]),
            "with_store": _with_store(found["send"]["bulk"]["with_store"], found["limit"]),
            "rate": _rate(found["rate"]),
            "slot": _slot(found["slot_to_first_s"], found["slot_to_closed_s"]),
            "import": _import(found["import"]),
            "growth": _growth(found["growth"]),
            "http": _http(found["http"]),
            "desk": _desk(found["desk"]),
            "writing": _writing(found["desk"]["writing_hour"]),
            "timing": _timing(found["timing"]),
            "cold": _cold(found["cold_import"], found["boto3_client_ms"]),
            "built": _built(found["cold_built"], found["cold_built_client_ms"]),
            "start": _start(found["first_answer"]),
            "rest": _rest(found),
        },
    )


def _send(send: Mapping[str, Any]) -> str:
    heads = [
        "way",
        "readers a second",
        "against the simulator",
        "CPU s for 1,000",
        "memory, MB",
        "calls for 1,000",
        "USD a million, without SES",
    ]
    rows = [
        [
            way,
            f"{each['recipients_per_s']:,}",
            f"{each['against_simulator_per_s']:,}" if "against_simulator_per_s" in each else "",
            f"{each['cpu_s_per_1000']:.3f}",
            f"{each['peak_rss_mb']}",
            ", ".join(f"{service} {count:,g}" for service, count in sorted(each["calls_per_1000"].items())),
            f"{each['usd_per_million']:.2f}",
        ]
        for way, each in sorted(send.items())
    ]
    return _table(heads, rows)


def _with_store(with_store: Mapping[str, Any], limit: Mapping[str, Any]) -> str:
    heads = ["what", "MB given", "of a processor", "readers a second", "share of the limit", "CPU s for 1,000"]
    names = {"whole": "the worker", "large_stack": "the same in a large stack", "small_stack": "in a small stack"}
    rows = [["the limit", "", "1", f"{limit['recipients_per_s']:,}", "", f"{limit['cpu_s_per_1000']:.3f}"]]
    rows[0] += [str(limit["peak_rss_mb"]), "", ""]
    for name, words in names.items():
        each = with_store[name]
        rows.append([
            words,
            f"{each['memory_mb']:,}",
            f"{each['processors']:g}",
            f"{each['recipients_per_s']:,}",
            f"{each['share_of_limit']:.0%}",
            f"{each['cpu_s_per_1000']:.3f}",
            f"{each['peak_rss_mb']}",
            f"{sum(each['calls_per_1000'].values()):.1f}",
            f"{each['gb_seconds_per_1000']:.2f}",
        ])  # fmt: skip
    return _table([*heads, "memory, MB", "calls for 1,000", "GB-seconds for 1,000"], rows)


def _rate(rate: Mapping[str, Any]) -> str:
    rows = [
        [
            f"{int(limit):,}",
            f"{each['sustained_share']:.1%}",
            f"{each['throttled_share']:.2%}",
            str(each.get("workers", "")),
            str(each.get("partitions", "")),
            str(each.get("write_units_of_a_partition_per_s", "")),
        ]
        for limit, each in sorted(rate.items(), key=lambda item: int(item[0]))
    ]
    heads = ["the account's rate, a second", "used", "throttled"]
    return _table([*heads, "workers", "partitions", "write units a second of the busiest"], rows)


def _slot(first: Mapping[str, Any], closed: Mapping[str, Any]) -> str:
    starts = ", ".join(f"`{name}` {seconds:.2f}" for name, seconds in first["starts"].items())
    rows = [
        ["slot to first email", f"{first['warm']:.2f}", f"{first['cold']:.2f}"],
        ["slot to closed books, 1,000 readers", f"{closed['list_of_1000']:.2f}", f"{closed['list_of_1000_cold']:.2f}"],
        ["last answer to closed books, 1,000 readers", f"{closed['close_of_1000']:.2f}", ""],
        ["last answer to closed books, 100,000 readers", f"{closed['close_of_100000']:.2f}", ""],
    ]
    return f"{_table(['seconds', 'warm', 'cold'], rows)}\n\nSeconds that a start takes: {starts}."


def _import(found: Mapping[str, Any]) -> str:
    names = {"memory": "stores in memory", "laptop": "a laptop's stack"}
    rows = [
        [names[name], f"{each['seconds_for_100000']:g}", f"{each['rows_per_s']:,}"]
        for name, each in sorted(found.items(), reverse=True)
    ]
    return _table(["100,000 rows into", "seconds", "rows a second"], rows)


def _growth(growth: Mapping[str, Any]) -> str:
    heads = ["readers", "planning: CPU s", "calls for 1,000", "most memory of a run, MB", "sending: CPU s"]
    rows = [
        [
            f"{int(size):,}",
            f"{each['planning']['cpu_s']:g}",
            f"{each['planning']['calls_per_1000']:g}",
            f"{each['planning']['most_mb']:g}",
            f"{each['sending']['cpu_s']:g}",
        ]
        for size, each in sorted(growth.items(), key=lambda item: int(item[0]))
    ]
    return _table([*heads, "calls for 1,000"], [
        [*row, f"{growth[size]['sending']['calls_per_1000']:g}"]
        for row, size in zip(rows, sorted(growth, key=int), strict=True)
    ])  # fmt: skip


def _http(http: Mapping[str, Any]) -> str:
    rows = [
        [f"`{name}`", f"{each['p50_ms']:g}", f"{each['p99_ms']:g}", str(each["aws_calls"])]
        for name, each in sorted(http.items())
    ]
    return _table(["function", "half, ms", "99 in 100, ms", "AWS calls"], rows)


def _desk(desk: Mapping[str, Any]) -> str:
    heads = ["page", "cold, ms", "of a processor", "warm, half, ms", "95 in 100", "of a processor"]
    rows = [
        [
            f"`{name}`",
            f"{each['cold_ms']:,}",
            f"{each['cold_cpu_ms']:,}",
            f"{each['p50_ms']:g}",
            f"{each['p95_ms']:g}",
            f"{each['cpu_ms']:g}",
            f"{each['cold_aws_calls']}, {each['aws_calls']}",
            f"{each['bytes']:,}",
        ]
        for name, each in desk["pages"].items()
    ]
    return _table([*heads, "AWS calls, cold and warm", "bytes sent"], rows)


def _writing(hour: Mapping[str, Any]) -> str:
    calls = ", ".join(f"{count:,} {name}" for name, count in hour["operations"].items())
    return (
        f"An hour of writing, with {hour['pauses']:,} pauses at which the text is drawn and saved: "
        f"{hour['requests']:,} requests, {hour['gb_seconds']:g} GB-seconds; {calls}. Together {hour['usd']:.4f} USD."
    )


def _timing(timing: Mapping[str, Any]) -> str:
    rows = [
        [f"`{form}`", f"{each['reader']:.2f}", f"{each['suppressed']:.2f}"] for form, each in sorted(timing.items())
    ]
    return _table(["form", "a reader", "a suppressed address"], rows)


def _cold(cold: Mapping[str, Any], bare: int) -> str:
    rows = [
        [f"`{name}`", str(each["ms"]), f"{each['ratio_to_boto3_client']:.2f}"] for name, each in sorted(cold.items())
    ]
    return _table(["function", "ms", f"against boto3 with a client ({bare} ms)"], rows)


def _built(built: Mapping[str, Any], bare: int) -> str:
    rows = [
        [f"`{name}`", str(each["ms"]), f"{each['ms_scaled']:,}", f"{each['ratio_to_botocore_client']:.2f}"]
        for name, each in sorted(built.items())
    ]
    heads = ["function", "ms of a whole processor", "scaled to its share", f"against a client alone ({bare} ms)"]
    return _table(heads, rows)


def _start(pages: Mapping[str, Any]) -> str:
    rows = [
        [
            f"`{name}`",
            *(f"{each[key]:,}" for key in ("load_ms", "load_scaled_ms", "first_ms", "first_scaled_ms")),
            *(f"{each[key]:g}" for key in ("cpu_ms", "p50_ms", "p99_ms")),
        ]
        for name, each in sorted(pages.items())
    ]
    heads = [
        "function",
        "loading, ms",
        "scaled",
        "first answer, ms",
        "scaled",
        "a later one, ms",
        "half, ms",
        "99 in 100, ms",
    ]
    return _table(heads, rows)


def _rest(found: Mapping[str, Any]) -> str:
    publish, archive, feedback = found["publish"], found["archive"], found["feedback"]
    stored = feedback["with_store"]
    return _table(
        ["what", "figure"],
        [
            [
                f"an issue of {publish['words']:,} words and {publish['pictures']} pictures, warm",
                f"{publish['ms']:,} ms, {publish['aws_calls']} AWS calls, {publish['html_bytes']:,} bytes of mail",
            ],
            *(
                [f"one more issue in an archive of {int(size):,}", f"{each['aws_calls']} AWS calls, {each['ms']:,} ms"]
                for size, each in sorted(archive.items(), key=lambda item: int(item[0]))
            ),
            *(
                [f"an hourly look at a year, in an archive of {int(size):,}", f"{each['aws_calls']} AWS calls"]
                for size, each in sorted(found.get("hourly_look", {}).items(), key=lambda item: int(item[0]))
            ),
            [
                f"{feedback['events']:,} events of SES",
                f"{feedback['events_per_s']:,} a second, {feedback['writes_per_1000']:g} writes for 1,000",
            ],
            [
                f"{stored['events']:,} by its function, with reading, clients and stores",
                f"{stored['events_per_core_s']:,} a second of a core, {stored['writes_per_1000']:g} writes for 1,000",
            ],
        ],
    )


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
