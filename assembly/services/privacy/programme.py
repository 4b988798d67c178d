"""What the programme leaves behind is deleted when the assembly is over: needs, feedback, names, photos."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import (
    Assembly,
    Booking,
    Event,
    Expert,
    ExpertState,
    Feedback,
    ObservationSheet,
    Provider,
    Respondent,
    ResultSheet,
    ResultSheetVersion,
    SiteVisit,
    SupportNeed,
    TablePlan,
    VisitPhoto,
)
from assembly.services.privacy import deadlines
from assembly.services.privacy.declaring import Deadline


def delete_needs(session: Session, assembly: Assembly) -> dict[str, int]:
    """Delete what members needed, and who provided it, once they do not come together any more."""
    if not deadlines.is_due(session, assembly, Deadline.NEEDS):
        return {}
    here = sa.select(Respondent.id).where(Respondent.assembly_id == assembly.id)
    gone = session.scalars(
        sa.delete(SupportNeed).where(SupportNeed.respondent_id.in_(here)).returning(SupportNeed.id)
    ).all()
    events = sa.select(Event.id).where(Event.assembly_id == assembly.id)
    session.execute(sa.delete(Booking).where(Booking.event_id.in_(events)))
    providers = session.scalars(
        sa.delete(Provider).where(Provider.assembly_id == assembly.id).returning(Provider.id)
    ).all()
    counts = {"needs": len(gone), "providers": len(providers)}
    return {kind: count for kind, count in counts.items() if count}


def delete_feedback(session: Session, assembly: Assembly) -> dict[str, int]:
    """Delete what members wrote about events, once the assembly is over; their ratings tell nothing about anybody."""
    if not deadlines.is_due(session, assembly, Deadline.MEMBERS):
        return {}
    here = Feedback.event_id.in_(sa.select(Event.id).where(Event.assembly_id == assembly.id))
    written = sa.or_(Feedback.good != "", Feedback.better != "")
    emptied = session.scalars(
        sa.update(Feedback).where(here, written).values(good="", better="").returning(Feedback.id)
    ).all()
    return {"feedback": len(emptied)} if emptied else {}


def delete_experts(session: Session, assembly: Assembly) -> dict[str, int]:
    """Delete experts who were not heard, and of the others what is not public, once the assembly is over."""
    if not deadlines.is_due(session, assembly, Deadline.MEMBERS):
        return {}
    here, heard = Expert.assembly_id == assembly.id, Expert.state == ExpertState.ACCEPTED
    gone = session.scalars(sa.delete(Expert).where(here, ~heard).returning(Expert.id)).all()
    kept = sa.or_(Expert.gender.is_not(None), Expert.fee.is_not(None))
    emptied = session.scalars(
        sa.update(Expert).where(here, heard, kept).values(gender=None, fee=None).returning(Expert.id)
    ).all()
    counts = {"experts": len(gone) + len(emptied)}
    return {kind: count for kind, count in counts.items() if count}


def delete_visits(session: Session, assembly: Assembly) -> dict[str, int]:
    """Delete a batch of the photos of site visits, then sheets that were never published, and who was to be called."""
    if not deadlines.is_due(session, assembly, Deadline.VISITS):
        return {}
    here = sa.select(Event.id).where(Event.assembly_id == assembly.id)
    sheets = sa.select(ObservationSheet.id).where(ObservationSheet.event_id.in_(here))
    old = session.scalars(sa.select(VisitPhoto.id).where(VisitPhoto.sheet_id.in_(sheets)).limit(deadlines.BATCH)).all()
    if old:
        session.execute(sa.delete(VisitPhoto).where(VisitPhoto.id.in_(old)))
        return {"photos": len(old)}
    drafts = sa.delete(ObservationSheet).where(ObservationSheet.event_id.in_(here), ~ObservationSheet.is_published)
    counts = {"observations": len(session.scalars(drafts.returning(ObservationSheet.id)).all())}
    called = sa.or_(SiteVisit.safety_contact != "", SiteVisit.safety_phone != "")
    session.execute(
        sa.update(SiteVisit)
        .where(SiteVisit.event_id.in_(here), called)
        .values(safety_contact="", safety_phone="")
        .execution_options(synchronize_session=False)
    )
    return {kind: count for kind, count in counts.items() if count}


def delete_table_leads(session: Session, assembly: Assembly) -> dict[str, int]:
    """Delete the names of those who led tables, once the assembly is over."""
    if not deadlines.is_due(session, assembly, Deadline.MEMBERS):
        return {}
    here = TablePlan.event_id.in_(sa.select(Event.id).where(Event.assembly_id == assembly.id))
    named = [plan for plan in session.scalars(sa.select(TablePlan).where(here)) if plan.leads]
    for plan in named:
        plan.leads = []
    return {"table_leads": len(named)} if named else {}


def delete_result_versions(session: Session, assembly: Assembly) -> dict[str, int]:
    """Delete the versions of result sheets, once the assembly is over; what the sheets say in the end stays."""
    if not deadlines.is_due(session, assembly, Deadline.MEMBERS):
        return {}
    here = sa.select(ResultSheet.id).where(ResultSheet.assembly_id == assembly.id)
    gone = sa.delete(ResultSheetVersion).where(ResultSheetVersion.sheet_id.in_(here))
    count = len(session.scalars(gone.returning(ResultSheetVersion.number)).all())
    return {"result_versions": count} if count else {}
