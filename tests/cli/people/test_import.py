"""`import`: lists of other systems, as each of them writes them."""

from __future__ import annotations

import csv
import shutil
import stat
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.wiring import App
from tests.cli.people.conftest import EXPORTS, Command
from tests.core.fakes import NOW

VOUCHED = ("--consent", "Signed up on our old website", "--yes")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with copies of the samples: an import writes beside its file."""
    return Path(shutil.copytree(EXPORTS, tmp_path / "exports"))


def who(app: App, email: str) -> Subscriber | None:
    return app.subscribers.get(app.addresses.subscriber_id(app.addresses.mailbox(email)))


def on_the_list(app: App, email: str) -> Subscriber:
    found = who(app, email)
    assert found is not None
    return found


def suppressed(app: App, email: str) -> SuppressionReason | None:
    found = app.suppressions.get(app.addresses.subscriber_id(app.addresses.mailbox(email)))
    return found.reason if found else None


def audience(app: App) -> set[str]:
    return {each.email for each in app.subscribers.everyone() if each.in_audience}


def reasons(file: Path) -> list[tuple[str, str]]:
    with Path(f"{file}.rejects.csv").open(newline="") as rejects:
        return [(row["line"], row["reason"]) for row in csv.DictReader(rejects)]


def test_mailchimp_with_its_times_of_confirmation_as_the_receipts(
    newsletter: Command, list_app: App, desk: Path
) -> None:
    file = desk / "mailchimp-subscribed.csv"

    said = newsletter("import", file, "--yes")

    assert said.code == 0
    assert audience(list_app) == {"ada@example.org", "grace@example.org"}
    grace = on_the_list(list_app, "grace@example.org")
    assert grace.name == "Grace Hopper, Rear Admiral"
    assert grace.confirmed_at == datetime(2022, 11, 30, 18, 20, tzinfo=UTC)
    assert grace.consent is not None
    assert grace.consent.holds(list_app.address_key)
    assert grace.consent.page == "export of Mailchimp, CONFIRM_TIME"
    assert len(grace.consent.network) == 32
    assert reasons(file) == [("5", "No evidence of consent. If you have it, say --consent and --consent-date.")]
    assert "Nobody was sent an email." in said.out
    assert list_app.queues is not None


def test_people_whom_mailchimp_lost_are_not_added_and_with_keep_out_they_stay_out(
    newsletter: Command, list_app: App, desk: Path
) -> None:
    assert newsletter("import", desk / "mailchimp-unsubscribed.csv", "--yes", "--json").json["refused"] == {
        "out_there": 1
    }
    assert who(list_app, "left@example.org") is None

    for file in ("unsubscribed", "cleaned"):
        said = newsletter("import", desk / f"mailchimp-{file}.csv", "--yes", "--keep-out", "--json")
        assert (said.json["kept_out"], said.json["refused"]) == (1, {})

    left = on_the_list(list_app, "left@example.org")
    assert (left.status, left.left_at) == (Status.UNSUBSCRIBED, datetime(2022, 5, 6, 7, 8, 9, tzinfo=UTC))
    assert (left.email, left.name) == ("", "")  # only that they left
    assert suppressed(list_app, "gone@example.org") is SuppressionReason.HARD_BOUNCE
    (desk / "later.csv").write_text("email\nleft@example.org\ngone@example.org\n")
    later = newsletter("import", desk / "later.csv", *VOUCHED, "--consent-date", "2024-01-01", "--json")
    assert later.json["refused"] == {"left": 1, "suppressed": 1}


@pytest.mark.parametrize(
    ("file", "vendor", "added", "refused"),
    [
        ("substack.csv", "Substack", {"ada@example.org", "paying@example.org"}, {"out_there": 1}),
        ("ghost.csv", "Ghost", {"ada@example.org"}, {"out_there": 1}),
        ("listmonk.csv", "listmonk", {"ada@example.org"}, {"out_there": 2}),
        ("buttondown.csv", "Buttondown", {"ada@example.org"}, {"out_there": 3, "unconfirmed_there": 1}),
        ("buttondown-before-2024.csv", "Buttondown", {"ada@example.org"}, {}),
    ],
)
def test_systems_that_write_no_confirmation_need_the_operators_word(
    newsletter: Command, list_app: App, desk: Path, file: str, vendor: str, added: set[str], refused: dict[str, int]
) -> None:
    without = newsletter("import", desk / file, "--yes")
    assert (without.code, audience(list_app)) == (2, set())
    assert "you have to say where their consent comes from" in without.err

    said = newsletter("import", desk / file, *VOUCHED, "--json")

    assert f"{file}: {vendor}," in said.err
    assert audience(list_app) == added
    assert said.json["refused"] == refused
    ada = on_the_list(list_app, "ada@example.org")
    assert ada.consent is not None
    assert ada.consent.page == "Signed up on our old website"
    assert ada.confirmed_at is not None
    assert ada.confirmed_at.year in (2022, 2023, 2024)


@pytest.mark.parametrize(
    ("file", "tags"),
    [
        ("mailchimp-subscribed.csv", {"councils", "press"}),
        ("ghost.csv", {"councils", "press"}),
        ("listmonk.csv", {"a", "b"}),
        ("buttondown.csv", {"press"}),
        ("substack.csv", set()),
    ],
)
def test_tags_of_other_systems_are_kept(
    newsletter: Command, list_app: App, desk: Path, file: str, tags: set[str]
) -> None:
    assert newsletter("import", desk / file, *VOUCHED).code == 0

    assert on_the_list(list_app, "ada@example.org").tags == tags


def test_a_file_that_is_imported_with_a_tag_tags_newcomers_and_whoever_is_here(
    newsletter: Command, list_app: App, desk: Path
) -> None:
    file = desk / "members.csv"
    file.write_text("email,tags\nada@example.org,Press\ngrace@example.org,\n")
    options = (*VOUCHED, "--consent-date", "2024-05-06", "--json")
    assert newsletter("import", file, *options).json["added"] == 2
    before = on_the_list(list_app, "ada@example.org")
    assert before.tags == {"press"}
    assert on_the_list(list_app, "grace@example.org").tags == frozenset()
    file.write_text("email\nada@example.org\nnew@example.org\n")
    list_app.clock.sleep(60)

    tried = newsletter("import", file, *options, "--tag", "VIP Members", "--dry-run").json
    said = newsletter("import", file, *options, "--tag", "VIP Members").json

    assert (said["added"], said["tagged"], said["already_here"]) == (1, 1, 0)
    assert (tried["added"], tried["tagged"]) == (1, 1)
    assert on_the_list(list_app, "ada@example.org") == replace(
        before, tags=frozenset({"press", "vip-members"}), version=before.version + 1
    )
    assert on_the_list(list_app, "new@example.org").tags == {"vip-members"}
    list_app.clock.sleep(60)
    again = newsletter("import", file, *options, "--tag", "VIP Members").json
    assert (again["added"], again["tagged"]) == (0, 2)  # they have it, and nothing was written
    assert on_the_list(list_app, "ada@example.org").version == before.version + 1
    assert newsletter("import", file, *options, "--tag", "!").code != 0


def test_an_import_with_tags_brings_nobody_back(newsletter: Command, list_app: App, desk: Path) -> None:
    file = desk / "members.csv"
    file.write_text("email\nada@example.org\n")
    options = (*VOUCHED, "--consent-date", "2024-05-06", "--json")
    newsletter("import", file, *options)
    newsletter("subscribers", "remove", "ada@example.org", "--yes")
    list_app.clock.sleep(60)

    assert newsletter("import", file, *options, "--tag", "members").json["refused"] == {"left": 1}

    ada = on_the_list(list_app, "ada@example.org")
    assert (ada.status, ada.tags) == (Status.UNSUBSCRIBED, frozenset())


def test_what_buttondown_gave_up_stays_out_each_for_its_reason(newsletter: Command, list_app: App, desk: Path) -> None:
    newsletter("import", desk / "buttondown.csv", *VOUCHED, "--keep-out")

    assert on_the_list(list_app, "left@example.org").status is Status.UNSUBSCRIBED
    assert suppressed(list_app, "gone@example.org") is SuppressionReason.HARD_BOUNCE
    assert suppressed(list_app, "spam@example.org") is SuppressionReason.COMPLAINT
    assert who(list_app, "waits@example.org") is None


def test_a_list_kept_by_hand_and_one_of_bare_addresses(newsletter: Command, list_app: App, desk: Path) -> None:
    assert newsletter("import", desk / "plain.csv", "--yes").code == 0
    assert on_the_list(list_app, "grace@example.org").confirmed_at == datetime(2024, 5, 7, 8, 9, tzinfo=UTC)

    list_app.clock.sleep(1)
    said = newsletter("import", desk / "addresses.txt", *VOUCHED, "--consent-date", "2024-05-06", "--json")
    assert said.json == {
        "rows": 2, "added": 0, "already_here": 2, "tagged": 0, "kept_out": 0, "refused": {}, "dry_run": False,
        "rejects": "",
    }  # fmt: skip


def test_latin_1_with_semicolons_keeps_its_umlauts(newsletter: Command, list_app: App, desk: Path) -> None:
    said = newsletter("import", desk / "excel-latin-1.csv", *VOUCHED, "--consent-date", "2024-05-06")

    assert "semicolons" in said.err
    assert "Are these words right? Jörg, Müller, José." in said.err
    assert on_the_list(list_app, "mueller@example.org").name == "Jörg Müller"
    assert on_the_list(list_app, "jose@example.org").name == "José Nuñez"


def test_nobody_who_left_or_is_suppressed_or_was_forgotten_comes_back(
    newsletter: Command, list_app: App, desk: Path
) -> None:
    newsletter("import", desk / "plain.csv", "--yes")
    assert newsletter("subscribers", "forget", "ada@example.org", "--yes").code == 0
    assert newsletter("subscribers", "remove", "grace@example.org", "--yes").code == 0

    said = newsletter("import", desk / "plain.csv", "--yes", "--json")

    assert said.json["refused"] == {"left": 1, "suppressed": 1}
    assert audience(list_app) == set()


def test_whoever_left_there_after_an_earlier_import_leaves_here_too_but_not_whoever_confirmed_here(
    newsletter: Command, list_app: App, desk: Path
) -> None:
    newsletter("import", desk / "plain.csv", "--yes")
    own = replace(on_the_list(list_app, "grace@example.org"), consent=None, confirmed_at=NOW)
    assert list_app.subscribers.save(own)
    (desk / "left.csv").write_text("email,status,unsubscribed_at\nada@example.org,unsubscribed,2026-01-02\n"
                                   "grace@example.org,unsubscribed,2026-01-02\n")  # fmt: skip

    said = newsletter("import", desk / "left.csv", "--keep-out", *VOUCHED, "--consent-date", "2026-01-01", "--json")

    assert (said.json["kept_out"], said.json["already_here"]) == (1, 1)
    assert audience(list_app) == {"grace@example.org"}


def test_a_dry_run_gives_the_same_account_and_writes_nobody(newsletter: Command, list_app: App, desk: Path) -> None:
    file = desk / "mixed.csv"
    file.write_text(
        "email,confirmed_at\nada@example.org,2024-01-01\nADA@example.org,2024-01-01\nnobody,2024-01-01\n"
        "grace@example.org,\n\nlater@example.org,2999-01-01\n"
    )

    dry = newsletter("import", file, "--dry-run", "--json").json
    assert (audience(list_app), dry["dry_run"]) == (set(), True)
    done = newsletter("import", file, "--yes", "--json").json

    account = {"rows": 5, "added": 1, "refused": {"no_evidence": 2, "repeated": 1, "invalid_address": 1}}
    for each in (dry, done):
        assert {name: each[name] for name in account} == account
    assert [line for line, _ in reasons(file)] == ["3", "4", "5", "7"]


def test_refused_rows_can_be_mended_and_imported_from_the_file_of_rejects(
    newsletter: Command, list_app: App, desk: Path
) -> None:
    file = desk / "broken.csv"
    file.write_text("email,confirmed_at\nada@example,2024-01-01\n")
    newsletter("import", file, "--yes")
    rejects = Path(f"{file}.rejects.csv")

    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    rejects.write_text(rejects.read_text().replace("ada@example,", "ada@example.org,"))
    newsletter("import", rejects, "--yes")

    assert audience(list_app) == {"ada@example.org"}


def test_a_formula_in_a_refused_row_does_not_run_in_a_spreadsheet_and_comes_back_when_the_row_is_mended(
    newsletter: Command, list_app: App, desk: Path
) -> None:
    file = desk / "formulas.csv"
    file.write_text("email,name,confirmed_at\nada@example,=HYPERLINK(A1),2024-01-01\n")
    newsletter("import", file, "--yes")
    rejects = Path(f"{file}.rejects.csv")

    with rejects.open(newline="") as opened:
        assert [row["name"] for row in csv.DictReader(opened)] == ["'=HYPERLINK(A1)"]
    rejects.write_text(rejects.read_text().replace("ada@example,", "ada@example.org,"))
    newsletter("import", rejects, "--yes")

    assert on_the_list(list_app, "ada@example.org").name == "=HYPERLINK(A1)"


def test_columns_with_the_same_heading_have_to_be_told_apart(newsletter: Command, list_app: App, desk: Path) -> None:
    file = desk / "twice.csv"
    file.write_text("email,Email,confirmed_at\nold@example.org,new@example.org,2024-01-01\n")

    unclear = newsletter("import", file, "--yes")
    assert (unclear.code, "--map email=1" in unclear.err) == (2, True)

    newsletter("import", file, "--yes", "--map", "email=2")
    assert audience(list_app) == {"new@example.org"}


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("--map", "email"), "--map takes FIELD=COLUMN"),
        (("--map", "mail=1"), "--map knows no field mail"),
        (("--map", "email=9"), "no column 9"),
        (("--map", "email=Telefax"), "No column is headed Telefax"),
        (("--consent-date", "05/06/2024"), "takes a day such as"),
        (("--encoding", "klingon"), "no encoding klingon"),
    ],
)
def test_a_wrong_call_is_told_before_anybody_is_imported(
    newsletter: Command, list_app: App, desk: Path, arguments: tuple[str, ...], remedy: str
) -> None:
    said = newsletter("import", desk / "plain.csv", "--yes", *arguments)

    assert (said.code, audience(list_app)) == (2, set())
    assert remedy in said.words


def test_without_an_answer_nobody_is_imported(newsletter: Command, list_app: App, desk: Path) -> None:
    said = newsletter("import", desk / "plain.csv")

    assert (said.code, audience(list_app)) == (2, set())
    assert "Say --yes" in said.err


def test_an_import_that_stops_in_the_middle_goes_on_and_tells_the_whole_account(
    newsletter: Command, list_app: App, desk: Path
) -> None:
    file = desk / "long.csv"
    rows = [f"reader{number}@example.org,2024-01-01" for number in range(240)]
    rows[120] = "reader5@example.org,2024-01-01"
    rows[130] = "nobody,2024-01-01"
    file.write_text("\n".join(["email,confirmed_at", *rows]))
    spared = list_app.subscribers
    list_app.subscribers = BreaksAfter(spared, 3)  # type: ignore[assignment]

    stopped = newsletter("import", file, "--yes")
    assert stopped.code == 1
    assert "is done; the same command goes on there." in stopped.words
    list_app.subscribers = spared
    some = len(audience(list_app))
    assert 0 < some < 238
    list_app.clock.sleep(3600)
    done = newsletter("import", file, "--yes", "--json")

    assert "Going on behind line" in done.err
    assert (done.json["rows"], done.json["added"]) == (240, 238)
    assert done.json["refused"] == {"repeated": 1, "invalid_address": 1}
    assert len(audience(list_app)) == 238
    assert len(reasons(file)) == 2
    assert not Path(f"{file}.journal").exists()


class BreaksAfter:
    """A store before which somebody presses Ctrl-C after so many readings."""

    def __init__(self, store: object, readings: int) -> None:
        self._store = store
        self._left = readings

    def __getattr__(self, name: str) -> object:
        if name == "get_many":
            self._left -= 1
            if self._left < 0:
                raise KeyboardInterrupt
        return getattr(self._store, name)


def test_a_journal_of_other_options_is_not_gone_on_with(newsletter: Command, list_app: App, desk: Path) -> None:
    file = desk / "plain.csv"
    spared = list_app.subscribers
    list_app.subscribers = BreaksAfter(spared, 0)  # type: ignore[assignment]
    assert newsletter("import", file, "--yes").code == 1
    list_app.subscribers = spared

    said = newsletter("import", file, "--yes", "--keep-out")

    assert said.code == 1
    assert "belongs to another version of the file, or to other options" in said.words


def test_a_sign_up_at_the_same_moment_is_never_overruled(newsletter: Command, list_app: App, desk: Path) -> None:
    ada = list_app.addresses.subscriber_id(list_app.addresses.mailbox("ada@example.org"))
    list_app.suppressions.add(Suppression(ada, SuppressionReason.ERASED, NOW - timedelta(days=1)))
    blind = NeverReads(list_app.suppressions)
    list_app.suppressions = blind  # type: ignore[assignment]

    newsletter("import", desk / "plain.csv", "--yes")

    assert audience(list_app) == {"grace@example.org"}


class NeverReads:
    """Suppressions that were written just after they were read for the first time."""

    def __init__(self, store: object) -> None:
        self._store = store
        self._blind = True

    def get_many(self, ids: list[str]) -> Mapping[str, Suppression]:
        if self._blind:
            self._blind = False
            return {}
        found: Mapping[str, Suppression] = self._store.get_many(ids)  # type: ignore[attr-defined]
        return found
