"""How often what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from random import Random


@dataclass(frozen=True)
class Weather:
    """Shares of port calls, calls to SES, entries, events or stories."""

    kill: float = 0.015
    """A worker ends before or after this port call."""
    interrupt: float = 0.05
    """Another worker runs from start to end before or after this port call."""
    freeze: float = 0.002
    """The clock of the world jumps by minutes before or after this port call."""
    busy: float = 0.01
    """The store refuses, or does what it was asked and the answer is lost."""
    throttle: float = 0.08
    stop: float = 0.03
    """SES takes nobody for a while from this call on."""
    lose_answer: float = 0.08
    slow: float = 0.1
    """SES takes its time to answer, up to some seconds."""
    entry_wait: float = 0.05
    entry_failed: float = 0.02
    entry_rejected: float = 0.01
    event_twice: float = 0.2
    event_lost: float = 0.0
    bounce: float = 0.02
    message_twice: float = 0.1
    message_lost: float = 0.005
    change: float = 0.02
    """Somebody leaves, joins, pauses or is erased, before or after this port call."""
    skew: float = 0.0
    """Minutes by which the clocks of two workers may differ."""
    quota: float = 0.15
    """The day's quota is smaller than the list."""
    steering: float = 0.6
    """People pause, cancel, withdraw, send again."""
    lag: float = 15.0
    """Minutes, at most, until the index of the audience shows a change."""
    unreadable: float = 0.1
    """The record of a reader becomes unreadable, until somebody repairs it."""
    restore: float = 0.1
    """A batch is put back from a backup, as it was before anybody in it was mailed."""
    corrupt: float = 0.1
    """A batch becomes unreadable, until somebody restores it."""

    large: float = 0.02
    """The list has hundreds of readers, else one to sixty."""
    crowd: float = 0.0
    """The list has thousands of readers."""

    refused: float = 0.01
    """SQS takes the other messages of a call, and not this one."""
    first_wave: float = 0.1
    """Some leave first, and are judged before the rest leaves."""
    pauses: float = 0.0
    """Somebody pauses the send as soon as it begins."""
    cut_off: float = 0.0
    """What somebody wants is cut off on the way, and they do not ask again."""

    straggle: float = 4.0
    """Minutes that a report of SES takes at most, each for itself, so that a later one may overtake."""
    outage: float = 0.0
    """For minutes or hours SES gives nobody a clear answer, and takes what it is handed, or does not."""
    late: float = 0.0
    """Reports of SES are held up for hours, and come all at once."""
    dark: float = 0.0
    """Reports of SES get lost, all of them for hours."""
    unread: float = 0.0
    """Nobody reads the reports for hours."""
    clogged: float = 0.0
    """The tables do not take the reports for more than a day; the second place does."""
    jump: float = 0.0
    """All our clocks are an hour wrong for minutes, in mid-send."""

    @classmethod
    def calm(cls) -> Weather:
        """Return the weather in which nothing goes wrong."""
        return cls(**dict.fromkeys((each.name for each in fields(cls)), 0.0))

    @classmethod
    def of_many(cls) -> Weather:
        """Return the weather of a long list: as much goes wrong in all, so little of each call."""
        weather = cls(quota=0)
        rare = ("kill", "busy", "interrupt", "change", "stop", "throttle", "lose_answer")
        return replace(weather, **{name: getattr(weather, name) / 10 for name in rare})

    @property
    def is_prompt(self) -> bool:
        """Whether nothing keeps a send waiting but the rate, SES's throttling, and people."""
        fields_that_delay = (
            "kill", "busy", "freeze", "change", "stop", "lose_answer", "quota", "message_lost", "skew", "unreadable",
            "restore", "corrupt", "first_wave", "outage", "jump",
        )  # fmt: skip
        return not any(getattr(self, name) for name in fields_that_delay)

    def after_the_storm(self) -> Weather:
        """Return the weather of the late hours of a story."""
        return replace(self, **{name: getattr(self, name) / 8 for name in ("kill", "busy", "interrupt", "change")})

    def of_one_story(self, random: Random) -> Weather:
        """Return the weather of one story: some faults are absent, some come in swarms, so that rare mixtures occur."""
        often = {name: getattr(self, name) for name in SWARMING}
        return replace(self, **{name: share * random.choice((0, 0.5, 1, 1, 2.5)) for name, share in often.items()})


SWARMING = (
    "kill", "interrupt", "freeze", "busy", "throttle", "stop", "lose_answer", "slow", "entry_wait", "entry_failed",
    "entry_rejected", "event_twice", "event_lost", "bounce", "message_twice", "message_lost", "change",
)  # fmt: skip


MOODS = replace(
    Weather.calm(), throttle=0.1, slow=0.1, entry_wait=0.1, entry_failed=0.05, entry_rejected=0.01, event_twice=0.2,
    message_twice=0.1, lag=15, refused=0.05, straggle=4, interrupt=0.05, large=0.05,
)  # fmt: skip
"""Nobody dies and nothing is lost, so the send moves at every moment."""

PEOPLE_CUT_OFF = replace(
    Weather.calm(), steering=0.6, pauses=1, cut_off=0.7, straggle=4, throttle=0.1, slow=0.1, lag=15, large=0.1
)  # fmt: skip
"""What people ask for ends anywhere, and nothing else is wrong."""
