"""What each part of the system aims at, and whether the last measurement reached it.

An aim is a bound that somebody chose for a reason, and the key of `bench/results/latest.json` that it is about. It
judges the figures as they stand there: what nobody measured is neither reached nor missed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """Whether an aim is reached."""

    YES = "yes"
    NO = "no"
    NOT_MEASURED = "not measured"


class Figure(StrEnum):
    """What is made of the figures of an aim."""

    WORST = "worst"
    SUM = "sum"
    SPREAD = "spread"
    """The largest less the smallest."""
    RATIO = "ratio"
    """Of the first key to the second, the worst where there are several."""


@dataclass(frozen=True, slots=True)
class Aim:
    """A bound on a measured figure."""

    subject: str
    what: str
    keys: tuple[str, ...]
    """Paths in the results; a star stands for each name at its place."""
    bound: float
    reason: str
    unit: str = ""
    at_least: bool = False
    """Whether more is better."""
    figure: Figure = Figure.WORST
    share: str = ""
    """Path of the share of what hand-written requests reach (`bench/limit.py`), where there is one."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An aim beside what was measured."""

    aim: Aim
    figure: float | None
    share: float | None
    verdict: Verdict


START = "Who meets a cold page waits for both; a second altogether is where people begin to wonder."
COLUMNS = "subject", "what", "aim", "figure", "limit", "reached"
"""Headings of the table; `limit` is the share of it."""

STORED = "send.bulk.with_store"

AIMS = (
    Aim("worker", "readers, a whole core", (f"{STORED}.whole.recipients_per_s",), 6_000,
        "Two thirds of what requests written by hand reach in the same language.", "/s", at_least=True,
        share=f"{STORED}.whole.share_of_limit"),
    Aim("worker", "readers, a large stack's share", (f"{STORED}.large_stack.recipients_per_s",), 4_000,
        "The memory that costs the fewest GB-seconds a reader (decision 0218).", "/s", at_least=True,
        share=f"{STORED}.large_stack.share_of_limit"),
    Aim("worker", "processor for 1,000 readers", (f"{STORED}.whole.cpu_s_per_1000",), 0.07,
        "What is left is a millisecond for each of forty calls, and thirty microseconds a reader.", "s"),
    Aim("worker", "memory", (f"{STORED}.*.peak_rss_mb",), 80, "Room for ten batches within the smallest function.",
        "MB"),
    Aim("worker", "calls for 1,000, with planning",
        (f"{STORED}.whole.calls_per_1000.*", "send.bulk.calls_per_1000_planning.*"), 40,
        "Twenty calls of fifty, ten reads of a hundred, and what a batch of a thousand shares.", figure=Figure.SUM),
    Aim("worker", "refused writes for 1,000", (f"{STORED}.whole.refused_writes_per_1000",), 0.1,
        "A refused write is paid like one that holds."),
    Aim("time", "slot to first email, warm", ("slot_to_first_s.warm",), 1.0,
        "Four functions and four queues, of which none may wait for a clock.", "s"),
    Aim("time", "slot to first email, cold", ("slot_to_first_s.cold",), 2.5,
        "Hours pass without a visit before a slot: cold is the usual case.", "s"),
    Aim("time", "1,000 readers at 200/s", ("slot_to_closed_s.list_of_1000",), 7,
        "Five seconds are the rate's; the rest is the way there and the books.", "s"),
    Aim("time", "last answer to books, 100,000", ("slot_to_closed_s.close_of_100000",), 5,
        "Editors look at the desk when the last email has left.", "s"),
    Aim("large", "share of 5,000/s used", ("rate.5000.sustained_share",), 0.95,
        "What an account allows is what it is paid for.", at_least=True),
    Aim("large", "share of 10,000/s used", ("rate.10000.sustained_share",), 0.95, "As above.", at_least=True),
    Aim("large", "share of 50,000/s used", ("rate.50000.sustained_share",), 0.95, "As above.", at_least=True),
    Aim("start", "a page's import, scaled", ("first_answer.*.load_scaled_ms",), 700, START, "ms"),
    Aim("start", "a page's first answer, scaled", ("first_answer.*.first_scaled_ms",), 250, START, "ms"),
    Aim("start", "pages to botocore's one client",
        tuple(f"cold_built.{page}.ratio_to_botocore_client" for page in ("confirm", "preferences", "subscribe",
                                                                         "unsubscribe")), 1.15,
        "Nobody who speaks to AWS gets around a client.", "x"),
    Aim("pages", "sign-up, processor", ("first_answer.subscribe.cpu_ms",), 5,
        "A form that many fill in at once; a server in Go takes one.", "ms"),
    Aim("pages", "sign-up, round trips in a row", ("http.subscribe.in_a_row",), 2,
        "One to ask everything, one to write it down (decision 0223)."),
    Aim("pages", "one-click, processor", ("first_answer.unsubscribe.cpu_ms",), 2.5, "As for a sign-up.", "ms"),
    Aim("pages", "99 in 100 to half", ("first_answer.*.p99_ms", "first_answer.*.p50_ms"), 2,
        "One answer in a hundred is somebody's every day.", "x", figure=Figure.RATIO),
    Aim("publish", "calls, 5,000 words, 5 pictures", ("publish.with_store.calls",), 30,
        "A read and a write for each file that changes, and the record."),
    Aim("publish", "the same, S3 after 20 ms", ("publish.with_store.ms",), 1_000,
        "An editor who saves looks at the preview at once.", "ms"),
    Aim("publish", "calls of one more issue, 10", ("archive.10.aws_calls",), 30, "The archive may grow for ever."),
    Aim("publish", "the same beside 2,000", ("archive.2000.aws_calls",), 30,
        "As above; filling an archive of 20,000 takes minutes."),
    Aim("publish", "hourly look, calls that grow", ("hourly_look.*.aws_calls",), 0,
        "It runs 8,760 times a year; as many at 50 issues as at 20,000.", figure=Figure.SPREAD),
    Aim("command", "newsletter --help", ("cli.help_ms",), 250,
        "Nothing is asked of AWS; a shell completes in this time.", "ms"),
    Aim("command", "a listing, up to AWS", ("cli.listing_ms",), 500, "As above.", "ms"),
    Aim("command", "import of 100,000, in memory", ("import.memory.seconds_for_100000",), 60,
        "Whoever moves here watches the bar.", "s"),
    Aim("command", "the same on the laptop's stack", ("import.laptop.seconds_for_100000",), 180,
        "The emulator answers in milliseconds, one call at a time; ten times what a tenth of it took.", "s"),
    Aim("laptop", "a page, warm", ("laptop.page_ms",), 300, "As of a deployed page; most of it is the emulator.", "ms"),
    Aim("laptop", "make demo ONCE=1", ("laptop.demo_s",), 15,
        "The first look at the product, once it is installed.", "s"),
    Aim("feedback", "events a core", ("feedback.with_store.events_per_core_s",), 10_000,
        "Two events a reader, of an account with 5,000 a second.", "/s", at_least=True),
    Aim("feedback", "writes for 1,000 events", ("feedback.with_store.writes_per_1000",), 25,
        "A part of fifty readers is one item, written half full and full."),
    Aim("cost", "own, a million at 14/s", ("own_cost_usd.14",), 1.60, "One hundredth of SES's fee.", "USD"),
    Aim("cost", "own, a million at 200/s", ("own_cost_usd.200",), 0.60,
        "One event a reader is most of it, and evidence need not pass through queues.", "USD"),
)  # fmt: skip


