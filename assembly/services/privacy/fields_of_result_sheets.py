"""What is kept of result sheets: they name nobody; their versions say which account saved them, and go earlier."""

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
        table_of(SheetEntry),
        marked("Entries of result sheets"),
        kept=(
            Kept(
                ("text",),
                marked("What tables wrote down, without names"),
                marked("It is a part of what the assembly knows."),
                Basis.TASK,
                (Deadline.PROOFS,),
            ),
        ),
        others=frozenset({"id", "sheet_id", "kind"}),
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
                (Deadline.MEMBERS,),
            ),
            Kept(
                ("entries",),
                marked("What stood in a version of a result sheet, also what was taken out later"),
                marked(
                    "To settle what two facilitators wrote at once. Versions with names go when a sheet is published."
                ),
                Basis.TASK,
                (Deadline.MEMBERS,),
            ),
        ),
        others=frozenset({"sheet_id", "number", "saved_at"}),
    ),
)
