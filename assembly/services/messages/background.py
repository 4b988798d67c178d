"""What the worker does about messages: reminders once an hour, changes at once."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Protocol

from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.config import Config
from assembly.models import Assembly, Job
from assembly.services import jobs
from assembly.services.handlers import Run, handler
from assembly.services.messages import reminders, telling
from assembly.services.messages.noting import TELL

REMIND = "reminders"
"""The kind of the job that writes reminders."""
EVERY = dt.timedelta(hours=1)
MEMBERS_PAGE = "/m/"
"""Where members' pages are; a test holds it against the address that the pages have."""


class Duty(Protocol):
    """What is written to the members of an assembly, each time it is asked for as much as is due."""

    def __call__(self, session: Session, assembly: Assembly, /, *, page: str, has_gateway: bool) -> int:
        """Write it; return how many messages."""


def ask_if_due(session: Session) -> None:
    """Ask for the reminders, once an hour however many workers ask."""
    last = jobs.last_job(session, REMIND)
    if last is None or last.created_at <= now() - EVERY:
        jobs.enqueue(session, REMIND, {}, unique_key=REMIND)


@handler(REMIND, repeatable=True)
def remind(run: Run) -> None:
    """Write the reminders of all assemblies, and what nobody told of changes, one assembly after another.

    What an interrupted run wrote is not written again.
    """
    with run.sessions() as session:
        ids = sorted({*telling.assemblies_to_tell(session), *reminders.assemblies_with_events(session)})
    run.each(ids, *(functools.partial(_do, duty, run.config) for duty in (telling.tell, reminders.write_due)))
    with run.sessions.begin() as session:
        run.finish(session)


def _do(duty: Duty, config: Config, session: Session, assembly_id: int) -> None:
    duty(session, session.get_one(Assembly, assembly_id), page=page_of(config), has_gateway=_has_gateway(config))


@handler(TELL, repeatable=True)
def tell(run: Run) -> None:
    """Write to the members of an assembly about what has changed."""
    with run.sessions.begin() as session:
        assembly = session.get_one(Assembly, session.get_one(Job, run.job_id).assembly_id)
        telling.tell(session, assembly, page=page_of(run.config), has_gateway=_has_gateway(run.config))
        run.finish(session)


def page_of(config: Config) -> str:
    """Return the address of members' pages."""
    return config.public_url + MEMBERS_PAGE


def _has_gateway(config: Config) -> bool:
    return config.sms_gateway is not None
