"""Contrast, measured on the mail as it is: on the colours each piece of text really has."""

from __future__ import annotations

import pytest

from newsletter.issues.checking.preflight_colours import unreadable
from newsletter.issues.domain.contrast import contrast, read_colour
from tests.issues.rendering_samples import received, rendered, sample

EVERYTHING = """Hello {{ name | there }}, *emphasis*, **strong**, `code`, <mark>mark</mark>, <kbd>key</kbd>,
[link](https://gov.uk/).

## Heading

> A quotation with a [link](https://gov.uk/) and `code`.

| a | b |
|---|---|
| [x](https://gov.uk/) | `y` |

![A gate](gate.png "A caption with words.")

```python
def f(x: int) -> str:  # a remark
    return "text" + str(3)
```

A note.[^1]

[^1]: With a [link](https://gov.uk/).
"""


def test_the_formula_is_that_of_wcag() -> None:
    black, white, grey = (0, 0, 0), (255, 255, 255), (119, 119, 119)

    assert contrast(black, white) == pytest.approx(21)
    assert contrast(white, white) == 1
    assert contrast(grey, white) == pytest.approx(4.48, abs=0.01)  # the well-known #777 that just fails


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#fff", (255, 255, 255)),
        ("#0B5a6b", (11, 90, 107)),
        ("rgb(1, 2, 3)", (1, 2, 3)),
        ("white", (255, 255, 255)),
        ("transparent", None),
        ("#ffff", None),
        ("rgba(0,0,0,.5)", None),
        ("", None),
    ],
)
def test_plain_colours_are_read_and_others_left_alone(text: str, colour: tuple[int, int, int] | None) -> None:
    assert read_colour(text) == colour


def test_every_word_of_our_mails_can_be_read_in_light_and_dark() -> None:
    for mail in (sample(), rendered(EVERYTHING)):
        assert unreadable(received(mail)[1]) == []


def test_text_wears_the_colours_around_it() -> None:
    found = unreadable('<div style="background-color:#ffffff"><p style="color:#999999">Pale <b>words</b></p></div>')

    assert [(pair.scheme, pair.front, pair.back, pair.words) for pair in found if pair.scheme == "light"] == [
        ("light", "#999999", "#ffffff", "Pale")
    ]


def test_large_text_needs_less() -> None:
    style = "color:#888888;background-color:#ffffff;font-size:24px"

    assert unreadable(f'<p style="{style}">Large</p>') == []
    assert unreadable(f'<p style="{style.replace("24px", "23px")}">Smaller</p>') != []


def test_what_nobody_sees_is_not_measured() -> None:
    assert unreadable('<p style="display:none;color:#ffffff;background-color:#ffffff">Words</p>') == []


def dark(rules: str, body: str) -> list[tuple[str, str]]:
    source = f"<style>@media (prefers-color-scheme: dark) {{ {rules} }}</style>{body}"
    return [(pair.front, pair.back) for pair in unreadable(source) if pair.scheme == "dark"]


CARD = (
    '<div class="card" style="background-color:#ffffff;color:#000000">'
    '<p class="x" style="color:#222222">Words</p></div>'
)


def test_in_dark_mode_only_important_rules_beat_the_style_on_an_element() -> None:
    assert dark("", CARD) == []
    assert dark(".card { background-color: #111111 !important; }", CARD) == [("#222222", "#111111")]
    assert dark(".card { background-color: #111111; }", CARD) == []
    assert dark(".card { background-color: #111111 !important; } .card .x { color: #eeeeee !important; }", CARD) == []
    assert dark(".card { background-color: #111111 !important; } .other .x { color: #eeeeee !important; }", CARD) != []


def test_the_more_particular_rule_wins_wherever_it_stands() -> None:
    rules = (
        ".card .x { color: #eeeeee !important; } p { color: #000000 !important; }"
        " .card { background-color: #111111 !important; }"
    )

    assert dark(rules, CARD) == []
