"""What is kept of result sheets: they name nobody, but their versions say which account saved them."""

from __future__ import annotations

from assembly.models import ResultSheet, ResultSheetVersion, SheetEntry
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Deadline, Declared, Kept, table_of

RESULT_SHEETS = (
    Declared(
        table_of(ResultSheet),
        marked("Result sheets"),
        others=frozenset(
            {
                *("id", "assembly_id", "event_id", "item_id", "question_id", "round", "table_number", "version"),
                *("is_public", "is_published", "changed_at"),
            }
        ),
    ),
    Declared(
        table_of(SheetEntry), marked("Entries of result sheets"), others=frozenset({"id", "sheet_id", "kind", "text"})
    ),
    Declared(
        table_of(ResultSheetVersion),
        marked("Versions of result sheets"),
        kept=(
            Kept(
                ("saved_by_id",),
                marked("Which account saved a version of a result sheet"),
                marked("To settle what two facilitators wrote at once."),
                Basis.ACCOUNTABILITY,
                (Deadline.PROOFS,),
            ),
        ),
        others=frozenset({"sheet_id", "number", "saved_at", "entries"}),
    ),
)
