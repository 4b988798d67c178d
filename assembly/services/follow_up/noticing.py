"""The daily job that gives notices about what is owed, assembly by assembly."""

from __future__ import annotations

import logging

from assembly.models import Assembly
from assembly.services.daily import NOTICES
from assembly.services.follow_up import notices
from assembly.services.follow_up.notice_mails import Pages
from assembly.services.handlers import Run, handler, place_of

log = logging.getLogger(__name__)


@handler(NOTICES, repeatable=True)
def give_notices(run: Run) -> None:
    """Give what is due in all assemblies, each in a transaction of its own.

    What an interrupted run gave is not given again. One that fails does not keep the others waiting; the first failure
    fails the job once all are done.
    """
    with run.sessions() as session:
        found = notices.assemblies_to_look_at(session)
    failures = [failure for assembly_id in found if (failure := _failure_of(run, assembly_id)) is not None]
    if failures:
        raise failures[0]
    with run.sessions.begin() as session:
        run.finish(session)


def _failure_of(run: Run, assembly_id: int) -> Exception | None:
    run.go_on()
    try:
        with run.sessions.begin() as session:
            notices.give_due(session, session.get_one(Assembly, assembly_id), pages=Pages(run.config.public_url))
    except Exception as error:
        log.error("Notices of assembly %s failed: %s", assembly_id, place_of(error))  # noqa: TRY400  # a trace may quote data
        return error
    return None
