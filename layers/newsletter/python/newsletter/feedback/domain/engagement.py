"""Opens and clicks, told apart: what machines did, and what a person is likely to have done.

Nothing here is ever a reason to remove somebody: many who read every issue load no pictures and press no link.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.feedback.domain.user_agent import Agent
from newsletter.issues.domain.site import HIDDEN, HIDDEN_QUERY

ENGAGEMENT = frozenset({FeedbackKind.OPENED, FeedbackKind.CLICKED})
"""Kinds of events that say something about a reader, and are counted apart from what happened to the mail."""

OPENED_TOO_SOON = 5
"""Seconds after the mail left. Delivery takes one or two, and somebody has to notice it first."""

CLICKED_TOO_SOON = 15
"""Seconds after the mail left: to notice, open and read comes before a click."""

BURST_SECONDS = 10
BURST_LINKS = 3
"""So many different links within so many seconds are pressed by nobody who waits for a page to appear."""

TOUCHES_OF_ONE = 60
"""Opens and clicks of one recipient that are kept; nobody has use for a mail more often, but scanners do."""

LONGEST_SECONDS = 60 * 86_400
"""SES reports opens and clicks for sixty days."""


PERSONAL_PATHS = ("/unsubscribe", "/preferences", "/confirm", "/decide")
LONGEST_LINK = 1_000
"""Letters of an address that are kept."""


class MachineSign(StrEnum):
    """Why something is taken for the work of a machine."""

    NONE = ""
    PRIVACY_PROXY = "privacy_proxy"
    SCANNER = "scanner"
    SCRIPT = "script"
    UNNAMED = "unnamed"
    TOO_SOON = "too_soon"
    BURST = "burst"
    HIDDEN_LINK = "hidden_link"
    TOO_OFTEN = "too_often"


@dataclass(frozen=True, slots=True, order=True)
class Touch:
    """One open or click of one recipient; the same event again is the same touch."""

    recipient: str
    """The subscriber's id, or the pseudonym that stands for it in this send alone."""
    seconds: int
    """Since the mail left."""
    kind: FeedbackKind
    agent: Agent
    link: str = ""
    """The short form of the address, of a click."""


def short_link(url: str) -> str:
    """Return eight letters that stand for an address."""
    return HIDDEN if _parts(url).query == HIDDEN_QUERY else sha256(url.encode()).hexdigest()[:8]


def touch_of(event: FeedbackEvent) -> Touch | None:
    """Return the touch that an event reports; None if it is none that may be counted.

    A link with a token is the reader's own. Such links are not measured, but SES follows its own mind, and an issue
    may have been published before measuring was on.
    """
    if event.kind not in ENGAGEMENT or not event.of_an_issue or _is_personal(event.link):
        return None
    seconds = min(max(0, event.seconds), LONGEST_SECONDS)
    link = short_link(event.link) if event.kind is FeedbackKind.CLICKED else ""
    return Touch(event.subscriber_id, seconds, event.kind, event.agent, link)


def pseudonym(subscriber_id: str, salt: bytes) -> str:
    """Return what stands for a subscriber in one send, as long as an id; without the salt it leads to nobody."""
    return sha256(salt + bytes.fromhex(subscriber_id)).hexdigest()[: len(subscriber_id)]


@dataclass(frozen=True, slots=True)
class Count:
    """How often, and by how many people."""

    raw: int = 0
    """All that was reported."""
    machine_by: Mapping[MachineSign, int] = field(default_factory=dict)
    """What is taken for a machine's work, by the reason."""
    people: int = 0
    """How many recipients have at least one that is likely human."""

    @property
    def machine(self) -> int:
        """What is taken for a machine's work."""
        return sum(self.machine_by.values())

    @property
    def likely_human(self) -> int:
        """What nothing speaks against."""
        return self.raw - self.machine

    def plain(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "raw": self.raw, "machine": self.machine, "likely_human": self.likely_human, "people": self.people,
            "machine_by": {str(sign): number for sign, number in Counter(self.machine_by).most_common()},
        }  # fmt: skip

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> Count:
        """Return the count that `plain` came from."""
        machine_by = {MachineSign(sign): int(number) for sign, number in plain["machine_by"].items()}
        return cls(int(plain["raw"]), machine_by, int(plain["people"]))


