import re

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.simulator import template as engine
from newsletter.errors import InvalidIssueError
from newsletter.issues.domain.personal import VARIABLE
from newsletter.issues.domain.site import ShownIssue
from newsletter.issues.writing.rendering import MOST_PICTURES
from tests.issues.rendering_samples import ARCHIVE, RENDERER, URL, received, rendered, sample
from tests.issues.rendering_samples import issue as an_issue

GMAIL_CLIPS_AT = 102 * 1024


def words(html: str) -> str:
    """Return the text of HTML as a browser shows it."""
    tree = html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)
    for parent in tree.iter():
        for child in list(parent):
            if child.tag in ("style", "script", "head"):
                parent.remove(child)
    return "".join(tree.itertext())


BRACED = st.text(st.sampled_from("{}ab \\|name$%#"), min_size=1, max_size=40).map(str.strip).filter(bool)


@given(BRACED)
def test_every_brace_of_an_author_reaches_the_reader_unchanged(text: str) -> None:
    """As code, so that Markdown leaves the text alone; SES only ever sees variables of ours."""
    fenced = f"~~~\n{text}\n~~~"
    issue = rendered(fenced, title=f"x{text}x", subject=f"x{text}x", summary=f"x{text}x", author=text)
    shown = f"x{' '.join(text.split())}x"

    subject, html, plain = received(issue, name="")

    for template in (issue.subject, issue.html, issue.text):
        assert "{{" not in VARIABLE.sub("", template)
        assert "\\{{" not in template
        engine.variables(template)  # raises what SES would refuse, for everybody
    if "name" not in text:
        assert subject.split() == f"x{text}x".split()
        assert shown in " ".join(words(html).split())
    assert f"    {text}\n" in plain
    assert text in words(html)
    assert text in words(issue.web_html)


@pytest.mark.parametrize("behind", ["}", "}}", "}}}{", "{}", "\\}"])
def test_a_brace_right_behind_the_name_does_not_become_part_of_the_placeholder(behind: str) -> None:
    written = behind.replace("\\", "\\\\")  # Markdown takes one for its own
    issue = rendered(f"{{{{ name | there }}}}{written}", subject=f"{{{{ name | there }}}}{behind}")

    for template in (issue.subject, issue.html, issue.text):
        assert "name_0_text" in engine.variables(template) or "name_0_html" in engine.variables(template)
    subject, html, text = received(issue, name="Ada")
    assert subject == f"Ada{behind}"
    assert f"Ada{behind}" in words(html)
    assert f"Ada{behind}" in text


def test_the_reader_is_called_by_name_and_nobody_by_a_hole() -> None:
    issue = rendered("Hello {{ name | there }}, {{name|reader}}!", subject="{{ name | Reader }}, more for more")

    assert sorted(issue.name_fallbacks) == ["Reader", "reader", "there"]
    subject, html, text = received(issue, name="Ada <3")
    assert subject == "Ada <3, more for more"
    assert "Hello Ada &lt;3, Ada &lt;3!" in html
    assert "Hello Ada <3, Ada <3!" in text
    subject, html, text = received(issue)
    assert subject == "Reader, more for more"
    assert "Hello there, reader!" in html
    assert "<p>Hello there, reader!</p>" in issue.web_html


