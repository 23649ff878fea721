"""The preflight: what is refused, what is pointed to, and that a good issue hears nothing."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.errors import InvalidIssueError
from newsletter.issues.checking.preflight import MOST, IssueChecks
from newsletter.issues.checking.preflight_answers import Answer
from newsletter.issues.checking.preflight_codes import CODES, Code
from newsletter.issues.domain.issue import Issue, IssueStatus, RenderedIssue, SendPolicy
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.preflight import Finding, Level, Preflight
from newsletter.issues.domain.problem_list import problem_list
from newsletter.issues.writing.front_matter import parse_issue
from tests.factories import record
from tests.issues.rendering_samples import NEWSLETTER, RENDERER, ROOT, SAMPLE, URL, issue, rendered

TODAY = datetime.date(2026, 11, 24)
WORDS = "Words enough for a mail that is more than its pictures. " * 3
CHECKED = IssueChecks(NEWSLETTER, URL)


def look(body: str = "Words.", *, checks: IssueChecks = CHECKED, **changes: Any) -> Preflight:
    """Return the preflight of an issue with this body; `missing`, `refused`, `others` and `today` may be given too."""
    given_to_check: dict[str, Any] = {"missing": (), "refused": {}, "others": (), "today": TODAY}
    for name in tuple(given_to_check):
        given_to_check[name] = changes.pop(name, given_to_check[name])
    written = issue(body, **changes)
    return checks.check(written, shown(written), **given_to_check)


def shown(written: Issue, weight: int = 1) -> RenderedIssue:
    """Return the issue rendered, each of its pictures as if it stood there."""
    return RENDERER.open(written).render(
        {
            name: Picture(name, f"issues/{written.slug}/{name.rpartition('.')[0]}-0123456789ab.png", 600, 400, weight)
            for name in RENDERER.open(written).pictures
        },
    )


def judged(mail: RenderedIssue, checks: IssueChecks = CHECKED) -> Preflight:
    """Return the preflight of an issue that is rendered already."""
    return checks.check(issue(), mail, missing=(), refused={}, others=(), today=TODAY)


def names(found: Preflight) -> list[tuple[str, str]]:
    return [(finding.level.value, finding.check) for finding in found.findings]


def only(found: Preflight) -> Finding:
    assert len(found.findings) == 1, problem_list("issues/x.md", found.findings)
    return found.findings[0]


def test_a_good_issue_hears_nothing() -> None:
    assert (
        look("Hello {{ name | there }},\n\n## One\n\nA [report](https://gov.uk/a) by us.\n\n### Two\n\nEnd.").findings
        == ()
    )


def test_the_sample_has_no_error_and_its_invented_addresses_are_pointed_to() -> None:
    sample = parse_issue(SAMPLE.stem, SAMPLE.read_bytes())
    found = CHECKED.check(sample, shown(sample), missing=(), refused={}, others=(), today=TODAY)

    assert {(finding.level, finding.check) for finding in found.findings} == {(Level.WARNING, "link")}
    for finding in found.findings:
        assert finding.line is not None
        assert "https://example.org/" in SAMPLE.read_text().split("\n")[finding.line - 1]


def test_what_was_measured_is_told_with_the_hash_of_what_was_looked_at() -> None:
    body = "One two [three](https://gov.uk/).\n\n## Four\n\n![five six](a.png)"
    found = look(body)

    assert {name: found.measures[name] for name in ("words", "links", "headings", "pictures", "links_asked")} == {
        "words": 4,
        "links": 1,
        "headings": 1,
        "pictures": 1,
        "links_asked": 0,
    }
    assert found.measures["html_bytes"] > found.measures["text_bytes"] > 0
    assert found.content_hash == shown(issue(body)).content_hash


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://localhost:3000/x", "private network can know"),
        ("https://intranet/news", "private network can know"),
        ("https://nas.local/", "private network can know"),
        ("https://wiki.internal/", "private network can know"),
        ("https://10.0.0.1/", "in a private network"),
        ("https://169.254.169.254/latest/meta-data/", "in a private network"),
        ("https://[::1]/", "in a private network"),
        ("https://2130706433/", "in a private network"),
        ("https://0x7f.1/", "in a private network"),
        ("https://me:secret@gov.uk/", "user name"),
        ("https://gov..uk/", "no host that can exist"),
        ("https://-gov.uk/", "no host that can exist"),
        (f"https://{'a' * 64}.uk/", "no host that can exist"),
        ("https://gov.uk:99999/", "leads nowhere"),
        ("mailto:nobody", "no email address"),
        ("tel:x", "not a telephone number"),
    ],
)
def test_an_address_that_cannot_work_is_refused_with_its_line(address: str, says: str) -> None:
    finding = only(look(f"Words.\n\nThe [report]({address}) is out."))

    assert (finding.level, finding.check, finding.line) == (Level.ERROR, "link", 3)
    assert says in finding.message


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://gov.uk/", "http:"),
        ("https://8.8.8.8/", "is a number"),
        ("https://www.example.com/q", "for examples"),
        ("#nowhere", "no heading"),
    ],
)
def test_an_address_that_is_doubtful_is_pointed_to(address: str, says: str) -> None:
    finding = only(look(f"The [report]({address}) is out."))

    assert (finding.level, finding.check, finding.line) == (Level.WARNING, "link", 1)
    assert says in finding.message


@pytest.mark.parametrize(
    "address",
    [
        "https://münchen.de/straße",
        "https://xn--mnchen-3ya.de/",
        "https://my_site.gov.uk./a?b=c&d=[e]#f",
        "https://gov.uk:8443/",
        "mailto:press@gov.uk?subject=Hello%20there",
        "tel:+44-113-496-0000",
        "2026-11-17-another.md",
        "#a-heading",
        "plan.pdf",
    ],
)
def test_an_address_that_can_work_passes(address: str) -> None:
    assert look(f"The [report]({address}) is out.\n\n## A heading\n\nWords.").findings == ()


def test_our_own_address_passes_wherever_the_newsletter_is_at_home() -> None:
    """On the laptop everything is on loopback, over http."""
    at_home = RENDERER.__class__(RENDERER._templates, NEWSLETTER, "http://127.0.0.1:8080")  # noqa: SLF001
    written = issue("The [last one](2026-11-17-another.md).")
    found = IssueChecks(NEWSLETTER, "http://127.0.0.1:8080").check(
        written, at_home.open(written).render({}), missing=(), refused={}, others=(), today=TODAY
    )

    assert found.findings == ()


@pytest.mark.parametrize(
    "source",
    [
        "[a plan](https://gov.uk/the plan)",
        "[x](javascript:alert(1))",
        "[x](data:text/html,y)",
        '<a href="vbscript:x">x</a>',
    ],
)
def test_a_link_that_was_not_understood_or_not_allowed_is_refused(source: str) -> None:
    finding = only(look(f"See {source} for more."))

    assert (finding.level, finding.check, finding.line) == (Level.ERROR, "link", 1)


def test_a_place_to_link_to_is_no_broken_link() -> None:
    assert look('<a id="here">A place</a> and [the way](#here) to it.').findings == ()


def test_a_link_needs_words_and_good_ones() -> None:
    assert names(look("Words [](https://gov.uk/).")) == [("error", "link words")]
    assert names(look("Words [click here](https://gov.uk/).")) == [("warning", "link words")]
    assert names(look("Mots, [Lire la suite…](https://gov.uk/).", lang="fr")) == [("warning", "link words")]
    assert names(look(f"{WORDS} [![The gate](a.png)](https://gov.uk/).")) == []


@pytest.mark.parametrize(
    "typed",
    ["{{ first_name }}", "{{name}}", "*|FNAME|*", "%recipient%", "%recipient.name%", "{name}", "{first name}",
     "<%= name %>", "${user}", "%%emailaddr%%", "[[first_name]]", "{% if x %}"],
)  # fmt: skip
def test_a_placeholder_of_any_mail_system_is_refused(typed: str) -> None:
    shown = typed.replace("<", "&lt;")
    finding = only(look(f"Words.\n\nDear {shown}, all is well."))

    assert (finding.level, finding.check) == (Level.ERROR, "placeholder")


@pytest.mark.parametrize("typed", ["[First name]", "[insert date here]", "[your name]", "[link]"])
def test_square_brackets_for_something_to_come_are_pointed_to(typed: str) -> None:
    assert names(look(f"Dear {typed}, all is well.")) == [("warning", "placeholder")]


@pytest.mark.parametrize(
    "source",
    ["`{{ first_name }}`", "```\nTODO: *|FNAME|* lorem ipsum\n```",
     "{{ name | there }}", "A set {1, 2}.", "100 % of 5 %",
     "A footnote.[^1]\n\n[^1]: Said so.", "[a link](https://gov.uk/)", "tk and todo in small letters",
     "The ATKINS report"],
)  # fmt: skip
def test_what_only_looks_like_one_passes(source: str) -> None:
    assert look(source).findings == ()


def test_a_placeholder_in_the_subject_names_the_line_of_the_subject() -> None:
    source = "---\ntitle: T\ndate: 2026-12-01\nsubject: News for {{ first_name }}\n---\nWords.\n"
    written = parse_issue("x", source.encode())
    found = CHECKED.check(written, shown(written), missing=(), refused={}, others=(), today=TODAY)

    assert (only(found).check, only(found).line) == ("placeholder", 4)


def test_a_variable_that_nobody_fills_is_refused_and_breaks_nothing() -> None:
    mail = rendered()
    found = judged(replace(mail, html=mail.html.replace("</body>", "{{surprise}}</body>")))

    assert ("error", "placeholder") in names(found)
    assert any("surprise" in finding.message for finding in found.errors)


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ("TODO: ask Ann", "error"),
        ("It cost TK pounds", "error"),
        ("It cost TKTK pounds", "error"),
        ("FIXME", "error"),
        ("Lorem ipsum dolor sit amet", "error"),
        ("Socks from TK Maxx", "warning"),
        ("The venue is TBC", "warning"),
        ("On XXX of May", "warning"),
    ],
)
def test_what_is_left_over_from_writing_is_found(words: str, level: str) -> None:
    found = look(f"Before.\n\n{words}")

    assert names(found) == [(level, "leftover")] * len(found.findings)
    assert found.findings
    assert found.findings[0].line == 3


def test_todo_is_a_word_in_spanish() -> None:
    assert names(look("TODO el mundo.", lang="es")) == [("warning", "leftover")]


def test_missing_and_refused_pictures_are_errors_that_say_why() -> None:
    found = look(f"{WORDS}\n\n![A gate](gate.png)", missing=["gate.png"], refused={"old.svg": "Make a PNG of it."})

    assert names(found) == [("error", "picture"), ("error", "picture")]
    assert found.findings[0].line == 3
    assert found.findings[1].remedy == "Make a PNG of it."


def test_a_picture_from_elsewhere_is_pointed_to() -> None:
    finding = only(look(f"{WORDS}\n\n![A gate](https://cdn.elsewhere.uk/gate.png)"))

    assert (finding.level, finding.check) == (Level.WARNING, "picture")
    assert "cdn.elsewhere.uk" in finding.message


def test_heavy_pictures_are_pointed_to_alone_and_together() -> None:
    written = issue(f"{WORDS}\n\n![A gate](gate.png)\n\n" + "\n\n".join(f"![A wall](wall{n}.png)" for n in range(5)))

    def weighing(each: int) -> Preflight:
        mail = shown(written, each)
        return CHECKED.check(written, mail, missing=(), refused={}, others=(), today=TODAY)

    assert weighing(200_000).findings == ()
    assert only(weighing(260_000)).message == "The pictures weigh 1,560 KB together."
    found = weighing(301_000)
    assert names(found) == [("warning", "weight")] * 7
    assert (found.findings[0].line, found.findings[0].message) == (3, "The picture “gate.png” weighs 301 KB.")
    assert found.measures["picture_bytes"] == 6 * 301_000


def test_a_picture_needs_words_and_good_ones() -> None:
    assert names(look(f"{WORDS} ![](gate.png) after.")) == [("error", "alt")]
    assert names(look(f"{WORDS} ![gate.png](gate.png) after.")) == [("warning", "alt")]
    assert names(look(f"{WORDS} ![IMG_2041](gate.png) after.")) == [("warning", "alt")]
    assert names(look(f"{WORDS} ![{'A gate. ' * 40}](gate.png) after.")) == [("warning", "alt")]
    assert names(look(f"{WORDS} ![A gate](gate.png) after.")) == []


def test_a_picture_that_only_adorns_may_say_so() -> None:
    assert look(f'{WORDS} <img src="line.png" alt=""> and words.').findings == ()


def test_headings_go_down_one_rank_at_a_time() -> None:
    assert names(look("## One\n\n#### Three\n\nWords.")) == [("warning", "heading")]
    assert names(look("### First\n\n## Second\n\nWords.")) == [("warning", "heading")]
    assert names(look("##\n\nWords.")) == [("warning", "heading")]
    assert names(look("# One\n\n## Two\n\n### Three\n\n# Again\n\nWords.")) == []


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("What the councils found", []),
        ("NHS and BBC", []),
        ("{{ name | Friend }}, what the councils found", []),
        ("{{ name | 🎉 }} 🎉", [("error", "subject")]),
        ("x" * 201, [("error", "subject")]),
        ("Councils " * 9, [("warning", "subject")]),
        ("ALL YOU NEED TO KNOW", [("warning", "subject")]),
        ("What they found!!", [("warning", "subject")]),
        ("What 🎉 they 🎉 found 🎉", [("warning", "subject")]),
    ],
)
def test_a_subject_says_something_in_the_space_there_is(subject: str, expected: list[tuple[str, str]]) -> None:
    assert names(look(subject=subject.strip(), title="A title")) == expected


def test_the_longest_name_counts_in_a_subject() -> None:
    assert names(look(subject="{{ name | you }} " + "word " * 25, title="A title")) == [("error", "subject")]


def test_the_date_of_an_issue_still_to_be_sent_lies_ahead() -> None:
    past = datetime.date(2026, 11, 1)
    assert names(look(date=past)) == [("warning", "date")]
    assert names(look(date=past, ready=False)) == []
    assert names(look(date=past, send=SendPolicy.NEVER)) == []
    assert names(look(date=datetime.date(2027, 12, 1))) == [("warning", "date")]
    assert names(look(date=TODAY)) == []


def test_the_correction_of_a_sent_issue_has_a_date_in_the_past() -> None:
    own = record(slug="2026-12-01-words", status=IssueStatus.SENT)

    assert names(look(date=datetime.date(2026, 11, 1), others=[own])) == []


def other(**changes: Any) -> IssueRecord:
    same = {"title": "Words", "subject": "Words", "summary": "About words.", "date": datetime.date(2026, 12, 1)}
    return record(**{"slug": "2026-11-01-other", **same, **changes})


def test_the_same_issue_under_another_name_is_refused() -> None:
    assert names(look(others=[other()])) == [("error", "duplicate")]
    assert names(look(others=[other(withdrawn=True)])) == []
    assert names(look(others=[other(slug="2026-12-01-words")])) == []


def test_the_subject_or_title_of_another_issue_is_pointed_to() -> None:
    assert names(look(others=[other(date=datetime.date(2026, 11, 1), title="Else", subject="words")])) == [
        ("warning", "duplicate")
    ]
    assert names(look(others=[other(subject="Else")])) == [("warning", "duplicate")]
    assert names(look(others=[other(subject="Else", title="Else")])) == []


def test_a_mail_that_gmail_would_cut_off_is_refused_measured_for_the_longest_name() -> None:
    near = "Hello {{ name | you }}. " * 100 + "word " * 7_600
    assert ("warning", "size") in names(look(near))
    assert ("error", "size") in names(look("word " * 20_500))
    # The same words, and a name of 80 letters in each of 100 places: six bytes a letter in the worst case.
    assert (
        look("Hello {{ name | you }}. " * 100).measures["html_bytes"]
        > look("Hello you. " * 100).measures["html_bytes"] + 47_000
    )


def test_a_mail_without_its_ways_out_or_its_address_is_refused() -> None:
    mail = rendered()
    for gone in ("{{unsubscribe_url}}", "{{preferences_url}}", f"{URL}/issues/2026-12-01-words/", "12 Canal Street"):
        for part in ("html", "text"):
            found = judged(replace(mail, **{part: getattr(mail, part).replace(gone, "x")}))
            assert ("error", "footer") in names(found), (gone, part)


def test_a_newsletter_without_a_postal_address_is_told_of_it() -> None:
    found = judged(rendered(), IssueChecks(replace(NEWSLETTER, postal_address=" \n "), URL))

    assert names(found) == [("error", "footer")]


def test_a_text_part_that_says_less_than_the_html_part_is_refused() -> None:
    mail = rendered("word " * 400)
    found = judged(replace(mail, text=mail.text.replace("word", "https://gov.uk/word")))

    assert ("error", "text") in names(found)


def test_a_mail_of_pictures_alone_is_pointed_to() -> None:
    assert names(look("![The gate at dawn](gate.png)")) == [("warning", "text")]


def answering(answers: Mapping[str, Answer]) -> tuple[IssueChecks, list[str]]:
    asked: list[str] = []

    def ask(addresses: Any) -> Mapping[str, Answer]:
        asked.extend(addresses)
        return answers

    return IssueChecks(NEWSLETTER, URL, ask=ask), asked


def test_only_public_addresses_of_the_text_are_asked() -> None:
    checks, asked = answering({})
    look(
        "[a](https://gov.uk/a#b) [b](http://gov.uk/b) [c](https://10.0.0.1/) [d](mailto:a@gov.uk) [e](#f)"
        " [g](other.md)",
        checks=checks,
    )

    assert asked == ["https://gov.uk/a", "http://gov.uk/b", f"{URL}/issues/other/"]


@pytest.mark.parametrize(
    ("answer", "elsewhere", "ours"),
    [
        (Answer(200), [], []),
        (Answer(403), [], []),
        (Answer(429), [], []),
        (Answer(404), ["warning"], ["error"]),
        (Answer(410), ["warning"], ["error"]),
        (Answer(503), ["warning"], ["warning"]),
        (Answer(failure="did not answer in time"), ["warning"], ["warning"]),
        (Answer(private=True), ["warning"], []),
    ],
)
def test_what_a_page_answers_is_a_warning_unless_the_page_is_ours(
    answer: Answer, elsewhere: list[str], ours: list[str]
) -> None:
    for address, expected in (("https://gov.uk/a", elsewhere), (f"{URL}/issues/other/", ours)):
        checks, _ = answering({address: answer})
        assert names(look(f"The [report]({address}).", checks=checks)) == [(level, "answer") for level in expected]


def test_a_long_list_of_findings_is_cut_and_says_so() -> None:
    found = look("\n\n".join(f"[report {n}](https://10.0.0.{n}/)" for n in range(40)))

    assert len(found.findings) == MOST + 1
    assert "28 more" in found.findings[-1].message
    assert found.blocks


def test_an_address_with_a_space_is_refused_wherever_it_comes_from() -> None:
    mail = rendered("The [report](https://gov.uk/a) is out.")
    found = judged(replace(mail, html=mail.html.replace("https://gov.uk/a", "https://gov.uk/a b")))

    assert [(finding.check, finding.level) for finding in found.findings] == [("link", Level.ERROR)]


def test_findings_have_a_stable_order_and_the_json_the_same_bytes() -> None:
    body = "TODO ![](a.png) [here](http://localhost/) {{ x }}\n\n#### Deep"
    order = list(dict.fromkeys(code.check for code in CODES.values()))
    first = look(body)

    assert first.to_json() == look(body).to_json()
    places = [order.index(finding.check) for finding in first.findings]
    assert places == sorted(places)
    assert len(json.loads(first.to_json())["errors"]) == len(first.errors) > 3


@pytest.mark.parametrize(
    ("lang", "warned"), [("en", False), ("cy", False), ("fr-CA", False), ("ar", True), ("zh-Hant", True), ("fa", True)]
)
def test_editors_are_told_when_the_words_around_an_issue_are_in_another_language(lang: str, warned: bool) -> None:
    assert names(look(lang=lang)) == ([("warning", "language")] if warned else [])


@pytest.mark.parametrize(
    ("lang", "code"),
    [("ar", "partial"), ("he-IL", "partial"), ("zh-CN", "partial"), ("zh-TW", "unknown"), ("fa", "unknown")],
)
def test_editors_are_told_whether_we_have_some_words_of_a_language_or_none(lang: str, code: str) -> None:
    assert [finding.code for finding in look(lang=lang).findings] == [f"language-{code}"]


def test_every_finding_is_in_the_editors_table() -> None:
    guide = (ROOT / "docs" / "editor.md").read_text()
    rows = "".join(f"| `[{name}]` | {_cell(code.what)} | {_sorted(code)} |\n" for name, code in CODES.items())

    assert rows in guide


def _sorted(code: Code) -> str:
    return "a warning" if code.level is Level.WARNING else "refused, always" if code.final else "refused"


def test_every_finding_is_of_the_kind_that_its_row_says() -> None:
    """A row that promises a warning never gives an error, and no finding is without a row."""
    found = look(
        "[First name] {{ x }} TODO TBC [here](http://gov.uk/) [](https://10.0.0.1/) ![](a.png)\n\n##\n\n#### Deep",
        subject="ALL YOU NEED TO KNOW",
        date=datetime.date(2026, 1, 1),
    )
    assert len(found.findings) > 10
    for finding in found.findings:
        assert (CODES[finding.code].level, CODES[finding.code].check) == (finding.level, finding.check)


def test_every_code_is_given_by_some_check_at_the_level_of_its_row() -> None:
    folder = ROOT / "layers/newsletter/python/newsletter/issues/checking"
    source = "".join(path.read_text() for path in folder.glob("*.py"))
    given_codes = set(re.findall(r"""(error|warning)\(\s*"([a-z-]+)",""", source))
    blocks = {("warning", name) for name in CODES if name.startswith("block-")}

    assert given_codes | blocks == {(str(code.level), name) for name, code in CODES.items()}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


PIECES = st.sampled_from(
    ["{{", "}}", "[", "](", ")", "![", "<a href=", '"', ">", "<img src=x alt=", "http://", "https://[", "#", "\n\n",
     "`", "```\n",
     "mailto:", "xn--", "..", "%", "*|", "TODO", "TK", "😀", "|a|\n|-|\n|b|", "<b>", "</b>",
     "{{ name | x }}", "\u0130", "0x"]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(PIECES | st.text(max_size=12), max_size=25).map("".join))
@example("[a](https://[::ffff:7f00:1%25eth0]/)")
@example("[a](https://xn--a.example/)")
@example('<img src="https://a b" alt="\'">')
def test_no_issue_breaks_the_preflight(body: str) -> None:
    try:
        mail = shown(issue(body))
    except InvalidIssueError:
        return
    found = CHECKED.check(issue(body), mail, missing=(), refused={}, others=(), today=TODAY)

    lines = body.count("\n") + 1
    assert all(finding.line is None or 1 <= finding.line <= lines for finding in found.findings)
    assert all(finding.message and finding.remedy and finding.check for finding in found.findings)
    told = json.loads(found.to_json())
    for level in ("error", "warning"):
        assert told[f"{level}s"] == [
            {
                "code": f.code,
                "level": f.level,
                "check": f.check,
                "line": f.line,
                "message": f.message,
                "remedy": f.remedy,
            }
            for f in found.findings
            if f.level == level
        ]
    assert all(f.code in CODES for f in found.findings)
    assert not re.search(r"[^\n]{81}", re.sub(r"\S{40,}", "", problem_list("issues/x.md", found.findings)))


@pytest.mark.parametrize(
    "body",
    [
        'Words.\n\n<img alt="A gate" src="data:image/png;base64,iVBORw0K">',
        "![][image1]\n\n[image1]: <data:image/png;base64,iVBORw0K>",
        "![A gate][1]\n\n[1]: data:image/png;base64,iVBORw0K",
    ],
)
def test_a_picture_within_the_text_is_refused_with_its_line(body: str) -> None:
    found = [finding for finding in look(body).findings if finding.code == "picture-embedded"]

    assert [finding.line for finding in found] == [3]


def test_code_may_show_a_picture_within_the_text() -> None:
    found = look(f"{WORDS}\n\n```html\n<img src='data:image/png;base64,iVBORw0K'>\n```\n\n`[1]: data:image/png`")

    assert not [finding for finding in found.findings if finding.code == "picture-embedded"]
