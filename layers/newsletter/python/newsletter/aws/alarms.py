"""The alarms of CloudWatch that ring at this moment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.errors import StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

RINGING: Final = "ALARM"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One that rings."""

    name: str
    description: str
    """What it means, and where what to do about it is written."""
    since: datetime


class Alarms:
    """The alarms of one stack, whose names CloudFormation makes: `<stack>-<name in the template>-<by chance>`."""

    def __init__(self, client: CloudWatchClient, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        # Another stack may be called like this one with something behind it.
        self._ours = re.compile(rf"{re.escape(prefix)}([A-Za-z0-9]+)(?:-[A-Za-z0-9]+)?")

    def ringing(self) -> Sequence[Alarm]:
        """Return the alarms that ring, the longest first.

        Raises:
            StoreBusyError: CloudWatch does not say.
        """
        try:
            answer = self._client.describe_alarms(AlarmNamePrefix=self._prefix, StateValue=RINGING, MaxRecords=100)
        except (BotoCoreError, ClientError) as exc:
            raise StoreBusyError("CloudWatch does not say which alarms ring") from exc
        found = [
            Alarm(ours[1], each.get("AlarmDescription", ""), each["StateUpdatedTimestamp"].astimezone(UTC))
            for each in answer.get("MetricAlarms", [])
            if each["StateValue"] == RINGING and (ours := self._ours.fullmatch(each["AlarmName"]))
        ]
        return sorted(found, key=lambda alarm: alarm.since)
