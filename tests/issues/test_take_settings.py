"""Settings are taken, refused, replaced and removed, in any order, and twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pytest

from newsletter.core.editors import Editors
from newsletter.core.registered_form import form_id
from newsletter.errors import SendThrottledError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.jobs.take_settings import PATIENCE, SettingsResult, take_settings
from newsletter.issues.settings.settings_files import SettingsFiles
from newsletter.issues.settings_ports import SettingsPorts
from tests.core.fakes import TEAM, MemoryMailer, PlainMails
from tests.factories import record
from tests.issues.fakes import MemoryContent, MemoryIssues, MemorySite, MemoryStyle, PlainShelf
from tests.issues.rendering_samples import TEMPLATES
from tests.sending.fakes import MemoryQueues

BRAND = "settings/brand.yaml"
GERMAN = "settings/words/de.yaml"
PNG = b"\x89PNG and the rest"


@dataclass
class House:
    """What taking settings touches."""

    needs_approval: bool = True
    content: MemoryContent = field(default_factory=MemoryContent)
    issues: MemoryIssues = field(default_factory=MemoryIssues)
    style: MemoryStyle = field(default_factory=MemoryStyle)
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    queues: MemoryQueues = field(default_factory=MemoryQueues)
    site: MemorySite = field(default_factory=MemorySite)

    def put(self, key: str, text: str | bytes, *, patient: bool = True) -> SettingsResult:
        self.content.objects[key] = text.encode() if isinstance(text, str) else text
        return self.take(key, patient=patient)

    def take(self, key: str, *, patient: bool = True, quiet: bool = False) -> SettingsResult:
        return take_settings(key, ports=self.ports, patient=patient, quiet=quiet)

    @property
    def ports(self) -> SettingsPorts:
        def registered() -> dict[str, str]:
            words = str(self.style.style.brand.get("invitation", "the first invitation"))
            return {form_id(words, "en"): words}

        return SettingsPorts(
            content=self.content,
            issues=self.issues,
            style=self.style,
            reader=SettingsFiles(TEMPLATES.layer_brand),
            pictures=PlainShelf(self.content, self.site),
            editors=Editors(self.mailer, PlainMails(), TEAM),
            publish_queue=self.queues,
            registered_forms=registered,
            newsletter_name="Fortnightly Briefing",
            public_url="https://briefing.example.org",
            needs_approval=self.needs_approval,
        )

    @property
    def mails(self) -> list[str]:
        return [sent.mail.subject for sent in self.mailer.outbox]


@pytest.fixture
def house() -> House:
    return House()


def test_a_good_file_is_in_use_the_archive_follows_and_the_editors_see_it(house: House) -> None:
    house.issues.by_slug["a"] = record(slug="a", status=IssueStatus.SENT, date=date(2025, 1, 7), listed=True)
    house.issues.by_slug["b"] = record(slug="b", status=IssueStatus.SENT, date=date(2026, 1, 6), listed=True)

    assert house.put(BRAND, "strapline: Hello") is SettingsResult.TAKEN

    assert house.style.style.brand == {"strapline": "Hello"}
    assert house.queues.refreshes == [""]
    assert house.queues.years == [2026, 2025]
    assert house.mails == ["editors_settings"]
    assert BRAND in house.mailer.outbox[0].mail.text
    assert house.content.problems == {}


def test_the_same_event_again_does_nothing(house: House) -> None:
    house.put(BRAND, "strapline: Hello")
    writes = house.style.writes

    assert house.take(BRAND) is SettingsResult.UNCHANGED

    assert (house.style.writes, len(house.mails), len(house.queues.refreshes)) == (writes, 1, 1)


def test_of_a_refused_file_the_last_good_one_stays_and_the_editors_hear_of_it_once(house: House) -> None:
    house.put(BRAND, "strapline: Hello")

    assert house.put(BRAND, "strapline: Hello {name}") is SettingsResult.REFUSED
    assert house.take(BRAND) is SettingsResult.REFUSED

    assert house.style.style.brand == {"strapline": "Hello"}
    assert house.mails == ["editors_settings", "editors_problems"]
    assert "Line 1: `strapline` holds {name}" in house.content.problems[BRAND]
    assert len(house.queues.refreshes) == 1
    assert house.put(BRAND, "strapline: Good day") is SettingsResult.TAKEN
    assert house.content.problems == {}


def test_a_file_that_is_removed_gives_way_to_what_we_bring_along(house: House) -> None:
    house.put(BRAND, "strapline: Hello")
    house.put(GERMAN, "welcome_heading: Guten Tag")
    del house.content.objects[BRAND]

    assert house.take(BRAND) is SettingsResult.TAKEN

    assert house.style.style.brand == {}
    assert house.style.style.words == {"de": {"welcome_heading": "Guten Tag"}}
    assert f"removed: ['{BRAND}']" in house.mailer.outbox[-1].mail.text


def test_words_and_brand_are_refused_apart(house: House) -> None:
    house.content.objects[BRAND] = b"nonsense"

    assert house.put(GERMAN, "welcome_heading: Guten Tag") is SettingsResult.TAKEN

    assert house.style.style.words == {"de": {"welcome_heading": "Guten Tag"}}
    assert list(house.content.problems) == [BRAND]


def test_a_logo_that_comes_after_its_brand_brings_one_preview(house: House) -> None:
    assert house.put(BRAND, "logo: logo.png\nlogo_width: 150") is SettingsResult.WAITS
    assert house.queues.settings == [(BRAND, PATIENCE)]
    assert house.put("settings/logo.png", PNG) is SettingsResult.TAKEN
    assert house.take(BRAND, patient=False) is SettingsResult.UNCHANGED

    logo = house.style.style.brand["logo"]
    assert (logo["alt"], logo["width"], logo["height"], logo["dark"]) == ("Fortnightly Briefing", 150, 100, "")
    assert logo["light"] in house.site.files
    assert logo["light"].startswith("brand/logo-")
    assert house.mails == ["editors_settings"]


def test_a_logo_that_never_comes_is_told_after_a_minute(house: House) -> None:
    house.put(BRAND, "logo: logo.png")

    assert house.take(BRAND, patient=False) is SettingsResult.REFUSED

    assert "no “logo.png” in settings/" in house.content.problems[BRAND]


@pytest.mark.parametrize(
    ("source", "width", "said"),
    [
        (b"no picture", 100, "The file is not a picture."),
        (PNG + bytes(200_000), 100, "200,017 bytes"),
        (PNG, 300, "200 pixels tall"),
        (b"deadly", 100, "could not be opened"),
    ],
)
def test_a_logo_that_cannot_be_shown_is_refused(house: House, source: bytes, width: int, said: str) -> None:
    house.content.objects["settings/logo.png"] = source

    assert house.put(BRAND, f"logo: logo.png\nlogo_width: {width}") is SettingsResult.REFUSED

    assert said in " ".join(house.content.problems[BRAND].split())


def test_a_logo_that_is_replaced_under_its_name_is_taken(house: House) -> None:
    house.content.objects["settings/logo.png"] = PNG
    house.put(BRAND, "logo: logo.png")
    before = house.style.style.brand["logo"]["light"]

    assert house.put("settings/logo.png", PNG + b"!") is SettingsResult.TAKEN

    assert house.style.style.brand["logo"]["light"] != before
    assert len(house.mails) == 2


def test_forms_that_stood_before_are_still_known_by_their_words(house: House) -> None:
    house.put(BRAND, "invitation: Please send it")
    house.put(BRAND, "invitation: Send it to me")

    assert set(house.style.style.earlier_forms.values()) >= {"the first invitation", "Please send it"}


def test_an_approved_issue_stays_as_it_was_approved_and_others_get_the_new_look(house: House) -> None:
    house.issues.by_slug = {
        "approved": record(slug="approved", status=IssueStatus.READY, content_hash="h", approved="h"),
        "edited": record(slug="edited", status=IssueStatus.READY, content_hash="h", approved="before"),
        "draft": record(slug="draft", status=IssueStatus.DRAFT),
        "withdrawn": record(slug="withdrawn", status=IssueStatus.READY, withdrawn=True),
        "sending": record(slug="sending", status=IssueStatus.SENDING),
        "sent": record(slug="sent", status=IssueStatus.SENT),
    }

    house.put(BRAND, "strapline: Hello")

    assert {slug for slug, _ in house.queues.looks} == {"edited", "draft"}
    assert "approved: ['approved']" in house.mailer.outbox[0].mail.text


def test_without_approvals_every_issue_that_waits_gets_the_new_look(house: House) -> None:
    house.needs_approval = False
    house.issues.by_slug = {"a": record(slug="a", status=IssueStatus.READY, content_hash="h", approved="h")}

    house.put(BRAND, "strapline: Hello")
    house.put(GERMAN, "welcome_heading: Guten Tag")

    assert house.queues.looks == [("a", 0)]  # words of other emails are not in an issue


def test_what_was_cut_off_before_the_editors_were_told_is_told_by_the_same_event_again(house: House) -> None:
    house.mailer.failure = SendThrottledError("later")
    with pytest.raises(SendThrottledError):
        house.put(BRAND, "strapline: Hello")
    house.mailer.failure = None

    assert house.take(BRAND) is SettingsResult.TAKEN

    assert house.mails == ["editors_settings"]


def test_a_file_that_changes_while_the_style_is_written_wins(house: House) -> None:
    put = house.style.put

    def and_then_another(style: object) -> None:
        put(style)  # type: ignore[arg-type]
        if house.style.writes == 1:
            house.content.objects[BRAND] = b"strapline: Newer"

    house.style.put = and_then_another  # type: ignore[method-assign]

    house.put(BRAND, "strapline: Older")

    assert house.style.style.brand == {"strapline": "Newer"}
    assert house.mails == ["editors_settings"]


def test_what_a_restore_put_there_is_used_and_nobody_is_mailed(house: House) -> None:
    house.content.objects[BRAND] = b"strapline: Hello"

    assert house.take(BRAND, quiet=True) is SettingsResult.TAKEN

    assert house.style.style.brand == {"strapline": "Hello"}
    assert house.mails == []
    assert house.take(BRAND) is SettingsResult.UNCHANGED


def test_the_privacy_notice_is_shown_at_once(house: House) -> None:
    assert house.put("settings/privacy.md", "# Ours") is SettingsResult.TAKEN

    assert house.queues.refreshes == [""]
    assert house.style.writes == 0


FIELDS = "settings/fields.yaml"


def test_fields_are_in_use_forms_follow_and_issues_that_nobody_approved_are_looked_at_again(house: House) -> None:
    house.issues.by_slug["new"] = record(slug="new", status=IssueStatus.READY, content_hash="h" * 64)
    house.issues.by_slug["ok"] = record(slug="ok", status=IssueStatus.READY, content_hash="k" * 64, approved="k" * 64)

    assert house.put(FIELDS, "region:\n  label: Region\n") is SettingsResult.TAKEN

    assert [(each.key, each.label()) for each in house.style.style.reader_fields] == [("region", "Region")]
    assert [slug for slug, _ in house.queues.looks] == ["new"]
    assert house.queues.refreshes == [""], "the page with the form is written anew"
    assert FIELDS in house.mailer.outbox[0].mail.text
    assert house.style.style.earlier_forms == {}, "what a reader agrees to is the same"


def test_of_refused_fields_the_last_good_ones_stay_and_removed_ones_are_asked_no_more(house: House) -> None:
    house.put(FIELDS, "region:\n  label: Region\n")

    assert house.put(FIELDS, "region:\n  kind: choice\n") is SettingsResult.REFUSED
    assert [each.key for each in house.style.style.reader_fields] == ["region"]
    assert "has no label" in house.content.problems[FIELDS]

    del house.content.objects[FIELDS]
    assert house.take(FIELDS) is SettingsResult.TAKEN
    assert house.style.style.reader_fields == ()


FEEDS = "settings/feeds.yaml"


def test_feeds_are_in_use_and_nothing_that_readers_see_is_written_anew(house: House) -> None:
    house.issues.by_slug["new"] = record(slug="new", status=IssueStatus.READY, content_hash="h" * 64)

    assert house.put(FEEDS, "feeds: Our blog https://www.example.org/feed.xml\n") is SettingsResult.TAKEN

    assert house.style.style.feeds == {"Our blog": "https://www.example.org/feed.xml"}
    assert (house.queues.looks, house.queues.refreshes) == ([], [])
    assert FEEDS in house.mailer.outbox[0].mail.text
    assert house.put(FEEDS, "feeds: our blog\n") is SettingsResult.REFUSED
    assert list(house.style.style.feeds) == ["Our blog"]
    del house.content.objects[FEEDS]
    assert house.take(FEEDS) is SettingsResult.TAKEN
    assert house.style.style.feeds == {}
