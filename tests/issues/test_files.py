"""Files beside an issue: which are taken, what they are called, what stands after their links, and what is approved."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from html import unescape
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.errors import InvalidFileError
from newsletter.issues.adapters.s3_files import disposition
from newsletter.issues.checking.preflight_reading import read_html
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.linked_file import LinkedFile, path_of, spellings
from newsletter.issues.domain.picture import Picture
from newsletter.issues.writing.file_kinds import HEAD, KINDS, checked_kind, fault_of_name, refuse_lie, refuse_weight
from newsletter.issues.writing.file_notes import described, file_note, size_in_words
from tests.factories import SLUG
from tests.factories import rendered as sample
from tests.issues.rendering_samples import RENDERER, TEMPLATES, URL, issue

PAGE = b"<!doctype html><script>alert(1)</script>"


def zipped(*entries: str) -> bytes:
    """Return a ZIP whose entries say their own names, or what stands after `=`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for entry in entries:
            name, _, content = entry.partition("=")
            file.writestr(name, content or name)
    return buffer.getvalue()


def open_document(kind: str) -> bytes:
    return zipped(f"mimetype=application/vnd.oasis.opendocument.{kind}", "content.xml")


GENUINE = {
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "docx": zipped("[Content_Types].xml", "word/document.xml"),
    "xlsx": zipped("_rels/.rels", "xl/workbook.xml"),
    "pptx": zipped("ppt/presentation.xml"),
    "odt": open_document("text"),
    "ods": open_document("spreadsheet"),
    "odp": open_document("presentation"),
    "epub": zipped("mimetype=application/epub+zip", "META-INF/container.xml"),
    "csv": "\ufeffOrt;Zahl\nKöln;3\n".encode(),
    "txt": "Grüße".encode(),
    "ics": b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n",
    "mp3": b"ID3\x04",
    "mp4": b"\x00\x00\x00\x18ftypmp42",
    "zip": zipped("a.txt"),
}


def linked_file(name: str = "report.pdf", **changes: object) -> LinkedFile:
    default = {"name": name, "path": path_of(SLUG, name), "version": "v1", "etag": "e1", "weight": 1_234_567}
    return LinkedFile(**default | changes)  # type: ignore[arg-type]


def test_there_is_a_genuine_file_of_every_kind() -> None:
    assert GENUINE.keys() == KINDS.keys()


@pytest.mark.parametrize("ending", KINDS)
def test_a_genuine_file_is_taken_and_a_page_under_its_name_is_not(ending: str) -> None:
    kind = checked_kind(f"a.{ending}")
    refuse_lie(GENUINE[ending], f"a.{ending}", kind)
    for lie in (PAGE, b"\n <svg onload=alert(1)>", b"", b"MZ\x90\x00", b"\x00" * 9, "Köln".encode("latin-1")):
        with pytest.raises(InvalidFileError):
            refuse_lie(lie, f"a.{ending}", kind)


@pytest.mark.parametrize("ending", sorted(KINDS.keys() - {"zip"}))
def test_one_kind_is_not_taken_for_another(ending: str) -> None:
    kind = checked_kind(f"a.{ending}")
    others = GENUINE.keys() - {ending, "docx", "xlsx", "pptx"}  # these three share their first entries
    taken = {other for other in others if kind.begins(GENUINE[other])}
    assert taken <= ({"csv", "txt", "ics"} if ending in ("csv", "txt") else set())


@pytest.mark.parametrize("lie", [b"%PDF-1.7", b" %PDF-1.7"])
def test_a_page_that_is_a_pdf_further_down_is_no_pdf(lie: bytes) -> None:
    with pytest.raises(InvalidFileError):
        refuse_lie(PAGE + lie, "a.pdf", KINDS["pdf"])


