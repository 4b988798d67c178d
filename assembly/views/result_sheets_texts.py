"""Result sheets and what is known in words: kinds of entries, sources."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from assembly.models import EntryKind
from assembly.services.knowledge.searching import Source

ENTRY_KINDS = {
    EntryKind.ARGUMENT_FOR: _l("Arguments for"),
    EntryKind.ARGUMENT_AGAINST: _l("Arguments against"),
    EntryKind.OPEN_QUESTION: _l("Open questions"),
    EntryKind.DISAGREEMENT: _l("Where we disagree"),
    EntryKind.DRAFT_RECOMMENDATION: _l("Drafts of recommendations"),
}
SOURCES = {
    Source.INPUT: _l("Expert input"),
    Source.MATERIAL: _l("Material"),
    Source.VISIT: _l("Seen on a site visit"),
    Source.SHEET: _l("Result sheet"),
    Source.ANSWER: _l("Answered question"),
}
