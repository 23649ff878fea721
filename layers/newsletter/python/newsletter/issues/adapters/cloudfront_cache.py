"""CloudFront's copies of the site, and a site without CloudFront."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from botocore.exceptions import ClientError

FEW = 5
"""Paths named one by one, each at the price of one; a wildcard has the price of one too and empties every cache."""

BUSY = frozenset({"TooManyInvalidationsInProgress", "Throttling", "ThrottlingException"})

INDEX = "index.html"


class CloudFrontCache:
    """Invalidates by name.

    A viewer-request function turns `/a/` into `/a/index.html`; AWS asks to invalidate both names then.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
    """

    def __init__(self, client: Any, distribution: str) -> None:
        self._client = client
        self._distribution = distribution

    def invalidate(self, paths: Collection[str]) -> None:
        """Forget the copies of these files. A busy CloudFront is left alone: no page stays longer than five minutes."""
        # As viewers ask for them: the name of a file may hold spaces, and letters that an address cannot.
        names = sorted({f"/{quote(name)}" for each in paths for name in (each, _folder(each))})
        if len(names) > FEW:
            names = ["/*"]
        try:
            self._client.create_invalidation(
                DistributionId=self._distribution,
                InvalidationBatch={
                    "Paths": {"Quantity": len(names), "Items": names},
                    "CallerReference": uuid4().hex,  # one that was used before would be answered and not done
                },
            )
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in BUSY:
                raise


class NoCache:
    """For a stack without a distribution: nothing keeps copies."""

    def invalidate(self, paths: Collection[str]) -> None:
        """Forget nothing."""


def _folder(path: str) -> str:
    return path.removesuffix(INDEX) if path == INDEX or path.endswith(f"/{INDEX}") else path
