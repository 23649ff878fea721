"""The site is made to agree with the table: the page of an issue, and every page that names it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from newsletter.core.archive_entry import ArchiveEntry
from newsletter.core.races import LOST, Race, win
from newsletter.core.site_file import SiteFile
from newsletter.core.slot import Rhythm
from newsletter.errors import InvalidNoticeError
from newsletter.issues.calendar_files import calendar_files
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.privacy_notice import SOURCE, read_notice
from newsletter.issues.domain.public_version import public_version
from newsletter.issues.domain.site import SOON, ShownIssue
from newsletter.issues.ports import ArchivePorts
from newsletter.issues.site_changes import SiteChanges

NEWEST = 200
"""Issues that the main map names: eight years of fortnights. Every year has a map of its own."""

FEED_ITEMS = 20
"""Issues that the feeds carry in full: ten months of fortnights."""

AT_ONCE = 20
"""Issues of which one refresh notices that their date has come; the next one is an hour away at most."""

PRIVACY = "privacy/index.html"

FEEDS = "archive/feeds.json"
"""The languages, beside the newsletter's own, that have feeds. Whoever follows one finds it for ever."""

YEARS = "archive/years.json"
"""The years that have issues. Finding them anew is a question for each, so what was found is put right later."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did."""

    changed: int
    """Files that are not what they were."""
    years: tuple[int, ...]
    """Years that have issues, newest first."""
    stands: bool
    """Whether the page of the one issue stands now, for readers to open."""


def refresh_archive(slug: str, *, ports: ArchivePorts, rhythm: Rhythm, now: datetime, year: int = 0) -> Refreshed:
    """Look after one issue and all that names it; without a slug, look over the rest, one year each hour or `year`.

    Nobody else writes pages. What is read is bounded by a year and by NEWEST, however long the archive is. Indexes
    follow the table with a delay, and two refreshes may cross. So an issue's own page is checked against its record
    after it was written; lists are written anew each hour, and each year in its turn, which also finds a year beside it
    that nobody knew of. An issue that readers have never seen stands on no page and in no list: it is noted in the
    index, and the site is left alone.

    Raises:
        StoreBusyError: The record moved each time its page was written; the same call can work later.
    """
    # The hourly look asks for each file by itself: so headers that a release changed arrive, if nothing else did.
    changes = SiteChanges(ports.site.by_listing() if slug else ports.site, ports.threads)
    visit = _Visit(ports, changes, rhythm, now)
    visit.learn_years()
    for each in dict.fromkeys([*([slug] if slug else []), *visit.arrived()]):
        visit.show(each)
    if slug and not visit.has_something_to_list:
        return Refreshed(0, tuple(visit.years), stands=False)
    if not slug:
        visit.look_at_newest()
        if year := year or visit.year_in_turn():
            visit.look_over(year)
        visit.write_privacy_notice()
    visit.write_lists()
    if changes.paths:
        ports.cache.invalidate(changes.paths)
    return Refreshed(len(changes.paths), tuple(visit.years), visit.own.get(slug) is not None)


