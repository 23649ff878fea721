"""The publisher's words and looks, as the desk edits them; and what the desk sees of sender, keys and alarms."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.wiring.issues import IssueParts
from newsletter.wiring.patience import ASKED_ONCE, PATIENT

if TYPE_CHECKING:
    from datetime import datetime

    from newsletter.aws.alarms import Alarms
    from newsletter.aws.ses_identity import SesIdentity
    from newsletter.core.house_style import HouseStyle
    from newsletter.desk.adapters.s3_settings import S3Settings
    from newsletter.desk.settings_ports import EditSettingsPorts
    from newsletter.issues.settings_ports import SettingsReader
    from newsletter.web.pages import Pages


class SettingsParts(IssueParts):
    """The publisher's words and looks, as the desk edits them."""

    @cached_property
    def settings_shelf(self) -> S3Settings:
        """The files of `settings/`."""
        from newsletter.desk.adapters.s3_settings import S3Settings

        return S3Settings(self._client("s3"), self.settings.content_bucket)

    @property
    def edit_settings_ports(self) -> EditSettingsPorts:
        """What checks such a file, and keeps it."""
        from newsletter.desk.settings_ports import EditSettingsPorts
        from newsletter.issues.adapters.picture_function import PictureFunction

        pictures = PictureFunction(self._client("lambda", ASKED_ONCE), self.settings.pictures_function)
        return EditSettingsPorts(
            self.settings_shelf, self._settings_reader, pictures, newsletter_name=self.settings.newsletter_name
        )

    def pages_in(self, style: HouseStyle) -> Pages:
        """Return pages and emails as they would be in this style."""
        from newsletter.core.how_often import HowOften
        from newsletter.web.jinja import Templates
        from newsletter.web.pages import Pages

        how_often = HowOften.from_anchor(self.settings.anchor_date, self.settings.period_weeks)
        templates = Templates(self._templates_dir, how_often=how_often, current_style=lambda: style)
        return Pages(templates, self.newsletter, self.settings.public_url)

    @cached_property
    def ses_identity(self) -> SesIdentity:
        """What SES and DNS say of the sender."""
        from newsletter.aws.ses_identity import SesIdentity

        client = self.meter.watch(self.make_client("sesv2", config=PATIENT))  # the other one is for sending
        return SesIdentity(client, self.settings.sender_email)

    @cached_property
    def alarms(self) -> Alarms:
        """The alarms of this stack; its functions are named after it."""
        from newsletter.aws.alarms import Alarms

        return Alarms(self._client("cloudwatch"), self.settings.desk_function.removesuffix("desk"))

    def keys_turned_at(self) -> datetime | None:
        """Return when the keys of links were turned last: of editors, and with them of readers."""
        from newsletter.aws.secrets import key_store

        name = self.settings.editor_keys_secret
        return key_store(name, self._client).changed_at(name)

    def _settings_reader(self) -> SettingsReader:
        from newsletter.issues.settings.settings_files import SettingsFiles

        return SettingsFiles(self.templates.layer_brand)
