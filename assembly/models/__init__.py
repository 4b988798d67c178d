"""Tables and what they mean. They know neither requests nor services."""

from __future__ import annotations

from assembly.models.accounts import LibraryRole, Membership, Role, User
from assembly.models.assemblies import Assembly
from assembly.models.attendance import Attendance, AttendanceRule, AttendanceState
from assembly.models.base import Base
from assembly.models.commitments import Commitment, TicketEntry
from assembly.models.consents import ConsentKind, MemberConsent
from assembly.models.experts import (
    AssemblyQuestion,
    Expert,
    ExpertInput,
    ExpertPerspective,
    ExpertRole,
    ExpertState,
    Gender,
    MemberRequest,
    Perspective,
    RequestAnswer,
    RequestKind,
)
from assembly.models.features import Derivation, Feature, FeatureValue
from assembly.models.feedback import Feedback, FeedbackGiven, FeedbackPublication
from assembly.models.invitations import InvitationRecord, Outreach, OutreachKind
from assembly.models.jobs import Job, JobState, Worker
from assembly.models.logbook import LogEntry
from assembly.models.lotteries import Check, Lottery, LotteryState
from assembly.models.mail import Mail, MailState
from assembly.models.materials import Material, MaterialKind, MaterialVersion
from assembly.models.member_access import AccessKind, MemberAccess, OneTimeCode
from assembly.models.needs import (
    Booking,
    BookingState,
    EventNeed,
    LeadTime,
    NeedKind,
    NeedState,
    Provider,
    SupportNeed,
)
from assembly.models.panel import (
    AttemptOutcome,
    Channel,
    ContactAttempt,
    GuardianConsent,
    Member,
    Panel,
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
from assembly.models.result_sheets import EntryKind, ResultSheet, ResultSheetVersion, SheetEntry

__all__ = [
    "AccessKind",
    "AgendaItem",
    "Assembly",
    "AssemblyQuestion",
    "AttemptOutcome",
    "Attendance",
    "AttendanceRule",
    "AttendanceState",
    "Base",
    "Booking",
    "BookingState",
    "Channel",
    "Check",
    "Commitment",
    "ConsentKind",
    "Contact",
    "ContactAttempt",
    "DailyRun",
    "Derivation",
    "Distinction",
    "EntryKind",
    "Event",
    "EventKind",
    "EventNeed",
    "EventState",
    "Exclusion",
    "Expert",
    "ExpertInput",
    "ExpertPerspective",
    "ExpertRole",
    "ExpertState",
    "Facilitation",
    "Feature",
    "FeatureValue",
    "Feedback",
    "FeedbackGiven",
    "FeedbackPublication",
    "Gender",
    "GuardianConsent",
    "Household",
    "Import",
    "ImportChange",
    "ImportState",
    "InvitationRecord",
    "ItemKind",
    "Job",
    "JobState",
    "LeadTime",
    "LibraryRole",
    "LogEntry",
    "Lottery",
    "LotteryState",
    "Mail",
    "MailState",
    "Material",
    "MaterialKind",
    "MaterialVersion",
    "Member",
    "MemberAccess",
    "MemberConsent",
    "MemberRequest",
    "Membership",
    "Mode",
    "NeedKind",
    "NeedState",
    "Obstacle",
    "OneTimeCode",
    "Openness",
    "Outreach",
    "OutreachKind",
    "Panel",
    "Perspective",
    "Place",
    "Programme",
    "Provider",
    "PublishedHead",
    "Receipt",
    "RequestAnswer",
    "RequestKind",
    "Resemblance",
    "Respondent",
    "RespondentValue",
    "ResultSheet",
    "ResultSheetVersion",
    "Role",
    "Room",
    "SheetEntry",
    "Source",
    "Status",
    "SupportNeed",
    "TicketEntry",
    "User",
    "Worker",
]
