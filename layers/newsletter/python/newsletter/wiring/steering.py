"""What people touch who steer or repair a send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.wiring.sending import SendParts

if TYPE_CHECKING:
    from newsletter.sending.repair_ports import RepairPorts
    from newsletter.sending.steering_ports import ControlPorts, SteeringPorts


class SteeringParts(SendParts):
    """What people touch who steer or repair a send."""

    @property
    def repair_ports(self) -> RepairPorts:
        """What repairing a send touches."""
        from newsletter.sending.adapters.dynamo_repairs import DynamoRepairs
        from newsletter.sending.repair_ports import RepairPorts

        repairs = DynamoRepairs(self._client("dynamodb"), self.settings.sends_table)
        return RepairPorts(self.sends, self.evidence, self.issues, repairs, self.readers_of)

    @property
    def steering_ports(self) -> SteeringPorts:
        """What people touch who steer a send, and may see no reader."""
        from newsletter.sending.steering_ports import SteeringPorts

        return SteeringPorts(self.sends, self.evidence, self.issues, self.queues, self.publish_queue)

    @property
    def control_ports(self) -> ControlPorts:
        """What people touch who steer a send."""
        from newsletter.sending.steering_ports import ControlPorts

        return ControlPorts(
            self.sends, self.evidence, self.issues, self.queues, self.publish_queue,
            content=self.content, subscribers=self.subscribers, addresses=self.addresses,
            transport=self._single(),  # a test has one recipient
            readers_of=self.readers_of,
        )  # fmt: skip
