"""What the desk's pages take, cold and warm, and what an hour of writing costs: AWS in the process, each page alone.

A page is measured in a process of its own, because what one loads another would find there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import import_module
from statistics import quantiles
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from bench.counting import Operations
from local.package import read_template
from local.process import ROOT
from newsletter.sending.domain.forecast import PRICES

if TYPE_CHECKING:
    from newsletter.desk.domain.session import Session
    from tests.functions.conftest import Deployment

COOKIE = "the secret of a browser"
ROUNDS = 20
PAUSES = 600
"""Of an hour: who writes stops for a second every six seconds. Each pause is drawn and saved."""

WAIT = 0.010
"""Seconds that a call of DynamoDB or S3 takes. Lambda bills waiting as it does work."""

SLUG = "2026-12-15-trams"
ISSUE = f"/desk/issues/{SLUG}/"
WORDS = "The tram is back, and [the line](https://example.org/) is as **long** as it ever was. "
TEXT = "Hello {{ name | there }},\n\n" + "\n\n".join(f"## Part {each}\n\n{5 * WORDS}" for each in range(14))
"""An issue of 1,200 words."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the desk, or what a script of it asks for."""

    path: str
    function: str = "desk"
    posts: bool = False
    """The form of Write, as its script sends it."""


PAGES = {
    "today": Page("/desk/"),
    "issues": Page("/desk/issues/"),
    "issue": Page(ISSUE),
    "write": Page(f"{ISSUE}write/"),
    "preview": Page(f"{ISSUE}look", posts=True),
    "autosave": Page(f"{ISSUE}save", posts=True),
    "calendar": Page("/desk/calendar/"),
    "results": Page("/desk/results/"),
    "health": Page("/desk/health/"),
    "help": Page("/desk/help/"),
    "log": Page("/desk/log/"),
    "people": Page("/desk/people/", "desk_people"),
    "team": Page("/desk/team/", "sign_in"),
}

PER_REQUEST = {"API Gateway": 1.00, "CloudFront": 1.00, "Lambda requests": PRICES["Lambda requests"]}
"""US dollars for a million requests.

Sources: https://aws.amazon.com/api-gateway/pricing/ (HTTP API), https://aws.amazon.com/cloudfront/pricing/ (HTTPS, US);
read 2026-11-26.
"""

LOGGED = 1_000 * 0.50 / 1e9
"""US dollars for the lines that a request leaves in the log: a kilobyte. https://aws.amazon.com/cloudwatch/pricing/"""

WRITES = frozenset(
    {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "PutObject", "CopyObject", "ListObjectsV2"}
)


def measure() -> dict[str, Any]:
    """Return `desk`: `pages`, and `writing_hour`, what it costs to write for an hour."""
    pages = {name: _alone(name) for name in PAGES}
    return {"desk": {"measured_on": datetime.now(UTC).date().isoformat(), "pages": pages, "writing_hour": _hour(pages)}}


