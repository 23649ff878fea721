"""What is lost between the source and the reader is pointed to, with its line; the rest is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from newsletter.issues.domain.preflight import Finding, Level
from tests.issues.rendering_samples import rendered
from tests.issues.test_preflight import look, only

TABLE = "| a | b |\n| - | - |\n"


def found_in(body: str, **changes: Any) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.line) for finding in look(body, **changes).findings if finding.check == "source"]


@pytest.mark.parametrize(
    "element",
    [
        "iframe",
        "video",
        "audio",
        "object",
        "embed",
        "svg",
        "canvas",
        "math",
        "form",
        "input",
        "select",
        "button",
        "script",
    ],
)
def test_an_element_that_is_lost_with_what_it_shows_is_refused(element: str) -> None:
    finding = only(look(f"Words.\n\n<{element} src='https://gov.uk/'>a</{element}>\n\nMore."))

    assert (finding.level, finding.code, finding.line) == (Level.ERROR, "lost-element", 3)
    assert f"<{element}>" in finding.message


@pytest.mark.parametrize(
    ("body", "code", "line"),
    [
        ("Words.\n\nA <font color='red'>red</font> word.", "lost-tag", 3),
        ("One\ntwo <center>three</center>.", "lost-tag", 2),
        ("<div>\n<p style='color: red'>Red</p>\n</div>", "lost-style", 2),
        ("Words.\n\n<style>p { color: red }</style>\n\nMore.", "lost-style", 3),
        (f"{TABLE}| 1 | 2 | 3 |", "table-lost", 3),
        ("> | a | b |\n> | - | - |\n> | 1 | 2 | 3 |", "table-lost", 3),
        ("Words.\n\n| a | b | c |\n| - | - |\n| 1 | 2 | 3 |", "table-unread", 3),
        ("- [ ] Buy milk\n- [x] Done", "task-list", 1),
        ("Term\n: What it means", "definition-list", 2),
        ("Housing : a roof\nHealth : a doctor", "definition-list", 1),
        ("Click [here, to book](https://gov.uk/){.button}", "attribute-list", 1),
        ("· One\n· Two\n· Three", "list-unread", 1),
        ("Words.\n\n• One\n\n• Two", "list-unread", 3),
        ("- One<br>- Two<br>- Three", "list-unread", 1),
        ("Words:<br />- One<br />- Two<br />", "list-unread", 1),
        ("> [!HUH]\n> Words.", "block-unknown", 1),
        ("Words.\n\n> [!EVENT] Tea\n> When: soon", "block-event", 3),
        ("Words.\n\n> [!BUTTON]\n> None.", "block-button", 3),
    ],
)
def test_what_does_not_arrive_as_written_is_found_on_its_line(body: str, code: str, line: int) -> None:
    assert (code, line) in found_in(body)
    assert {each for each, _ in found_in(body)} == {code}


@pytest.mark.parametrize(
    "body",
    [
        "<!-- <iframe> a note to us -->\n\nWords.",
        "Words <!-- <video> --> and more.",
        "`<iframe>` and\n\n```html\n<form style='x'>\n- [ ] {.a}\n```",
        "# One\n\n<h1>Two</h1>\n\n<details><summary>a</summary>b</details>",
        f"{TABLE}| 1 |\n| 1 | 2 |\n| `a \\| b` | 2 |\n| 1 | 2 | |",
        "Note : la réunion\nLieu : Paris",
        "Roses are red<br>Violets are blue<br>Sugar is sweet",
        "A list:\n\n- One\n- Two",
        "At 10 : 30 we begin.",
        "The dot · between · words.",
        "[x] marks the spot, {1, 2} is a set and {#} a sign.",
        "• One bullet is an ornament.",
        "> [!NOTE]\n> All is well.",
        "-----\n\nA | B",
    ],
)
def test_what_arrives_is_left_alone(body: str) -> None:
    assert found_in(body, lang="fr" if "Lieu" in body else "en") == []


def test_a_paste_of_many_tags_is_one_finding_for_each_kind() -> None:
    body = "\n\n".join("<font color='red'><span style='a'>Words</span></font>" for _ in range(40))

    assert [code for code, _ in found_in(body)] == ["lost-tag", "lost-style"]
    assert "(40 times)" in look(body).findings[0].message


@pytest.mark.parametrize("piece", ["<!--", "<a ", '<a "', "<svg", "{.a ", "a : b\n", "· a\n", "|", "<br>- "])
def test_a_file_of_one_piece_again_and_again_takes_moments(piece: str) -> None:
    look(piece * 4000)


def accepting(*codes: str, body: str = "Words.\n\nA [page](http://gov.uk/).") -> tuple[list[str], list[Finding]]:
    found = look(body, accept=codes, lines={"accept": 4})
    return [finding.code for finding in found.findings], list(found.accepted)


def test_an_accepted_finding_holds_nothing_up_and_is_still_told() -> None:
    left, accepted = accepting(
        "link-http", "lost-element", body="<iframe src='https://gov.uk/'></iframe>\n\n[A](http://gov.uk/)"
    )

    assert left == []
    assert [finding.code for finding in accepted] == ["lost-element", "link-http"]
    found = look("<iframe></iframe>\n\nWords.", accept=("lost-element",))
    assert not found.blocks


def test_more_of_a_kind_than_are_listed_are_all_accepted() -> None:
    left, accepted = accepting("link-http", body=" ".join(f"[Page {n}](http://gov.uk/{n})" for n in range(40)))

    assert (left, len(accepted)) == ([], 40)


@pytest.mark.parametrize(
    ("code", "told"),
    [("nonsense", "accept-unknown"), ("alt-missing", "accept-idle"), ("subject-empty", "accept-final")],
)
def test_accepting_what_is_not_there_or_must_not_be_is_pointed_to(code: str, told: str) -> None:
    found = look(accept=(code,), lines={"accept": 4})

    assert [(finding.level, finding.code, finding.line) for finding in found.findings] == [(Level.WARNING, told, 4)]


def test_what_would_break_the_send_cannot_be_accepted() -> None:
    left, accepted = accepting("subject-too-long", body="Words.")
    assert (left, accepted) == (["accept-final"], [])

    found = look(subject="s" * 300, accept=("subject-too-long",))
    assert found.blocks
    assert [finding.code for finding in found.findings] == ["subject-too-long", "accept-final"]


def test_what_is_accepted_is_part_of_what_is_approved() -> None:
    one, other = rendered("Words."), rendered("Words.", accept=("link-http",))

    assert one.content_hash != other.content_hash
    assert one.accepted == ()
    assert one.reads_like(other)


@pytest.mark.parametrize(
    "words",
    ["The size |x| is 3.", "|A| + |BC| = 4", "The FIXME Festival opens.", "FIXME Festival", "A TODO list helps."],
)
def test_words_that_only_look_like_placeholders_or_notes_pass(words: str) -> None:
    assert look(words).findings == ()


@pytest.mark.parametrize(
    "words", ["TODO Write this", "Words. FIXME ask Ann", "(TODO) Words", "Words TODO: more", "Words. TODO"]
)
def test_notes_to_oneself_are_refused(words: str) -> None:
    assert [finding.code for finding in look(words).findings] == ["leftover"]


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("www.gov.uk", "https://evil.uk/"),
        ("https://www.gov.uk/tax", "https://gov.uk.evil.net/tax"),
        ("gov.uk", "https://notgov.uk/"),
    ],
)
def test_words_that_name_another_site_are_pointed_to(words: str, address: str) -> None:
    finding = only(look(f"Words.\n\nThe page [{words}]({address}) is out."))

    assert (finding.level, finding.code, finding.line) == (Level.WARNING, "link-elsewhere", 3)


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("www.gov.uk", "https://gov.uk/tax"),
        ("gov.uk", "https://www.tax.gov.uk/"),
        ("www.tax.gov.uk", "https://gov.uk/"),
        ("report.pdf", "https://gov.uk/r.pdf"),
        ("Node.js", "https://nodejs.dev/"),
        ("main.rs", "https://github.com/a/b"),
        ("ann@gov.uk", "mailto:ann@gov.uk"),
        ("The gov.uk page", "https://elsewhere.uk/"),
    ],
)
def test_words_that_name_the_site_or_none_pass(words: str, address: str) -> None:
    assert look(f"The [{words}]({address}) is out.").findings == ()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            "<p style='color: red; margin: 0 0 0 0'>Words and more words</p>\n\n" * 4000,
            "4,000 styles and classes in its HTML",
        ),
        ("# One\n\nWords.\n\n# Two\n\n" + "Words and words. " * 9000, "Its heaviest part is “Two”"),
    ],
)
def test_an_email_that_is_too_large_says_what_weighs_most(body: str, says: str) -> None:
    assert says in next(finding.message for finding in look(body).findings if finding.code == "size-clipped")
