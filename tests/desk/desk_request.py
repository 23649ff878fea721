"""A request of the desk, as API Gateway hands it over; no function is loaded for it."""

from __future__ import annotations

from typing import Any


def request(method: str, path: str, body: str = "", cookie: str = "") -> dict[str, Any]:
    """Return the event of a request, in the shape of API Gateway's payload 2.0."""
    path, _, query = path.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return {
        "version": "2.0",
        "routeKey": "ANY /desk/{rest+}",
        "rawPath": path,
        "rawQueryString": query,
        "cookies": [cookie] if cookie else [],
        "headers": {"accept": "text/html", "content-type": "application/x-www-form-urlencoded"},
        **({"queryStringParameters": {name: value for name, _, value in pairs}} if pairs else {}),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "briefing.example.org",
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.10", "userAgent": "test",
            },
            "requestId": "UZ0Hij2YrPEEJOQ=",
            "routeKey": "ANY /desk/{rest+}",
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }  # fmt: skip
