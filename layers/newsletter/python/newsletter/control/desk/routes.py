"""Every address of the function `desk`, with the act that it takes."""

from __future__ import annotations

from newsletter.control.desk import files, issues, log, today, write, write_files, write_preview
from newsletter.control.desk.overview import calendar, calendar_give, health, help_page, results, send
from newsletter.control.desk.request import Route
from newsletter.control.desk.review import comments, here, issue
from newsletter.control.desk.settings import edit, facts
from newsletter.desk.domain.act import Act

ROUTES = (
    Route("GET", "/desk/", Act.LOOK, today.show),
    Route("GET", "/desk/issues/", Act.LOOK, issues.show),
    *write.ROUTES,
    *write_files.ROUTES,
    *write_preview.ROUTES,
    Route("GET", "/desk/issues/<slug>/", Act.LOOK, issue.show),
    Route("POST", "/desk/issues/<slug>/approve", Act.DECIDE, issue.approve),
    Route("POST", "/desk/issues/<slug>/hold", Act.WRITE, issue.hold),
    Route("POST", "/desk/issues/<slug>/release", Act.DECIDE, issue.release),
    Route("POST", "/desk/issues/<slug>/withdraw", Act.DECIDE, issue.withdraw),
    Route("POST", "/desk/issues/<slug>/test", Act.WRITE, issue.test),
    *comments.ROUTES,
    *here.ROUTES,
    *calendar.ROUTES,
    *calendar_give.ROUTES,
    *send.ROUTES,
    *results.ROUTES,
    *health.ROUTES,
    *facts.ROUTES,
    *edit.ROUTES,
    *help_page.ROUTES,
    Route("GET", "/desk/log/", Act.LOOK, log.show),
    Route("GET", "/desk/files/<name>/", Act.LOOK, files.show),
)
