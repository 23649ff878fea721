import contextlib
import datetime
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import InvalidIssueError
from newsletter.issues.domain.issue import Issue, Problem, SendPolicy
from newsletter.issues.domain.upload import LARGEST_ISSUE
from newsletter.issues.writing.front_matter import parse_issue

GOOD = "---\ntitle: More for more\ndate: 2026-12-01\n---\n\nThe text.\n"


def parse(source: str | bytes, slug: str = "2026-12-01-more") -> Issue:
    return parse_issue(slug, source.encode() if isinstance(source, str) else source)


def problems(source: str | bytes, slug: str = "2026-12-01-more") -> list[Problem]:
    with pytest.raises(InvalidIssueError) as caught:
        parse(source, slug)
    found = list(caught.value.problems)
    assert all(problem.message.endswith(".") and problem.remedy for problem in found)
    return [Problem(problem.line, problem.message, problem.remedy) for problem in found]


def front_matter(*lines: str) -> str:
    return "\n".join(["---", "title: T", "date: 2026-12-01", *lines, "---", "Text."])


def test_two_fields_are_enough() -> None:
    issue = parse(GOOD)

    assert (issue.title, issue.subject, issue.date) == (
        "More for more",
        "More for more",
        datetime.date(2026, 12, 1),
    )
    assert (issue.ready, issue.send, issue.lang) == (True, SendPolicy.SCHEDULED, "en")
    assert issue.source_hash == hashlib.sha256(GOOD.encode()).hexdigest()


def test_every_field_is_read() -> None:
    issue = parse(
        front_matter(
            "subject: 'Care: who decides?'",
            "summary: |\n  Two lines\n  of summary.",
            "author: A. Writer",
            "topics: [care, housing]",
            "lang: cy",
            "image: chart.png",
            "image_alt: A chart.",
            "canonical: https://example.org/first",
            "status: draft",
            "send: never",
        )
    )

    assert issue.subject == "Care: who decides?"
    assert issue.summary == "Two lines of summary."
    assert issue.topics == ("care", "housing")
    assert (issue.lang, issue.image, issue.image_alt) == ("cy", "chart.png", "A chart.")
    assert issue.canonical == "https://example.org/first"
    assert (issue.ready, issue.send) == (False, SendPolicy.NEVER)


def test_a_value_is_the_text_that_was_typed() -> None:
    issue = parse("---\ntitle: 1984\ndate: 2026-12-01\nlang: no\nauthor: null\n---\nText.")

    assert (issue.title, issue.lang, issue.author) == ("1984", "no", "null")


def test_topics_may_stand_on_one_line() -> None:
    assert parse(front_matter("topics: care, public housing")).topics == ("care", "public housing")


def test_windows_files_are_read_like_others() -> None:
    issue = parse(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())

    assert (issue.title, issue.body) == ("More for more", "\nThe text.\n")


def test_the_summary_is_the_first_paragraph_that_is_not_a_greeting() -> None:
    body = f"Hello {{{{ name | there }}}},\n\nThe **first** real [paragraph](https://example.org) {'goes on ' * 30}"

    summary = parse(f"---\ntitle: T\ndate: 2026-12-01\n---\n# Head\n\n{body}").summary

    assert summary.startswith("The first real paragraph goes on")
    assert summary.endswith("…")
    assert len(summary) <= 161


def test_a_greeting_alone_is_the_summary_when_there_is_nothing_else() -> None:
    assert parse("---\ntitle: T\ndate: 2026-12-01\n---\nHello {{ name | you }}.").summary == "Hello you."


