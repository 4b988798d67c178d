"""Tables and what they mean. They know neither requests nor services."""

from __future__ import annotations

from assembly.models.accounts import LibraryRole, Membership, Role, User
from assembly.models.assemblies import Assembly
from assembly.models.base import Base
from assembly.models.commitments import Commitment, TicketEntry
from assembly.models.features import Derivation, Feature, FeatureValue
from assembly.models.invitations import InvitationRecord, Outreach, OutreachKind
from assembly.models.jobs import Job, JobState, Worker
from assembly.models.logbook import LogEntry
from assembly.models.lotteries import Check, Lottery, LotteryState
from assembly.models.mail import Mail, MailState
from assembly.models.panel import (
    AttemptOutcome,
    Channel,
    ContactAttempt,
    GuardianConsent,
    Member,
    Panel,
    SupportNeed,
)
from assembly.models.respondents import (
    Contact,
    Distinction,
    Exclusion,
    Household,
    Import,
    ImportChange,
    ImportState,
    Resemblance,
    Respondent,
    RespondentValue,
    Source,
    Status,
)

__all__ = [
    "Assembly",
    "AttemptOutcome",
    "Base",
    "Channel",
    "Check",
    "Commitment",
    "Contact",
    "ContactAttempt",
    "Derivation",
    "Distinction",
    "Exclusion",
    "Feature",
    "FeatureValue",
    "GuardianConsent",
    "Household",
    "Import",
    "ImportChange",
    "ImportState",
    "InvitationRecord",
    "Job",
    "JobState",
    "LibraryRole",
    "LogEntry",
    "Lottery",
    "LotteryState",
    "Mail",
    "MailState",
    "Member",
    "Membership",
    "Outreach",
    "OutreachKind",
    "Panel",
    "Resemblance",
    "Respondent",
    "RespondentValue",
    "Role",
    "Source",
    "Status",
    "SupportNeed",
    "TicketEntry",
    "User",
    "Worker",
]
