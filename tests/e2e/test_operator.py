"""What operators do on a laptop stack: look, send dead letters back, turn the keys."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner, Result

from local.reader import Reader
from newsletter.config import written_out
from newsletter_cli.main import app
from newsletter_cli.operator.backup.backup import save_stack
from newsletter_cli.operator.dead_letters.peek import peeked
from newsletter_cli.operator.doctor.doctor import GROUPS, examined
from newsletter_cli.operator.doctor.outside import fetch, resolve
from newsletter_cli.operator.doctor.patient import Patient
from newsletter_cli.operator.signing_keys import read_ring, reload
from newsletter_cli.problems import CommandError, UsageError
from newsletter_cli.stack import Stack, find_stack
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def reader(laptop: Laptop) -> Reader:
    return laptop.confirmed("kim@example.org")


def newsletter(laptop: Laptop, *arguments: str, code: int = 0) -> Result:
    """Run the command line where the stack's .local folder is."""
    with pytest.MonkeyPatch.context() as here:
        here.chdir(laptop.home.parent)
        result = CliRunner().invoke(app, ["--local", *arguments], catch_exceptions=False, env={"COLUMNS": "80"})
    assert result.exit_code == code, result.output
    return result


def dead_letter(laptop: Laptop, queue: str, body: str) -> None:
    laptop.client("sqs").send_message(QueueUrl=laptop.where["queues"][f"{queue}_dead_letters"], MessageBody=body)


def number(laptop: Laptop, queue: str) -> int:
    rows = json.loads(newsletter(laptop, "dead-letters", "list", "--json").stdout)
    return int(next(row["messages"] for row in rows if row["queue"] == queue))


def test_doctor_is_green_on_a_laptop_stack_that_did_something(laptop: Laptop, reader: Reader) -> None:
    before = laptop.what_people_did()

    said = newsletter(laptop, "doctor").stdout
    findings = json.loads(newsletter(laptop, "doctor", "--json").stdout)

    assert "0 problems, 0 warnings" in said
    assert max(map(len, said.splitlines())) <= 80
    assert {each["level"] for each in findings} == {"ok", "skipped"}
    assert laptop.what_people_did() == before
    assert reader.email not in said


def test_the_policy_for_operators_is_enough_for_their_verbs(laptop: Laptop, reader: Reader, tmp_path: Path) -> None:
    stack = as_operator(laptop)
    patient = Patient(stack, resolve, fetch, lambda keys, key: 200, datetime.now(UTC))

    found = [each for group in GROUPS.values() for examination in group for each in examined(examination, patient)]
    manifest = save_stack(stack, tmp_path / "backup", with_secrets=True, now=datetime.now(UTC))
    read_ring(stack)
    reload(stack, "decide", now=datetime.now(UTC))
    with peeked(stack.client("sqs"), stack.resources.queues["plan_dead_letters"], limit=1) as messages:
        assert messages == []

    assert [each for each in found if "may not call" in each.found] == []
    assert manifest.tables["subscribers"] >= 1
    with pytest.raises(ClientError, match="AccessDenied|not authorized"):
        stack.client("dynamodb").delete_table(TableName=stack.resources.tables["limits"])


