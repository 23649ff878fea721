"""What one release writes and another may read: items, messages, and files that functions keep for themselves.

A new one gets a line here, a sample below `tests/upgrade/<release>/` when that release is made, and a row in
docs/upgrade.md.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import boto3

from newsletter.aws.queue import SqsQueue
from newsletter.calendar.adapters.dynamo_slots import DynamoSlots
from newsletter.core.house_style import HouseStyle
from newsletter.core.team import Role
from newsletter.desk.adapters.dynamo_activities import DynamoActivities
from newsletter.desk.adapters.dynamo_members import DynamoMembers
from newsletter.desk.adapters.dynamo_reviews import DynamoReviews
from newsletter.desk.adapters.dynamo_sessions import DynamoSessions
from newsletter.desk.adapters.programs.dynamo_api_keys import DynamoApiKeys
from newsletter.desk.adapters.programs.dynamo_kept_answers import DynamoKeptAnswers
from newsletter.desk.adapters.sign_in_queue import SqsSignInQueue, read_message
from newsletter.desk.adapters.webhooks.delivery_queue import SqsDeliveryQueue, read_delivery
from newsletter.desk.adapters.webhooks.dynamo_deliveries import DynamoDeliveries
from newsletter.desk.adapters.webhooks.dynamo_endpoints import DynamoEndpoints
from newsletter.desk.api_keys.api_key import ApiKey
from newsletter.desk.api_keys.kept_answer import KeptAnswer
from newsletter.desk.domain.activity import Activity
from newsletter.desk.domain.comment import Comment
from newsletter.desk.domain.member import Member
from newsletter.desk.domain.session import Session
from newsletter.desk.domain.sign_in_attempt import SignInAttempt
from newsletter.desk.webhooks.delivery import Delivery, DeliveryAttempt, DeliveryState
from newsletter.desk.webhooks.endpoint import OffBecause, WebhookEndpoint
from newsletter.desk.webhooks.event import EventType, WebhookEvent
from newsletter.feedback.adapters.dynamo_evidence import DynamoEvidence
from newsletter.feedback.adapters.reconcile_queue import SqsReconcileQueue, read_reconcile
from newsletter.feedback.adapters.s3_evidence_archive import _event, _line
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind, Reason, RecordedEvent
from newsletter.feedback.domain.mailbox_provider import Provider
from newsletter.feedback.domain.reconciliation import Reconciliation, Step
from newsletter.issues.adapters.dynamo_issues import DynamoIssues
from newsletter.issues.adapters.publish_queue import SqsPublishQueue, read_asked_mail, read_look, read_refresh
from newsletter.issues.domain.event import Event
from newsletter.issues.domain.issue import FieldPlaceholder, RenderedIssue
from newsletter.issues.domain.linked_file import LinkedFile
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.upload import Upload, UploadNumber
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.adapters.dynamo_suppressions import DynamoSuppressions
from newsletter.readers.adapters.greet_queue import SqsGreetQueue, read_greeting
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.pending_sign_up import PendingSignUp
from newsletter.readers.domain.shard import Shard
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.importing.adapters.dynamo_imports import DynamoImports
from newsletter.readers.importing.adapters.export_queue import SqsExportQueue, read_export
from newsletter.readers.importing.adapters.import_queue import SqsImportQueue, read_import_task
from newsletter.readers.importing.domain.description import Description
from newsletter.readers.importing.domain.list_import import ListImport
from newsletter.readers.importing.domain.piece_outcome import PieceOutcome
from newsletter.readers.importing.domain.pieces import Plan, Span
from newsletter.reports.adapters.report_queue import SqsReportQueue, read_report
from newsletter.reports.adapters.retention_queue import SqsRetentionQueue, read_retention
from newsletter.reports.domain.issue_result import from_report
from newsletter.reports.domain.retention_run import RetentionRun, RetentionStep
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from newsletter.sending.adapters.send_queues import SqsSendQueues, read_batch, read_plan, read_settle
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.forecast import Forecast
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.probe import Probe
from newsletter.sending.domain.send import PausedBy, Send
from tests import report_samples
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id, record, rendered, subscriber
from tests.moto_aws import REGION

Plain = dict[str, Any]
"""A record as JSON: an item in DynamoDB's own form with its bytes in base64, a message, or a file."""

LATER = NOW + timedelta(hours=1)
READER = an_id(7)
MEMBER = Member("ann@example.org", "Ann", frozenset({Role.WRITER, Role.OWNER}), NOW, LATER)


