"""What other programs put on the clipboard becomes clean Markdown, and nothing in it does anything."""

from __future__ import annotations

import base64
import html as entities
import re
import time
from contextlib import suppress
from functools import reduce
from itertools import starmap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.desk.adapters.pasted_html import MOST_PICTURES, clean_paste
from newsletter.desk.adapters.pasted_tree import LONGEST_TAG
from newsletter.desk.drafts.pasted import LARGEST_MARKUP, LARGEST_PASTE, MOST_TAGS, PastedPicture
from newsletter.errors import InvalidDocumentError
from newsletter.issues.writing.markdown import Markdown
from newsletter.issues.writing.stand_ins import StandIns
from tests.issues.rendering_samples import rendered

CLIPBOARD = Path(__file__).parent / "clipboard"
PROGRAMS = sorted(path.stem for path in CLIPBOARD.glob("*.html"))
PNG = b"\x89PNG a picture"


def markdown(markup: str) -> str:
    return clean_paste(markup).markdown


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_a_program_puts_on_the_clipboard_becomes_the_text_that_was_meant(program: str) -> None:
    pasted = clean_paste((CLIPBOARD / f"{program}.html").read_text())

    assert pasted.markdown + "\n" == (CLIPBOARD / f"{program}.md").read_text()
    assert [picture.name for picture in pasted.pictures] == re.findall(r"\((picture-[^)]+)\)", pasted.markdown)
    assert [(picture.alt.split(" above")[0].rstrip("."), pasted.not_kept) for picture in pasted.pictures] in (
        [],
        [("A crane", ())],
    )


def test_pictures_come_along_or_say_where_they_are() -> None:
    data = base64.b64encode(PNG).decode()
    pasted = clean_paste(
        f'<p><img src="data:image/png;base64,{data}" alt="One"><img src="https://a.uk/b/two.jpeg?c=d" alt="Two">'
        '<img src="file:///C:/Users/ada/clip%20image.gif"><img src="C:\\temp\\four.webp"><img src="cid:x@y"></p>',
        first_picture=3,
    )

    assert pasted.pictures == (
        PastedPicture("picture-3.png", PNG, alt="One"),
        PastedPicture("picture-4.jpg", source="https://a.uk/b/two.jpeg?c=d", alt="Two"),
        PastedPicture("picture-5.gif", source="clip image.gif"),
        PastedPicture("picture-6.webp", source="four.webp"),
        PastedPicture("picture-7.png", source="cid:x@y"),
    )


def test_a_picture_that_no_browser_shows_is_told_and_leaves_no_hole() -> None:
    pasted = clean_paste('<p>a<img src="data:image/x-emf;base64,AAAA"></p><p><img src="data:text/html,<script>"></p>')

    assert (pasted.markdown, pasted.pictures) == ("a", ())
    assert pasted.not_kept == ("pictures that no browser shows",)


def test_more_pictures_than_an_issue_has_are_told() -> None:
    pasted = clean_paste('<img src="https://a.uk/a.png">' * (MOST_PICTURES + 2))

    assert len(pasted.pictures) == MOST_PICTURES
    assert pasted.not_kept == (f"more than {MOST_PICTURES} pictures",)