def as_operator(laptop: Laptop) -> Stack:
    """Return the stack as somebody sees it who has the two policies and nothing else."""
    iam = laptop.client("iam")
    policies = iam.list_policies(Scope="Local")["Policies"]
    iam.create_user(UserName="operator")
    for name in ("OperatorsPolicy", "OperatorsKeysPolicy"):
        policy = next(each["Arn"] for each in policies if name in each["PolicyName"])
        iam.attach_user_policy(UserName="operator", PolicyArn=policy)
    key = iam.create_access_key(UserName="operator")["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=laptop.where["region"])
    return replace(find_stack("", local=True, home=laptop.home.parent), session=session)


def test_doctor_ends_with_one_when_something_failed_for_good(laptop: Laptop) -> None:
    dead_letter(laptop, "schedule", '{"watch": "slots"}')

    said = newsletter(laptop, "doctor", code=1).stdout

    assert "1 of schedule" in said
    assert "newsletter dead-letters show schedule" in said
    laptop.client("sqs").purge_queue(QueueUrl=laptop.where["queues"]["schedule_dead_letters"])


def test_dead_letters_are_shown_without_addresses_and_stay_where_they_are(laptop: Laptop) -> None:
    dead_letter(laptop, "feedback", '{"mail": {"destination": ["somebody.private@example.org"]}}')

    for _ in range(2):
        shown = json.loads(newsletter(laptop, "dead-letters", "show", "feedback", "--json").stdout)
        assert [each["body"] for each in shown] == [{"mail": {"destination": ["(address)"]}}]
    assert "somebody.private" not in newsletter(laptop, "dead-letters", "show", "FeedbackDeadLetters").output
    assert number(laptop, "feedback") == 1
    laptop.client("sqs").purge_queue(QueueUrl=laptop.where["queues"]["feedback_dead_letters"])


def test_replayed_dead_letters_do_their_work_and_a_rehearsal_of_it_moves_nothing(laptop: Laptop) -> None:
    for _ in range(3):
        dead_letter(laptop, "settle", '{"settle": "open sends"}')

    assert "3 would go back to settle" in newsletter(laptop, "dead-letters", "replay", "settle", "--dry-run").stdout
    assert number(laptop, "settle") == 3
    assert "3 went back to settle" in newsletter(laptop, "dead-letters", "replay", "settle", "--yes").stdout

    laptop.wait_until_quiet()
    assert number(laptop, "settle") == 0
    assert "No dead letters" in newsletter(laptop, "dead-letters", "replay", "settle", "--yes").stdout


def test_dead_letters_of_the_clock_cannot_go_back_and_the_sentence_says_what_to_do(laptop: Laptop) -> None:
    with pytest.raises(CommandError, match="Fire the slot by hand"):
        newsletter(laptop, "dead-letters", "replay", "schedule", "--yes")


def test_a_queue_that_does_not_exist_is_answered_with_those_that_do(laptop: Laptop) -> None:
    with pytest.raises(UsageError, match="The queues are batch, feedback"):
        newsletter(laptop, "dead-letters", "show", "letters")


def test_after_a_rotation_the_links_of_all_mails_work_and_no_key_was_shown(laptop: Laptop, reader: Reader) -> None:
    link = laptop.link(laptop.mail(reader.email, "welcome"), "unsubscribe")
    before = keys(laptop)

    newsletter(laptop, "rotate-keys", "--dry-run")
    assert keys(laptop) == before
    said = newsletter(laptop, "rotate-keys", "--yes").output

    after = keys(laptop)
    assert after["previous"] == before["current"]
    assert after["current"] not in (before["current"], "")
    assert not any(key in said for key in (before["current"], after["current"]))
    assert httpx.get(link, timeout=30).status_code == 200
    fresh = laptop.confirmed("lou@example.org")  # signed with the new key
    assert httpx.get(laptop.link(laptop.mail(fresh.email, "welcome"), "unsubscribe"), timeout=30).status_code == 200


def test_two_rotations_in_a_week_are_refused(laptop: Laptop) -> None:
    before = keys(laptop)

    with pytest.raises(CommandError, match="less than 7 days ago"):
        newsletter(laptop, "rotate-keys", "--yes")

    assert keys(laptop) == before


def test_a_stolen_key_opens_links_to_leave_and_no_others(laptop: Laptop, reader: Reader) -> None:
    waiting = laptop.reader("may@example.org")
    waiting.sign_up()
    confirmation = laptop.link(laptop.mail(waiting.email, "confirmation"), "confirm")
    leave = laptop.link(laptop.mail(reader.email, "welcome"), "unsubscribe")
    stolen = keys(laptop)["current"]

    newsletter(laptop, "rotate-keys", "--stolen", "--yes")

    after = keys(laptop)
    assert (after["previous"], after["retired"][0]) == ("", stolen)
    assert httpx.post(confirmation, timeout=30).status_code == 400
    assert httpx.get(leave, timeout=30).status_code == 200


def keys(laptop: Laptop) -> dict[str, str]:
    functions = laptop.client("lambda")
    said = functions.get_function_configuration(FunctionName=laptop.where["functions"]["greet"])["Environment"]
    secret = written_out(said["Variables"])["SIGNING_KEYS_SECRET"]
    found: dict[str, str] = json.loads(
        laptop.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    )
    return found
