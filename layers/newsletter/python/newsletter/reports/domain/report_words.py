"""How pages and mails for the editors say figures: the filters of their templates. In English, like all they get."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from newsletter.core.figures import in_dollars, spelled
from newsletter.reports.domain.sign_up_source import SOURCE_WORDS

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

WORDS = {
    "no_mailbox": "no such mailbox",
    "known_to_bounce": "known to SES as bouncing",
    "on_our_list": "on the account’s suppression list",
    "mailbox_full": "mailbox full",
    "too_large": "email too large",
    "content_refused": "content refused",
    "attachment_refused": "attachment refused",
    "took_too_long": "took too long",
    "automatic_reply": "automatic reply (the email arrived)",
    "undetermined": "unclear answer",
    "general": "no reason given",
    "": "no reason given",
    "abuse": "marked as spam",
    "not_spam": "marked as not spam",
    "hard_bounce": "hard bounces",
    "soft_bounce": "soft bounces",
    "soft_bounces": "soft bounces on three of five issues",
    "complaint": "complaints",
    "erased": "asked to be erased",
    "too_many": "too many emails",
    "not_relevant": "not relevant",
    "never_signed_up": "never signed up",
    "not_said": "gave no reason",
    "no_renewal": "did not renew their consent",
    "other": "other",
    "left": "unsubscribed before their turn",
    "unconfirmed": "not confirmed",
    "suppressed": "bounced or complained before",
    "paused": "asked for a pause",
    "muted": "muted the topics",
    "moved": "has another address, and another place",
    "cancelled": "send was stopped",
    "rejected": "refused by SES",
    "gave_up": "SES failed repeatedly",
    "unproven": "no proof that it was sent",
    "rendering": "variables not filled in",
    "unreadable": "record cannot be read",
    "unwanted": "unwanted email from this account",
    "server_trouble": "trouble at the receiving server",
    "address_blocked": "our sending address is blocked or slowed",
    "unreachable": "connection lost",
    "held_by_ses": "delayed by SES itself",
    "privacy_proxy": "Apple Mail’s proxy",
    "scanner": "a spam filter or robot",
    "script": "a program",
    "unnamed": "no name given",
    "too_soon": "too soon to be a person",
    "burst": "many links at once",
    "hidden_link": "followed the hidden link",
    "too_often": "far too often",
    "google": "Google",
    "microsoft": "Microsoft",
    "yahoo": "Yahoo and AOL",
    "apple": "Apple",
}
"""For words of a report that do not speak for themselves."""


def worded(word: str) -> str:
    """Return a word of a report as people say it."""
    return WORDS.get(word, word.replace("_", " "))


def source_worded(sign_up_source: str) -> str:
    """Return where readers signed up as people say it: a page of ours, a form by its own name, or a sentence."""
    return SOURCE_WORDS.get(sign_up_source, sign_up_source)


def grouped(figure: float) -> str:
    """Return a number with its thousands apart; one that is no whole number with as many places as it needs."""
    return f"{figure:,.0f}" if figure >= 100 or figure == int(figure) else f"{figure:,.2f}"


def share(portion: float, whole: float) -> str:
    """Return a share in percent; a small one is not called nothing."""
    if not whole:
        return "–"
    percent = 100 * portion / whole
    if 0 < percent < 0.01:
        return "<\u00a00.01\u00a0%"
    return f"{percent:.2f}\u00a0%" if 0 < percent < 1 else f"{percent:.1f}\u00a0%"


def cents(usd: float) -> str:
    """Return a sum of the receipt, exact enough to be added up by hand."""
    return f"{usd:,.2f}" if usd >= 1 or usd == 0 else f"{usd:,.4f}" if usd >= 0.0001 else "< 0.0001"


def local(iso_time: str, zone: ZoneInfo) -> str:
    """Return a moment of a report in the newsletter's own time."""
    at = datetime.fromisoformat(iso_time).astimezone(zone)
    return f"{at:%A} {at.day} {at:%B %Y, %H:%M}"


def after(iso_time: str, steps: int, step_minutes: int, zone: ZoneInfo) -> str:
    """Return in short the local time so many steps after a moment; the day where steps are long."""
    at = (datetime.fromisoformat(iso_time) + timedelta(minutes=steps * step_minutes)).astimezone(zone)
    return f"{at:%H:%M}" if step_minutes < 60 else f"{at.day} {at:%b, %H:%M}"


def took(seconds: float) -> str:
    """Return about how long something took."""
    return spelled(timedelta(seconds=seconds))


def top(largest: float) -> int:
    """Return the end of an axis that holds this: a round number that can be halved."""
    if largest <= 2:
        return 2
    power = 10 ** math.floor(math.log10(largest))
    return next(int(step * power) for step in (1, 2, 4, 6, 8, 10) if step * power >= largest)


def frame(series: Sequence[int]) -> tuple[int, int]:
    """Return both ends of an axis for a line: from nothing, or from a round number where all values are far from it."""
    low, high = min(series), max(series)
    if low * 2 < high or high < 20:
        return 0, top(high)
    room = max(high - low, high // 20, 2)
    step = top(room) // 2
    begin = max((low - room // 4) // step * step, 0)
    return begin, begin + -(-(high - begin) // (2 * step)) * 2 * step


def reached_in_part(plain: Mapping[str, Any]) -> str:
    """Return whom a send reached, if it was not everybody who could be mailed; else nothing, as for older reports.

    Args:
        plain: The report of a send, or its status, as JSON has it.
    """
    reach = plain.get("reach")
    return f"{grouped(reach['reached'])} of {grouped(reach['possible'])}" if reach and reach["missed"] else ""


def reach_sentences(plain: Mapping[str, Any]) -> list[str]:
    """Return who was not reached, why and what reaches them, and who may have been mailed twice: a sentence each."""
    reach, slug = plain.get("reach"), plain.get("send") or plain.get("slug")
    if not reach:
        return []
    sentences = [_missed(each) for each in reach["missed"]]
    if number := reach["perhaps_twice"]:
        readers = "1 reader" if number == 1 else f"{grouped(number)} readers"
        sentences.append(
            f"{readers} may have got it twice: nothing showed whether SES had taken the first email, and one more was "
            f"sent. Who they are: newsletter send outcomes {slug} --doubtful"
        )
    return sentences


def _missed(missed: Mapping[str, Any]) -> str:
    number, reason = missed["readers"], worded(missed["outcome"].partition(":")[2])
    readers = "1 reader was" if number == 1 else f"{grouped(number)} readers were"
    remedies = ", then ".join(missed["remedies"])
    return f"{readers} not reached: {reason}." + (f" What reaches them: {remedies}" if remedies else "")


def sum_of(reasons: Mapping[str, int]) -> int:
    """Return how many there are, whatever the reason."""
    return sum(reasons.values())


def added_up(tallies: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return several counts by reason as one, the most frequent first."""
    together: Counter[str] = Counter()
    for counts in tallies:
        together.update(counts)
    return dict(together.most_common())


FILTERS: dict[str, Callable[..., object]] = {
    "worded": worded, "grouped": grouped, "share": share, "cents": cents, "local": local, "after": after, "took": took,
    "reached_in_part": reached_in_part, "reach_sentences": reach_sentences, "source_worded": source_worded,
    "top": top, "dollars": in_dollars, "frame": frame, "sum_of": sum_of, "added_up": added_up,
}  # fmt: skip
