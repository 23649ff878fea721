"""The site agrees with the table, whatever happens meanwhile, and at a cost that does not grow with the archive."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from newsletter.core.site_file import SiteFile
from newsletter.core.slot import Rhythm
from newsletter.errors import StoreBusyError
from newsletter.issues.domain.event import Event
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.jobs.refresh_archive import Refreshed, refresh_archive
from newsletter.issues.ports import ArchivePorts
from tests.core.fakes import NOW, OneByOne
from tests.factories import record, rendered
from tests.issues.fakes import MemoryCache, MemoryContent, MemoryFiles, MemoryIssues, MemorySite, PlainArchive
from tests.issues.rendering_samples import ARCHIVE

RHYTHM = Rhythm(anchor=datetime.date(2026, 12, 1), time_zone=ZoneInfo("Europe/London"))


def an_issue(year: int, month: int = 6, **changes: Any) -> IssueRecord:
    slug, day = f"issue-{year}-{month:02}", datetime.date(year, month, 1)
    default = {
        "slug": slug,
        "title": slug,
        "date": day,
        "status": IssueStatus.SENT,
        "listed": True,
        "content_hash": f"{year}{month:02}",
    }
    return record(**default | changes)


COMES_BY_ITSELF = {"status": IssueStatus.READY, "send": SendPolicy.NEVER}


class Press:
    """A site, and the table it is made from."""

    def __init__(self, *records: IssueRecord, site: MemorySite | None = None) -> None:
        self.content, self.site, self.cache = MemoryContent(), site or MemorySite(), MemoryCache()
        self.issues, self.files = MemoryIssues(), MemoryFiles(self.content, self.site)
        self.ports = ArchivePorts(
            self.content, self.issues, self.site, PlainArchive(), self.cache, self.files, False, OneByOne()
        )
        for each in records:
            self.put(each)

    def put(self, issue: IssueRecord) -> None:
        self.issues.by_slug[issue.slug] = issue
        text = rendered(slug=issue.slug, title=issue.title, date=issue.date, content_hash=issue.content_hash)
        self.content.put_rendered(text)

    def change(self, slug: str, **changes: Any) -> None:
        cleared = {"cleared": changes["content_hash"]} if "content_hash" in changes else {}
        self.put(replace(self.issues.by_slug[slug], **cleared | changes))

    def refresh(self, slug: str = "", now: datetime.datetime = NOW) -> Refreshed:
        return refresh_archive(slug, ports=self.ports, rhythm=RHYTHM, now=now)

    def page(self, folder: str) -> str | None:
        body = self.site.read(f"{folder}/index.html")
        return None if body is None else body.decode()


def test_a_new_issue_is_named_by_its_neighbours_its_year_and_the_lists() -> None:
    press = Press(an_issue(2026, 1), an_issue(2026, 3))
    press.put(an_issue(2026, 2))

    press.refresh("issue-2026-02")

    assert press.page("issues/issue-2026-01") == "issue-2026-01 newer:issue-2026-02"
    assert press.page("issues/issue-2026-02") == "issue-2026-02 older:issue-2026-01 newer:issue-2026-03"
    assert press.page("issues/issue-2026-03") == "issue-2026-03 older:issue-2026-02"
    assert press.page("archive/2026") == "issue-2026-03 issue-2026-02 issue-2026-01 of 2026"
    assert press.site.read("index.html") == b"issue-2026-03 issue-2026-02 issue-2026-01 of 2026"


def test_the_calendar_files_of_an_issue_come_and_go_with_its_page() -> None:
    press = Press(an_issue(2026, 1))
    event = Event("tea.ics", "Tea", "2026-07-15T18:00:00", "", page="https://b.example.org/issues/issue-2026-01/")
    plain = press.content.rendered("issue-2026-01", "202601")
    press.content.put_rendered(replace(plain, events=(event,)))

    press.refresh("issue-2026-01")
    file = press.site.files["issues/issue-2026-01/tea.ics"]
    press.issues.by_slug["issue-2026-01"] = replace(press.issues.by_slug["issue-2026-01"], withdrawn=True, listed=False)
    press.refresh("issue-2026-01")

    assert file.content_type == "text/calendar; charset=utf-8"
    assert b"DTSTART:20260715T170000Z\r\n" in file.body  # 18:00 of a summer's day in London
    assert not [path for path in press.site.files if path.startswith("issues/")]
    assert "issues/issue-2026-01/tea.ics" in press.cache.forgotten[-1]


def test_a_withdrawn_issue_leaves_every_page_that_named_it() -> None:
    press = Press(an_issue(2026, 1), an_issue(2026, 2), an_issue(2026, 3))
    press.refresh("issue-2026-02")
    press.change("issue-2026-02", withdrawn=True, listed=False)

    press.refresh("issue-2026-02")

    assert press.page("issues/issue-2026-02") is None
    assert press.page("issues/issue-2026-01") == "issue-2026-01 newer:issue-2026-03"
    assert press.page("archive/2026") == "issue-2026-03 issue-2026-01 of 2026"


def test_what_seals_a_mailed_issue_comes_and_goes_with_its_page() -> None:
    press = Press(an_issue(2026))
    press.change("issue-2026-06", sent_hash="0" * 64)
    press.refresh("issue-2026-06")
    assert press.site.read("issues/issue-2026-06/issue.json") is not None

    press.change("issue-2026-06", held=True)
    press.refresh("issue-2026-06")

    assert press.page("issues/issue-2026-06") is None
    assert press.site.read("issues/issue-2026-06/issue.json") is None


def test_an_issue_that_gets_another_date_leaves_the_year_it_stood_in() -> None:
    press = Press(an_issue(2024), an_issue(2025), an_issue(2026))
    press.refresh("issue-2025-06")
    assert press.page("archive/2025") == "issue-2025-06 of 2026 2025 2024"
    press.change("issue-2025-06", date=datetime.date(2026, 7, 1))

    press.refresh("issue-2025-06")

    assert press.page("archive/2025") is None
    assert press.page("archive/2026") == "issue-2025-06 issue-2026-06 of 2026 2024"
    assert press.page("archive/2024") == "issue-2024-06 of 2026 2024"
    assert press.page("issues/issue-2024-06") == "issue-2024-06 newer:issue-2026-06"
    assert press.issues.by_slug["issue-2025-06"].shown == datetime.date(2026, 7, 1)


def test_a_correction_is_dated_where_the_readers_are_and_costs_only_what_it_changes() -> None:
    press = Press(an_issue(2026, 1), an_issue(2026, 2), an_issue(2026, 3))
    for slug in tuple(press.issues.by_slug):
        press.refresh(slug)
    late = datetime.datetime(2026, 7, 1, 23, 30, tzinfo=datetime.UTC)  # the second of July in London
    press.change("issue-2026-02", corrected_at=late, content_hash="mended")

    done = press.refresh("issue-2026-02")

    text = "issue-2026-02 older:issue-2026-01 newer:issue-2026-03 corrected:2026-07-02"
    assert press.page("issues/issue-2026-02") == text
    assert press.cache.forgotten[-1] == {"issues/issue-2026-02/index.html", "feed.json"}
    assert done.changed == 2


def test_a_refresh_that_changes_nothing_invalidates_nothing() -> None:
    press = Press(an_issue(2026))
    press.refresh("issue-2026-06")
    wishes = len(press.cache.forgotten)

    assert press.refresh("issue-2026-06").changed == 0
    assert len(press.cache.forgotten) == wishes


def test_the_hourly_look_lists_what_has_come_and_goes_over_one_year_after_the_other() -> None:
    press = Press(an_issue(2024), an_issue(2025), an_issue(2026, 12, listed=False, **COMES_BY_ITSELF))

    for hour in range(3):
        press.refresh(now=NOW + datetime.timedelta(hours=hour))

    assert press.issues.by_slug["issue-2026-12"].listed
    for year, month in ((2024, 6), (2025, 6), (2026, 12)):
        assert press.page(f"archive/{year}") == f"issue-{year}-{month:02} of 2026 2025 2024"
        assert (press.page(f"issues/issue-{year}-{month:02}") or "").startswith(f"issue-{year}-{month:02}")


@pytest.mark.parametrize("hour", [0, 1])
def test_the_hourly_look_finds_a_new_year_whichever_is_in_turn(hour: int) -> None:
    press = Press(an_issue(2022), an_issue(2024))
    press.refresh()
    press.put(an_issue(2026))

    press.refresh(now=NOW + datetime.timedelta(hours=hour))

    assert press.page("archive/2026") == "issue-2026-06 of 2026 2024 2022"
    assert press.page("archive/2024") == "issue-2024-06 of 2026 2024 2022"


def test_the_hourly_look_finds_an_older_year_beside_the_one_in_turn() -> None:
    press = Press(*(an_issue(2026, slug=f"issue-{count}", content_hash=f"{count}") for count in range(200)))
    press.refresh()
    press.put(an_issue(2020))

    press.refresh()

    assert press.page("archive/2020") == "issue-2020-06 of 2026 2020"


def test_the_hourly_look_removes_a_year_that_has_no_issues_any_more() -> None:
    press = Press(an_issue(2024), an_issue(2026))
    press.refresh()
    press.change("issue-2024-06", withdrawn=True, listed=False)

    for hour in range(2):
        press.refresh(now=NOW + datetime.timedelta(hours=hour))

    assert press.page("archive/2024") is None
    assert press.page("archive/2026") == "issue-2026-06 of 2026"
    assert press.site.read("archive/years.json") == b"[2026]"


def test_a_page_that_the_hourly_look_wrote_over_a_newer_record_is_written_again() -> None:
    site = Meanwhile()
    press = Press(an_issue(2026, 1), an_issue(2026, 2), site=site)
    # Both records were read together, before the first of the pages was written.
    site.happens = lambda: press.change("issue-2026-01", title="Mended", content_hash="mended")

    press.refresh()

    assert press.page("issues/issue-2026-01") == "Mended newer:issue-2026-02"


class Meanwhile(MemorySite):
    """Something happens while a page is written."""

    def __init__(self) -> None:
        super().__init__()
        self.happens: Callable[[], None] = lambda: None

    def put(self, file: SiteFile) -> bool:
        changed = super().put(file)
        self.happens()
        return changed


def test_a_page_that_was_written_over_a_newer_record_is_written_again() -> None:
    site = Meanwhile()
    press = Press(an_issue(2026), site=site)
    site.happens = lambda: press.change("issue-2026-06", title="Mended", content_hash="mended")

    press.refresh("issue-2026-06")

    assert press.page("issues/issue-2026-06") == "Mended"


def test_an_issue_withdrawn_while_its_page_was_written_has_no_page() -> None:
    site = Meanwhile()
    press = Press(an_issue(2026), site=site)
    site.happens = lambda: press.change("issue-2026-06", withdrawn=True, listed=False)

    press.refresh("issue-2026-06")

    assert press.page("issues/issue-2026-06") is None
    assert press.page("archive/2026") is None
    assert press.site.read("index.html") == b"of"


def test_a_record_that_never_rests_is_left_to_the_next_message() -> None:
    site, times = Meanwhile(), iter(range(1000))
    press = Press(an_issue(2026), site=site)
    site.happens = lambda: press.change("issue-2026-06", title=(new := f"{next(times)}"), content_hash=new)

    with pytest.raises(StoreBusyError):
        press.refresh("issue-2026-06")


class Counted:
    """Counts calls, and what comes back in records and goes out in bytes."""

    def __init__(self, port: object, counts: Counter[str]) -> None:
        self._port, self._counts = port, counts

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            answer = getattr(self._port, name)(*args, **kwargs)
            if name == "by_listing":
                return Counted(answer, self._counts)
            self._counts[name] += 1
            self._counts["records"] += len(answer) if isinstance(answer, list) else 0
            self._counts["bytes"] += sum(len(each.body) for each in args if isinstance(each, SiteFile))
            return answer

        return call


def an_archive_of(issues: int) -> Press:
    """Return the archive of so many issues, twenty in each year, after its first hour."""
    press = Press()
    for back in range(issues):
        day = datetime.date(2026 - back // 20, 12, 30 - back % 20)
        press.put(an_issue(day.year, slug=f"issue-{day}", date=day, content_hash=f"{back}"))
    press.refresh()
    return press


def the_cost_of_a_look(issues: int, *, in_turn: int) -> Counter[str]:
    """Count what the hourly look asks of an archive in which nothing has changed, when this year is in turn."""
    press = an_archive_of(issues)
    counts: Counter[str] = Counter()
    counted: dict[str, Any] = {
        name: Counted(getattr(press.ports, name), counts) for name in ("content", "issues", "site", "files")
    }
    hours = int(NOW.timestamp()) // 3600
    now = NOW + datetime.timedelta(hours=in_turn - hours % (issues // 20))
    press.refresh(now=now)
    refresh_archive("", ports=replace(press.ports, **counted), rhythm=RHYTHM, now=now)
    return counts


def the_cost_of_one_more(issues: int) -> Counter[str]:
    """Publish one more issue to an archive of so many, and count."""
    press = an_archive_of(issues)
    press.put(an_issue(2026, slug="one-more", content_hash="one more", date=datetime.date(2026, 12, 31)))
    counts: Counter[str] = Counter()
    counted: dict[str, Any] = {
        name: Counted(getattr(press.ports, name), counts) for name in ("content", "issues", "site")
    }
    ports = replace(press.ports, archive=ARCHIVE, **counted)
    refresh_archive("one-more", ports=ports, rhythm=RHYTHM, now=NOW)
    return counts


def test_the_2000th_issue_costs_what_the_300th_does_and_hardly_more_than_the_10th() -> None:
    tenth, three_hundredth, two_thousandth = (the_cost_of_one_more(count) for count in (9, 299, 1999))

    for counts in (tenth, three_hundredth, two_thousandth):
        assert counts["rendered"] <= 20 + 21 + 2  # the feeds, a year for the search, the page and its neighbour
        assert counts["records"] <= 200 + 21 + 10  # the main map, a year, neighbours
        assert counts["years"] == 0
    calls = [name for name in two_thousandth if name not in ("bytes", "records")]
    assert {name: two_thousandth[name] for name in calls} == {name: three_hundredth[name] for name in calls}
    assert two_thousandth["records"] == three_hundredth["records"]
    assert two_thousandth["bytes"] < 1.25 * three_hundredth["bytes"]  # the links to a hundred years
    assert sum(two_thousandth[name] - tenth[name] for name in calls) <= 25


@pytest.mark.parametrize(("in_turn", "renderings"), [(0, 20), (5, 20 + 20)])
def test_the_hourly_look_makes_the_same_calls_at_any_number_of_years(in_turn: int, renderings: int) -> None:
    fifteen_years, a_hundred = (the_cost_of_a_look(count, in_turn=in_turn) for count in (300, 2000))

    calls = [name for name in a_hundred if name not in ("bytes", "records")]
    assert {name: fifteen_years[name] for name in calls} == {name: a_hundred[name] for name in calls}
    asked = {name: a_hundred[name] for name in ("years", "get", "get_many", "listed_in", "older_than", "newer_than")}
    # All records of the year at once; one question at each end of its row, for whoever stands outside of it.
    assert asked == {"years": 0, "get": 0, "get_many": 1, "listed_in": 2, "older_than": 1, "newer_than": 1}
    assert a_hundred["rendered"] == renderings  # the feeds, and the year: its pages and its search read each once


def test_an_issue_that_readers_have_not_seen_leaves_the_site_alone() -> None:
    press = Press(an_issue(2026, 1))
    press.refresh()
    stood = dict(press.site.files)
    press.put(an_issue(2026, 2, status=IssueStatus.READY, listed=False))
    counts: Counter[str] = Counter()
    counted: dict[str, Any] = {
        name: Counted(getattr(press.ports, name), counts) for name in ("content", "issues", "site", "files")
    }

    done = refresh_archive("issue-2026-02", ports=replace(press.ports, **counted), rhythm=RHYTHM, now=NOW)

    assert (done.changed, done.stands, press.site.files) == (0, False, stood)
    del counts["bytes"], counts["records"]
    assert counts == {"read": 1, "coming": 1, "get": 1, "set_listed": 1}


def test_the_first_issue_of_all_brings_the_site_although_nobody_has_seen_it() -> None:
    press = Press(an_issue(2026, 2, status=IssueStatus.READY, listed=False))

    press.refresh("issue-2026-02")

    assert press.site.read("archive/years.json") is not None


@pytest.mark.parametrize("seen", [{"listed": True}, {"shown": datetime.date(2026, 2, 1)}, {"sent_hash": "1"}])
def test_a_page_that_readers_may_have_seen_is_looked_for_when_its_issue_is_not_public(seen: dict[str, Any]) -> None:
    press = Press(an_issue(2026, 2))
    press.refresh("issue-2026-02")
    press.change("issue-2026-02", status=IssueStatus.READY, **{"listed": False, "shown": None} | seen)

    press.refresh("issue-2026-02")

    assert press.page("issues/issue-2026-02") is None
