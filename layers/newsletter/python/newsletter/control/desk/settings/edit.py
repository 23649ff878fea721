"""The pages on which owners edit the files of `settings/`: look, type, see what readers would see, save, go back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from newsletter.control.desk.files import address
from newsletter.control.desk.request import Answer, Data, DeskRequest, File, Go, Route, Show
from newsletter.control.desk.settings.brand import BrandEditor, logo_name, seen_in
from newsletter.control.desk.settings.editors import SettingEditor
from newsletter.control.desk.settings.feeds import FeedsEditor
from newsletter.control.desk.settings.texts import FieldsEditor, NewIssueEditor, PrivacyEditor
from newsletter.control.desk.settings.words import WordsEditor
from newsletter.desk.domain.act import Act
from newsletter.desk.domain.decision_words import local_time
from newsletter.desk.drafts.word_diff import word_diff
from newsletter.desk.settings.keep_setting import KeepResult, Kept, keep_setting, problems_of
from newsletter.desk.settings.setting import KEYS, WORDS_OF, Setting
from newsletter.errors import InvalidRequestError, PermanentError, ProblemLike
from newsletter.issues.domain.settings_file import KNOWN

SETTINGS = "/desk/settings/"
SCRIPT = "settings.js"
LOGOS = {"logo_file": "logo", "logo_dark_file": "logo_dark"}
"""The fields with which a logo is uploaded, and the field of the file that names it."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What the form of a page holds, and what the page says about it."""

    values: Mapping[str, str]
    version: str
    problems: Sequence[ProblemLike] = ()
    clashes: Mapping[str, str] = field(default_factory=dict)
    overtaken_by: Setting | None = None


def show(request: DeskRequest) -> Answer:
    """Show a file as a form."""
    name = request.parts["file"]
    if name not in KEYS:
        return Show("missing", status_code=404)
    stands = request.app.settings_shelf.newest(KEYS[name])
    editor = editor_of(request, name)
    values = editor.values(_in_use(request, stands))
    return _page(request, editor, stands, Filled(values, stands.version if stands else ""))


def save(request: DeskRequest) -> Answer:
    """Keep what was typed, if it is good and nobody was faster."""
    name, fields, app = request.parts["file"], request.fields, request.app
    if name not in KEYS:
        return Show("missing", status_code=404)
    editor, key, shown = editor_of(request, name), KEYS[name], fields.get("version", "")
    base_text = (app.settings_shelf.version_of(key, shown) if shown else "") or ""
    typed = {**editor.typed(fields), **_logos(request, name)}
    base = editor.values(base_text)
    source = editor.source(typed, base)
    if not source.strip():
        return _without(request, name, shown)
    kept = keep_setting(key, source, shown, saved_by=request.visitor.member.email, ports=app.edit_settings_ports)
    match kept.result:
        case KeepResult.KEPT:
            request.note("changed the settings", editor.title, f"version {kept.stands.version}" if kept.stands else "")
            return Go(f"{SETTINGS}{name}/?done=kept")
        case KeepResult.UNCHANGED:
            return Go(f"{SETTINGS}{name}/?done=unchanged")
        case KeepResult.REFUSED:
            return _page(request, editor, kept.stands, Filled({**base, **typed}, shown, kept.problems), 400)
        case KeepResult.OVERTAKEN:
            return _overtaken(request, editor, base, {**base, **typed}, kept)


def look(request: DeskRequest) -> Answer:
    """Show what readers see of the file as it stands."""
    name = request.parts["file"]
    if name not in KEYS:
        return Show("missing", status_code=404)
    stands = request.app.settings_shelf.newest(KEYS[name])
    return _preview(request, name, stands.text if stands else "")


def look_at_typed(request: DeskRequest) -> Answer:
    """Show what readers would see of what was typed; nothing is kept."""
    name, fields = request.parts["file"], request.fields
    if name not in KEYS:
        return Show("missing", status_code=404)
    editor, shown = editor_of(request, name), fields.get("version", "")
    base_text = (request.app.settings_shelf.version_of(KEYS[name], shown) if shown else "") or ""
    typed = {**editor.values(base_text), **editor.typed(fields)}
    if request.by_script:
        return Data({"seen": {key: [each.good, each.sentence] for key, each in seen_in(typed).items()}})
    return _preview(request, name, editor.source(typed, editor.values(base_text)))


