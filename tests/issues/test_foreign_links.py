"""Links that belong to another system: refused where it would have to complete them, shown where it wrapped them."""

from __future__ import annotations

import pytest

from newsletter.issues.domain.preflight import Level
from tests.issues.test_preflight import look, only

FOOT, PAGE, SAME = "the foot of every email", "every email links to its own page", "the same for every reader"


@pytest.mark.parametrize(
    ("typed", "tag", "remedy"),
    [
        ('<a href="*|UNSUB|*">Leave us</a>', "*|UNSUB|*", FOOT),
        ("[Leave us](*|UNSUB|*)", "*|UNSUB|*", FOOT),
        ('<a href="*|ARCHIVE|*">In a browser</a>', "*|ARCHIVE|*", PAGE),
        ('<a href="https://gov.uk/?e=*|EMAIL|*">The form</a>', "*|EMAIL|*", SAME),
        ('<a href="%%unsubscribe%%">Leave us</a>', "%%unsubscribe%%", FOOT),
        ('<a href="{{unsubscribe_url}}">Leave us</a>', "{{unsubscribe_url}}", FOOT),
        ("[Leave us]({{unsubscribe_url}})", "{{unsubscribe_url}}", FOOT),
        ('<a href="{{ unsubscribe }}">Leave us</a>', "{{ unsubscribe }}", FOOT),
        ('<a href="{{ mirror }}">In a browser</a>', "{{ mirror }}", PAGE),
        ('<a href="{{ view_as_page_url }}">In a browser</a>', "{{ view_as_page_url }}", PAGE),
        ('<a href="{{ unsubscribe_link_all }}">Leave us</a>', "{{ unsubscribe_link_all }}", FOOT),
        ('<a href="[unsubscribe]">Leave us</a>', "[unsubscribe]", FOOT),
        ("<unsubscribe>Leave us</unsubscribe>", "<unsubscribe>", FOOT),
        ("<webversion>In a browser</webversion>", "<webversion>", PAGE),
        ('<a href="{$unsubscribe}">Leave us</a>', "{$unsubscribe}", FOOT),
        ('<a href="%unsubscribe_url%">Leave us</a>', "%unsubscribe_url%", FOOT),
        ('<a href="<%asm_group_unsubscribe_raw_url%>">Leave us</a>', "<%asm_group_unsubscribe_raw_url%>", FOOT),
        ("[The form](https://gov.uk/?id={{contact.id}})", "{{contact.id}}", SAME),
        ('<a href="https://gov.uk/?n={{ name | there }}">The form</a>', "{{ name | there }}", SAME),
    ],
)
def test_a_placeholder_in_an_address_is_refused_with_its_line_and_nothing_else_is_said(
    typed: str, tag: str, remedy: str
) -> None:
    finding = only(look(f"Words.\n\nTo be seen: {typed} and more."))

    assert (finding.level, finding.code, finding.line) == (Level.ERROR, "placeholder-link", 3)
    assert tag in finding.message
    assert remedy in finding.remedy


@pytest.mark.parametrize(
    "typed",
    [
        "[a search](https://gov.uk/search?q=%7B%7Bname%7D%7D)",
        "[a list](https://gov.uk/list?filter[email]=yes&columns=a|b|c)",
        "[a discount](https://gov.uk/100%25)",
        "[our archive](https://gov.uk/archive/unsubscribe/)",
        '`<a href="*|UNSUB|*">`',
    ],
)
def test_an_address_that_only_looks_as_if_it_held_one_passes(typed: str) -> None:
    assert look(f"Words about {typed} for you.").findings == ()


@pytest.mark.parametrize(
    "wrapped",
    [
        "https://www.google.com/url?q=https://www.gov.uk/a%3Fb%3Dc&sa=D&source=editors",
        "https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.gov.uk%2Fa%3Fb%3Dc&data=05",
    ],
)
@pytest.mark.parametrize("typed", ["[the report]({})", '<a href="{}">the report</a>', "<{}>", "[www.gov.uk]({})"])
def test_a_wrapped_link_is_pointed_to_with_where_it_really_leads(wrapped: str, typed: str) -> None:
    finding = only(look(f"Words.\n\nSee {typed.format(wrapped)} for more."))

    assert (finding.level, finding.code, finding.line) == (Level.WARNING, "link-wrapped", 3)
    assert finding.message.endswith(" https://www.gov.uk/a?b=c")
    assert finding.remedy == "Link to it directly: https://www.gov.uk/a?b=c"


def test_words_that_name_another_site_than_a_wrapped_link_reaches_are_pointed_to_as_well() -> None:
    found = look("See [www.tax.uk](https://www.google.com/url?q=https://www.gov.uk/a) for more.")

    assert [finding.code for finding in found.findings] == ["link-wrapped", "link-elsewhere"]
    assert "leads to gov.uk" in found.findings[1].message
