"""Every address of the function `desk`, with the act that it takes."""

from __future__ import annotations

from newsletter.control.desk import calendar, files, issue, issues, log, results, send, today, write, write_files
from newsletter.control.desk.request import Route
from newsletter.desk.domain.act import Act

ROUTES = (
    Route("GET", "/desk/", Act.LOOK, today.show),
    Route("GET", "/desk/issues/", Act.LOOK, issues.show),
    *write.ROUTES,
    *write_files.ROUTES,
    Route("GET", "/desk/issues/<slug>/", Act.LOOK, issue.show),
    Route("POST", "/desk/issues/<slug>/approve", Act.DECIDE, issue.approve),
    Route("POST", "/desk/issues/<slug>/hold", Act.WRITE, issue.hold),
    Route("POST", "/desk/issues/<slug>/release", Act.DECIDE, issue.release),
    Route("POST", "/desk/issues/<slug>/withdraw", Act.DECIDE, issue.withdraw),
    Route("POST", "/desk/issues/<slug>/test", Act.WRITE, issue.test),
    Route("GET", calendar.CALENDAR, Act.LOOK, calendar.show),
    Route("POST", f"{calendar.CALENDAR}skip", Act.DECIDE, calendar.skip),
    Route("POST", f"{calendar.CALENDAR}unskip", Act.DECIDE, calendar.unskip),
    Route("POST", f"{calendar.CALENDAR}extra", Act.DECIDE, calendar.add),
    Route("POST", f"{calendar.CALENDAR}unextra", Act.DECIDE, calendar.take_out),
    Route("GET", f"{send.SENDS}<name>/", Act.LOOK, send.show),
    Route("GET", f"{send.SENDS}<name>/cancel/", Act.SEND, send.confirm_cancel),
    Route("POST", f"{send.SENDS}<name>/pause", Act.DECIDE, send.pause),  # like a hold: at once, however old the session
    Route("POST", f"{send.SENDS}<name>/resume", Act.SEND, send.resume),
    Route("POST", f"{send.SENDS}<name>/cancel", Act.SEND, send.cancel),
    Route("POST", f"{send.SENDS}<name>/retry", Act.SEND, send.retry),
    Route("POST", f"{send.SENDS}<name>/rest", Act.SEND, send.rest),
    Route("GET", results.RESULTS, Act.LOOK, results.show),
    Route("GET", f"{results.RESULTS}export/", Act.LOOK, results.export),
    Route("GET", "/desk/log/", Act.LOOK, log.show),
    Route("GET", "/desk/files/<name>/", Act.LOOK, files.show),
)
