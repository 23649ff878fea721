"""Outside judges: nothing they say is left unanswered, nothing is accepted that they no longer say.

Their verdicts stand in docs/quality.md; `make judges` writes it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.judges import feeds, mail_clients, markup, quality, spam
from tests.judges.verdict import Finding, Verdict, told


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Verdict, Verdict]:
    return markup.judge_markup(tmp_path_factory.mktemp("markup"))


@pytest.mark.parametrize("place", [0, 1], ids=["pages", "emails"])
def test_the_checker_of_the_w3c_finds_nothing_in_the_html(checked: tuple[Verdict, Verdict], place: int) -> None:
    hold(checked[place])


def test_every_program_for_email_knows_what_ours_use_or_does_without() -> None:
    hold(mail_clients.judge_mails())


def test_no_filter_gives_a_point_to_an_email(tmp_path: Path) -> None:
    hold(spam.judge_messages(tmp_path))


def test_the_xml_feeds_keep_to_their_specifications(tmp_path: Path) -> None:
    hold(feeds.judge_xml_feeds(tmp_path))


@pytest.mark.parametrize("judge", [feeds.judge_json_feed, feeds.judge_as_reader])
def test_a_feed_reads_as_it_should(judge: Callable[[], Verdict]) -> None:
    hold(judge())


def test_the_page_about_quality_has_the_reasons_and_judges_of_today() -> None:
    written = quality.PAGE.read_text("utf-8")

    assert quality.reasons() in written, "run: make judges"
    assert quality.AXE.row in written, "run: make judges"


def test_a_finding_that_nobody_accepted_is_open_and_one_that_nobody_says_is_told() -> None:
    verdict = Verdict("vnu (pages)", "1", "a page", (Finding("a.html", "error: Bad."),))

    assert verdict.open == list(verdict.findings)
    assert len(verdict.unused) == 2
    assert told(verdict.open) == "error: Bad.\n    in a.html"


@pytest.mark.parametrize(
    ("html", "feature"),
    [
        ('<p style="display:flex">a</p>', "css-display-flex"),
        ("<style>@media (prefers-color-scheme: dark) { a > b { width: 2em } }</style>", "css-unit-em"),
        ("<style>@media (prefers-color-scheme: dark) { a > b { width: 2em } }</style>", "css-selector-child"),
        ("<style>@media (prefers-color-scheme: dark) { a { b: c } }</style>", "css-at-media-prefers-color-scheme"),
        ('<a href="#below">a</a>', "html-anchor-links"),
        ('<img src="a/b.webp" alt="">', "image-webp"),
        ('<td style="border-left-width:1px">a</td>', "css-border"),
    ],
)
def test_a_feature_is_named_as_can_i_email_names_it(html: str, feature: str) -> None:
    assert feature in mail_clients.used(html)


def test_a_comment_for_outlook_uses_nothing() -> None:
    assert mail_clients.used("<!--[if mso]><video></video><![endif]-->") == set()


def hold(verdict: Verdict) -> None:
    """Fail with what the judge newly holds against us, or no longer does, or with a page that says otherwise."""
    assert not verdict.open, f"{verdict.judge} says:\n{told(verdict.open)}"
    assert not verdict.unused, "accepted.yaml accepts what nobody says any more"
    assert verdict.row in quality.PAGE.read_text("utf-8"), "run: make judges"
