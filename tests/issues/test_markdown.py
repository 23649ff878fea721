import pytest

from tests.issues.rendering_samples import URL, rendered

PAGE = f"{URL}/issues/2026-12-01-words/"


def test_the_title_stays_the_only_first_heading() -> None:
    web = rendered("# One\n\n## Two\n\n<h1>Three</h1>").web_html

    assert '<h2 id="text-one">One</h2>' in web
    assert '<h3 id="text-two">Two</h3>' in web
    assert "<h2>Three</h2>" in web
    assert "<h1" not in web


def test_headings_that_begin_low_are_raised_so_that_no_level_is_missing() -> None:
    web = rendered("### One\n\n#### Two").web_html

    assert "<h2" in web
    assert "<h3" in web
    assert "<h4" not in web


def test_two_headings_of_the_same_words_have_two_addresses() -> None:
    web = rendered("## Same\n\n## Same\n\n[second](#same-2)").web_html

    assert 'id="text-same"' in web
    assert 'id="text-same-2"' in web
    assert f'href="{PAGE}#text-same-2"' in web


@pytest.mark.parametrize("address", ["chart.png", "./chart.png", "2026-12-01-words/chart.png"])
def test_a_picture_is_found_beside_the_issue(address: str) -> None:
    issue = rendered(f"![A chart]({address})")

    assert f'src="{PAGE}chart.png"' in issue.web_html
    assert f'src="{PAGE}chart.png"' in issue.html
    assert [picture.name for picture in issue.pictures] == ["chart.png"]


def test_a_picture_in_raw_html_is_found_too() -> None:
    issue = rendered('<p><img src="my%20chart.png" alt="A chart"></p>')

    assert [picture.name for picture in issue.pictures] == ["my chart.png"]


def test_a_picture_elsewhere_is_not_one_of_ours() -> None:
    assert rendered("![A chart](https://example.org/chart.png)").pictures == ()


def test_a_picture_alone_in_its_paragraph_is_a_figure_with_its_title_as_caption() -> None:
    issue = rendered('![A chart](c.png "Source: <us>")')

    assert f'<figure><img src="{PAGE}c.png" alt="A chart" width="600" height="400"><figcaption>' in issue.web_html
    assert "<figcaption>Source: &lt;us&gt;</figcaption></figure>" in issue.web_html
    assert "[Picture: A chart]\nSource: <us>" in issue.text


@pytest.mark.parametrize(
    ("address", "absolute"),
    [
        ("2026-11-17-other.md", f"{URL}/issues/2026-11-17-other/"),
        ("./2026-11-17-other.md#part", f"{URL}/issues/2026-11-17-other/#part"),
        ("/subscribe/", f"{URL}/subscribe/"),
        ("notes.pdf", f"{PAGE}notes.pdf"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("tel:+441130000000", "tel:+441130000000"),
    ],
)
def test_every_link_is_absolute(address: str, absolute: str) -> None:
    issue = rendered(f"[words]({address})")

    assert f'href="{absolute}"' in issue.web_html
    assert absolute in issue.text


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "words <script>alert(1)</script> words",
        '<img src="x.png" onerror="alert(1)" alt="">',
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" java\nscript:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,YWxlcnQoMSk=)",
        "![x](data:image/svg+xml;base64,YWxlcnQoMSk=)",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        '<iframe src="https://example.org"></iframe>',
        '<form action="/subscriptions"><input name="email"></form>',
        "<style>body{display:none}</style>",
        '<p style="position:fixed">x</p>',
        "<https://example.org/\"onmouseover='alert(1)'>",
        '![x](a.png "x\\" onerror=alert(1) \\"")',
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        '{{ name | <img src=x onerror="alert(1)"> }}',
    ],
)
def test_nothing_hostile_reaches_a_reader(hostile: str) -> None:
    issue = rendered(hostile)

    for part in (issue.web_html, _article(issue.html)):
        lowered = part.lower()
        for word in ("<script", "<iframe", "<form", "<input", "<svg", "<style", 'href="javascript', 'href="data'):
            assert word not in lowered
        assert not any(" on" in tag or "position" in tag for tag in _tags(lowered))
    assert "alert(1)</script>" not in issue.text or "`" in issue.text


def _article(html: str) -> str:
    return html.partition("</h1>")[2].partition('class="edge muted"')[0]


def _tags(html: str) -> list[str]:
    """Return what stands between < and >, without quoted values."""
    tags = []
    for part in html.split("<")[1:]:
        tag = part.partition(">")[0]
        tags.append("".join(tag.split('"')[::2]))
    return tags


def test_footnotes_lead_there_and_back_on_the_page_and_stand_still_in_the_mail() -> None:
    issue = rendered("Words.[^a]\n\n[^a]: A note.")

    assert f'href="{PAGE}#text-fn1"' in issue.web_html
    assert 'aria-label="Back to the text"' in issue.web_html
    assert "↩" not in issue.html
    assert "Words. (1)" in issue.text
    assert "Notes\n-----\n\n(1) A note." in issue.text


def test_bare_addresses_become_links_and_words_with_dots_do_not() -> None:
    web = rendered("See https://example.org/a and report.it.").web_html

    assert '<a href="https://example.org/a">' in web
    assert "report.it</a>" not in web


def test_characters_that_no_feed_can_hold_become_spaces() -> None:
    assert "a b" in rendered("a\x0bb &#11; c").web_html
    assert "\x0b" not in rendered("a\x0bb <b>&#11;</b> c").web_html


def test_code_shows_a_placeholder_as_it_is_written() -> None:
    issue = rendered("Write `{{ name | there }}`, or \\{{ name | you }}.")

    assert issue.name_fallbacks == ()
    assert "<code>{{ name | there }}</code>, or {{ name | you }}." in issue.web_html
