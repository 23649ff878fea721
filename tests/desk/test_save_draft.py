"""Saving while others type, over a network that loses, repeats and overtakes: nothing that was typed is lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

import pytest

from newsletter.desk.drafts.draft import SAVES_KNOWN, DraftVersion, Save, by_quarter
from newsletter.desk.drafts.save_draft import LARGEST_DRAFT, Saved, SaveResult, save_draft
from newsletter.errors import InvalidRequestError, StoreBusyError
from tests.desk.draft_fakes import BEGIN, MemoryDrafts

SLUG = "2026-11-03-ferries"
BEFORE = "Hello,\n\none\n\ntwo\n\nBye.\n"
SEEDS, BLOCK = 300, 50


def begun(text: str = BEFORE) -> tuple[MemoryDrafts, str]:
    drafts = MemoryDrafts()
    return drafts, save_draft(Save(SLUG, text, ""), drafts=drafts).draft.version


def text_of(drafts: MemoryDrafts) -> str:
    draft = drafts.newest(SLUG)
    assert draft is not None
    return draft.text


# --- two people at a lossy network ----------------------------------------------------------------------------------


@dataclass
class Page:
    """One open page; it follows the protocol of templates/desk/files/write.js."""

    name: str
    text: str
    based_on: str
    random: Random
    base_text: str | None = None
    number: int = 0
    changed: bool = False
    unanswered: Save | None = None
    typed: list[str] = field(default_factory=list)
    half: str = ""
    """A line that is being typed."""

    def type(self) -> None:
        """Type half a line somewhere, or the rest of one."""
        if self.half:
            self._change(self.half, self.half + " whole")
            self.typed.append(self.half + " whole")
            self.half = ""
            return
        self.half = f"{self.name} {len(self.typed)}"
        lines = self.text.split("\n")
        lines.insert(self.random.randint(0, len(lines)), self.half)
        self.text, self.changed = "\n".join(lines), True

    def _change(self, line: str, by: str) -> None:
        lines = self.text.split("\n")
        lines[lines.index(line)] = by
        self.text, self.changed = "\n".join(lines), True

    def request(self) -> Save:
        """Return what it sends now: the save whose answer is missing, or a new one."""
        if self.unanswered is None:
            self.number += 1
            self.changed = False
            self.unanswered = Save(
                SLUG, self.text, self.based_on, self.base_text, page=self.name, number=self.number, saved_by=self.name
            )
        return self.unanswered

    def hear(self, sent: Save, answer: Saved) -> None:
        """Take an answer; one to a save that was answered already reaches nobody."""
        if self.unanswered is not sent:
            return
        self.unanswered = None
        self.based_on = answer.draft.version
        merged = answer.draft.text != sent.text
        if self.text == sent.text:
            self.text, self.base_text = answer.draft.text, None
        else:
            self.base_text = sent.text if merged else None


class Story:
    """Writers in front of one draft. Each step somebody types, a request arrives or is lost, an answer or is lost."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a story, not a secret
        self.drafts, version = begun()
        self.pages = [Page(f"page-{seed}-{n}", BEFORE, version, self.random) for n in range(self.random.choice((2, 3)))]
        self.under_way: list[Save] = []
        self.answers: list[tuple[Save, Saved]] = []

    def play(self) -> None:
        for _ in range(self.random.randint(20, 120)):
            self.random.choice(
                (self._type, self._type, self._send, self._arrive, self._arrive, self._answer, self._lose)
            )()
        for page in self.pages:
            if page.half:
                page.type()
        for _ in range(3):  # then the network is there: each sends the rest, and reads what the others sent
            for page in self.pages:
                self._settle(page)
        while self.under_way:  # and what took longest arrives last of all
            self._arrive()

    def _settle(self, page: Page) -> None:
        page.changed = True
        while page.changed or page.unanswered:
            sent = page.request()
            page.hear(sent, save_draft(sent, drafts=self.drafts))

    def _type(self) -> None:
        self.random.choice(self.pages).type()

    def _send(self) -> None:
        page = self.random.choice(self.pages)
        if page.changed or page.unanswered:
            self.under_way.append(page.request())

    def _arrive(self) -> None:
        if self.under_way:
            save = self.under_way.pop(self.random.randrange(len(self.under_way)))
            self.answers.append((save, save_draft(save, drafts=self.drafts)))

    def _answer(self) -> None:
        if self.answers:
            save, answer = self.answers.pop(self.random.randrange(len(self.answers)))
            page = next(each for each in self.pages if each.name == save.page)
            page.hear(save, answer)

    def _lose(self) -> None:
        for waiting in (self.under_way, self.answers):
            if waiting and self.random.random() < 0.5:
                waiting.pop(self.random.randrange(len(waiting)))