def test_a_letter_that_is_cut_in_two_where_we_stop_reading_is_no_fault() -> None:
    head = ("x" * (HEAD - 1) + "ü").encode()[:HEAD]
    refuse_lie(head, "a.txt", KINDS["txt"])
    with pytest.raises(InvalidFileError):
        refuse_lie(head[1:], "a.txt", KINDS["txt"])  # here the file ends


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.js", "a.docm", "a.exe", "a", ".pdf.", "a.pdf/", "index.html"])
def test_what_a_browser_could_run_and_what_nobody_can_open_is_not_published(name: str) -> None:
    with pytest.raises(InvalidFileError):
        checked_kind(name)


def test_the_types_we_send_are_none_that_a_browser_runs() -> None:
    assert not any(word in kind.content_type for kind in KINDS.values() for word in ("html", "svg", "script", "/xml"))


@pytest.mark.parametrize(
    "name",
    ["../a.pdf", "b/../a.pdf", "./a.pdf", "b//a.pdf", "/a.pdf", "a\\b.pdf", "a\n.pdf", "\u202efdp.exe.pdf", " a.pdf"]
    + ["a\u00a0b.pdf", "é" * 99 + ".pdf", "a.problems.txt", "a\ud800.pdf".encode("utf-8", "replace").decode() + "\x7f"],
)
def test_a_name_that_leads_elsewhere_or_cannot_be_seen_is_refused_with_a_remedy(name: str) -> None:
    with pytest.raises(InvalidFileError) as refused:
        checked_kind(name)
    assert fault_of_name(name)
    assert "Rename" in refused.value.remedy


def test_a_file_has_as_many_megabytes_as_the_parameter_says() -> None:
    refuse_weight(50_000_000, 50)
    with pytest.raises(InvalidFileError, match=r"2,000\.0 MB"):
        refuse_weight(2_000_000_000, 50)


def test_a_header_names_the_file_for_old_browsers_and_new_ones() -> None:
    said = disposition(path_of(SLUG, 'Größe "all"; +1%.docx'))
    assert said.isascii()
    assert said.startswith("attachment; filename=\"Groe 'all'; +1%.docx\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%22all")


@given(st.text(max_size=60).map(lambda stem: f"{stem}.pdf"))
@example("Größe + 50% [neu] (2).pdf")
@example(unicodedata.normalize("NFD", "Jahresübersicht.pdf"))
@example("a%2e%2e/b.pdf")
@example("%25.pdf")
@example("{{ name }}.pdf")
@example('a"><script>.pdf')
def test_whatever_its_name_the_link_in_the_mail_leads_to_the_object_that_is_served_or_there_is_a_finding(
    name: str,
) -> None:
    """Whoever writes an address escapes it, as browsers and editors do."""
    if fault_of_name(name):
        return
    written = RENDERER.open(issue(f'Read <a href="{_escaped(name)}">the report</a>.'))
    assert len(written.files) == 1, written.linked
    assert set(spellings(written.files[0])) & set(spellings(name))

    became = written.render({}, {written.files[0]: linked_file(name)})

    address = next(link.address for link in read_html(became.web_html).links)
    assert address is not None
    assert address.startswith(f"{URL}/issues/{SLUG}/")
    assert unquote(urlsplit(address).path) == f"/{path_of(SLUG, name)}" == f"/{became.files[0].path}"
    assert address in {link.address for link in read_html(became.html).links}
    assert address in became.text
    assert "(PDF, 1.2\u00a0MB)" in unescape(became.html)


def _escaped(name: str) -> str:
    return "".join(f"%{byte:02X}" for byte in name.encode())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The [report](report.pdf).", "The report (PDF, 1.2\u00a0MB) [1]."),
        ("The [report (PDF)](report.pdf).", "The report (PDF) (1.2\u00a0MB) [1]."),
        ("The [report](report.pdf) (PDF, 2 MB).", "The report [1] (PDF, 2 MB)."),
        ("The [report](report.pdf) and a PDF of 3 MB.", "The report (PDF, 1.2\u00a0MB) [1] and a PDF of 3 MB."),
        ('The <a href="report.pdf">report</a> [2 MB].', "The report (PDF) [1] [2 MB]."),
        ("The [report](report.pdf#page=3).", "The report (PDF, 1.2\u00a0MB) [1]."),
    ],
)
def test_type_and_size_stand_after_a_link_unless_its_author_wrote_them(text: str, said: str) -> None:
    became = RENDERER.open(issue(text)).render({}, {"report.pdf": linked_file()})

    assert said in " ".join(became.text.split(" ")).replace("\n", " ")
    assert " ".join(read_html(became.web_html).everything.split()) == " ".join(said.replace(" [1]", "").split())


