"""What AWS's regions lack that a newsletter needs."""

from __future__ import annotations

from collections.abc import Collection

RECEIVING = frozenset(
    {
        "ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-west-1", "eu-west-2",
        "eu-west-3", "us-east-1", "us-east-2", "us-west-2",
    }
)  # fmt: skip
"""Where SES surely receives mail. Elsewhere it may by now: "Email receiving endpoints" in the AWS General Reference."""


def refused(region: str, *, sending: Collection[str], computing: Collection[str]) -> str:
    """Return why a newsletter cannot live in a region; empty if it can.

    Args:
        region: As AWS names it.
        sending: Regions that have SES with its bulk calls, by the SDK.
        computing: Regions that have everything else, arm64 functions too, by the SDK.
    """
    if region.startswith(("cn-", "us-gov-", "us-iso", "eusc-")):
        return f"{region} is in a partition of AWS of its own, for which the template was not written."
    lacking = [
        what
        for what, there in (("Amazon SES", sending), ("functions on arm64, or their clocks", computing))
        if region not in there
    ]
    if lacking:
        return f"{region} has no {' and no '.join(lacking)}. Choose another in AWS_REGION, such as eu-west-2."
    return ""


def remarks(region: str) -> list[str]:
    """Return what is off in a region."""
    if region in RECEIVING:
        return []
    return [
        f"SES may not receive email in {region}, so leave InboundDomain empty: whoever unsubscribes by email has to be "
        "taken off the list by hand."
    ]
