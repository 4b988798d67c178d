"""Tables and what they mean. They know neither requests nor services."""

from __future__ import annotations

from assembly.models.accounts import LibraryRole, Membership, Role, User
from assembly.models.allowances import (
    AssemblyRates,
    BankAccount,
    Claim,
    ClaimState,
    EventRates,
    PaymentList,
    Presence,
)
from assembly.models.assemblies import Assembly
from assembly.models.base import Base
from assembly.models.commitments import Commitment, TicketEntry
from assembly.models.features import Derivation, Feature, FeatureValue
from assembly.models.invitations import InvitationRecord, Outreach, OutreachKind
from assembly.models.jobs import Job, JobState, Worker
from assembly.models.logbook import LogEntry
from assembly.models.lotteries import Check, Lottery, LotteryState
from assembly.models.mail import Mail, MailState
from assembly.models.member_access import AccessKind, MemberAccess, OneTimeCode
from assembly.models.panel import (
    AttemptOutcome,
    Channel,
    ContactAttempt,
    GuardianConsent,
    Member,
    Panel,
    SupportNeed,
)
from assembly.models.privacy import DailyRun, PublishedHead
from assembly.models.programme import (
    AgendaItem,
    Event,
    EventKind,
    EventState,
    Facilitation,
    ItemKind,
    Mode,
    Openness,
    Place,
    Programme,
    Room,
)
from assembly.models.receipts import Obstacle, Receipt
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
    "AccessKind",
    "AgendaItem",
    "Assembly",
    "AssemblyRates",
    "AttemptOutcome",
    "BankAccount",
    "Base",
    "Channel",
    "Check",
    "Claim",
    "ClaimState",
    "Commitment",
    "Contact",
    "ContactAttempt",
    "DailyRun",
    "Derivation",
    "Distinction",
    "Event",
    "EventKind",
    "EventRates",
    "EventState",
    "Exclusion",
    "Facilitation",
    "Feature",
    "FeatureValue",
    "GuardianConsent",
    "Household",
    "Import",
    "ImportChange",
    "ImportState",
    "InvitationRecord",
    "ItemKind",
    "Job",
    "JobState",
    "LibraryRole",
    "LogEntry",
    "Lottery",
    "LotteryState",
    "Mail",
    "MailState",
    "Member",
    "MemberAccess",
    "Membership",
    "Mode",
    "Obstacle",
    "OneTimeCode",
    "Openness",
    "Outreach",
    "OutreachKind",
    "Panel",
    "PaymentList",
    "Place",
    "Presence",
    "Programme",
    "PublishedHead",
    "Receipt",
    "Resemblance",
    "Respondent",
    "RespondentValue",
    "Role",
    "Room",
    "Source",
    "Status",
    "SupportNeed",
    "TicketEntry",
    "User",
    "Worker",
]