@pytest.mark.parametrize(
    ("source", "line", "part"),
    [
        ("", 1, "does not begin with front matter"),
        ("# Title\n\nText.", 1, "does not begin with front matter"),
        ("---\ntitle: T\n", 1, "does not end"),
        ("---\n---\nText.", None, "no `title`"),
        ("---\n- title\n- date\n---\nText.", 2, "not a list of fields"),
        ("---\ndate: 2026-12-01\n---\nText.", None, "no `title`"),
        ("---\ntitle: T\n---\nText.", None, "no `date`"),
        ("---\ntitle:\ndate: 2026-12-01\n---\nText.", 2, "no `title`"),
        ("---\ntitle: T\ndate: December 2026\n---\nText.", 3, "not a date"),
        ("---\ntitle: T\ndate: 31 June 2026\n---\nText.", 3, "not a date"),
        ("---\ntitle: T\ndate: 1 to 3 December 2026\n---\nText.", 3, "not a date"),
        ("---\ntitle: T\ndate: 1–3 December 2026\n---\nText.", 3, "not a date"),
        ("---\ntitle: T\ndate: 01/12/2026\n---\nText.", 3, "not a date"),
        ("---\ntitle: T\ndate: 2026-12-01 09:00\n---\nText.", 3, "not a date"),
        ("---\ntitle: T\ndate: 2026-W49-2\n---\nText.", 3, "not a date"),
        ("---\ntitle: T\ndate: 2026-02-30\n---\nText.", 3, "not a date"),
        ("---\ntitle: T\ndate: 0001-01-01\n---\nText.", 3, "wrong century"),
        ("---\ntitle: T\ndate: 9999-12-31\n---\nText.", 3, "wrong century"),
        ('---\ntitle: "T\\ud800"\ndate: 2026-12-01\n---\nText.', 2, "invisible character"),
        ('---\ntitle: T\ndate: 2026-12-01\ntopics: [a, "\\x01"]\n---\nText.', 4, "invisible character"),
        ('---\ntitle: T\ndate: 2026-12-01\n"\\ud800": T\n---\nText.', 4, "invisible character"),
        ("---\ntitle: Care: who decides?\ndate: 2026-12-01\n---\nText.", 2, "second colon"),
        ("---\ntitle: T\n\tdate: 2026-12-01\n---\nText.", 3, "tab"),
        ('---\ntitle: "T\ndate: 2026-12-01\n---\nText.', None, "cannot be read"),
        ("---\ntitle: T\x07\ndate: 2026-12-01\n---\nText.", 2, "invisible character"),
        (front_matter("titel: again"), 4, "`titel` is not a field"),
        (front_matter("title: again"), 4, "there twice"),
        (front_matter("status: done"), 4, "not a value of `status`"),
        (front_matter("send: soon"), 4, "not a value of `send`"),
        (front_matter("lang: English"), 4, "not a language"),
        (front_matter("canonical: example.org"), 4, "not a web address"),
        (front_matter("canonical: javascript:alert(1)"), 4, "not a web address"),
        (front_matter("image: chart.png"), 4, "no `image_alt`"),
        (front_matter("author: [a, b]"), 4, "is a list"),
        (front_matter("author: {first: a}"), 4, "fields or lists of its own"),
        (front_matter("topics: [[a], b]"), 4, "fields or lists of its own"),
        (front_matter("author: &me Ann", "summary: *me"), 4, "anchor or alias"),
        (front_matter("author: !!python/object:os.system x"), 4, "YAML tag"),
        (front_matter("? [a]\n: b"), 4, "not a field"),
        ("---\ntitle: T\ndate: 2026-12-01\n---\n \n", None, "no text"),
        ("---\ntitle: T\ndate: 2026-12-01\n---\nA\n\0", 6, "zero byte"),
        (b"---\ntitle: caf\xe9\n---\n", 2, "not UTF-8"),
        (GOOD.encode("utf-16"), 1, "UTF-16"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 1, "not UTF-8"),
        (b"x" * (LARGEST_ISSUE + 1), None, "bytes"),
        (f"---\ntitle: {'x' * 20_000}\n---\nText.", 1, "longer"),
    ],
)
def test_a_bad_file_is_refused_with_line_and_remedy(source: str | bytes, line: int | None, part: str) -> None:
    assert any(part in problem.message and line in (problem.line, None) for problem in problems(source))


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("15 December 2026", "2026-12-15"),
        ("15 Dec 2026", "2026-12-15"),
        ("15 Dec. 2026", "2026-12-15"),
        ("Tuesday, 15th of December 2026", "2026-12-15"),
        ("December 15, 2026", "2026-12-15"),
        ("2026/12/15", "2026-12-15"),
        ("2026.1.5", "2026-01-05"),
        ("15/12/2026", "2026-12-15"),
        ("12/15/2026", "2026-12-15"),
        ("03/03/2026", "2026-03-03"),
        ("15.12.2026", "2026-12-15"),
        ("4.3.2026", "2026-03-04"),
        ("Dienstag, 15. Dezember 2026", "2026-12-15"),
        ("1. März 2026", "2026-03-01"),
        ("mardi 1er décembre 2026", "2026-12-01"),
        ("le 15 août 2026", "2026-08-15"),
        ("15 de diciembre de 2026", "2026-12-15"),
        ("15 Rhagfyr 2026", "2026-12-15"),
        ("1af o Fai 2026", None),
    ],
)
def test_a_date_is_taken_as_people_write_it_in_our_languages(written: str, day: str | None) -> None:
    source = f"---\ntitle: T\ndate: {written}\n---\nText."
    if day is None:
        assert "not a date" in problems(source)[0].message
    else:
        assert parse(source).date.isoformat() == day


