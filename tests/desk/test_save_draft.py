"""Saving a draft: two people at once, a network that loses questions and answers, and nothing is lost."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from newsletter.desk.drafts.draft import Draft, DraftNote
from newsletter.desk.drafts.merge import Agreed, Clash
from newsletter.desk.drafts.save_draft import SavedText, SaveKind, SaveResult, save_draft
from newsletter.errors import InvalidDocumentError
from newsletter.issues.domain.upload import LARGEST_ISSUE
from tests.desk.fakes import MemoryDrafts
from tests.factories import SLUG

ADA, BEN = "ada@example.org", "ben@example.org"


def save(shelf: MemoryDrafts, text: str, based_on: str = "", *, by: str = ADA, **more: str) -> SaveResult:
    return save_draft(SLUG, SavedText(text, based_on, **more), saved_by=by, shelf=shelf, upload_version="u1")


def test_a_draft_is_saved_with_who_and_what_it_began_from() -> None:
    shelf = MemoryDrafts()

    first = save(shelf, "---\ntitle: Not counted\n---\nOne two.\r\nThree")
    second = save(shelf, "One two three four.", first.version, by=BEN)

    assert (first.kind, first.text) == (SaveKind.SAVED, "---\ntitle: Not counted\n---\nOne two.\nThree\n")
    assert second.kind is SaveKind.SAVED
    draft = shelf.newest(SLUG)
    assert draft is not None
    assert (draft.note.saved_by, draft.note.upload_version, draft.note.words) == (BEN, "u1", 4)
    assert [each.words for each in shelf.versions(SLUG, 9)] == [4, 3]


def test_what_two_wrote_in_different_places_is_merged() -> None:
    shelf = MemoryDrafts()
    begin = save(shelf, "One.\n\nTwo.\n")
    save(shelf, "One!\n\nTwo.\n", begin.version)

    result = save(shelf, "One.\n\nTwo!\n", begin.version, by=BEN)

    assert (result.kind, result.text) == (SaveKind.MERGED, "One!\n\nTwo!\n")
    assert save(shelf, result.text, result.version).kind is SaveKind.SAVED


def test_what_two_wrote_in_one_line_is_shown_and_nothing_is_written() -> None:
    shelf = MemoryDrafts()
    begin = save(shelf, "One.\n")
    theirs = save(shelf, "One, of Ada.\n", begin.version)

    result = save(shelf, "One, of Ben.\n", begin.version, by=BEN)

    assert (result.kind, result.version) == (SaveKind.CONFLICT, theirs.version)
    assert Clash(("One.",), ("One, of Ada.",), ("One, of Ben.",)) in result.parts
    assert result.text == "One, of Ada.\nOne, of Ben.\n"
    draft = shelf.newest(SLUG)
    assert draft is not None
    assert draft.text == theirs.text
    assert save(shelf, "One, of both.\n", result.version, by=BEN).kind is SaveKind.SAVED


def test_a_save_that_comes_twice_is_carried_out_once() -> None:
    shelf = MemoryDrafts()
    begin = save(shelf, "One.\n")
    save(shelf, "One.\nA\n", begin.version, save_id="s1")
    after = save(shelf, "One.\nA, and more\n", "v2", by=BEN)

    again = save(shelf, "One.\nA\n", begin.version, save_id="s1")

    assert (again.kind, again.text, again.version) == (SaveKind.MERGED, "One.\nA, and more\n", after.version)


def test_what_was_typed_while_an_answer_came_that_said_merged_takes_nothing_away() -> None:
    shelf = MemoryDrafts()
    begin = save(shelf, "One.\n")
    save(shelf, "Ben.\nOne.\n", begin.version, by=BEN)
    merged = save(shelf, "One.\nThe co\n", begin.version)

    result = save(shelf, "One.\nThe council\n", merged.version, origin="One.\nThe co\n")

    assert (result.kind, result.text) == (SaveKind.MERGED, "Ben.\nOne.\nThe council\n")


def test_a_draft_that_was_handed_in_while_somebody_typed_is_there_again() -> None:
    shelf = MemoryDrafts()
    begin = save(shelf, "One.\n")
    shelf.remove(SLUG)

    assert save(shelf, "One and more.\n", begin.version).kind is SaveKind.SAVED


def test_a_text_longer_than_an_issue_is_refused() -> None:
    with pytest.raises(InvalidDocumentError, match="longer than an issue"):
        save(MemoryDrafts(), "x" * LARGEST_ISSUE)


class OvertakenOnce(MemoryDrafts):
    """A shelf on which somebody else writes in the moment between reading and writing, once."""

    def put(self, slug: str, text: str, draft_note: DraftNote, *, instead_of: Draft | None) -> Draft | None:
        if len(self.kept.get(slug, [])) == 1:
            super().put(slug, f"{BEN}\n{self.kept[slug][0][0].text}", draft_note, instead_of=self.newest(slug))
        return super().put(slug, text, draft_note, instead_of=instead_of)


def test_whoever_loses_the_race_is_merged_with_the_winner() -> None:
    shelf = OvertakenOnce()
    begin = save(shelf, "One.\n")

    result = save(shelf, "One.\n\nTwo.\n", begin.version)

    assert (result.kind, result.text) == (SaveKind.MERGED, f"{BEN}\nOne.\n\nTwo.\n")


@dataclass
class Writer:
    """Somebody at an editor, as the page in the browser is: see `SavedText`."""

    name: str
    shelf: MemoryDrafts
    chance: random.Random
    text: str
    based_on: str
    origin: str | None = None
    waiting: SavedText | None = None
    typed: dict[str, str] = field(default_factory=dict)
    """The lines that this writer typed last, by their first word."""

    def type(self) -> None:
        lines = self.text.split("\n")
        own = [number for number, line in enumerate(lines) if line.split(" ")[0] in self.typed]
        if own and self.chance.random() < 0.6:
            number = self.chance.choice(own)
            lines[number] += f" {self.chance.choice('abc')}"
        else:
            number = self.chance.randint(0, len(lines) - 1)
            lines[number:number] = [f"{self.name}{len(self.typed)}", ""]
        self.typed[lines[number].split(" ")[0]] = lines[number]
        self.text = "\n".join(lines)

    def save(self, loss: float) -> None:
        """Send what waits for an answer, or what was typed; either may be lost on its way, or its answer."""
        if self.waiting is None:
            save_id = f"{self.name}{self.chance.randrange(10**9)}"
            self.waiting = SavedText(self.text, self.based_on, self.origin, save_id)
        sent = self.waiting
        if self.chance.random() < loss:
            return
        result = save_draft(SLUG, sent, saved_by=self.name, shelf=self.shelf)
        if self.chance.random() < loss:
            return
        if result.kind is SaveKind.CONFLICT:
            self.waiting = None
            if self.text == sent.text:  # else the newer text is sent first, and this is asked again
                self.text, self.based_on, self.origin = self.decided(result), result.version, None
            return
        self.waiting, self.based_on, self.origin = None, result.version, sent.text
        if self.text == sent.text:
            self.text, self.origin = result.text, None

    def decided(self, result: SaveResult) -> str:
        """Return what a person makes of both texts: of each line what the one who typed it wrote."""
        lines: list[str] = []
        for part in result.parts:
            if isinstance(part, Agreed):
                lines += part.lines
            else:
                lines += [line for line in part.theirs if line.split(" ")[0] not in self.typed]
                lines += [line for line in part.mine if line.split(" ")[0] in self.typed]
        return "\n".join(lines)


@pytest.mark.parametrize("seed", range(200))
def test_two_write_at_once_over_a_bad_network_and_each_line_is_there_once(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - weather, no secret
    shelf = MemoryDrafts()
    begin = save(shelf, "Title\n\nFirst.\n\nLast.\n")
    writers = [Writer(name, shelf, chance, begin.text, begin.version) for name in ("A", "B")]

    for _ in range(60):
        chance.choice(writers).type()
        if chance.random() < 0.7:
            chance.choice(writers).save(loss=0.3)
    for _ in range(4):
        for writer in writers:
            writer.save(loss=0)
    final = shelf.newest(SLUG)

    assert final is not None
    lines = [line for line in final.text.split("\n") if line]
    typed = {line for writer in writers for line in writer.typed.values()}
    assert sorted(lines) == sorted({*typed, "Title", "First.", "Last."})
