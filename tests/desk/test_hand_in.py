"""Handing in: exactly what somebody looked at becomes the upload, whatever others upload, save or cut off meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from newsletter.desk.draft_ports import WritePorts
from newsletter.desk.drafts.draft import Draft, NewVersion, Save
from newsletter.desk.drafts.hand_in_draft import HandedIn, HandIn, hand_in_draft
from newsletter.desk.drafts.open_draft import open_draft, uploaded_text
from newsletter.desk.drafts.save_draft import save_draft
from newsletter.errors import InvalidRequestError, StoreBusyError
from tests.desk.draft_fakes import MemoryDrafts

SLUG = "2026-11-03-ferries"
KEY = f"issues/{SLUG}.md"
TEXT = "---\ntitle: Ferries\n---\n\none\n\ntwo\n\nthree\n"
ADA = "ada@example.org"


class CutOff(MemoryDrafts):
    """The function ends behind the write that makes the upload, before the draft hears of it."""

    cut = False

    def write(self, new: NewVersion, *, over: Draft | None) -> Draft | None:
        if self.cut:
            self.cut = False
            raise StoreBusyError("cut off")
        return super().write(new, over=over)


class SavedMeanwhile(MemoryDrafts):
    """A colleague saves between the upload and the draft's hearing of it."""

    line = ""

    def write(self, new: NewVersion, *, over: Draft | None) -> Draft | None:
        if self.line and over:
            text, self.line = over.text + self.line, ""
            super().write(replace(new, text=text, saved_by="Ben", upload_version=over.upload_version), over=over)
        return super().write(new, over=over)


def ports(drafts: MemoryDrafts) -> WritePorts:
    return WritePorts(drafts, cast(Any, drafts.bucket), cast(Any, None), cast(Any, None))


def opened(drafts: MemoryDrafts) -> Draft:
    draft = open_draft(SLUG, ports=ports(drafts))
    assert draft is not None
    return draft


def typed(drafts: MemoryDrafts, text: str) -> Draft:
    """Open the page, type this, and have it saved."""
    draft = opened(drafts)
    base = None if draft.version else uploaded_text(SLUG, draft.upload_version, ports=ports(drafts))
    save = Save(SLUG, text, draft.version, base, saved_by="Ada", upload_version=draft.upload_version)
    return save_draft(save, drafts=drafts).draft


def new(drafts: MemoryDrafts, text: str = TEXT) -> Draft:
    return save_draft(Save(SLUG, text, "", saved_by="Ada"), drafts=drafts).draft


def handed_in(drafts: MemoryDrafts, version: str = "") -> HandIn:
    return hand_in_draft(SLUG, version or opened(drafts).version, uploaded_by=ADA, ports=ports(drafts))


def uploads(drafts: MemoryDrafts, key: str = KEY) -> list[str]:
    return [each.body.decode() for each in drafts.bucket.versions.get(key, [])]


def test_a_new_issue_is_uploaded_as_it_was_looked_at_with_its_files_and_who_did_it() -> None:
    drafts = MemoryDrafts()
    draft = new(drafts)
    drafts.put_file(SLUG, "chart.png", b"picture")

    result = handed_in(drafts, draft.version)

    assert (result.result, result.clashes) == (HandedIn.DONE, ())
    assert uploads(drafts) == [TEXT]
    assert uploads(drafts, f"issues/{SLUG}/chart.png") == ["picture"]
    assert drafts.bucket.versions[KEY][0].uploaded_by == ADA
    assert opened(drafts).upload_version == "upload-1"


def test_a_correction_of_what_was_handed_in_is_handed_in_after_it() -> None:
    drafts = MemoryDrafts()
    new(drafts)
    handed_in(drafts)
    typed(drafts, TEXT.replace("two", "TWO"))

    assert handed_in(drafts).result is HandedIn.DONE
    assert uploads(drafts) == [TEXT, TEXT.replace("two", "TWO")]


def test_an_issue_that_was_uploaded_otherwise_is_corrected_and_stands_once() -> None:
    drafts = MemoryDrafts()
    drafts.bucket.put(KEY, b"\xef\xbb\xbf" + TEXT.replace("---\n\n", "---\n").replace("\n", "\r\n").encode())
    typed(drafts, TEXT.replace("two", "TWO"))

    assert handed_in(drafts).result is HandedIn.DONE
    assert uploads(drafts)[-1] == TEXT.replace("two", "TWO")


