"""Importing a list: a file, what its columns are, a dry run with its numbers, and only then people on the list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from secrets import token_hex
from typing import Any

from newsletter.control.desk.request import Answer, DeskRequest, Go, Route, Show
from newsletter.core.reader_fields.reader_field import ReaderField
from newsletter.core.slot import in_words
from newsletter.core.text import one_line
from newsletter.desk.domain.act import Act
from newsletter.errors import InvalidListError, InvalidRequestError
from newsletter.readers.domain.takeover import ExternalStatus
from newsletter.readers.importing.domain.columns import NOT_THERE
from newsletter.readers.importing.domain.description import Description
from newsletter.readers.importing.domain.list_import import UNDER_WAY, Choices, ImportState, ListImport
from newsletter.readers.importing.domain.list_keys import ID, upload_key
from newsletter.readers.importing.domain.reasons import REASONS
from newsletter.readers.importing.domain.rows import Vouched
from newsletter.readers.importing.jobs.ask_to_read import ask_to_read
from newsletter.readers.importing.jobs.check_import import check_import
from newsletter.readers.importing.jobs.offer_rejects import offer_rejects
from newsletter.readers.importing.jobs.open_import import open_import
from newsletter.readers.importing.jobs.resume_import import resume_import
from newsletter.readers.importing.jobs.run_import import run_import
from newsletter.readers.importing.jobs.stop_import import stop_import
from newsletter.readers.importing.ports import ImportDeskPorts
from newsletter.readers.importing.progress import description_of
from newsletter.readers.tags import checked_tags
from newsletter.web.form import day_of

IMPORT = "/desk/people/import/"

FIELD_WORDS = {
    "email": "Email address", "name": "Name", "lang": "Language", "status": "Status there",
    "confirmed_at": "When they confirmed", "signed_up_at": "When they signed up", "network": "Network they came from",
    "left_at": "When they left", "evidence": "How they agreed", "tags": "Tags",
}  # fmt: skip
"""What a page calls the fields that a column can hold."""

STATE_WORDS = {
    ImportState.UPLOADED: "not looked at yet", ImportState.READ: "ready for a dry run",
    ImportState.CHECKING: "dry run under way", ImportState.CHECKED: "dry run done", ImportState.RUNNING: "under way",
    ImportState.DONE: "done", ImportState.STOPPED: "stopped", ImportState.REFUSED: "cannot be imported",
}  # fmt: skip

ENCODINGS = {
    "utf-8": "Unicode (UTF-8)", "cp1252": "Western Europe, Windows", "iso-8859-15": "Western Europe, ISO",
    "cp1250": "Central Europe, Windows", "cp1251": "Cyrillic, Windows", "cp1253": "Greek, Windows",
    "mac_roman": "Western Europe, old Macs", "utf-16": "Unicode (UTF-16)",
}  # fmt: skip
"""Offered where the letters came out wrong."""


def show(request: DeskRequest) -> Answer:
    """Show the last imports, and where a new one begins."""
    zone = request.app.rhythm.time_zone
    lines = [
        (each, in_words(each.uploaded_at.astimezone(zone)), STATE_WORDS[each.state])
        for each in request.app.list_imports.newest()
    ]
    return Show("import", {"lines": lines})


def begin(request: DeskRequest) -> Answer:
    """Make a place for a file, and show the form that takes it there past us."""
    import_id = token_hex(16)
    path = f"{IMPORT}{import_id}/"
    upload_form = open_import(
        import_id,
        file_name=request.fields.get("name", ""),
        started_by=request.visitor.member.label,
        back_to=f"{request.app.settings.public_url.rstrip('/')}{path}",
        ports=request.app.import_desk_ports,
        now=request.now,
    )
    request.note("began an import", import_id)
    return Show("import_upload", {"upload_form": upload_form, "path": path}, posts_to=upload_form.origin)


def show_one(request: DeskRequest) -> Answer:
    """Show how far an import is, with what can be done next."""
    return _page(request, {})


def read(request: DeskRequest) -> Answer:
    """Have the file looked at, with another encoding where the first one was wrong."""
    import_id, encoding = _id(request), request.fields.get("encoding", "")
    ports = request.app.import_desk_ports
    if not import_id or not ask_to_read(import_id, encoding=one_line(encoding), ports=ports):
        return Show("missing", status_code=404)
    request.note("had a list looked at", import_id, encoding)
    return Go(f"{IMPORT}{import_id}/?step=read")


def check(request: DeskRequest) -> Answer:
    """Begin a dry run with these columns and this evidence."""
    import_id, files = _id(request), request.app.list_files
    description = description_of(import_id, files) if import_id else None
    if description is None:
        return Show("missing", status_code=404)
    try:
        choices = _choices(request.fields, description, request.app.reader_fields())
        return _change(request, partial(check_import, import_choices=choices, now=request.now), "tried out an import")
    except (InvalidListError, InvalidRequestError) as problem:
        return _page(request, {"problem": str(problem), "typed": request.fields}, status_code=400)


def run(request: DeskRequest) -> Answer:
    """Write the people of the list, if the dry run on the page is the last one."""
    attempt = request.fields.get("attempt", "")
    seen = int(attempt) if attempt.isdecimal() else 0
    return _change(request, partial(run_import, attempt=seen, now=request.now), "imported a list")


def stop(request: DeskRequest) -> Answer:
    """Stop a dry run or an import; it can go on."""
    return _change(request, partial(stop_import, now=request.now), "stopped an import")


def resume(request: DeskRequest) -> Answer:
    """Go on where it was stopped."""
    return _change(request, resume_import, "had an import go on")


def _change(request: DeskRequest, job: Callable[..., ListImport | None], did: str) -> Answer:
    """Do something with an import; the log hears of it if anything has changed, as of a second press it does not."""
    import_id, ports = _id(request), request.app.import_desk_ports
    before = ports.imports.get(import_id) if import_id else None
    after = job(import_id, ports=ports) if before else None
    if before is None or after is None:
        return Show("missing", status_code=404)
    if after != before:
        request.note(did, import_id, f"{after.rows} rows")
    return Go(f"{IMPORT}{import_id}/")


def _id(request: DeskRequest) -> str:
    """Return the id that the path names; nothing where it cannot be one."""
    import_id = request.parts["id"]
    return import_id if ID.fullmatch(import_id) else ""


def _page(request: DeskRequest, said: Mapping[str, Any], status_code: int = 200) -> Show:
    import_id, ports = _id(request), request.app.import_desk_ports
    list_import = ports.imports.get(import_id) if import_id else None
    if list_import is None:
        return Show("missing", status_code=404)
    step = request.query.get("step", "")
    fresh = request.visitor.session.is_fresh(request.now)
    asks = list_import.may_be_checked and (
        list_import.state is ImportState.READ or bool(said) or (step == "change" and not list_import.running)
    )
    context = {
        "path": f"{IMPORT}{import_id}/",
        "the_import": list_import,
        "state_words": STATE_WORDS[list_import.state],
        "step": step,
        "under_way": list_import.state in UNDER_WAY,
        "lines": _lines(list_import),
        "fresh": fresh,
        "rejects": offer_rejects(import_id, ports=ports) if fresh and _has_account(list_import) else None,
        "encodings": ENCODINGS,
        "asks": asks,
        "problem": "",
        "is_there": False,
        "description": None,
        **(_form(list_import, ports, said) if asks else {}),
        **said,
    }
    if list_import.state is ImportState.UPLOADED:
        context["is_there"] = ports.files.look(upload_key(import_id)) is not None
    return Show("import_one", context, status_code)


def _has_account(list_import: ListImport) -> bool:
    return list_import.state in (ImportState.CHECKED, ImportState.DONE)


def _lines(list_import: ListImport) -> list[tuple[int, str]]:
    """Return the rows that change nothing by why, most first."""
    counted = [(list_import.counts.get(str(word), 0), sentence) for word, sentence in REASONS.items()]
    return sorted((each for each in counted if each[0]), reverse=True)


def _form(list_import: ListImport, ports: ImportDeskPorts, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page asks about a file that was looked at, with what was found out or typed before."""
    description = description_of(list_import.import_id, ports.files)
    if description is None:
        return {}
    headings = description.headings or tuple(f"column {n + 1}" for n in range(len(description.first_cells)))
    columns = [(str(number), f"{number}: {heading or 'no heading'}") for number, heading in enumerate(headings, 1)]
    field_words = _field_words(ports.reader_fields())
    found, typed = _found(description, field_words), said.get("typed", {})
    chosen = {each: typed.get(each) or list_import.mapped.get(each) or found[each] for each in field_words}
    return {
        "description": description,
        "columns": columns,
        "headings": headings,
        "fields": [(each, words, chosen[each], found[each]) for each, words in field_words.items()],
        "consent": typed.get("consent", list_import.consent),
        "consent_date": typed.get(
            "consent_date", f"{list_import.consent_date:%Y-%m-%d}" if list_import.consent_date else ""
        ),
        "status_there": typed.get("status_there", list_import.status_there or ""),
        "tags_of_all": typed.get("tags_of_all", ", ".join(sorted(list_import.tags))),
        "keep_out": bool(typed.get("keep_out")) if typed else list_import.keep_out,
    }


