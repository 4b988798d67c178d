"""What is kept of experts and of those who ask for them; materials are about nobody."""

from __future__ import annotations

from assembly.models import (
    AssemblyQuestion,
    Expert,
    ExpertInput,
    ExpertPerspective,
    Material,
    MaterialVersion,
    MemberRequest,
    Perspective,
    RequestAnswer,
)
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Deadline, Declared, Kept, by_column, table_of

EXPERTS = (
    Declared(table_of(AssemblyQuestion), marked("Questions"), others=frozenset({"id", "assembly_id", "text"})),
    Declared(
        table_of(Perspective),
        marked("Perspectives that should be heard"),
        others=frozenset({"id", "question_id", "name"}),
    ),
    Declared(
        table_of(Expert),
        marked("Experts"),
        kept=(
            Kept(
                ("name", "role", "affiliation", "interests", "proposed_by", "chosen_by"),
                marked("Name, role, affiliation and declared interests of experts, and who proposed and chose them"),
                marked("To say publicly who was heard and why; those who were not heard are deleted earlier."),
                Basis.TASK,
                (Deadline.PROOFS,),
            ),
            Kept(
                ("gender", "fee"),
                marked("Gender and fee of experts"),
                marked("To see how balanced the inputs are, and to pay. Only organisers read it."),
                Basis.CONSENT,
                (Deadline.MEMBERS,),
            ),
        ),
        others=frozenset({"id", "assembly_id", "state"}),
    ),
    Declared(
        table_of(ExpertPerspective),
        marked("What experts stand for"),
        others=frozenset({"expert_id", "perspective_id"}),
    ),
    Declared(
        table_of(ExpertInput),
        marked("Where experts speak"),
        others=frozenset({"id", "expert_id", "event_id", "item_id", "minutes"}),
    ),
    Declared(
        table_of(MemberRequest),
        marked("What members ask for"),
        kept=(
            Kept(
                ("respondent_id", "kind", "text", "asked_on"),
                marked("What a member asks for: experts to be heard, questions to be answered"),
                marked("To answer it on the member’s own page. Organisers do not see who asked."),
                Basis.CONSENT,
                (Deadline.MEMBERS, Deadline.NOT_DRAWN),
            ),
        ),
        others=frozenset({"id", "assembly_id"}),
        rows=by_column(MemberRequest),
        own=True,
    ),
    Declared(
        table_of(RequestAnswer),
        marked("Answers to what members asked for"),
        others=frozenset(
            {
                *("id", "assembly_id", "request_id", "kind", "wording", "answer", "answered_on"),
                "is_published",
                "published_at",
            }
        ),
    ),
    Declared(
        table_of(Material),
        marked("Materials"),
        others=frozenset(
            {
                *("id", "assembly_id", "event_id", "item_id", "expert_id", "kind", "title", "language", "source"),
                *("licence", "dated_on", "plain_text", "is_to_read_before", "is_public", "is_published"),
                "published_at",
            }
        ),
    ),
    Declared(
        table_of(MaterialVersion),
        marked("Versions of materials"),
        others=frozenset(
            {
                *(
                    "id",
                    "material_id",
                    "number",
                    "added_at",
                    "withdrawn_at",
                    "note",
                    "address",
                    "has_captions",
                    "transcript",
                ),
                *("suffix", "size", "content"),
            }
        ),
    ),
)