def test_a_newer_upload_is_put_together_with_the_draft_and_looked_at_first() -> None:
    drafts = MemoryDrafts()
    drafts.bucket.put(KEY, TEXT.encode())
    typed(drafts, TEXT.replace("two", "TWO"))
    drafts.bucket.put(KEY, TEXT.replace("three", "THREE").encode())

    result = handed_in(drafts)

    both = TEXT.replace("two", "TWO").replace("three", "THREE")
    assert (result.result, result.draft.text, result.clashes) == (HandedIn.NEWER_UPLOAD, both, ())
    assert len(uploads(drafts)) == 2
    assert handed_in(drafts).result is HandedIn.DONE
    assert uploads(drafts)[-1] == both


def test_where_the_newer_upload_has_the_same_lines_changed_both_stand() -> None:
    drafts = MemoryDrafts()
    drafts.bucket.put(KEY, TEXT.encode())
    typed(drafts, TEXT.replace("two", "mine"))
    drafts.bucket.put(KEY, TEXT.replace("two", "theirs").encode())

    result = handed_in(drafts)

    assert result.draft.text == TEXT.replace("two", "theirs\nmine")
    assert [result.draft.text.split("\n")[line - 1] for line in result.clashes] == ["theirs"]


def test_somebody_who_uploads_an_issue_of_the_name_of_a_new_draft_loses_nothing() -> None:
    drafts = MemoryDrafts()
    new(drafts)
    drafts.bucket.put(KEY, b"---\ntitle: Ferries\n---\n\nuploaded\n")

    result = handed_in(drafts)

    assert result.result is HandedIn.NEWER_UPLOAD
    assert {"uploaded", "one", "two", "three", "title: Ferries"} <= set(result.draft.text.split("\n"))


def test_an_upload_that_was_removed_takes_nothing_of_the_draft_with_it() -> None:
    drafts = MemoryDrafts()
    drafts.bucket.put(KEY, TEXT.encode())
    draft = typed(drafts, TEXT.replace("two", "TWO"))
    del drafts.bucket.versions[KEY]

    result = handed_in(drafts)

    assert (result.result, result.draft.text) == (HandedIn.NEWER_UPLOAD, draft.text)
    assert handed_in(drafts).result is HandedIn.DONE
    assert uploads(drafts) == [draft.text]


def test_what_was_changed_since_somebody_looked_is_not_handed_in() -> None:
    drafts = MemoryDrafts()
    looked_at = new(drafts)
    typed(drafts, TEXT + "more\n")

    with pytest.raises(InvalidRequestError, match="somebody has changed the text"):
        handed_in(drafts, looked_at.version)
    assert uploads(drafts) == []


def test_a_draft_that_is_gone_is_not_handed_in() -> None:
    drafts = MemoryDrafts()
    draft = new(drafts)
    drafts.remove(SLUG)

    with pytest.raises(InvalidRequestError, match="no such draft any more"):
        handed_in(drafts, draft.version)


def test_cut_off_behind_the_upload_the_same_button_ends_it_without_a_second_upload() -> None:
    drafts = CutOff()
    draft = new(drafts)
    drafts.cut = True
    with pytest.raises(StoreBusyError):
        handed_in(drafts, draft.version)
    assert uploads(drafts) == [TEXT]

    again = handed_in(drafts, draft.version)

    assert (again.result, again.draft.text) == (HandedIn.DONE, TEXT)
    assert uploads(drafts) == [TEXT]
    typed(drafts, TEXT.replace("two", "TWO"))
    assert handed_in(drafts).result is HandedIn.DONE


def test_what_a_colleague_saves_at_that_moment_is_kept_and_goes_on_from_the_upload() -> None:
    drafts = SavedMeanwhile()
    new(drafts)
    drafts.line = "Ben's line\n"

    handed_in(drafts)

    assert uploads(drafts) == [TEXT]
    assert (opened(drafts).text, opened(drafts).upload_version) == (TEXT + "Ben's line\n", "upload-1")
    assert handed_in(drafts).result is HandedIn.DONE
    assert uploads(drafts) == [TEXT, TEXT + "Ben's line\n"]


def test_a_page_that_was_open_while_it_was_handed_in_saves_on_without_a_merge() -> None:
    drafts = MemoryDrafts()
    draft = new(drafts)
    handed_in(drafts)

    saved = save_draft(Save(SLUG, TEXT + "more\n", draft.version), drafts=drafts)

    assert (saved.result, saved.draft.upload_version) == ("saved", "upload-1")
