"""The account's suppression list: addresses SES accepts mail for and does not send it to."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.simulator.addresses import BadAddressError, bare
from local.simulator.errors import SesError, bad_request
from local.simulator.validation import violation

REASONS = ("BOUNCE", "COMPLAINT")
LARGEST_PAGE = 1000


@dataclass(frozen=True)
class Suppressed:
    """One address on the list, why and since when; with the message that caused it, if one did."""

    email: str
    reason: str
    since: datetime
    message_id: str = ""
    feedback_id: str = ""


class SuppressionList:
    """Keeps the list. Addresses are compared without regard to case."""

    def __init__(self) -> None:
        self._by_key: dict[str, Suppressed] = {}

    def __contains__(self, email: str) -> bool:
        return email.lower() in self._by_key

    def add(self, suppressed: Suppressed) -> None:
        """Put an address on the list, or give it a new reason."""
        self._by_key[suppressed.email.lower()] = suppressed

    def put(self, request: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """Answer PutSuppressedDestination."""
        reason = request.get("Reason")
        if reason not in REASONS:
            raise violation(reason, "reason", "Member must satisfy enum value set: [BOUNCE, COMPLAINT]")
        try:
            self.add(Suppressed(bare(str(request.get("EmailAddress", ""))), reason, now))
        except BadAddressError as exc:
            raise bad_request(str(exc)) from exc
        return {}

    def get(self, email: str) -> dict[str, Any]:
        """Answer GetSuppressedDestination."""
        found = self._by_key.get(email.lower())
        if found is None:
            raise SesError("NotFoundException", f"Email address {email} does not exist on your suppression list.", 404)
        destination = _summary(found)
        if found.message_id:
            destination["Attributes"] = {"MessageId": found.message_id, "FeedbackId": found.feedback_id}
        return {"SuppressedDestination": destination}

    def delete(self, email: str) -> dict[str, Any]:
        """Answer DeleteSuppressedDestination."""
        self.get(email)
        del self._by_key[email.lower()]
        return {}

    def list(self, query: Mapping[str, list[str]]) -> dict[str, Any]:
        """Answer ListSuppressedDestinations: newest first, by page."""
        reasons = query.get("Reason", []) + query.get("Reasons", [])
        start, end = (_moment(query, name) for name in ("StartDate", "EndDate"))
        size = min(int(query.get("PageSize", ["100"])[0]), LARGEST_PAGE)
        offset = _offset(query.get("NextToken", [""])[0])
        matching = [
            item
            for item in sorted(self._by_key.values(), key=lambda item: (item.since, item.email), reverse=True)
            if (not reasons or item.reason in reasons)
            and (start is None or item.since >= start)
            and (end is None or item.since <= end)
        ]
        answer: dict[str, Any] = {
            "SuppressedDestinationSummaries": [_summary(item) for item in matching[offset : offset + size]]
        }
        if offset + size < len(matching):
            answer["NextToken"] = base64.urlsafe_b64encode(str(offset + size).encode()).decode()
        return answer


def _summary(item: Suppressed) -> dict[str, Any]:
    return {"EmailAddress": item.email, "Reason": item.reason, "LastUpdateTime": item.since.timestamp()}


def _offset(token: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token.encode())) if token else 0
    except (ValueError, binascii.Error) as exc:
        raise SesError("InvalidNextTokenException", "The specified request includes an invalid token.") from exc


def _moment(query: Mapping[str, list[str]], name: str) -> datetime | None:
    """Return a date of the query; boto3 sends ISO 8601, other SDKs epoch seconds."""
    if name not in query:
        return None
    given = query[name][0]
    try:
        if given.replace(".", "", 1).isdigit():
            return datetime.fromtimestamp(float(given), UTC)
        found = datetime.fromisoformat(given)
    except ValueError as exc:
        raise bad_request(f"{name} is not a date: {given}") from exc
    return found if found.tzinfo else found.replace(tzinfo=UTC)
