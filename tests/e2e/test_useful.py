"""What readers say of an issue, by its two words and by replies, on the laptop stack with permissions enforced."""

from __future__ import annotations

import json
import os
from email.utils import getaddresses
from pathlib import Path

import httpx
import pytest

from local.reader import wait_for
from tests.command_line import typed
from tests.factories import subscriber
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

SLUG = "2026-11-03-useful"
ISSUE = "---\ntitle: Useful\ndate: 2026-11-03\nsend: now\naudience: tag:useful\n---\n\nThis is the whole issue.\n"
READERS = [f"useful-{number}@example.org" for number in range(4)]


def vote_links(stack: Laptop, email: str) -> dict[str, str]:
    """Return the links of the email that a reader got, by their answers."""
    message = stack.mail(email, "issue")
    found = {each for each in stack.links(message) if each.startswith(f"{stack.url}/vote?issue={SLUG}&")}
    return {each.rpartition("=")[2]: each for each in found}


def test_readers_say_whether_an_issue_was_useful_and_the_report_counts_them(stack: Laptop, tmp_path: Path) -> None:
    for email in READERS:
        tagged = subscriber(subscriber_id=stack.who(email), email=email, tags=frozenset({"useful"}))
        assert stack.subscribers.save(tagged)
    stack.upload(SLUG, ISSUE)
    assert stack.books(SLUG).sent == len(READERS)

    for number, email in enumerate(READERS):
        links = vote_links(stack, email)
        assert links.keys() == {"yes", "no"}
        for link in links.values():  # as a filter does that follows every link
            page = httpx.get(link, timeout=30)
            assert (page.status_code, "Was this useful?" in page.text) == (200, True)
        if number < 3:
            answers = [httpx.post(links["yes"], data={"answer": ("yes", "no")[number == 2]}, timeout=30)] + [
                httpx.post(links["no"], data={"answer": "no"}, timeout=30) for _ in range(3)
            ]
            assert [answer.status_code for answer in answers] == [200] * 4
            assert ["that one stands" in answer.text for answer in answers] == [False, True, True, True]

    reply_to = dict(stack.mail(READERS[3], "issue")["headers"])["Reply-To"]
    people, counted_at = (address for _, address in getaddresses([reply_to]))
    assert (people.partition("@")[2], counted_at.partition("+")[0]) == ("example.org", "replies")
    head = f"From: {READERS[3]}\nTo: {reply_to}\nSubject: Re: Useful\nAuthentication-Results: x; dmarc=pass"
    for reply in (f"{head}\n\nYes!", f"{head}\n\nAnd one more thing."):
        httpx.post(f"{stack.where['ses_endpoint']}/_simulator/inbound", content=reply, timeout=30).raise_for_status()
    thanks = stack.mail(READERS[3], "reply_thanks")
    assert "Thank you for your reply" in thanks["text"]

    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "stack.json").write_text(json.dumps(dict(stack.where)))

    def report(*options: str) -> dict[str, object] | None:
        done = typed("--local", "report", SLUG, "--json", *options, folder=tmp_path, environment=dict(os.environ))
        return dict(json.loads(done.stdout)) if done.returncode == 0 else None

    wait_for("the first report", report)
    report("--fresh")
    said = {"useful": 2, "not_useful": 1, "replies": 1}
    wait_for("a report that counts them", lambda: (found := report()) is not None and found["responses"] == said)

    of_issue = stack.client("dynamodb").scan(TableName=stack.where["tables"]["limits"])["Items"]
    voted = [each for each in of_issue if each["counter_key"]["S"].startswith(f"voted#{SLUG}#")]
    assert [each.keys() for each in voted] == [{"counter_key", "expires_at"}] * 3
    assert len(stack.mails(READERS[3], "reply_thanks")) == 1
    assert not [each for each in voted if any(stack.who(email)[:16] in str(each) for email in READERS)]
