"""Tables and what they mean. They know neither requests nor services."""

from __future__ import annotations

from assembly.models.accounts import LibraryRole, Membership, Role, User
from assembly.models.assemblies import Assembly
from assembly.models.base import Base
from assembly.models.features import Derivation, Feature, FeatureValue
from assembly.models.invitations import InvitationRecord, Outreach, OutreachKind
from assembly.models.logbook import LogEntry
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
    "Base",
    "Contact",
    "Derivation",
    "Distinction",
    "Exclusion",
    "Feature",
    "FeatureValue",
    "Household",
    "Import",
    "ImportChange",
    "ImportState",
    "InvitationRecord",
    "LibraryRole",
    "LogEntry",
    "Membership",
    "Outreach",
    "OutreachKind",
    "Resemblance",
    "Respondent",
    "RespondentValue",
    "Role",
    "Source",
    "Status",
    "User",
]
