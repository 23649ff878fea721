import json

from newsletter.issues.domain.issue import Problem
from newsletter.issues.domain.preflight import Finding, Level, Preflight
from newsletter.issues.domain.problem_list import problem_list

ERROR = Finding(Level.ERROR, "links", "`htp://a` is no address.", "Write it in full.", 14, "link-short")
WARNING = Finding(Level.WARNING, "subject", "The subject is long.", "Shorten it.")


def test_an_error_blocks_and_a_warning_does_not() -> None:
    assert Preflight((WARNING, ERROR)).blocks
    assert not Preflight((WARNING,)).blocks
    assert Preflight((WARNING, ERROR)).errors == (ERROR,)
    assert Preflight((WARNING, ERROR)).warnings == (WARNING,)


def test_the_json_is_the_same_for_the_same_result_and_says_its_version() -> None:
    one = Preflight((ERROR, WARNING), {"words": 3, "html_bytes": 9}, "a" * 64)
    other = Preflight((ERROR, WARNING), {"html_bytes": 9, "words": 3}, "a" * 64)

    assert one.to_json() == other.to_json()
    assert json.loads(one.to_json()) == {
        "version": 2,
        "content_hash": "a" * 64,
        "measures": {"html_bytes": 9, "words": 3},
        "errors": [
            {
                "code": "link-short",
                "level": "error",
                "check": "links",
                "line": 14,
                "message": "`htp://a` is no address.",
                "remedy": "Write it in full.",
            }
        ],
        "warnings": [
            {
                "code": "",
                "level": "warning",
                "check": "subject",
                "line": None,
                "message": "The subject is long.",
                "remedy": "Shorten it.",
            },
        ],
        "accepted": [],
    }


def test_problems_of_a_file_and_findings_are_one_kind_of_list_with_errors_first() -> None:
    listed = problem_list("issues/next.md", [WARNING, Problem(3, "`12 Dec` is not a date.", "Write it so."), ERROR])

    assert listed == (
        "issues/next.md\n"
        "\n"
        "Must be fixed:\n"
        "\n"
        "1. Line 3: `12 Dec` is not a date.\n"
        "   Write it so.\n"
        "\n"
        "2. Line 14: `htp://a` is no address.\n"
        "   Write it in full. [link-short]\n"
        "\n"
        "Worth a look:\n"
        "\n"
        "3. The subject is long.\n"
        "   Shorten it.\n"
    )


def test_a_list_of_problems_fits_an_ordinary_terminal_and_leaves_addresses_whole() -> None:
    address = "https://example.org/" + "long-" * 20
    listed = problem_list("issues/next.md", [Problem(3, f"The link to {address} " + "goes nowhere " * 20, "Mend it.")])

    assert address in listed
    assert all(len(line) <= 80 for line in listed.splitlines() if address not in line)
