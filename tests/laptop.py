"""The laptop stack as tests look at it: mails and the links in them, tables, queues, logs, keys."""

import html
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import httpx

from local.emulator import aws_client
from local.reader import Inbox, Reader, StoryFailedError, wait_for
from local.simulator.account import Limits
from newsletter.aws.secrets import key_store, read_signing_keys
from newsletter.config import written_out
from newsletter.core.link_token import SigningKeys
from newsletter.core.links import Links
from newsletter.core.team import Role
from newsletter.desk.adapters.comment_links import CommentLinks
from newsletter.desk.adapters.dynamo_reviews import DynamoReviews
from newsletter.desk.adapters.programs.dynamo_api_keys import DynamoApiKeys
from newsletter.desk.api_keys.change_keys import make_key
from newsletter.desk.domain.comment import CommentLink
from newsletter.feedback.adapters.hold_links import HoldLinks
from newsletter.issues.adapters.dynamo_issues import DynamoIssues
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.adapters.dynamo_suppressions import DynamoSuppressions
from newsletter.readers.adapters.email_addresses import EmailAddresses
from newsletter.readers.domain.subscriber import Subscriber
from newsletter.reports.adapters.report_links import ReportLinks
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from newsletter.sending.domain.books import Books
from newsletter_cli.operator.queue_facts import DEAD_LETTERS, SIGN_OF_LIFE

ERROR = '"level":"ERROR"'
AT_HAND = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
STATES = (*AT_HAND, "ApproximateNumberOfMessagesDelayed")
"""Every state in which a message is still to be worked on."""


