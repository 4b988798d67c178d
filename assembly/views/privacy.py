"""Personal data: why each field is kept and until when, what was deleted, and a person's data as a file."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from assembly.extensions import db
from assembly.services import invitation_records, logbook
from assembly.services.authorisation import can_audit, can_manage, can_pay, can_see_needs
from assembly.services.privacy import person
from assembly.services.privacy.deadlines import schedule_of
from assembly.services.privacy.fields import TABLES
from assembly.services.privacy.retention import DELETED
from assembly.views import privacy_texts
from assembly.views.guard import account, allows, load_assembly, load_respondent

blueprint = Blueprint("privacy", __name__, url_prefix="/assemblies/<int:assembly_id>/privacy")

SECRET = {"support_needs": can_see_needs, "event_needs": can_see_needs, "bank_accounts": can_pay}
"""Tables that only those may read who need them."""
MEDIA_TYPES = {
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@blueprint.get("")
def show(assembly_id: int) -> ResponseReturnValue:
    """Show what is stored of people, what for, and when it is deleted."""
    assembly = load_assembly(assembly_id, may=can_audit)
    schedule = schedule_of(db.session, assembly)
    return render_template(
        "privacy/show.html",
        assembly=assembly,
        schedule=schedule,
        legal_basis=invitation_records.record_of(db.session, assembly).legal_basis,
        deadlines=privacy_texts.deadline_rows(TABLES, schedule),
        parts=[
            (declared.table.name, gettext(declared.title), privacy_texts.field_rows(declared, schedule))
            for declared in TABLES
            if declared.kept
        ],
        without=sorted({gettext(declared.title) for declared in TABLES if not declared.kept}),
        deletions=privacy_texts.deletion_rows(logbook.entries_with(db.session, assembly, DELETED)),
    )


@blueprint.post("/people/<int:respondent_id>/<any(json, xlsx):kind>")
def export(assembly_id: int, respondent_id: int, kind: person.Kind) -> ResponseReturnValue:
    """Hand over everything that is stored about a person, for them."""
    respondent = load_respondent(assembly_id, respondent_id, may=can_manage)
    content = person.export_person(
        db.session,
        respondent,
        kind=kind,
        words=gettext,
        header=[str(text) for text in privacy_texts.HEADER],
        without=[table for table, may in SECRET.items() if not allows(respondent.assembly, may)],
        by=account(),
    )
    db.session.commit()
    headers = {"Content-Disposition": f'attachment; filename="{respondent.id}.{kind}"'}
    return Response(content, mimetype=MEDIA_TYPES[kind], headers=headers)
