"""What each answer of SES means: one table for the entries of a bulk call and for the errors of every call.

A test holds the table to the model of the API: a status or error that is new there and missing here fails it.

Sources:
    https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_BulkEmailEntryResult.html
    https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendBulkEmail.html
    https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html
    https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)

from newsletter.sending.domain.answer import Answer, Pause, Retry
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import PausedBy

SESFailure = ClientError | BotoCoreError
"""Everything that a call of SES can raise on purpose."""

QUOTA = Pause(
    PausedBy.QUOTA,
    "The daily quota of SES is used up. Nothing to do: the send goes on alone when the quota has room again. If that is"
    " too late, ask AWS for a higher quota.",
)
SENDING_PAUSED = Pause(
    PausedBy.SES,
    "Sending is paused for this AWS account. The account dashboard of SES says why. The send goes on alone once sending"
    " is enabled again.",
    heals=True,
)
SUSPENDED = Pause(
    PausedBy.SES,
    "AWS has suspended sending from this account. Answer the case in AWS's Support Center. The send goes on alone once"
    " the account is healthy again.",
    heals=True,
)
SET_PAUSED = Pause(
    PausedBy.SES,
    "Sending is stopped for the configuration set of the issues. Start it again, then resume the send.",
)
NOT_FOUND = Pause(
    PausedBy.SES,
    "SES does not find the configuration set of the issues. Deploy the stack again, then resume the send.",
)
NOT_VERIFIED = Pause(
    PausedBy.SES,
    "An address is not verified in SES. Verify the sender's domain there (under Identities), and see that the account"
    " is out of the sandbox, in which every recipient must be verified too. Then resume the send.",
)
MAIL_FROM = Pause(
    PausedBy.SES,
    "The MAIL FROM domain of the sender is not verified. Put its MX record into the DNS as SES shows it (under"
    " Identities), then resume the send.",
)
NO_POOL = Pause(
    PausedBy.SES,
    "SES does not find the pool of sending addresses that the configuration set names. Take it out of the configuration"
    " set, or make it, then resume the send.",
)
NO_TEMPLATE = Pause(
    PausedBy.SES,
    "SES asks for a stored template, though the issue brings its own. Look into the log of the function send, then"
    " resume the send.",
)
NO_PERMISSION = Pause(
    PausedBy.SES,
    "The function that sends may not call SES. Deploy the stack again, so that its role gets the permission, then"
    " resume the send.",
    of_bulk=True,  # such a call is checked against other identities than one for a single recipient
)
NO_CREDENTIALS = Pause(
    PausedBy.SES,
    "SES does not accept the credentials of the function that sends. Look at its role and at its clock, then resume the"
    " send.",
)

ANSWERS: dict[str, Answer] = {
    # What a bulk call says about one entry.
    "SUCCESS": Outcome.SENT,
    "MESSAGE_REJECTED": Outcome.REJECTED,
    "INVALID_PARAMETER": Outcome.REJECTED,
    "FAILED": Retry.FAILED,
    "ACCOUNT_THROTTLED": Retry.OVER_RATE,
    "TRANSIENT_FAILURE": Retry.PASSING,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": QUOTA,
    "ACCOUNT_SENDING_PAUSED": SENDING_PAUSED,
    "ACCOUNT_SUSPENDED": SUSPENDED,
    "CONFIGURATION_SET_SENDING_PAUSED": SET_PAUSED,
    "CONFIGURATION_SET_NOT_FOUND": NOT_FOUND,
    "INVALID_SENDING_POOL_NAME": NO_POOL,
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": MAIL_FROM,
    "TEMPLATE_NOT_FOUND": NO_TEMPLATE,
    # The errors in the API's model.
    "TooManyRequestsException": Retry.TOO_MANY_CALLS,
    "LimitExceededException": Retry.TOO_MANY_CALLS,
    "AccountSuspendedException": SUSPENDED,
    "SendingPausedException": SENDING_PAUSED,
    "MailFromDomainNotVerifiedException": MAIL_FROM,
    "NotFoundException": NOT_FOUND,
    "MessageRejected": Outcome.REJECTED,
    "BadRequestException": Outcome.REJECTED,
    # What the developer guide, and every service of AWS, says besides.
    "ThrottlingException": Retry.TOO_MANY_CALLS,
    "Throttling": Retry.TOO_MANY_CALLS,
    "RequestThrottled": Retry.TOO_MANY_CALLS,
    "ValidationException": Outcome.REJECTED,
    "SerializationException": Outcome.REJECTED,
    "AccessDeniedException": NO_PERMISSION,
    "AccessDenied": NO_PERMISSION,
    "NotAuthorized": NO_PERMISSION,
    "OptInRequired": NO_PERMISSION,
    "ExpiredTokenException": NO_CREDENTIALS,
    "ExpiredToken": NO_CREDENTIALS,
    "IncompleteSignature": NO_CREDENTIALS,
    "InvalidClientTokenId": NO_CREDENTIALS,
    "InvalidSignatureException": NO_CREDENTIALS,
    "MissingAuthenticationToken": NO_CREDENTIALS,
    "RequestExpired": NO_CREDENTIALS,
    "SignatureDoesNotMatch": NO_CREDENTIALS,
    "UnrecognizedClientException": NO_CREDENTIALS,
}

SENTENCES: tuple[tuple[Answer, str, Answer], ...] = (
    # "Daily message quota exceeded" comes under the codes of calls as well; and of calls AWS says "Rate exceeded".
    (Retry.TOO_MANY_CALLS, "daily", QUOTA),
    (Retry.TOO_MANY_CALLS, "maximum sending rate", Retry.OVER_RATE),
    (Outcome.REJECTED, "not verified", NOT_VERIFIED),
    (SENDING_PAUSED, "configuration set", SET_PAUSED),
)
"""One code stands for two things now and then, and only SES's sentence tells them apart: if it contains the words, the
answer is the third, not the first."""


def of_entry(entry_status: str, sentence: str = "") -> Answer:
    """Return what the status of one entry of a bulk call means. A status we do not know proves nothing."""
    return _by_sentence(ANSWERS.get(entry_status, Outcome.UNKNOWN), sentence)


def of_failure(failure: SESFailure) -> Answer:
    """Return what the failure of one call means for everybody in it."""
    if isinstance(failure, ClientError):
        return _of_error(failure)
    if isinstance(failure, ConnectTimeoutError | EndpointConnectionError):
        return Retry.PASSING  # nobody was reached, so nothing was handed over
    if isinstance(failure, ParamValidationError):
        return Outcome.REJECTED  # refused on this side of the wire
    if isinstance(failure, NoCredentialsError | PartialCredentialsError):
        return NO_CREDENTIALS
    return Outcome.UNKNOWN


def name(failure: SESFailure) -> str:
    """Return the code of the failure, for a log: SES writes addresses into its sentences, never into its codes."""
    return failure.response["Error"]["Code"] if isinstance(failure, ClientError) else type(failure).__name__


def names_as_unverified(failure: SESFailure, address: str) -> bool:
    """Return whether SES refuses only because this recipient is not verified, as it does in the sandbox."""
    if of_failure(failure) != NOT_VERIFIED or not isinstance(failure, ClientError):
        return False
    failed = failure.response["Error"].get("Message", "").rpartition(": ")[2]
    return [name.strip().lower() for name in failed.split(",")] == [address.lower()]


def _of_error(failure: ClientError) -> Answer:
    error = failure.response["Error"]
    if error["Code"] in ANSWERS:
        return _by_sentence(ANSWERS[error["Code"]], error.get("Message", ""))
    status = failure.response["ResponseMetadata"]["HTTPStatusCode"]
    if status >= 500:
        return Outcome.UNKNOWN
    if status == 429:
        return _by_sentence(Retry.TOO_MANY_CALLS, error.get("Message", ""))
    # Refused, for a reason we do not know: it would hit everybody, so nobody is failed for it.
    return Pause(
        PausedBy.SES,
        f"SES refuses with an answer we do not know: {error['Code']}. Look it up in the API reference of SES, put right"
        " what it names, then resume the send.",
    )


def _by_sentence(answer: Answer, sentence: str) -> Answer:
    lowered = sentence.lower()
    for general, words, special in SENTENCES:
        if answer == general and words in lowered:
            return special
    return answer
