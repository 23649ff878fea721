"""Words that readers would see and that are still our examples."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.issues.adapters.s3_house_style import S3HouseStyle
from newsletter.web.jinja import Templates
from newsletter_cli.editor.desk import TEMPLATES
from newsletter_cli.operator.doctor.finding import Finding, ok, skipped, warning
from newsletter_cli.operator.doctor.patient import Patient

EXAMPLES = {
    "strapline": "A short briefing on how public services are changing, {rhythm}.",
    "invitation": "Please send me the fortnightly briefing",
    "postal address": "1 Example Street, London",
}
"""As this release brings them along; whoever changed theirs is not asked again."""

REMEDY = "Write settings/brand.yaml, see docs/settings.md, then: newsletter settings publish brand.yaml"


def own_words(patient: Patient) -> Iterator[Finding]:
    """Look for examples that nobody replaced."""
    if patient.stack.is_local:
        yield skipped("own words", "A laptop stack speaks to nobody.")
        return
    style = S3HouseStyle(patient.stack.client("s3"), patient.stack.resources.content_bucket).stored()
    layer = Templates(TEMPLATES).layer_brand
    said = {
        "strapline": style.brand.get("strapline", layer["strapline"]),
        "invitation": style.brand.get("invitation", layer["invitation"]),
        "postal address": style.brand.get("postal_address", patient.stack.settings.postal_address),
    }
    unreplaced = [name for name, text in said.items() if text == EXAMPLES[name]]
    for name in unreplaced:
        yield warning("own words", f"The {name} is still our example: “{said[name]}”", REMEDY)
    if not unreplaced:
        yield ok("own words", "Strapline, invitation and postal address are your own.")