def _alone(name: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.desk", name]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _hour(pages: dict[str, dict[str, Any]]) -> dict[str, Any]:
    memory = read_template(ROOT / "template.yaml")["Resources"]["Desk"]["Properties"]["MemorySize"] / 1024
    asked = [(pages["write"], 1), (pages["preview"], PAUSES), (pages["autosave"], PAUSES)]
    operations: Counter[str] = Counter()
    for page, times in asked:
        operations.update({name: count * times for name, count in page["operations"].items()})
    seconds = sum((page["cpu_ms"] / 1000 + page["aws_calls"] * WAIT) * times for page, times in asked)
    requests = sum(times for _, times in asked)
    usd = seconds * memory * PRICES["Lambda"] / 1e6
    usd += requests * (sum(PER_REQUEST.values()) / 1e6 + LOGGED)
    usd += sum(count * _price(name) / 1e6 for name, count in operations.items())
    return {
        "pauses": PAUSES,
        "requests": requests,
        "gb_seconds": round(seconds * memory, 1),
        "operations": dict(sorted(operations.items())),
        "usd": round(usd, 4),
        "note": "each pause is drawn and saved; seconds are of a processor, AWS in the process, and 10 ms for a call",
    }


def _price(operation: str) -> float:
    """Return what a million calls of an operation cost, each of one unit."""
    service, _, name = operation.partition(".")
    kind = "writes" if name in WRITES else "reads"
    if service == "ssm":
        return 0
    if service == "secretsmanager":
        return PRICES["Secrets Manager"]
    return PRICES[f"S3 {kind}" if service == "s3" else f"DynamoDB {kind}"] if service in ("s3", "dynamodb") else 0.4


def _measured(name: str) -> dict[str, Any]:
    # AWS in the process, and boto3 with it, is there before the clock runs: it stands for what is no work of ours.
    from newsletter import wiring
    from tests.functions.conftest import deployed

    page, calls = PAGES[name], Operations()
    with pytest.MonkeyPatch.context() as environment, deployed(environment) as stack:
        session = _prepare(stack)
        events = (_event(stack, session, page, number) for number in range(1, ROUNDS + 2))
        event = next(events)
        wiring.app.cache_clear()
        app = wiring.app()
        app.make_client = calls.counting(app.make_client)
        began, began_cpu = perf_counter(), process_time()
        handler = import_module(f"functions.{page.function}.handler").lambda_handler
        _answered(handler, event, stack.context)
        cold, cold_cpu, first = perf_counter() - began, process_time() - began_cpu, calls.take()
        times, cpu = [], 0.0
        for event in events:
            calls.take()
            began, began_cpu = perf_counter(), process_time()
            body = _answered(handler, event, stack.context)
            times.append(1000 * (perf_counter() - began))
            cpu += process_time() - began_cpu
    operations = calls.take()
    percents = quantiles(times, n=20)
    return {
        "cold_ms": round(1000 * cold),
        "cold_cpu_ms": round(1000 * cold_cpu),
        "p50_ms": round(percents[9], 1),
        "p95_ms": round(percents[18], 1),
        "cpu_ms": round(1000 * cpu / ROUNDS, 1),
        "bytes": len(body),
        "cold_aws_calls": sum(first.values()),
        "aws_calls": sum(operations.values()),
        "operations": operations,
    }


def _prepare(stack: Deployment) -> Session:
    """Put somebody and a year of issues there, and return the session of a browser."""
    from newsletter.core.team import Role
    from newsletter.desk.domain.member import Member
    from newsletter.desk.domain.session import Session, hash_of
    from newsletter.desk.drafts.draft import NewVersion
    from newsletter.issues.domain.issue import IssueStatus
    from tests.factories import record, rendered

    for month in range(1, 13):
        day = date(2025, month, 1)
        stack.app.issues.put(record(slug=f"{day}-sent", date=day, status=IssueStatus.SENT), before=None)
    stack.app.issues.put(record(slug=SLUG, date=date(2026, 12, 15), status=IssueStatus.READY), before=None)
    stack.app.content.put_rendered(rendered(slug=SLUG))
    front_matter = _typed(0)["front_matter"]
    stack.app.drafts.write(NewVersion(SLUG, f"---\n{front_matter}\n---\n\n{TEXT}", "Ada"), over=None)
    member = Member("ada@example.org", "Ada", frozenset(Role), added_at=stack.now())
    stack.app.members.put(member)
    session = Session(hash_of(COOKIE), member.member_id, stack.now(), stack.now())
    stack.app.sessions.open(session)
    return session


def _event(stack: Deployment, session: Session, page: Page, number: int) -> dict[str, Any]:
    """Return a request of this session; what is typed is based on the draft as it stands."""
    from newsletter.desk.domain.session import form_token
    from tests.desk.desk_request import request

    stands, form = stack.app.drafts.newest(SLUG), ""
    if page.posts and stands is not None:
        token = form_token(session, stack.app.editor_keys)
        form = urlencode({**_typed(number), "form_token": token, "based_on": stands.version})
    event = request("POST" if page.posts else "GET", page.path, form, f"__Host-desk={COOKIE}")
    event["headers"] |= {"accept-encoding": "gzip", **({"accept": "application/json"} if page.posts else {})}
    return event


def _typed(number: int) -> dict[str, str]:
    text = f"{TEXT}\n\nThe {number}th sentence is new.\n"
    fields = {"title": "Trams", "date": "2026-12-15", "front_matter": "title: Trams\ndate: 2026-12-15", "text": text}
    return {**fields, "page": "bench", "number": str(number), "view": "mail"}


def _answered(handler: Callable[..., Any], event: dict[str, Any], context: Any) -> bytes:
    answer: dict[str, Any] = handler(event, context)
    assert answer["statusCode"] == 200, answer
    return b64decode(answer["body"])


if __name__ == "__main__":
    print(json.dumps(_measured(sys.argv[1])))
