"""The plan as files: XLSX for staff, and tagged PDF to hang up and to wear: by table, by name, signs, name badges."""

from __future__ import annotations

import dataclasses
import enum
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from babel.dates import format_date
from babel.support import Translations
from sqlalchemy.orm import Session

from assembly.clock import ZONE
from assembly.models import ConsentKind, Event, TablePlan, User
from assembly.services import logbook
from assembly.services.attendance.people import Listed
from assembly.services.errors import marked
from assembly.services.members.consents import who_agreed
from assembly.services.pdfs import PAGE, Data, compiled
from assembly.services.programme.events import subject_of
from assembly.services.tables import plans, seating
from assembly.services.texts import catalogue, locale_of
from sortition.files import write_tables

TEMPLATE = "event_tables/sheets.typ"


class Sheet(enum.StrEnum):
    """What can be printed."""

    BY_TABLE = "by-table"
    BY_NAME = "by-name"
    BADGES = "badges"
    SIGNS = "signs"


TITLES: Mapping[Sheet, str] = {
    Sheet.BY_TABLE: marked("Tables"),
    Sheet.BY_NAME: marked("Tables by name"),
    Sheet.BADGES: marked("Name badges"),
    Sheet.SIGNS: marked("Table signs"),
}


def sheet_pdf(
    session: Session, event: Event, plan: TablePlan, sheet: Sheet, *, may_see_members: bool, language: str
) -> bytes:
    """Return the draft as PDF (A4, PDF/UA-1). Raises ConflictError if there is none."""
    data = sheet_data(session, event, plan, sheet, may_see_members=may_see_members, language=language)
    return compiled(TEMPLATE, data, made_at=event.starts_at)


def sheet_data(
    session: Session, event: Event, plan: TablePlan, sheet: Sheet, *, may_see_members: bool, language: str
) -> Data:
    """Return the words of a sheet.

    It hangs where everybody passes: the last name of somebody who did not agree to its being public is its first
    letter, and is left out on the badge. For staff who do not see the members, it is the number of the seat throughout.
    """
    texts = catalogue(language)
    draft = _draft(session, event)
    agreed = who_agreed(session, event.assembly, ConsentKind.NAME) if may_see_members else None
    seated = {who for of_round in draft.values() for who in of_round}
    shown = {who: one for who, one in seating.people_at(session, event).items() if who in seated}
    day = format_date(event.starts_at.astimezone(ZONE), "long", locale=locale_of(language))
    data: Data = {
        "kind": sheet.value,
        "language": locale_of(language)[:2],
        "author": event.assembly.commissioning_body,
        "title": texts.ugettext(TITLES[sheet]),
        "about": f"{event.title}, {day}",
        "page": texts.ugettext(PAGE) % {"page": "{page}", "pages": "{pages}"},
    }
    if sheet is Sheet.BY_TABLE:
        return data | {"rounds": _rounds(texts, plan, draft, shown, agreed)}
    if sheet is Sheet.SIGNS:
        numbers = sorted({table for of_round in draft.values() for table in of_round.values()})
        return data | {"signs": [_sign(texts, plan, number) for number in numbers]}
    people = [_person(one, draft, agreed) for who, one in shown.items()]
    people.sort(key=lambda one: (one["first"].casefold(), one["last"].casefold()))
    if sheet is Sheet.BADGES:
        return data | {"badges": [one | {"tables": _line(texts, one["tables"])} for one in people]}
    columns = [texts.ugettext(marked("Name")), *_columns(texts, draft)]
    rows = [[_name(one), *("–" if n is None else str(n) for n in one["tables"])] for one in people]
    return data | {"columns": columns, "rows": rows}


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class TableOfRound:
    """A table in a round, as the running order has it; no `names` for staff who do not lead."""

    number: int
    lead: str
    people: int
    names: tuple[str, ...]


def tables_of_items(
    session: Session, event: Event, *, may_lead: bool, may_see_members: bool
) -> dict[int, list[TableOfRound]]:
    """Return the tables as members see them, for each item of the agenda that is a round, by the item's number."""
    plan, places = seating.plan_of(session, event), seating.places_of(session, event, is_draft=False)
    if plan is None or not places:
        return {}
    agreed = who_agreed(session, event.assembly, ConsentKind.NAME) if may_see_members else None
    listed = seating.people_at(session, event) if may_lead else {}
    names = {who: _name(_person(one, places, agreed)) for who, one in listed.items()}
    found = {}
    for number, item in enumerate(plans.rounds_on_agenda(event), start=1):
        seats = places.get(number, {})
        found[item.id] = [
            TableOfRound(
                table,
                lead_of(plan, table),
                people=sum(at == table for at in seats.values()),
                names=tuple(
                    sorted((names[who] for who, at in seats.items() if at == table and who in names), key=str.casefold)
                ),
            )
            for table in sorted(set(seats.values()))
        ]
    return found