@dataclass(frozen=True, slots=True)
class Engagement:
    """Opens and clicks of a send, by link too; nobody is named in it."""

    opens: Count = field(default_factory=Count)
    clicks: Count = field(default_factory=Count)
    links: tuple[tuple[str, Count], ...] = ()
    """Addresses with their clicks, most likely-human ones first; the hidden link is not among them."""
    late_opens: int = 0
    late_clicks: int = 0
    """What came after the entries were folded into these numbers: not judged, and not in them."""

    @classmethod
    def of(
        cls,
        groups: Iterable[Iterable[Touch]],
        urls: Mapping[str, str],
        *,
        surplus: Mapping[FeedbackKind, int] | None = None,
    ) -> Engagement:
        """Add up all touches of a send in one pass.

        Args:
            groups: Touches; all those of one recipient are in one group.
            urls: Addresses by what stands for them.
            surplus: Touches that were too many to keep; read when the groups are through.
        """
        counts: dict[str, _Counting] = defaultdict(_Counting)
        for group in groups:
            for of_recipient in _by_recipient(group):
                for touch, sign in judged(of_recipient):
                    counts[touch.kind].add(touch.recipient, sign)
                    if touch.kind is FeedbackKind.CLICKED and touch.link != HIDDEN:
                        counts[touch.link].add(touch.recipient, sign)
            for counting in counts.values():
                counting.next_batch()
        for kind, number in (surplus or {}).items():
            counts[kind].add_surplus(number)
        opens, clicks = (counts.pop(kind, _Counting()).count for kind in (FeedbackKind.OPENED, FeedbackKind.CLICKED))
        by_link = [(urls.get(link, "an address that was not kept"), each.count) for link, each in counts.items()]
        by_link.sort(key=lambda each: (-each[1].likely_human, -each[1].raw, each[0]))
        return cls(opens, clicks, tuple(by_link))

    def plain(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "opens": self.opens.plain(),
            "clicks": self.clicks.plain(),
            "links": [{"url": url, **count.plain()} for url, count in self.links],
            "late_opens": self.late_opens,
            "late_clicks": self.late_clicks,
        }

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> Engagement:
        """Return the engagement that `plain` came from."""
        return cls(
            opens=Count.of_plain(plain["opens"]),
            clicks=Count.of_plain(plain["clicks"]),
            links=tuple((each["url"], Count.of_plain(each)) for each in plain["links"]),
            late_opens=int(plain["late_opens"]),
            late_clicks=int(plain["late_clicks"]),
        )


class _Counting:
    def __init__(self) -> None:
        self.raw = self.people = 0
        self.machine_by: Counter[MachineSign] = Counter()
        self._people: set[str] = set()

    def add(self, recipient: str, sign: MachineSign) -> None:
        self.raw += 1
        if sign:
            self.machine_by[sign] += 1
        else:
            self._people.add(recipient)

    def add_surplus(self, number: int) -> None:
        if number:
            self.raw += number
            self.machine_by[MachineSign.TOO_OFTEN] += number

    def next_batch(self) -> None:
        """Forget their names: nobody is in two batches, and a million names would not fit."""
        self.people += len(self._people)
        self._people.clear()

    @property
    def count(self) -> Count:
        return Count(self.raw, dict(self.machine_by), self.people + len(self._people))


SIGN_OF_AGENT = {
    FeedbackKind.OPENED: {
        Agent.PRIVACY_PROXY: MachineSign.PRIVACY_PROXY,
        Agent.SCANNER: MachineSign.SCANNER,
        Agent.SCRIPT: MachineSign.SCRIPT,
        Agent.UNNAMED: MachineSign.UNNAMED,
    },
    FeedbackKind.CLICKED: {
        Agent.PRIVACY_PROXY: MachineSign.SCANNER,  # a proxy for pictures follows no links: this is somebody else
        Agent.READERS_PROXY: MachineSign.SCANNER,
        Agent.SCANNER: MachineSign.SCANNER,
        Agent.SCRIPT: MachineSign.SCRIPT,
        Agent.UNNAMED: MachineSign.UNNAMED,
    },
}
SOONEST = {FeedbackKind.OPENED: OPENED_TOO_SOON, FeedbackKind.CLICKED: CLICKED_TOO_SOON}


def judged(touches: Collection[Touch]) -> Iterator[tuple[Touch, MachineSign]]:
    """Yield each touch of one recipient with what speaks against a person, the strongest reason first."""
    traps = [touch.seconds for touch in touches if touch.link == HIDDEN]
    too_often = len(touches) >= TOUCHES_OF_ONE
    bursts = _bursts([touch for touch in touches if touch.link])
    for touch in touches:
        if any(abs(touch.seconds - trap) <= BURST_SECONDS for trap in traps):
            yield touch, MachineSign.HIDDEN_LINK
        elif sign := SIGN_OF_AGENT[touch.kind].get(touch.agent):
            yield touch, sign
        elif too_often:
            yield touch, MachineSign.TOO_OFTEN
        elif touch.seconds < SOONEST[touch.kind]:
            yield touch, MachineSign.TOO_SOON
        elif touch in bursts:
            yield touch, MachineSign.BURST
        else:
            yield touch, MachineSign.NONE


def _bursts(clicks: Collection[Touch]) -> frozenset[Touch]:
    """Return the clicks in any stretch of time that has too many different links."""
    found: set[Touch] = set()
    for first in clicks:
        near = [each for each in clicks if 0 <= each.seconds - first.seconds < BURST_SECONDS]
        if len({each.link for each in near}) >= BURST_LINKS:
            found.update(near)
    return frozenset(found)


def _by_recipient(touches: Iterable[Touch]) -> Iterable[list[Touch]]:
    by_recipient: dict[str, list[Touch]] = defaultdict(list)
    for touch in sorted(set(touches)):
        by_recipient[touch.recipient].append(touch)
    return by_recipient.values()


def _is_personal(url: str) -> bool:
    parts = _parts(url)
    return parts.path.rstrip("/").endswith(PERSONAL_PATHS) or "token" in parse_qs(parts.query)


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # what an editor wrote and no browser could follow
        return SplitResult("", "", url, "", "")
