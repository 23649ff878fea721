"""import_people: from an upload in the bucket to people on the list, and report: from the list to a file."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.import_people.handler import lambda_handler as import_people
from functions.report.handler import lambda_handler as report
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.importing.domain.list_import import Choices, ImportState, ListImport
from newsletter.readers.importing.domain.rows import Vouched
from newsletter.readers.importing.jobs.ask_to_read import ask_to_read
from newsletter.readers.importing.jobs.check_import import check_import
from newsletter.readers.importing.jobs.offer_export import offer_export
from newsletter.readers.importing.jobs.open_import import open_import
from newsletter.readers.importing.jobs.run_import import run_import
from tests.factories import subscriber
from tests.functions.conftest import Deployment, load

ID = "0123456789abcdef"
NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}
FAILED = {"batchItemFailures": [{"itemIdentifier": "0e5f4a3b-2c1d-4e6f-8a9b-000000000000"}]}


def known(deployment: Deployment) -> ListImport:
    found = deployment.app.list_imports.get(ID)
    assert found is not None
    return found


def uploaded(deployment: Deployment, content: bytes) -> None:
    ports = deployment.app.import_desk_ports
    now = deployment.now()
    open_import(ID, file_name="list.csv", started_by="keeper", back_to="", ports=ports, now=now)
    deployment.put(f"imports/{ID}.csv", content)
    assert ask_to_read(ID, ports=ports)
    assert deployment.drain("import") == [{"describe": ID}]
    assert deployment.invoke(import_people, "import_people/describe") == NOTHING_FAILED


def work(deployment: Deployment) -> None:
    """Deliver what waits in the queue, until nothing does."""
    event = load("import_people/piece")
    while bodies := deployment.drain("import"):
        for body in bodies:
            event["Records"][0]["body"] = json.dumps(body)
            assert import_people(event, deployment.context) == NOTHING_FAILED


def test_a_list_in_the_bucket_becomes_people_on_the_list(deployment: Deployment, log: io.StringIO) -> None:
    nobody = "nobody;X\n" * 1998  # the fake of DynamoDB takes a second for each hundred people
    readers = "".join(f"reader{number}@example.org;Jörg {number}\n" for number in range(60))
    uploaded(deployment, f"E-Mail;Name\n{nobody}{readers}reader7@example.org;Y\n".encode("cp1252"))
    assert (known(deployment).state, known(deployment).rows) == (ImportState.READ, 2059)
    ports, vouched = (
        deployment.app.import_desk_ports,
        Vouched("Signed up at the fair", datetime(2024, 5, 6, tzinfo=UTC)),
    )
    check_import(ID, Choices(vouched=vouched), ports=ports, now=deployment.now())
    assert deployment.queued("import") == [{"plan": ID, "attempt": "1"}]
    assert deployment.invoke(import_people, "import_people/plan") == NOTHING_FAILED
    assert deployment.invoke(import_people, "import_people/piece") == NOTHING_FAILED
    work(deployment)
    checked = known(deployment)
    assert (checked.state, checked.pieces) == (ImportState.CHECKED, 2)
    assert checked.counts == {"added": 60, "invalid_address": 1998, "repeated": 1}
    assert deployment.app.subscribers.size() == 0

    run_import(ID, checked.attempt, ports=ports, now=deployment.now())
    work(deployment)

    assert known(deployment).state is ImportState.DONE
    assert known(deployment).counts == checked.counts
    assert deployment.app.subscribers.size() == 60
    rejects = deployment.read(f"imports/{ID}-rejects.csv", bucket="content")
    assert rejects is not None
    *_, last = csv.DictReader(io.StringIO(rejects))
    assert (last["line"], last["E-Mail"]) == ("2060", "reader7@example.org")
    assert "@" not in log.getvalue()
    assert "list.csv" not in log.getvalue()


def test_a_message_about_no_import_of_ours_ends_in_the_dead_letters(deployment: Deployment) -> None:
    assert deployment.invoke(import_people, "import_people/foreign") == FAILED


def test_a_message_about_an_import_that_is_forgotten_is_done(deployment: Deployment) -> None:
    for event in ("describe", "plan", "piece"):
        assert deployment.invoke(import_people, f"import_people/{event}") == NOTHING_FAILED


@pytest.mark.parametrize("twice", [False, True])
def test_an_export_lies_ready_under_a_signed_address_and_holds_no_formula(deployment: Deployment, twice: bool) -> None:
    deployment.save(subscriber(1))
    deployment.save(subscriber(2, name="=cmd|calc"))
    ports = deployment.app.import_desk_ports
    assert offer_export(ID, ports=ports, now=deployment.now()) is None
    ports.export_queue.export(ID, of_suppressions=False)
    assert deployment.drain("report") == [{"export": ID, "of": "people"}]

    for _ in range(1 + twice):
        assert deployment.invoke(report, "report/export") == NOTHING_FAILED

    address = offer_export(ID, ports=ports, now=deployment.now())
    assert address is not None
    assert f"exports/{ID}.csv?" in address
    text = deployment.read(f"exports/{ID}.csv", bucket="content")
    assert text is not None
    assert sorted(row["name"] for row in csv.DictReader(io.StringIO(text))) == ["'=cmd|calc", "Ada"]


def test_suppressions_are_exported_with_the_addresses_that_are_still_known(deployment: Deployment) -> None:
    person = deployment.save(subscriber(1))
    assert deployment.app.suppressions.suppress(
        Suppression(person.subscriber_id, SuppressionReason.HARD_BOUNCE, deployment.now()), person
    )
    deployment.app.suppressions.add(Suppression("f" * 32, SuppressionReason.ERASED, deployment.now()))

    assert deployment.invoke(report, "report/export_suppressions") == NOTHING_FAILED

    text = deployment.read("exports/fedcba9876543210.csv", bucket="content")
    assert text is not None
    found = {(row["reason"], row["email"]) for row in csv.DictReader(io.StringIO(text))}
    assert found == {("hard_bounce", person.email), ("erased", "")}


def test_an_export_of_nothing_we_know_ends_in_the_dead_letters(deployment: Deployment) -> None:
    assert deployment.invoke(report, "report/export_of_nothing") == FAILED
