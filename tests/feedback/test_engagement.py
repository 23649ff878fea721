"""What is taken for a machine's work, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.feedback.domain.engagement import (
    BURST_LINKS,
    CLICKED_TOO_SOON,
    OPENED_TOO_SOON,
    TOUCHES_OF_ONE,
    Engagement,
    MachineSign,
    Touch,
    judged,
    pseudonym,
    short_link,
    touch_of,
)
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.feedback.domain.user_agent import RULES, Agent, agent_of
from newsletter.issues.domain.site import HIDDEN, hidden_link
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id

OPENED, CLICKED = FeedbackKind.OPENED, FeedbackKind.CLICKED
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
NAMES = [
    (CHROME, Agent.READER),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", Agent.READER),
    ("Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Thunderbird/128.3.0", Agent.READER),
    ("Microsoft Office/16.0 (Microsoft Outlook 16.0.17928; Pro)", Agent.READER),
    ("Mozilla/5.0", Agent.PRIVACY_PROXY),
    ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", Agent.READERS_PROXY),
    ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", Agent.READERS_PROXY),
    ("Barracuda Sentinel (EE)", Agent.SCANNER),
    ("Mozilla/5.0 (compatible; Proofpoint/2.0)", Agent.SCANNER),
    ("Mimecast-URL-Protect/1.0", Agent.SCANNER),
    ("Microsoft Office Existence Discovery", Agent.SCANNER),
    ("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0) Chrome/116", Agent.SCANNER),
    ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", Agent.SCANNER),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/128.0 Safari/537.36", Agent.SCRIPT),
    ("python-requests/2.32.3", Agent.SCRIPT),
    ("curl/8.5.0", Agent.SCRIPT),
    ("Go-http-client/2.0", Agent.SCRIPT),
    ("", Agent.UNNAMED),
    ("  ", Agent.UNNAMED),
]


def opened(seconds: int = 600, agent: Agent = Agent.READER) -> Touch:
    return Touch(an_id(1), seconds, OPENED, agent)


def clicked(seconds: int = 700, url: str = "https://example.org/a", agent: Agent = Agent.READER) -> Touch:
    return Touch(an_id(1), seconds, CLICKED, agent, short_link(url))


def trap(seconds: int) -> Touch:
    return clicked(seconds, hidden_link("https://news.example.org/issues/one/"))


def signs(*touches: Touch) -> list[MachineSign]:
    return [sign for _, sign in judged(touches)]


@pytest.mark.parametrize(("name", "agent"), NAMES)
def test_each_name_is_taken_for_what_it_is(name: str, agent: Agent) -> None:
    assert agent_of(name) is agent


def test_every_rule_says_why_and_is_used_by_a_name() -> None:
    deciding = {next((rule for rule in RULES if rule.name.search(name)), None) for name, _ in NAMES}

    assert deciding == {None, *RULES}
    assert all(rule.why for rule in RULES)


@pytest.mark.parametrize(
    ("touch", "sign"),
    [
        (opened(), MachineSign.NONE),
        (opened(agent=Agent.READERS_PROXY), MachineSign.NONE),
        (opened(agent=Agent.PRIVACY_PROXY), MachineSign.PRIVACY_PROXY),
        (opened(agent=Agent.SCANNER), MachineSign.SCANNER),
        (opened(agent=Agent.SCRIPT), MachineSign.SCRIPT),
        (opened(agent=Agent.UNNAMED), MachineSign.UNNAMED),
        (opened(OPENED_TOO_SOON - 1), MachineSign.TOO_SOON),
        (opened(OPENED_TOO_SOON), MachineSign.NONE),
        (clicked(), MachineSign.NONE),
        (clicked(agent=Agent.READERS_PROXY), MachineSign.SCANNER),
        (clicked(agent=Agent.PRIVACY_PROXY), MachineSign.SCANNER),
        (clicked(CLICKED_TOO_SOON - 1), MachineSign.TOO_SOON),
        (clicked(CLICKED_TOO_SOON), MachineSign.NONE),
        (trap(700), MachineSign.HIDDEN_LINK),
    ],
)
def test_one_touch_alone(touch: Touch, sign: MachineSign) -> None:
    assert signs(touch) == [sign]


def test_many_links_within_seconds_are_a_machine_and_the_same_links_over_minutes_are_a_reader() -> None:
    urls = [f"https://example.org/{number}" for number in range(BURST_LINKS)]

    assert set(signs(*(clicked(700 + n, url) for n, url in enumerate(urls)))) == {MachineSign.BURST}
    assert set(signs(*(clicked(700 + 60 * n, url) for n, url in enumerate(urls)))) == {MachineSign.NONE}


def test_the_same_link_again_and_again_is_no_burst() -> None:
    assert set(signs(*(clicked(700 + n) for n in range(5)))) == {MachineSign.NONE}


def test_who_falls_for_the_hidden_link_is_a_machine_then_and_may_be_a_reader_later() -> None:
    found = signs(opened(300), clicked(302), trap(303), opened(4_000), clicked(4_060))

    assert found == [
        MachineSign.HIDDEN_LINK,
        MachineSign.HIDDEN_LINK,
        MachineSign.HIDDEN_LINK,
        MachineSign.NONE,
        MachineSign.NONE,
    ]


def test_nobody_has_use_for_a_mail_so_often() -> None:
    assert set(signs(*(opened(600 * n + 60) for n in range(TOUCHES_OF_ONE)))) == {MachineSign.TOO_OFTEN}


def test_the_hidden_link_is_counted_as_a_click_and_listed_nowhere() -> None:
    url = "https://example.org/a"

    found = Engagement.of([[trap(900), clicked(5_000, url)]], {short_link(url): url})

    assert (found.clicks.raw, found.clicks.machine, found.clicks.people) == (2, 1, 1)
    assert [link for link, _ in found.links] == [url]


def test_links_come_with_the_one_most_people_followed_first() -> None:
    urls = {short_link(each): each for each in ("https://example.org/a", "https://example.org/b")}
    touches = [replace(clicked(url="https://example.org/b"), recipient=an_id(n)) for n in range(3)]

    found = Engagement.of([[*touches, clicked(9_000)]], urls)

    assert [(url, count.people) for url, count in found.links] == [
        ("https://example.org/b", 3),
        ("https://example.org/a", 1),
    ]


TOUCHES = st.builds(
    Touch,
    recipient=st.integers(1, 4).map(an_id),
    seconds=st.integers(0, 40),
    kind=st.just(CLICKED),
    agent=st.sampled_from(Agent),
    link=st.sampled_from([HIDDEN, *(short_link(f"https://example.org/{n}") for n in range(4))]),
) | st.builds(
    Touch,
    recipient=st.integers(1, 4).map(an_id),
    seconds=st.integers(0, 40),
    kind=st.just(OPENED),
    agent=st.sampled_from(Agent),
)


@given(st.lists(TOUCHES), st.randoms())
def test_the_numbers_add_up_in_any_order_and_survive_json(touches: list[Touch], random: object) -> None:
    found = Engagement.of([touches], {})
    shuffled = touches * 2
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert Engagement.of([shuffled], {}) == found
    assert Engagement.of_plain(found.plain()) == found
    for count in (found.opens, found.clicks, *(each for _, each in found.links)):
        assert 0 <= count.people <= count.likely_human
        assert count.raw == count.machine + count.likely_human


def a_click(url: str) -> FeedbackEvent:
    return FeedbackEvent(
        kind=CLICKED, message_id="m", happened_at=NOW, mailed_at=NOW, seconds=300, subscriber_id=an_id(1),
        slug=SLUG, part="00", mail="issue", link=url,
    )  # fmt: skip


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example.org/unsubscribe?token=abc",
        "https://news.example.org/preferences?token=abc",
        "https://news.example.org/anything?token=abc",
        "https://news.example.org/unsubscribe/",
    ],
)
def test_a_readers_own_link_is_never_counted(url: str) -> None:
    assert touch_of(a_click(url)) is None


@pytest.mark.parametrize("url", ["https://example.org/", "http://[broken", "", "https://example.org/x?tokens=1"])
def test_any_other_link_is(url: str) -> None:
    touch = touch_of(a_click(url))

    assert touch is not None
    assert (touch.seconds, touch.link) == (300, short_link(url))


def test_a_pseudonym_is_stable_in_a_send_and_new_in_the_next() -> None:
    one, other = pseudonym(an_id(1), b"salt"), pseudonym(an_id(1), b"other salt")

    assert one == pseudonym(an_id(1), b"salt")
    assert one != other
    assert len(one) == len(an_id(1))


@pytest.mark.parametrize(("seconds", "kept"), [(-5, 0), (300, 300), (10**12, 60 * 86_400)])
def test_a_moment_that_cannot_be_is_taken_for_the_nearest_that_can(seconds: int, kept: int) -> None:
    touch = touch_of(replace(a_click("https://example.org/"), seconds=seconds))

    assert touch is not None
    assert touch.seconds == kept
