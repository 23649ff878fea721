"""Certificates for CloudFront, which looks for them in us-east-1 alone."""

from __future__ import annotations

import re
from typing import Any

from newsletter_cli.setup.ports import Certificate

PROMISING = ("ISSUED", "PENDING_VALIDATION")


class AcmCertificates:
    """Finds and requests certificates."""

    def __init__(self, client: Any, client_of_region: Any | None) -> None:
        """Look with a client of ACM in us-east-1, and with one in the region of the stack if that is another."""
        self._client, self._client_of_region = client, client_of_region

    def find(self, domain: str) -> Certificate | None:
        """Return the certificate that covers a domain, one that is issued before one that is not yet."""
        found = self._covering(self._client, domain)
        if not found:
            return None
        arn, status = min(found, key=lambda each: PROMISING.index(each[1]))
        described = self._client.describe_certificate(CertificateArn=arn)["Certificate"]
        for each in described.get("DomainValidationOptions", []):
            record = each.get("ResourceRecord")
            if each["DomainName"] in _names(domain) and record:
                return Certificate(arn, status, record["Name"], record["Value"])
        return Certificate(arn, status)

    def is_elsewhere(self, domain: str) -> bool:
        """Return whether the region of the stack has one."""
        return self._client_of_region is not None and bool(self._covering(self._client_of_region, domain))

    def request(self, domain: str) -> None:
        """Request one, validated by DNS; asking twice within the hour makes one."""
        self._client.request_certificate(
            DomainName=domain, ValidationMethod="DNS", IdempotencyToken=re.sub(r"\W", "_", domain)[-32:]
        )

    def _covering(self, client: Any, domain: str) -> list[tuple[str, str]]:
        pages = client.get_paginator("list_certificates").paginate(CertificateStatuses=list(PROMISING))
        return [
            (each["CertificateArn"], each["Status"])
            for page in pages
            for each in page["CertificateSummaryList"]
            if _names(domain) & {each["DomainName"], *each.get("SubjectAlternativeNameSummaries", [])}
        ]


def _names(domain: str) -> set[str]:
    """Return the names of a certificate that cover a domain."""
    return {domain, f"*.{domain.partition('.')[2]}"}
