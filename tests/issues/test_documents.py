"""Word documents become drafts: what an issue can hold is kept, the rest is told, and nothing dangerous is opened."""

from __future__ import annotations

import datetime
import re
import zipfile
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.core.editors import Editors
from newsletter.errors import InvalidDocumentError
from newsletter.issues.adapters.html_to_markdown import html_to_markdown
from newsletter.issues.adapters.word_document import LARGEST_PART, MOST_PARTS, WordDocuments
from newsletter.issues.domain.document import Document
from newsletter.issues.domain.publication import UploadResult
from newsletter.issues.domain.upload import LARGEST_PICTURE, Upload
from newsletter.issues.jobs.convert_document import ConversionPorts, convert_document
from newsletter.issues.writing.front_matter import parse_issue
from newsletter.web.wrapped_link import unwrapped
from tests.core.fakes import TEAM, MemoryMailer, PlainMails
from tests.issues.fakes import MemoryContent, PlainDocuments
from tests.issues.rendering_samples import rendered
from tests.issues.test_preflight import look
from tests.issues.word import TYPES, document, link, paragraph, picture, run, table

TODAY = datetime.date(2026, 11, 26)
PNG = b"\x89PNG a picture"


def read(*body: str, **changes: object) -> Document:
    return WordDocuments().read(document(*body, **changes))  # type: ignore[arg-type]


def test_headings_lists_tables_links_emphasis_and_pictures_are_kept() -> None:
    made = read(
        paragraph(run("Our year: "), run("all of it"), style="Title"),
        paragraph(run("Plain, "), run("bold ", "<w:b/>"), run("and "), run("slanted", "<w:i/>"), run(".")),
        paragraph(run("What we did"), style="Heading1"),
        paragraph(run("One"), item=(1, 0)),
        paragraph(run("Inside"), item=(1, 1)),
        paragraph(run("Two"), item=(1, 0)),
        paragraph(run("First"), item=(2, 0)),
        paragraph(run("Second"), item=(2, 0)),
        table(("Place", "Homes"), ("Leeds", "12"), ("A | B", "")),
        paragraph(link("l", "the report"), run(" is out")),
        paragraph(picture("p", "Two people.")),
        paragraph(run("Well said."), style="Quote"),
        relations={
            "l": ("hyperlink", "https://www.google.com/url?q=https://www.gov.uk/a&amp;sa=D", True),
            "p": ("image", "media/image1.png", False),
        },
        parts={"word/media/image1.png": PNG},
    )

    assert made.title == "Our year: all of it"
    assert made.markdown.split("\n\n") == [
        "Plain, **bold** and *slanted*.",
        "# What we did",
        "- One\n  - Inside\n- Two",
        "1. First\n2. Second",
        "| Place | Homes |\n| --- | --- |\n| Leeds | 12 |\n| A \\| B |  |",
        "[the report](https://www.gov.uk/a) is out",
        "![Two people.](picture-1.png)",
        "> Well said.",
    ]
    assert made.pictures == {"picture-1.png": PNG}
    assert made.not_kept == ()


def test_what_cannot_be_kept_is_told_in_the_draft_and_by_the_preflight() -> None:
    made = read(
        paragraph(run("Words."), picture("e", "A drawing")),
        relations={"e": ("image", "media/image1.emf", False)},
        parts={
            "word/media/image1.emf": b"emf",
            "word/comments.xml": b"<a/>",
            "word/header1.xml": b"<a/>",
            "word/vbaProject.bin": b"macro",
            "word/charts/chart1.xml": b"<a/>",
        },
    )

    assert made.pictures == {}
    assert made.not_kept == (
        "comments",
        "headers and footers of its pages",
        "charts that are not pictures",
        "macros",
        "pictures that no browser shows (x-emf)",
    )
    issue = parse_issue("2026-12-01-x", made.draft("2026-12-01-x", today=TODAY, made_from="Made from x.docx.").encode())
    found = [finding for finding in look(issue.body, lines=issue.lines).findings if finding.code == "document-lost"]
    assert [finding.line for finding in found] == [9, 11, 13, 15, 17]
    assert "comments" in found[0].message
    assert "Not kept" not in rendered(issue.body).text


