"""Days and times as people write them, in the languages that we speak: `15 December 2026`, `le 1er mai 2027, 18h30`."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.core.time_zones import WallTime

_NAMES = (
    "january jan ionawr ion januar jänner janvier janv enero ene",
    "february feb chwefror chwef februar février fevrier févr fevr febrero",
    "march mar mawrth märz maerz mrz mars marzo",
    "april apr ebrill ebr avril avr abril abr",
    "may mai mayo",
    "june jun mehefin meh juni juin junio",
    "july jul gorffennaf gorff juli juillet juil julio",
    "august aug awst august août aout agosto ago",
    "september sep sept medi septembre septiembre setiembre",
    "october oct hydref hyd oktober okt octobre octubre",
    "november nov tachwedd tach novembre noviembre",
    "december dec rhagfyr rhag dezember dez décembre decembre déc diciembre dic",
)
"""The months in English, Welsh, German, French and Spanish, and their short forms; no word means two of them."""

MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}

_MONTH = rf"(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b\.?"
_NTH = r"(?:st|nd|rd|th|er|re|º|ª|af|ail|ydd|fed|ain|eg|\.)?"
_DAY = rf"(?P<day>\d{{1,2}}){_NTH}"

_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<year>\d{4})[-/.](?P<number>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
        rf"(?<!\d)(?:(?P<first>\d{{1,2}}){_NTH}\s*[–—-]\s*)?{_DAY}\s+(?:of\s+|de\s+|o\s+)?{_MONTH},?\s+(?:del?\s+)?(?P<year>\d{{4}})(?!\d)",
        rf"\b{_MONTH}\s+(?:(?P<first>\d{{1,2}}){_NTH}\s*[–—-]\s*)?{_DAY},?\s+(?P<year>\d{{4}})(?!\d)",
        r"(?<!\d)(?P<day>\d{1,2})(?P<mark>[./-])(?P<number>\d{1,2})(?P=mark)(?P<year>\d{4})(?!\d)",
    )
)


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """One day, or some days in a row, as they stand in a text."""

    begin: int
    end: int
    """Where they stand: characters of the text."""
    day: datetime.date | None
    """The last day; None when the day and the month could be each other, or there is no such day."""
    first_day: datetime.date | None
    readings: tuple[datetime.date, ...] = ()
    """What an ambiguous date such as 03/04/2026 could mean."""


def written_dates(text: str) -> list[WrittenDate]:
    """Return the dates of a text in their order."""
    found: list[WrittenDate] = []
    for form in _FORMS:
        for match in form.finditer(text):
            if not any(match.start() < other.end and other.begin < match.end() for other in found):
                found.append(_read(match))
    return sorted(found, key=lambda each: each.begin)


def only_date(text: str) -> WrittenDate | None:
    """Return the date that a text consists of, a day of the week before it at most."""
    found = written_dates(text)
    if len(found) != 1 or not re.fullmatch(
        r"(?:le\s+|el\s+)?(?:[^\W\d]+[.,]?\s*(?:den\s+|the\s+)?)?", text[: found[0].begin]
    ):
        return None
    return found[0] if not text[found[0].end :].strip(" .") and found[0].first_day == found[0].day else None


def _read(match: re.Match[str]) -> WrittenDate:
    parts = match.groupdict()
    year, day = int(parts["year"]), int(parts["day"])
    month = MONTHS[parts["month"].lower()] if parts.get("month") else int(parts["number"])
    begin, end = match.span()
    if parts.get("mark") in ("/", "-") and day != month:
        readings = tuple(each for each in (_date(year, month, day), _date(year, day, month)) if each)
        if len(readings) > 1:
            return WrittenDate(begin, end, None, None, readings)
        only = readings[0] if readings else None
        return WrittenDate(begin, end, only, only)
    last = _date(year, month, day)
    first = _date(year, month, int(parts["first"])) if parts.get("first") else last
    return WrittenDate(begin, end, last, first)


def _date(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


_TIME = (
    r"(?P<hour{0}>[01]?\d|2[0-4])(?:[:.](?P<minute{0}>[0-5]\d)|\s?h\s?(?P<past{0}>[0-5]\d)?)?"
    r"\s*(?P<half{0}>a\.?m\b\.?|p\.?m\b\.?)?(?P<clock{0}>\s*uhr\b)?"
)
_UNTIL = r"\s*(?:[–—-]|to|until|till|bis|à|au?|hasta(?: las)?|tan)\s*"
_TIMES = re.compile(
    rf"(?<![\d.:]){_TIME.format(1)}(?:{_UNTIL}{_TIME.format(2)})?(?![\d:])",
    re.IGNORECASE,
)


def written_times(text: str) -> list[datetime.time]:
    """Return when something begins, and when it ends if the text says so; nothing if it names no time of day."""
    for match in _TIMES.finditer(text):
        parts = match.groupdict()
        certain = any(
            parts[f"{name}{number}"] for number in (1, 2) for name in ("minute", "past", "half", "clock")
        ) or re.search(r"\dh\b", match[0], re.IGNORECASE)
        if certain:
            return list(_times(parts))
    return []


def _times(parts: dict[str, str | None]) -> Iterator[datetime.time]:
    for number in ("1", "2"):
        hour_text = parts[f"hour{number}"]
        if hour_text is None:
            return
        # “6–7.30pm”: what is said once is meant for both.
        half = (parts[f"half{number}"] or parts["half2"] or "").lower()
        hour = int(hour_text) % 24
        if half.startswith("p") and hour < 12:
            hour += 12
        elif half.startswith("a") and hour == 12:
            hour = 0
        yield datetime.time(hour, int(parts[f"minute{number}"] or parts[f"past{number}"] or 0))


HOUR_EXAMPLE = "2026-12-03 14:30"

_HOUR = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)(?:T|\s+|,\s*)(?P<hour>\d\d?)[:.](?P<minute>\d\d)"
    r"(?P<second>:\d\d(?:[.,]\d+)?)?(?P<rest>.*)"
)

_BEGINS_WITH_A_DAY = re.compile(r"\d+[-/.]\d|\d\d?:\d\d|\d{4}\d*T")

_HALF_OF_THE_DAY = re.compile(r"\s*[ap]\.?\s?m\b\.?", re.IGNORECASE)


def looks_like_hour(text: str) -> bool:
    """Return whether somebody meant a day or a time, well written or not."""
    return _BEGINS_WITH_A_DAY.match(text) is not None


def read_hour(text: str) -> WallTime | str:
    """Return the hour that is written, or else what its author should write instead, as a sentence."""
    found = _HOUR.fullmatch(text)
    if found is None:
        return f"Write year, month, day and time like this: send: {HOUR_EXAMPLE}"
    hour, minute, rest = int(found["hour"]), int(found["minute"]), found["rest"]
    try:
        day = datetime.date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return f"There is no such day. Write year, month, day and time like this: send: {HOUR_EXAMPLE}"
    if _HALF_OF_THE_DAY.match(rest):
        return f"Write it with 24 hours and no “am” or “pm”, like this: send: {HOUR_EXAMPLE}"
    if rest.strip():
        return f"Leave out what follows the time, which the newsletter's own clock shows: send: {HOUR_EXAMPLE}"
    if found["second"]:
        return f"Leave the seconds out: send: {day} {hour:02d}:{minute:02d}"
    if (hour, minute) == (24, 0) and day < datetime.date.max:
        return f"A day ends before 24:00. Write the next one: send: {day + datetime.timedelta(days=1)} 00:00"
    if hour > 23 or minute > 59:
        return f"A day has the times 00:00 to 23:59. Write it like this: send: {HOUR_EXAMPLE}"
    return WallTime(day, hour, minute)
