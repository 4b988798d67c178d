"""Tables and what they mean. They know neither requests nor services."""

from __future__ import annotations

from assembly.models.accounts import LibraryRole, Membership, Role, User
from assembly.models.assemblies import Assembly
from assembly.models.base import Base
from assembly.models.logbook import LogEntry

__all__ = ["Assembly", "Base", "LibraryRole", "LogEntry", "Membership", "Role", "User"]
