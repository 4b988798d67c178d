"""What is kept of recommendations and of what became of them: public texts, and which account wrote them down."""

from __future__ import annotations

from assembly.models import (
    AdoptionCount,
    Case,
    CaseNotice,
    CaseStep,
    EditorialObjection,
    FollowUpContact,
    Handover,
    MinorityView,
    Recommendation,
    RecommendationFile,
    RecommendationVersion,
    case_notice_mails,
    recommendation_sources,
)
from assembly.models.base import Base
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Deadline, Declared, Kept, table_of


def _with_account(model: type[Base], title: str, column: str, label: str, *more: Kept) -> Declared:
    """Declare a table of which one column says which account wrote, and, but for `more`, none anything of people."""
    kept = Kept(
        (column,),
        label,
        marked("Shows who wrote it down, if it is asked."),
        Basis.ACCOUNTABILITY,
        (Deadline.ACCOUNTS,),
    )
    personal = {column, *(name for one in more for name in one.columns)}
    others = frozenset(one.name for one in table_of(model).columns) - personal
    return Declared(table_of(model), title, kept=(kept, *more), others=others)


CASES = (
    Declared(
        table_of(Recommendation),
        marked("Recommendations"),
        others=frozenset(column.name for column in table_of(Recommendation).columns),
    ),
    Declared(
        recommendation_sources,
        marked("Where recommendations come from"),
        others=frozenset({"recommendation_id", "entry_id"}),
    ),
    Declared(
        table_of(RecommendationFile),
        marked("Files of recommendations"),
        kept=(
            Kept(
                ("uploaded_by_id", "file_name", "content"),
                marked("A file of recommendations that was not imported yet, and which account uploaded it"),
                marked("It is looked at before anything of it is imported."),
                Basis.TASK,
                (Deadline.FILES,),
            ),
        ),
        others=frozenset({"id", "assembly_id", "uploaded_at", "counted_on"}),
    ),
    _with_account(
        RecommendationVersion,
        marked("Versions of recommendations"),
        "saved_by_id",
        marked("Number of the account that saved a version"),
    ),
    Declared(
        table_of(EditorialObjection),
        marked("Objections to editorial changes"),
        kept=(
            Kept(
                ("respondent_id", "text"),
                marked("Who objects to an editorial change, and why"),
                marked("The change is talked over with the members who object."),
                Basis.TASK,
                (Deadline.MEMBERS,),
            ),
        ),
        others=frozenset({"id", "recommendation_id", "version", "raised_at"}),
        rows=table_of(EditorialObjection).c.respondent_id.in_,
        own=True,
    ),
    _with_account(
        AdoptionCount,
        marked("Votes on recommendations"),
        "counted_by_id",
        marked("Number of the account that recorded a count"),
    ),
    _with_account(
        MinorityView,
        marked("Minority views"),
        "added_by_id",
        marked("Number of the account that recorded a minority view"),
    ),
    _with_account(
        Handover,
        marked("Handovers"),
        "recorded_by_id",
        marked("Number of the account that recorded a handover"),
        Kept(
            ("received_by",),
            marked("Who received the recommendations"),
            marked("Shows from when on the answers are owed."),
            Basis.TASK,
            (Deadline.PROOFS,),
        ),
    ),
    Declared(
        table_of(Case),
        marked("Cases of the follow-up"),
        others=frozenset(column.name for column in table_of(Case).columns),
    ),
    Declared(
        table_of(CaseNotice),
        marked("Notices about what is owed"),
        others=frozenset(column.name for column in table_of(CaseNotice).columns),
    ),
    Declared(
        case_notice_mails,
        marked("Mails in which notices about what is owed stand"),
        others=frozenset({"mail_id", "notice_id"}),
    ),
    Declared(
        table_of(FollowUpContact),
        marked("Addresses for notices of the follow-up"),
        kept=(
            Kept(
                ("email",),
                marked("E-mail address of the council office, a mayor or a chair"),
                marked("They are told what is due, and what is overdue."),
                Basis.TASK,
                (Deadline.CONTACTS,),
            ),
        ),
        others=frozenset({"id", "assembly_id", "role", "addressee"}),
    ),
    _with_account(
        CaseStep,
        marked("Steps in cases"),
        "recorded_by_id",
        marked("Number of the account that recorded a step"),
        Kept(
            ("facts",),
            marked("What was answered, decided and done, with the name of who signs"),
            marked("Everyone can read what became of a recommendation; names can be taken away by order."),
            Basis.TASK,
            (Deadline.PROOFS,),
        ),
    ),
)
