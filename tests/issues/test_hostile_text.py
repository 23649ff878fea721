"""Whatever stands in an issue, page and mail stand unharmed around it, or the issue is refused with a remedy."""

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.errors import InvalidIssueError
from newsletter.issues.domain.upload import LARGEST_ISSUE
from newsletter.issues.writing.front_matter import parse_issue
from tests.issues.rendering_samples import rendered
from tests.issues.safe_html import assert_safe

CORPUS = sorted(path for path in (Path(__file__).parents[1] / "corpus").glob("*.md") if path.name != "README.md")
HEAD = b"---\ntitle: T\ndate: 2026-12-01\n---\n"

PIECES = st.sampled_from(
    [line for path in CORPUS for line in path.read_text("utf-8").split("\n") if line]
    + [*"*_~`[]()<>!|#&\\{}\"'=-+.:;/ \t\n1a", "\n\n", "\n> ", "\n- ", "\n1. ", "\n    ", "\n```", "\n|-|-|\n", "[^a]"]
    + [
        "\n[^a]: ",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "?>",
        "<b",
        "</b>",
        "<a href=",
        "{{ name | a }}",
        "{{",
        "}}",
    ]
    + ["https://example.org/", "](a.png)", "<table><tr>", "</table>", "<li>", "<details>", "\0", "\r", "\u2028", "é"]
)


def outcome(body: str) -> None:
    """Render a text: it becomes something safe, or is refused, and nothing else."""
    with contextlib.suppress(InvalidIssueError):
        assert_safe(rendered(body))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_what_was_tried_before_does_no_harm(path: Path) -> None:
    outcome(parse_issue("2026-12-01-words", HEAD + path.read_bytes()).body)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=80))
def test_what_nobody_tried_yet_does_no_harm(body: str) -> None:
    outcome(body)


@pytest.mark.parametrize(
    "body",
    [
        "# a\n" * 60_000,
        "[^a]" * 20_000 + "\n\n[^a]: n",
        "|a" * 5_000 + "\n" + "|-" * 5_000 + "\n" + "a\n" * 5_000,
        f"[a]: /{'u' * 100_000}\n\n" + "[a] " * 10_000,
        "<b></b>" * 30_000,
    ],
    ids=["headings", "footnotes", "columns", "one address ten thousand times", "tags"],
)
def test_a_small_file_that_would_become_a_huge_issue_is_refused(body: str) -> None:
    assert len(body) <= LARGEST_ISSUE
    with pytest.raises(InvalidIssueError, match="Make several issues of it"):
        rendered(body)


@pytest.mark.parametrize(
    "piece",
    [
        "a <![CDATA[",
        "a <!--",
        "a <?",
        "a <!A ",
        "\\",
        "*a_ ",
        "![",
        "^[a",
        "`a``b",
        "~~a",
        "<",
        "&a",
        "{{name|a",
        "a@b.",
    ],
)
def test_no_text_takes_the_square_of_its_length(piece: str) -> None:
    """Each takes half a second or so. Some took minutes, before what they do was bounded; that is the difference."""
    body = piece * (60_000 // len(piece))
    begun = time.process_time()

    with contextlib.suppress(InvalidIssueError):
        rendered(body)

    assert time.process_time() - begun < 10
