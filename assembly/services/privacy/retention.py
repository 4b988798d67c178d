"""Deleting on time: in batches, each a transaction with its log entry, so that a death in between loses nothing."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    AnswerFile,
    Assembly,
    Check,
    Commitment,
    ConsentKind,
    DailyRun,
    Deputy,
    DigestStop,
    Feature,
    FeatureValue,
    Import,
    ImportState,
    Job,
    JobState,
    Lottery,
    Mail,
    MailState,
    MemberConsent,
    Membership,
    Receipt,
    RecommendationFile,
    Respondent,
    Status,
    UnitMember,
    User,
)
from assembly.services import logbook, mail, receipts
from assembly.services.allowances import expiry
from assembly.services.barriers import expiry as barriers
from assembly.services.errors import ConflictError, marked
from assembly.services.follow_up import contacts
from assembly.services.handlers import Run, StoppedError, handler, place_of
from assembly.services.privacy import deadlines, erasing, programme
from assembly.services.privacy.deadlines import PERIODS
from assembly.services.privacy.declaring import Deadline

RETENTION = "retention"
"""The kind of the job."""
DELETED = "deleted_on_time"
"""The action in the log."""
MEMBERS = (Status.DRAWN, Status.CONFIRMED)
"""Who is on the panel at the end, and so kept longer than the others."""
_IS_TO_NOBODY = sa.and_(
    Mail.respondent_id.is_(None), Mail.user_id.is_(None), Mail.template.not_in(mail.OFFICE_TEMPLATES)
)
"""Mails whose people were removed with their import."""

_HAS_RECEIPTS = sa.exists().where(Receipt.commitment_id == Commitment.id)

_AGREED_TO_FOLLOW_UP = sa.exists().where(
    MemberConsent.respondent_id == Respondent.id,
    MemberConsent.kind == ConsentKind.FOLLOW_UP,
    MemberConsent.ended_at.is_(None),
    Respondent.status == Status.CONFIRMED,
)

Counts = dict[str, int]
Step = Callable[[Session, Assembly], Counts]
log = logging.getLogger(__name__)


@handler(RETENTION, repeatable=True)
def delete_on_time(run: Run) -> None:
    """Delete everything whose time is over, of all assemblies, and write down how much that was."""
    with run.sessions() as session:
        ids = list(session.scalars(sa.select(Assembly.id).order_by(Assembly.id)))
    chores: list[Callable[[Session], Counts]] = [
        functools.partial(_step, assembly_id=assembly_id, step=step) for assembly_id in ids for step in STEPS
    ]
    chores += [delete_old_account_mails, delete_old_jobs, close_old_accounts, delete_old_barriers]
    done = [_is_done(run, chore) for chore in chores]
    with run.sessions.begin() as session:
        erasing.ask_to_clear_copies(session)
        if all(done):
            run.finish(session)
    if not all(done):
        raise ConflictError(marked("Not everything whose time is over could be deleted. It is tried again in an hour."))


def _is_done(run: Run, chore: Callable[[Session], Counts]) -> bool:
    """Do a chore, and tell whether it succeeded; one that fails holds up no other."""
    try:
        _repeat(run, chore)
    except StoppedError:
        raise
    except Exception as error:
        log.error("Deleting on time failed: %s", place_of(error))  # noqa: TRY400  # a traceback may hold personal data
        return False
    return True


def _repeat(run: Run, batch: Callable[[Session], Counts]) -> None:
    """Delete batch by batch until nothing is left that is due."""
    while True:
        run.go_on()
        with run.sessions.begin() as session:
            counts = batch(session)
            if counts:
                _add_to_day(session, counts)
        if not counts:
            return


def _step(session: Session, *, assembly_id: int, step: Step) -> Counts:
    assembly = session.get_one(Assembly, assembly_id)
    counts = step(session, assembly)
    if counts:
        logbook.record(session, assembly, DELETED, by=None, details=counts)
    return counts


def _add_to_day(session: Session, counts: Counts) -> None:
    """Count over the day, whose row is there since the job was asked for."""
    newest = session.scalar(sa.select(DailyRun).order_by(DailyRun.day.desc()).limit(1).with_for_update())
    if newest is not None:
        known = newest.deleted
        newest.deleted = known | {kind: known.get(kind, 0) + count for kind, count in counts.items()}
    log.info("Deleted on time: %s", ", ".join(f"{count} {kind}" for kind, count in counts.items()))


def delete_files(session: Session, assembly: Assembly) -> Counts:
    """Delete files that were uploaded but never imported, and what is left of imports that were taken back."""
    old = session.scalars(
        sa.select(Import)
        .where(
            Import.assembly_id == assembly.id,
            Import.state != ImportState.APPLIED,
            Import.file_name != erasing.UNNAMED,
            Import.uploaded_at < now() - PERIODS[Deadline.FILES],
        )
        .limit(deadlines.BATCH)
        .with_for_update()
    ).all()
    for import_ in old:
        if import_.state is ImportState.UPLOADED:
            import_.state = ImportState.DISCARDED
        _empty(import_)
    recommendations = sa.delete(RecommendationFile).where(
        RecommendationFile.assembly_id == assembly.id,
        RecommendationFile.uploaded_at < now() - PERIODS[Deadline.FILES],
    )
    answers = sa.delete(AnswerFile).where(
        AnswerFile.assembly_id == assembly.id, AnswerFile.uploaded_at < now() - PERIODS[Deadline.FILES]
    )
    count = len(old) + len(session.scalars(recommendations.returning(RecommendationFile.id)).all())
    count += len(session.scalars(answers.returning(AnswerFile.id)).all())
    return {"files": count} if count else {}


def delete_documents(session: Session, assembly: Assembly) -> Counts:
    """Delete what the pool was drawn by, once nobody else can be drawn from it."""
    if not deadlines.is_due(session, assembly, Deadline.NOT_DRAWN):
        return {}
    here = Commitment.assembly_id == assembly.id
    if (sent := session.scalars(sa.select(Commitment).where(here, _HAS_RECEIPTS).limit(1)).first()) is not None:
        return {"receipts": receipts.forget(session, sent)}  # the others in transactions of their own
    audits = session.scalars(sa.select(Commitment.id).where(here, Commitment.audit_document.is_not(None))).all()
    session.execute(sa.update(Commitment).where(Commitment.id.in_(audits)).values(audit_document=None))
    made = (Lottery.assembly_id == assembly.id, Lottery.document.is_not(None))
    lotteries = session.scalars(sa.select(Lottery.id).where(*made)).all()
    session.execute(sa.update(Lottery).where(Lottery.id.in_(lotteries)).values(document=None))
    session.execute(sa.update(Lottery).where(Lottery.assembly_id == assembly.id).values(vacated=None))
    checks = session.scalars(sa.delete(Check).where(Check.assembly_id == assembly.id).returning(Check.id)).all()
    imports = session.scalars(
        sa.select(Import).where(Import.assembly_id == assembly.id, Import.file_name != erasing.UNNAMED)
    ).all()
    for import_ in imports:
        if import_.state is ImportState.UPLOADED:
            import_.state = ImportState.DISCARDED
        _empty(import_)
    session.execute(sa.update(Mail).where(Mail.assembly_id == assembly.id, _IS_TO_NOBODY).values(deed=None))
    _forget_spellings(session, assembly)
    counts = {
        "audit_documents": len(audits),
        "lottery_documents": len(lotteries),
        "checks": len(checks),
        "files": len(imports),
    }
    return {kind: count for kind, count in counts.items() if count}


def _empty(import_: Import) -> None:
    import_.content, import_.mapping, import_.file_name = b"", {}, erasing.UNNAMED
    import_.summary = {name: value for name, value in import_.summary.items() if name != "learned"}


def _forget_spellings(session: Session, assembly: Assembly) -> None:
    for value in session.scalars(sa.select(FeatureValue).join(Feature).where(Feature.assembly_id == assembly.id)):
        value.spellings = []


def delete_not_drawn(session: Session, assembly: Assembly) -> Counts:
    """Clear a batch of those who are not on the panel, once nobody else can be drawn.

    Former members to whom something is still to be paid wait as long as those on the panel.
    """
    if not deadlines.is_due(session, assembly, Deadline.NOT_DRAWN):
        return {}
    who = sa.and_(Respondent.status.not_in(MEMBERS), ~expiry.is_owed())
    return _clear(session, assembly, who, "people_not_drawn")


def delete_members(session: Session, assembly: Assembly) -> Counts:
    """Clear a batch of the members, once the assembly is over; then the results of the draw name nobody any more.

    Whoever agreed to be written to for the follow-up stays until that is over, or until they agree no longer.
    """
    if not deadlines.is_due(session, assembly, Deadline.MEMBERS):
        return {}
    named = session.scalars(
        sa.select(Commitment).where(Commitment.assembly_id == assembly.id, Commitment.result.is_not(None))
    ).all()
    for commitment in named:
        if commitment.result is not None:
            commitment.result = erasing.without_members(commitment.result)
    who = sa.or_(Respondent.status.in_(MEMBERS), expiry.is_owed())
    if not deadlines.is_due(session, assembly, Deadline.FOLLOW_UP):
        who = sa.and_(who, ~_AGREED_TO_FOLLOW_UP)
    return _clear(session, assembly, who, "members")


def _clear(session: Session, assembly: Assembly, who: sa.ColumnElement[bool], kind: str) -> Counts:
    """Clear people in a batch; whoever is being written to at this moment waits until tomorrow."""
    is_written_to = sa.exists().where(Mail.respondent_id == Respondent.id, Mail.state == MailState.SENDING)
    found = session.scalars(
        sa.select(Respondent.id)
        .where(Respondent.assembly_id == assembly.id, Respondent.cleared_at.is_(None), who, ~is_written_to)
        .order_by(Respondent.id)
        .limit(deadlines.BATCH)
    ).all()
    if not found:
        return {}
    erasing.clear(session, found)
    session.execute(
        sa.update(Respondent)
        .where(Respondent.id.in_(found))
        .values(code=sa.literal("cleared-") + sa.cast(Respondent.id, sa.String), cleared_at=now(), erased_code=None)
        .execution_options(synchronize_session=False)
    )
    return {kind: len(found)}


def delete_mails(session: Session, assembly: Assembly) -> Counts:
    """Delete a batch of the content of an assembly's mails that were sent long ago, or are to nobody any more."""
    here = Mail.assembly_id == assembly.id
    removed = mail.take_back(session, sa.and_(here, _IS_TO_NOBODY))
    return {"mails": removed} if removed else _delete_mails(session, here)


