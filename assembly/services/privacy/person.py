"""Everything that is stored about one person, as a file for them (Art. 15 and 20 GDPR).

The declaration of the fields says where to look: what is declared cannot be forgotten here.
"""

from __future__ import annotations

import base64
import datetime as dt
import enum
import json
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from assembly.clock import now
from assembly.models import (
    BankAccount,
    Claim,
    ClaimReceipt,
    Commitment,
    ConsentKind,
    Feature,
    FeatureValue,
    Import,
    ImportState,
    LogEntry,
    Lottery,
    MemberConsent,
    ObservationSheet,
    Respondent,
    RespondentValue,
    Status,
    User,
    VisitPhoto,
)
from assembly.services import logbook
from assembly.services.allowances import expiry
from assembly.services.errors import ConflictError, marked
from assembly.services.imports.reading import unpack
from assembly.services.privacy.deadlines import Schedule, schedule_of
from assembly.services.privacy.declaring import Deadline, Declared
from assembly.services.privacy.fields import TABLES
from assembly.services.respondents import subject_of
from assembly.services.sealing import Purpose, unseal
from sortition.files import write_tables
from sortition.files.folding import fold
from sortition.protocol.documents import parse_audit, parse_drawn

FORMAT = "assembly-person/1"
TOGETHER = ("household_confirmed", "household_split", "duplicate_decided", "different_people_decided")
"""What is done with several people at once, whose numbers stand in the details."""
LONGEST_CELL = 30_000
"""Characters; Excel takes 32,767, so that longer texts go on in the next line."""
UNREADABLE = marked("This cannot be opened any more, because the key of the application is another one than then.")
"""Instead of what is stored encrypted: the rest is handed out all the same."""
MEMBERS = (Status.DRAWN, Status.CONFIRMED)

Kind = Literal["json", "xlsx"]
Words = Callable[[str], str]
"""Translates a sentence of the declaration."""
Row = Mapping[str, Any]


def export_person(
    session: Session,
    respondent: Respondent,
    *,
    kind: Kind,
    words: Words,
    header: Collection[str],
    without: Collection[str] = (),
    by: User | None,
) -> bytes:
    """Return a person's data as a file, and log that it was made.

    Without `by`, they took it themselves. `header` names the columns of the table: part, entry, what it is, where it is
    stored, content, purpose, kept until. `without` are tables that the account may not read; the file says that they
    are left out.
    """
    content = person_data(session, respondent, words=words, without=without)
    logbook.record(
        session, respondent.assembly, "person_exported", by=by, subject=subject_of(respondent), details={"kind": kind}
    )
    if kind == "json":
        return json.dumps(content, ensure_ascii=False, indent=2).encode()
    with tempfile.TemporaryDirectory(prefix="assembly-") as folder:
        path = Path(folder) / "person.xlsx"
        with write_tables(path) as (writer,):
            writer.write(list(header))
            for row in _flat(content):
                writer.write(row)
        return path.read_bytes()


def person_data(
    session: Session, respondent: Respondent, *, words: Words = str, without: Collection[str] = ()
) -> dict[str, Any]:
    """Return all that is stored about a person, by tables, with purpose and deletion date of each field."""
    assembly, schedule = respondent.assembly, schedule_of(session, respondent.assembly)
    owed = session.scalar(sa.select(Respondent.id).where(Respondent.id == respondent.id, expiry.is_owed()))
    consent = session.get(MemberConsent, (respondent.id, ConsentKind.FOLLOW_UP))
    agrees = consent is not None and consent.ended_at is None
    parts = []
    for declared in TABLES:
        if declared.table.name in without:
            continue
        rows = [
            {name: words(UNREADABLE) if value == UNREADABLE else value for name, value in row.items()}
            for row in _rows_of(session, declared, respondent)
        ]
        if rows:
            fields = [
                {
                    "columns": list(kept.columns),
                    "name": words(kept.label),
                    "purpose": words(kept.purpose),
                    "legal_basis": kept.basis.value,
                    "kept_until": _date(
                        deletion_of(kept.until, schedule, respondent, is_owed=owed is not None, agrees=agrees)
                    ),
                }
                for kept in declared.kept
            ]
            parts.append({"table": declared.table.name, "name": words(declared.title), "fields": fields, "rows": rows})
    return {
        "format": FORMAT,
        "made_at": now().isoformat(timespec="seconds"),
        "assembly": assembly.title,
        "commissioned_by": assembly.commissioning_body,
        "contact": assembly.contact,
        "code": respondent.code,
        "parts": parts,
        "left_out": sorted(without),
    }


