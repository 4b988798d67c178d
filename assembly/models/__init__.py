"""Tables and what they mean. They know neither requests nor services."""

from __future__ import annotations

from assembly.models.accounts import LibraryRole, Membership, Role, User
from assembly.models.assemblies import Assembly
from assembly.models.base import Base
from assembly.models.jobs import Job, JobState, Worker
from assembly.models.logbook import LogEntry
from assembly.models.mail import Mail, MailState

__all__ = [
    "Assembly",
    "Base",
    "Job",
    "JobState",
    "LibraryRole",
    "LogEntry",
    "Mail",
    "MailState",
    "Membership",
    "Role",
    "User",
    "Worker",
]
