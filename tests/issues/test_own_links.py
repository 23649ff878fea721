"""Links to places of our own: an error with its line where nothing will be there, and none where something is."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import pytest

from newsletter.core.language import LANGUAGES
from newsletter.errors import InvalidFileError
from newsletter.issues.archive.archive import Archive
from newsletter.issues.checking.preflight import IssueChecks
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.linked_file import LinkedFile, path_of
from newsletter.issues.domain.own_links import Neighbour, is_page
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.preflight import Finding
from newsletter.issues.examination import examine
from newsletter.issues.examination_ports import ExaminationPorts
from newsletter.issues.writing.file_kinds import checked_kind
from tests.factories import record
from tests.issues.rendering_samples import NEWSLETTER, RENDERER, TEMPLATES, URL

SLUG = "2026-12-01-words"
DAY = datetime.date(2026, 12, 1)
OTHER = "2026-11-17-other"
PORTS = ExaminationPorts(RENDERER, IssueChecks(NEWSLETTER, URL))
HEAD = "---\ntitle: Words\ndate: 2026-12-01\n---\n\nWords.\n\n"  # the link stands on line 8


def neighbour(**changes: object) -> Neighbour:
    default: dict[str, object] = {"slug": OTHER, "date": datetime.date(2026, 11, 17), "status": IssueStatus.READY}
    return Neighbour(record(**default | changes), frozenset({path_of(OTHER, "Zahlen 1.csv")}))


def found(
    text: str, beside: Mapping[str, LinkedFile] | None = None, neighbours: Mapping[str, Neighbour] | None = None
) -> list[Finding]:
    """Return the errors of an issue that holds this text."""

    def no_picture(name: str) -> Picture | None:
        return None

    examined = examine(
        PORTS.reader.read(SLUG, f"{HEAD}{text}\n".encode()),
        put_picture=no_picture,
        look_at_file=(beside or {}).get,
        find_neighbour=(neighbours or {}).get,
        compared_with=lambda: (),
        today=DAY,
        time_of_day=datetime.time(9),
        ports=PORTS,
    )
    return [each for each in examined.preflight.errors if each.check in ("own link", "link", "picture")]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("report.pdf", "The file “report.pdf” is not there."),
        ("<Größe + 50%.pdf>", "“Größe + 50%.pdf” is not there."),
        (f"{URL}/issues/{SLUG}/report.pdf", "The file “report.pdf” is not there."),
        (f"{SLUG}/report.pdf#page=2", "The file “report.pdf” is not there."),
        ("nofile.html", "“nofile.html” cannot be published"),
        ("drawing/", "“drawing/” cannot be published"),
        ("nothing", "“nothing” cannot be published"),
        ("%2e%2e/secret.pdf", "Its name leads to another folder."),
        ("/nothing/", "There is no page “/nothing/”"),
        (f"{URL}/report.pdf", "There is no page “/report.pdf”"),
        ("/issues/", "There is no page “/issues/”"),
        ("../../nothing/", "There is no page “/nothing/”"),
        ("other-issue.md", "The issue “other-issue” is not there"),
        ("/issues/other-issue/", "The issue “other-issue” is not there"),
        ("/issues/other-issue", "The issue “other-issue” is not there"),
        ("Other_Issue.md", "“Other_Issue.md” leads to no issue"),
        ("/issues/Other_Issue/", "There is no page “/issues/Other_Issue”"),
        ("mailto:nobody", "no email address"),
        ("mailto:", "no email address"),
        ("mailto:a@example.org,b@@example.org", "“b@@example.org”"),
        ("mailto:a b@example.org", "was not understood as a link"),
        ("tel:call-us", "not a telephone number"),
        ("tel:12", "not a telephone number"),
        ("tel:+1234567890123456", "not a telephone number"),
    ],
)
def test_a_link_that_leads_nowhere_is_an_error_with_its_line(address: str, said: str) -> None:
    (finding,) = found(f"The [thing that we promised]({address}).")

    assert said in finding.message
    assert finding.line == 8
    assert finding.remedy


@pytest.mark.parametrize(
    "address",
    [
        "#words", "/", URL, f"{URL}/", "/subscribe/", "/subscribe/fr/", "/subscribe/thanks/cy/", "/privacy/",
        "/search/",
        "/feed.atom", "/feed.rss", "/feed.json", "/sitemap.xml", "/sitemap-2026.xml", "/archive/2026/", "/unsubscribe",
        f"/issues/{SLUG}/", "./", "https://elsewhere.org.uk/report.pdf", "mailto:a@organisation.org.uk?subject=Hello",
        "mailto:a@organisation.org.uk,b@organisation.org.uk", "tel:+441134960000", "tel:0113-496-0000;ext=12",
    ],
)  # fmt: skip
def test_what_is_there_is_no_finding(address: str) -> None:
    assert found(f"The [place that is there]({address}).\n\n## Words\n") == []


def test_a_file_that_is_there_is_no_finding_and_is_published() -> None:
    beside = {"report.pdf": LinkedFile("report.pdf", path_of(SLUG, "report.pdf"), "v", "e", 1)}
    assert found("The [report](report.pdf#page=2) and [again](report.pdf).", beside) == []


def test_a_file_that_is_refused_says_why_with_its_line() -> None:
    def refuse(name: str) -> LinkedFile | None:
        checked_kind(name)
        raise InvalidFileError("It is no PDF file, whatever its name says.", "Save it again.")

    examined = examine(
        PORTS.reader.read(SLUG, f"{HEAD}The [report](report.pdf).\n".encode()),
        put_picture=lambda _: None,
        look_at_file=refuse,
        find_neighbour=lambda _: None,
        compared_with=lambda: (),
        today=DAY,
        time_of_day=datetime.time(9),
        ports=PORTS,
    )

    (finding,) = examined.preflight.errors
    assert finding.message == "The file “report.pdf” cannot be published. It is no PDF file, whatever its name says."
    assert (finding.remedy, finding.line) == ("Save it again.", 8)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"status": IssueStatus.SENT, "date": datetime.date(2027, 1, 1)}, ""),
        ({"status": IssueStatus.DRAFT}, "is a draft"),
        ({"withdrawn": True}, "was withdrawn"),
        ({"date": datetime.date(2026, 12, 15)}, "goes out later"),
        ({"date": DAY, "slug": "2026-12-01-a-word"}, ""),  # of two of one day, the first by name goes first
        ({"date": DAY, "slug": "2026-12-01-zebra"}, "goes out later"),
        ({"send": SendPolicy.NEVER, "date": DAY}, ""),
        ({"send": SendPolicy.NEVER, "date": datetime.date(2026, 12, 2)}, "is dated later"),
    ],
)
def test_another_issue_must_be_public_when_this_one_goes_out(changes: dict[str, object], said: str) -> None:
    other = neighbour(**changes)

    errors = found(f"See [the other one](/issues/{other.record.slug}/#text-part).", None, {other.record.slug: other})

    assert [said in each.message for each in errors] == ([True] if said else [])


def test_a_file_of_another_issue_must_be_one_of_its_files() -> None:
    text = f"[Numbers](/issues/{OTHER}/Zahlen%201.csv), [more](/issues/{OTHER}/more.csv)."
    (finding,) = found(text, None, {OTHER: neighbour()})
    assert finding.message == f"There is no “more.csv” beside the issue “{OTHER}”."


def test_the_archive_writes_no_page_that_a_link_may_not_name() -> None:
    archive = Archive(TEMPLATES, NEWSLETTER, URL, feed_namespace="x")
    written = [*archive.archive([], [], [2026]), *archive.year(2026, [], [2026]), archive.privacy("")]
    pages = {f"/{file.path}".removesuffix("index.html") for file in written}
    inner = {page for page in pages if "-" in page and not page.startswith("/sitemap") or page.startswith("/search/2")}

    missing = {page for page in pages - inner - {"/404.html", "/busy.html"} if not is_page(page)}

    assert missing - {"/sign-up.js"} == set()
    assert all(is_page(f"/subscribe/{language}/") for language in LANGUAGES)


def test_records_of_another_issue_are_asked_for_once_each() -> None:
    asked: list[str] = []

    def find(slug: str) -> Neighbour | None:
        asked.append(slug)
        return None

    examine(
        PORTS.reader.read(SLUG, f"{HEAD}[A](/issues/a/) [b](/issues/b/) [a](a.md) [own](/issues/{SLUG}/).\n".encode()),
        put_picture=lambda _: None,
        look_at_file=lambda _: None,
        find_neighbour=find,
        compared_with=lambda: (),
        today=DAY,
        time_of_day=datetime.time(9),
        ports=PORTS,
    )

    assert asked == ["a", "b"]


def test_a_record_says_nothing_about_files_where_nobody_could_ask() -> None:
    known: IssueRecord = neighbour().record
    assert found(f"[More](/issues/{OTHER}/more.csv).", None, {OTHER: Neighbour(known)}) == []
