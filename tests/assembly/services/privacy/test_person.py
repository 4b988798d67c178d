"""A person's file holds every row that is declared as theirs, and nobody else's data."""

from __future__ import annotations

import io
import json
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import LogEntry, Respondent
from assembly.services.privacy import person
from assembly.services.privacy.fields import TABLES
from tests.assembly.services.privacy.conftest import CODE, ROW, VALUES, Traces

HEADER = ["Part", "No.", "What", "Stored as", "Content", "What for", "Kept until"]


def data_of(traces: Traces, **more: Any) -> dict[str, Any]:
    with traces.hall.sessions() as session:
        return person.person_data(session, traces.person(session), **more)


def tables_with_rows(session: Session, respondent: Respondent) -> set[str]:
    """Return the declared tables in which something is about a person; found without the code under test."""
    found = {"imports", "lotteries", "commitments"}
    for declared in TABLES:
        if (
            declared.rows is not None
            and session.execute(
                sa.select(sa.func.count()).select_from(declared.table).where(declared.rows([respondent.id]))
            ).scalar()
        ):
            found.add(declared.table.name)
    return found


def test_every_declared_table_with_rows_of_the_person_is_in_the_file(traces: Traces) -> None:
    with traces.hall.sessions() as session:
        expected = tables_with_rows(session, traces.person(session))
    parts = {part["table"]: part for part in data_of(traces)["parts"]}
    assert set(parts) == expected
    assert expected >= {"contacts", "respondent_values", "import_changes", "distinctions", "mails", "log_entries"}
    assert {row["value_id"] for row in parts["respondent_values"]["rows"]} == {"weiblich"}
    templates = [row["template"] for row in parts["mails"]["rows"]]
    assert templates.count("receipt") == 3
    actions = {row["action"] for row in parts["log_entries"]["rows"]}
    assert actions == {"status_changed", "household_confirmed"}
    audit = parts["commitments"]["rows"][-1]["audit_document"]
    assert audit["row"]["id"] == CODE
    assert len(audit["secret"]) == 64
    assert audit["tickets"]


def test_everything_that_only_they_have_is_in_it_and_nobody_else_is(traces: Traces) -> None:
    text = json.dumps(data_of(traces), ensure_ascii=False)
    assert [value for value in VALUES if value not in text] == []
    assert '"K3"' not in text


def test_each_field_says_what_for_and_until_when(traces: Traces) -> None:
    for part in data_of(traces)["parts"]:
        for field in part["fields"]:
            assert field["purpose"]
            assert field["legal_basis"] in {"consent", "task", "accountability"}
    contact = next(part for part in data_of(traces)["parts"] if part["table"] == "contacts")
    assert {field["kept_until"] for field in contact["fields"]} != {None}


def test_what_is_withheld_is_named(traces: Traces) -> None:
    found = data_of(traces, without=["mails"])
    assert found["left_out"] == ["mails"]
    assert "mails" not in {part["table"] for part in found["parts"]}


@pytest.mark.parametrize("kind", ["json", "xlsx"])
def test_the_file_is_made_and_logged(traces: Traces, kind: person.Kind) -> None:
    with traces.hall.sessions.begin() as session:
        respondent = traces.person(session)
        respondent.contact.first_name = "=1+1"  # type: ignore[union-attr]  # there is one
        by = traces.hall.organiser(session)
        content = person.export_person(session, respondent, kind=kind, words=str, header=HEADER, by=by)
        entry = session.query(LogEntry).order_by(LogEntry.id.desc()).first()
        assert entry
        assert (entry.action, entry.subject) == ("person_exported", f"respondent:{respondent.id}")
        assert entry.details == {"kind": kind}
    if kind == "json":
        assert json.loads(content)["code"] == CODE
        return
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == tuple(HEADER)
    names = [row[4] for row in rows if row[3] == "contacts.first_name"]
    assert names
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert ROW["Nachname"] in {row[4] for row in rows}


def test_of_an_erased_person_only_the_row_and_the_log_are_left(traces: Traces) -> None:
    with traces.hall.sessions() as session:
        respondent_id = traces.person(session).id
    traces.erase()
    with traces.hall.sessions() as session:
        data = person.person_data(session, session.get_one(Respondent, respondent_id))
    assert {part["table"] for part in data["parts"]} == {"respondents", "log_entries"}
    assert CODE not in str(data)