def judge(aim: Aim, results: Mapping[str, Any]) -> Judged:
    """Return an aim beside what these results say of it."""
    found = [list(_values(results, key.split("."))) for key in aim.keys]
    shares = list(_values(results, aim.share.split("."))) if aim.share else []
    if not all(found) or not all(isinstance(value, (int, float)) for values in found for value in values):
        return Judged(aim, None, None, Verdict.NOT_MEASURED)
    figure = _figure(aim, found)
    reached = figure >= aim.bound if aim.at_least else figure <= aim.bound
    return Judged(aim, figure, shares[0] if shares else None, Verdict.YES if reached else Verdict.NO)


def _figure(aim: Aim, found: Sequence[Sequence[float]]) -> float:
    everything = [value for values in found for value in values]
    match aim.figure:
        case Figure.SUM:
            return sum(everything)
        case Figure.SPREAD:
            return max(everything) - min(everything)
        case Figure.RATIO:
            everything = [first / second for first, second in zip(*found, strict=True)]
    return min(everything) if aim.at_least else max(everything)


def _values(results: Any, path: Sequence[str]) -> Iterator[Any]:
    if not path:
        yield results
        return
    if not isinstance(results, Mapping):
        return
    name, *rest = path
    for each in sorted(results) if name == "*" else [name]:
        if each in results:
            yield from _values(results[each], rest)


def rows(results: Mapping[str, Any]) -> list[list[str]]:
    """Return the cells of the table of all aims, without its headings."""
    return [_row(judge(aim, results)) for aim in AIMS]


def _row(judged: Judged) -> list[str]:
    aim, share = judged.aim, judged.share
    return [
        aim.subject,
        aim.what,
        f"{'>=' if aim.at_least else '<='} {_number(aim.bound)}{_unit(aim)}",
        "" if judged.figure is None else f"{_number(judged.figure)}{_unit(aim)}",
        "" if share is None else f"{share:.0%}",
        judged.verdict,
    ]


def _unit(aim: Aim) -> str:
    return f" {aim.unit}" if aim.unit[:1].isalpha() and aim.unit != "x" else aim.unit


def _number(number: float) -> str:
    """Return a figure with three digits behind the point at most: a bound that is missed by less is not missed."""
    return f"{number:,.0f}" if abs(number) >= 1_000 else f"{round(number, 3):g}"  # noqa: PLR2004 - from there on, commas


WIDTHS = (8, 30, 11, 9, 5, 12)
"""Of the columns: with a blank between two they are 80."""


def as_text(results: Mapping[str, Any]) -> str:
    """Return the table for a terminal of 80 columns."""
    return "\n".join(_line(cells) for cells in [list(COLUMNS), *rows(results)])


def _line(cells: Sequence[str]) -> str:
    subject, what, *figures, reached = cells
    right = [f"{cell:>{width}}" for cell, width in zip(figures, WIDTHS[2:5], strict=True)]
    return " ".join([f"{subject:<{WIDTHS[0]}}", f"{what:<{WIDTHS[1]}}", *right, reached]).rstrip()