def delete_contacts(session: Session, assembly: Assembly) -> Counts:
    """Delete to whom notices of the follow-up go, once nothing is owed any more."""
    if not deadlines.is_due(session, assembly, Deadline.CONTACTS):
        return {}
    deleted = contacts.delete_all(session, assembly)
    return {"contacts": deleted} if deleted else {}


def delete_old_account_mails(session: Session) -> Counts:
    """Delete a batch of the content of mails to staff that belong to no assembly."""
    return _delete_mails(session, Mail.assembly_id.is_(None))


def _delete_mails(session: Session, which: sa.ColumnElement[bool]) -> Counts:
    before = now() - PERIODS[Deadline.MAILS]
    deleted = mail.delete_old(session, which, finished_before=before, most=deadlines.BATCH)
    return {"mails": deleted} if deleted else {}


def delete_old_jobs(session: Session) -> Counts:
    """Delete a batch of jobs that ended long ago; what they made stays."""
    ended = [state for state in JobState if not state.is_active]
    old = session.scalars(
        sa.select(Job.id)
        .where(Job.state.in_(ended), Job.finished_at < now() - PERIODS[Deadline.JOBS])
        .order_by(Job.id)
        .limit(deadlines.BATCH)
    ).all()
    for model in (Lottery, Check):
        session.execute(sa.update(model).where(model.job_id.in_(old)).values(job_id=None))
    session.execute(sa.delete(Job).where(Job.id.in_(old)))
    return {"jobs": len(old)} if old else {}


