import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name

from newsletter.issues.writing.highlighting import LANGUAGES, LONGEST, highlight
from newsletter.issues.writing.markdown import MOST_COLOURED
from tests.issues.rendering_samples import TEMPLATES, received, rendered

PYTHON = "```python\ndef greet(name):  # politely\n    return 'Hello' + 1\n```"


def shown(marked: str) -> str:
    return html.unescape(re.sub(r'<span class="code-[a-z]+">|</span>', "", marked))


def test_code_has_the_colours_of_the_brand_in_the_mail_and_classes_on_the_page() -> None:
    issue = rendered(PYTHON)

    assert '<span class="code-keyword">def</span> <span class="code-name">greet</span>(name)' in issue.web_html
    assert '<span class="code-comment"># politely</span>' in issue.web_html
    assert '<span class="code-keyword">def</span>' in issue.html
    assert f".text .code-keyword {{ color: {TEMPLATES.brand['light']['code_keyword']}; }}" in issue.html
    assert f".text .code-keyword{{color:{TEMPLATES.brand['dark']['code_keyword']}!important}}" in issue.html
    assert "    def greet(name):  # politely\n" in received(issue)[2]


@pytest.mark.parametrize("language", ["", "klingon", "../x", "python; rm", "PyThOnX"])
def test_a_language_we_do_not_know_stays_plain(language: str) -> None:
    assert "<pre><code>def a(): &lt;b&gt;\n</code></pre>" in rendered(f"```{language}\ndef a(): <b>\n```").web_html


def test_words_behind_the_language_are_not_part_of_it() -> None:
    assert "code-keyword" in rendered('```Python {title="a"}\nreturn\n```').web_html


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_of_ours_is_one_of_the_library(language: str) -> None:
    assert get_lexer_by_name(language)


@given(st.text(st.sampled_from("<>&\"'{}[]()|\\/#$%-=: \t\nab1"), max_size=60), st.sampled_from(sorted(LANGUAGES)))
def test_what_is_shown_is_what_was_written(code: str, language: str) -> None:
    assert shown(highlight(code, language)) == code


def test_a_file_instead_of_an_example_stays_plain() -> None:
    assert "<span" in highlight("return\n" * (LONGEST // 7), "python")
    assert "<span" not in highlight("return\n" * LONGEST, "python")


def test_an_issue_full_of_code_is_coloured_up_to_its_share() -> None:
    block = f"```python\nreturn {'a' * 3000}\n```\n\n"

    coloured = rendered(block * 20).web_html.count("code-keyword")

    assert coloured == MOST_COLOURED // 3008
