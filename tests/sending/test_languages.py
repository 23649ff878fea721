"""A batch of an issue in several languages: each reader gets one mail, in the language of the rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.core.link_token import Purpose
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.sending.domain.answer import Answer, Retry
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.handed import BatchResult, Handed
from newsletter.sending.domain.language_group import of_one_language
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Recipient
from tests.core.fakes import NOW
from tests.factories import LINKS, SLUG, an_id, rendered, subscriber
from tests.sending.fakes import MemoryTransport
from tests.sending.test_send_batch import Worker

WELSH = rendered(lang="cy", translation="cy", subject="Mwy am fwy", name_fallbacks=("ddarllenydd",))
GERMAN = rendered(lang="de", translation="de", subject="Mehr für mehr")
ISSUE = rendered(topics=("housing",), translations=(WELSH, GERMAN))

EXPECTED = {"": "en", "en": "en", "en-GB": "en", "cy": "cy", "cy-GB": "cy", "CY": "cy", "de": "de", "fr": "en"}
"""The rule, written out: the language itself, else its main code, else the original."""


class WatchfulTransport(MemoryTransport):
    """Remembers in which language each call was."""

    def __init__(self, entries: int = 50) -> None:
        super().__init__(entries)
        self.languages: list[str] = []

    def send(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
        self.languages.append(rendered.lang)
        return super().send(rendered, recipients)

    @property
    def mailed_in(self) -> list[tuple[str, str]]:
        return [
            (each.subscriber_id, lang) for lang, call in zip(self.languages, self.calls, strict=True) for each in call
        ]


def worker(*languages: str, entries: int = 50) -> tuple[Worker, WatchfulTransport]:
    """Return a worker before a batch of readers of these languages."""
    transport = WatchfulTransport(entries)
    people = [subscriber(number, lang=lang, name="") for number, lang in enumerate(languages, 1)]
    made = Worker(people=people, transport=transport)
    made.content.put_rendered(ISSUE)
    batch = Batch.of(SLUG, "00", tuple(person.subscriber_id for person in people), now=NOW)
    made.sends.batch_items[SLUG, "00"] = batch
    return made, transport


def test_each_reader_gets_one_mail_in_their_language_and_each_call_has_one() -> None:
    before, transport = worker(*EXPECTED)

    assert before.look() == Handed(BatchResult.DONE, sent=len(EXPECTED))

    expected = {an_id(number): lang for number, lang in enumerate(EXPECTED.values(), 1)}
    assert dict(transport.mailed_in) == expected
    assert len(transport.mailed_in) == len(expected)
    assert sorted(transport.languages) == ["cy", "de", "en"]


def test_the_fallback_name_and_the_links_are_of_the_language_of_the_mail() -> None:
    before, transport = worker("cy", "en", "fr")
    before.look()

    welsh, english, french = sorted(
        (each for call in transport.calls for each in call), key=lambda each: each.subscriber_id
    )
    assert welsh.variables["name_0_text"] == "ddarllenydd"
    assert english.variables["name_0_text"] == french.variables["name_0_text"] == "reader"
    expected = LINKS.to(Purpose.PREFERENCES, an_id(1), now=NOW, lang="cy")
    assert welsh.variables["preferences_url"].endswith("&lang=cy") == expected.endswith("&lang=cy") is True
    assert french.variables["preferences_url"].endswith("&lang=fr")  # the pages speak it, although the issue does not


def test_who_was_throttled_in_one_language_is_asked_again_in_it_and_nobody_else_is() -> None:
    before, transport = worker("en", "cy", "en", "cy")
    transport.answer = lambda each: Retry.FAILED if each.subscriber_id == an_id(2) else Outcome.SENT
    before.look()
    transport.answer = lambda _: Outcome.SENT

    assert before.look("again") == Handed(BatchResult.DONE, sent=1)
    assert transport.mailed_in[-1] == (an_id(2), "cy")


def test_a_call_without_an_answer_says_nothing_about_the_readers_of_the_other_language() -> None:
    before, transport = worker("en", "cy", "en")

    def lost(each: Recipient) -> Answer:
        return Outcome.UNKNOWN if transport.languages[-1] == "cy" else Outcome.SENT

    transport.answer = lost
    before.look()

    assert before.batch.outcomes == (Outcome.SENT, Outcome.UNKNOWN, Outcome.SENT)


@settings(max_examples=60)
@given(languages=st.lists(st.sampled_from(list(EXPECTED)), min_size=1, max_size=60), entries=st.integers(1, 50))
def test_whatever_the_readers_read_everybody_gets_exactly_one_mail_by_the_rule(
    languages: list[str], entries: int
) -> None:
    before, transport = worker(*languages, entries=entries)

    for attempt in range(3):
        before.look(str(attempt))

    mailed = transport.mailed_in
    assert sorted(mailed) == sorted((an_id(number), EXPECTED[lang]) for number, lang in enumerate(languages, 1))
    assert all(len(call) <= entries for call in transport.calls)


def test_an_issue_in_one_language_goes_out_in_as_few_calls_as_ever() -> None:
    before, transport = worker(*EXPECTED)
    before.content.put_rendered(replace(ISSUE, translations=()))

    before.look()

    assert transport.languages == ["en"]


def test_who_has_no_record_any_more_is_dealt_with_beside_the_first() -> None:
    readers = {an_id(2): subscriber(2, lang="cy"), an_id(3): subscriber(3)}

    assert of_one_language([an_id(1), an_id(2), an_id(3)], readers, ISSUE) == [an_id(1), an_id(2)]
    assert of_one_language([an_id(1)], {}, ISSUE) == [an_id(1)]