def test_the_picture_of_a_video_leaves_type_and_size_to_the_words_below_it() -> None:
    text = "> [!VIDEO] How it works\n> [![A chart.](chart.png)](report.pdf)"
    chart = {"chart.png": Picture("chart.png", f"issues/{SLUG}/chart-0123456789ab.png", 600, 400, 1)}
    became = RENDERER.open(issue(text)).render(chart, {"report.pdf": linked_file()})

    for part in (became.web_html, became.html):
        assert unescape(part).count("(PDF, 1.2\u00a0MB)") == 1
    alone = RENDERER.open(issue("[![A chart.](chart.png)](report.pdf)")).render(chart, {"report.pdf": linked_file()})
    assert unescape(alone.web_html).count("(PDF, 1.2\u00a0MB)") == 1


def test_the_place_in_a_file_stays_in_its_link() -> None:
    became = RENDERER.open(issue("The [report](report.pdf#page=3).")).render({}, {"report.pdf": linked_file()})
    assert f"{URL}/issues/{SLUG}/report.pdf#page=3" in became.html


@pytest.mark.parametrize(
    ("lang", "weight", "said"),
    [
        ("en", 1, "1 KB"),
        ("en", 999_499, "999 KB"),
        ("en", 999_500, "1 MB"),
        ("en", 9_949_999, "9.9 MB"),
        ("en", 9_950_000, "10 MB"),
        ("en", 49_600_000, "50 MB"),
        ("de", 1_234_567, "1,2 MB"),
        ("fr", 1_234_567, "1,2 Mo"),
        ("fr", 40_000, "40 Ko"),
        ("cy", 1_234_567, "1.2 MB"),
        ("ar", 1_234_567, "1.2 ميغابايت"),
    ],
)
def test_a_size_is_written_as_its_language_writes_it(lang: str, weight: int, said: str) -> None:
    assert size_in_words(weight, say_in=TEMPLATES.say, lang=lang) == said.replace(" ", "\u00a0")


def test_a_note_is_nothing_where_all_was_said() -> None:
    assert file_note(linked_file(), "Report, PDF, 12 kB", "", say_in=TEMPLATES.say, lang="en") == ""
    assert described(linked_file("sub/Größe.xlsx")) == "sub/Größe.xlsx (XLSX, 1.2\u00a0MB)"


def test_another_version_of_a_file_is_another_content_to_approve() -> None:
    def with_file(version: str) -> str:
        text = RENDERER.open(issue("The [report](report.pdf)."))
        return text.render({}, {"report.pdf": linked_file(version=version)}).content_hash

    assert with_file("v1") == with_file("v1")
    assert with_file("v1") != with_file("v2")


def test_the_page_reads_the_same_when_the_same_bytes_were_uploaded_again() -> None:
    before = sample(files=(linked_file(),))
    assert before.reads_like(sample(files=(linked_file(version="v2"),)))
    assert not before.reads_like(sample(files=(linked_file(etag="e2"),)))
    assert not before.reads_like(sample())


def test_what_was_rendered_before_there_were_files_is_read_and_keeps_its_hash() -> None:
    old = sample().sealed()
    assert '"files"' not in old.to_json()
    assert RenderedIssue.from_json(old.to_json()) == old
    with_file = sample(files=(linked_file(),)).sealed()
    assert RenderedIssue.from_json(with_file.to_json()) == with_file
