"""The daily job that gives notices about what is owed, assembly by assembly."""

from __future__ import annotations

from assembly.models import Assembly
from assembly.services.daily import NOTICES
from assembly.services.follow_up import notices
from assembly.services.follow_up.notice_mails import Pages
from assembly.services.handlers import Run, handler


@handler(NOTICES, repeatable=True)
def give_notices(run: Run) -> None:
    """Give what is due in all assemblies; what an interrupted run gave is not given again."""
    with run.sessions() as session:
        found = notices.assemblies_to_look_at(session)
    pages = Pages(run.config.public_url)
    run.each(found, lambda session, number: notices.give_due(session, session.get_one(Assembly, number), pages=pages))
    with run.sessions.begin() as session:
        run.finish(session)
