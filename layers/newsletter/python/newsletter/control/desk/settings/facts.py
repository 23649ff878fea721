"""What the settings pages show and nobody changes there: what there is, forms for websites, the sender, and keys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from newsletter.control.desk.files import address
from newsletter.control.desk.request import Answer, DeskRequest, Route, Show
from newsletter.control.desk.settings.edit import SCRIPT, SETTINGS, editor_of
from newsletter.core.language import LANGUAGES, NAMES
from newsletter.core.registered_form import form_id
from newsletter.desk.domain.act import Act
from newsletter.desk.domain.decision_words import local_time
from newsletter.desk.settings.sender_dns import Dns, DnsFinding, DnsLevel, DnsRecord, sender_findings, sender_records
from newsletter.desk.settings.setting import KEYS
from newsletter.errors import TransientError

EXAMPLES = ("example", "example.com", "example.net", "example.org", "invalid", "localhost", "test")
"""Domains in which nobody can put a record, as in a newsletter to try out. Source: RFC 2606."""

AT_ONCE = 8
"""Names that are looked up side by side, while somebody waits for a page."""

LONGEST_PAGE = 500


def index(request: DeskRequest) -> Answer:
    """Show which settings are one's own, and which are ours."""
    names = request.app.settings_shelf.names()
    rows = [
        (name, editor_of(request, name).title, key in names, key.rpartition(".")[0] + ".problems.txt" in names)
        for name, key in KEYS.items()
    ]
    return Show("settings", {"rows": rows, "newsletter_name": request.app.settings.newsletter_name})


def forms(request: DeskRequest) -> Answer:
    """Show the sign-up form for a page of another website, ready to paste."""
    pages, asked = request.app.pages, request.query
    source, lang = asked.get("source", "")[:LONGEST_PAGE], asked.get("lang", "")
    lang = lang if lang in LANGUAGES else request.app.templates.language("")
    known = {form_id(pages.form_words(each), each): (NAMES[each], pages.form_words(each)) for each in NAMES}
    return Show(
        "settings_forms",
        {
            "source": source,
            "spoken": lang,
            "languages": LANGUAGES,
            "code": pages.embedded_form(source, lang=lang) if _is_page(source) else "",
            "unreadable": bool(source) and not _is_page(source),
            "forms": known,
            "earlier": {name: text for name, text in pages.registered_forms.items() if name not in known},
            "scripts": [address(Path(request.app.settings.templates_dir), SCRIPT)],
        },
    )


def sender(request: DeskRequest) -> Answer:
    """Show who the emails come from, and whether other mail servers can tell that it is true."""
    app = request.app
    records, domain = app.ses_identity, app.ses_identity.domain
    trouble, findings, wanted = "", list[DnsFinding](), list[tuple[DnsRecord, bool | None]]()
    is_example = domain in EXAMPLES or domain.rpartition(".")[2] in EXAMPLES
    if not is_example:
        try:
            identity = records.identity_in_time()
            with ThreadPoolExecutor(AT_ONCE) as threads:
                named = sender_records(domain, identity, records.region)
                wanted = list(threads.map(lambda record: (record, _stands(record, records.find_records)), named))
            findings = list(sender_findings(domain, identity, records.find_records))
        except TransientError as exc:
            trouble = str(exc)
    return Show(
        "settings_sender",
        {
            "domain": domain,
            "name": app.settings.newsletter_name,
            "sender_email": app.settings.sender_email,
            "reply_to": app.settings.reply_to_email,
            "is_example": is_example,
            "trouble": trouble,
            "findings": findings,
            "fine": all(each.level is DnsLevel.OK for each in findings),
            "records": wanted,
        },
    )


def keys(request: DeskRequest) -> Answer:
    """Show which kinds of keys there are, and how old; the desk cannot look at those of readers, and turns none."""
    at = request.app.keys_turned_at()
    days = (request.now - at).days if at else 0
    when = local_time(at, request.app.rhythm.time_zone) if at else ""
    has_cloudfront = bool(request.app.settings.origin_keys_secret)
    return Show("settings_keys", {"when": when, "old": _days(days), "has_cloudfront": has_cloudfront})


def _days(days: int) -> str:
    if not days:
        return "today"
    return "yesterday" if days == 1 else f"{days:,} days ago"


def _is_page(source: str) -> bool:
    parts = urlsplit(source) if source.isascii() and source.isprintable() else None
    return parts is not None and parts.scheme in ("https", "http") and bool(parts.netloc)


def _stands(record: DnsRecord, dns: Dns) -> bool | None:
    """Return whether DNS has a record; None where nobody can say."""
    try:
        found = [each.lower() for each in dns(record.name, record.kind)]
    except TransientError:
        return None
    begins = record.content.lower().split(";")[0].split(" ~")[0]
    return any(each.startswith(begins) or each == record.content.lower() for each in found)


ROUTES = (
    Route("GET", SETTINGS, Act.LOOK, index),
    Route("GET", f"{SETTINGS}forms/", Act.LOOK, forms),
    Route("GET", f"{SETTINGS}sender/", Act.LOOK, sender),
    Route("GET", f"{SETTINGS}keys/", Act.LOOK, keys),
)