@pytest.mark.parametrize("block", range(0, SEEDS, BLOCK))
def test_every_line_that_anybody_typed_stands_exactly_once(block: int) -> None:
    for seed in range(block, block + BLOCK):
        story = Story(seed)
        story.play()
        lines = Counter(text_of(story.drafts).split("\n"))
        typed = [line for page in story.pages for line in page.typed]

        assert {line: lines[line] for line in typed} == dict.fromkeys(typed, 1), f"seed {seed}"
        assert all(lines[line] == 1 for line in ("Hello,", "one", "two", "Bye.")), f"seed {seed}"
        assert {page.text for page in story.pages} == {text_of(story.drafts)}, f"seed {seed}"


def test_the_stories_hold_what_they_are_told_for() -> None:
    """Or the law above would be one of a calm sea."""
    stories = [Story(seed) for seed in range(40)]
    for story in stories:
        story.play()

    assert sum(len(page.typed) for story in stories for page in story.pages) > 300
    assert sum(page.number for story in stories for page in story.pages) > 300


# --- one by one -----------------------------------------------------------------------------------------------------


def test_a_first_save_is_kept() -> None:
    drafts = MemoryDrafts()

    saved = save_draft(Save(SLUG, "text", "", saved_by="Ada", upload_version="upload-1"), drafts=drafts)

    assert saved.result is SaveResult.SAVED
    assert drafts.newest(SLUG) is not None
    assert (saved.draft.text, saved.draft.saved_by, saved.draft.upload_version) == ("text", "Ada", "upload-1")


def test_two_who_began_from_the_same_upload_are_put_together_and_do_not_have_it_twice() -> None:
    drafts = MemoryDrafts()
    opened = Save(SLUG, BEFORE, "", BEFORE, upload_version="upload-1")

    save_draft(replace(opened, text=BEFORE.replace("one", "ONE")), drafts=drafts)
    saved = save_draft(replace(opened, text=BEFORE.replace("two", "TWO")), drafts=drafts)

    assert (saved.result, saved.draft.text) == (SaveResult.MERGED, BEFORE.replace("one", "ONE").replace("two", "TWO"))
    assert saved.draft.upload_version == "upload-1"


def test_a_save_that_comes_again_is_kept_once_and_answered_with_what_stands() -> None:
    drafts, version = begun()
    save = Save(SLUG, BEFORE + "mine\n", version, page="a", number=1)
    save_draft(save, drafts=drafts)
    theirs = save_draft(Save(SLUG, "theirs\n" + BEFORE, version, page="b", number=1), drafts=drafts)
    writes = drafts.writes

    again = save_draft(save, drafts=drafts)

    assert (again.result, again.draft.text) == (SaveResult.MERGED, theirs.draft.text)
    assert drafts.writes == writes


def test_a_save_that_was_overtaken_by_the_next_one_does_not_bring_back_what_was_deleted() -> None:
    drafts, version = begun()
    first = save_draft(Save(SLUG, BEFORE + "mine\n", version, page="a", number=1), drafts=drafts)
    save_draft(Save(SLUG, BEFORE, first.draft.version, page="a", number=2), drafts=drafts)

    save_draft(Save(SLUG, BEFORE + "mine\n", version, page="a", number=1), drafts=drafts)

    assert text_of(drafts) == BEFORE


def test_who_typed_on_while_an_answer_brought_a_colleagues_lines_does_not_delete_them() -> None:
    drafts, version = begun()
    save_draft(Save(SLUG, "theirs\n" + BEFORE, version, page="b", number=1), drafts=drafts)
    sent = BEFORE + "mi\n"
    merged = save_draft(Save(SLUG, sent, version, page="a", number=1), drafts=drafts)

    save_draft(Save(SLUG, BEFORE + "mine\n", merged.draft.version, sent, page="a", number=2), drafts=drafts)

    assert text_of(drafts) == "theirs\n" + BEFORE + "mine\n"


