"""What is kept of the people who registered and of those who were drawn."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from assembly.models import (
    Contact,
    Distinction,
    Household,
    Import,
    ImportChange,
    Mail,
    Respondent,
    RespondentValue,
)
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Deadline, Declared, Kept, by_column, table_of

POOL_AND_PANEL = (Deadline.NOT_DRAWN, Deadline.MEMBERS, Deadline.FOLLOW_UP)


def _is_one_of_two(respondent_ids: Collection[int]) -> sa.ColumnElement[bool]:
    return sa.or_(Distinction.one_id.in_(respondent_ids), Distinction.other_id.in_(respondent_ids))


REGISTRATIONS = (
    Declared(
        table_of(Respondent),
        marked("Registrations"),
        kept=(
            Kept(
                ("code", "erased_code"),
                marked("Code of the registration"),
                marked("Tells people apart without their names, and keeps who was erased from being imported again."),
                Basis.CONSENT,
                POOL_AND_PANEL,
            ),
            Kept(
                ("household_id",),
                marked("Shared household"),
                marked("At most one person of a household is drawn."),
                Basis.CONSENT,
                POOL_AND_PANEL,
            ),
            Kept(
                ("status", "exclusion", "registered_at", "source", "cleared_at"),
                marked("Status, reason for exclusion, day and way of the registration"),
                marked("Shows how many people registered and what became of them; without the code it names nobody."),
                Basis.ACCOUNTABILITY,
                (Deadline.PROOFS,),
            ),
        ),
        others=frozenset({"id", "assembly_id"}),
        rows=by_column(Respondent, "id"),
        emptied=("household_id",),
    ),
    Declared(
        table_of(Contact),
        marked("Contact data"),
        kept=(
            Kept(
                ("first_name", "last_name", "email", "phone", "street", "house_number", "postcode", "city", "language"),
                marked("Name, e-mail address, phone, postal address, language"),
                marked("To write to people and to call them, and to find shared households."),
                Basis.CONSENT,
                POOL_AND_PANEL,
            ),
            Kept(
                ("birth_date",),
                marked("Date of birth"),
                marked("To check the minimum age and to tell the age group."),
                Basis.CONSENT,
                POOL_AND_PANEL,
            ),
            Kept(
                ("search", "email_key", "name_key", "surname_key", "address_key", "sort_key"),
                marked("The same, spelled alike"),
                marked("To search for people, to list them by name, and to find who registered twice."),
                Basis.CONSENT,
                POOL_AND_PANEL,
            ),
        ),
        others=frozenset({"respondent_id"}),
        rows=by_column(Contact),
        own=True,
    ),
    Declared(
        table_of(RespondentValue),
        marked("Features"),
        kept=(
            Kept(
                ("feature_id", "value_id"),
                marked("Value of each feature, such as gender or age group"),
                marked("The lottery makes the panel resemble the population by them."),
                Basis.CONSENT,
                POOL_AND_PANEL,
            ),
        ),
        others=frozenset({"respondent_id"}),
        rows=by_column(RespondentValue),
        own=True,
    ),
    Declared(table_of(Household), marked("Households"), others=frozenset({"id", "assembly_id", "is_confirmed"})),
    Declared(
        table_of(Distinction),
        marked("People told apart"),
        kept=(
            Kept(
                ("kind", "one_id", "other_id"),
                marked("Who is not the same person, or does not live together"),
                marked("So that the same pair is not asked about again."),
                Basis.CONSENT,
                POOL_AND_PANEL,
            ),
        ),
        rows=_is_one_of_two,
        own=True,
    ),
    Declared(
        table_of(ImportChange),
        marked("Changes by imports"),
        kept=(
            Kept(
                ("before",),
                marked("What stood in the fields before an import"),
                marked("So that an import can be undone."),
                Basis.CONSENT,
                POOL_AND_PANEL,
            ),
        ),
        others=frozenset({"id", "import_id", "respondent_id"}),
        rows=by_column(ImportChange),
        own=True,
    ),
    Declared(
        table_of(Import),
        marked("Uploaded files"),
        kept=(
            Kept(
                ("content",),
                marked("Content of an uploaded file"),
                marked("For the preview; deleted as soon as the file is imported or discarded."),
                Basis.CONSENT,
                (Deadline.FILES,),
            ),
            Kept(
                ("file_name", "mapping", "summary"),
                marked("Name of the file, its columns and spellings, counts"),
                marked("To recognise a file, and to undo its import."),
                Basis.TASK,
                (Deadline.NOT_DRAWN,),
            ),
            Kept(
                ("uploaded_by_id",),
                marked("Number of the account that uploaded it"),
                marked("Shows who was responsible."),
                Basis.ACCOUNTABILITY,
                (Deadline.PROOFS,),
            ),
        ),
        others=frozenset({"id", "assembly_id", "state", "uploaded_at", "applied_at"}),
    ),
    Declared(
        table_of(Mail),
        marked("Mails and letters"),
        kept=(
            Kept(
                ("recipient", "address", "subject", "text", "html", "qr", "unsubscribe", "reply"),
                marked("Recipient, content, answer of the mail server"),
                marked("To send it, to print it as a letter, and to see whether it arrived."),
                Basis.CONSENT,
                (Deadline.MAILS, Deadline.NOT_DRAWN, Deadline.MEMBERS),
            ),
            Kept(
                ("template", "language", "state", "created_at", "finished_at"),
                marked("Kind, language, state and time of a mail"),
                marked("Shows that people were told, and when."),
                Basis.ACCOUNTABILITY,
                (Deadline.PROOFS,),
            ),
            Kept(
                ("deed", "respondent_id", "user_id"),
                marked("To whose registration or account a mail belongs"),
                marked("So that nobody gets the same mail twice, and that it goes with the person’s data."),
                Basis.TASK,
                (Deadline.NOT_DRAWN, Deadline.MEMBERS, Deadline.ACCOUNTS),
            ),
        ),
        others=frozenset({"id", "assembly_id", "is_confidential", "due_at", "sending_at", "attempts"}),
        rows=by_column(Mail),
    ),
)
