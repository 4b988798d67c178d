"""What is kept of lotteries, of staff, and of what was done."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from assembly.models import (
    Assembly,
    Check,
    Commitment,
    DailyRun,
    Feature,
    FeatureValue,
    InvitationRecord,
    Job,
    LibraryRole,
    LogEntry,
    Lottery,
    Membership,
    Outreach,
    PublishedHead,
    Receipt,
    TicketEntry,
    User,
    Worker,
)
from assembly.models.accounts import library_roles
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Deadline, Declared, Kept, by_column, table_of

PROOF = (Deadline.PROOFS,)
RESPONSIBLE = marked("Number of the account that did it")
SHOWS_WHO = marked("Shows who was responsible.")


def _is_in_the_log(respondent_ids: Collection[int]) -> sa.ColumnElement[bool]:
    return LogEntry.subject.in_([f"respondent:{one}" for one in respondent_ids])


def _responsible(*columns: str) -> Kept:
    return Kept(columns, RESPONSIBLE, SHOWS_WHO, Basis.ACCOUNTABILITY, PROOF)


LOTTERIES = (
    Declared(
        table_of(Check),
        marked("Checks of the quotas"),
        kept=(
            Kept(
                ("report",),
                marked("Report about the pool"),
                marked("Shows what stands in the way of a panel; small groups may be single people."),
                Basis.TASK,
                (Deadline.NOT_DRAWN,),
            ),
            _responsible("started_by_id"),
        ),
        others=frozenset({"id", "assembly_id", "job_id", "started_at", "one_per_household", "inputs"}),
    ),
    Declared(
        table_of(Lottery),
        marked("Lotteries"),
        kept=(
            Kept(
                ("document",),
                marked("The computed lottery, with a row for everybody in the pool"),
                marked("Is committed and drawn from, and proves that no fairer lottery exists."),
                Basis.TASK,
                (Deadline.NOT_DRAWN,),
            ),
            Kept(
                ("vacated",),
                marked("Codes of the members whose seats a replacement fills"),
                marked("To give their seats to others."),
                Basis.TASK,
                (Deadline.NOT_DRAWN,),
            ),
            _responsible("started_by_id"),
        ),
        others=frozenset(
            {
                *(
                    "id",
                    "assembly_id",
                    "replaces_id",
                    "job_id",
                    "state",
                    "is_rehearsal",
                    "one_per_household",
                    "started_at",
                ),
                *("solved_at", "inputs", "summary", "reason"),
            }
        ),
    ),
    Declared(
        table_of(Commitment),
        marked("Commitments"),
        kept=(
            Kept(
                ("audit_document",),
                marked("Audit document: rows, secrets and tickets"),
                marked("Lets a notary check the lottery; receipts are made from it."),
                Basis.TASK,
                (Deadline.NOT_DRAWN,),
            ),
            Kept(
                ("result",),
                marked("Result of the draw, with the codes of the members"),
                marked("Says who was drawn."),
                Basis.TASK,
                (Deadline.MEMBERS,),
            ),
            _responsible("committed_by_id"),
        ),
        others=frozenset(
            {
                *("id", "assembly_id", "lottery_id", "hash", "committed_at", "moment", "place", "rule", "make_up"),
                *("registrations", "voided_at", "void_reason", "drawn_at", "ticket", "drawn_value", "public_document"),
            }
        ),
    ),
    Declared(
        table_of(Receipt),
        marked("Receipts"),
        kept=(
            Kept(
                ("code", "leaf", "tickets", "document"),
                marked("The receipt, its short code, the tickets of the person"),
                marked("Shows a person before the draw that they are in the lottery, and with which chance."),
                Basis.TASK,
                (Deadline.NOT_DRAWN,),
            ),
            Kept(
                ("obstacle", "mail_id"),
                marked("By which mail it was sent, or why it was not"),
                marked("Shows who could not be reached."),
                Basis.TASK,
                (Deadline.NOT_DRAWN,),
            ),
        ),
        others=frozenset({"id", "commitment_id", "respondent_id"}),
        rows=by_column(Receipt),
        own=True,
    ),
    Declared(
        table_of(TicketEntry),
        marked("Entries of the drawn number"),
        kept=(_responsible("entered_by_id"),),
        others=frozenset({"id", "commitment_id", "value", "entered_at", "is_void"}),
    ),
)

WORK = (
    Declared(
        table_of(User),
        marked("Accounts of staff"),
        kept=(
            Kept(
                ("name", "email", "language"),
                marked("Name, e-mail address and language"),
                marked("To sign in, to be written to, and to be named to colleagues."),
                Basis.TASK,
                (Deadline.ACCOUNTS,),
            ),
            Kept(
                (
                    *("password", "fs_uniquifier", "tf_primary_method", "tf_totp_secret", "mf_recovery_codes"),
                    *("openid_subject", "last_totp_counter", "active"),
                ),
                marked("Password (as a hash), second factor, session key, number at the city’s sign-in"),
                marked("Keeps others out of the account."),
                Basis.TASK,
                (Deadline.ACCOUNTS,),
            ),
            Kept(
                ("created_at", "invited_by_id"),
                marked("Since when there is the account, and who invited it"),
                marked("Proves that the two who enter the drawn number do not depend on each other."),
                Basis.ACCOUNTABILITY,
                PROOF,
            ),
        ),
        others=frozenset({"id"}),
    ),
    Declared(
        table_of(Membership),
        marked("Roles of staff"),
        kept=(
            Kept(
                ("user_id", "role", "granted_at", "granted_by_id", "revoked_at"),
                marked("Role of an account, from when to when, given by whom"),
                marked("Says what each account may do, and could do at the time of a deed."),
                Basis.ACCOUNTABILITY,
                PROOF,
            ),
        ),
        others=frozenset({"id", "assembly_id"}),
    ),
    Declared(
        table_of(LogEntry),
        marked("Log"),
        kept=(
            Kept(
                ("actor_id", "action", "subject", "details", "at"),
                marked("What was done with a registration, when, and by which account"),
                marked("Shows that nothing was done in secret. It holds numbers and names of fields, never contents."),
                Basis.ACCOUNTABILITY,
                PROOF,
            ),
        ),
        others=frozenset({"id", "assembly_id", "number", "previous", "digest"}),
        rows=_is_in_the_log,
    ),
    Declared(
        table_of(Job),
        marked("Long computations and imports"),
        kept=(
            Kept(
                ("by_id", "payload", "error", "error_values"),
                marked("Who started a job, on what, and why it failed"),
                marked("To do it, and to say what came of it."),
                Basis.TASK,
                (Deadline.JOBS,),
            ),
        ),
        others=frozenset(
            {
                *("id", "kind", "assembly_id", "state", "unique_key", "created_at", "started_at", "heartbeat_at"),
                *("finished_at", "progress", "cancel_requested", "attempts"),
            }
        ),
    ),
    Declared(
        table_of(Assembly),
        marked("Assemblies"),
        kept=(
            Kept(
                ("contact",),
                marked("Contact of the office"),
                marked("Says whom people can ask; it is published."),
                Basis.TASK,
                PROOF,
            ),
        ),
        others=frozenset(
            {
                *("id", "created_at", "slug", "title", "question", "mandate", "commissioning_body", "panel_size"),
                *("minimum_age", "reference_date", "languages", "is_public", "predecessor_id", "political_process"),
                *("decider", "open_points", "settled_points", "result_date", "decision_date", "budget_date"),
            }
        ),
    ),
    Declared(
        table_of(FeatureValue),
        marked("Values of the features"),
        kept=(
            Kept(
                ("spellings",),
                marked("Other spellings of a value, as they stood in files"),
                marked("To understand the next file without asking again."),
                Basis.TASK,
                (Deadline.NOT_DRAWN,),
            ),
        ),
        others=frozenset(
            {"id", "feature_id", "position", "name", "share", "lower", "upper", "lower_flex", "upper_flex"}
        ),
    ),
    Declared(
        table_of(Feature),
        marked("Features"),
        others=frozenset(
            {
                *("id", "assembly_id", "position", "name", "is_voluntary", "is_special_category", "consent"),
                *("derived_from", "rules"),
            }
        ),
    ),
    Declared(
        table_of(InvitationRecord),
        marked("Invitation"),
        others=frozenset(
            {
                *("assembly_id", "register_office", "legal_basis", "sampling_method", "invited_on"),
                *("registration_until", "letters_sent", "undeliverable", "reminders"),
            }
        ),
    ),
    Declared(
        table_of(Outreach),
        marked("Outreach"),
        others=frozenset(
            {"id", "record_id", "kind", "held_on", "languages", "people_reached", "registrations", "note"}
        ),
    ),
    Declared(table_of(Worker), marked("Workers"), others=frozenset({"id", "started_at", "heartbeat_at"})),
    Declared(table_of(LibraryRole), marked("Roles of the library"), others=frozenset({"id", "name"})),
    Declared(library_roles, marked("Roles of the library"), others=frozenset({"user_id", "role_id"})),
    Declared(table_of(DailyRun), marked("Daily work"), others=frozenset({"day", "asked_at", "deleted"})),
    Declared(
        table_of(PublishedHead),
        marked("Published fingerprints of the log"),
        others=frozenset({"assembly_id", "day", "published_at", "entries", "head"}),
    ),
)
