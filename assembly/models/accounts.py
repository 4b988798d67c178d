"""Staff accounts, and what each may do where."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from flask_security import AsaList, RoleMixin, UserMixin
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.assemblies import Assembly
from assembly.models.base import Base, enumeration


class Role(enum.StrEnum):
    """What somebody does; for one assembly, or city-wide."""

    ORGANISER = "organiser"
    CALLER = "caller"
    SUPPORT = "support"
    FACILITATOR = "facilitator"
    WITNESS = "witness"
    AUDITOR = "auditor"
    COUNCIL_OFFICE = "council_office"
    DEPARTMENT = "department"
    SITE_ADMINISTRATOR = "site_administrator"

    @property
    def is_city_wide(self) -> bool:
        """Whether it is held for the whole city, not for one assembly."""
        return self in {Role.COUNCIL_OFFICE, Role.DEPARTMENT, Role.SITE_ADMINISTRATOR}


library_roles = sa.Table(
    "library_role_users",
    Base.metadata,
    sa.Column("user_id", sa.ForeignKey("users.id"), primary_key=True),
    sa.Column("role_id", sa.ForeignKey("library_roles.id"), primary_key=True),
)


class LibraryRole(Base, RoleMixin):
    """Demanded by Flask-Security and always empty: our roles are memberships."""

    __tablename__ = "library_roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)


class User(Base, UserMixin):
    """A staff account. The columns below `name` belong to Flask-Security.

    But `openid_subject` is ours: who somebody is at the city's provider, bound at the first sign-in there.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[dt.datetime]
    name: Mapped[str] = mapped_column(sa.String(200))
    language: Mapped[str] = mapped_column(sa.String(2), default="de")
    invited_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))

    email: Mapped[str] = mapped_column(sa.String(255), unique=True)
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    tf_primary_method: Mapped[str | None] = mapped_column(sa.String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(sa.String(255))
    last_totp_counter: Mapped[int | None]
    openid_subject: Mapped[str | None] = mapped_column(sa.String(512), unique=True)
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    roles: Mapped[list[LibraryRole]] = relationship(secondary=library_roles)  # type: ignore[assignment]  # a list of its own roles

    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user", foreign_keys="Membership.user_id", order_by="Membership.id"
    )


class Membership(Base):
    """A role that an account holds, for one assembly or (without one) city-wide, until it is revoked."""

    __tablename__ = "memberships"
    __table_args__ = (
        sa.CheckConstraint(
            "(assembly_id IS NULL) = (role IN ('council_office', 'department', 'site_administrator'))", name="scope"
        ),
        sa.Index(
            "uq_memberships_current",
            "user_id",
            "assembly_id",
            "role",
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
        sa.Index(
            "uq_memberships_city_wide",  # in the index above, no assembly is unlike any other
            "user_id",
            "role",
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL AND assembly_id IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL AND assembly_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    assembly_id: Mapped[int | None] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    role: Mapped[Role] = mapped_column(enumeration(Role))
    granted_at: Mapped[dt.datetime]
    granted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    revoked_at: Mapped[dt.datetime | None]

    user: Mapped[User] = relationship(back_populates="memberships", foreign_keys=user_id)
    assembly: Mapped[Assembly | None] = relationship()