def test_a_draft_has_the_day_and_the_words_of_its_name_unless_it_has_a_title() -> None:
    def fields(slug: str, title: str = "") -> tuple[str, str, bool]:
        issue = parse_issue(slug, Document(title, "Words.").draft(slug, today=TODAY, made_from="x").encode())
        return issue.title, issue.date.isoformat(), issue.ready

    assert fields("2026-12-01-more-for-more") == ("More for more", "2026-12-01", False)
    assert fields("news") == ("News", "2026-11-26", False)
    assert fields("2026-12-01") == ("2026-12-01", "2026-12-01", False)
    assert fields("x", 'Housing: "ten" years — # 1') == ('Housing: "ten" years — # 1', "2026-11-26", False)


def test_a_picture_that_the_document_only_names_is_never_fetched(tmp_path: object) -> None:
    secret = f"{tmp_path}/secret.png"
    with open(secret, "wb") as file:  # noqa: PTH123 - a name as a document has it
        file.write(PNG)
    body = paragraph(run("Words."), picture("p", "A picture", "link"))

    try:
        made = read(body, relations={"p": ("image", f"file://{secret}", True)})
    except InvalidDocumentError:
        return
    assert PNG not in made.pictures.values()


def _archive(*parts: tuple[str, bytes]) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts:
            archive.writestr(name, body)
    return made.getvalue()


def _encrypted(archive: bytes) -> bytes:
    """Return an archive whose parts say that they have a password."""
    return re.sub(rb"(PK\x03\x04..|PK\x01\x02....)\x00", lambda found: found[1] + b"\x01", archive, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (b"", "not a Word document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "old format"),
        (b"PK\x03\x04 and no more", "not a Word document"),
        (_archive(("a.txt", b"a")), "not a Word document"),
        (document(parts={"word/document.xml": b"<w:document"}), "not a Word document"),
        (document(parts={"word/document.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "not a Word document"),
        (document(parts={"word/document.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16")}), "not a Word"),
        (_archive(("xl/workbook.xml", b"<a/>")), "Excel"),
        (_archive(("ppt/presentation.xml", b"<a/>")), "PowerPoint"),
        (_archive(("mimetype", b"odt"), ("content.xml", b"<a/>")), "OpenDocument"),
        (
            document(
                parts={"[Content_Types].xml": TYPES.replace("document.main", "document.macroEnabled.main").encode()}
            ),
            "macros",
        ),
        (_encrypted(document()), "not a Word document"),
        (document(parts={"word/big.xml": b" " * (LARGEST_PART + 1)}), "larger than an issue"),
        (document(parts={f"word/media/{n}.bin": b"\0" * 60_000_000 for n in range(2)}), "larger than an issue"),
        (document(parts={f"word/{n}.bin": b"" for n in range(MOST_PARTS)}), "larger than an issue"),
    ],
)
def test_what_is_no_document_or_a_bomb_is_refused_in_moments(source: bytes, says: str) -> None:
    with pytest.raises(InvalidDocumentError, match=says):
        WordDocuments().read(source)


def test_a_document_nested_beyond_reason_is_refused() -> None:
    deep = "<w:sdt><w:sdtContent>" * 5_000 + "</w:sdtContent></w:sdt>" * 5_000

    with pytest.raises(InvalidDocumentError):
        read(deep)


@settings(max_examples=40)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1, max_size=60))
def test_any_words_of_a_document_are_read_as_the_same_words(words: str) -> None:
    plain = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = rendered(html_to_markdown(f"<p>Then {plain} end</p>")).web_html

    import html as entities

    text = re.sub(r"</?a\b[^>]*>", "", text)  # an address among them is a link
    shown = " ".join(entities.unescape(text.removeprefix("<p>").removesuffix("</p>\n")).split())
    assert shown == " ".join(f"Then {words} end".split()) or "{{" in words or "http" in words or "&" in words


