"""Links that another program wrapped into one of its own, as Google Docs and Outlook do."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit


def unwrapped(address: str) -> str:
    """Return where a link leads that Google Docs or Outlook wrapped, once or several times; any other as it is."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    host, query = parts.hostname or "", parse_qs(parts.query)
    if host in ("google.com", "www.google.com") and parts.path == "/url":
        inner = query.get("q") or query.get("url")
    elif host.endswith(".safelinks.protection.outlook.com"):
        inner = query.get("url")
    else:
        inner = None
    # What is within is shorter each time, so this comes to an end.
    return unwrapped(inner[0]) if inner and inner[0].startswith(("http://", "https://", "mailto:")) else address