def deletion_of(
    until: Collection[Deadline], schedule: Schedule, respondent: Respondent, *, is_owed: bool, agrees: bool
) -> dt.datetime | None:
    """Return when a field of a person is deleted, as far as the assembly's dates say so: the clock that is theirs.

    `agrees`: they are kept for the follow-up.
    """
    kept = Deadline.FOLLOW_UP if agrees else Deadline.MEMBERS
    theirs = kept if respondent.status in MEMBERS or is_owed else Deadline.NOT_DRAWN
    return next((schedule.due[which] for which in (Deadline.NEEDS, Deadline.VISITS, theirs) if which in until), None)


def _rows_of(session: Session, declared: Declared, respondent: Respondent) -> list[Row]:
    reader = READERS.get(declared.table.name)
    if reader is not None:
        return reader(session, respondent)
    if declared.rows is None:
        return []
    columns = [declared.table.c[name] for name in declared.columns]
    found = session.execute(
        sa.select(*columns).where(declared.rows([respondent.id])).order_by(*declared.table.primary_key)
    )
    return [{name: _plain(value) for name, value in row._mapping.items()} for row in found]  # noqa: SLF001  # public


def _values(session: Session, respondent: Respondent) -> list[Row]:
    found = session.execute(
        sa.select(Feature.name, FeatureValue.name)
        .select_from(RespondentValue)
        .join(Feature, Feature.id == RespondentValue.feature_id)
        .outerjoin(FeatureValue, FeatureValue.id == RespondentValue.value_id)
        .where(RespondentValue.respondent_id == respondent.id)
        .order_by(Feature.position, Feature.id)
    )
    return [{"feature_id": feature, "value_id": value} for feature, value in found]


def _uploads(session: Session, respondent: Respondent) -> list[Row]:
    """Return the person's rows in files that are uploaded but not imported yet: code or e-mail address, and surname.

    Either alone could be somebody else's: a code may be a mere number, and couples share mailboxes.
    """
    contact = respondent.contact
    if contact is None or not contact.last_name:
        return []
    marks, surname = {fold(respondent.code), fold(contact.email)} - {""}, fold(contact.last_name)
    uploaded = session.scalars(
        sa.select(Import).where(Import.assembly_id == respondent.assembly_id, Import.state == ImportState.UPLOADED)
    )
    rows: list[Row] = []
    for upload in uploaded:
        table = unpack(upload.content)
        rows += [
            {"file_name": upload.file_name, "content": dict(zip(table.header, row.cells, strict=False))}
            for row in table.rows
            if not marks.isdisjoint(cells := {fold(cell) for cell in row.cells}) and surname in cells
        ]
    return rows


def _lotteries(session: Session, respondent: Respondent) -> list[Row]:
    rows: list[Row] = []
    for lottery in session.scalars(
        sa.select(Lottery).where(Lottery.assembly_id == respondent.assembly_id, Lottery.document.is_not(None))
    ):
        entries = json.loads(lottery.document or b"{}").get("entries", ())
        rows += [{"document": {"lottery": lottery.id} | entry} for entry in entries if entry["id"] == respondent.code]
    return rows


def _commitments(session: Session, respondent: Respondent) -> list[Row]:
    rows: list[Row] = []
    for made in session.scalars(
        sa.select(Commitment).where(Commitment.assembly_id == respondent.assembly_id).order_by(Commitment.id)
    ):
        row: dict[str, Any] = {}
        if made.audit_document is not None:
            row |= _audit_row(made.audit_document, respondent.code)
        if made.result is not None and respondent.code in parse_drawn(made.result, name="drawn.json")["members"]:
            row["result"] = {"member": respondent.code, "ticket": made.ticket}
        if row:
            rows.append({"commitment": made.hash} | row)
    return rows


def _audit_row(content: bytes, code: str) -> dict[str, Any]:
    audit = parse_audit(content, name="audit.json")
    for position, entry in enumerate(audit["entries"]):
        if entry["row"] is not None and entry["row"]["id"] == code:
            on = [number for number, seats in enumerate(audit["tickets"]) if position in seats]
            return {"audit_document": {"row": entry["row"], "secret": entry["secret"], "tickets": on}}
    return {}