@dataclass(frozen=True)
class Laptop:
    """A running stack: its home folder, and what its stack.json says."""

    home: Path
    where: Mapping[str, Any]

    @property
    def url(self) -> str:
        return str(self.where["url"])

    @property
    def inbox(self) -> Inbox:
        return Inbox(self.where["inbox_url"])

    def reader(self, email: str, name: str = "") -> Reader:
        return Reader(email, name, self.url, self.inbox)

    def mails(self, email: str, kind: str) -> list[dict[str, Any]]:
        """Return the mails of one kind that this very address got, oldest first."""
        found = self.inbox.messages(**{"to": email, "tag.kind": kind})
        return [message for message in reversed(found) if message["to"] == email]

    def mail(self, email: str, kind: str) -> dict[str, Any]:
        """Wait for a mail of this kind, and return the newest."""
        return wait_for(f"a mail of the kind {kind}", lambda: self.mails(email, kind))[-1]

    def link(self, message: Mapping[str, Any], path: str) -> str:
        """Return the link to /path of a mail."""
        return next(link for link in self.links(message) if link.startswith(f"{self.url}/{path}?token="))

    def decide_link(self, message: Mapping[str, Any], verb: str) -> str:
        """Return the editors' link of a preview for this decision."""
        return next(link for link in self.links(message) if link.startswith(f"{self.url}/decide?do={verb}&"))

    def report_links(self) -> ReportLinks:
        """Return what makes the editors' links to reports, with the keys of this stack."""
        return ReportLinks(self.url, self._editor_keys)

    def hold_links(self) -> HoldLinks:
        """Return what makes the editors' links to held confirmations, with the keys of this stack."""
        return HoldLinks(self.url, self._editor_keys)

    def comment_page(self, slug: str, *, now: datetime) -> str:
        """Return the address by which somebody without an account comments on an issue."""
        link = CommentLink(secrets.token_hex(8), now, made_by="Ada")
        DynamoReviews(self.client("dynamodb"), self.where["tables"]["reviews"]).make_link(slug, link)
        return CommentLinks(self.url, self._editor_keys).to_page(slug, link)

    def api_key(self, *roles: Role, now: datetime, name: str = "A program of the tests") -> str:
        """Return a new key of the API, as the desk shows it once."""
        keys = DynamoApiKeys(self.client("dynamodb"), self.where["tables"]["sessions"])
        return make_key(name, roles, made_by="ada@example.org", api_keys=keys, now=now)[1]

    def vote_page(self, slug: str, email: str, *, now: datetime) -> str:
        """Return the address behind "Not really" in the email of an issue to this reader."""
        return f"{Links(self.url, self._keys('SIGNING_KEYS_SECRET')).to_vote(slug, self.who(email), now=now)}no"

    @cached_property
    def _editor_keys(self) -> SigningKeys:
        return self._keys("EDITOR_KEYS_SECRET")

    def _keys(self, setting: str) -> SigningKeys:
        functions = self.client("lambda")
        settings = functions.get_function_configuration(FunctionName=self.where["functions"]["report"])["Environment"]
        secret = written_out(settings["Variables"])[setting]
        return read_signing_keys(key_store(secret, self.client).read(secret))

    def links(self, message: Mapping[str, Any]) -> set[str]:
        """Return every address of this stack that a mail names: in its text, its HTML and its headers."""
        headers = " ".join(value for _, value in message["headers"])
        everything = " ".join([message["text"], html.unescape(message["html"]), headers])
        return set(re.findall(re.escape(self.url) + r"""/[^\s"'<>()]*""", everything))

    def confirmed(self, email: str, name: str = "") -> Reader:
        """Return a reader who signed up, pressed the button, and was welcomed."""
        reader = self.reader(email, name)
        assert reader.sign_up().status_code == 303
        assert httpx.post(self.link(self.mail(email, "confirmation"), "confirm"), timeout=30).status_code == 200
        self.mail(email, "welcome")
        return reader

    def account_link(self, email: str) -> str:
        """Return a fresh link to everything about a reader, as they have it mailed to them."""
        before = len(self.mails(email, "account_link"))
        httpx.post(f"{self.url}/preferences", data={"email": email}, timeout=30).raise_for_status()
        mails = wait_for(f"a fresh link for {email}", lambda: self.mails(email, "account_link")[before:])
        return self.link(mails[0], "preferences")

    def upload(self, slug: str, source: str) -> None:
        """Upload an issue as an editor does, and wait until the editors' preview has left."""
        bucket, s3 = self.where["content_bucket"], self.client("s3")
        version = s3.put_object(Bucket=bucket, Key=f"issues/{slug}.md", Body=source.encode())["VersionId"]
        issues = DynamoIssues(self.client("dynamodb"), self.where["tables"]["issues"])

        def told() -> bool:
            record = issues.get(slug)
            return record is not None and record.version == version and bool(record.announced)

        wait_for(f"the preview of {slug}", told)

    def preview_page(self, slug: str) -> str:
        """Return the address of the preview page of an issue, from the newest preview that was mailed."""
        found = (link for mail in self.inbox.messages() for link in self.links(mail) if "/preview/" in link)
        return next(link.partition("?")[0] for link in found if f"/preview/{slug}." in link)

    def books(self, slug: str) -> Books:
        """Wait for the send of an issue to close, and return its books."""
        sends = DynamoSends(self.client("dynamodb"), self.where["tables"]["sends"])

        def closed() -> Books | None:
            send = sends.get(slug)
            return send.books if send else None

        return wait_for(f"the books of {slug}", closed, seconds=60)

    def who(self, email: str) -> str:
        """Return the id of an address."""
        return self.addresses.subscriber_id(self.addresses.mailbox(email))

    def held(self, email: str) -> Subscriber | None:
        """Return the record of an address."""
        return self.subscribers.get(self.who(email))

    def tables(self, *, but: tuple[str, ...] = ()) -> dict[str, list[dict[str, Any]]]:
        """Return every item of every table, in an order that does not change by itself."""
        return {
            word: sorted(self._scan(name), key=str) for word, name in self.where["tables"].items() if word not in but
        }

    def what_people_did(self) -> dict[str, list[dict[str, Any]]]:
        """Return every item but those that a clock may write at any moment, and the counters of requests."""
        tables = self.tables(but=("limits",))
        return tables | {"sends": [item for item in tables["sends"] if not _of_a_clock(item)]}

    def tell(self, queue: str, body: str) -> None:
        """Send a message to one of our queues, as a clock does."""
        self.client("sqs").send_message(QueueUrl=self.where["queues"][queue], MessageBody=body)

    def waiting(self, queue: str, states: tuple[str, ...] = STATES) -> int:
        """Return how many messages of a queue are still to be worked on."""
        url = self.where["queues"][queue]
        counted = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(states))["Attributes"]
        return sum(int(counted[name]) for name in states)

    def wait_until_quiet(self) -> None:
        """Wait until no function has anything left to do.

        An issue waits a minute for a file that it names, and a busy machine longer for its functions.
        """
        self._wait_until_empty(STATES, seconds=150)

    def forget_sends(self) -> None:
        """Forget every send: one that stays paused is looked at again and again, and others wait for that."""
        self._empty_table(self.where["tables"]["sends"])
        for queue in ("plan", "batch", "settle"):
            self.drop_what_waits(queue)

    def drop_what_waits(self, queue: str) -> None:
        """Throw away the messages of a queue, such as an email about comments that waits for its quarter of an hour."""
        self.client("sqs").purge_queue(QueueUrl=self.where["queues"][queue])

    def restart(self, function: str) -> None:
        """End what runs a function, with all it remembers: the next message gets a fresh one, as after a deployment."""
        self.wait_until_quiet()
        functions, name = self.client("lambda"), self.where["functions"][function]
        stands = functions.get_function_configuration(FunctionName=name)
        functions.update_function_configuration(FunctionName=name, Environment=stands["Environment"])

    def empty(self) -> None:
        """Make it a stack on which nobody did anything yet; only its keys and its logs stay."""
        simulator = self.where["ses_endpoint"]
        for what, at_first in (("faults", {}), ("account", asdict(Limits()))):
            httpx.put(f"{simulator}/_simulator/{what}", json=at_first).raise_for_status()
        self._empty_bucket("content")  # `publish` hears of it, and withdraws what was there
        self._let_work_end()
        wait_for("SES's events", lambda: not httpx.get(f"{simulator}/_simulator/stats").json()["events"]["waiting"])
        self._let_work_end()
        for name in self.where["tables"].values():
            self._empty_table(name)
        self._empty_bucket("site")
        self._empty_suppression_list()
        for queue in self.where["queues"]:
            self.drop_what_waits(queue)
        httpx.delete(f"{self.inbox.url}/api/messages").raise_for_status()
        self.tell("publish", json.dumps({"refresh": "archive"}))
        wait_for("the empty archive", lambda: httpx.get(f"{self.url}/").status_code == 200)
        self.wait_until_quiet()

    def log_lines(self) -> Iterator[tuple[str, str]]:
        """Yield every line that a function logged so far, from the files that the stack writes, with its function."""
        for word, name in self.where["functions"].items():
            file = self.home / "logs" / f"{word}.log"
            written = [event["message"].rstrip() for event in self._log_events(name)]
            wait_for(f"the log of {word}", partial(_holds, file, written))
            for line in file.read_text(encoding="utf-8").splitlines():
                yield word, line

    @cached_property
    def address_key(self) -> str:
        functions = self.client("lambda")
        settings = functions.get_function_configuration(FunctionName=self.where["functions"]["greet"])["Environment"]
        secret = written_out(settings["Variables"])["ADDRESS_KEY_SECRET"]
        return str(self.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])

    @cached_property
    def addresses(self) -> EmailAddresses:
        return EmailAddresses(self.address_key)

    @cached_property
    def subscribers(self) -> DynamoSubscribers:
        return DynamoSubscribers(self.client("dynamodb"), self.where["tables"]["subscribers"])

    @cached_property
    def suppressions(self) -> DynamoSuppressions:
        tables = self.where["tables"]
        return DynamoSuppressions(self.client("dynamodb"), tables["suppressions"], self.subscribers, tables["receipts"])

    def client(self, service: Any) -> Any:
        """Return a client of the emulator, with the rights of its owner."""
        return aws_client(service, self.where["aws_endpoint"])

    def _let_work_end(self) -> None:
        """Wait until no function is at work; what failed stays hidden for up to an hour, and is not waited for."""
        with suppress(StoryFailedError):
            self._wait_until_empty(AT_HAND, seconds=60)

    def _wait_until_empty(self, states: tuple[str, ...], *, seconds: float) -> None:
        found: dict[str, int] = {}

        def empty() -> bool:
            found.clear()
            found.update(
                (name, number)
                for name in self.where["queues"]
                if name != SIGN_OF_LIFE and not name.endswith(DEAD_LETTERS) and (number := self.waiting(name, states))
            )
            return not found

        try:
            wait_for("the queues to be empty", empty, seconds=seconds)
        except StoryFailedError as problem:
            raise StoryFailedError(f"{problem}: {found}; {self._failures()}") from None

    def _failures(self) -> dict[str, list[str]]:
        """Return the last lines that functions logged as errors, each by its function."""
        files = {file.stem: file.read_text(encoding="utf-8").splitlines() for file in self.home.glob("logs/*.log")}
        failed = {name: [line for line in lines if ERROR in line] for name, lines in files.items()}
        return {name: lines[-2:] for name, lines in failed.items() if lines}

    def _empty_table(self, name: str) -> None:
        dynamodb = self.client("dynamodb")
        key = [each["AttributeName"] for each in dynamodb.describe_table(TableName=name)["Table"]["KeySchema"]]
        keys = [{part: item[part] for part in key} for item in self._scan(name)]
        for start in range(0, len(keys), 25):  # DynamoDB takes no more in one call
            deletions = [{"DeleteRequest": {"Key": each}} for each in keys[start : start + 25]]
            assert not dynamodb.batch_write_item(RequestItems={name: deletions})["UnprocessedItems"]

    def _empty_bucket(self, word: str) -> None:
        s3, bucket = self.client("s3"), self.where[f"{word}_bucket"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for item in page.get("Contents", []):
                s3.delete_object(Bucket=bucket, Key=item["Key"])

    def _empty_suppression_list(self) -> None:
        ses = aws_client("sesv2", self.where["ses_endpoint"])
        while listed := ses.list_suppressed_destinations()["SuppressedDestinationSummaries"]:
            for each in listed:
                ses.delete_suppressed_destination(EmailAddress=each["EmailAddress"])

    def _scan(self, table: str) -> list[dict[str, Any]]:
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def _log_events(self, function: str) -> list[dict[str, Any]]:
        pages = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
        return [event for page in pages for event in page["events"]]


def _holds(file: Path, written: list[str]) -> bool:
    text = file.read_text(encoding="utf-8")
    return all(message in text for message in written)


def _of_a_clock(item: Mapping[str, Any]) -> bool:
    return item["slug"]["S"] in ("calendar", "reports") or item["item"]["S"].startswith("usage#")
