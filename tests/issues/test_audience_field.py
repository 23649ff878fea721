"""The field `audience` of an issue: read or refused with its place, held against the list, and approved with it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from newsletter.core.audience.expression import AudienceExpression
from newsletter.core.audience.grammar import parse_audience
from newsletter.core.audience.look import AudienceLook
from newsletter.core.reader_fields.reader_field import ReaderField
from newsletter.errors import InvalidIssueError
from newsletter.issues.checking.preflight import IssueChecks
from newsletter.issues.domain.issue import Issue, IssueStatus, RenderedIssue, SendPolicy
from newsletter.issues.domain.preflight import AUDIENCE_READERS, Preflight
from newsletter.issues.writing.front_matter import parse_issue, read_translation
from newsletter.issues.writing.markdown import Markdown
from newsletter.readers.look_at_audience import COUNTED_WHOLE, count_part, look_at_audience
from newsletter.readers.ports import Audience
from tests.factories import rendered, subscriber
from tests.issues.rendering_samples import NEWSLETTER, URL, issue
from tests.issues.test_preflight import shown
from tests.issues.test_translations import SLUG, Press
from tests.readers.fakes import MemorySubscribers

TODAY = datetime.date(2026, 11, 24)
TEN = MemorySubscribers(
    *(subscriber(each, tags=frozenset({"members"} if each < 3 else {"press"})) for each in range(10))
)


def parsed(line: str) -> Issue:
    return parse_issue("x", f"---\ntitle: T\ndate: 2026-12-01\n{line}\n---\n\nText.\n".encode())


def refusal(line: str) -> Any:
    with pytest.raises(InvalidIssueError) as refused:
        parsed(line)
    (problem,) = refused.value.problems
    return problem


@pytest.mark.parametrize(
    "written",
    [
        "audience: tag:members and not tag:staff",
        'audience: "tag:members and not tag:staff"',
        "audience: >-\n  tag:members\n  and not tag:staff",
    ],
)
def test_an_audience_is_read_from_one_line_or_several(written: str) -> None:
    assert parsed(written).audience == "tag:members and not tag:staff"


def test_without_one_an_issue_is_for_everybody() -> None:
    assert parsed("author: Ann").audience == ""
    assert parsed("audience:").audience == ""


@pytest.mark.parametrize(
    ("line", "message", "remedy"),
    [
        ("audience: members", "`audience`, character 1: “members” does not say what it is", "Write tag:members"),
        ("audience: tag:a or (tag:b", "`audience`, character 10: This bracket does not close", "Write ) where"),
        ("audience: tag:a and joined > soon", "character 20: “soon” is no day", "2026-12-31"),
        ("audience: [tag:a, tag:b]", "`audience` is a list.", "Give it one text."),
        (f"audience: {'(' * 10_000}tag:a", "10,005 characters", "Tag these readers"),
        ("audience: tag: members", "There is a second colon in this field.", 'audience: "tag: members"'),
    ],
)
def test_one_that_cannot_be_read_is_a_problem_with_line_place_and_remedy(line: str, message: str, remedy: str) -> None:
    problem = refusal(line)

    assert problem.line == 4
    assert message in problem.message
    assert remedy in problem.remedy


def test_a_megabyte_of_it_is_refused_like_any_front_matter_of_that_size() -> None:
    assert "more than 262,144 bytes" in refusal(f"audience: {'tag:a or ' * 120_000}tag:a").message


def test_it_is_part_of_what_is_approved_and_an_issue_without_it_keeps_its_hash() -> None:
    whole = rendered(content_hash="").sealed()
    part = replace(whole, audience="tag:members").sealed()

    assert part.content_hash != whole.content_hash
    assert "audience" not in json.loads(whole.to_json())
    assert RenderedIssue.from_json(part.to_json()) == part
    assert part.reads_like(whole)  # the page says nothing of it
    assert shown(issue(audience="tag:members")).audience == "tag:members"


def test_a_translation_goes_wherever_its_original_does() -> None:
    original = parsed("audience: tag:members")
    source = "---\ntitle: T\n{}---\n\nTestun.\n"

    own = read_translation(original, "cy", source.format("").encode(), Markdown())[0]
    assert own.audience == "tag:members"
    with pytest.raises(InvalidIssueError, match="an issue has one, in all its languages"):
        read_translation(original, "cy", source.format("audience: tag:press\n").encode(), Markdown())


def looked_at(expression: AudienceExpression) -> AudienceLook:
    return look_at_audience(expression, audience=TEN, known_tags=lambda: ["members", "press", "pressure"])


NOBODY = "Check `audience`: sent today, the issue would go to nobody."
REGION = ReaderField(key="region")
ORGANISATION = ReaderField(key="organisation")


def look(audience: str, *, reader_fields: Sequence[ReaderField] = (REGION, ORGANISATION), **changes: Any) -> Preflight:
    written = issue("Words enough for a mail. " * 5, audience=audience, **changes)
    checks = IssueChecks(NEWSLETTER, URL, look_at_audience=looked_at, reader_fields=reader_fields)
    return checks.check(written, shown(written), missing=(), refused={}, others=(), today=TODAY)


def found(preflight: Preflight) -> list[tuple[str, str]]:
    return [(each.code, each.remedy) for each in preflight.findings if each.check == "audience"]


def test_a_part_of_the_list_is_counted_and_found_in_order() -> None:
    preflight = look("tag:members")

    assert found(preflight) == []
    assert preflight.measures[AUDIENCE_READERS] == 3


def test_a_tag_that_nobody_has_is_pointed_out_with_those_that_are_near() -> None:
    assert found(look("tag:presse or tag:members")) == [("audience-unknown-tag", "Did you mean press or pressure?")]
    (unknown, nobody) = found(look("tag:qqq"))
    assert unknown == ("audience-unknown-tag", "Check its spelling, or tag somebody with it.")
    assert nobody[0] == "audience-nobody"


def test_a_field_that_is_not_defined_is_pointed_out_with_those_that_are_near() -> None:
    """Each once, in whichever part of the expression; nothing is said of one that is defined."""
    (wrong, _) = found(look("field.organization=IPL and (field.region=Wales or not field.organization=X)"))
    assert wrong == ("audience-unknown-field", "Did you mean field.organisation?")
    (unlike, _) = found(look("field.qqq=1"))
    assert unlike == ("audience-unknown-field", "Check its key, or define it in settings/fields.yaml.")
    assert found(look("field.region=Wales")) == [("audience-nobody", NOBODY)]
    (none_defined, _) = found(look("field.region=Wales", reader_fields=()))
    assert none_defined[0] == "audience-unknown-field"


def test_a_field_that_is_not_defined_can_be_meant() -> None:
    """Readers may still have answers to one that was taken out of the settings."""
    accepted = look("field.qqq=1", accept=("audience-unknown-field", "audience-nobody"))

    assert found(accepted) == []


def test_nobody_and_everybody_are_pointed_out() -> None:
    assert [code for code, _ in found(look("tag:members and tag:press"))] == ["audience-nobody"]
    assert [code for code, _ in found(look("tag:members or tag:press"))] == ["audience-everybody"]
    assert found(look("tag:members and tag:press", accept=("audience-nobody",))) == []


def test_nothing_is_counted_for_everybody_for_the_archive_or_where_nobody_can_count() -> None:
    assert AUDIENCE_READERS not in look("").measures
    assert AUDIENCE_READERS not in look("tag:members", send=SendPolicy.NEVER).measures
    written = issue("Words.", audience="tag:members")
    offline = IssueChecks(NEWSLETTER, URL).check(
        written, shown(written), missing=(), refused={}, others=(), today=TODAY
    )
    assert found(offline) == []


def test_where_nobody_can_count_fields_are_checked_if_the_settings_are_at_hand() -> None:
    def codes(*reader_fields: ReaderField) -> list[str]:
        written = issue("Words.", audience="tag:qqq and field.organization=IPL")
        checks = IssueChecks(NEWSLETTER, URL, reader_fields=reader_fields)
        preflight = checks.check(written, shown(written), missing=(), refused={}, others=(), today=TODAY)
        return [code for code, _ in found(preflight)]

    assert codes(ORGANISATION) == ["audience-unknown-field"]
    assert codes() == []


class Crowd(MemorySubscribers):
    """A list that is too large to be counted for a page."""

    def __init__(self, sample: int) -> None:
        super().__init__()
        self.sample, self.partitions_read = sample, 0

    def size(self, *, matching: AudienceExpression | None = None, partitions: int = 16) -> int:
        self.partitions_read += partitions
        return COUNTED_WHOLE if matching is None else self.sample * partitions


@pytest.mark.parametrize(("sample", "readers", "read"), [(5, 80, 2), (0, 0, 18)])
def test_of_a_large_list_a_sixteenth_is_counted_and_that_nobody_is_meant_is_not_guessed(
    sample: int, readers: int, read: int
) -> None:
    crowd = Crowd(sample)
    audience: Audience = crowd

    counted = count_part(audience, parse_audience("tag:members"))

    assert (counted.readers, counted.is_estimate, crowd.partitions_read) == (readers, True, read)


ORIGINAL = "---\ntitle: Trams\ndate: 2026-12-01\n{}---\n\nTrams are coming, and this is the text about them.\n"


def test_the_record_keeps_the_part_that_its_send_is_locked_to() -> None:
    press = Press(original=ORIGINAL.format("audience: tag:members\n").encode())
    press.look()
    assert press.record.audience == "tag:members"
    press.issues.by_slug[SLUG] = replace(press.record, status=IssueStatus.SENDING, sent_hash=press.record.content_hash)

    press.put("original", ORIGINAL.format("audience: tag:press\n").encode())
    press.look()

    assert press.record.audience == "tag:members"
