"""Keeps one group of CiviCRM and the newsletter in step. Run it once a night; docs/connect.md says how.

pip install ./clients/python
python samples/connect/civicrm.py
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from fortnightly_client import ApiError, Client

GROUP = "Newsletter"
"""The name of the group in CiviCRM, which is not always its title."""

TAG = "civicrm"
"""By which readers from there are known here."""

THEMSELVES = {"Email", "Web"}
"""How CiviCRM writes down that somebody joined without the help of the staff. Only that is evidence of consent."""

ASK_WITHIN = timedelta(days=7)
"""Whoever the staff added is asked by email; whoever does not answer is not asked again next month."""


def keep_in_step(crm: httpx.Client, newsletter: Client, today: date) -> Counter[str]:
    """Carry over who joined and who left, in both directions, and return how many of each there were."""
    readers = {each["email"].lower(): each for each in newsletter.each(newsletter.list_subscribers, limit=100)}
    done = Counter[str]()
    for entry in newest_entries(crm):
        email = (entry["contact_id.email_primary.email"] or "").lower()
        reader, since = readers.get(email), day_of(entry["date"])
        if not email:
            continue
        if entry["status"] == "Added":
            try:
                done[added(crm, newsletter, entry, reader, since, today)] += 1
            except ApiError as refusal:
                if refusal.status not in (409, 422):
                    raise  # it is not about this person
                print(f"Contact {entry['contact_id']}: {refusal.detail}")
                done["refused"] += 1
        elif entry["status"] == "Removed" and reader and joined_before(reader, since):
            newsletter.unsubscribe_subscriber(reader["id"])
            done["left there"] += 1
    return done


def newest_entries(crm: httpx.Client) -> list[dict[str, Any]]:
    """Return the last thing that happened between the group and each contact that was ever in it."""
    history = ask(
        crm, "SubscriptionHistory", "get",
        select=["contact_id", "contact_id.email_primary.email", "contact_id.first_name", "date", "method", "status"],
        where=[["group_id.name", "=", GROUP], ["contact_id.is_deleted", "=", False]],
        orderBy={"date": "ASC", "id": "ASC"}, limit=0,
    )  # fmt: skip
    return list({entry["contact_id"]: entry for entry in history}.values())


def added(
    crm: httpx.Client, newsletter: Client, entry: Mapping[str, Any], reader: Any, since: date, today: date
) -> str:
    """Bring somebody who is in the group onto the list, unless they left it; return what came of it."""
    themselves = entry["method"] in THEMSELVES
    if reader and reader["suppressed"]:
        return taken_out(crm, entry)
    if reader and reader["status"] == "unsubscribed":
        left_at = reader["left_at"]
        if not (themselves and left_at and since > day_of(left_at)):
            return taken_out(crm, entry)
    if reader and reader["status"] != "unsubscribed":
        if TAG in reader["tags"]:
            return "there already"
        newsletter.change_subscriber(reader["id"], {"add_tags": TAG})
        return "tagged"
    if newsletter.find_subscriber({"email": entry["contact_id.email_primary.email"]})["suppressed"]:
        return taken_out(crm, entry)  # erased, or never to be mailed
    body: Any = {"email": entry["contact_id.email_primary.email"], "name": entry["contact_id.first_name"] or ""}
    if themselves and not reader:
        body |= {"evidence": f"Joined the group {GROUP} in CiviCRM, contact {entry['contact_id']}"}
        body |= {"consented_on": since.isoformat()}
    elif today - since > ASK_WITHIN:
        return "asked before"
    # The same person on the same day has the same name: a run that is repeated asks nobody twice.
    name = hashlib.sha256(f"{entry['contact_id']} {today} {json.dumps(body)}".encode()).hexdigest()
    result = newsletter.add_subscriber(body, idempotency_key=name)
    newsletter.change_subscriber(result["id"], {"add_tags": TAG})
    return "added" if result["result"] == "on_the_list" else "asked"


def taken_out(crm: httpx.Client, entry: Mapping[str, Any]) -> str:
    """Tell CiviCRM that somebody left, so that nobody writes to them from there either."""
    where = [["contact_id", "=", entry["contact_id"]], ["group_id.name", "=", GROUP]]
    ask(crm, "GroupContact", "update", values={"status": "Removed"}, where=where)
    return "left here"


def joined_before(reader: Mapping[str, Any], day: date) -> bool:
    """Return whether a reader from CiviCRM is on the list since this day or longer, and not since a later sign-up."""
    on_the_list = reader["status"] == "confirmed" and TAG in reader["tags"]
    return on_the_list and day_of(reader["confirmed_at"]) <= day


def day_of(moment: str) -> date:
    """Return the day of a moment, as CiviCRM and the API write one."""
    return date.fromisoformat(moment[:10])


def ask(crm: httpx.Client, entity: str, action: str, **params: Any) -> list[dict[str, Any]]:
    """Ask CiviCRM's API v4.

    Source: https://docs.civicrm.org/dev/en/latest/api/v4/rest/
    """
    answer = crm.post(f"civicrm/ajax/api4/{entity}/{action}", data={"params": json.dumps(params)})
    answer.raise_for_status()
    values: list[dict[str, Any]] = answer.json()["values"]
    return values


def main() -> None:
    """Keep them in step, with addresses and keys from the environment."""
    headers = {"X-Civi-Auth": f"Bearer {os.environ['CIVICRM_API_KEY']}", "X-Requested-With": "XMLHttpRequest"}
    with (
        httpx.Client(base_url=os.environ["CIVICRM_URL"], headers=headers, timeout=60) as crm,
        Client(os.environ["FORTNIGHTLY_API"], os.environ["FORTNIGHTLY_API_KEY"]) as newsletter,
    ):
        print(dict(keep_in_step(crm, newsletter, datetime.now(UTC).date())))


if __name__ == "__main__":
    main()
