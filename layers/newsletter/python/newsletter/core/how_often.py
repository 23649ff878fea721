"""How often issues come, as people say it: "every second Tuesday". Made of the schedule, so that it is never wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from newsletter.core.language import msg

WEEKDAYS = (
    msg("Monday"),
    msg("Tuesday"),
    msg("Wednesday"),
    msg("Thursday"),
    msg("Friday"),
    msg("Saturday"),
    msg("Sunday"),
)
"""As `date.weekday` counts them."""

PERIODS = {
    1: msg("every %(weekday)s"),
    2: msg("every second %(weekday)s"),
    3: msg("every third %(weekday)s"),
    4: msg("every fourth %(weekday)s"),
}

LONGER = msg("one %(weekday)s every %(weeks)s weeks")


@dataclass(frozen=True, slots=True)
class HowOften:
    """The weekday of the issues, and the weeks from one to the next."""

    weekday: int = 1
    """Monday is 0. The default is the Tuesday of template.yaml's own anchor date."""
    period_weeks: int = 2

    @classmethod
    def from_anchor(cls, anchor: date, period_weeks: int) -> HowOften:
        """Return what an anchor date and a period say."""
        return cls(anchor.weekday(), period_weeks)

    def in_words(self, translated: Callable[[str], str]) -> str:
        """Return the rhythm as a part of a sentence; `translated` turns our English into the language wanted."""
        pattern = translated(PERIODS.get(self.period_weeks, LONGER))
        return pattern % {"weekday": translated(WEEKDAYS[self.weekday]), "weeks": self.period_weeks}