def _field_words(reader_fields: Sequence[ReaderField]) -> dict[str, str]:
    """Return what a column can hold, by name, as the page calls it; behind what every list has, what is asked here."""
    return {**FIELD_WORDS, **{each.form_name: each.label() for each in reader_fields}}


def _found(description: Description, field_names: Iterable[str]) -> dict[str, str]:
    """Return the columns that were found out, as they are chosen on the page: numbers, several joined by `+`."""
    return {each: "+".join(map(str, description.columns.get(each, ()))) or NOT_THERE for each in field_names}


def _choices(fields: Mapping[str, str], description: Description, reader_fields: Sequence[ReaderField]) -> Choices:
    found = _found(description, _field_words(reader_fields))
    chosen = {name: fields.get(name, column) or NOT_THERE for name, column in found.items()}
    # Where the columns could not be found out, all of them have to be said.
    mapped = {each: column for each, column in chosen.items() if description.problem or column != found[each]}
    day, there = day_of(fields.get("consent_date", "")), fields.get("status_there", "")
    vouched = Vouched(
        one_line(fields.get("consent", "")),
        datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None,
        next((each for each in ExternalStatus if each == there), None),
        checked_tags(fields.get("tags_of_all", "")),
    )
    return Choices(mapped, vouched, bool(fields.get("keep_out")))


def _post(step: str, answer: Callable[[DeskRequest], Answer]) -> Route:
    return Route("POST", f"{IMPORT}<id>/{step}", Act.CARRY, answer)


ROUTES = (
    Route("GET", IMPORT, Act.PEOPLE, show),
    Route("POST", IMPORT.rstrip("/"), Act.CARRY, begin),
    Route("GET", f"{IMPORT}<id>/", Act.PEOPLE, show_one),
    _post("read", read),
    _post("check", check),
    _post("run", run),
    _post("stop", stop),
    _post("resume", resume),
)
