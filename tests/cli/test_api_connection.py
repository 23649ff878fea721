"""`--api`: whose answers are meant, where the key comes from, and what is said when the API does not do it."""

from __future__ import annotations

import traceback
from pathlib import Path

import httpx
import pytest

from newsletter_cli.arguments import stack_first
from newsletter_cli.main import run
from newsletter_cli.problems import CommandError
from newsletter_cli.remote.api_key import VARIABLE, read_api_key
from newsletter_cli.remote.connection import SpeakingClient, base_of
from tests.core.fakes import VirtualClock

API_KEY = "fn_live_0123456789ab_a-secret-that-nobody-reads"
URL = "https://news.example.org"


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Run a command to its end, and return its exit code and what it said of it."""
    monkeypatch.setattr("sys.argv", ["newsletter", *words])
    with pytest.raises(SystemExit) as end:
        run()
    code = end.value.code
    return (code if isinstance(code, int) else 1), " ".join(capsys.readouterr().err.split())


@pytest.fixture(autouse=True)
def _shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("NEWSLETTER_STACK", "FORTNIGHTLY_API", "FORTNIGHTLY_API_KEY", "FORTNIGHTLY_API_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("issues --api https://x --json", "--api https://x issues --json"),
        ("issues --api=https://x", "--api=https://x issues"),
        ("issues --api-key-file key --api https://x", "--api-key-file key --api https://x issues"),
        ("check -- --api", "check -- --api"),
    ],
)
def test_the_api_may_be_named_behind_the_verb_too(written: str, understood: str) -> None:
    assert stack_first(written.split()) == understood.split()


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        (["--api", URL, "--stack", "prod"], {}),
        (["--api", URL, "--local"], {}),
        ([], {"FORTNIGHTLY_API": URL, "NEWSLETTER_STACK": "prod"}),
    ],
    ids=["both typed", "both typed, one on this machine", "both in the shell"],
)
def test_a_stack_and_an_api_cannot_both_be_meant(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    code, why = said(monkeypatch, capsys, "issues", *words)

    assert (code, why) == (
        2, "A stack and an API are named, here or in NEWSLETTER_STACK and FORTNIGHTLY_API. Name one.",
    )  # fmt: skip


def test_what_is_typed_counts_for_more_than_what_the_shell_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORTNIGHTLY_API", URL)
    assert "No stack runs on this machine" in said(monkeypatch, capsys, "issues", "--local")[1]

    monkeypatch.setenv("NEWSLETTER_STACK", "prod")
    assert f"There is no key in {VARIABLE}" in said(monkeypatch, capsys, "issues", "--api", URL)[1]


@pytest.mark.parametrize(
    "url", ["http://news.example.org", "news.example.org", "https://", "ftp://127.0.0.1", "https://[x"]
)
def test_an_address_on_the_way_to_which_a_key_could_be_read_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    monkeypatch.setenv(VARIABLE, API_KEY)

    code, why = said(monkeypatch, capsys, "issues", "--api", url)

    assert code == 2
    assert why.startswith("--api takes an address that begins with https://")


def test_the_address_may_be_written_as_the_documentation_has_it() -> None:
    assert {base_of(f"{URL}{end}") for end in ("", "/", "/api/v1", "/api/v1/", " ")} == {URL}


def test_a_key_is_read_from_the_shell_or_from_a_file_of_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"\ufeff{API_KEY}\r\n")
    file.chmod(0o600)

    assert read_api_key(None, {VARIABLE: f" {API_KEY}\n"}) == API_KEY
    assert read_api_key(file, {VARIABLE: "another"}) == API_KEY, "what was named counts for more"
    for mode in (0o640, 0o604, 0o660):
        file.chmod(mode)
        with pytest.raises(CommandError, match=r"Others on this machine can read .*chmod 600"):
            read_api_key(file, {})


@pytest.mark.parametrize("there", ["AKIA-secret", "fn_live_a b", "fn_live_\u00e4", "fn_live_a\tb", "fn_live_a\nX: y"])
def test_what_is_no_key_is_refused_and_not_repeated(there: str) -> None:
    with pytest.raises(CommandError, match=f"in {VARIABLE} is no key of the API") as refused:
        read_api_key(None, {VARIABLE: there})
    assert there not in str(refused.value)


def test_without_a_key_the_sentence_says_where_one_is_made_and_where_it_goes(tmp_path: Path) -> None:
    with pytest.raises(
        CommandError, match=r"An owner makes one at the desk, under Team; put it into FORTNIGHTLY_API_KEY"
    ):
        read_api_key(None, {})
    empty = tmp_path / "key"
    empty.touch(mode=0o600)
    with pytest.raises(CommandError, match="There is no key in .*key"):
        read_api_key(empty, {VARIABLE: API_KEY})


def test_a_verb_that_takes_aws_says_so_whether_or_not_there_is_a_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, why = said(monkeypatch, capsys, "team", "list", "--api", URL)
    assert (code, why.startswith("The API has no way to do `newsletter team list`.")) == (1, True)


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, why = said(monkeypatch, capsys, "issues", "--api", URL, "--api-key-file", "none")
    assert (code, why.startswith("none cannot be used: No such file")) == (1, True)


def problem(status: int, kind: str, detail: str) -> httpx.Response:
    plain = {"type": f"urn:fortnightly:problem:{kind}", "status": status, "detail": detail, "errors": []}
    return httpx.Response(status, json=plain)


def client(answer: httpx.Response | Exception, clock: VirtualClock | None = None) -> SpeakingClient:
    def answered(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    sleep = (clock or VirtualClock()).sleep
    return SpeakingClient(URL, API_KEY, sleep=sleep, transport=httpx.MockTransport(answered))


CASES = [
    (problem(401, "no-key", "This key is none of ours, or was revoked."), "An owner makes a new key at the desk"),
    (problem(403, "not-allowed", "This takes the right “decide”."), "An owner makes a key with more roles"),
    (problem(404, "not-found", "There is no such issue."), "There is no such issue."),
    (problem(409, "refused", "It has gone out."), "It has gone out."),
    (problem(429, "too-many", "A key has 120 requests a minute."), "A key has 120 requests a minute."),
    (httpx.Response(404, text="<!DOCTYPE html>"), "news.example.org is not where the API is"),
    (
        httpx.Response(403, text="<!DOCTYPE html>"),
        "news.example.org answered 403 (Forbidden), and not as the API does.",
    ),
    (httpx.Response(308, headers={"Location": "https://elsewhere.example.org"}), "leads to another address"),
    (httpx.Response(200, text="<!DOCTYPE html>"), "Check the address after --api"),
    (httpx.ConnectError(f"refused for Bearer {API_KEY}"), "news.example.org does not answer. Check the network"),
    (httpx.RemoteProtocolError(f"Bearer {API_KEY}"), "news.example.org does not answer"),
]


@pytest.mark.parametrize(("answer", "words"), CASES, ids=[words for _, words in CASES])
def test_what_the_api_refuses_is_a_sentence_with_a_remedy_and_never_holds_the_key(
    answer: httpx.Response | Exception, words: str
) -> None:
    with pytest.raises(CommandError) as refused:
        client(answer).get_issue("x")

    assert words in str(refused.value)
    assert API_KEY not in "".join(traceback.format_exception(refused.value))


def test_a_full_minute_is_waited_out_and_not_for_ever() -> None:
    clock = VirtualClock()
    began = clock.now()
    with pytest.raises(CommandError):
        client(httpx.Response(429, headers={"Retry-After": "86400"}), clock).get_issue("x")

    assert (clock.now() - began).total_seconds() == 3 * 60


def test_the_key_is_in_no_description_of_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    from newsletter_cli.remote.connection import connect

    monkeypatch.setenv(VARIABLE, API_KEY)
    connection = connect(URL, None)

    assert "secret" not in repr(connection)
    assert "secret" not in repr(connection.client)