@pytest.mark.parametrize(
    ("markup", "meant"),
    [
        ("plain words", "plain words"),
        ("<p>a<p>b", "a\n\nb"),
        ("a<br><br>b<br>c<br>", "a\n\nb\\\nc"),
        ("<p><b>a</b><span style='font-weight:bold'> b</span></p>", "**a b**"),
        ("<p><b>a <i>b</i></b> c<b>d<i>e</i></b></p>", "**a *b*** c**de**"),
        ("<p><b>Note:</b>words</p>", "**Note**:words"),
        ("<b>a<p>b</b> c</p>d", "**a**\n\n**b c**\n\nd"),
        ("<h2><b>a</b></h2>", "## a"),
        ("<h1>a</h1><h3>b</h3><h6>c</h6>", "## a\n\n#### b\n\n###### c"),
        ("<h3>a</h3>", "### a"),
        ("<p>12\xa0000\xa0homes\xa0\xa0 here\xa0: «\xa0oui\xa0» a\u202f?</p>",
         "12\xa0000\xa0homes here\xa0: «\xa0oui\xa0» a\u202f?"),
        ("<p>AT&amp;T &amp;copy; &lt;b&gt; *a* _b_ [c]</p>", r"AT&T \&copy; \<b> \*a\* \_b\_ \[c\]"),
        ("<ul><li>a<ol><li>b</ol><li>c</ul>", "- a\n  1. b\n- c"),
        ("<ol>" + "<li>x" * 10 + "<ul><li>y</ul></ol>", "\n".join([*(f"{n}. x" for n in range(1, 11)), "    - y"])),
        ("<ul><li><p>a</p><p>b</p></li><li>c</li></ul>", "- a\n\n  b\n\n- c"),
        ("<p class=MsoListParagraph>·\xa0 a</p><p class=MsoListParagraph><span>• </span>b</p>", "- a\n- b"),
        ("<table><tr><td rowspan=2>a<td>b<tr><td>c</table>", "| a | b |\n| --- | --- |\n|  | c |"),
        ("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "a\n\nb"),
        ("<table><tr><td><ul><li>a</li><li>b</li></ul></td><td><h2>c</h2></td></tr></table>",
         "| a b | c |\n| --- | --- |"),
        ("a<hr>b", "a\n\n---\n\nb"),
        ("<blockquote><p>a</p></blockquote>", "> a"),
        ('<a href="#top">a</a> <a name="x">b</a>', "a b"),
        ('a<sup><a href="#ftnt1" id="ftnt_ref1">[1]</a></sup><hr><div><p><a href="#ftnt_ref1" id="ftnt1">[1]</a>'
         "<span>&nbsp;Said so.</span></p></div>", "a[^1]\n\n[^1]: Said so."),
        ('a<sup><a href="#cmnt1" id="cmnt_ref1">[a]</a></sup>', "a"),
        ("<p><del cite='mailto:x'>gone</del><ins>come</ins><s>struck</s></p>", "come~~struck~~"),
        ("<p style='display:none'>a</p><p style='mso-hide:all'>b</p><p hidden>c</p>d", "d"),
        ("", ""),
        ("<p>&nbsp;</p>", ""),
        ("a<b", "a"),
    ],
)  # fmt: skip
def test_html_means_what_a_reader_of_it_sees(markup: str, meant: str) -> None:
    assert markdown(markup) == meant


def test_footnotes_are_numbered_behind_those_that_the_draft_has() -> None:
    note = '<p>{0}<a href="#_ftn{0}" name="_ftnref{0}">[{0}]</a></p>'
    text = '<div id=ftn{0}><p><a href="#_ftnref{0}" name="_ftn{0}">[{0}]</a> Note {0}.</p><p>More.</p></div>'

    pasted = clean_paste("".join(part.format(n) for part in (note, text) for n in (7, 4)), first_note=3)

    assert pasted.markdown == ("7[^3]\n\n4[^4]\n\n[^3]: Note 7.\n\n    More.\n\n[^4]: Note 4.\n\n    More.")


HOSTILE = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="javascript:alert(1)">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href=" java\nscript:alert(1)">x</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>',
    '<iframe src="https://evil.example"></iframe>',
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<style>*{background:url(javascript:alert(1))}</style>",
    '<p style="background:url(javascript:alert(1))" onclick="alert(1)">x</p>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<!--[if gte mso 9]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<template><script>alert(1)</script></template>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    '<a href="https://a.uk/) ![x](javascript:alert(1)">x</a>',
    '<a href="https://a.uk/>) <script>alert(1)</script>">x</a>',
    '<img alt="](x) <script>alert(1)</script>" src="https://a.uk/a.png">',
    '<img alt="x" src="data:image/svg+xml,<svg onload=alert(1)>">',
    '<form action="https://evil.example"><input name=a><button>x</button></form>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
]


@pytest.mark.parametrize("markup", HOSTILE)
def test_nothing_that_acts_is_left(markup: str) -> None:
    """What Markdown makes of the text, before anybody cleans it, has no elements but those of a text."""
    tokens = Markdown().parse(markdown(f"<p>Words.</p>{markup}"), StandIns("x"))
    page = Markdown().to_html(tokens)

    assert set(re.findall(r"<([a-z]\w*)", page)) <= {"p", "a", "img", "figure"}
    assert not re.search(r"<[^>]*\s(?:on\w+|style)\s*=", page)
    addresses = [entities.unescape(each) for each in re.findall(r'(?:href|src)="([^"]*)"', page)]
    assert all(re.match(r"https://a\.uk/|picture-\d", each) for each in addresses)