def _log(session: Session, respondent: Respondent) -> list[Row]:
    """Return what the log says about a person, by themselves or together with others.

    Numbers of people who were removed are given again, so only what came after the last removal is theirs.
    """
    subject = subject_of(respondent)
    entries = list(
        session.scalars(
            sa.select(LogEntry)
            .where(
                LogEntry.assembly_id == respondent.assembly_id,
                sa.or_(LogEntry.subject == subject, LogEntry.action.in_(TOGETHER)),
            )
            .order_by(LogEntry.number)
        )
    )
    removed = max(
        (one.number for one in entries if (one.subject, one.action) == (subject, "registration_removed")), default=0
    )
    return [
        {"at": _plain(one.at), "action": one.action, "subject": one.subject, "details": one.details}
        for one in entries
        if one.number > removed and (one.subject == subject or _names(one.details, respondent.id))
    ]


def _photos(session: Session, respondent: Respondent) -> list[Row]:
    """Return what is said about the photos that a person took; the pictures themselves stand on their page."""
    taken = sa.select(VisitPhoto).join(VisitPhoto.sheet).where(ObservationSheet.respondent_id == respondent.id)
    return [
        {name: _plain(getattr(photo, name)) for name in ("alt_text", "width", "height", "added_at", "agreed_at")}
        for photo in session.scalars(taken.order_by(VisitPhoto.id))
    ]


def _bank_account(session: Session, respondent: Respondent) -> list[Row]:
    account = session.get(BankAccount, respondent.id)
    if account is None:
        return []
    opened = _opened(session, account.sealed, Purpose.BANK_ACCOUNT)
    content = UNREADABLE if opened is None else json.loads(opened)
    return [{"sealed": content, "changed_at": _plain(account.changed_at)}]


def _claim_receipts(session: Session, respondent: Respondent) -> list[Row]:
    """Return which receipts there are, and what they show as base64, as files in JSON are written."""
    found = sa.select(ClaimReceipt).join(Claim).where(Claim.respondent_id == respondent.id)
    rows: list[Row] = []
    for one in session.scalars(found.options(undefer(ClaimReceipt.sealed)).order_by(ClaimReceipt.id)):
        opened = _opened(session, one.sealed, Purpose.CLAIM_RECEIPT)
        content = UNREADABLE if opened is None else base64.b64encode(opened).decode()
        rows.append({"suffix": one.suffix, "size": one.size, "added_at": _plain(one.added_at), "sealed": content})
    return rows


def _opened(session: Session, sealed: bytes | str, purpose: Purpose) -> bytes | None:
    try:
        return unseal(session, sealed, purpose)
    except ConflictError:
        return None


def _names(details: Row, respondent_id: int) -> bool:
    return details.get("other") == respondent_id or respondent_id in details.get("respondents", ())


READERS: Mapping[str, Callable[[Session, Respondent], list[Row]]] = {
    "bank_accounts": _bank_account,
    "claim_receipts": _claim_receipts,
    "respondent_values": _values,
    "imports": _uploads,
    "lotteries": _lotteries,
    "commitments": _commitments,
    "log_entries": _log,
    "visit_photos": _photos,
}
"""Where a row's columns alone would say nothing, or a person stands inside a document."""


def _flat(content: Mapping[str, Any]) -> list[list[str]]:
    """Return one line per field: part, entry, what it is, where it is stored, content, purpose, kept until."""
    lines = []
    for part in content["parts"]:
        about = {column: field for field in part["fields"] for column in field["columns"]}
        for number, row in enumerate(part["rows"], start=1):
            for column, value in row.items():
                if value in (None, "", [], {}):
                    continue
                field = about.get(column, {})
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                start = [part["name"], str(number), field.get("name", ""), f"{part['table']}.{column}"]
                end = [field.get("purpose", ""), field.get("kept_until") or ""]
                lines += [[*start, text[at : at + LONGEST_CELL], *end] for at in range(0, len(text), LONGEST_CELL)]
    return lines


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    return value.isoformat() if isinstance(value, dt.date) else value


def _date(moment: dt.datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None
