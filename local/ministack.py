"""MiniStack, asking for the permissions AWS asks for: `python -m local.ministack`.

It names a permission after the API operation. For the batch operations of SQS and SNS AWS has no such permission
and asks for that of the single operation; a policy written for AWS would be refused here.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
"""

from typing import Any

from ministack.core import iam_actions

AS_IN_AWS = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sns:PublishBatch": "sns:Publish",
}

_as_in_ministack = iam_actions.extract_iam_action


def _as_in_aws(*arguments: Any, **named: Any) -> Any:
    action = _as_in_ministack(*arguments, **named)
    return AS_IN_AWS.get(action, action)


def main() -> None:
    """Run MiniStack with the corrected names."""
    iam_actions.extract_iam_action = _as_in_aws
    # Imported only now: the application takes the function by value.
    from ministack.app import main as ministack

    ministack()


if __name__ == "__main__":
    main()
