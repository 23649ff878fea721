"""The preview of an issue in several languages: what changed in which, and the tests that editors ask for."""

from __future__ import annotations

import html
from dataclasses import replace

from newsletter.core.editors import Editors
from newsletter.desk.jobs.mail_test import mail_test
from newsletter.desk.jobs.preview_issue import preview_issue
from newsletter.desk.ports import PreviewPorts
from tests.core.fakes import NOW, TEAM
from tests.desk.fakes import PlainLinks
from tests.issues.rendering_samples import PAGES
from tests.issues.test_translations import ORIGINAL, RHYTHM, SLUG, TRANSLATION, WELSH, Press
from tests.sending.fakes import MemoryAudienceCount, PlainAccount


class Previews(Press):
    """An issue that is uploaded, and the mails that the editors get about it."""

    def __init__(self, **files: bytes) -> None:
        super().__init__(**files)
        self.preview = PreviewPorts(
            issues=self.issues,
            content=self.content,
            audience_count=MemoryAudienceCount(28),
            account=PlainAccount(),
            links=PlainLinks(),
            editors=Editors(self.mailer, PAGES, TEAM),
            preview_links=PlainLinks(),
            needs_approval=False,
        )

    def upload(self) -> str:
        """Publish what stands in the bucket; return what the mail says of changes, in one line."""
        self.mailer.outbox.clear()
        preview_issue(self.look(patient=False), ports=self.preview, rhythm=RHYTHM, now=NOW)
        if not self.mailer.outbox:
            return ""
        mail = self.mailer.outbox[0].mail
        text = mail.text.partition("CHANGED SINCE THE LAST PREVIEW")[2].partition("The web page as it will be")[0]
        for line in text.splitlines():
            assert line.lstrip("+- ").rstrip(":") in html.unescape(mail.html) or line.endswith(
                ("is new.", "was removed.")
            )
        return " ".join(text.split())


def test_the_first_preview_speaks_of_no_change() -> None:
    assert Previews(original=ORIGINAL, cy=TRANSLATION).upload() == ""


def test_what_changed_is_shown_for_each_file_and_for_no_other() -> None:
    press = Previews(original=ORIGINAL, cy=TRANSLATION)
    press.upload()
    press.put("cy", TRANSLATION.replace(b"eleni", b"cyn hir"))
    welsh = press.upload()
    press.put("original", ORIGINAL.replace(b"this year", b"soon"))
    english = press.upload()
    press.put("original", ORIGINAL)
    press.put("cy", TRANSLATION)
    both = press.upload()

    assert welsh.startswith(f"{SLUG}.cy.md: line ")
    assert "wrth yr afon cyn hir." in welsh
    assert "by the river" not in welsh
    assert english.startswith("line ")  # one file, as of an issue in one language
    assert "by the river soon." in english
    assert "afon" not in english
    assert both.index(f"{SLUG}.md: line ") < both.index("by the river this year.") < both.index(f"{SLUG}.cy.md: line ")
    assert "wrth yr afon eleni." in both


def test_a_language_that_came_or_went_is_named_and_not_listed_line_by_line() -> None:
    press = Previews(original=ORIGINAL)
    press.upload()
    press.put("cy", TRANSLATION)
    assert press.upload() == f"{SLUG}.cy.md is new."

    del press.content.objects[WELSH]
    assert press.upload() == f"{SLUG}.cy.md was removed."


def test_of_translations_announced_by_an_earlier_release_nothing_is_claimed() -> None:
    press = Previews(original=ORIGINAL, cy=TRANSLATION)
    press.upload()
    press.issues.by_slug[SLUG] = replace(press.record, announced_translations=None)
    press.put("original", ORIGINAL.replace(b"this year", b"soon"))

    changed = press.upload()

    assert "by the river soon." in changed
    assert "cy.md" not in changed
    assert press.record.announced_translations is not None


def test_a_test_that_an_editor_asks_for_comes_in_every_language() -> None:
    press = Previews(original=ORIGINAL, cy=TRANSLATION)
    press.upload()
    press.mailer.outbox.clear()

    assert mail_test(SLUG, TEAM[0].editor_id, ports=press.preview, now=NOW)

    english, welsh = (sent.mail for sent in press.mailer.outbox)
    assert (english.subject, welsh.subject) == ("Homes for all", "Cartrefi i bawb")
    assert "?lang=cy" in welsh.text
    assert "?lang=" not in english.text
