"""Fields of readers at the command line: imported by key or label, exported, shown, and cleared once they are gone."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from newsletter.core.house_style import HouseStyle
from newsletter.core.reader_fields.reader_field import FieldKind, ReaderField
from newsletter.readers.domain.subscriber import Subscriber
from newsletter.wiring import App
from tests.cli.people.conftest import Command

FIELDS = (
    ReaderField(key="organisation", labels={"": "Your organisation"}),
    ReaderField(
        key="region", kind=FieldKind.CHOICE, labels={"": "Region"}, options=("Wales", "Scotland"), required=True
    ),
    ReaderField(key="since", kind=FieldKind.DATE, labels={"": "Member since"}),
)
EVIDENCE = ("--consent", "Signed up on our old website", "--consent-date", "2024-05-06", "--yes")
LIST = (
    "Email,Your Organisation,region,Since\n"
    "ada@example.org,=cmd|' /C calc'!A0,wales,2020-01-31\n"
    "bo@example.org,,,\n"
    "cy@example.org,IPL,Atlantis,\n"
)


@pytest.fixture
def asking(list_app: App) -> App:
    ask(list_app, *FIELDS)
    return list_app


def ask(app: App, *fields: ReaderField) -> None:
    app.house_style.put(HouseStyle(fields={each.key: each.as_held(at) for at, each in enumerate(fields)}))


def reader(app: App, email: str) -> Subscriber | None:
    return app.subscribers.get(app.addresses.subscriber_id(app.addresses.mailbox(email)))


def answers(app: App, email: str) -> dict[str, str]:
    found = reader(app, email)
    assert found is not None
    return dict(found.fields)


def written(folder: Path, text: str = LIST) -> Path:
    file = folder / "people.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_columns_are_found_by_key_or_label_and_a_value_that_does_not_fit_refuses_its_row(
    newsletter: Command, asking: App, tmp_path: Path
) -> None:
    file = written(tmp_path)

    said = newsletter("import", file, *EVIDENCE)

    assert said.code == 0
    assert "field.organisation Your Organisation" in said.words
    assert answers(asking, "ada@example.org") == {
        "organisation": "=cmd|' /C calc'!A0", "region": "Wales", "since": "2020-01-31"
    }  # fmt: skip
    assert answers(asking, "bo@example.org") == {}, "nobody of an import is asked for what is required"
    assert reader(asking, "cy@example.org") is None
    rejects = Path(f"{file}.rejects.csv").read_text(encoding="utf-8")
    assert "region: Please choose one of the options." in rejects


def test_a_column_can_be_named_or_left_out(newsletter: Command, asking: App, tmp_path: Path) -> None:
    file = written(tmp_path)

    said = newsletter("import", file, *EVIDENCE, "--map", "field.region=0", "--map", "field.since=4")

    assert said.code == 0
    assert answers(asking, "cy@example.org") == {"organisation": "IPL"}
    wrong = newsletter("import", file, *EVIDENCE, "--map", "field.regoin=3")
    assert "field.region" in wrong.words, "it says which fields there are"


def test_what_was_exported_can_be_imported_and_no_spreadsheet_runs_it(
    newsletter: Command, asking: App, tmp_path: Path
) -> None:
    newsletter("import", written(tmp_path), *EVIDENCE)
    before = answers(asking, "ada@example.org")

    exported = newsletter("export").out

    (row,) = (each for each in csv.DictReader(io.StringIO(exported)) if each["email"] == "ada@example.org")
    assert row["field.organisation"].startswith("'=cmd")
    assert (row["field.region"], row["field.since"]) == ("Wales", "2020-01-31")
    newsletter("subscribers", "forget", "ada@example.org", "--yes")
    assert reader(asking, "ada@example.org") is None
    ada = asking.addresses.subscriber_id(asking.addresses.mailbox("ada@example.org"))
    asking.suppressions.lift(ada)
    file = tmp_path / "again.csv"
    file.write_text(exported, encoding="utf-8")
    newsletter("import", file, "--yes")
    assert answers(asking, "ada@example.org") == before


def test_one_reader_is_shown_with_their_answers(newsletter: Command, asking: App, tmp_path: Path) -> None:
    newsletter("import", written(tmp_path), *EVIDENCE)

    assert newsletter("subscribers", "show", "ada@example.org", "--json").json["fields"]["region"] == "Wales"
    assert "fields region Wales" in " ".join(newsletter("subscribers", "show", "ada@example.org").words.split())


def test_answers_outlive_their_field_until_somebody_clears_them(
    newsletter: Command, asking: App, tmp_path: Path
) -> None:
    newsletter("import", written(tmp_path), *EVIDENCE)
    ask(asking, FIELDS[0])
    refused = newsletter("subscribers", "clear-field", "organisation", "--yes")
    assert refused.code == 1
    assert "Take it out of settings/fields.yaml first." in refused.words
    assert "field.region" not in newsletter("export").out.splitlines()[0]
    assert answers(asking, "ada@example.org")["region"] == "Wales"

    assert newsletter("subscribers", "clear-field", "region", "--yes", "--json").json == {
        "field": "region",
        "cleared": 1,
    }

    assert answers(asking, "ada@example.org") == {"organisation": "=cmd|' /C calc'!A0", "since": "2020-01-31"}
    assert newsletter("subscribers", "clear-field", "region", "--yes", "--json").json["cleared"] == 0
