"""Who may call: the template's IAM policies, enforced on SES as AWS enforces them.

MiniStack checks the signature and knows the roles, but holds every SES call against the resource `*` and knows none of
SES's condition keys; a policy that names an identity is refused whatever it says. So MiniStack authenticates, and the
policies of the role it names are evaluated here.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

import boto3
import httpx
from botocore.config import Config

from local.simulator.addresses import display_name
from local.simulator.errors import SesError
from local.simulator.policy import Request, Statement, allows, parse_policy
from local.simulator.resources import Remembered

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

REMEMBERED_SECONDS = 5.0
_CREDENTIAL = re.compile(r"Credential=([^/,]+)/[^/,]*/([^/,]+)/")
_DENIED_ARN = re.compile(r"User: (arn:\S+) is not authorized")
# What AWS answers when it does not know or believe the caller; everything else is about permissions or the
# request.
_CREDENTIAL_ERRORS = frozenset(
    [
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
        "UnsupportedSignature",
    ]
)


@dataclass(frozen=True)
class Http:
    """An HTTP request as it arrived, so that its signature still holds."""

    method: str
    raw_path: bytes
    query: bytes
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header, or nothing."""
        wanted = name.lower().encode()
        return next((value.decode("latin-1") for key, value in self.headers if key.lower() == wanted), "")

    @property
    def access_key(self) -> str:
        """The access key the request is signed with."""
        found = _CREDENTIAL.search(self.header("authorization"))
        return found.group(1) if found else ""

    def region(self, default: str) -> str:
        """Return the region the request is signed for."""
        found = _CREDENTIAL.search(self.header("authorization"))
        return found.group(2) if found else default


@dataclass(frozen=True)
class Permission:
    """One action on one resource that a call needs, with the condition keys AWS fills in."""

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]]


class Authorizer(Protocol):
    """Decides who may call."""

    async def authenticate(self, http: Http, operation: str) -> str:
        """Return the ARN of the caller.

        Raises:
            SesError: Nobody we know.
        """

    async def authorize(self, caller_arn: str, permissions: Sequence[Permission]) -> None:
        """Let the caller pass.

        Raises:
            SesError: A permission is missing.
        """


class Everybody:
    """Lets everybody do everything: for tests and for running without an AWS endpoint."""

    async def authenticate(self, http: Http, operation: str) -> str:  # noqa: ARG002
        """Return the ARN of the caller."""
        return f"arn:aws:iam::000000000000:user/{http.access_key or 'anonymous'}"

    async def authorize(self, caller_arn: str, permissions: Sequence[Permission]) -> None:
        """Let the caller pass."""