def test_an_empty_text_is_something_to_be_made_from_too() -> None:
    drafts, version = begun("")
    save_draft(Save(SLUG, "theirs", version), drafts=drafts)

    save_draft(Save(SLUG, "mine", version, ""), drafts=drafts)

    assert text_of(drafts) == "theirs\nmine"


def test_a_draft_that_is_gone_comes_back_with_what_is_typed_in_an_open_page() -> None:
    drafts, version = begun()
    drafts.remove(SLUG)

    saved = save_draft(Save(SLUG, "typed", version, upload_version="upload-3"), drafts=drafts)

    assert (saved.draft.text, saved.draft.upload_version) == ("typed", "upload-3")


def test_a_save_from_a_version_that_is_gone_keeps_every_line_once() -> None:
    drafts, _ = begun()

    assert save_draft(Save(SLUG, BEFORE + "mine", "gone"), drafts=drafts).draft.text.count("one") == 1
    assert "mine" in text_of(drafts)


def test_only_the_pages_of_the_last_saves_are_known_and_each_once() -> None:
    drafts, version = begun()
    for number in range(1, 3 * SAVES_KNOWN):
        saved = save_draft(Save(SLUG, f"{number}", version, page=f"p{number % 10}", number=number), drafts=drafts)
        version = saved.draft.version

    assert len(saved.draft.saves) == SAVES_KNOWN
    assert len({each.partition("=")[0] for each in saved.draft.saves}) == SAVES_KNOWN


def test_what_is_longer_than_any_issue_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="longer than any issue"):
        save_draft(Save(SLUG, "é" * (LARGEST_DRAFT // 2 + 1), ""), drafts=MemoryDrafts())


class Overtaken(MemoryDrafts):
    """Others save at each moment, for a while."""

    left = 0

    def write(self, new, *, over):  # type: ignore[no-untyped-def]
        if self.left:
            self.left -= 1
            super().write(replace(new, text=f"{over.text}line {self.left}\n", saves=()), over=over)
        return super().write(new, over=over)


@pytest.fixture
def overtaken() -> Overtaken:
    drafts = Overtaken()
    save_draft(Save(SLUG, BEFORE, ""), drafts=drafts)
    return drafts


def test_a_write_that_others_come_before_is_tried_again(overtaken: Overtaken) -> None:
    overtaken.left = 5

    saved = save_draft(Save(SLUG, "mine\n" + BEFORE, "v1", page="a", number=1), drafts=overtaken)

    assert saved.result is SaveResult.MERGED
    assert text_of(overtaken) == "mine\n" + BEFORE + "".join(f"line {n}\n" for n in (4, 3, 2, 1, 0))


def test_who_never_gets_through_is_told_to_send_it_again(overtaken: Overtaken) -> None:
    overtaken.left = 1_000

    with pytest.raises(StoreBusyError):
        save_draft(Save(SLUG, "mine\n" + BEFORE, "v1", page="a", number=1), drafts=overtaken)


# --- history --------------------------------------------------------------------------------------------------------


def test_a_version_knows_everybody_who_saved_in_its_quarter_of_an_hour() -> None:
    drafts, version = begun()
    hands: list[tuple[str, ...]] = []
    # The fake gives each version the moment of its number, in seconds behind nine o'clock.
    for name, moment in (("Ada", BEGIN), ("Ben", BEGIN), ("Ada", BEGIN), ("Cy", BEGIN + timedelta(minutes=15))):
        save = Save(SLUG, f"{name} {len(hands)}", version, saved_by=name, saved_at=moment)
        draft = save_draft(save, drafts=drafts).draft
        version = draft.version
        hands.append(draft.hands)

    assert hands == [("Ada",), ("Ada", "Ben"), ("Ada", "Ben"), ("Cy",)]


def test_versions_are_read_in_quarters_of_an_hour_the_newest_first() -> None:
    minutes = (61, 60, 59, 46, 14, 0)
    versions = [DraftVersion(str(each), BEGIN + timedelta(minutes=each)) for each in minutes]

    quarters = [[each.version for each in quarter] for quarter in by_quarter(versions)]

    assert quarters == [["61", "60"], ["59", "46"], ["14", "0"]]