def test_a_date_that_can_be_two_days_is_asked_about_with_both() -> None:
    (found,) = problems("---\ntitle: T\ndate: 03/04/2026\n---\nText.")

    assert (found.line, "3 April or 4 March" in found.message) == (3, True)
    assert found.remedy.endswith("date: 2026-04-03 or date: 2026-03-04")


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ('title: "Ten years on', 'title: "Ten years on"'),
        ("title: 'Ten years on", 'title: "Ten years on"'),
        ('title: He said "yes": and left', "title: 'He said \"yes\": and left'"),
        ('title: "Ten" years on', "title: '\"Ten\" years on'"),
        ('title: "He said "yes" to it"', "title: 'He said \"yes\" to it'"),
        ("title: 'It's here'", 'title: "It\'s here"'),
        ("title: Housing: ten years on", 'title: "Housing: ten years on"'),
        ("summary: \"It's\" what 'they' say", "summary: '\"It''s\" what ''they'' say'"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_line_that_cannot_be_read_is_the_only_problem_and_its_remedy_can_be_copied(
    line: str, remedy: str, first: bool
) -> None:
    lines = [line, "date: 2026-12-01"] if first else ["date: 2026-12-01", "lang: en", line]
    (found,) = problems("---\n" + "\n".join(lines) + "\n---\nText.")

    assert found.line == (2 if first else 4)
    assert found.remedy.endswith(f": {remedy}")
    name, _, value = remedy.partition(": ")
    mended = parse("---\ndate: 2026-12-01\n" + ("" if name == "title" else "title: T\n") + f"{remedy}\n---\nText.")
    assert getattr(mended, name) == value[1:-1].replace("''", "'")


def test_a_file_that_is_too_large_says_what_weighs_most() -> None:
    picture = f"![A chart](data:image/png;base64,{'QUJD' * 70_000})"
    (found,) = problems(f"---\ntitle: T\ndate: 2026-12-01\n---\n# One\n\n{picture}\n\n# Two\n\nText.")

    assert "a picture that stands in the text itself: 280 KB of 280 KB" in found.message


def test_all_problems_are_named_at_once_in_the_order_of_the_file() -> None:
    found = problems("---\nstatus: done\ntitel: T\ndate: soon\n---\n")

    assert [problem.line for problem in found] == [None, None, 2, 3, 4]


def test_the_error_names_the_file() -> None:
    with pytest.raises(InvalidIssueError, match=r"issues/2026-12-01-more\.md, line 2: .* is not a date"):
        parse("---\ndate: soon\ntitle: T\n---\nText.")


@pytest.mark.parametrize("slug", ["", "../x", "Two Words", "a_b", "-a", "a--b", "ünter", "x" * 101, "a\n"])
def test_a_file_name_that_cannot_be_an_address_is_refused(slug: str) -> None:
    assert "web address" in problems(GOOD, slug)[0].message


def test_a_nest_of_ten_thousand_lists_is_refused_quickly() -> None:
    assert problems("---\ntitle: " + "[" * 10_000 + "]" * 5_000 + "\n---\nText.")


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: f"---\n{text}\n---\nT".encode())))
def test_any_file_is_an_issue_or_a_list_of_problems(source: bytes) -> None:
    with contextlib.suppress(InvalidIssueError):
        assert parse(source).title


def test_an_issue_knows_where_its_fields_and_its_text_begin() -> None:
    lines = parse_issue("x", b"---\n# a remark\ntitle: T\ndate: 2026-12-01\n---\n\nText.").lines

    assert lines == {"title": 3, "date": 4, "body": 6}