@dataclass(frozen=True, kw_only=True)
class RecordType:
    """One kind of record."""

    stands_in: str
    """The table, queue or folder, as docs/upgrade.md names it."""
    write: Callable[[], Plain]
    """Returns what today's code writes."""
    read: Callable[[Plain], object]
    objects: tuple[tuple[str | int, ...], ...] = ((),)
    """Paths to the objects in it whose fields are fixed; what is beside them may have names of its own."""
    again: Callable[[Any], Plain] | None = None
    """Writes what `read` returned."""


def client() -> Any:
    """Return DynamoDB, as moto plays it."""
    return boto3.client("dynamodb", region_name=REGION)


def _plain(value: Any) -> Any:
    """Return an item's bytes in base64, so that it can be written as JSON."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return sorted(map(_plain, value)) if isinstance(value, list) else value


def _item(plain: Plain) -> dict[str, Any]:
    def value_of(kind: str, value: Any) -> Any:
        if kind == "B":
            return {kind: base64.b64decode(value)}
        if kind == "BS":
            return {kind: [base64.b64decode(each) for each in value]}
        return {kind: value}

    return {name: value_of(*next(iter(value.items()))) for name, value in plain.items()}


def item(
    table: str,
    keys: Mapping[str, str],
    put: Callable[[Any], object],
    get: Callable[[Any], object],
    again: Callable[[Any, Any], object] | None = None,
    objects: tuple[tuple[str | int, ...], ...] = ((),),
) -> RecordType:
    """Return the type of an item that `put` writes and `get` reads; its keys begin like these."""

    def written(write: Callable[[Any], object]) -> Plain:
        aws = client()
        for each in aws.scan(TableName=table)["Items"]:
            aws.delete_item(TableName=table, Key={name: each[name] for name in keys})
        write(aws)
        (found,) = (
            each
            for each in aws.scan(TableName=table)["Items"]
            if all(each[name]["S"].startswith(begins) for name, begins in keys.items())
        )
        return {name: _typed(value) for name, value in sorted(found.items())}

    def read(plain: Plain) -> object:
        client().put_item(TableName=table, Item=_item(plain))
        return get(client())

    return RecordType(
        stands_in=table,
        write=lambda: written(put),
        read=read,
        objects=objects,
        again=(lambda found: written(lambda aws: again(aws, found))) if again else None,
    )


def _typed(value: Mapping[str, Any]) -> Plain:
    kind, content = next(iter(value.items()))
    return {kind: _plain(content) if kind in ("B", "BS", "SS") else content}


class Written(SqsQueue):
    """Keeps the message that is queued."""

    def __init__(self) -> None:
        self.message: Plain = {}

    def put(self, messages: Any, *, delay: int = 0) -> None:  # noqa: ARG002 - as the queue takes it
        """Keep the first of them, as it is in the queue."""
        self.message = json.loads(json.dumps(messages[0]))


def message(queue: str, put: Callable[[Written], object], read: Callable[[str], object]) -> RecordType:
    """Return the type of a message that `put` queues and `read` reads."""

    def write() -> Plain:
        written = Written()
        put(written)
        return written.message

    return RecordType(stands_in=queue, write=write, read=lambda plain: read(json.dumps(plain)))


def file(
    folder: str,
    sample: Any,
    to_json: Callable[[Any], str | bytes],
    read: Callable[[str], object],
    objects: tuple[tuple[str | int, ...], ...] = ((),),
) -> RecordType:
    """Return the type of a file that holds one object."""
    return RecordType(
        stands_in=folder,
        write=lambda: json.loads(to_json(sample)),
        read=lambda plain: read(json.dumps(plain)),
        objects=objects,
        again=lambda found: json.loads(to_json(found)),
    )


def _send_queues(written: Written) -> SqsSendQueues:
    return SqsSendQueues(plan_queue=written, batch_queue=written, settle_queue=written)


CONSENT = Consent(
    asked_at=NOW, page="/", words="Send me the briefing.", form_version="en-0123", network="1" * 32, confirmed_at=LATER,
    confirmed_network="2" * 32,
).sealed("key")  # fmt: skip
SUBSCRIBER = subscriber(
    7, lang="cy", source="/", consent=CONSENT, muted_topics=("housing",), fields={"region": "Wales"},
    tags=frozenset({"press"}),
    rests_until=date(2027, 1, 5), last_notice_at=NOW, soft_bounces=(SLUG,), version=3,
    links_since=NOW, came_from=(an_id(8),),
    move=Move(new_id=an_id(9), email="new@example.org", asked_at=NOW, mailed_at=LATER),
)  # fmt: skip
WAITING = subscriber(
    10, status=Status.UNCONFIRMED, confirmed_at=None, consent=CONSENT, confirmation_sent_at=NOW, version=1,
    pending=(PendingSignUp(number=1, consent=CONSENT, name="Eve", lang="de", fields={"region": "Wales"}),),
)  # fmt: skip
ISSUE = record(
    topics=("housing",), translated_into=("cy",), preflight={"warnings": 1}, approved="a" * 64, version="v1",
    announced="b" * 64, decisions=("2026-12-01 approve",), uploaded_by="ann", preview_since=NOW,
    shown=date(2026, 12, 1), announced_translations={"cy": "c" * 64},
)  # fmt: skip
SEND = Send(
    slug=SLUG, content_hash="a" * 64, shards=16, swept_in=2, opened_at=NOW, round=1, paused_because="SES is down.",
    paused_by=PausedBy.OUTAGE, paused_at=LATER, probe=Probe(NOW, "p1", 3, 2), expected_end=LATER,
    forecast=Forecast(recipients=1000, duration=timedelta(minutes=3), beyond_quota=0, ses_fee=0.1, own_fee=0.01),
    editors_informed_of=PausedBy.OUTAGE,
    books=Books(3, sent=1, skipped={"left": 1}, failed={"rejected": 1}),
)  # fmt: skip
BATCH = replace(
    Batch.of(SLUG, "00", (an_id(0), an_id(256)), now=NOW), outcomes=(Outcome.SENT, None), attempts=1, claim="worker",
    doubts=(0, 1), repeats=(0, 1), failures=(0, 2),
)  # fmt: skip
RENDERED = replace(
    rendered(),
    field_placeholders=(FieldPlaceholder("region", "your region"),),
    pictures=(Picture("a.png", f"issues/{SLUG}/a-0123456789ab.png", 600, 400, 9000),),
    events=(Event("open-evening.ics", "Open evening", "2026-12-09T18:30", "2026-12-09T20:00", "Town hall"),),
    files=(LinkedFile("report.pdf", f"issues/{SLUG}/report.pdf", "v1", "e1", 9000),),
    translations=(rendered(lang="cy", translation="cy"),),
    author="Ann", topics=("housing",), accepted=("long-title",),
)  # fmt: skip
IMPORT = ListImport(
    import_id="0123456789abcdef", started_by="ann", uploaded_at=NOW, file_name="people.csv", etag="e1", attempt=2,
    planned=1, rows=3, pieces=1, done=frozenset({0}), consent="at the fair", consent_date=NOW, mapped={"email": "1"},
    began_at=NOW, running=True, version=4,
)  # fmt: skip
EVENT = FeedbackEvent(
    kind=FeedbackKind.HARD_BOUNCE, message_id="m1", happened_at=NOW, mailed_at=NOW,
    subscriber_id=READER, slug=SLUG, part="00", mail="issue",
    reason=Reason.NO_MAILBOX, provider=Provider.GOOGLE,
)  # fmt: skip
RECORDED = {FeedbackKind.DELIVERED: [RecordedEvent(READER, NOW, Reason.NONE, Provider.GOOGLE)]}


def _put_subscriber(aws: Any, stored: Any) -> None:
    put = DynamoSubscribers(aws, "SubscribersTable").put(stored)
    aws.put_item(TableName="SubscribersTable", Item=put["Item"])


def _suppressions(aws: Any) -> DynamoSuppressions:
    return DynamoSuppressions(
        aws, "SuppressionsTable", DynamoSubscribers(aws, "SubscribersTable"), receipts_table="ReceiptsTable"
    )


def _put_batch(aws: Any, batch: Batch) -> None:
    planned = replace(
        batch, outcomes=(None,) * len(batch.ids), attempts=0, claim="", doubts=(), repeats=(), failures=()
    )
    sends = DynamoSends(aws, "SendsTable")
    sends.add_batch(planned)
    sends.replace(planned, batch)


def _put_sums(aws: Any, books: Books) -> None:
    DynamoSends(aws, "SendsTable").record_sums(SEND, Shard("00", "10"), books, round_number=1)


API_KEY = ApiKey("k1", "hash", "Website", frozenset({Role.KEEPER, Role.WRITER}), "ann@example.org", NOW)
ANSWER = KeptAnswer("f1", 200, "{}")
ENDPOINT = WebhookEndpoint(
    "0123456789abcdef", "https://crm.example.org/", frozenset({EventType.LEFT}), True, "whsec_b25l", "m1", NOW,
    previous_secret="whsec_dHdv", rotated_at=NOW, off_because=OffBecause.GONE, failures=2, rests_until=LATER,
)  # fmt: skip
DELIVERY = Delivery(
    "0123456789abcdef", WebhookEvent("evt_1", EventType.LEFT, NOW, {"subscriber_id": READER, "number": 1}), LATER,
    DeliveryState.WAITING, (DeliveryAttempt(NOW, 0, 10_000, "did not answer"),), 1, LATER,
)  # fmt: skip

RECORD_TYPES: dict[str, RecordType] = {
    "subscriber": item(
        "SubscribersTable", {"subscriber_id": SUBSCRIBER.subscriber_id},
        lambda aws: _put_subscriber(aws, SUBSCRIBER),
        lambda aws: DynamoSubscribers(aws, "SubscribersTable").get(SUBSCRIBER.subscriber_id),
        _put_subscriber, ((), ("move", "M")),
    ),
    "subscriber_unconfirmed": item(
        "SubscribersTable", {"subscriber_id": WAITING.subscriber_id},
        lambda aws: _put_subscriber(aws, WAITING),
        lambda aws: DynamoSubscribers(aws, "SubscribersTable").get(WAITING.subscriber_id),
        _put_subscriber, ((), ("pending", "L", 0, "M")),
    ),
    "suppression": item(
        "SuppressionsTable", {"subscriber_id": READER},
        lambda aws: _suppressions(aws).add(
            Suppression(READER, SuppressionReason.COMPLAINT, NOW, SLUG, "by phone", date(2026, 12, 2))
        ),
        lambda aws: _suppressions(aws).get(READER),
        lambda aws, found: _suppressions(aws).add(found),
    ),
    "issue": item(
        "IssuesTable", {"slug": SLUG},
        lambda aws: DynamoIssues(aws, "IssuesTable").put(ISSUE, before=None),
        lambda aws: DynamoIssues(aws, "IssuesTable").get(SLUG),
        lambda aws, found: DynamoIssues(aws, "IssuesTable").put(found, before=None),
    ),
    "send": item(
        "SendsTable", {"slug": SLUG, "item": "header"},
        lambda aws: DynamoSends(aws, "SendsTable").open(SEND),
        lambda aws: DynamoSends(aws, "SendsTable").get(SLUG),
        lambda aws, found: DynamoSends(aws, "SendsTable").open(found),
    ),
    "batch": item(
        "SendsTable", {"slug": SLUG, "item": "batch#"},
        lambda aws: _put_batch(aws, BATCH),
        lambda aws: DynamoSends(aws, "SendsTable").batch(SLUG, "00"),
        _put_batch,
    ),
    "end_of_chain": item(
        "SendsTable", {"slug": SLUG, "item": "batch#"},
        lambda aws: DynamoSends(aws, "SendsTable").add_batch(Batch.end(SLUG, "00ff", now=NOW)),
        lambda aws: DynamoSends(aws, "SendsTable").batch(SLUG, "00ff"),
        lambda aws, found: DynamoSends(aws, "SendsTable").add_batch(found),
    ),
    "shard": item(
        "SendsTable", {"slug": SLUG, "item": "shard#00"},
        lambda aws: _put_sums(aws, Books(2, sent=2)),
        lambda aws: DynamoSends(aws, "SendsTable").sums(SEND)[1, "00"],
        _put_sums,
    ),
    "evidence": item(
        "SendsTable", {"slug": SLUG, "item": "evidence#00"},
        lambda aws: DynamoEvidence(aws, "SendsTable").add(SLUG, "00", [READER], RECORDED),
        lambda aws: (
            DynamoEvidence(aws, "SendsTable").accepted(SLUG, "00"),
            DynamoEvidence(aws, "SendsTable").results(SLUG),
        ),
    ),
    "slot": item(
        "SendsTable", {"slug": "slots", "item": "2026-12-01"},
        lambda aws: DynamoSlots(aws, "SendsTable").take(date(2026, 12, 1), SLUG),
        lambda aws: DynamoSlots(aws, "SendsTable").holder(date(2026, 12, 1)),
        lambda aws, found: DynamoSlots(aws, "SendsTable").take(date(2026, 12, 1), found),
    ),
    "import": item(
        "LimitsTable", {"counter_key": f"import#{IMPORT.import_id}"},
        lambda aws: DynamoImports(aws, "LimitsTable").add(IMPORT),
        lambda aws: DynamoImports(aws, "LimitsTable").get(IMPORT.import_id),
        lambda aws, found: DynamoImports(aws, "LimitsTable").add(found),
    ),
    "member": item(
        "TeamTable", {"member_id": MEMBER.member_id},
        lambda aws: DynamoMembers(aws, "TeamTable", [MEMBER]).put(MEMBER),
        lambda aws: DynamoMembers(aws, "TeamTable", []).get(MEMBER.member_id),
    ),
    "session": item(
        "SessionsTable", {"item_key": "session#s1"},
        lambda aws: DynamoSessions(aws, "SessionsTable").open(Session("s1", "m1", NOW, LATER, by_passkey=True)),
        lambda aws: DynamoSessions(aws, "SessionsTable").find("s1"),
        lambda aws, found: DynamoSessions(aws, "SessionsTable").open(found),
    ),
    "api_key": item(
        "SessionsTable", {"item_key": "api-key#k1"},
        lambda aws: DynamoApiKeys(aws, "SessionsTable").add(API_KEY),
        lambda aws: DynamoApiKeys(aws, "SessionsTable").find("k1"),
        lambda aws, found: DynamoApiKeys(aws, "SessionsTable").add(found),
    ),
    "kept_answer": item(
        "LimitsTable", {"counter_key": "api-answer#k1#a1"},
        lambda aws: DynamoKeptAnswers(aws, "LimitsTable").keep("api-answer#k1#a1", ANSWER, now=NOW),
        lambda aws: DynamoKeptAnswers(aws, "LimitsTable").begin("api-answer#k1#a1", "f1", now=NOW),
        lambda aws, found: DynamoKeptAnswers(aws, "LimitsTable").keep("api-answer#k1#a1", found, now=NOW),
    ),
    "sign_in_attempt": item(
        "SessionsTable", {"item_key": "attempt#a1"},
        lambda aws: DynamoSessions(aws, "SessionsTable").begin(SignInAttempt("a1", "m1", "b1", NOW, "secret")),
        lambda aws: DynamoSessions(aws, "SessionsTable").attempt("a1"),
        lambda aws, found: DynamoSessions(aws, "SessionsTable").begin(found),
    ),
    "activity": item(
        "ActivitiesTable", {"month": "2026-12", "entry": ""},
        lambda aws: DynamoActivities(aws, "ActivitiesTable").note(Activity(NOW, "ann", "approved", SLUG, "", "s1")),
        lambda aws: DynamoActivities(aws, "ActivitiesTable").month("2026-12", most=1),
    ),
    "comment": item(
        "ReviewsTable", {"slug": SLUG, "entry": ""},
        lambda aws: DynamoReviews(aws, "ReviewsTable").add(SLUG, Comment(NOW, "c1", "l1", "Bo", "Fine.", 3, "Dear")),
        lambda aws: DynamoReviews(aws, "ReviewsTable").comments(SLUG),
    ),
    "plan_message": message("PlanQueue", lambda q: _send_queues(q).plan(SLUG, [Shard("00", "10")]), read_plan),
    "sweep_message": message("PlanQueue", lambda q: _send_queues(q).sweep(SLUG, [3]), read_plan),
    "batch_message": message("BatchQueue", lambda q: _send_queues(q).send(SLUG, ["00"]), read_batch),
    "settle_message": message("SettleQueue", lambda q: _send_queues(q).settle(SLUG), read_settle),
    "reconcile_message": message(
        "SettleQueue",
        lambda q: SqsReconcileQueue(q).reconcile(Reconciliation(step=Step.OURS, at=READER, listed=3)),
        read_reconcile,
    ),
    "retention_message": message(
        "SettleQueue",
        lambda q: SqsRetentionQueue(q).go_on(RetentionRun(step=RetentionStep.OUTCOMES, bookmark=SLUG, forgotten=2)),
        read_retention,
    ),
    "greet_message": message(
        "GreetQueue",
        lambda q: SqsGreetQueue(q).greet(
            Greeting(Occasion.SIGN_UP, READER, NOW, mail_at=LATER, network="n1", doubted_at=NOW)
        ),
        read_greeting,
    ),
    "look_message": message(
        "PublishQueue",
        lambda q: SqsPublishQueue(q).look_later(
            Upload(f"issues/{SLUG}.md", patient=True, counted=UploadNumber("2026-12-01", 2), uploaded_by="ann"), delay=1
        ),
        read_look,
    ),
    "settings_message": message(
        "PublishQueue", lambda q: SqsPublishQueue(q).take_settings_again("settings/brand.yaml", delay=1), read_look
    ),
    "refresh_message": message(
        "PublishQueue", lambda q: SqsPublishQueue(q).refresh_archive(SLUG, then_plan=True), read_refresh
    ),
    "test_message": message("PublishQueue", lambda q: SqsPublishQueue(q).mail_test(SLUG, "e1"), read_asked_mail),
    "comments_message": message(
        "PublishQueue", lambda q: SqsPublishQueue(q).mail_comments(SLUG, NOW, delay=1), read_asked_mail
    ),
    "report_message": message("ReportQueue", lambda q: SqsReportQueue(q).report(SLUG), read_report),
    "export_message": message(
        "ReportQueue", lambda q: SqsExportQueue(q).export("0123456789abcdef", of_suppressions=True), read_export
    ),
    "import_message": message(
        "ImportQueue", lambda q: SqsImportQueue(q).pieces("0123456789abcdef", 1, [2]), read_import_task
    ),
    "webhook_endpoint": item(
        "WebhooksTable", {"item_key": "endpoints", "entry": "0123456789abcdef"},
        lambda aws: DynamoEndpoints(aws, "WebhooksTable").add(ENDPOINT),
        lambda aws: DynamoEndpoints(aws, "WebhooksTable").find("0123456789abcdef"),
        lambda aws, found: DynamoEndpoints(aws, "WebhooksTable").add(found),
    ),
    "webhook_delivery": item(
        "WebhooksTable", {"item_key": "deliveries#0123456789abcdef", "entry": DELIVERY.entry},
        lambda aws: DynamoDeliveries(aws, "WebhooksTable").put(DELIVERY),
        lambda aws: DynamoDeliveries(aws, "WebhooksTable").find("0123456789abcdef", DELIVERY.entry),
        lambda aws, found: DynamoDeliveries(aws, "WebhooksTable").put(found),
    ),
    "delivery_message": message("WebhookQueue", lambda q: SqsDeliveryQueue(q).put([DELIVERY]), read_delivery),
    "sign_in_message": message("SignInQueue", lambda q: SqsSignInQueue(q).mail("0" * 32), read_message),
    "rendered_issue": file(
        "rendered/", RENDERED, RenderedIssue.to_json, RenderedIssue.from_json,
        ((), ("pictures", 0), ("events", 0), ("files", 0), ("translations", 0)),
    ),
    "house_style": file(
        "effective/", HouseStyle(brand={"accent": "#123456"}, words={"en": {"a": "b"}}, versions={"x": "v1"}),
        HouseStyle.to_json, HouseStyle.from_json,
    ),
    "import_description": file(
        "imports/",
        Description(
            encoding="utf-8", delimiter=",", size=90, rows=3, first_cells=("Email",), headings=("Email",),
            columns={"email": (1,)}, first_rows=(("a@example.org",),),
        ),
        Description.to_json, lambda text: Description.from_json(text.encode()),
    ),
    "import_plan": file(
        "imports/", Plan(("Email",), "utf-8", ",", (Span(6, 90, 1, (3,)),), 3),
        Plan.to_json, lambda text: Plan.from_json(text.encode()), ((), ("spans", 0)),
    ),
    "import_piece": file(
        "imports/", PieceOutcome({"added": 3}, "line\n"),
        PieceOutcome.to_json, lambda text: PieceOutcome.from_json(text.encode()),
    ),
    "archived_event": RecordType(
        stands_in="evidence/", write=lambda: dict(_line(EVENT)), read=lambda plain: _event(SLUG, plain),
        again=lambda found: dict(_line(found)),
    ),
    "report": RecordType(
        stands_in="reports/", write=lambda: json.loads(json.dumps(report_samples.report(3))),
        read=lambda plain: from_report(SLUG, plain, sent_at=None),
        objects=((), ("books",), ("list",)),
    ),
}  # fmt: skip
