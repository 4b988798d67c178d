"""What the worker does about cases: on its day, a postponed recommendation is under review again."""

from __future__ import annotations

from assembly.models import Assembly
from assembly.services.daily import TAKE_UP
from assembly.services.follow_up import cases
from assembly.services.handlers import Run, handler


@handler(TAKE_UP, repeatable=True)
def take_up(run: Run) -> None:
    """Take up what was postponed, one assembly after another; what an interrupted run took up stays so."""
    with run.sessions() as session:
        ids = cases.assemblies_with_postponed(session)
    for assembly_id in ids:
        run.go_on()
        with run.sessions.begin() as session:
            cases.resume_due(session, session.get_one(Assembly, assembly_id))
    with run.sessions.begin() as session:
        run.finish(session)