def close_old_accounts(session: Session) -> Counts:
    """Close a batch of accounts without a role since long; their numbers stay in the log."""
    before = now() - PERIODS[Deadline.ACCOUNTS]
    roles = sa.select(Membership.id).where(
        Membership.user_id == User.id, sa.or_(Membership.revoked_at.is_(None), Membership.revoked_at >= before)
    )
    old = session.scalars(
        sa.select(User)
        .where(User.name != "", User.created_at < before, ~roles.exists())
        .order_by(User.id)
        .limit(deadlines.BATCH)
    ).all()
    for user in old:
        _close(session, user)
    return {"accounts": len(old)} if old else {}


def delete_old_barriers(session: Session) -> Counts:
    """Close a batch of reported barriers that were answered long ago, and erase one of those whose time is over."""
    barriers.close_answered(session)
    erased = barriers.erase_closed(session) + barriers.dismiss_unanswered(session)
    return {"barriers": erased} if erased else {}


def _close(session: Session, user: User) -> None:
    mail.erase(session, Mail.user_id == user.id)
    session.execute(sa.delete(DigestStop).where(DigestStop.user_id == user.id))
    session.execute(sa.delete(UnitMember).where(UnitMember.user_id == user.id))
    session.execute(sa.delete(Deputy).where(sa.or_(Deputy.user_id == user.id, Deputy.deputy_id == user.id)))
    user.name, user.email, user.active = "", f"closed-{user.id}@invalid", False
    user.password = user.tf_primary_method = user.tf_totp_secret = None
    user.mf_recovery_codes = user.last_totp_counter = user.openid_subject = None
    user.fs_uniquifier = f"closed-{user.id}"


STEPS: Collection[Step] = (
    delete_files,
    delete_documents,
    delete_not_drawn,
    programme.delete_needs,
    expiry.delete_bank_data,
    expiry.delete_claim_receipts,
    expiry.delete_claims,
    programme.delete_feedback,
    programme.delete_experts,
    programme.delete_visits,
    programme.delete_table_leads,
    programme.delete_result_versions,
    delete_members,
    delete_mails,
    delete_contacts,
)
"""Of each assembly, in this order."""
