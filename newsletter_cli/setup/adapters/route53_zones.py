"""Route 53, as far as the account has public zones there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

TTL = 300
"""Seconds for which a mistake is remembered."""


class Route53Zones:
    """Finds zones and adds records; never changes one that is there. `client` is of Route 53."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._zones: dict[str, str] | None = None

    def zone_of(self, name: str) -> str:
        """Return the id of the public zone nearest above a name; empty if there is none."""
        if self._zones is None:
            pages = self._client.get_paginator("list_hosted_zones").paginate()
            self._zones = {
                zone["Name"].rstrip(".").lower(): zone["Id"]
                for page in pages
                for zone in page["HostedZones"]
                if not zone.get("Config", {}).get("PrivateZone")
            }
        labels = name.lower().split(".")
        above = (".".join(labels[start:]) for start in range(len(labels)))
        return next((self._zones[each] for each in above if each in self._zones), "")

    def find(self, zone: str, name: str, kind: str) -> Sequence[str]:
        """Return what a zone says of a name, as a name server would."""
        found = self._client.list_resource_record_sets(
            HostedZoneId=zone, StartRecordName=name, StartRecordType=kind, MaxItems="1"
        )["ResourceRecordSets"]
        return [
            value["Value"].replace('" "', "").strip('"').rstrip(".")
            for each in found
            if each["Name"].rstrip(".").lower() == name.lower() and each["Type"] == kind
            for value in each.get("ResourceRecords", [])
        ]

    def add(self, zone: str, name: str, kind: str, content: str) -> None:
        """Add a record; one of that name and kind that appeared meanwhile stays as it is."""
        record = {
            "Name": name,
            "Type": kind,
            "TTL": TTL,
            "ResourceRecords": [{"Value": f'"{content}"' if kind == "TXT" else content}],
        }
        try:
            self._client.change_resource_record_sets(
                HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
            )
        except ClientError as exc:
            if exc.response["Error"]["Code"] != "InvalidChangeBatch":
                raise
