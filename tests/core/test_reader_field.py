"""Fields of readers: what an answer can be, and how it is kept."""

from __future__ import annotations

import pytest

from newsletter.core.reader_fields.answers import NEEDED, Answers, read_answers
from newsletter.core.reader_fields.reader_field import (
    LONGEST_VALUE,
    TOO_LONG,
    AskedOn,
    FieldKind,
    ReaderField,
    fields_from_held,
)
from newsletter.errors import InvalidAnswerError

ORGANISATION = ReaderField(key="organisation", labels={"en": "Your organisation", "cy": "Eich sefydliad"})
REGION = ReaderField(
    key="region", kind=FieldKind.CHOICE, labels={"": "Region"}, options=("Wales", "Scotland"), required=True
)
MEMBER = ReaderField(key="member", kind=FieldKind.YES_NO, asked_on=frozenset({AskedOn.PREFERENCES}))
JOINED = ReaderField(key="joined", kind=FieldKind.DATE)
ALL = (ORGANISATION, REGION, MEMBER, JOINED)


def at_sign_up(**typed: str) -> Answers:
    named = {name.replace("__", "."): text for name, text in typed.items()}
    return read_answers(ALL, named, asked_on=AskedOn.SIGN_UP, demanded=True)


def at_preferences(before: dict[str, str], **typed: str) -> Answers:
    named = {f"field.{name}": text for name, text in typed.items()}
    return read_answers(ALL, named, asked_on=AskedOn.PREFERENCES, demanded=False, values_before=before)


def test_answers_come_by_their_name_in_the_form_or_by_the_bare_key() -> None:
    answers = at_sign_up(field__organisation=" Institute \n of Public Life ", region="wales", joined="2026-01-31")

    assert answers.problems == {}
    assert answers.values == {"organisation": "Institute of Public Life", "region": "Wales", "joined": "2026-01-31"}


def test_whoever_signs_up_is_asked_for_what_is_required_and_for_nothing_of_another_form() -> None:
    answers = at_sign_up(member="yes")

    assert answers.problems == {"field.region": NEEDED}
    assert answers.values == {}


@pytest.mark.parametrize(
    ("reader_field", "typed", "problem"),
    [
        (ORGANISATION, "x" * 10_000, TOO_LONG),
        (ORGANISATION, "x" * (LONGEST_VALUE + 1), TOO_LONG),
        (REGION, "Atlantis", "Please choose one of the options."),
        (MEMBER, "perhaps", "Please choose yes or no."),
        (JOINED, "31/01/2026", "Please write the day like 2026-12-31."),
        (JOINED, "2026-02-30", "Please write the day like 2026-12-31."),
    ],
)
def test_what_a_field_cannot_hold_is_refused_with_a_sentence(
    reader_field: ReaderField, typed: str, problem: str
) -> None:
    with pytest.raises(InvalidAnswerError, match=problem):
        reader_field.value_of(typed)


@pytest.mark.parametrize("typed", ["", "  \t", "\u200b\u200b", "\u202e", "\x00\x01", "\u2060"])
def test_what_nobody_can_see_is_no_answer(typed: str) -> None:
    assert ORGANISATION.value_of(typed) == ""


def test_control_characters_and_marks_that_turn_a_line_round_do_not_stay() -> None:
    assert ORGANISATION.value_of("Ada\x00\u202egnp.exe\r\nBcc: all") == "Ada gnp.exe Bcc: all"
    assert ORGANISATION.value_of("=HYPERLINK()") == "=HYPERLINK()", "a spreadsheet is guarded where a file is written"


@pytest.mark.parametrize("typed", ["true", "1", "on", "Yes", "Y"])
def test_yes_can_be_said_in_the_ways_of_lists(typed: str) -> None:
    assert MEMBER.value_of(typed) == "yes"


def test_whoever_came_before_a_field_may_leave_it_empty_and_nobody_else_may_empty_what_is_required() -> None:
    assert at_preferences({}, region="").problems == {}
    assert at_preferences({"region": "Wales"}, region="").problems == {"field.region": NEEDED}
    assert at_preferences({"organisation": "IPL"}, organisation="").over({"organisation": "IPL"}) == {}


def test_an_option_that_is_gone_stays_for_whoever_has_it() -> None:
    kept = at_preferences({"region": "Cornwall"}, region="Cornwall")

    assert (kept.problems, kept.values) == ({}, {"region": "Cornwall"})
    assert REGION.offered("Cornwall") == ("Wales", "Scotland", "Cornwall")
    assert at_preferences({"region": "Wales"}, region="Cornwall").problems


def test_what_a_form_did_not_send_stays() -> None:
    assert at_preferences({"gone": "x", "region": "Wales"}, organisation="IPL").over(
        {"gone": "x", "region": "Wales"}
    ) == {"gone": "x", "region": "Wales", "organisation": "IPL"}


def test_a_label_is_in_the_language_of_the_page_or_in_one_that_there_is() -> None:
    assert [ORGANISATION.label(lang) for lang in ("cy", "de")] == ["Eich sefydliad", "Your organisation"]
    assert (REGION.label("de"), MEMBER.label("en"), REGION.help_text("en")) == ("Region", "member", "")


def test_fields_are_kept_in_the_order_of_the_file_whatever_order_json_has() -> None:
    held = {each.key: each.as_held(position) for position, each in enumerate(ALL)}

    assert fields_from_held(dict(sorted(held.items()))) == ALL


def test_a_field_of_a_kind_that_only_a_newer_release_knows_is_not_asked() -> None:
    held = {"a": ORGANISATION.as_held(0), "b": {**REGION.as_held(1), "kind": "colour"}, "c": {}}

    assert [each.key for each in fields_from_held(held)] == ["a"]
