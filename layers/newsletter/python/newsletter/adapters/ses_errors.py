"""What SES's answers prove: not accepted (try again, or never), or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
)

from newsletter.errors import (
    SendingPausedError,
    SendOutcomeUnknownError,
    SendRejectedError,
    SendThrottledError,
)

THROTTLED = frozenset({"TooManyRequestsException", "ThrottlingException", "Throttling", "LimitExceededException"})
"""The model has the first and the last; the developer guide says ThrottlingException."""

STOPPED = frozenset(
    {
        "AccountSuspendedException",
        "SendingPausedException",
        "MailFromDomainNotVerifiedException",
        "NotFoundException",  # the configuration set is gone
        "MessageRejected",  # for a whole call: the sender is not verified
        "AccessDeniedException",
        "AccessDenied",
        "UnrecognizedClientException",
        "ExpiredTokenException",
    }
)
"""Nothing leaves until a person puts it right; the message itself may be fine."""


@contextmanager
def one_attempt() -> Iterator[None]:
    """Translate the failures of one SES call, by error code and by what was on the wire.

    The original error is cut off: SES writes addresses into its sentences, and tracebacks go into logs.

    Source: https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html

    Raises:
        SendThrottledError, SendRejectedError, SendingPausedError: Proof that SES did not accept.
        SendOutcomeUnknownError: No proof of anything.
    """
    try:
        yield
    except ClientError as exc:
        error = exc.response["Error"]
        code, message = error["Code"], error.get("Message", "")
        if code in THROTTLED:
            # Rate and daily quota come under the same code; only the sentence tells them apart.
            raise SendThrottledError(f"SES: {code}", daily="daily" in message.lower()) from None
        if code in STOPPED:
            raise SendingPausedError(f"SES takes nothing at the moment: {code}") from None
        if exc.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
            raise SendOutcomeUnknownError(f"SES answered {code}") from None
        raise SendRejectedError(f"SES refused the message: {code}") from None
    except (ConnectTimeoutError, EndpointConnectionError):
        raise SendThrottledError("SES could not be reached, so nothing was handed over") from None
    except ParamValidationError:
        # Refused on this side of the wire. The error quotes what it refused.
        raise SendRejectedError("the message does not have the form that SES asks for") from None
    except NoCredentialsError:
        raise SendingPausedError("there are no credentials to call SES with") from None
    except BotoCoreError as exc:
        raise SendOutcomeUnknownError(f"SES gave no answer: {type(exc).__name__}") from None
