"""An issue in several languages: one record, one content and one approval; each file still has its own findings."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from newsletter.core.editors import Editors
from newsletter.core.language import best_match, tag
from newsletter.core.slot import Rhythm
from newsletter.desk.jobs.remove_issue import clear_beside
from newsletter.errors import InvalidIssueError
from newsletter.issues.adapters.s3_content import S3Content
from newsletter.issues.checking.preflight import IssueChecks
from newsletter.issues.domain.issue import IssueStatus, RenderedIssue
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.publication import Published, UploadResult
from newsletter.issues.domain.upload import Upload, padded
from newsletter.issues.examination_ports import ExaminationPorts
from newsletter.issues.jobs.publish import PATIENCE, publish
from newsletter.issues.jobs.refresh_archive import refresh_archive
from newsletter.issues.ports import ArchivePorts, ContentStore, PublishPorts
from newsletter.issues.translations import MOST_TRANSLATIONS, translations_among
from newsletter.issues.writing.front_matter import parse_issue
from tests.core.fakes import NOW, TEAM, MemoryMailer, OneByOne, PlainMails
from tests.issues.fakes import (
    MemoryCache,
    MemoryContent,
    MemoryFiles,
    MemoryIssues,
    MemorySite,
    PlainArchive,
    PlainShelf,
)
from tests.issues.rendering_samples import NEWSLETTER, RENDERER, URL
from tests.sending.fakes import MemoryQueues

SLUG = "2026-12-01-homes"
KEY, WELSH = f"issues/{SLUG}.md", f"issues/{SLUG}.cy.md"
RHYTHM = Rhythm(anchor=datetime.date(2026, 12, 1), time_zone=ZoneInfo("Europe/London"))

ORIGINAL = b"""---
title: Homes for all
date: 2026-12-01
topics: [housing]
author: Ann
---

