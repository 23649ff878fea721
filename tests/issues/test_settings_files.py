"""Files of `settings/`: what is taken from them, and what is said about those that cannot be taken."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.language import LANGUAGES
from newsletter.errors import InvalidSettingsError
from newsletter.issues.domain.settings_file import LARGEST_SETTINGS, OWN_WORDS, WORDS, WantedLogo
from newsletter.issues.settings.settings_files import SettingsFiles
from tests.issues.rendering_samples import ROOT, TEMPLATES

READER = SettingsFiles(TEMPLATES.layer_brand)
ENGLISH = "settings/words/en.yaml"


def problems_of_brand(text: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(InvalidSettingsError) as refusal:
        READER.brand(text.encode())
    return [(each.line, each.message, each.remedy) for each in refusal.value.problems]


def problem_of_words(text: str) -> str:
    with pytest.raises(InvalidSettingsError) as refusal:
        READER.words(ENGLISH, text.encode())
    return str(refusal.value)


def test_a_brand_has_words_colours_fonts_links_and_a_logo() -> None:
    brand, logo = READER.brand(
        b"""
language: de
strapline: 'Care: who decides? {rhythm}.'
invitation: Please send it to me
postal_address: [Institute for Public Life, 1 High Street]
footer_links:
  - Imprint https://example.org/imprint
  - Who we are <https://example.org/about?a=b>
fonts: {heading: "Palatino, serif"}
light:
  link: "#123456"
dark:
  link: "#ABCDEF"
