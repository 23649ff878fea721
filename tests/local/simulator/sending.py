"""What the tests of the simulator send to it."""

import json
from typing import Any

from tests.ses_server import SesServer

SENDER = "The Briefing <news@example.org>"


def entry(
    to: str, data: dict[str, Any] | None = None, *, headers: dict[str, str] | None = None, **tags: str
) -> dict[str, Any]:
    """One entry of a bulk call."""
    made: dict[str, Any] = {"Destination": {"ToAddresses": [to]}}
    if data is not None:
        made["ReplacementEmailContent"] = {"ReplacementTemplate": {"ReplacementTemplateData": json.dumps(data)}}
    if headers:
        made["ReplacementHeaders"] = [{"Name": name, "Value": value} for name, value in headers.items()]
    if tags:
        made["ReplacementTags"] = [{"Name": name, "Value": value} for name, value in tags.items()]
    return made


def bulk(server: SesServer, entries: list[dict[str, Any]], **changes: Any) -> list[dict[str, Any]]:
    """Send in bulk with a small template; return the results of the entries."""
    template = {
        "TemplateContent": {"Subject": "Hello {{name}}", "Text": "Dear {{name}}\n", "Html": "<p>Dear {{name}}</p>\n"},
        "TemplateData": '{"name": "reader"}',
    }
    request = {
        "FromEmailAddress": SENDER,
        "ConfigurationSetName": "issues",
        "DefaultContent": {"Template": template},
        "BulkEmailEntries": entries,
        **changes,
    }
    answer: dict[str, Any] = server.client.send_bulk_email(**request)  # type: ignore[assignment]
    results: list[dict[str, Any]] = answer["BulkEmailEntryResults"]
    return results


def single(server: SesServer, to: str = "ann@example.org", **changes: Any) -> str:
    """Send one plain message; return its id."""
    content = {"Simple": {"Subject": {"Data": "Welcome"}, "Body": {"Text": {"Data": "Good to have you.\n"}}}}
    request = {
        "FromEmailAddress": SENDER,
        "Destination": {"ToAddresses": [to]},
        "ConfigurationSetName": "issues",
        "Content": content,
        **changes,
    }
    return server.client.send_email(**request)["MessageId"]
