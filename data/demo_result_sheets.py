"""Seeds the result sheets of the demo's first event: two published, one of them for everyone, and a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from assembly.models import Assembly, EntryKind, User
from assembly.services.experts import questions
from assembly.services.programme import events
from assembly.services.result_sheets import writing

SHEETS: Sequence[Mapping[EntryKind, Sequence[str]]] = (
    {
        EntryKind.ARGUMENT_FOR: ["Schatten hilft sofort und allen.", "Bäume kühlen auch nachts."],
        EntryKind.ARGUMENT_AGAINST: ["Bis ein Baum Schatten wirft, vergehen zehn Jahre."],
        EntryKind.OPEN_QUESTION: ["Welche Leitungen liegen unter dem Platz?"],
        EntryKind.DISAGREEMENT: ["Ob Parkplätze dafür wegfallen dürfen."],
        EntryKind.DRAFT_RECOMMENDATION: ["Jede Haltestelle bekommt bis 2030 ein Dach und eine Bank."],
    },
    {
        EntryKind.ARGUMENT_FOR: ["Trinkwasser kostet wenig und rettet Leben."],
        EntryKind.OPEN_QUESTION: ["Wer pflegt die Brunnen im Winter?"],
        EntryKind.DRAFT_RECOMMENDATION: ["Auf jedem Platz steht ein Trinkbrunnen."],
    },
    {EntryKind.ARGUMENT_FOR: ["Weniger Verkehr macht den Platz leiser und kühler."]},
)


def record_sheets(session: Session, assembly: Assembly, title: str, *, by: User) -> None:
    """Write what three tables said at the event with this title."""
    event = next(one for one in events.events_of(session, assembly) if one.title == title)
    item = event.agenda[1]
    question = next(iter(questions.questions_of(session, assembly)), None)
    for table, entries in enumerate(SHEETS, start=1):
        sheet = writing.begin(session, event, item, round_number=1, table_number=table, question=question, by=by)
        writing.save(session, sheet, version=0, texts={}, new=entries, by=by)
        if table < len(SHEETS):
            writing.publish(session, sheet, is_public=table == 1, has_looked=True, by=by)