WORDS = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], max_codepoint=0x2FF), min_size=1, max_size=12)


def test_a_mark_that_begins_with_a_space_that_may_not_break_is_one_all_the_same() -> None:
    assert markdown("<p>Who <b>\xa0? Me</b> <i>Us\xa0!</i> end</p>").strip() == "Who \xa0**? Me** *Us\xa0!* end"


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(WORDS, st.frozensets(st.sampled_from(["b", "i", "s"]))), min_size=1, max_size=6))
def test_any_words_with_any_marks_are_shown_as_the_same_words(runs: list[tuple[str, frozenset[str]]]) -> None:
    def marked(words: str, marks: frozenset[str]) -> str:
        return reduce(lambda inner, mark: f"<{mark}>{inner}</{mark}>", sorted(marks), entities.escape(words))

    markup = "".join(starmap(marked, runs))
    plain = "".join(words for words, _ in runs)
    shown = rendered(markdown(f"<p>Begin {markup} end</p>")).web_html
    text = entities.unescape(re.sub(r"<[^>]+>", "", shown))

    assert " ".join(text.split()) == " ".join(f"Begin {plain} end".split()) or "{{" in plain or "http" in plain


BROKEN = ("<", ">", "</", "<p>", "<b>", "<table>", "<td>", "<li>", "<ul>", "</td>", "</ul>", "<!--", "-->", "<![", "]>",
          '"', "'", "=", "a", " ", "<a href=", "<img src=", "&", "#", "data:", "<script>")  # fmt: skip


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(BROKEN), max_size=60).map("".join))
def test_any_broken_html_is_read(markup: str) -> None:
    assert "<script" not in markdown(markup)


WORD = (
    "<p class=MsoNormal style='margin-bottom:0cm;line-height:normal'><span lang=EN-GB style='font-size:12.0pt;"
    "font-family:\"Times New Roman\",serif'>Words <b style='mso-bidi-font-weight:normal'>of</b> a text."
    "<o:p></o:p></span></p>\n"
)


def most(piece: str) -> str:
    """Return a piece as often as both limits allow."""
    return piece * min((LARGEST_MARKUP - 1000) // len(piece), (MOST_TAGS - 10) // max(piece.count("<"), 1))


@pytest.mark.parametrize(
    "markup",
    [
        most(WORD)[: LARGEST_MARKUP // 4],
        most(WORD),
        f'<p>a<img src="data:image/png;base64,{"A" * (LARGEST_PASTE - 60)}"></p>',
        most("<div>"),
        most("<b>"),
        "".join(f"<font color={n}><p>" for n in range(MOST_TAGS // 2 - 5)),
        "<p>" + "".join(f"<b class={n}>x" for n in range(MOST_TAGS - 5)),
        "<!--" * 500_000,
        "<![if" * 500_000,
        most("<a "),
        most("<a b='"),
        most("</"),
        most("<"),
        most("<!"),
        most("&"),
        most("&#1"),
        most(" "),
        most("\xa0 "),
        most("data:"),
        most("data:image/png;base64,"),
        "<table><tr>" + most("<td colspan=99999 rowspan=99999>a"),
        "<table>" + most("<tr><td>a<td>b"),
        most("<ul><li>"),
        most("<br>"),
        most("<i>a</i><b>.</b>"),
        most("<table><td><p>"),
        most('<div id="ftn1"><a href="#_ftn1">'),
        most("<p style='mso-list:l0 level9 lfo1'>a"),
        most("<p class=MsoListParagraph>· a"),
        most("<script>"),
        most("<p>*a"),
        most("<p>&nbsp;&nbsp;"),
    ],
    ids=lambda markup: markup[:24],
)
def test_the_largest_paste_is_read_or_refused_in_seconds(markup: str) -> None:
    began = time.process_time()
    with suppress(InvalidDocumentError):
        clean_paste(markup)
    assert time.process_time() - began < 5


def test_what_is_longer_than_an_issue_is_refused_with_a_way_out() -> None:
    for markup in ("x" * (LARGEST_PASTE + 1), "x " * (LARGEST_MARKUP // 2 + 1), f"<p>{'long ' * 60_000}</p>"):
        with pytest.raises(InvalidDocumentError, match="longer than an issue"):
            clean_paste(markup)
    with pytest.raises(InvalidDocumentError, match="never ends"):
        clean_paste(f"<p>a<a title='{'x' * (LONGEST_TAG * 2)}")
