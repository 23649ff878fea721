"""From a title to an upload: begun, copied, handed in, and nobody's text written over."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest

from newsletter.core.slot import Rhythm
from newsletter.desk.adapters.front_matter_form import YamlForm
from newsletter.desk.drafts.draft import Draft, DraftNote
from newsletter.desk.drafts.hand_in import (
    HandInKind,
    HandInResult,
    OpenedText,
    bring_in_upload,
    hand_in_draft,
    open_draft,
)
from newsletter.desk.drafts.ports import HandInPorts, StartPorts
from newsletter.desk.drafts.save_draft import SavedText, SaveKind, SaveResult, save_draft
from newsletter.desk.drafts.start_issue import TEMPLATE, duplicate_issue, start_issue
from newsletter.errors import InvalidIssueError, InvalidRequestError, SlugTakenError, UnknownDraftError
from newsletter.issues.domain.issue import LONGEST_SLUG, free_slug
from tests.desk.fakes import MemoryDrafts, MemoryUploads
from tests.factories import SLUG, record
from tests.issues.fakes import MemoryContent, MemoryIssues

NOW = datetime.datetime(2026, 11, 26, 12, tzinfo=datetime.UTC)
RHYTHM = Rhythm(anchor=datetime.date(2026, 12, 1), time_zone=ZoneInfo("Europe/London"))
ADA, BEN = "ada@example.org", "ben@example.org"
KEY = f"issues/{SLUG}.md"


class House:
    """Drafts, issues and the bucket of a publisher."""

    def __init__(self) -> None:
        self.shelf, self.content, self.issues = MemoryDrafts(), MemoryContent(), MemoryIssues()
        uploads = MemoryUploads(self.content)
        self.starting = StartPorts(self.shelf, self.content, self.issues, uploads, YamlForm())
        self.ports = HandInPorts(self.shelf, self.content, uploads)

    def start(self, title: str, **more: object) -> Draft:
        return start_issue(title, saved_by=ADA, ports=self.starting, rhythm=RHYTHM, now=NOW, **more)  # type: ignore[arg-type]

    def copy(self, slug: str, title: str) -> Draft:
        return duplicate_issue(slug, title, saved_by=ADA, ports=self.starting, rhythm=RHYTHM, now=NOW)

    def save(self, text: str, based_on: str = "", **more: str) -> SaveResult:
        return save_draft(SLUG, SavedText(text, based_on, **more), saved_by=ADA, shelf=self.shelf)

    def hand_in(self) -> HandInResult:
        return hand_in_draft(SLUG, uploaded_by=BEN, ports=self.ports)

    def upload(self, text: str) -> str:
        self.content.objects[KEY] = text.encode()
        upload = self.content.newest(KEY)
        assert upload is not None
        return upload.version

    @property
    def draft(self) -> Draft:
        draft = self.shelf.newest(SLUG)
        assert draft is not None
        return draft


def test_a_new_issue_is_a_draft_dated_to_the_next_slot_that_nobody_has() -> None:
    house = House()
    house.issues = house.starting.issues  # type: ignore[assignment]
    house.issues.by_slug["2026-12-01-one"] = record(slug="2026-12-01-one", date=datetime.date(2026, 12, 1))

    second = house.start("  Homes for   all: “now” ")
    third = house.start("Another")

    assert second.slug == "2026-12-15-homes-for-all-now"
    assert second.text == (
        '---\ntitle: "Homes for all: “now”"\ndate: 2026-12-15\nstatus: draft\n---\n\nHello {{ name | there }},\n'
    ).replace("there }},\n", "there }},\n\n")
    assert (second.note.saved_by, second.note.upload_version) == (ADA, "")
    assert third.slug == "2026-12-29-another"


def test_a_new_issue_begins_with_the_template_of_the_publisher() -> None:
    house = House()
    house.content.objects[TEMPLATE] = b"---\n# Ours\ntitle: to be found\nauthor: The editors\n---\n\nDear reader,\n"

    draft = house.start("Homes", day=datetime.date(2027, 1, 5))

    assert draft.text == (
        "---\n# Ours\ntitle: Homes\nauthor: The editors\ndate: 2027-01-05\nstatus: draft\n---\n\nDear reader,\n"
    )


def test_a_template_that_cannot_be_read_is_named() -> None:
    house = House()
    house.content.objects[TEMPLATE] = b"---\ntitle: [\n---\n"
    with pytest.raises(InvalidIssueError, match="settings/new-issue"):
        house.start("Homes")


def test_a_name_that_is_taken_is_refused_with_one_that_is_free() -> None:
    house = House()
    day = datetime.date(2026, 12, 1)
    house.start("Homes", day=day)
    house.content.objects["issues/2026-12-01-homes-2.md"] = b"x"
    house.issues.by_slug["2026-12-01-homes-3"] = record(slug="2026-12-01-homes-3")

    with pytest.raises(SlugTakenError, match="“2026-12-01-homes-4” is free") as refusal:
        house.start("Homes", day=day)

    assert house.start("Homes", day=day, slug=refusal.value.free).slug == "2026-12-01-homes-4"
    assert free_slug("x" * LONGEST_SLUG, lambda slug: False) == "x" * (LONGEST_SLUG - 2) + "-2"
    assert free_slug("x", lambda slug: True) == ""


@pytest.mark.parametrize(("title", "slug"), [(" ", ""), ("Homes", "Not An Address"), ("Homes", "../x")])
def test_an_issue_needs_a_title_and_a_name_that_can_be_an_address(title: str, slug: str) -> None:
    with pytest.raises(InvalidRequestError):
        House().start(title, slug=slug)


def test_a_copy_has_the_text_and_what_lies_beside_it_and_not_what_belonged_to_the_one_alone() -> None:
    house = House()
    house.upload(
        "---\ntitle: Old\ndate: 2026-01-06\nauthor: Ada\ncanonical: https://a.uk/\naccept: [link-http]\n---\n\n"
        "![A](a.png)\n"
    )
    house.content.objects[f"issues/{SLUG}/a.png"] = b"PNG"

    copy = house.copy(SLUG, "New")

    assert copy.slug == "2026-12-01-new"
    assert copy.text == "---\ntitle: New\ndate: 2026-12-01\nauthor: Ada\nstatus: draft\n---\n\n![A](a.png)\n"
    assert house.content.read("issues/2026-12-01-new/a.png") == b"PNG"
    with pytest.raises(UnknownDraftError):
        house.copy("2020-01-01-none", "New")


def test_an_issue_is_opened_as_its_draft_or_as_it_was_uploaded() -> None:
    house = House()
    with pytest.raises(UnknownDraftError):
        open_draft(SLUG, ports=house.ports)
    uploaded = house.upload("One.\r\n")
    assert open_draft(SLUG, ports=house.ports) == OpenedText("One.\n", "", uploaded)

    saved = house.save("Two.", origin="One.\n")
    assert open_draft(SLUG, ports=house.ports) == OpenedText("Two.\n", saved.version, "")


def test_two_who_open_an_upload_at_once_are_merged_from_the_first_save_on() -> None:
    house = House()
    house.upload("One.\n\nTwo.\n")
    opened = open_draft(SLUG, ports=house.ports)
    house.save("One!\n\nTwo.\n", origin=opened.text)

    result = house.save("One.\n\nTwo!\n", origin=opened.text)

    assert (result.kind, result.text) == (SaveKind.MERGED, "One!\n\nTwo!\n")


def test_a_draft_is_handed_in_letter_for_letter_and_once() -> None:
    house = House()
    saved = house.save("---\ntitle: A  # mine\n---\n\nWords.")

    first, again = house.hand_in(), house.hand_in()

    assert house.content.objects[KEY] == b"---\ntitle: A  # mine\n---\n\nWords.\n"
    assert house.content.uploader(KEY) == BEN
    assert first == again
    assert (first.kind, house.draft.note.upload_version) == (HandInKind.HANDED_IN, first.upload_version)
    assert house.save("---\ntitle: A  # mine\n---\n\nMore.", saved.version).kind is SaveKind.SAVED
    assert house.hand_in().kind is HandInKind.HANDED_IN
    assert house.content.objects[KEY].endswith(b"More.\n")
    assert [each.words for each in house.shelf.versions(SLUG, 9)] == [1, 1]


def test_what_somebody_uploaded_meanwhile_is_not_written_over() -> None:
    house = House()
    house.save("One.\n\nTwo.\n")
    house.hand_in()
    house.save("One.\n\nTwo!\n", house.draft.version)
    uploaded = house.upload("One, by hand.\n\nTwo.\n")

    assert house.hand_in() == HandInResult(HandInKind.OVERTAKEN, uploaded)
    assert house.content.objects[KEY] == b"One, by hand.\n\nTwo.\n"

    assert bring_in_upload(SLUG, saved_by=ADA, ports=house.ports).kind is SaveKind.MERGED
    assert house.hand_in().kind is HandInKind.HANDED_IN
    assert house.content.objects[KEY] == b"One, by hand.\n\nTwo!\n"
    assert bring_in_upload(SLUG, saved_by=ADA, ports=house.ports).kind is SaveKind.SAVED


def test_a_clash_with_an_upload_is_decided_by_a_person_who_saw_that_upload() -> None:
    house = House()
    house.save("One.\n")
    house.hand_in()
    house.save("One, of Ada.\n", house.draft.version)
    seen = house.upload("One, by hand.\n")

    clash = bring_in_upload(SLUG, saved_by=ADA, ports=house.ports)
    newer = house.upload("One, by other hands.\n")
    late = bring_in_upload(SLUG, saved_by=ADA, ports=house.ports, decided_text="Both.", upload_version=seen)
    decided = bring_in_upload(SLUG, saved_by=ADA, ports=house.ports, decided_text="Both.", upload_version=newer)

    assert (clash.kind, late.kind, decided.kind) == (SaveKind.CONFLICT, SaveKind.CONFLICT, SaveKind.MERGED)
    assert clash.text == "One, by hand.\nOne, of Ada.\n"
    assert house.hand_in().kind is HandInKind.HANDED_IN
    assert house.content.objects[KEY] == b"Both.\n"


def test_an_issue_that_was_withdrawn_meanwhile_is_not_brought_back_unasked() -> None:
    house = House()
    house.save("One.\n")
    house.hand_in()
    house.save("Two.\n", house.draft.version)
    house.content.remove(KEY)

    assert house.hand_in() == HandInResult(HandInKind.OVERTAKEN, "")
    assert KEY not in house.content.objects

    assert bring_in_upload(SLUG, saved_by=ADA, ports=house.ports).kind is SaveKind.SAVED
    assert house.hand_in().kind is HandInKind.HANDED_IN
    assert house.content.objects[KEY] == b"Two.\n"


class SavedInBetween(MemoryUploads):
    """Somebody saves the draft in the moment in which it is handed in."""

    shelf: MemoryDrafts

    def hand_in(self, slug: str, text: str, *, expected_version: str, uploaded_by: str) -> str | None:
        written = super().hand_in(slug, text, expected_version=expected_version, uploaded_by=uploaded_by)
        draft = self.shelf.newest(slug)
        self.shelf.put(slug, f"{text}Later.\n", DraftNote(ADA), instead_of=draft)
        return written


def test_what_is_typed_while_a_draft_is_handed_in_stays_a_draft_of_that_upload() -> None:
    house = House()
    uploads = SavedInBetween(house.content)
    uploads.shelf = house.shelf
    house.save("One.\n")

    result = hand_in_draft(SLUG, uploaded_by=BEN, ports=HandInPorts(house.shelf, house.content, uploads))

    assert house.content.objects[KEY] == b"One.\n"
    assert (house.draft.text, house.draft.note.upload_version) == ("One.\nLater.\n", result.upload_version)


def test_without_a_draft_nothing_is_handed_in() -> None:
    with pytest.raises(UnknownDraftError):
        House().hand_in()
