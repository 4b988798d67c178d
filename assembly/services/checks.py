"""Whether the quotas can be met with the pool, computed as a job; and taking over a change that it proposes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Check, User
from assembly.services import features, instances, jobs
from assembly.services.children import run_in_child
from assembly.services.errors import ConflictError, NotFoundError, marked
from assembly.services.handlers import Run, handler
from assembly.services.lotteries import MEMORY_BYTES
from assembly.services.solving import check_in_child


def start_check(session: Session, assembly: Assembly, *, one_per_household: bool = True, by: User) -> Check:
    """Start a check; while one is running, that one is returned. Raises RuleError if pool or quotas are not ready."""
    running = last_check(session, assembly)
    if running is not None and running.report is None and jobs.active(running.job) is not None:
        return running
    instance = instances.instance_of(session, assembly, one_per_household=one_per_household)
    check = Check(
        assembly_id=assembly.id,
        started_at=now(),
        started_by_id=by.id,
        one_per_household=one_per_household,
        inputs=instances.fingerprint(instance),
    )
    session.add(check)
    session.flush()
    key = f"check:{assembly.id}"
    check.job = jobs.enqueue(session, "check", {"check": check.id}, assembly=assembly, unique_key=key, by=by)
    return check


def last_check(session: Session, assembly: Assembly) -> Check | None:
    """Return the newest check of an assembly."""
    return session.scalar(sa.select(Check).where(Check.assembly_id == assembly.id).order_by(Check.id.desc()).limit(1))


def apply_relaxation(session: Session, assembly: Assembly, number: int, *, reason: str, by: User) -> int:
    """Take over a proposed change of quotas, each logged with the reason; return how many quotas that were.

    Raises ConflictError if the check is out of date, NotFoundError if it proposed no such change.
    """
    check = last_check(session, assembly)
    if check is None or check.report is None or number >= len(check.report["relaxations"]):
        raise NotFoundError
    if instances.is_out_of_date(session, assembly, check):
        raise ConflictError(marked("Pool or quotas have changed since the check. Check again first."))
    values = {
        (feature.name, value.name): value
        for feature in features.features_of(session, assembly)
        for value in feature.values
    }
    changes = check.report["relaxations"][number]["changes"]
    for change in changes:
        value = values.get((change["feature"], change["value"]))
        if value is None:
            raise ConflictError(marked("A quota of people who stated nothing cannot be changed here."))
        bounds = {"lower": value.lower, "upper": value.upper} | {change["side"]: change["new"]}
        features.set_quota(session, assembly, value, **bounds, reason=reason, by=by)
    return len(changes)


@handler("check", repeatable=True)
def compute(run: Run) -> None:
    """Check in a child process, and keep the report with the end of the job in one transaction."""
    with run.sessions() as session:
        check = session.get_one(Check, run.payload["check"])
        assembly = session.get_one(Assembly, check.assembly_id)
        instance = instances.instance_of(session, assembly, one_per_household=check.one_per_household)
        inputs = instances.fingerprint(instance)
    report = run_in_child(
        check_in_child, (instance,), on_progress=run.report, cancelled=run.cancelled, memory_bytes=MEMORY_BYTES
    )
    with run.sessions.begin() as session:
        check = session.get_one(Check, run.payload["check"])
        check.report, check.inputs = report, inputs
        run.finish(session)