NAMED = "{{ name | friend of ours }}"
PLACES = {
    "a paragraph": "Hello {},",
    "a heading": "## For {}",
    "a cell": "| a |\n|---|\n| {} |",
    "emphasis": "**{}** and _{}_",
    "the words of a link": "[for {}](https://example.org/)",
    "a list": "- {}",
    "a quotation": "> {}",
    "a footnote": "A[^1]\n\n[^1]: for {}",
    "raw HTML": "<div>for {}</div>",
    "raw HTML in a line": "a <b>{}</b>",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_name_stands_wherever_words_can_stand(place: str) -> None:
    # In a cell the bar has to be escaped: without that it is the edge of the cell.
    written = PLACES[place].replace("{}", NAMED.replace("|", r"\|") if place == "a cell" else NAMED)
    issue = rendered(written)

    for name, shown in (("Ada <3", "Ada <3"), ("", "friend of ours")):
        _, html, text = received(issue, name=name)
        assert shown in words(html)
        assert shown in text
    assert "friend of ours" in words(issue.web_html)
    assert "{{" not in issue.web_html


def test_the_alternative_of_a_picture_may_hold_a_name() -> None:
    issue = rendered(f"a ![for {NAMED}](https://example.org/a.png)")

    assert 'alt="for Ada &quot;A&quot;"' in received(issue, name='Ada "A"')[1]
    assert "[Picture: for Ada]" in received(issue, name="Ada")[2]
    assert 'alt="for friend of ours"' in issue.web_html


@given(st.sampled_from(sorted(PLACES)), st.text(st.sampled_from("ab{} $%#'|\\"), max_size=12))
def test_whatever_the_name_is_it_arrives_as_it_is(place: str, name: str) -> None:
    named = NAMED.replace("|", r"\|") if place == "a cell" else NAMED
    known = " ".join(name.split()) or "friend of ours"

    _, html, text = received(rendered(PLACES[place].replace("{}", f"x{named}y")), name=name)

    assert f"x{known}y" in " ".join(words(html).split())
    assert f"x{known}y" in " ".join(text.replace("> ", "").split())


@pytest.mark.parametrize("text", ["{{ name }}", "{{ first_name | x }}", "{{ name | }}", "{% if x %}", "{{{ name }}}"])
def test_what_only_looks_like_a_placeholder_arrives_literally(text: str) -> None:
    issue = rendered(f"Hello {text}.", subject=text)

    subject, html, plain = received(issue, name="Ada")

    assert subject == text
    assert f"Hello {text}." in plain
    assert f"Hello {text}." in words(html)


def test_a_name_works_in_raw_html_and_in_a_link_but_never_as_an_address() -> None:
    issue = rendered('<p>Hi {{ name | you }} <a href="{{ name | javascript:alert(1) }}">x</a></p>')

    assert "Hi Ada" in received(issue, name="Ada")[1]
    assert "javascript" not in issue.web_html
    assert "<a>x</a>" in issue.web_html


def test_a_backslash_before_a_name_cannot_hide_it_from_the_template_engine() -> None:
    issue = rendered("a \\\\{{ name | you }}")

    assert "\\{{" not in issue.text + issue.html
    assert "a \\Ada" in received(issue, name="Ada")[2]
    assert "a \\Ada" in words(received(issue, name="Ada")[1])


def test_the_mail_says_who_writes_why_and_how_to_leave_in_both_parts() -> None:
    _, html, text = received(sample(), name="Amina")

    for part in (html, text):
        assert f"{URL}/unsubscribe?token=u" in part
        assert f"{URL}/preferences?token=p" in part
        assert f"{URL}/issues/2026-12-01-more-for-more/" in part
        assert "12 Canal Street, Leeds LS1 4AB" in part
        assert "because you signed up for The Fortnightly Briefing" in " ".join(part.split())
        assert "Hello Amina," in part


def test_the_mail_is_far_below_what_gmail_cuts_off() -> None:
    assert len(received(sample(), name="x" * 100)[1].encode()) < GMAIL_CLIPS_AT / 4


def test_the_mail_needs_nothing_from_anywhere_but_its_pictures() -> None:
    html = sample().html

    assert set(re.findall(r'src="([^"]*)"', html)) == {f"{URL}/{picture.path}" for picture in sample().pictures}
    assert not re.search(r"<link|<script|@import|url\(|@font-face|<img[^>]*width=\"1\"", html)


def test_the_mail_is_well_formed_and_speaks_to_screen_readers() -> None:
    _, html, _ = received(sample())
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)

    assert document.get("lang") == "en"
    assert document.get("dir") == "ltr"
    assert len(document.findall(".//h1")) == 1
    assert all(image.get("alt") for image in document.iter("img"))
    layout = [table for table in document.iter("table") if table.find(".//th") is None or table.find(".//table")]
    assert all(table.get("role") == "presentation" for table in layout)
    assert 'name="color-scheme" content="light dark"' in html
    assert "prefers-color-scheme: dark" in html
    assert "<!--[if mso]>" in html