@pytest.mark.parametrize(
    ("markup", "markdown"),
    [
        ("<p>1. not a list</p>", "1\\. not a list"),
        ("<p># not a heading</p>", "\\# not a heading"),
        ("<p>a<br />b</p>", "a\\\nb"),
        ("<p><strong> bold </strong>x</p>", "**bold** x"),
        ("<p>m<sup>2</sup></p>", "m<sup>2</sup>"),
        ('<p><a href="javascript:alert(1)">x</a></p>', "x"),
        ('<p><a href="https://gov.uk/a (b)">x</a></p>', "[x](<https://gov.uk/a (b)>)"),
        ('<p>A<sup><a href="#footnote-1">[1]</a></sup></p><ol><li id="footnote-1"><p> Said so. '
         '<a href="#footnote-ref-1">↑</a></p></li></ol>', "A[^1]\n\n[^1]: Said so."),
        ("<table><tr><td><p>a</p><p>b</p></td></tr></table>", "| a b |\n| --- |"),
        ("<p></p><p> </p>", ""),
    ],
)  # fmt: skip
def test_html_becomes_markdown_that_means_the_same(markup: str, markdown: str) -> None:
    assert html_to_markdown(markup) == markdown


@pytest.mark.parametrize(
    ("wrapped", "meant"),
    [
        ("https://www.google.com/url?q=https://a.uk/b%3Fc%3Dd&sa=D", "https://a.uk/b?c=d"),
        ("https://eu.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.uk%2F&data=x", "https://a.uk/"),
        ("https://www.google.com/search?q=https://a.uk/", "https://www.google.com/search?q=https://a.uk/"),
        (
            "https://eu.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%3A%2F%2Fa.uk%2F",
            "https://a.uk/",
        ),
        ("https://www.google.com/url?q=javascript:x", "https://www.google.com/url?q=javascript:x"),
        ("https://[", "https://["),
    ],
)
def test_links_that_another_program_wrapped_lead_where_they_were_meant_to(wrapped: str, meant: str) -> None:
    assert unwrapped(wrapped) == meant


class Bucket:
    """An upload of a document, and what came of it."""

    def __init__(self, key: str = "issues/2026-12-01-x.docx", body: bytes = b"Words.") -> None:
        self.content, self.mailer, self.key = MemoryContent(), MemoryMailer(), key
        self.content.objects[key] = body

    def convert(self) -> UploadResult:
        editors = Editors(self.mailer, PlainMails(), TEAM)
        ports = ConversionPorts(self.content, self.content, PlainDocuments(), editors)
        return convert_document(Upload(self.key), ports=ports, today=TODAY)


def test_a_draft_stands_beside_its_document_with_its_pictures() -> None:
    bucket = Bucket()

    assert bucket.convert() is UploadResult.CONVERTED
    draft = bucket.content.objects["issues/2026-12-01-x.md"]
    assert not parse_issue("2026-12-01-x", draft).ready
    assert bucket.content.objects["issues/2026-12-01-x/picture-1.png"] == b"\x89PNG"
    assert bucket.mailer.outbox == []


def test_an_event_that_comes_twice_changes_nothing_and_tells_nobody() -> None:
    bucket = Bucket()
    bucket.convert()
    bucket.content.objects["issues/2026-12-01-x.md"] += b"\nEdited."

    assert bucket.convert() is UploadResult.CONVERTED
    assert bucket.content.objects["issues/2026-12-01-x.md"].endswith(b"Edited.")
    assert (bucket.mailer.outbox, bucket.content.problems) == ([], {})


@pytest.mark.parametrize(
    ("bucket", "says"),
    [
        (Bucket("issues/Two Words.docx"), "cannot become a web"),
        (Bucket(body=b""), "not a document"),
        (Bucket(body=b"x" * (LARGEST_PICTURE + 1)), "more than"),
    ],
)
def test_a_document_that_cannot_become_a_draft_says_why_once(bucket: Bucket, says: str) -> None:
    assert bucket.convert() is bucket.convert() is UploadResult.REFUSED
    assert says in bucket.content.problems[bucket.key]
    assert len(bucket.mailer.outbox) == 1
    assert not [key for key in bucket.content.objects if key.endswith(".md")]


def test_a_document_never_replaces_an_issue_that_stands() -> None:
    bucket = Bucket()
    bucket.content.objects["issues/2026-12-01-x.md"] = b"An issue."

    assert bucket.convert() is UploadResult.REFUSED
    assert "is there already" not in bucket.content.objects["issues/2026-12-01-x.md"].decode()
    assert bucket.content.objects["issues/2026-12-01-x.md"] == b"An issue."
    assert "never replaces it" in bucket.content.problems[bucket.key]


def test_a_document_that_was_removed_meanwhile_is_gone() -> None:
    bucket = Bucket()
    del bucket.content.objects[bucket.key]

    assert bucket.convert() is UploadResult.GONE
