"""What a machine puts right in a draft: exactly what the finding names, and nothing beside it."""

from __future__ import annotations

import pytest

from newsletter.desk.drafts.mend_text import MENDS, accept, can_be_accepted, mend
from newsletter.errors import InvalidRequestError
from newsletter.issues.checking.preflight_codes import CODES

HEAD = "---\ntitle: Ferries\ndate: 2026-12-01\n---\n\n"
ABOVE = 5


def put_right(body: str, code: str, line: int = 1) -> str:
    return mend(HEAD + body, code, ABOVE + line).removeprefix(HEAD)


@pytest.mark.parametrize(
    ("code", "body", "line", "after"),
    [
        ("link-http", "See [it](http://a.example/x).\nhttp://b.example", 1, "See [it](https://a.example/x).\nhttp://b.example"),
        (
            "link-wrapped",
            "[Map](https://www.google.com/url?q=https://a.example/m%3Fx%3D1&sa=D) and more",
            1,
            "[Map](https://a.example/m?x=1) and more",
        ),
        ("heading-skips", "## One\n\n##### Two\n", 3, "## One\n\n### Two\n"),
        ("heading-empty", "Words\n\n##\n\nMore", 3, "Words\n\n\nMore"),
        ("list-unread", "We have:\n• a boat\n·  a quay\nand a plan", 2, "We have:\n\n- a boat\n- a quay\nand a plan"),
        ("task-list", "- [x] paint\n- [ ] rope", 1, "- ☑ paint\n- [ ] rope"),
        ("attribute-list", "[Book](https://a.example){.button}\n", 1, "[Book](https://a.example)\n"),
    ],
)  # fmt: skip
def test_a_finding_is_put_right_where_it_was_found(code: str, body: str, line: int, after: str) -> None:
    assert put_right(body, code, line) == after


def test_what_is_put_right_is_nothing_to_fix_any_more() -> None:
    once = put_right("http://a.example", "link-http")
    with pytest.raises(InvalidRequestError, match="nothing to fix any more"):
        put_right(once, "link-http")


@pytest.mark.parametrize("line", [-3, 0, 1, 4, 10_000])
def test_a_line_that_is_not_of_the_text_is_refused(line: int) -> None:
    with pytest.raises(InvalidRequestError):
        mend(HEAD + "http://a.example", "link-http", line)


@pytest.mark.parametrize("code", ["alt-missing", "", "no-such-code", "subject-empty"])
def test_what_takes_a_person_is_refused(code: str) -> None:
    with pytest.raises(InvalidRequestError, match="takes a person"):
        put_right("Words", code)


def test_every_mend_is_of_a_finding_that_there_is() -> None:
    assert set(MENDS) <= set(CODES)


def test_a_finding_is_accepted_beside_those_that_were_and_the_text_stays() -> None:
    once = accept(HEAD + "Words", "link-http")
    assert once == "---\ntitle: Ferries\ndate: 2026-12-01\naccept: [link-http]\n---\n\nWords"
    twice = accept(accept(once, "heading-skips"), "heading-skips")
    assert twice.count("accept: [link-http, heading-skips]\n") == 1


@pytest.mark.parametrize("code", ["subject-empty", "footer-link", "accept-idle", "no-such-code"])
def test_what_would_break_the_send_or_the_law_is_not_accepted(code: str) -> None:
    assert not can_be_accepted(code)
    with pytest.raises(InvalidRequestError, match="has to be put right"):
        accept(HEAD + "Words", code)


def test_a_draft_without_front_matter_is_accepted_for_too() -> None:
    assert accept("Words", "link-http") == "---\naccept: [link-http]\n---\n\nWords"
