"""Readers can tell whether the page of an issue is what was sent, with a file and the tools of their own computer."""

import hashlib
import json
import re
from dataclasses import replace

import pytest

from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.site import ShownIssue
from tests.issues.rendering_samples import ARCHIVE, TEMPLATES, URL, rendered, sample

FINGERPRINT = re.compile(r"<code>([0-9a-f]{64})</code>")
OTHER = "0" * 64


def test_the_sha_256_of_the_published_file_is_the_fingerprint_on_the_page() -> None:
    shown = ShownIssue(sample(), sent_hash=sample().content_hash)

    page, sealed = ARCHIVE.issue_page(shown).body.decode(), ARCHIVE.sealed_file(shown)

    assert sealed is not None
    assert f'href="/{sealed.path}"' in page
    assert FINGERPRINT.findall(page) == [hashlib.sha256(sealed.body).hexdigest()]
    assert json.loads(sealed.body)["title"] == sample().title


def test_a_changed_page_shows_what_was_sent_and_what_stands_and_publishes_only_that() -> None:
    shown = ShownIssue(sample(), sent_hash=OTHER)

    page, sealed = ARCHIVE.issue_page(shown).body.decode(), ARCHIVE.sealed_file(shown)

    assert sealed is not None
    assert FINGERPRINT.findall(page) == [OTHER, hashlib.sha256(sealed.body).hexdigest()]


def test_an_issue_that_was_sealed_with_other_fields_has_a_fingerprint_and_no_file() -> None:
    older = replace(sample(), content_hash=OTHER)
    shown = ShownIssue(older, sent_hash=OTHER)

    page = ARCHIVE.issue_page(shown).body.decode()

    assert ARCHIVE.sealed_file(shown) is None
    assert FINGERPRINT.findall(page) == [OTHER]
    assert "issue.json" not in page


@pytest.mark.parametrize("issue", [sample(), rendered("Never mailed.")], ids=["sample", "plain"])
def test_what_was_never_mailed_has_neither(issue: RenderedIssue) -> None:
    assert ARCHIVE.sealed_file(ShownIssue(issue)) is None
    assert "Fingerprint" not in ARCHIVE.issue_page(ShownIssue(issue)).body.decode()
    assert "Fingerprint" not in ARCHIVE.preview_page(ShownIssue(issue), "Not yet.").body.decode()


def test_a_page_says_how_to_check_an_issue() -> None:
    page = next(file for file in ARCHIVE.archive([], [], []) if file.path == "verify/index.html").body.decode()

    assert f"curl -s {URL}/issues/&lt;issue&gt;/issue.json | sha256sum" in page
    assert f"<strong>{TEMPLATES.say('Fingerprint of this issue')}</strong>" in page