@dataclass
class _Visit:
    """One refresh: what it knows, and what it has changed so far."""

    ports: ArchivePorts
    changes: SiteChanges
    rhythm: Rhythm
    now: datetime
    years: list[int] = field(default_factory=list)
    has_something_to_list: bool = False
    """Whether what the lists name may not be what they should: an issue was seen, or they were never written."""
    own: dict[str, IssueRecord | None] = field(default_factory=dict)
    """Issues as readers may see them by the table itself, which knows better than an index."""
    feed_languages: set[str] = field(default_factory=set)
    """The languages whose feeds the pages written by now name."""
    _named_first: set[str] = field(default_factory=set)
    _rendered: dict[tuple[str, str], RenderedIssue] = field(default_factory=dict)
    """Issues read by now; content never changes under its hash."""

    def public(self, record: IssueRecord | None) -> IssueRecord | None:
        """Return the issue as readers may see it, or None if they may not."""
        if record is None:
            return None
        needs_approval = self.ports.needs_approval
        return public_version(record, rhythm=self.rhythm, needs_approval=needs_approval, now=self.now)

    def arrived(self) -> list[str]:
        """Return the issues that no more than their date kept from being public, and that it keeps no longer."""
        come = self.ports.issues.coming(self.rhythm.local_date(self.now), AT_ONCE)
        # What does not come by itself waits in the index since a time with another rule: it is put right.
        return [each.slug for each in come if self.public(each) or not each.comes_by_itself]

    def learn_years(self) -> None:
        stored = self.changes.site.read(YEARS)
        self.years = self.ports.issues.years() if stored is None else list(json.loads(stored))
        self.has_something_to_list = stored is None  # they are written last of all

    def show(self, slug: str) -> None:
        """Make the site agree with the record of one issue, where it stands and where it stood."""
        places: set[date] = set()
        win(lambda: self._show(slug, places), busy=_moving(slug))

    def _show(self, slug: str, places: set[date]) -> None | Literal[Race.LOST]:
        """Write what names the issue as its record is, at these places and at its own; lost when the record moved."""
        record = self.ports.issues.get(slug)
        public = self.public(record)
        listed_on = public.date if public and not public.digest else None
        if record is not None and public is None and not record.was_seen:
            return None if self._noted(record, None) else LOST
        self.has_something_to_list = True
        if record is None:
            self._take_down(slug, None)
            return None
        if listed_on and record.shown is None:
            # First of all: whoever comes after a crash must know where to look.
            self.ports.issues.set_shown(slug, listed_on)
        # An opening lists an issue at once: a refresh of another one may have named it before this, its first.
        opened_on = (record.as_cleared() or record).date if record.sent_hash else None
        places |= {place for place in (record.shown, listed_on, opened_on) if place}
        self.own[slug] = public
        self._write_page(slug, self._beside(listed_on, slug) if listed_on else (None, None))
        for place in places:
            for neighbour in self._beside(place, slug):
                if neighbour is not None:
                    self._write_page(neighbour.slug, self._beside(neighbour.date, neighbour.slug))
        self._write_years({place.year for place in places})
        newest = self.ports.issues.get(slug)
        if newest is None or _seen(self.public(newest)) != _seen(public):
            return LOST
        return None if self._noted(newest, listed_on) else LOST

    def _noted(self, record: IssueRecord, listed_on: date | None) -> bool:
        """Note on the record that the site agrees with it; False if it moved meanwhile."""
        listed = listed_on is not None
        # Last: whoever takes a page down, and is cut off, leaves it in the index, where the next look finds it.
        agrees = listed and record.listed and record.shown == listed_on
        if not agrees and not self.ports.issues.set_listed(record, listed=listed):
            return False
        if record.shown != listed_on:
            self.ports.issues.set_shown(record.slug, listed_on)
        return True

    def correct(self, records: Iterable[IssueRecord]) -> None:
        """Take down those of these listed issues that readers may not see: the requests to do so were lost."""
        for each in [record for record in records if self.public(record) is None][:AT_ONCE]:
            self.show(each.slug)

    def year_in_turn(self) -> int:
        """Return the year of this hour; 0 if there is none."""
        return self.years[int(self.now.timestamp()) // 3600 % len(self.years)] if self.years else 0

    def look_at_newest(self) -> None:
        """Take down those of the newest issues that readers may not see, and write the years nobody knew of."""
        newest = self.ports.issues.newest(NEWEST)
        self.correct(newest)
        self._write_years({each.date.year for each in self._in_order(newest, ())} - {*self.years})

    def look_over(self, year: int) -> None:
        """Write one year with all its pages: whatever was missed, and a new design, arrives by and by."""
        listed = self.ports.issues.listed_in(year)
        self.correct(listed)
        row = self._in_order(listed, [each for each in self._own if each.date.year == year])
        outside = (self._newer(*_place(row[0])), self._older(*_place(row[-1]))) if row else (None, None)
        in_order = [outside[0], *row, outside[1]]
        beside = {each.slug: (in_order[at + 2], in_order[at]) for at, each in enumerate(row)}
        records = self.ports.issues.get_many([each.slug for each in listed])
        for each in listed:
            if each.slug in beside:
                self._write_page(each.slug, beside[each.slug], records.get(each.slug))
            else:
                self._write_page(each.slug, self._beside(each.date, each.slug))
        self._write_years({year, *(each.date.year for each in outside if each)} - ({*self.years} - {year}))

    def write_lists(self) -> None:
        """Write what names the issues of all years, and what belongs to none."""
        newest = self._in_order(self.ports.issues.newest(NEWEST), self._own)[:NEWEST]
        recent = [self._shown(record) for record in newest[:FEED_ITEMS]]
        by_language = self._recent_by_language(newest)
        # First: whoever is cut off after a feed was written leaves it to the next one, who empties it when it must.
        self.changes.put([_data(FEEDS, list(by_language))])
        entries = [ArchiveEntry.of(each) for each in newest]
        self.changes.put(self.ports.archive.archive(entries, recent, self.years, by_language))
        self.changes.put([_data(YEARS, self.years)])

    def _recent_by_language(self, newest: Sequence[IssueRecord]) -> dict[str, list[ShownIssue]]:
        """Return the newest editions in each language that has feeds, or had: a feed stays, if it must then empty."""
        stored = self.changes.site.read(FEEDS)
        spoken = {record.slug: self.ports.archive.feed_languages(ArchiveEntry.of(record)) for record in newest}
        languages = self.feed_languages.union(json.loads(stored) if stored else (), *spoken.values())
        return {
            lang: [
                edition
                for record in [each for each in newest if lang in spoken[each.slug]][:FEED_ITEMS]
                if (edition := self._shown(record).in_language(lang))
            ]
            for lang in sorted(languages)
        }

    def write_privacy_notice(self) -> None:
        """Write the page of the privacy notice; of a file that cannot be shown, the page before it stays.

        What is wrong with the file stands beside it, as with an issue.
        """
        found = self.ports.content.newest(SOURCE)
        try:
            notice = read_notice(found.body if found else None)
        except InvalidNoticeError as problem:
            version = found.version if found else ""
            if self.ports.content.problems_of(SOURCE) != version:
                self.ports.content.put_problems(SOURCE, f"{problem}\n", version=version)
            if self.changes.site.read(PRIVACY) is not None:
                return
            notice = ""
        else:
            if self.ports.content.problems_of(SOURCE):  # asked first: each removal leaves a mark in the bucket
                self.ports.content.clear_problems(SOURCE)
        self.changes.put([self.ports.archive.privacy(notice)])

    def _write_page(
        self,
        slug: str,
        beside: tuple[IssueRecord | None, IssueRecord | None],
        known: IssueRecord | None = None,
    ) -> None:
        """Write the page of an issue as its record is, or remove it.

        Args:
            slug: The issue.
            beside: The issues that its page names: the older one and the newer one.
            known: Its record, if this visit has read it from the table itself.
        """
        older, newer = beside
        records = iter([known] if known else [])  # only the first attempt may go by it

        def attempt() -> None | Literal[Race.LOST]:
            record, before = next(records, None) or self.ports.issues.get(slug), self.changes.writes
            public = self.public(record)
            if public is None:
                self._take_down(slug, record)
            else:
                shown = self._shown(public)
                self.feed_languages |= self.ports.archive.feed_languages(ArchiveEntry.of(public))
                linked_files = [each for edition in shown.rendered.editions for each in edition.files]
                # Before the page: whoever follows its links at once finds what they lead to.
                self.changes.note({each.path for each in linked_files if self.ports.files.show(each)})
                entries = {
                    "older": ArchiveEntry.of(older) if older else None,
                    "newer": ArchiveEntry.of(newer) if newer else None,
                }
                page = self.ports.archive.issue_page(shown, **entries)
                made = self._beside_the_page(shown)
                self.changes.put([*made, *self.ports.archive.translated_pages(shown, **entries), page])
                self._take_down_translations(
                    public, set(public.once_translated_into) - set(shown.rendered.translated_into)
                )
                kept_paths = [each.path for each in linked_files] + [each.path for each in made]
                self.changes.note(self.ports.files.hide(slug, kept_paths=kept_paths))
            if self.changes.writes == before:
                return None  # what stood there stands as it did: whoever changes the record comes after us
            return None if _seen(self.public(self.ports.issues.get(slug))) == _seen(public) else LOST

        win(attempt, busy=_moving(slug))

    def _write_years(self, asked: set[int]) -> None:
        """Write these years; and those beside them, which name them, if one of them is new or gone."""
        rows = {year: self._in_year(year) for year in asked}
        years = sorted({*self.years, *asked} - {year for year, row in rows.items() if not row}, reverse=True)
        if years != self.years:
            for year in asked:
                beside = [*[each for each in years if each > year][-1:], *[each for each in years if each < year][:1]]
                rows |= {each: self._in_year(each) for each in beside if each not in rows}
            self.years = years
        for year, row in rows.items():
            rendered = [self._shown(each).rendered for each in row]
            files = self.ports.archive.year(year, rendered, self.years)
            if row:
                self.changes.put(files)
            else:
                for file in files:
                    self.changes.remove(file.path)

    def _in_year(self, year: int) -> list[IssueRecord]:
        own = [each for each in self._own if each.date.year == year]
        return self._in_order(self.ports.issues.listed_in(year), own)

    @property
    def _own(self) -> list[IssueRecord]:
        return [public for public in self.own.values() if public is not None and not public.digest]

    def _in_order(self, indexed: Sequence[IssueRecord], own: Iterable[IssueRecord]) -> list[IssueRecord]:
        """Return what an index found, as readers may see it and set right by what we know better, newest first."""
        known = {*self.own, *(each.slug for each in indexed if each.digest)}  # listed for a moment when its send opens
        others = [public for each in indexed if each.slug not in known and (public := self.public(each))]
        for other in others:
            if other.shown is None and other.slug not in self._named_first:
                # Named before its own first refresh, which must know where to look, whatever the issue is by then.
                self._named_first.add(other.slug)
                self.ports.issues.set_shown(other.slug, other.date)
        return sorted([*own, *others], key=_place, reverse=True)

    def _beside(self, place: date, slug: str) -> tuple[IssueRecord | None, IssueRecord | None]:
        """Return the listed issues before and behind this place."""
        return self._older(place, slug), self._newer(place, slug)

    def _older(self, place: date, slug: str) -> IssueRecord | None:
        older = self._in_order(self.ports.issues.older_than(place, slug, self._enough), self._own_but(slug))
        return next((each for each in older if _place(each) < (place, slug)), None)

    def _newer(self, place: date, slug: str) -> IssueRecord | None:
        newer = self._in_order(self.ports.issues.newer_than(place, slug, self._enough), self._own_but(slug))
        return next((each for each in reversed(newer) if _place(each) > (place, slug)), None)

    @property
    def _enough(self) -> int:
        return 1 + len(self.own)  # the index may still have our own ones where they are no more

    def _own_but(self, slug: str) -> list[IssueRecord]:
        return [each for each in self._own if each.slug != slug]

    def _shown(self, record: IssueRecord) -> ShownIssue:
        corrected = record.corrected_at.astimezone(self.rhythm.time_zone) if record.corrected_at else None
        named = (record.slug, record.content_hash)
        if named not in self._rendered:
            self._rendered[named] = self.ports.content.rendered(*named)
        return ShownIssue(self._rendered[named], corrected, record.sent_hash)

    def _take_down(self, slug: str, record: IssueRecord | None) -> None:
        """Remove the page of an issue and what stands beside it; the page last, so that a second try finds the rest.

        Pictures stay: emails show them.
        """
        if record is not None and self.changes.site.read(page_of(slug)) is not None:
            for file in self._beside_the_page(self._shown(record.as_cleared() or record)):
                self.changes.remove(file.path)
        self.changes.note(self.ports.files.hide(slug, kept_paths=()))
        if record is not None:
            self._take_down_translations(record, record.once_translated_into)
        self.changes.remove(page_of(slug))

    def _take_down_translations(self, record: IssueRecord, languages: Iterable[str]) -> None:
        for lang in languages:
            self.changes.remove(page_of(f"{record.slug}/{lang.lower()}"))

    def _beside_the_page(self, shown: ShownIssue) -> list[SiteFile]:
        """Return the files that are there because the page of an issue is; the page names them."""
        made = (self.ports.archive.card(shown), self.ports.archive.sealed_file(shown))
        return [*(file for file in made if file), *calendar_files(shown.rendered, self.rhythm.time_zone)]


def page_of(slug: str) -> str:
    """Return where the page of an issue stands in the site."""
    return f"issues/{slug}/index.html"


def _data(path: str, held: Sequence[int] | Sequence[str]) -> SiteFile:
    return SiteFile(path, json.dumps(held).encode(), "application/json", SOON)


def _place(record: IssueRecord) -> tuple[date, str]:
    return record.date, record.slug


def _seen(public: IssueRecord | None) -> object:
    """Return what readers can see of an issue."""
    return (public.content_hash, public.date, public.corrected_at) if public else None


def _moving(slug: str) -> str:
    return f"issue {slug} is being changed at the same moment; its page will be written again"