logo: Our-Logo.PNG
logo_dark: night.gif
logo_alt: The Institute
logo_width: 180
"""
    )

    assert brand == {
        "language": "de",
        "strapline": "Care: who decides? {rhythm}.",
        "invitation": "Please send it to me",
        "postal_address": "Institute for Public Life\n1 High Street",
        "footer_links": [
            {"words": "Imprint", "url": "https://example.org/imprint"},
            {"words": "Who we are", "url": "https://example.org/about?a=b"},
        ],
        "fonts": {"heading": "Palatino, serif"},
        "light": {"link": "#123456"},
        "dark": {"link": "#ABCDEF"},
    }
    assert logo == WantedLogo("Our-Logo.PNG", "night.gif", "The Institute", 180, 14)


@pytest.mark.parametrize(
    ("text", "line", "message", "remedy"),
    [
        ("", None, "says nothing", "remove it"),
        ("\n- a\n", 2, "not a list of names", "`name: text`"),
        ("straplin: x", 1, "`straplin` is not a name", "Did you mean `strapline`?"),
        ("light: {papr: '#fff'}", 1, "`light.papr` is not a name", "Did you mean `light.paper`?"),
        ("\nrhythm: every day", 2, "made of the schedule", "{rhythm}"),
        ("strapline: a\nstrapline: b", 2, "twice", "line 1"),
        ("strapline: Hello {name}", 1, "{name}, which nothing fills in", "{rhythm}"),
        ("strapline: " + 201 * "x", 1, "201 characters; 200", "Shorten"),
        ("strapline: [a, b]", 1, "is a list", "one text"),
        ("light:\n  paper: #fff", 2, "YAML takes what follows a #", "in quotes"),
        ("light:\n  paper: white-ish", 2, "no colour", "six digits"),
        ("light:\n  paper: white", 2, "no colour", "six digits"),
        ('dark:\n  link: "#222222"', 2, "`dark.link` #222222 is hard to see on `dark.paper`", "4.5 is the least"),
        ('light: {card: "#777777"}', 1, "is hard to see on `light.card` #777777", "darker or lighter"),
        ("footer_links: [Imprint http://example.org]", 1, "does not begin with https://", "Imprint https://"),
        ("footer_links: [https://example.org]", 1, "is no link", "the words"),
        ("footer_links: ['{{x}} https://example.org']", 1, "cannot stand in the footer", "no braces"),
        ("footer_links: ['a javascript:alert(1)']", 1, "does not begin with https://", "the words"),
        ("footer_links: [" + ",".join(6 * ["a https://e.org"]) + "]", 1, "has 6 links", "5 fit"),
        ("postal_address: ''", 1, "is empty", "law"),
        ("postal_address: 'a {{b}}'", 1, "holds a brace", "Remove"),
        ("postal_address: [a, b, c, d, e, f, g]", 1, "longer than 6 lines", "Shorten"),
        ("language: no", 1, "do not speak “no”", "en, cy, de"),
        ('fonts: {text: "Georgia; color: red"}', 1, "no list of fonts", "Georgia, serif"),
        ("logo: ../secret.png", 1, "cannot be the name of a logo", ".png"),
        ("logo: logo.svg", 1, "cannot be the name of a logo", ".png"),
        ("logo: a.png\nlogo_width: 4000", 2, "`logo_width` is “4000”", "16 to 400"),
        ("logo: a.png\nlogo_alt: '{{a}}'", 2, "holds a brace", "name"),
        ("logo_alt: Us", 1, "without `logo`", "Name the logo"),
        ("strapline: a: b", 1, "second colon", "quotes"),
        ("strapline: *x", 1, "anchor or alias", "quotes"),
        ("a: {b: {c: {d: {e: f}}}}", 1, "The file cannot be read: too many brackets", "quotes"),
    ],
)
def test_what_would_break_a_mail_or_a_page_is_refused_with_its_line(
    text: str, line: int | None, message: str, remedy: str
) -> None:
    found = problems_of_brand(text)[0]

    assert found[0] == line
    assert message in found[1]
    assert remedy in found[2]


def test_of_a_file_that_is_no_yaml_only_the_true_cause_is_told() -> None:
    assert len(problems_of_brand("nonsense: 1\nalso: 2\nstrapline: a: b")) == 1


@pytest.mark.parametrize(("source", "said"), [(b"\xff\xfe", "UTF-8"), (b"#" * (LARGEST_SETTINGS + 1), "65,536 bytes")])
def test_a_file_of_another_kind_or_size_is_refused(source: bytes, said: str) -> None:
    with pytest.raises(InvalidSettingsError, match=said):
        READER.brand(source)


def test_words_are_taken_by_their_keys() -> None:
    words = READER.words(ENGLISH, b'welcome_text: "It comes {rhythm}."\nconfirmation_subject: "{newsletter}: yes?"\n')

    assert words == {"welcome_text": "It comes {rhythm}.", "confirmation_subject": "{newsletter}: yes?"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello: x", "`hello` is not a name we know"),
        ("welcome_text: ''", "is empty"),
        ("welcome_text: 'Dear {name}'", "{name}, which nothing fills in. It may hold {newsletter} and {rhythm}"),
        ("confirmation_subject: Yes?", "does not say {newsletter}"),
        ("welcome_heading: 'a { b'", "a single brace"),
        ("welcome_heading: <b>Hi</b>", "holds HTML"),
        ("form_button: " + 41 * "x", "41 characters; 40 fit"),
        ("welcome_text: [a]", "is a list"),
    ],
)
def test_words_that_cannot_stand_where_they_belong_are_refused(text: str, said: str) -> None:
    assert said in problem_of_words(text)


def test_every_sentence_of_the_list_stands_in_a_template_and_no_template_asks_for_another() -> None:
    texts = [path.read_text() for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt")]
    asked = {part.split('"')[0] for text in texts for part in text.split('own="')[1:]}

    assert asked == set(OWN_WORDS) - {"strapline", "invitation"}


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    source = text.encode("utf-8", "surrogatepass")

    for read in (lambda: READER.brand(source), lambda: READER.words(ENGLISH, source)):
        with suppress(InvalidSettingsError):
            assert read()


def test_there_is_a_file_of_words_for_each_language() -> None:
    assert set(WORDS.values()) == set(LANGUAGES)


def test_the_guide_lists_every_sentence_with_its_limits() -> None:
    guide = (ROOT / "docs/settings.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (\d+) \| ([^|]+) \|$", guide, re.MULTILINE)

    listed = {key: (int(longest), set(re.findall(r"\{(\w+)\}", holds))) for key, longest, holds in rows}
    assert listed == {key: (words.longest, set(words.may_hold)) for key, words in OWN_WORDS.items()}
    assert {key for key, _, holds in rows if "must" in holds} == {
        k for k, words in OWN_WORDS.items() if words.must_hold
    }


def test_the_example_of_the_guide_and_that_of_the_demo_are_good() -> None:
    example, fields, feeds = re.findall(r"```yaml\n(.+?)```", (ROOT / "docs/settings.md").read_text(), re.DOTALL)
    demo = (ROOT / "samples/settings/brand.yaml").read_bytes()

    assert READER.brand(example.encode())[0]["strapline"].endswith("{rhythm}.")
    assert list(READER.fields(fields.encode())) == ["organisation", "region", "member", "since"]
    assert list(READER.feeds(feeds.encode())) == ["Our blog", "Reports"]
    assert READER.brand(demo)[0]["light"] != TEMPLATES.layer_brand["light"]


def test_a_digest_is_monthly_or_not_there() -> None:
    assert READER.brand(b"digest: monthly\n")[0] == {"digest": "monthly"}
    assert problems_of_brand("digest: weekly\n") == [
        (1, "`digest` is “weekly”.", "Write `digest: monthly`, or remove the line: then there is none.")
    ]
