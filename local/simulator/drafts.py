"""From the content of a request to something that can be sent: sender, recipients, and the bodies."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import getaddresses
from typing import Any

from local.simulator import mime, template, validation
from local.simulator.addresses import BadAddressError, bare
from local.simulator.content import Content, Letter, Letters, RawContents, TemplatedContent
from local.simulator.errors import SesError, bad_request
from local.simulator.message import Stamps

LONGEST_RAW_LINE = 1000
_ONCE_ONLY = frozenset(
    [
        "bcc",
        "cc",
        "date",
        "from",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "message-id",
        "mime-version",
        "reply-to",
        "sender",
        "subject",
        "to",
    ]
)


@dataclass(frozen=True)
class Destination:
    """Who a message goes to, as bare addresses."""

    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]

    @property
    def everybody(self) -> tuple[str, ...]:
        """All of them."""
        return self.to + self.cc + self.bcc


@dataclass(frozen=True)
class Draft:
    """A message that has everything but SES's acceptance."""

    sender: str
    author: str
    destination: Destination
    subject: str
    finish: Callable[[Stamps], Content]
    """Makes the content, once SES has set its own fields."""
    failure: str = ""
    """Why the template cannot be rendered; SES accepts the message all the same."""


class Drafting:
    """Makes drafts; keeps what they share."""

    def __init__(self) -> None:
        self._letters = Letters()
        self._raw = RawContents()

    def draft(self, request: Mapping[str, Any]) -> Draft:
        """Return the draft of a SendEmail request.

        Raises:
            SesError: The content breaks a rule or a limit.
        """
        content = validation.mapping(request.get("Content"), "content")
        given = {name: value for name, value in content.items() if value is not None}
        if len(given) != 1 or not {"Raw", "Simple", "Template"} & given.keys():
            raise bad_request("Content needs exactly one of Simple, Raw and Template.")
        if "Raw" in given:
            return self._raw_draft(request, validation.mapping(given["Raw"], "content.raw"))
        if "Simple" in given:
            return self._simple_draft(request, validation.mapping(given["Simple"], "content.simple"))
        chosen = validation.mapping(given["Template"], "content.template")
        return self.templated(
            self.letter(request, chosen),
            destination(validation.mapping(request.get("Destination"), "destination")),
            template_data(chosen.get("TemplateData"), "content.template.templateData"),
            validation.headers(chosen.get("Headers"), "content.template.headers"),
        )

    def letter(self, request: Mapping[str, Any], given: Mapping[str, Any]) -> Letter:
        """Return the inline template of a request."""
        if given.get("TemplateName") or given.get("TemplateArn"):
            # Stored templates speak Handlebars; nothing of ours uses them, and half a Handlebars would
            # mislead.
            raise SesError("NotFoundException", f"Template {given.get('TemplateName', '')} does not exist.", 404)
        parts = validation.mapping(given.get("TemplateContent"), "template.templateContent")
        if not parts:
            raise bad_request("The template needs a name, an ARN or its content.")
        subject = validation.text(parts.get("Subject", ""), "templateContent.subject")
        text, html = (
            None if parts.get(name) is None else validation.text(parts[name], f"templateContent.{name.lower()}")
            for name in ("Text", "Html")
        )
        if text is None and html is None:
            raise bad_request("The template needs a text or an HTML part.")
        return self._letters.shared(Letter(author(request), _reply_to(request), subject, text, html))

    def templated(
        self, letter: Letter, to: Destination, data: dict[str, Any], headers: tuple[tuple[str, str], ...]
    ) -> Draft:
        """Return the draft for one recipient of a letter."""
        subject, failure = letter.subject, ""
        try:
            template.check(letter.variables, data)
            subject = template.render(letter.subject, data)
        except template.RenderingFailureError as exc:
            failure = str(exc)
        content = TemplatedContent(letter, json.dumps(data, separators=(",", ":")), headers, subject)
        return Draft(bare(letter.sender), letter.sender, to, subject, lambda _: content, failure)

    def _simple_draft(self, request: Mapping[str, Any], simple: Mapping[str, Any]) -> Draft:
        body = validation.mapping(simple.get("Body"), "content.simple.body")
        subject = _data(simple.get("Subject"), "content.simple.subject") or ""
        text, html = _data(body.get("Text"), "body.text"), _data(body.get("Html"), "body.html")
        if text is None and html is None:
            raise bad_request("The message needs a text or an HTML body.")
        headers = validation.headers(simple.get("Headers"), "content.simple.headers")
        letter = self._letters.shared(Letter(author(request), _reply_to(request), subject, text, html))
        to = destination(validation.mapping(request.get("Destination"), "destination"))
        content = TemplatedContent(letter, None, headers, subject)
        return Draft(bare(letter.sender), letter.sender, to, subject, lambda _: content)

    def _raw_draft(self, request: Mapping[str, Any], given: Mapping[str, Any]) -> Draft:
        raw = _raw_data(given)
        header = _checked_header(raw)
        named = validation.mapping(request.get("Destination"), "destination")
        if not any(named.get(name) for name in ("ToAddresses", "CcAddresses", "BccAddresses")):
            named = {
                f"{name.capitalize()}Addresses": [each for _, each in getaddresses([header.get(name, "")]) if each]
                for name in ("to", "cc", "bcc")
            }
        written_by = request.get("FromEmailAddress") or header.get("from", "")
        sender = bare(author({"FromEmailAddress": written_by}))
        subject = mime.decoded_header(header.get("subject", ""))
        missing: Stamps = () if "from" in header else (("From", str(written_by)),)

        def finish(stamps: Stamps) -> Content:
            return self._raw.pack(mime.as_delivered(raw, (*stamps, *missing)), sender=sender, subject=subject)

        return Draft(
            sender, mime.decoded_header(header.get("from", str(written_by))), destination(named), subject, finish
        )


