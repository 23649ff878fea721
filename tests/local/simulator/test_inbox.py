"""The inbox: its API, which is a contract, and its pages."""

import html.parser
import re

import httpx
import pytest

from newsletter.web.mail_preview import preview
from tests.local.simulator.sending import bulk, entry, single
from tests.ses_server import SesServer


def get(ses: SesServer, path: str, **query: str) -> httpx.Response:
    return ses.http("GET", f"/inbox/{path}", params=query)


def send_some(ses: SesServer) -> None:
    bulk(ses, [entry("ann@example.org", issue="one", kind="issue"), entry("joann@example.org", issue="two")])
    ses.clock.advance(1)
    single(ses, to="ann@example.org")


def test_the_api_has_the_shape_of_the_contract(ses: SesServer) -> None:
    send_some(ses)

    messages = get(ses, "api/messages").json()

    assert [message["sent_at"][:19] for message in messages] == sorted(
        (message["sent_at"][:19] for message in messages), reverse=True
    )
    assert messages[0].keys() >= {"id", "to", "from", "subject", "headers", "html", "text", "raw", "tags", "sent_at"}
    assert messages[0]["headers"][0][0] == "Message-ID"
    assert messages[0]["from"] == "The Briefing <news@example.org>"


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"to": "ann@example.org"}, 2),
        ({"to": "ANN@example.org"}, 2),
        ({"to": "ann"}, 3),
        ({"to": "@example.org"}, 3),
        ({"subject": "welc"}, 1),
        ({"tag.issue": "one"}, 1),
        ({"tag.issue": "one", "to": "joann@example.org"}, 0),
        ({"tag.issue": ""}, 3),
        ({"limit": "2"}, 2),
        ({"offset": "2"}, 1),
    ],
)
def test_messages_are_found_by_recipient_subject_and_tag(ses: SesServer, query: dict[str, str], number: int) -> None:
    send_some(ses)

    assert len(get(ses, "api/messages", **query).json()) == number


def test_a_summary_leaves_the_bodies_out(ses: SesServer) -> None:
    send_some(ses)

    answer = get(ses, "api/messages", view="summary", limit="1")

    assert answer.headers["X-Total-Count"] == "3"
    assert "raw" not in answer.json()[0]


def test_one_message_is_had_by_its_id_and_delete_empties_the_inbox(ses: SesServer) -> None:
    message_id = single(ses)

    assert get(ses, f"api/messages/{message_id}").json()["id"] == message_id
    assert ses.http("DELETE", "/inbox/api/messages").status_code == 204
    assert get(ses, "api/messages").json() == []
    assert get(ses, f"api/messages/{message_id}").status_code == 404


class Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "option":
            self.found += [value or "" for name, value in attrs if name in ("href", "src", "action")]
        assert tag != "script"


@pytest.mark.parametrize("view", ["", "desktop", "phone", "dark", "text", "source", "headers", "unknown"])
def test_every_view_of_a_message_links_relatively_and_runs_no_script(ses: SesServer, view: str) -> None:
    message_id = bulk(ses, [entry("ann@example.org", {"name": "<script>alert(1)</script>"}, issue="one")])[0][
        "MessageId"
    ]

    page = get(ses, f"messages/{message_id}", view=view)

    assert page.status_code == 200
    links = Links()
    links.feed(page.text)
    assert links.found
    assert not [link for link in links.found if link.startswith(("/", "http"))]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_list_shows_what_is_there_and_filters(ses: SesServer) -> None:
    assert "Nothing here yet" in get(ses, "").text
    send_some(ses)

    assert len(re.findall(r'<a href="messages/', get(ses, "").text)) == 3
    assert len(re.findall(r'<a href="messages/', get(ses, "", **{"tag.issue": "two"}).text)) == 1
    assert "No message matches" in get(ses, "", to="nobody").text


def test_a_long_list_has_pages(ses: SesServer) -> None:
    bulk(ses, [entry(f"r{n}@example.org") for n in range(50)])
    bulk(ses, [entry(f"s{n}@example.org") for n in range(10)])

    first, second = get(ses, ""), get(ses, "", offset="50")

    assert "1–50 of 60" in first.text
    assert "51–60 of 60" in second.text
    assert 'href="?offset=50"' in first.text
    assert 'href="?offset=0"' in second.text


def test_the_inbox_without_its_slash_leads_to_it(ses: SesServer) -> None:
    answer = ses.http("GET", "/inbox")

    assert (answer.status_code, answer.headers["Location"]) == (307, "inbox/")


def test_the_mail_itself_is_served_in_a_sandbox(ses: SesServer) -> None:
    message_id = bulk(ses, [entry("ann@example.org")])[0]["MessageId"]

    answer = get(ses, f"messages/{message_id}/body.html")

    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "<p>Dear reader</p>" in answer.text
    assert "https:" not in answer.headers["Content-Security-Policy"]


def test_the_source_can_be_taken_away(ses: SesServer) -> None:
    message_id = single(ses)

    assert get(ses, f"messages/{message_id}/message.eml").content.startswith(b"Message-ID: <")


def test_a_dark_style_is_decided_by_the_view_and_not_by_this_machine() -> None:
    html = "<html><head><style>@media (prefers-color-scheme: dark){p{color:#fff}}</style></head><body></body></html>"

    assert "@media (min-width: 0px)" in preview(html, dark=True)
    assert "@media (max-width: 0px)" in preview(html, dark=False)


def test_a_mail_without_a_dark_style_is_turned_round_in_the_dark() -> None:
    assert "invert(1)" in preview("<!doctype html><p>Hello</p>", dark=True)
    assert "invert(1)" not in preview("<!doctype html><p>Hello</p>", dark=False)
