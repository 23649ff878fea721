"""Writing down how the list grew since the last time: a day at a time, and never a day twice."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from newsletter.issues.ports import ContentStore
from newsletter.reports.domain.census import Census, count, suppressed
from newsletter.reports.domain.growth import first_day_to_count, grown
from newsletter.reports.domain.report_name import GROWTH, TAGS
from newsletter.reports.ports import ListCensus
from newsletter.reports.retention_ports import RetentionLog


def write_growth(
    *, list_census: ListCensus, content: ContentStore, retention_log: RetentionLog, zone: ZoneInfo, now: datetime
) -> dict[str, Any]:
    """Add the days that have gone by, and return what is on record now. Days are local."""
    known = json.loads(content.report(GROWTH) or "{}")
    yesterday = now.astimezone(zone).date() - timedelta(days=1)
    since = datetime.combine(first_day_to_count(known, yesterday), time(0), zone)
    counted = sum(list_census.count_in_parts(partial(count, since=since, until=now, zone=zone)), Census())
    kept_out = suppressed(list_census.suppressions(), since=since, until=now, zone=zone)
    growth = grown(known, counted, kept_out, yesterday=yesterday, zone=zone, now=now)
    if last := retention_log.last():
        finished_at, run = last
        growth["forgetting"] = {"finished_at": finished_at.isoformat(), **run.counts}
    content.put_report(TAGS, json.dumps(dict(sorted(counted.tagged.items())), ensure_ascii=False))
    content.put_report(GROWTH, json.dumps(growth, ensure_ascii=False))
    return growth
