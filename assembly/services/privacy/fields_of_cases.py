"""What is kept of recommendations and of what became of them: public texts, and which account wrote them down."""

from __future__ import annotations

from assembly.models import (
    AdoptionCount,
    AnswerFile,
    Case,
    CaseNotice,
    CaseStep,
    ContributingUnit,
    Deputy,
    DigestStop,
    Draft,
    DraftNote,
    DraftVersion,
    EditorialObjection,
    FollowUpContact,
    GroupElection,
    GroupProposal,
    GroupSeat,
    GroupVote,
    Handover,
    InternalDeadline,
    MinorityView,
    Recommendation,
    RecommendationFile,
    RecommendationRedaction,
    RecommendationVersion,
    Subscription,
    Unit,
    UnitMember,
    case_notice_mails,
    recommendation_sources,
)
from assembly.models.base import Base
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Deadline, Declared, Kept, by_column, table_of


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
    Declared(
        table_of(AnswerFile),
        marked("Files with answers"),
        kept=(
            Kept(
                ("uploaded_by_id", "file_name", "content"),
                marked("A file with answers that was not taken over yet, and which account uploaded it"),
                marked("It is looked at before anything of it is taken over."),
                Basis.TASK,
                (Deadline.FILES,),
            ),
        ),
        others=frozenset({"id", "assembly_id", "uploaded_at", "publishes"}),
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
        RecommendationRedaction,
        marked("Redactions of recommendations"),
        "redacted_by_id",
        marked("Number of the account that redacted a recommendation"),
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
    _with_account(
        GroupElection,
        marked("Elections of the follow-up group"),
        "recorded_by_id",
        marked("Number of the account that recorded an election"),
    ),
    Declared(
        table_of(GroupSeat),
        marked("Who is in the follow-up group"),
        kept=(
            Kept(
                ("respondent_id", "left_at"),
                marked("Who was elected to the follow-up group, and until when"),
                marked("The group replies for the members, and asks for better answers."),
                Basis.CONSENT,
                (Deadline.FOLLOW_UP,),
            ),
        ),
        others=frozenset({"election_id"}),
        rows=by_column(GroupSeat),
        own=True,
    ),
    Declared(
        table_of(GroupProposal),
        marked("Proposals of the follow-up group"),
        others=frozenset(column.name for column in table_of(GroupProposal).columns),
    ),
    Declared(
        table_of(GroupVote),
        marked("Votes in the follow-up group"),
        kept=(
            Kept(
                ("respondent_id", "choice", "cast_at"),
                marked("How a member of the group votes, until the vote is over"),
                marked("The group speaks only when more than half of it agrees."),
                Basis.CONSENT,
                (Deadline.FOLLOW_UP,),
            ),
        ),
        others=frozenset({"proposal_id"}),
        rows=by_column(GroupVote),
        own=True,
    ),
    Declared(
        table_of(Subscription),
        marked("Subscriptions by mail to the follow-up"),
        kept=(
            Kept(
                ("email", "language", "assembly_id", "recommendation", "theme", "is_overdue"),
                marked("Which address wants to be written to about what"),
                marked("So that everybody who wants to learns what becomes of the recommendations."),
                Basis.CONSENT,
                (Deadline.SUBSCRIPTIONS,),
            ),
        ),
        others=frozenset({"id", "key", "asked_at", "confirmed_at", "told_at"}),
    ),
    *(
        Declared(table_of(model), title, others=frozenset(column.name for column in table_of(model).columns))
        for model, title in (
            (Unit, marked("Departments")),
            (ContributingUnit, marked("Departments that contribute to cases")),
            (InternalDeadline, marked("Internal dates of cases")),
        )
    ),
    Declared(
        table_of(UnitMember),
        marked("Who works in which department"),
        kept=(
            Kept(
                ("user_id",),
                marked("Number of an account that works in a department"),
                marked("Says which cases the account sees and works on."),
                Basis.TASK,
                (Deadline.ACCOUNTS,),
            ),
        ),
        others=frozenset({"unit_id"}),
    ),
    Declared(
        table_of(Draft),
        marked("Drafts of steps in cases"),
        kept=(
            Kept(
                ("submitted_by_id",),
                marked("Number of the account that submitted a draft"),
                marked("Somebody else has to approve it."),
                Basis.ACCOUNTABILITY,
                (Deadline.ACCOUNTS,),
            ),
        ),
        others=frozenset({"id", "case_id", "move", "state", "step"}),
    ),
    _with_account(
        DraftVersion,
        marked("Versions of drafts"),
        "saved_by_id",
        marked("Number of the account that saved a version"),
        Kept(
            ("facts",),
            marked("What was drafted, with the name of who would sign"),
            marked("Several people work on an answer before it is public."),
            Basis.TASK,
            (Deadline.PROOFS,),
        ),
    ),
    _with_account(
        DraftNote,
        marked("Comments and sign-offs of drafts"),
        "written_by_id",
        marked("Number of the account that commented or signed off"),
        Kept(
            ("text",),
            marked("Comments on drafts"),
            marked("Several people work on an answer before it is public."),
            Basis.TASK,
            (Deadline.PROOFS,),
        ),
    ),
    Declared(
        table_of(Deputy),
        marked("Deputies in departments"),
        kept=(
            Kept(
                ("user_id", "deputy_id", "first_day", "last_day"),
                marked("Which account stands in for which, and when"),
                marked("Answers are ready in time also when somebody is away."),
                Basis.TASK,
                (Deadline.ACCOUNTS,),
            ),
        ),
        others=frozenset({"id"}),
    ),
    Declared(
        table_of(DigestStop),
        marked("Who wants no weekly mail"),
        kept=(
            Kept(
                ("user_id",),
                marked("Number of an account that wants no weekly mail"),
                marked("Nobody is written to who does not want it."),
                Basis.TASK,
                (Deadline.ACCOUNTS,),
            ),
        ),
    ),
)
