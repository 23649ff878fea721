"""What we set right in the emulator."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from ministack.services import apigateway

from local.ministack import (
    MOST_SETTINGS,
    noting,
    only_once,
    reading_templates,
    safe_transport,
    with_dns_records,
    within_4_kb,
)

CORS = {"AllowOrigins": ["https://www.example.org"], "AllowMethods": ["GET", "POST"], "MaxAge": 3600}


def test_other_websites_of_a_template_are_let_in() -> None:
    preflight = reading_templates(apigateway._cors_preflight_response)

    status, headers, _ = preflight(CORS, "https://www.example.org")

    assert status in (200, 204)
    assert headers["Access-Control-Allow-Origin"] == "https://www.example.org"


def test_websites_that_are_not_named_stay_out() -> None:
    preflight = reading_templates(apigateway._cors_preflight_response)

    assert preflight(CORS, "https://elsewhere.example")[0] == 403
    assert preflight(None, "https://www.example.org")[0] == 403


def test_a_policy_that_asks_for_tls_lets_the_own_machine_in() -> None:
    pinned: list[tuple[str, bool]] = []

    safe_transport(lambda *origin: pinned.append(origin))("127.0.0.1", False)

    assert pinned == [("127.0.0.1", True)]


def test_an_identity_that_is_there_is_not_made_again() -> None:
    made = only_once(with_dns_records(lambda *arguments: (arguments[1]["EmailIdentity"], {})), {"example.org": {}})

    identity, attributes = made("SenderIdentity", {"EmailIdentity": "example.net"}, "stack")
    assert (identity, attributes["DkimDNSTokenName3"]) == ("example.net", "token3._domainkey.example.net")
    with pytest.raises(ValueError, match="'example.org' already exists"):
        made("SenderIdentity", {"EmailIdentity": "example.org"}, "stack")


def test_a_function_has_no_more_settings_than_lambda_takes() -> None:
    made = within_4_kb(lambda *arguments: (arguments[0], {}))

    fits = {"Environment": {"Variables": {"A": "x" * (MOST_SETTINGS - len('{"A":""}'))}}}
    too_long = {"Environment": {"Variables": {"A": "x" * (MOST_SETTINGS - len('{"A":""}') + 1)}}}
    assert made("Send", fits, "stack") == ("Send", {})
    with pytest.raises(ValueError, match="exceeded the 4KB limit"):
        made("Send", too_long, "stack")


def test_who_was_allowed_what_is_written_down_once(tmp_path: Path) -> None:
    judge = noting(lambda context: SimpleNamespace(decision=context.decision), tmp_path / "calls.txt")
    role = "arn:aws:sts::000000000000:assumed-role/fortnightly-laptop-SendRole-1A2B/send"

    def asked(by: str, decision: str = "Allow") -> None:
        table = "arn:aws:dynamodb:eu-west-1:000000000000:table/sends"
        judge(SimpleNamespace(principal_arn=by, action="dynamodb:GetItem", resource_arn=table, decision=decision))

    asked(role, "Deny")
    asked("arn:aws:iam::000000000000:root")
    asked(role)
    asked(role)

    said = (tmp_path / "calls.txt").read_text()
    assert said == "Send dynamodb:GetItem arn:aws:dynamodb:eu-west-1:000000000000:table\n"
