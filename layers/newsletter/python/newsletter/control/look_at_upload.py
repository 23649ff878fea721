"""An upload or a removal in the content bucket that `publish` was woken by, or asked itself to look at again."""

from __future__ import annotations

from datetime import datetime

from newsletter.aws.side_by_side import side_by_side
from newsletter.desk.jobs.take_upload import take_upload
from newsletter.issues.domain.publication import UploadResult
from newsletter.issues.domain.settings_file import is_settings_key
from newsletter.issues.domain.upload import Upload
from newsletter.issues.jobs.take_settings import SettingsResult, take_settings
from newsletter.wiring import App


def look_at_upload(upload: Upload, app: App, now: datetime) -> UploadResult | SettingsResult:
    """Publish an issue, take over settings, or leave alone what is no news; return what came of it.

    Raises:
        SendThrottledError, SendingPausedError: All is done but that the editors hear of it: SES takes nothing now.
    """
    app.meter.serve(upload.issue_name)
    if upload.is_echo:
        return UploadResult.ECHO
    asked = [lambda: app.content.is_restored(upload.key)] if upload.is_new else []
    _, *marks = side_by_side([app.renew_style, *asked], app.threads)
    restored = any(marks)
    if is_settings_key(upload.key):
        return take_settings(upload.key, ports=app.settings_ports, patient=upload.patient, quiet=restored)
    if restored:
        return UploadResult.RESTORED  # what came of it stands in the restored tables, and no mail leaves
    return take_upload(upload, ports=app.upload_ports, rhythm=app.rhythm, now=now)
