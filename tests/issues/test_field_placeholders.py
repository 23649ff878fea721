"""`{{ organisation | your organisation }}`: as safe as the name, with a fallback, and checked at its worst."""

from __future__ import annotations

import datetime
import html

import pytest

from newsletter.core.house_style import HouseStyle
from newsletter.core.reader_fields.reader_field import LONGEST_VALUE, FieldKind, ReaderField
from newsletter.issues.checking.preflight import IssueChecks
from newsletter.issues.domain.issue import FieldPlaceholder, RenderedIssue
from newsletter.issues.domain.personal import substitute, variables
from newsletter.issues.domain.size import worst_case
from newsletter.issues.writing.rendering import Renderer
from newsletter.web.jinja import Templates
from tests.issues.rendering_samples import NEWSLETTER, ROOT, URL, issue
from tests.issues.rendering_samples import rendered as rendered_without_fields

FIELDS = (
    ReaderField(key="organisation", labels={"": "Your organisation"}),
    ReaderField(key="region", kind=FieldKind.CHOICE, options=("Wales", "Scotland")),
    ReaderField(key="member", kind=FieldKind.YES_NO),
)
STYLE = HouseStyle(fields={each.key: each.as_held(position) for position, each in enumerate(FIELDS)})
RENDERER = Renderer(Templates(ROOT / "templates", current_style=lambda: STYLE), NEWSLETTER, URL)
GREETING = "News for {{ organisation | your  organisation }} and {{organisation|everybody}}.\n\n`{{ region | x }}`\n"


def rendered(body: str = GREETING, **changes: str) -> RenderedIssue:
    return RENDERER.open(issue(body, **changes)).render({})


def text_for(mail: RenderedIssue, **field_values: str) -> str:
    return substitute(mail.text, filled(mail, **field_values))


def filled(mail: RenderedIssue, **field_values: str) -> dict[str, str]:
    return variables(mail, name="", unsubscribe_url="https://u", preferences_url="https://p", field_values=field_values)


def problems(body: str, **changes: str) -> list[tuple[str, str]]:
    written = issue(body, **changes)
    found = IssueChecks(NEWSLETTER, URL, reader_fields=FIELDS).check(
        written, RENDERER.open(written).render({}), missing=(), refused={}, others=(), today=datetime.date(2026, 11, 24)
    )
    return [(each.code, each.remedy) for each in found.findings if each.check in ("placeholder", "subject")]


def test_whoever_answered_reads_the_answer_and_everybody_else_the_fallback() -> None:
    mail = rendered()

    assert mail.field_placeholders == (
        FieldPlaceholder("organisation", "your organisation"),
        FieldPlaceholder("organisation", "everybody"),
    )
    assert "News for IPL and IPL." in text_for(mail, organisation="IPL")
    assert "News for your organisation and everybody." in text_for(mail)
    assert "{{ region | x }}" in text_for(mail, region="Wales"), "what is code arrives as it is"


def test_page_and_feeds_show_the_fallback() -> None:
    assert "News for your organisation and everybody." in rendered().web_html


def test_a_placeholder_can_stand_in_subject_and_raw_html() -> None:
    mail = rendered("Words for <b>{{ region | you }}</b>.", subject="For {{ region | all of you }}")

    values = filled(mail, region="Wales")
    assert substitute(mail.subject, values) == "For Wales"
    assert "<b" in mail.html
    assert ">Wales</b>" in substitute(mail.html, values)


@pytest.mark.parametrize(
    "value", ["<script>&\"'", "{{name}}", "{{unsubscribe_url}}", "{brace}", "\\{{name_0_text}}", "a}}}b", "=1+1"]
)
def test_a_value_is_text_and_never_markup_or_a_template(value: str) -> None:
    mail = rendered()
    values = filled(mail, organisation=value)

    assert f"News for {value} and" in substitute(mail.text, values)
    shown = substitute(mail.html, values)
    assert html.escape(value).replace("{", "&#123;") in shown
    assert "<script>" not in shown


@pytest.mark.parametrize(
    "value", ["cheap-pills.example", "https://evil.example/x", "www.evil", "a@example.org", "\u202e"]
)
def test_what_a_mail_program_would_make_a_link_of_gives_way_to_the_fallback(value: str) -> None:
    assert "News for your organisation and" in text_for(rendered(), organisation=value)


def test_a_value_cannot_leave_its_line_or_turn_it_round() -> None:
    assert "News for A Bcc: x exe and" in text_for(rendered(), organisation="A\r\nBcc: x \u202eexe")


def test_an_issue_without_fields_is_the_same_issue_as_before_there_were_any() -> None:
    body = "Dear {{ name | reader }}."

    assert rendered(body) == rendered_without_fields(body)
    assert '"field_placeholders"' not in rendered(body).to_json()


def test_placeholders_are_part_of_what_is_approved_and_survive_the_bucket() -> None:
    mail = rendered()

    assert RenderedIssue.from_json(mail.to_json()) == mail
    assert mail.content_hash != rendered(GREETING.replace("everybody", "all")).content_hash


@pytest.mark.parametrize(
    ("body", "remedy"),
    [
        ("For {{ organization | you }}.", "Did you mean {{ organisation | there }}?"),
        ("For {{ nme | you }}.", "Did you mean {{ name | there }}?"),
        ("For {{ zzzzzz | you }}.", "name one of name, organisation, region."),
        ("For {{ organisation }}.", "It needs words for those of whom we do not know it: {{ organisation | there }}."),
        ("For {{ organisation | }}.", "It needs words for those of whom we do not know it"),
        ("For {{ member | you }}.", "`member` is a field with yes or no"),
    ],
)
def test_a_placeholder_that_would_arrive_as_typed_is_refused_with_what_was_meant(body: str, remedy: str) -> None:
    ((code, said),) = problems(body)

    assert code == "placeholder-foreign"
    assert remedy in said


def test_a_field_that_is_gone_is_refused_when_its_issue_is_published_again() -> None:
    without = Renderer(Templates(ROOT / "templates"), NEWSLETTER, URL)
    written = issue("For {{ organisation | you }}.")
    found = IssueChecks(NEWSLETTER, URL).check(
        written, without.open(written).render({}), missing=(), refused={}, others=(), today=datetime.date(2026, 11, 24)
    )

    assert "placeholder-foreign" in {each.code for each in found.errors}


def test_the_longest_answer_counts_for_the_size_and_for_the_subject() -> None:
    short = rendered("Words.")
    longest = worst_case(rendered("Words. {{ organisation | x }}"), URL).html

    assert longest >= worst_case(short, URL).html + LONGEST_VALUE * len("&#x27;")
    assert problems("Words.", subject="News for {{ organisation | you }}") == []
    long = f"{'News ' * 10}for {{{{ organisation | you }}}}"
    assert [code for code, _ in problems("Words.", subject=long)] == ["subject-too-long"]


def test_the_fallback_counts_where_it_is_longer_than_any_answer() -> None:
    fallback = "y" * 5_000

    assert worst_case(rendered(f"For {{{{ organisation | {fallback} }}}}."), URL).html > 5_000
