"""An AWS account in one region, as its own services describe it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from boto3 import Session

from newsletter_cli.aws_clients import CLIENT
from newsletter_cli.setup.adapters.refusal import refusal_of
from newsletter_cli.setup.domain.regions import refused
from newsletter_cli.setup.ports import SendingState

CONCURRENCY = {"ServiceCode": "lambda", "QuotaCode": "L-B99A9384"}
OPEN = ("PENDING", "CASE_OPENED")
HERE = ("lambda", "scheduler", "apigatewayv2")


class AwsAccount:
    """The account whose credentials the session has."""

    def __init__(self, session: Session, stack_name: str) -> None:
        self._session, self._stack_name = session, stack_name
        self.region = str(self._client("sts").meta.region_name)  # the SDK says in a sentence that there is none

    def number(self) -> str:
        """Return the number of the account."""
        return str(self._client("sts").get_caller_identity()["Account"])

    def refusal(self) -> str:
        """Return why a newsletter cannot live in the region; empty if it can."""
        computing = set.intersection(*(set(self._session.get_available_regions(each)) for each in HERE))
        return refused(self.region, sending=self._session.get_available_regions("sesv2"), computing=computing)

    def sending_state(self) -> SendingState:
        """Return how SES stands to the account."""
        found = self._client("sesv2").get_account()
        review = found.get("Details", {}).get("ReviewDetails", {})
        return SendingState(
            production=found.get("ProductionAccessEnabled", False),
            review=review.get("Status", ""),
            case=review.get("CaseId", ""),
            sending=found.get("SendingEnabled", True),
            enforcement=found.get("EnforcementStatus", "HEALTHY"),
        )

    def alarm_count(self) -> int:
        """Return how many alarms the account has in the region."""
        pages = self._client("cloudwatch").get_paginator("describe_alarms").paginate()
        return sum(len(page.get("MetricAlarms", [])) + len(page.get("CompositeAlarms", [])) for page in pages)

    def stacks_sending_for(self, domain: str) -> Sequence[str]:
        """Return the other stacks with a SenderEmail in this domain."""
        return [
            stack["StackName"]
            for page in self._client("cloudformation").get_paginator("describe_stacks").paginate()
            for stack in page["Stacks"]
            if stack["StackName"] != self._stack_name
            for each in stack.get("Parameters", [])
            if each["ParameterKey"] == "SenderEmail" and each["ParameterValue"].rpartition("@")[2].lower() == domain
        ]

    def distribution_at(self, domain: str) -> str:
        """Return the distribution that has this domain, unless it is this stack's."""
        pages = self._client("cloudfront").get_paginator("list_distributions").paginate()
        for page in pages:
            for each in page["DistributionList"].get("Items", []):
                if domain in each["Aliases"].get("Items", []) and each["Id"] != self._own_distribution():
                    return str(each["Id"])
        return ""

    def concurrency(self) -> int:
        """Return how many functions may run at the same time, as Lambda itself says."""
        return int(self._client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"])

    def concurrency_is_asked_for(self) -> bool:
        """Return whether a request for more is open."""
        pages = (
            self._client("service-quotas")
            .get_paginator("list_requested_service_quota_change_history_by_quota")
            .paginate(**CONCURRENCY)
        )
        return any(each["Status"] in OPEN for page in pages for each in page["RequestedQuotas"])

    def ask_for_concurrency(self, wanted: int) -> str:
        """Ask for more; a new account may have to be some days old before Service Quotas takes that."""
        quotas = self._client("service-quotas")
        return refusal_of(
            lambda: quotas.request_service_quota_increase(**CONCURRENCY, DesiredValue=float(wanted)),
            fine=("ResourceAlreadyExistsException",),
        )

    def _own_distribution(self) -> str:
        cloudformation = self._client("cloudformation")
        try:
            found = cloudformation.describe_stack_resource(
                StackName=self._stack_name, LogicalResourceId="Distribution"
            )["StackResourceDetail"]
        except cloudformation.exceptions.ClientError as exc:
            if exc.response["Error"]["Code"] != "ValidationError":
                raise
            return ""
        return str(found.get("PhysicalResourceId", ""))

    def _client(self, service: Any) -> Any:
        return self._session.client(service, config=CLIENT)
