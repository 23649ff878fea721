"""What fetched a picture or followed a link, by the name it gives itself: people, and the machines before them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Agent(StrEnum):
    """Who says they are asking. Anybody can lie: scanners often call themselves a browser."""

    READER = "reader"
    """A browser or a mail program."""
    READERS_PROXY = "readers_proxy"
    """Fetches pictures when the reader opens the mail, and keeps them: later openings are not seen."""
    PRIVACY_PROXY = "privacy_proxy"
    """Fetches every picture of every mail, read or not."""
    SCANNER = "scanner"
    """Looks for dangerous pages before the reader may see the mail."""
    SCRIPT = "script"
    """A program's library, or a browser without a window."""
    UNNAMED = "unnamed"
    """Says nothing; browsers and mail programs always do."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table: whose name it is, what that means, and why we think so."""

    name: re.Pattern[str]
    agent: Agent
    why: str


def _rule(pattern: str, agent: Agent, why: str) -> Rule:
    return Rule(re.compile(pattern, re.IGNORECASE), agent, why)


RULES = (
    _rule(r"^\s*$", Agent.UNNAMED, "no browser or mail program is silent about its name"),
    _rule(r"^Mozilla/5\.0$", Agent.PRIVACY_PROXY, "Apple Mail Privacy Protection sends these eleven letters alone"),
    _rule(r"GoogleImageProxy|ggpht\.com", Agent.READERS_PROXY, "Gmail fetches pictures when the mail is opened"),
    _rule(r"YahooMailProxy", Agent.READERS_PROXY, "Yahoo Mail fetches pictures when the mail is opened"),
    _rule(
        r"Barracuda|Proofpoint|Mimecast|Trend ?Micro|Forcepoint|Sophos|Symantec|MessageLabs|Cloudmark|Hornetsecurity|"
        r"FireEye|Trellix|Ironport|Cisco.*Email|Zscaler|Avanan|Vade|Fortinet|FortiGuard|McAfee",
        Agent.SCANNER,
        "makers of mail filters, by their own names",
    ),
    _rule(
        r"Microsoft Office Existence Discovery|ms-office.*(Existence|Protocol) Discovery|BingPreview|SafeLinks|"
        r"Microsoft.?Defender|Microsoft-ATP",
        Agent.SCANNER,
        "Microsoft's filters and its check whether a link exists",
    ),
    _rule(
        r"bot\b|crawler|spider|slurp|facebookexternalhit|WhatsApp|Slackbot|preview",
        Agent.SCANNER,
        "robots of search engines, and of chats that draw a preview of a link",
    ),
    _rule(
        r"HeadlessChrome|PhantomJS|Puppeteer|Playwright|Selenium|Electron/.*scan",
        Agent.SCRIPT,
        "a browser without a window",
    ),
    _rule(
        r"^(python|curl|wget|Go-http-client|Java/|okhttp|Apache-HttpClient|libwww-perl|Ruby|node|axios|got |undici|"
        r"aiohttp|httpx|PostmanRuntime|PHP|GuzzleHttp)|python-requests|python-urllib|http\.rb",
        Agent.SCRIPT,
        "the library of a programming language, under its default name",
    ),
)
"""The first line that fits decides; whatever fits none is taken for a reader."""


def agent_of(name: str) -> Agent:
    """Return who asks, by the text of the header User-Agent."""
    return next((rule.agent for rule in RULES if rule.name.search(name)), Agent.READER)