def export_xlsx(session: Session, event: Event, plan: TablePlan, *, language: str, by: User) -> bytes:
    """Return the draft as a workbook, and log that it was made. Raises ConflictError if there is no draft."""
    texts, draft = catalogue(language), _draft(session, event)
    header = [texts.ugettext(word) for word in (marked("Last name"), marked("First name"), marked("Seat"))]
    seated = {who for of_round in draft.values() for who in of_round}
    with tempfile.TemporaryDirectory(prefix="assembly-") as folder:
        path = Path(folder) / "tables.xlsx"
        with write_tables(path) as (writer,):
            writer.write([*header, *_columns(texts, draft)])
            for who, one in seating.people_at(session, event).items():
                if who in seated:
                    contact = one.member.respondent.contact
                    names = [contact.last_name or "", contact.first_name or ""] if contact else [one.name, ""]
                    tables = [str(draft[number].get(who, "")) for number in sorted(draft)]
                    writer.write([*names, str(one.number), *tables])
        content = path.read_bytes()
    details = {"tables": plan.tables, "people": len(seated)}
    logbook.record(session, event.assembly, "tables_exported", by=by, subject=subject_of(event), details=details)
    return content


def _draft(session: Session, event: Event) -> dict[int, dict[int, int]]:
    draft = seating.places_of(session, event, is_draft=True)
    if not draft:
        raise plans.no_plan()
    return draft


def _columns(texts: Translations, draft: seating.Places) -> list[str]:
    if len(draft) == 1:
        return [texts.ugettext(marked("Table"))]
    return [texts.ugettext(marked("Table in round %(round)s")) % {"round": number} for number in sorted(draft)]


def short_name(one: Listed) -> str:
    """Return what somebody is called before staff who do not see the members: the first name and the seat's number."""
    return f"{_first_name(one)} ({one.number})"


def _first_name(one: Listed) -> str:
    contact = one.member.respondent.contact
    return (contact.first_name if contact else "") or one.member.respondent.code


def _person(one: Listed, draft: seating.Places, agreed: Collection[int] | None) -> Data:
    """Return what a sheet says of somebody; without `agreed`, no letter of a last name."""
    contact, who = one.member.respondent.contact, one.member.respondent_id
    last = (contact.last_name or "") if contact else ""
    initial = f"{last[:1]}." if last else ""
    return {
        "first": _first_name(one),
        "last": last if agreed and who in agreed else "",
        "initial": f"({one.number})" if agreed is None else initial,
        "tables": [draft[number].get(who) for number in sorted(draft)],
    }


def _name(person: Data) -> str:
    return f"{person['first']} {person['last'] or person['initial']}".strip()


def _line(texts: Translations, tables: Sequence[int | None]) -> str:
    """Return in one line where somebody sits."""
    if len(set(tables)) == 1:
        return _table(texts, tables[0])
    return texts.ugettext(marked("Tables %(tables)s")) % {
        "tables": ", ".join("–" if number is None else str(number) for number in tables)
    }


def _table(texts: Translations, number: int | None) -> str:
    text: str = texts.ugettext(marked("Table %(table)s")) % {"table": number}
    return text


def lead_of(plan: TablePlan, number: int) -> str:
    """Return who leads a table, if anybody was named."""
    return plan.leads[number - 1] if number <= len(plan.leads) else ""


def _sign(texts: Translations, plan: TablePlan, number: int) -> Data:
    return {"title": _table(texts, number), "number": str(number), "lead": _led(texts, plan, number)}


def _led(texts: Translations, plan: TablePlan, number: int) -> str:
    lead = lead_of(plan, number)
    text: str = texts.ugettext(marked("Led by %(name)s")) % {"name": lead} if lead else ""
    return text


def _rounds(
    texts: Translations,
    plan: TablePlan,
    draft: seating.Places,
    shown: Mapping[int, Listed],
    agreed: Collection[int] | None,
) -> list[Data]:
    found = []
    for number in sorted(draft):
        tables = []
        for table in sorted(set(draft[number].values())):
            names = [
                _name(_person(one, draft, agreed)) for who, one in shown.items() if draft[number].get(who) == table
            ]
            tables.append(_sign(texts, plan, table) | {"names": sorted(names, key=str.casefold)})
        title = texts.ugettext(marked("Round %(round)s")) % {"round": number}
        found.append({"title": title if len(draft) > 1 else "", "tables": tables})
    return found