Dear {{ name | reader }}, the council builds [a hundred homes](#more) by the river this year.

## More
"""
TRANSLATION = b"""---
title: Cartrefi i bawb
---

Annwyl {{ name | ddarllenydd }}, mae'r cyngor yn codi [cant o gartrefi](#more) wrth yr afon eleni.

## More
"""


class Press:
    """A bucket with files in it, and what publishing makes of them."""

    def __init__(self, **files: bytes) -> None:
        self.content, self.issues, self.queues = MemoryContent(), MemoryIssues(), MemoryQueues()
        self.mailer = MemoryMailer()
        for code, source in files.items():
            self.put(code, source)
        self.site = site = MemorySite()
        self.files = MemoryFiles(self.content, site)
        self.ports = PublishPorts(
            content=self.content,
            issues=self.issues,
            pictures=PlainShelf(self.content, site),
            files=self.files,
            examination=ExaminationPorts(RENDERER, IssueChecks(NEWSLETTER, URL)),
            editors=Editors(self.mailer, PlainMails(), TEAM),
            publish_queue=self.queues,
            needs_approval=False,
            send_now_delay=datetime.timedelta(0),
            threads=OneByOne(),
        )

    def put(self, code: str, source: bytes) -> None:
        self.content.objects[KEY if code == "original" else f"issues/{SLUG}.{code}.md"] = source

    def look(self, *, patient: bool = True, removed: bool = False) -> Published:
        upload = Upload(KEY, sequencer=padded("10"), patient=patient, removed=removed)
        return publish(upload, ports=self.ports, rhythm=RHYTHM, now=NOW)

    @property
    def record(self) -> IssueRecord:
        return self.issues.by_slug[SLUG]

    @property
    def rendered(self) -> RenderedIssue:
        return self.content.rendered(SLUG, self.record.content_hash)


def test_an_issue_and_its_translation_are_one_record_with_one_content() -> None:
    press = Press(original=ORIGINAL, cy=TRANSLATION)

    assert press.look().result is UploadResult.PUBLISHED

    assert list(press.issues.by_slug) == [SLUG]
    assert press.record.status is IssueStatus.READY
    assert (press.record.title, press.record.lang, press.record.translated_into) == ("Homes for all", "en", ("cy",))
    (welsh,) = press.rendered.translations
    assert (welsh.title, welsh.lang, welsh.date) == ("Cartrefi i bawb", "cy", press.record.date)
    assert (welsh.topics, welsh.author) == (("housing",), "Ann")
    assert welsh.name_fallbacks == ("ddarllenydd",)
    assert 'lang="cy"' in welsh.html
    assert set(press.content.preflights) == {KEY, WELSH}


def test_every_link_of_a_translation_to_its_page_leads_to_the_page_in_its_language() -> None:
    press = Press(original=ORIGINAL, cy=TRANSLATION)
    press.look()

    original, welsh = press.rendered.editions
    assert welsh.canonical == f"{URL}/issues/{SLUG}/cy/"
    assert f'href="{URL}/issues/{SLUG}/cy/#text-more"' in welsh.web_html
    assert f"{URL}/issues/{SLUG}/cy/" in welsh.text
    assert original.canonical == f"{URL}/issues/{SLUG}/"
    assert "/cy/" not in original.html + original.text


def test_a_picture_lies_beside_the_issue_for_all_languages() -> None:
    press = Press(original=ORIGINAL, cy=TRANSLATION + b"\n![Map](map.png)\n")
    press.content.objects[f"issues/{SLUG}/map.png"] = b"\x89PNG"

    press.look()

    (picture,) = press.rendered.translations[0].pictures
    assert f'src="{URL}/{picture.path}"' in press.rendered.translations[0].web_html


def test_a_picture_of_a_translation_is_waited_for_as_one_of_the_original_is() -> None:
    press = Press(original=ORIGINAL, cy=TRANSLATION + b"\n![Map](map.png)\n")

    assert press.look().result is UploadResult.WAITS
    assert press.issues.by_slug == {}


def test_a_new_translation_makes_another_content_which_voids_an_approval() -> None:
    press = Press(original=ORIGINAL)
    press.look()
    alone = press.record.content_hash
    press.put("cy", TRANSLATION)
    press.look()
    both = press.record.content_hash
    press.put("cy", TRANSLATION.replace(b"eleni", b"cyn hir"))
    press.look()
    changed = press.record.content_hash
    del press.content.objects[WELSH]
    press.look()

    assert len({alone, both, changed}) == 3
    assert press.record.content_hash == alone
    assert press.record.translated_into == ()


def test_an_issue_in_one_language_is_named_and_stored_as_before_there_were_translations() -> None:
    alone = RENDERER.read(SLUG, ORIGINAL).render({})

    assert '"translation' not in alone.to_json()
    assert RenderedIssue.from_json(alone.to_json()) == alone


def test_a_rendered_issue_with_translations_comes_back_as_it_was() -> None:
    press = Press(original=ORIGINAL, cy=TRANSLATION)
    press.look()

    assert RenderedIssue.from_json(press.rendered.to_json()) == press.rendered
    assert press.rendered.sealed() == press.rendered


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("date: 2026-12-02", f"`date` is not what {SLUG}.md says"),
        ("send: never", f"`send` is not what {SLUG}.md says"),
        ("status: draft", f"`status` is not what {SLUG}.md says"),
        ("topics: [transport]", f"`topics` is not what {SLUG}.md says"),
        ("lang: de", "`de` is not the language in the name of the file, which is `cy`"),
    ],
)
def test_a_translation_that_contradicts_its_original_is_refused_with_its_line(field: str, says: str) -> None:
    press = Press(original=ORIGINAL)
    press.look()
    before = press.record
    press.put("cy", TRANSLATION.replace(b"---\n\n", f"{field}\n---\n\n".encode(), 1))

    assert press.look().result is UploadResult.REFUSED
    assert press.record == before
    (problems,) = [text for key, text in press.content.problems.items() if key == WELSH]
    assert "Line 3" in problems
    assert says in " ".join(problems.split())
    assert [sent.mail.subject for sent in press.mailer.outbox] == ["editors_problems"]


@pytest.mark.parametrize("field", ["date: 2026-12-01", "lang: cy", "topics: [housing]", "status: ready"])
def test_a_translation_may_repeat_what_the_original_says(field: str) -> None:
    press = Press(original=ORIGINAL, cy=TRANSLATION.replace(b"---\n\n", f"{field}\n---\n\n".encode(), 1))

    assert press.look().result is UploadResult.PUBLISHED


def test_a_translation_into_the_language_of_the_original_is_refused() -> None:
    press = Press(original=ORIGINAL, en=TRANSLATION)

    assert press.look().result is UploadResult.REFUSED
    assert "in this language itself" in " ".join(press.content.problems[f"issues/{SLUG}.en.md"].split())


def test_more_translations_than_publishing_has_time_for_are_refused() -> None:
    codes = ["cy", "de", "es", "fr", "it", "nl", "pt", "pt-br", "pl"]
    assert len(codes) > MOST_TRANSLATIONS
    press = Press(original=ORIGINAL, **dict.fromkeys(codes, TRANSLATION))

    assert press.look().result is UploadResult.REFUSED
    assert "9 translations" in press.content.problems[KEY]


def test_a_translation_waits_a_minute_for_its_original_and_then_says_what_is_missing() -> None:
    press = Press(cy=TRANSLATION)

    assert press.look().result is UploadResult.WAITS
    assert press.queues.looks == [(SLUG, PATIENCE)]
    assert press.content.problems == {}

    assert press.look(patient=False).result is UploadResult.GONE
    assert press.look(patient=False).result is UploadResult.GONE
    assert f"Upload {KEY} as well" in " ".join(press.content.problems[WELSH].split())
    assert [sent.mail.subject for sent in press.mailer.outbox] == ["editors_problems"]

    press.put("original", ORIGINAL)
    assert press.look().result is UploadResult.PUBLISHED
    assert press.content.problems == {}


def test_nobody_is_asked_for_an_original_that_was_removed() -> None:
    press = Press(cy=TRANSLATION)

    assert press.look(removed=True).result is UploadResult.GONE
    assert press.content.problems == {}


def test_an_error_in_a_translation_holds_up_the_issue_and_stands_beside_both_files() -> None:
    press = Press(
        original=ORIGINAL, cy=TRANSLATION + b"\n[dim](https://example.org/%zz{{ bad }})\n\n![ ](nothing.png)\n"
    )

    published = press.look(patient=False)

    assert published.preflight.blocks
    assert press.record.status is IssueStatus.DRAFT
    assert any(finding.message.startswith(f"{SLUG}.cy.md, line ") for finding in published.preflight.errors)
    assert {KEY, WELSH} == set(press.content.problems)
    assert published.preflight.content_hash == press.record.content_hash


def test_a_translation_replaced_while_it_was_rendered_is_looked_at_again() -> None:
    press = Press(original=ORIGINAL, cy=TRANSLATION)
    put = press.content.put_rendered

    def meanwhile(rendered: RenderedIssue) -> None:
        put(rendered)
        press.put("cy", TRANSLATION.replace(b"eleni", b"cyn hir"))

    press.content.put_rendered = meanwhile  # type: ignore[method-assign]
    press.look()

    assert press.queues.looks == [(SLUG, 0)]


def test_the_page_of_an_issue_changed_when_that_of_a_translation_did() -> None:
    press = Press(original=ORIGINAL, cy=TRANSLATION)
    press.look()
    sent = press.rendered
    press.put("cy", TRANSLATION.replace(b"eleni", b"cyn hir"))
    press.look()
    corrected = press.rendered
    del press.content.objects[WELSH]
    press.look()

    assert sent.reads_like(sent)
    assert not corrected.reads_like(sent)
    assert not press.rendered.reads_like(sent)


@pytest.mark.parametrize(
    ("key", "slug", "code"),
    [
        (WELSH, SLUG, "cy"),
        (f"issues/{SLUG}.pt-br.md", SLUG, "pt-br"),
        (f"issues/{SLUG}.zh-hant.md", SLUG, "zh-hant"),
    ],
)
def test_an_event_about_a_translation_is_a_look_at_its_issue(key: str, slug: str, code: str) -> None:
    upload = Upload(key, sequencer=padded("10"), uploaded_by="ann")

    assert (upload.translation, upload.issue_name) == (code, slug)
    assert upload.is_beside_an_issue
    assert upload.of_issue == Upload(KEY, uploaded_by="ann")


@pytest.mark.parametrize(
    "key",
    [
        KEY,
        f"issues/{SLUG}.new.md",
        f"issues/{SLUG}.xx.md",
        f"issues/{SLUG}.cy.txt",
        "issues/a/b.cy.md",
        "settings/a.cy.md",
    ],
)
def test_no_other_file_is_a_translation(key: str) -> None:
    assert Upload(key).translation == ""


def test_what_stood_beside_a_translation_goes_with_it() -> None:
    press = Press(original=ORIGINAL, cy=TRANSLATION)
    press.look()
    clear_beside(Upload(WELSH, removed=True), press.content)
    assert WELSH in press.content.preflights  # the file is back, or was never away

    del press.content.objects[WELSH]
    clear_beside(Upload(WELSH, removed=True), press.content)
    assert set(press.content.preflights) == {KEY}


@pytest.fixture(params=["memory", "s3"])
def content(request: pytest.FixtureRequest) -> tuple[ContentStore, Any]:
    if request.param == "memory":
        memory = MemoryContent()
        return memory, memory.objects.__setitem__
    s3 = request.getfixturevalue("s3")
    return S3Content(s3, "content"), lambda key, body: s3.put_object(Bucket="content", Key=key, Body=body)


def test_the_translations_of_an_issue_are_found_beside_it(content: tuple[ContentStore, Any]) -> None:
    store, put = content
    for key in (KEY, WELSH, f"issues/{SLUG}.de.md", f"issues/{SLUG}.problems.txt", f"issues/{SLUG}-2.cy.md"):
        put(key, key.encode())

    found = translations_among(store.files_of(SLUG), store)

    assert list(found) == [WELSH, f"issues/{SLUG}.de.md"]
    assert found[WELSH] == store.newest(WELSH)


@pytest.mark.parametrize(
    ("lang", "offered", "best"),
    [
        ("cy", ["en", "cy"], "cy"),
        ("CY", ["en", "cy"], "cy"),
        ("cy-GB", ["en", "cy"], "cy"),
        ("pt", ["en", "pt-BR", "pt-PT"], "pt-BR"),
        ("pt-PT", ["en", "pt-BR", "pt-PT"], "pt-PT"),
        ("en", ["en-GB", "cy"], "en-GB"),
        ("de", ["en", "cy"], None),
        ("", ["en", "cy"], None),
    ],
)
def test_a_language_is_served_by_itself_or_else_by_its_main_code(lang: str, offered: list[str], best: str) -> None:
    assert best_match(lang, offered) == best


def test_codes_are_written_as_usual() -> None:
    assert [tag(code) for code in ("cy", "pt-br", "zh-hant", "")] == ["cy", "pt-BR", "zh-Hant", ""]


def test_a_translation_by_itself_still_needs_a_title() -> None:
    original = parse_issue(SLUG, ORIGINAL)

    with pytest.raises(InvalidIssueError, match="The issue has no `title`") as refusal:
        RENDERER.read_translation(original, "cy", b"---\nsummary: Byr\n---\n\nHelo.")
    assert refusal.value.key == WELSH


def site_after(press: Press, *, now: datetime.datetime = NOW) -> set[str]:
    """Return the pages of the issue that stand once the site agrees with its record."""
    site = press.site
    archive, cache = PlainArchive(), MemoryCache()
    ports = ArchivePorts(press.content, press.issues, site, archive, cache, press.files, False, OneByOne())
    refresh_archive(SLUG, ports=ports, rhythm=RHYTHM, now=now)
    return {path for path in site.files if path.startswith(f"issues/{SLUG}/") and path.endswith("index.html")}


def test_the_page_in_each_language_comes_and_goes_with_the_issue_and_with_its_own_file() -> None:
    original, welsh = f"issues/{SLUG}/index.html", f"issues/{SLUG}/cy/index.html"
    press = Press(original=ORIGINAL.replace(b"date: 2026-12-01", b"date: 2026-11-20\nsend: never"), cy=TRANSLATION)
    press.look()
    assert site_after(press) == {original, welsh}

    press.issues.by_slug[SLUG] = replace(press.record, held=True)
    assert site_after(press) == set()
    press.issues.by_slug[SLUG] = replace(press.record, held=False)
    assert site_after(press) == {original, welsh}

    del press.content.objects[WELSH]
    press.look()
    assert site_after(press) == {original}
    press.put("cy", TRANSLATION)
    press.look()
    assert site_after(press) == {original, welsh}

    press.issues.by_slug[SLUG] = replace(press.record, withdrawn=True)
    assert site_after(press) == set()
