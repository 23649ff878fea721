"""What can go wrong at the command line, in sentences that say what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
"""What AWS calls credentials whose time is over; services do not agree on one word."""

UNKNOWN_KEY = {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch"}
"""What AWS calls credentials that it does not know."""

DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}


class CommandError(Exception):
    """A command cannot do what it was asked; the sentence says why and what to do. Exit code 1."""


class UsageError(CommandError):
    """The command was called in a way that means nothing. Exit code 2."""


def sentence(problem: BotoCoreError | ClientError) -> str:
    """Return what AWS or the way to it refused, and the remedy, without an address or an id of a request."""
    from botocore.exceptions import (
        ClientError,
        ConnectTimeoutError,
        EndpointConnectionError,
        NoCredentialsError,
        NoRegionError,
        PartialCredentialsError,
        ProfileNotFound,
        ReadTimeoutError,
        TokenRetrievalError,
        UnauthorizedSSOTokenError,
    )

    if isinstance(problem, ClientError):
        return _refused(problem)
    match problem:
        case NoCredentialsError() | PartialCredentialsError():
            return "There are no AWS credentials in this shell. Sign in, or name a profile in AWS_PROFILE."
        case ProfileNotFound():
            return "The profile in AWS_PROFILE does not exist. `aws configure list-profiles` lists those that do."
        case NoRegionError():
            return "No AWS region is set. Set AWS_REGION to the region of the stack, for example eu-west-1."
        case TokenRetrievalError() | UnauthorizedSSOTokenError():
            return "The AWS sign-in has expired. Sign in again, for example with `aws sso login`."
        case EndpointConnectionError() | ConnectTimeoutError() | ReadTimeoutError():
            return "AWS does not answer. Check the network, and that the stack is in this region."
    return f"The AWS client stopped: {problem}"


def of_this_machine(problem: OSError) -> str:
    """Return what the machine refused: a folder that takes no files, a full disk."""
    why = problem.strerror or str(problem)
    if problem.filename is None:
        return f"This machine stopped the command: {why}. Check the disk, and where the output goes."
    return f"{problem.filename} cannot be used: {why}. Check the path, its permissions and the disk."


def _refused(problem: ClientError) -> str:
    code = problem.response.get("Error", {}).get("Code", "")
    if code in EXPIRED:
        return "The AWS credentials have expired. Sign in again, for example with `aws sso login`."
    if code in UNKNOWN_KEY:
        return "AWS does not know these credentials. Check AWS_PROFILE, or sign in again."
    if code in DENIED:
        return f"These credentials may not call {problem.operation_name}. Ask whoever keeps the account for it."
    if code == "ParameterNotFound":
        return 'A key is missing in Parameter Store. See "Where the keys are" in docs/operate.md.'
    return f"AWS refused {problem.operation_name}: {code or 'no reason given'}."
