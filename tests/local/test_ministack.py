"""What we set right in the emulator."""

from ministack.services import apigateway

from local.ministack import reading_templates, safe_transport

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