def test_gmail_keeps_the_styles_of_phones_and_dark_mode() -> None:
    """It drops a style element that is too long, or that it does not understand, as a whole.

    Google names no figure. Those who measured found 8,192 characters, and more in later years.
    """
    blocks = re.findall(r"<style>(.*?)</style>", sample().html.partition("<![endif]-->")[2], flags=re.DOTALL)
    article, plain, outlook = blocks

    assert sum(map(len, blocks)) < 16_384  # what Gmail takes of all of them (caniemail, 2023)
    assert all(len(block) < 8192 for block in blocks)
    assert "@media" not in article
    assert "[data-" not in article + plain  # stands apart, so that nobody loses the rest over it
    assert "@media" not in outlook
    assert all(block.count("{") == block.count("}") for block in blocks)


def test_what_repeats_with_every_line_stands_in_the_stylesheet_and_not_on_the_elements() -> None:
    """A digest of 224 links was 76,583 bytes with its styles on the elements, and half of that was styles."""
    links = "\n".join(
        f"- [Words about number {n}](https://example.org/a-page-about/{n}), `code{n}`" for n in range(200)
    )
    issue = rendered(f"## Links\n\n{links}")
    article = issue.html.partition('role="article"')[2].partition("</td>")[0]

    assert "style=" not in article.partition("</h1>")[2]
    assert ".text a { color: #0b5a6b; text-decoration: underline; }" in issue.html
    assert len(issue.html) < 35_000


def test_a_wide_table_scrolls_on_its_own() -> None:
    html = rendered("| A | B |\n| - | - |\n| 1 | 2 |").html

    region = re.search(r'<div([^>]*) aria-label="Table 1"[^>]*><table', html)
    assert region is not None
    assert all(
        each in region[0] for each in ('class="wide"', 'style="overflow-x:auto"', 'role="region"', 'tabindex="0"')
    )
    assert html.count("</table></div>") >= 1


def test_the_preheader_is_the_first_thing_in_the_mail() -> None:
    body = received(sample())[1].partition("<body")[2]

    assert words(body).split(">", 1)[1].lstrip().startswith("Four councils let residents")


@pytest.mark.parametrize(("lang", "direction"), [("ar", "rtl"), ("he-IL", "rtl"), ("cy", "ltr")])
def test_an_issue_is_marked_with_its_language_and_direction(lang: str, direction: str) -> None:
    issue = rendered("Words.", lang=lang)
    page = ARCHIVE.issue_page(ShownIssue(issue)).body.decode()

    assert f'<html lang="{lang}" dir="{direction}"' in issue.html
    assert f'<article lang="{lang}" dir="{direction}">' in page


def test_a_picture_is_no_wider_than_the_column_also_in_outlook_and_keeps_its_size_on_the_page() -> None:
    issue = rendered("![A](a.png)")

    assert "<figure style=" in issue.html
    assert 'width="536" height="357"' in issue.html
    assert 'width="600" height="400"' in issue.web_html
    assert '<img width="536" src="https://example.org/a.png"' in rendered("![A](https://example.org/a.png)").html


def test_a_picture_is_as_wide_as_its_author_says_and_never_wider_than_it_is() -> None:
    assert 'width="60" height="40"' in rendered('<img src="a.png" alt="A" width="60">').web_html
    assert 'width="600" height="400"' in rendered('<img src="a.png" alt="A" width="900" height="1">').web_html
    assert 'width="600" height="400"' in rendered('<img src="a.png" alt="A" width="0">').web_html


def test_a_picture_that_is_not_there_is_shown_as_its_words() -> None:
    written = an_issue('Before ![A <b>bar</b> "chart"](missing.png) after', image="share.png", image_alt="A dog.")

    bare = RENDERER.open(written).render({})

    assert RENDERER.open(written).pictures == ("missing.png", "share.png")
    assert "<img" not in bare.html + bare.web_html
    assert "Before A &lt;b&gt;bar&lt;/b&gt; &quot;chart&quot; after" in bare.web_html
    assert (bare.pictures, bare.image) == ((), "")


def test_a_link_to_a_picture_leads_to_where_it_is_served() -> None:
    issue = rendered("[![A](small.png)](large.png)")

    assert [picture.name for picture in issue.pictures] == ["large.png", "small.png"]
    assert 'href="https://news.example.org/issues/2026-12-01-words/large.png"' in issue.html