def author(request: Mapping[str, Any]) -> str:
    """Return the From address of a request, with its display name.

    Raises:
        SesError: Missing, or not an address.
    """
    given = str(request.get("FromEmailAddress") or "")
    try:
        bare(given)
    except BadAddressError as exc:
        raise bad_request(str(exc)) from exc
    return given


def raw_author(request: Mapping[str, Any]) -> str:
    """Return the From address of a SendEmail request, wherever it stands; nothing if it stands nowhere."""
    if request.get("FromEmailAddress"):
        return str(request["FromEmailAddress"])
    try:
        raw = base64.b64decode(request["Content"]["Raw"]["Data"])
        return next((value for name, value in mime.header_fields(raw) if name.lower() == "from"), "")
    except (KeyError, TypeError, ValueError):
        return ""


def destination(given: Mapping[str, Any]) -> Destination:
    """Return the recipients of one message.

    Raises:
        SesError: Nobody, too many, or an address SES does not take.
    """
    try:
        lists = [
            tuple(bare(str(each)) for each in validation.sequence(given.get(name), name))
            for name in ("ToAddresses", "CcAddresses", "BccAddresses")
        ]
    except BadAddressError as exc:
        raise bad_request(str(exc)) from exc
    found = Destination(*lists)
    if not found.everybody:
        raise bad_request("At least one recipient must be specified.")
    if len(found.everybody) > validation.MAX_RECIPIENTS:
        raise bad_request(f"Recipient count exceeds {validation.MAX_RECIPIENTS}.")
    return found


def template_data(given: Any, where: str) -> dict[str, Any]:
    """Return template data from its JSON text; left out counts as empty.

    Raises:
        SesError: Not JSON, not an object, or too long.
    """
    if given is None or given == "":
        return {}
    text = validation.text(given, where, longest=validation.MAX_TEMPLATE_DATA)
    try:
        data = json.loads(text)
    except ValueError as exc:
        raise bad_request(f"{where} is not valid JSON.") from exc
    if not isinstance(data, dict):
        raise bad_request(f"{where} is not a JSON object.")
    return data


def _reply_to(request: Mapping[str, Any]) -> tuple[str, ...]:
    given: Sequence[Any] = validation.sequence(request.get("ReplyToAddresses"), "replyToAddresses")
    try:
        for each in given:
            bare(str(each))
    except BadAddressError as exc:
        raise bad_request(str(exc)) from exc
    return tuple(map(str, given))


def _data(given: Any, where: str) -> str | None:
    if given is None:
        return None
    return validation.text(validation.mapping(given, where).get("Data"), f"{where}.data")


def _raw_data(given: Mapping[str, Any]) -> bytes:
    try:
        raw = base64.b64decode(validation.text(given.get("Data"), "content.raw.data"), validate=True)
    except binascii.Error as exc:
        raise SesError("SerializationException", "content.raw.data is not base64") from exc
    if len(raw) > validation.MAX_MESSAGE:
        raise bad_request(f"The message is longer than {validation.MAX_MESSAGE} bytes.")
    if max(map(len, raw.split(b"\n"))) > LONGEST_RAW_LINE:
        raise bad_request(f"A line of the message is longer than {LONGEST_RAW_LINE} characters.")
    return raw


def _checked_header(raw: bytes) -> dict[str, str]:
    """Return the header by lower-case name; of a field that may repeat, the first."""
    try:
        fields = mime.header_fields(raw)
    except ValueError as exc:
        raise bad_request(f"The header of the message has a line that is no field: {exc}") from exc
    header: dict[str, str] = {}
    for name, value in fields:
        if name.lower() in header and name.lower() in _ONCE_ONLY:
            raise bad_request(f"Duplicate header '{name}'.")
        header.setdefault(name.lower(), value)
    return header
