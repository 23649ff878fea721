"""Requests of API Gateway (payload 2.0): which route answers, and what becomes of its answer."""

from __future__ import annotations

import gzip
from base64 import b64decode, b64encode
from typing import Any

import pytest

from newsletter.web.router import Request, Response, Router

CONTEXT: Any = None
"""Nothing here asks Lambda anything."""


class LeaseError(Exception):
    pass


class EndedLeaseError(LeaseError):
    pass


def event(method: str = "GET", path: str = "/", **more: Any) -> dict[str, Any]:
    http = {"method": method, "path": path, "sourceIp": "192.0.2.1"}
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {},
        "requestContext": {"stage": "$default", "http": http},
        "isBase64Encoded": False,
    } | more


def router() -> Router:
    return Router(
        lambda request: Response(405, "text/plain", f"nothing at {request.path}"),
        {LeaseError: lambda error: Response(400, "text/plain", str(error))},
    )


def answer(text: str) -> Any:
    return lambda **parts: Response(200, "text/plain", f"{text} {parts}" if parts else text)


def test_a_route_answers_its_methods_alone() -> None:
    routes = router()
    routes.get("/confirm")(answer("shown"))
    routes.post("/confirm")(answer("done"))

    assert routes.resolve(event("GET", "/confirm"), CONTEXT)["body"] == "shown"
    assert routes.resolve(event("POST", "/confirm"), CONTEXT)["body"] == "done"
    assert routes.resolve(event("DELETE", "/confirm"), CONTEXT)["statusCode"] == 405
    assert routes.methods_at("/confirm") == ["GET", "POST"]
    assert routes.methods_at("/elsewhere") == []


@pytest.mark.parametrize("path", ["/confirm/", "/confirm\n", "/confirmed", "/x/confirm", ""])
def test_a_plain_rule_fits_one_path(path: str) -> None:
    routes = router()
    routes.get("/confirm")(answer("shown"))

    assert routes.resolve(event("GET", path), CONTEXT)["statusCode"] == 405


def test_names_in_a_rule_stand_for_one_part_of_the_path_each() -> None:
    routes = router()
    routes.get("/preview/<signed>/<name>")(answer("file"))

    assert routes.resolve(event(path="/preview/a.b-c_d~e/f%20g.png"), CONTEXT)["body"] == (
        "file {'signed': 'a.b-c_d~e', 'name': 'f%20g.png'}"
    )
    assert routes.resolve(event(path="/preview/a/b/c"), CONTEXT)["statusCode"] == 405
    assert routes.resolve(event(path="/preview/a/"), CONTEXT)["statusCode"] == 405


def test_a_rule_without_names_goes_first_and_then_the_earlier_one() -> None:
    routes = router()
    routes.get("/desk/<name>")(answer("by name"))
    routes.get("/desk/calendar.ics")(answer("feed"))
    routes.get("/desk.*")(answer("all"))

    assert routes.resolve(event(path="/desk/calendar.ics"), CONTEXT)["body"] == "feed"
    assert routes.resolve(event(path="/desk/people"), CONTEXT)["body"] == "all"


def test_the_path_is_that_below_the_stage() -> None:
    routes = router()
    routes.get("/confirm")(answer("shown"))
    http = {"method": "get", "sourceIp": "192.0.2.1"}

    assert routes.resolve(event(path="/beta/confirm", requestContext={"stage": "beta", "http": http}), CONTEXT)["body"]
    assert routes.request.path == "/confirm"
    assert routes.request.method == "GET"


def test_the_nearest_class_of_an_error_answers_for_it() -> None:
    routes = router()

    @routes.get("/late")
    def late() -> Response:
        raise EndedLeaseError("it ended")

    assert routes.resolve(event(path="/late"), CONTEXT)["body"] == "it ended"


def test_an_error_that_nobody_answers_for_goes_on() -> None:
    routes = router()

    @routes.get("/broken")
    def broken() -> Response:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        routes.resolve(event(path="/broken"), CONTEXT)


def test_header_names_are_in_small_letters_and_what_is_missing_is_empty() -> None:
    request = Request(event(headers={"Accept-Language": "de"}, queryStringParameters=None, body=None))

    assert request.headers == {"accept-language": "de"}
    assert (request.query, request.body) == ({}, b"")
    assert Request(event(headers=None)).headers == {}


def test_a_body_in_base64_is_given_as_it_was_sent() -> None:
    sent = b"\xff\x00 no text"

    assert Request(event(body=b64encode(sent).decode(), isBase64Encoded=True)).body == sent
    assert Request(event(body="Grüße")).body == "Grüße".encode()


@pytest.mark.parametrize(
    "more", [{"cookies": ["desk=1", "name=Ada"]}, {"headers": {"Cookie": "desk=1; name=Ada"}}], ids=["list", "header"]
)
def test_cookies_are_found_where_api_gateway_puts_them(more: dict[str, Any]) -> None:
    assert [each.strip() for each in Request(event(**more)).cookies] == ["desk=1", "name=Ada"]


def test_an_answer_has_its_headers_and_cookies() -> None:
    response = Response(303, "text/plain", "", {"Location": "/desk/"}, ["desk=1; Secure"])

    assert response.as_proxy_result(compress=False) == {
        "statusCode": 303,
        "body": "",
        "isBase64Encoded": False,
        "headers": {"Content-Type": "text/plain", "Location": "/desk/"},
        "cookies": ["desk=1; Secure"],
    }


def test_bytes_leave_in_base64() -> None:
    result = Response(200, "image/png", b"\x89PNG").as_proxy_result(compress=False)

    assert result["isBase64Encoded"]
    assert b64decode(result["body"]) == b"\x89PNG"


@pytest.mark.parametrize(
    ("accepts", "may_be", "packed"),
    [("gzip, br", True, True), ("br", True, False), ("gzip", False, False)],
    ids=["taken", "not taken", "packed already"],
)
def test_a_body_is_compressed_for_who_takes_it_so(accepts: str, may_be: bool, packed: bool) -> None:
    routes, text = router(), "a page " * 100

    @routes.get("/desk", compress=True)
    def desk() -> Response:
        return Response(200, "text/html", text, may_be_compressed=may_be)

    result = routes.resolve(event(path="/desk", headers={"Accept-Encoding": accepts}), CONTEXT)

    assert ("Content-Encoding" in result["headers"]) == result["isBase64Encoded"] == packed
    assert (gzip.decompress(b64decode(result["body"])).decode() if packed else result["body"]) == text