def history(request: DeskRequest) -> Answer:
    """Show the versions of a file, and what has changed since one of them if it is asked for."""
    name, shelf, zone = request.parts["file"], request.app.settings_shelf, request.app.rhythm.time_zone
    if name not in KEYS:
        return Show("missing", status_code=404)
    key, since = KEYS[name], request.query.get("since", "")
    versions = [(each, local_time(each.saved_at, zone)) for each in shelf.history(key)]
    stands = shelf.newest(key)
    old = shelf.version_of(key, since) if since in {each.version for each, _ in versions} else None
    return Show(
        "settings_history",
        {
            "file": name,
            "title": editor_of(request, name).title,
            "versions": versions,
            "version": stands.version if stands else "",
            "since": next((when for each, when in versions if each.version == since), ""),
            "changes": word_diff(old, stands.text if stands else "") if old is not None else (),
        },
    )


def restore(request: DeskRequest) -> Answer:
    """Write an earlier version over the one that stands; it is checked like anything else."""
    name, fields, app = request.parts["file"], request.fields, request.app
    if name not in KEYS:
        return Show("missing", status_code=404)
    editor, key, wanted = editor_of(request, name), KEYS[name], fields.get("restore", "")
    old = app.settings_shelf.version_of(key, wanted) if wanted else None
    if old is None:
        raise InvalidRequestError("there is no such version any more")
    shown, member = fields.get("version", ""), request.visitor.member
    kept = keep_setting(key, old, shown, saved_by=member.email, ports=app.edit_settings_ports)
    if kept.result is KeepResult.REFUSED:
        raise InvalidRequestError(
            "that version does not pass the checks of today: " + " ".join(map(str, kept.problems))
        )
    if kept.result is KeepResult.OVERTAKEN:
        raise InvalidRequestError("somebody else saved a moment ago; look at the newest version first")
    if kept.result is KeepResult.KEPT:
        request.note("went back to earlier settings", editor.title, f"version {wanted}")
    return Go(f"{SETTINGS}{name}/?done=restored")


def use_ours(request: DeskRequest) -> Answer:
    """Remove a file: from then on ours is in use. Its versions stay in the history."""
    name = request.parts["file"]
    if name not in KEYS:
        return Show("missing", status_code=404)
    return _without(request, name, request.fields.get("version", ""))


def editor_of(request: DeskRequest, name: str) -> SettingEditor:
    """Return what the page of a file has of its own."""
    if name in WORDS_OF:
        return WordsEditor(WORDS_OF[name])
    if name == "brand":
        return BrandEditor(request.app.templates.layer_brand)
    if name == "fields":
        return FieldsEditor()
    if name == "feeds":
        return FeedsEditor()
    return PrivacyEditor() if name == "privacy" else NewIssueEditor()


def _without(request: DeskRequest, name: str, shown: str) -> Answer:
    shelf, key = request.app.settings_shelf, KEYS[name]
    stands = shelf.newest(key)
    if stands is None:
        return Go(f"{SETTINGS}{name}/?done=unchanged")
    if stands.version != shown:
        raise InvalidRequestError("somebody else saved a moment ago; look at the newest version first")
    shelf.remove(key)
    request.note("removed the settings", editor_of(request, name).title, f"version {stands.version}")
    return Go(f"{SETTINGS}{name}/?done=ours")


def _overtaken(
    request: DeskRequest, editor: SettingEditor, base: Mapping[str, str], typed: Mapping[str, str], kept: Kept
) -> Answer:
    theirs = editor.values(kept.stands.text if kept.stands else "")
    meeting = editor.meet(base, typed, theirs)
    version = kept.stands.version if kept.stands else ""
    by = kept.stands or Setting(KEYS[request.parts["file"]], "")
    return _page(request, editor, kept.stands, Filled(meeting.typed_values, version, (), meeting.other_values, by), 409)


