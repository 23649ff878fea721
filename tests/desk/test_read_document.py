"""What is dropped into the editor is read, or refused with a way out."""

from __future__ import annotations

import pytest

from newsletter.desk.drafts.pasted import PastedPicture
from newsletter.desk.drafts.read_document import LARGEST_DOCUMENT, read_document
from newsletter.errors import InvalidDocumentError, PermanentError
from newsletter.issues.adapters.word_document import WordDocuments
from newsletter.issues.domain.upload import LARGEST_ISSUE
from tests.issues.word import document, paragraph, picture, run

PNG = b"\x89PNG a picture"
WORD = WordDocuments()


def text_of(name: str, source: bytes) -> str:
    return read_document(name, source, documents=WORD).markdown


def test_a_word_document_comes_with_its_pictures_and_their_words() -> None:
    source = document(
        paragraph(run("Our year"), style="Title"),
        paragraph(run("What we did"), style="Heading1"),
        paragraph(run("And why"), style="Heading2"),
        paragraph(picture("p", "Two [happy] people.")),
        relations={"p": ("image", "media/image1.png", False)},
        parts={"word/media/image1.png": PNG, "word/comments.xml": b"<a/>"},
    )

    made = read_document("Report FINAL.DOCX", source, documents=WORD)

    assert made.title == "Our year"
    assert made.markdown == "## What we did\n\n### And why\n\n![Two \\[happy\\] people.](picture-1.png)"
    assert made.pictures == (PastedPicture("picture-1.png", PNG, alt="Two [happy] people."),)
    assert made.not_kept == ("comments",)


@pytest.mark.parametrize(
    ("source", "meant"),
    [
        ("# Größe\r\n“a” – b\r".encode(), "# Größe\n“a” – b\n"),
        (b"\xef\xbb\xbf" + "é".encode(), "é"),
        ("é “a” – b €".encode("cp1252"), "é “a” – b €"),
        ("é “a”".encode("utf-16"), "é “a”"),
        (b"---\ntitle: A\n---\n\nWords.\n", "---\ntitle: A\n---\n\nWords.\n"),
        (b"caf\xe9 \x81", "café \ufffd"),
        (b"", ""),
    ],
)
@pytest.mark.parametrize("name", ["a.md", "A.TXT", "b.markdown"])
def test_text_is_read_in_the_encoding_that_it_has(name: str, source: bytes, meant: str) -> None:
    assert text_of(name, source) == meant


@pytest.mark.parametrize(
    ("name", "source", "says"),
    [
        ("a.docx", b"%PDF-1.7", "not a Word document"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + b"\0" * 100, "password"),
        ("a.docx", b"PK" + b"\0" * LARGEST_DOCUMENT, "more than 20 MB"),
        ("a.docm", document(), "Save it as .docx"),
        ("a.odt", b"PK", "Save it as .docx"),
        ("a.md", document(), "not text"),
        ("a.txt", b"x" * (LARGEST_ISSUE + 1), "longer than an issue"),
        ("a.pdf", b"%PDF", "neither"),
        ("docx", document(), "neither"),
    ],
)
def test_another_file_is_refused_with_what_to_do(name: str, source: bytes, says: str) -> None:
    with pytest.raises(InvalidDocumentError, match=says) as refusal:
        text_of(name, source)
    assert isinstance(refusal.value, PermanentError)
    assert refusal.value.remedy.endswith(".")
