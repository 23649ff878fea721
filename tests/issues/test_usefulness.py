"""Two words under each issue, where readers are asked; without that, an issue keeps its bytes and its hash."""

from __future__ import annotations

import html
import re

import pytest

from newsletter.core.language import LANGUAGES
from newsletter.core.links import NOBODY
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.personal import substitute, variables
from newsletter.issues.domain.size import worst_case
from newsletter.issues.writing.rendering import Renderer
from newsletter.sending.domain.send import Send
from newsletter.sending.recipient import recipient_in
from tests.core.fakes import NOW
from tests.factories import LINKS, SLUG, an_id, subscriber
from tests.issues.rendering_samples import NEWSLETTER, RENDERER, TEMPLATES, URL, issue

ASKING = Renderer(TEMPLATES, NEWSLETTER, URL, asks_whether_useful=True)
VOTE_URL = f"{URL}/vote?issue=2026-12-01-words&token=t&lang=de&answer="


def mail(renderer: Renderer = ASKING, **fields: str) -> tuple[RenderedIssue, str, str]:
    """Return an issue, its HTML and its text as one reader gets them."""
    made = renderer.open(issue(**fields)).render({})
    values = variables(made, name="", unsubscribe_url="u", preferences_url="p", vote_url=VOTE_URL)
    return made, substitute(made.html, values), substitute(made.text, values)


def test_both_parts_ask_and_have_a_link_for_each_answer() -> None:
    _, shown, text = mail()
    links = re.findall(r'<a (?:ses:no-track )?href="([^"]*/vote[^"]*)"[^>]*>([^<]+)</a>', shown)

    assert [(html.unescape(url), words) for url, words in links] == [
        (f"{VOTE_URL}yes", "Yes"),
        (f"{VOTE_URL}no", "Not really"),
    ]
    assert f"Was this useful?\nYes: {VOTE_URL}yes\nNot really: {VOTE_URL}no\n" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_asks_in_its_own_words(lang: str) -> None:
    _, shown, text = mail(lang=lang)
    question = TEMPLATES.say("Was this useful?", lang=lang)

    assert question in html.unescape(shown)
    assert question in text
    assert lang == "en" or question != "Was this useful?"


def test_ses_is_told_not_to_rewrite_these_links_where_it_rewrites_links() -> None:
    _, shown, _ = mail(Renderer(TEMPLATES, NEWSLETTER, URL, engagement_mode="aggregate", asks_whether_useful=True))

    assert len(re.findall(r'<a ses:no-track href="[^"]*/vote', shown)) == 2


def test_an_issue_that_does_not_ask_is_what_it_was_before_there_was_a_question() -> None:
    quiet, shown, text = mail(RENDERER)

    assert "vote" not in shown + text + quiet.to_json()
    assert RenderedIssue.from_json(quiet.to_json()) == quiet
    assert "vote_url" not in variables(quiet, name="", unsubscribe_url="", preferences_url="", vote_url=VOTE_URL)


def test_an_issue_that_asks_is_kept_and_read_again_and_its_page_reads_the_same() -> None:
    asking, _, _ = mail()
    quiet, _, _ = mail(RENDERER)

    assert RenderedIssue.from_json(asking.to_json()) == asking
    assert asking.asks_whether_useful
    assert asking.content_hash != quiet.content_hash
    assert asking.reads_like(quiet)


def test_the_question_weighs_less_than_a_kilobyte() -> None:
    asking, quiet = (worst_case(mail(renderer)[0], URL) for renderer in (ASKING, RENDERER))

    assert 0 < asking.html - quiet.html < 1000
    assert 0 < asking.text - quiet.text < 500


def test_a_reader_has_a_link_of_their_own_and_a_rehearsal_has_nobodys() -> None:
    asking, _, _ = mail()
    send = Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW)
    rehearsal = Send(slug=f"{SLUG}_rehearsal_1", content_hash="a" * 64, shards=16, opened_at=NOW, rehearsal_of=SLUG)

    def vote_url(of_send: Send, number: int) -> str:
        made = recipient_in(
            an_id(number), subscriber(number), asking, send=of_send, part="00", links=LINKS, reply_to="r@example.org",
            now=NOW,
        )  # fmt: skip
        return made.variables["vote_url"]

    urls = {vote_url(send, 1), vote_url(send, 2), vote_url(rehearsal, 1), vote_url(rehearsal, 2)}

    assert len(urls) == 3
    assert LINKS.to_vote(SLUG, NOBODY, now=NOW, lang=asking.lang) in urls
    assert all(f"/vote?issue={SLUG}&token=" in url and an_id(1) not in url for url in urls)