def _logos(request: DeskRequest, name: str) -> dict[str, str]:
    """Put uploaded logos beside the file, and return the names they got."""
    if name != "brand":
        return {}
    chosen = {LOGOS[file.field]: file.body for file in request.files if file.field in LOGOS and file.body}
    for name_of_field in LOGOS.values():
        if request.fields.get(f"no_{name_of_field}") and name_of_field not in chosen:
            return {name_of_field: ""} if name_of_field == "logo_dark" else {"logo": "", "logo_dark": ""}
    names = {}
    for each, body in chosen.items():
        names[each] = logo_name(body)
        request.app.settings_shelf.put_logo(names[each], body)
    return names


def _preview(request: DeskRequest, name: str, source: str) -> Answer:
    editor = editor_of(request, name)
    try:
        return editor.preview(request, source)
    except PermanentError:
        said = [editor.words(f"{each.message} {each.remedy}") for each in _problems(request, name, source)]
    return File("\n".join(said), "text/plain; charset=utf-8", request.app.pages.mail_headers())


def _problems(request: DeskRequest, name: str, source: str) -> Sequence[ProblemLike]:
    return problems_of(KEYS[name], source, request.app.edit_settings_ports)


def _page(
    request: DeskRequest, editor: SettingEditor, stands: Setting | None, filled: Filled, status_code: int = 200
) -> Answer:
    app, name = request.app, request.parts["file"]
    zone = app.rhythm.time_zone
    refused = _refused(request, stands)
    return Show(
        editor.page,
        {
            "file": name,
            "title": editor.title,
            "values": filled.values,
            "version": filled.version,
            "problems": [editor.words(f"{each.message} {each.remedy}".strip()) for each in filled.problems],
            "clashes": filled.clashes,
            "overtaken_by": filled.overtaken_by,
            "saved": local_time(stands.saved_at, zone) if stands and stands.saved_at else "",
            "saved_by": stands.saved_by if stands else "",
            "state": _state(request, stands, refused=bool(refused)),
            "refused": [editor.words(f"{each.message} {each.remedy}".strip()) for each in refused],
            "done": request.query.get("done", ""),
            "scripts": [address(Path(app.settings.templates_dir), SCRIPT)],
            **editor.context(request, filled.values),
        },
        status_code,
    )


def _in_use(request: DeskRequest, stands: Setting | None) -> str:
    """Return what the form begins with: the file as it stands, or the last good one if that was not taken."""
    if stands is None or not _refused(request, stands):
        return stands.text if stands else ""
    app = request.app
    good = app.house_style.stored().versions.get(stands.key, "")
    return (app.settings_shelf.version_of(stands.key, good) if good else "") or ""


def _refused(request: DeskRequest, stands: Setting | None) -> Sequence[ProblemLike]:
    """Return what is wrong with the file that stands there, if the stack did not take it."""
    content = request.app.content
    if stands is None or content.problems_of(stands.key) != stands.version:
        return ()
    return _problems(request, request.parts["file"], stands.text)


def _state(request: DeskRequest, stands: Setting | None, *, refused: bool) -> str:
    if stands is None:
        return "ours"
    if refused:
        return "refused"
    if stands.key not in KNOWN or request.app.house_style.stored().versions.get(stands.key) == stands.version:
        return "in use"
    return "being taken"


FILE = f"{SETTINGS}<file>/"

ROUTES = (
    Route("GET", FILE, Act.LOOK, show),
    Route("POST", f"{FILE}save", Act.SETTINGS, save),
    Route("GET", f"{FILE}preview/", Act.LOOK, look),
    Route("POST", f"{FILE}preview", Act.SETTINGS, look_at_typed),
    Route("GET", f"{FILE}history/", Act.LOOK, history),
    Route("POST", f"{FILE}restore", Act.SETTINGS, restore),
    Route("POST", f"{FILE}ours", Act.SETTINGS, use_ours),
)