def test_what_looks_like_markup_inside_a_text_is_left_alone() -> None:
    issue = rendered('`<p id="x">` and ![<table> id="y"](a.png) more')

    assert '&lt;p id="x"&gt;' in issue.html
    page = ARCHIVE.issue_page(ShownIssue(issue)).body.decode()
    assert 'alt="&lt;table&gt; id=&quot;y&quot;"' in page


def test_the_canonical_address_is_the_page_unless_the_editors_say_otherwise() -> None:
    assert rendered("Words.").canonical == f"{URL}/issues/2026-12-01-words/"
    assert rendered("Words.", canonical="https://example.org/a").canonical == "https://example.org/a"


def test_the_sharing_picture_is_absolute_and_one_of_the_issues_pictures() -> None:
    issue = rendered("Words.", image="share.png", image_alt="A dog.")

    assert issue.image == f"{URL}/issues/2026-12-01-words/share.png"
    assert [picture.name for picture in issue.pictures] == ["share.png"]


@pytest.mark.parametrize("piece", ["<div>", "<b>", "<ul><li>", "<DIV></b>", "<div><table></div>", "*"])
def test_what_nests_without_end_is_refused_before_it_can_overrun_a_stack(piece: str) -> None:
    with pytest.raises(InvalidIssueError, match="inside one another"):
        rendered(piece * 5000 + ("a" + "*" * 5000 if piece == "*" else ""))


@pytest.mark.parametrize(
    "piece",
    [">", "[", "[a](", "![a](", "*a ", "~~a", "`", "{{", "{{ name | a", "[^a]", "<a", "<!--", "a <![CDATA[", "\\"],
)
def test_what_never_ends_is_still_text(piece: str) -> None:
    """On one line of its own, 2,000 times; the first versions of some libraries took minutes over less."""
    issue = rendered(f"First.\n\n{piece * 2000}\n\nLast.")

    assert "First." in issue.text
    assert "{{" not in VARIABLE.sub("", issue.html + issue.text)


def test_an_issue_names_no_more_pictures_than_there_is_time_to_make_fit() -> None:
    fine = "".join(f"![A chart.](chart-{number}.png)\n\n" for number in range(MOST_PICTURES))

    assert len(RENDERER.open(an_issue(fine)).pictures) == MOST_PICTURES
    with pytest.raises(InvalidIssueError, match="names 61 pictures"):
        _ = RENDERER.open(an_issue(f"{fine}[One more.](one-more.png)")).pictures


def test_code_runs_from_left_to_right_in_a_language_that_does_not() -> None:
    body = "اكتب `a = b(c)` هكذا:\n\n```\nprint(1)\n```\n"
    arabic, english = rendered(body, lang="ar"), rendered(body)

    for html in (arabic.html, arabic.web_html):
        assert re.search(r'<pre dir="ltr"[^>]*><code dir="ltr"', html)
        assert re.search(r'<code dir="ltr"[^>]*>a = b\(c\)</code>', html)
    assert 'dir="ltr"' not in english.web_html
    assert 'lang="ar" dir="rtl"' in arabic.html


@pytest.mark.parametrize(
    ("lang", "word"),
    [
        ("en", "Picture: "),
        ("de", "Bild: "),
        ("fr", "Image\u00a0: "),
        ("cy", "Llun: "),
        ("ar", "صورة: "),
        ("fa", "Picture: "),
    ],
)
def test_the_text_part_says_picture_in_the_language_of_the_issue(lang: str, word: str) -> None:
    assert f"[{word}100% red]" in received(rendered("![100% red](https://example.org/a.png)", lang=lang))[2]


@pytest.mark.parametrize(
    ("lang", "day", "words"),
    [
        ("cy", "1 Rhagfyr 2026", "Darllen"),
        ("ar", "1 ديسمبر 2026", "اقرأ هذا العدد في المتصفح"),
        ("fa", "1 December 2026", "Read"),
    ],
)
def test_what_stands_around_an_issue_in_its_mail_is_in_its_language_if_we_have_the_words(
    lang: str, day: str, words: str
) -> None:
    _, html, text = received(rendered("x", lang=lang))

    assert day in html
    assert day in text
    assert words in html
    assert words in text