class IamAuthorizer:
    """Asks an AWS endpoint (MiniStack, with its authorisation on) who calls, and what that role may do."""

    def __init__(self, endpoint: str, http_client: httpx.AsyncClient) -> None:
        self._endpoint = httpx.URL(endpoint)
        self._http = http_client
        self._callers = Remembered(REMEMBERED_SECONDS)
        self._policies = Remembered(REMEMBERED_SECONDS)

    async def authenticate(self, http: Http, operation: str) -> str:
        """Return the ARN of the caller; the account's root for a caller MiniStack lets do this on every resource.

        MiniStack names a caller only when it refuses one. So a role that may send as anybody cannot be told from root,
        and its statement on `*` is taken at its word; a policy that names identities is always looked at here.

        Raises:
            SesError: The signature, the key or the token is wrong; said in MiniStack's words.
        """
        if not http.access_key:
            raise SesError("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
        # One access key with another token is another caller; and what it may do once, it may not do
        # everywhere.
        key = (http.access_key, http.header("x-amz-security-token"), operation)
        return await self._callers.get(key, lambda: self._ask(http))

    async def _ask(self, http: Http) -> str:
        answer = await forward(self._http, self._endpoint, http)
        code = answer.headers.get("x-amzn-errortype", "").partition(":")[0]
        if code in _CREDENTIAL_ERRORS:
            raise SesError(code, str(answer.json().get("message", "")), answer.status_code)
        denied = _DENIED_ARN.search(answer.text) if answer.status_code == 403 else None
        return denied.group(1) if denied else _UNLIMITED

    async def authorize(self, caller_arn: str, permissions: Sequence[Permission]) -> None:
        """Let the caller pass.

        Raises:
            SesError: A permission is missing, in the words SES uses for it.
        """
        if caller_arn == _UNLIMITED:
            return
        statements, boundary = await self._policies.get(
            caller_arn, lambda: asyncio.to_thread(self._policies_of, caller_arn)
        )
        for each in permissions:
            request = Request(each.action, each.resource, each.context)
            if not allows(statements, request) or (boundary is not None and not allows(boundary, request)):
                raise SesError(
                    "AccessDeniedException",
                    f"User `{caller_arn}' is not authorized to perform `{each.action}' on resource `{each.resource}'",
                    403,
                )

    def _policies_of(self, arn: str) -> tuple[list[Statement], list[Statement] | None]:
        """Return the statements of the caller's policies, and those of its permissions boundary if it has one."""
        iam = _iam(str(self._endpoint))
        kind, _, rest = arn.rpartition(":")[2].partition("/")
        documents: list[Any] = []
        if kind == "assumed-role":
            name = rest.partition("/")[0]
            entity: Mapping[str, Any] = iam.get_role(RoleName=name)["Role"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
                documents.append(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
            attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        else:
            name = rest.rpartition("/")[2]
            entity = iam.get_user(UserName=name)["User"]
            for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
                documents.append(iam.get_user_policy(UserName=name, PolicyName=policy)["PolicyDocument"])
            attached = iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]
        documents += [_managed(iam, each["PolicyArn"]) for each in attached]
        boundary = entity.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        statements = [statement for document in documents for statement in parse_policy(document)]
        return statements, parse_policy(_managed(iam, boundary)) if boundary else None


_UNLIMITED = "arn:aws:iam::000000000000:root"


def needed(
    operation: str,
    *,
    content: str,
    identity_arn: str,
    template_arn: str = "",
    configuration_set_arn: str,
    author: str,
    bare_author: str,
    recipients: Sequence[str],
) -> list[Permission]:
    """Return what AWS checks before it sends.

    A raw message is checked as SendRawEmail, whatever the operation is called. A bulk call is checked twice, the second
    time under the name of its v1 ancestor, and only that check knows the addresses. Whatever comes of a template needs
    that template as well; of one that the call brings along nobody has found out how AWS names it.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
    Source: https://anymail.dev/en/stable/esps/amazon_ses/#iam-permissions
    """
    nothing: dict[str, tuple[str, ...]] = {"ses:ApiVersion": ("2",)}
    addresses = {**nothing, "ses:FromAddress": (bare_author,), "ses:Recipients": tuple(recipients)}
    if display_name(author):
        addresses["ses:FromDisplayName"] = (display_name(author),)
    if operation == "SendBulkEmail":
        actions = [("ses:SendBulkEmail", nothing), ("ses:SendBulkTemplatedEmail", addresses)]
    elif content == "Raw":
        actions = [("ses:SendRawEmail", addresses)]
    else:
        actions = [("ses:SendEmail" if content == "Simple" else "ses:SendTemplatedEmail", addresses)]
    template = template_arn if operation == "SendBulkEmail" or content == "Template" else ""
    resources = [each for each in (identity_arn, template, configuration_set_arn) if each]
    return [Permission(action, resource, context) for action, context in actions for resource in resources]


async def forward(client: httpx.AsyncClient, endpoint: httpx.URL, http: Http) -> httpx.Response:
    """Send a request on as it came, its Host header included, so that its signature still holds."""
    target = http.raw_path + (b"?" + http.query if http.query else b"")
    kept = [(name, value) for name, value in http.headers if name.lower() not in (b"connection", b"transfer-encoding")]
    request = httpx.Request(http.method, endpoint.copy_with(raw_path=target), headers=kept, content=http.body)
    return await client.send(request)


@lru_cache
def _iam(endpoint: str) -> "IAMClient":
    return boto3.client(
        "iam",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - MiniStack's root, not a secret
        config=Config(retries={"total_max_attempts": 3}, max_pool_connections=20),
    )


def _managed(iam: "IAMClient", arn: str) -> Any:
    try:
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    except iam.exceptions.NoSuchEntityException:
        return {}  # MiniStack attaches AWS's own policies by name and holds few of them; the others allow nothing here
    document: Any = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return unquote(document) if isinstance(document, str) else document
