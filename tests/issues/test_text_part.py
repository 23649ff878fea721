from newsletter.issues.domain.personal import substitute
from newsletter.web.lines import columns, wrap
from tests.issues.rendering_samples import received, rendered, sample


def body(markdown: str) -> str:
    text = received(rendered(markdown))[2]
    return text.partition("Words\n\n")[2].partition("-" * 72)[0].strip("\n")


def test_lines_are_no_wider_than_72_columns_unless_they_hold_one_long_address() -> None:
    _, _, text = received(sample(), name="Amina")

    assert all(columns(line) <= 72 or "https://" in line for line in text.split("\n"))


def test_wide_letters_count_twice_and_combining_marks_not_at_all() -> None:
    assert columns("漢字") == 4
    assert columns("e\u0301") == 1
    assert wrap("漢字 漢字 漢字", 9) == ["漢字 漢字", "漢字"]


def test_links_are_numbered_and_listed_before_the_next_heading() -> None:
    text = body("See [the report](https://example.org/r).\n\n## Next\n\nAnd [it](https://example.org/r) again.")

    assert text == (
        "See the report [1].\n\n[1] https://example.org/r\n\nNext\n====\n\nAnd it [2] again.\n\n[2] https://example.org/r"
    )


def test_a_link_that_shows_its_address_is_not_numbered() -> None:
    assert body("<https://example.org/r> and a@example.org") == "https://example.org/r and a@example.org"


def test_lists_hang() -> None:
    assert body(f"9. {'word ' * 16}\n10. two\n    - inner\n") == (
        f" 9. {' '.join(['word'] * 13)}\n    word word word\n10. two\n    - inner"
    )


def test_a_loose_list_keeps_its_air() -> None:
    assert body("- one\n\n- two") == "- one\n\n- two"


def test_quotations_are_marked_on_every_line() -> None:
    assert body("> one\n>\n> > two") == "> one\n>\n> > two"


def test_code_stands_as_it_is() -> None:
    assert body("```\na  {b}\n\nc\n```") == "    a  {b}\n    \n    c"


def test_a_table_lines_up_and_numbers_stand_right() -> None:
    assert body("| Year | People |\n| :-- | --: |\n| 2025 | 9 |\n| 2026 | 1,234 |") == (
        "Year   People\n----   ------\n2025        9\n2026    1,234"
    )


def test_a_table_too_wide_for_columns_is_read_row_by_row() -> None:
    head = "|".join(f"Column {number}" for number in range(8))
    row = "|".join(f"value {number}" for number in range(8))

    text = body(f"|{head}|\n|{'---|' * 8}\n|{row}|\n|{row}|")

    assert text.startswith("Column 0: value 0\nColumn 1: value 1\n")
    assert "\n\nColumn 0:" in text


def test_raw_html_is_read_for_its_words_links_and_pictures() -> None:
    html = '<div><p>One <a href="/two">two</a><br>three</p><script>no</script><img src="x.png" alt="A dog"></div>'

    assert body(html) == "One two [1]\nthree\n[Picture: A dog]\n\n[1] https://news.example.org/two"


def test_raw_lists_tables_and_quotations_look_like_those_of_markdown() -> None:
    html = (
        "<ol start=9><li>nine</li><li>ten <b>bold</b><ul><li>inner</li></ul></li></ol>"
        "<blockquote><p>said</p></blockquote><dl><dt>Word</dt><dd>What it means.</dd></dl>"
        "<table><caption>People</caption><tr><th>Year<th>N</tr><tr><td>2026<td>3<br>4</tr><tr><td>2027</tr></table>"
        "<pre>a\n  b</pre><h3>Head</h3>"
    )

    assert body(html).split("\n") == [
        *(" 9. nine", "10. ten *bold*", "    - inner", "> said", "Word", "    What it means."),
        *("People", "Year   N", "----   ---", "2026   3 4", "2027", "    a", "      b", "Head", "----"),
    ]


def test_links_and_pictures_in_raw_html_within_a_line_are_not_lost() -> None:
    text = body('See <a href="https://example.org/r">the <em>report</em></a> <img src="a.png" alt="A dog"> <s>no</s>.')

    assert text == "See the _report_ [1] [Picture: A dog] [struck out: no].\n\n[1] https://example.org/r"


def test_a_link_in_raw_html_that_leads_nowhere_keeps_its_words() -> None:
    assert body('a <a href="javascript:alert(1)">b</a> <a>c</a>') == "a b c"
    assert body('<p><a href="javascript:alert(1)">b</a> <a>c</a></p>') == "b c"


def test_a_link_in_raw_html_that_is_never_closed_ends_with_its_line() -> None:
    assert body('a <a href="/d">e') == "a e [1]\n\n[1] https://news.example.org/d"


def test_hard_breaks_and_strikes_are_kept() -> None:
    assert body("one\\\ntwo ~~three~~") == "one\ntwo [struck out: three]"


def test_a_name_is_as_wide_as_what_stands_for_it() -> None:
    issue = rendered("Hello {{ name | there }}, " + "word " * 20)

    lines = substitute(issue.text, {"name_0_text": "there", "unsubscribe_url": "", "preferences_url": ""}).split("\n")

    assert f"Hello there, {' '.join(['word'] * 12)}" in lines
