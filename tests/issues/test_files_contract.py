"""The shelf of files: the one in memory and the one on S3 keep the same promises."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from newsletter.core.site_file import SiteFile
from newsletter.errors import InvalidFileError
from newsletter.issues.adapters.s3_files import S3Files
from newsletter.issues.adapters.s3_site import S3Site
from newsletter.issues.file_ports import FileShelf
from tests.factories import SLUG
from tests.issues.fakes import MemoryContent, MemoryFiles, MemorySite

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
FOLDER = f"issues/{SLUG}"
NAME = "Größe + 50% [neu] (2).pdf"


@dataclass
class Shelf:
    """A shelf between two buckets."""

    files: FileShelf
    upload: Callable[[str, bytes], None]
    remove: Callable[[str], None]
    served: Callable[[str], bytes | None]
    put: Callable[[SiteFile], object]


@pytest.fixture(params=["in memory", "on S3"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    if request.param == "in memory":
        content, site = MemoryContent(), MemorySite()
        return Shelf(
            MemoryFiles(content, site, most_megabytes=1),
            content.objects.__setitem__,
            content.remove,
            site.read,
            site.put,
        )
    s3: Any = request.getfixturevalue("s3")
    for bucket in ("content", "site"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    on_s3 = S3Site(s3, "site")

    def upload(key: str, body: bytes) -> None:
        s3.put_object(Bucket="content", Key=key, Body=body)

    def remove(key: str) -> None:
        s3.delete_object(Bucket="content", Key=key)

    return Shelf(S3Files(s3, "content", "site", most_megabytes=1), upload, remove, on_s3.read, on_s3.put)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("written", ["NFC", "NFD"])
def test_a_file_is_found_however_a_machine_spells_its_name_and_served_under_one(
    shelf: Shelf, form: Any, written: Any
) -> None:
    shelf.upload(f"{FOLDER}/{unicodedata.normalize(form, NAME)}", PDF)
    found = shelf.files.look(SLUG, unicodedata.normalize(written, NAME))

    assert found is not None
    assert (found.path, found.weight) == (f"{FOLDER}/{NAME}", len(PDF))
    assert shelf.files.show(found)
    assert shelf.served(f"{FOLDER}/{NAME}") == PDF
    assert not shelf.files.show(found)  # it is there


def test_nothing_is_nothing(shelf: Shelf) -> None:
    assert shelf.files.look(SLUG, "report.pdf") is None
    assert shelf.files.hide(SLUG, kept_paths=()) == []


@pytest.mark.parametrize("body", [b"<html>", b"", PDF + b"x" * 1_000_000])
def test_a_file_that_lies_is_empty_or_too_large_is_refused(shelf: Shelf, body: bytes) -> None:
    shelf.upload(f"{FOLDER}/report.pdf", body)
    with pytest.raises(InvalidFileError):
        shelf.files.look(SLUG, "report.pdf")


def test_the_version_that_was_looked_at_is_shown_and_no_later_one(shelf: Shelf) -> None:
    shelf.upload(f"{FOLDER}/report.pdf", PDF + b"approved")
    approved = shelf.files.look(SLUG, "report.pdf")
    assert approved is not None
    shelf.upload(f"{FOLDER}/report.pdf", PDF + b"uploaded after the approval")

    assert shelf.files.show(approved)
    assert shelf.served(approved.path) == PDF + b"approved"

    later = shelf.files.look(SLUG, "report.pdf")
    assert later is not None
    assert later.version != approved.version
    assert shelf.files.show(later)
    assert shelf.served(later.path) == PDF + b"uploaded after the approval"


def test_a_file_that_was_removed_since_is_shown_in_its_version(shelf: Shelf) -> None:
    shelf.upload(f"{FOLDER}/report.pdf", PDF)
    approved = shelf.files.look(SLUG, "report.pdf")
    assert approved is not None
    shelf.remove(f"{FOLDER}/report.pdf")

    assert shelf.files.look(SLUG, "report.pdf") is None
    assert shelf.files.show(approved)
    assert shelf.served(approved.path) == PDF


def test_a_version_that_is_gone_for_good_leaves_what_is_there(shelf: Shelf) -> None:
    shelf.upload(f"{FOLDER}/report.pdf", PDF)
    found = shelf.files.look(SLUG, "report.pdf")
    assert found is not None
    shelf.files.show(found)

    assert not shelf.files.show(replace(found, version="gone", etag="0" * 32))
    assert shelf.served(found.path) == PDF


def test_files_that_are_not_kept_leave_the_site_and_pictures_pages_and_other_issues_stay(shelf: Shelf) -> None:
    for name in ("kept.pdf", "gone.pdf", "sub/gone.csv"):
        shelf.upload(f"{FOLDER}/{name}", PDF if name.endswith("pdf") else b"a,b")
        found = shelf.files.look(SLUG, name)
        assert found is not None
        shelf.files.show(found)
    others = (f"{FOLDER}/index.html", f"{FOLDER}/chart-0123456789ab.png", f"{FOLDER}-too/other.pdf")
    for path in others:
        shelf.put(SiteFile(path, b"x", "text/plain", ""))

    assert sorted(shelf.files.hide(SLUG, kept_paths={f"{FOLDER}/kept.pdf"})) == [
        f"{FOLDER}/gone.pdf",
        f"{FOLDER}/sub/gone.csv",
    ]

    assert shelf.served(f"{FOLDER}/gone.pdf") is None
    assert all(shelf.served(path) is not None for path in (f"{FOLDER}/kept.pdf", *others))


def test_after_a_restore_the_same_bytes_under_another_version_are_shown(s3: Any) -> None:
    files = S3Files(s3, "content", "site", most_megabytes=1)
    s3.put_bucket_versioning(Bucket="content", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="content", Key=f"{FOLDER}/report.pdf", Body=PDF)
    found = files.look(SLUG, "report.pdf")
    assert found is not None

    assert files.show(replace(found, version="of-another-bucket"))


@pytest.mark.parametrize(("name", "saved"), [("a.pdf", False), ("a.txt", False), ("Größe.csv", True)])
def test_the_site_says_the_type_of_the_table_and_what_a_browser_is_to_save(s3: Any, name: str, saved: bool) -> None:
    body = PDF if name.endswith("pdf") else b"a,b"
    s3.put_object(Bucket="content", Key=f"{FOLDER}/{name}", Body=body, ContentType="text/html", Tagging="a=b")
    files = S3Files(s3, "content", "site", most_megabytes=1)
    found = files.look(SLUG, name)
    assert found is not None
    files.show(found)

    about = s3.head_object(Bucket="site", Key=found.path)

    assert "html" not in about["ContentType"]
    assert about["CacheControl"] == "public, max-age=300"
    assert about.get("ContentDisposition", "").startswith("attachment;") is saved
