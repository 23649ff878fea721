"""The rhythm in words: made of the schedule, in every language, so that no sentence says another one."""

from datetime import date

import pytest

from newsletter.core.how_often import HowOften
from newsletter.core.language import LANGUAGES
from newsletter.core.slot import Rhythm
from newsletter.core.time_zones import time_zone
from newsletter.web.jinja import Templates
from tests.issues.rendering_samples import ROOT


@pytest.mark.parametrize(
    ("lang", "weekday", "weeks", "said"),
    [
        ("en", 0, 1, "every Monday"),
        ("en", 1, 2, "every second Tuesday"),
        ("en", 4, 6, "one Friday every 6 weeks"),
        ("de", 3, 2, "jeden zweiten Donnerstag"),
        ("de", 6, 52, "alle 52 Wochen am Sonntag"),
        ("fr", 2, 4, "un mercredi sur quatre"),
        ("es", 5, 1, "cada sábado"),
        ("cy", 1, 2, "bob yn ail ddydd Mawrth"),
    ],
)
def test_the_rhythm_is_said_in_the_words_of_each_language(lang: str, weekday: int, weeks: int, said: str) -> None:
    templates = Templates(ROOT / "templates", how_often=HowOften(weekday, weeks))

    assert templates.brand_in(lang)["rhythm"] == said
    assert templates.brand_in(lang)["strapline"].removesuffix(".").endswith(said)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("weeks", [1, 2, 3, 4, 5, 52])
def test_each_weekday_and_each_period_has_words_of_its_own(lang: str, weeks: int) -> None:
    said = {Templates(ROOT / "templates", how_often=HowOften(day, weeks)).brand_in(lang)["rhythm"] for day in range(7)}

    assert len(said) == 7
    assert not any("%" in each for each in said)


@pytest.mark.parametrize("anchor", [date(2026, 12, 1), date(2027, 3, 6), date(2030, 1, 31)])
def test_the_words_name_the_weekday_on_which_issues_really_go_out(anchor: date) -> None:
    rhythm = Rhythm(anchor=anchor, time_zone=time_zone("Europe/London"), period_weeks=3)
    slots = rhythm.next_slots(8, rhythm.moment(anchor))
    said = Templates(ROOT / "templates", how_often=HowOften.from_anchor(anchor, 3)).brand_in("en")["rhythm"]

    assert {said} == {f"every third {slot:%A}" for slot in slots}
