"""The desk's calendar: what it shows, what can be decided on it, and its feed for calendar programs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from functions.desk.handler import lambda_handler
from newsletter.calendar.adapters.holiday_table import country_of, holidays_in
from newsletter.calendar.domain.feed import Appointment, calendar_feed
from newsletter.core.time_zones import WallTime, names
from newsletter.desk.drafts.draft import NewVersion
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from tests.desk.desk_browser import DeskBrowser, request
from tests.factories import record

URL = "/desk/calendar/"


def next_days(browser: DeskBrowser, number: int = 3) -> list[date]:
    rhythm = browser.deployment.app.current_rhythm()
    return [rhythm.day_of(slot) for slot in rhythm.next_slots(number, browser.deployment.now())]


def in_words(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def test_an_empty_calendar_shows_a_year_and_says_what_comes(owner: DeskBrowser) -> None:
    page = owner.get(URL)

    assert page.status == 200
    assert page.words.count("No issue yet") == 26
    assert "Nothing has gone out yet." in page.words


def test_each_issue_stands_on_the_day_on_which_it_is_expected_and_the_past_is_below(owner: DeskBrowser) -> None:
    app = owner.deployment.app
    first, second, _ = next_days(owner)
    app.issues.put(
        record(slug="2026-11-20-first", title="The first of all", date=first - timedelta(days=3)), before=None
    )
    app.issues.put(record(slug="2026-11-21-second", title="A second one", date=second), before=None)
    sent_at = datetime(2026, 11, 17, 9, tzinfo=UTC)
    app.issues.put(
        record(slug="2026-11-17-old", title="Gone before", status=IssueStatus.SENT, sent_at=sent_at), before=None
    )

    words = owner.get(URL).words

    positions = [words.index(text) for text in (f"{first:%A} {first.day}", "The first of all", "A second one")]
    assert positions == sorted(positions)
    assert "Gone before Tuesday 17 November 2026 at 09:00" in words


def test_an_issue_whose_rendered_form_was_deleted_keeps_its_page_and_says_what_to_do(owner: DeskBrowser) -> None:
    day = next_days(owner)[0]
    uploaded(owner, "2026-12-01-lost", day)

    page = owner.get("/desk/issues/2026-12-01-lost/")

    assert page.status == 200
    assert "is not in the bucket any more; upload its file again, and it is made anew." in page.words


def test_a_day_is_skipped_with_a_reason_and_taken_back(owner: DeskBrowser) -> None:
    day = next_days(owner)[1]

    skipped = owner.post(f"{URL}skip", day=day, because="  Christmas\tbreak ")

    assert (skipped.status, skipped.location) == (303, f"{URL}?done=skip&day={day}")
    page = owner.get(skipped.location)
    assert f"Skipped. Nothing goes out on {in_words(day)}." in page.words
    assert "skipped" in page.words
    assert "Christmas break" in page.words
    assert owner.deployment.app.calendar.get().reasons == {day: "Christmas break"}

    assert owner.post(f"{URL}unskip", day=day).status == 303
    assert "Christmas break" not in owner.get(URL).words
    assert owner.deployment.app.calendar.get().reasons == {}
    assert owner.log() == [("skipped", str(day)), ("took back the skip of", str(day))]


def test_an_extra_day_is_added_with_a_reason_and_taken_out(owner: DeskBrowser) -> None:
    day = next_days(owner)[0] + timedelta(days=3)

    owner.post(f"{URL}extra", day=day, because="The budget")

    page = owner.get(URL)
    assert "extra day" in page.words
    assert "The budget" in page.words
    assert day in next_days(owner)
    owner.post(f"{URL}unextra", day=day)
    assert day not in next_days(owner)


@pytest.mark.parametrize(
    ("act", "day", "sentence"),
    [
        ("skip", "2020-01-01", "more than two years away"),
        ("skip", "no day", "Please choose a day."),
        ("extra", "", "Please choose a day."),
        ("extra", "2031-01-01", "more than two years away"),
    ],
)
def test_a_day_that_cannot_be_changed_is_refused_in_a_sentence(
    owner: DeskBrowser, act: str, day: str, sentence: str
) -> None:
    before = owner.deployment.app.calendar.get()

    refused = owner.post(f"{URL}{act}", day=day)

    assert refused.status == 409
    assert "Nothing was changed." in refused.words
    assert sentence in refused.words
    assert owner.deployment.app.calendar.get() == before
    assert owner.log() == []


def test_a_writer_looks_and_decides_nothing(writer: DeskBrowser) -> None:
    page = writer.get(URL)

    assert "Skip a day" not in page.words
    assert writer.post(f"{URL}skip", day=next_days(writer)[0]).status == 403
    assert writer.deployment.app.calendar.get().skipped == frozenset()


def test_a_form_without_its_token_changes_nothing(owner: DeskBrowser) -> None:
    assert owner.post_unsigned(f"{URL}skip", day=next_days(owner)[0]).status == 403
    assert owner.deployment.app.calendar.get().skipped == frozenset()


def test_a_holiday_is_marked_beside_its_day(owner: DeskBrowser) -> None:
    calendar = owner.deployment.app.calendar
    day = next(day for day in sorted(holidays_in("Europe/London").names) if day > owner.deployment.now().date())
    calendar.set_extra(day, extra=True)

    assert f"extra day · {holidays_in('Europe/London').on(day)}" in owner.get(URL).words


def test_the_feed_shows_the_days_to_whoever_has_the_address_of_a_member(owner: DeskBrowser) -> None:
    app, first = owner.deployment.app, next_days(owner)[0]
    app.issues.put(record(title="Bread, butter; jam", date=first), before=None)

    answer = lambda_handler(request("GET", feed_path(owner)), owner.deployment.context)

    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"] == "text/calendar; charset=utf-8"
    lines = answer["body"].replace("\r\n ", "").split("\r\n")
    assert "SUMMARY:Fortnightly Briefing: Bread\\, butter\\; jam" in lines
    assert f"UID:{first}@briefing.example.org" in lines
    assert lines.count("BEGIN:VEVENT") == 26


def at_an_hour(browser: DeskBrowser, day: date, **more: Any) -> WallTime:
    """Put an issue that goes out the day after a slot, at half past two."""
    hour = WallTime(day + timedelta(days=1), 14, 30)
    issue = record(slug="own", title="At its hour", date=day, send=SendPolicy.AT, send_at=hour, **more)
    browser.deployment.app.issues.put(issue, before=None)
    return hour


def test_an_hour_of_its_own_stands_between_the_slots_and_takes_none(owner: DeskBrowser) -> None:
    day = next_days(owner)[0]
    hour = at_an_hour(owner, day, held=True)

    words = owner.get(URL).words

    assert words.count("No issue yet") == 26
    assert f"{hour.day:%A} {hour.day.day} at 14:30 At its hour Somebody put it on hold." in words
    assert words.index(f"{day:%A} {day.day}") < words.index("at 14:30")
    assert "Ready, but without a day" not in words
    assert f"{in_words(hour.day)} at 14:30" in owner.get("/desk/issues/").words


def test_the_feed_has_the_hours_beside_the_slots(owner: DeskBrowser) -> None:
    hour = at_an_hour(owner, next_days(owner)[0])

    feed = lambda_handler(request("GET", feed_path(owner)), owner.deployment.context)["body"].replace("\r\n ", "")

    assert feed.count("BEGIN:VEVENT") == 27
    assert "UID:own@briefing.example.org\r\n" in feed
    assert f"DTSTART:{hour.moment(owner.deployment.app.rhythm.time_zone).astimezone(UTC):%Y%m%dT%H%M%SZ}" in feed


def test_the_front_page_names_what_comes_first_slot_or_hour(owner: DeskBrowser) -> None:
    app, now = owner.deployment.app, owner.deployment.now()
    soon = WallTime.at(now + timedelta(hours=3), app.rhythm.time_zone)
    day = app.rhythm.local_date(now)
    issue = record(slug="own", title="At its hour", date=day, send=SendPolicy.AT, send_at=soon)
    app.issues.put(issue, before=None)
    app.calendar.set_skipped(day, skipped=True)

    page = owner.get("/desk/")

    assert f"Next {in_words(soon.day)} at {soon.hour:02d}:{soon.minute:02d}" in page.words
    assert "At its hour" in page.words
    assert "Nothing is missing. It goes out by itself." in page.words


def test_a_day_of_the_calendar_ends_an_hour_of_its_own(writer: DeskBrowser) -> None:
    first, second, _ = next_days(writer)
    hour = WallTime(first, 14, 30)
    text = f"---\ntitle: own\ndate: {first}\nsend: {hour}\n---\n\nHello\n"
    writer.deployment.put("issues/own.md", text.encode())
    issue = record(slug="own", title="own", date=first, send=SendPolicy.AT, send_at=hour)
    writer.deployment.app.issues.put(issue, before=None)
    upload = writer.deployment.app.content.newest("issues/own.md")
    assert upload is not None
    assert f"instead of {in_words(first)} at 14:30." in writer.get(asked("own", second)).words

    writer.post(f"{URL}give", slug="own", day=second, version=upload.version)

    assert file_of(writer, "own") == f"---\ntitle: own\ndate: {second}\n---\n\nHello\n"


def test_the_address_of_the_feed_ends_with_the_membership_and_with_all_sessions(owner: DeskBrowser) -> None:
    path, context, members = feed_path(owner), owner.deployment.context, owner.deployment.app.members
    members.put(replace(owner.member, sessions_from=owner.deployment.now()))
    assert lambda_handler(request("GET", path), context)["statusCode"] == 400

    members.put(owner.member)
    assert lambda_handler(request("GET", path), context)["statusCode"] == 200
    members.remove(owner.member.member_id)
    assert lambda_handler(request("GET", path), context)["statusCode"] == 400


@pytest.mark.parametrize("path", ["/desk/calendar.ics", "/desk/calendar.ics?token=AAAA", "/desk/calendar.ics?token="])
def test_nobody_reads_the_feed_without_an_address(owner: DeskBrowser, path: str) -> None:
    assert lambda_handler(request("GET", path), owner.deployment.context)["statusCode"] == 400


def feed_path(browser: DeskBrowser) -> str:
    page = browser.get(URL).body
    url = urlsplit(page.partition('readonly value="')[2].partition('"')[0])
    return f"{url.path}?{url.query}"


def test_the_lines_of_a_feed_are_as_short_as_programs_expect_and_whole_when_put_together() -> None:
    at = datetime(2026, 12, 1, 9, tzinfo=UTC)
    title = "Ça va? " * 30 + "\nsecond line"

    feed = calendar_feed([Appointment(date(2026, 12, 1), at, title)], name="News", host="example.org", now=at)

    assert max(len(line.encode()) for line in feed.split("\r\n")) <= 75
    assert "SUMMARY:" + "Ça va? " * 30 + "\\nsecond line\r\n" in feed.replace("\r\n ", "")
    assert "DTSTART:20261201T090000Z\r\n" in feed


def test_every_time_zone_of_a_country_has_holidays_where_the_table_knows_the_country() -> None:
    assert (country_of("Europe/London"), country_of("America/New_York"), country_of("UTC")) == ("GB", "US", "")
    assert holidays_in("Europe/Berlin").on(date(2026, 12, 25)) != ""
    assert holidays_in("UTC").names == {}
    assert {len(country_of(name)) for name in names()} == {0, 2}


# --- giving an issue a day ------------------------------------------------------------------------------------------


def uploaded(browser: DeskBrowser, slug: str, day: date, *, approved: bool = False, **more: Any) -> str:
    """Put an issue into the bucket and the table, as publishing leaves it; return the version of its file."""
    text = f"---\ntitle: {slug}\nhouse: kept   # by hand\ndate: {day}\n---\n\nHello\n"
    browser.deployment.put(f"issues/{slug}.md", text.encode())
    issue = record(slug=slug, title=slug, date=day, **more)
    browser.deployment.app.issues.put(replace(issue, approved=issue.content_hash if approved else ""), before=None)
    upload = browser.deployment.app.content.newest(f"issues/{slug}.md")
    assert upload is not None
    return upload.version


def asked(slug: str, day: date) -> str:
    return f"{URL}give/?slug={slug}&day={day}"


def file_of(browser: DeskBrowser, slug: str) -> str:
    return browser.deployment.read(f"issues/{slug}.md", "content") or ""


def test_an_issue_is_given_a_day_after_it_was_said_what_that_means(writer: DeskBrowser) -> None:
    first, second, third = next_days(writer)
    version = uploaded(writer, "one", first, approved=True)
    uploaded(writer, "two", first)  # waits behind the other
    before = file_of(writer, "one")

    page = writer.get(asked("one", third))

    assert f"“one” goes out on this day instead of {in_words(first)} at 09:00." in page.words
    assert "Its approval ends." in page.words
    assert f"“two” moves with it, and then goes out on {in_words(first)} at 09:00." in page.words
    assert file_of(writer, "one") == before  # a GET changes nothing
    assert second not in (first, third)

    answer = writer.post(f"{URL}give", slug="one", day=third, version=version)

    assert (answer.status, answer.location) == (303, f"{URL}?done=given&day={third}")
    assert file_of(writer, "one") == before.replace(str(first), str(third))
    assert writer.log() == [("gave a day to", "one")]
    assert in_words(third) in writer.get(answer.location).words


def test_the_draft_of_an_issue_gets_the_date_too_and_keeps_what_was_not_handed_in(writer: DeskBrowser) -> None:
    first, _, third = next_days(writer)
    version = uploaded(writer, "one", first)
    drafts = writer.deployment.app.drafts
    text = file_of(writer, "one") + "Not handed in.\n"
    drafts.write(NewVersion("one", text, "Ada", upload_version=version, saves=("p=1",)), over=None)

    writer.post(f"{URL}give", slug="one", day=third, version=version)

    draft, upload = drafts.newest("one"), writer.deployment.app.content.newest("issues/one.md")
    assert draft is not None
    assert upload is not None
    assert (draft.text, draft.saves) == (text.replace(str(first), str(third)), ("p=1",))
    assert draft.upload_version == upload.version  # so that handing it in goes on from there
    assert "Not handed in." not in upload.body.decode()


def test_a_draft_that_was_not_handed_in_yet_is_given_a_day(writer: DeskBrowser) -> None:
    first, second, _ = next_days(writer)
    writer.post("/desk/issues/new", title="New", date=first)
    slug = f"{first}-new"
    assert f'value="{slug}"' in writer.get(URL).body

    writer.post(f"{URL}give", slug=slug, day=second, version="")

    draft = writer.deployment.app.drafts.newest(slug)
    assert draft is not None
    assert f"date: {second}\n" in draft.text
    assert writer.deployment.read(f"issues/{slug}.md", "content") is None


def refusals(browser: DeskBrowser) -> dict[str, tuple[str, object, str]]:
    """Return what is refused: the issue, the day, and how it is said."""
    first, second, third = next_days(browser)
    uploaded(browser, "one", first)
    uploaded(browser, "two", second)
    uploaded(browser, "gone", first - timedelta(days=14), status=IssueStatus.SENT)
    browser.deployment.app.calendar.set_skipped(third, skipped=True)
    return {
        "past": ("one", date(2020, 1, 7), "is over"),
        "taken": ("one", second, "“two” goes out on"),
        "skipped": ("one", third, "is skipped"),
        "no slot": ("one", first + timedelta(days=1), "nothing goes out on"),
        "no day": ("one", "soon", "please choose a day"),
        "sent": ("gone", first, "has gone out"),
        "unknown": ("nobody", first, "there is no such issue"),
    }


@pytest.mark.parametrize("why", ["past", "taken", "skipped", "no slot", "no day", "sent", "unknown"])
def test_a_day_that_cannot_be_given_is_refused_in_words_before_and_after(writer: DeskBrowser, why: str) -> None:
    slug, day, words = refusals(writer)[why]
    before = file_of(writer, slug)

    for answer in (
        writer.get(f"{URL}give/?slug={slug}&day={day}"), writer.post(f"{URL}give", slug=slug, day=day, version=""),
    ):  # fmt: skip
        assert answer.status == 409
        assert words.casefold() in answer.words.casefold()
    assert file_of(writer, slug) == before
    assert writer.log() == []


def test_an_issue_that_was_uploaded_since_it_was_looked_at_keeps_its_day(writer: DeskBrowser) -> None:
    first, _, third = next_days(writer)
    version = uploaded(writer, "one", first)
    writer.deployment.put("issues/one.md", file_of(writer, "one").replace("Hello", "Good evening").encode())

    answer = writer.post(f"{URL}give", slug="one", day=third, version=version)

    assert answer.status == 409
    assert "look again" in answer.words
    assert f"date: {first}" in file_of(writer, "one")


def test_only_free_days_are_offered(writer: DeskBrowser) -> None:
    first, second, _ = next_days(writer)
    uploaded(writer, "one", first)

    page = writer.get(f"{URL}give/?slug=one")

    assert f'<option value="{first}"' not in page.body
    assert f'<option value="{second}"' in page.body
    assert '<option value="one" selected>' in page.body
