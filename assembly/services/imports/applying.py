"""Writing an import into the pool, in batches and in one transaction, and taking it out again."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    Assembly,
    Contact,
    Exclusion,
    FeatureValue,
    Household,
    Import,
    ImportChange,
    LogEntry,
    Respondent,
    RespondentValue,
    Source,
    Status,
    User,
)
from assembly.services import acknowledgements, households, logbook
from assembly.services.batches import batches
from assembly.services.contacts import CONTACT_FIELDS, contact_keys
from assembly.services.derived import ABSENT, replace_values
from assembly.services.imports.columns import meaning_of_feature
from assembly.services.imports.comparison import Change, Comparison
from assembly.services.imports.rows import Interpretation
from assembly.services.imports.spellings import Certainty
from assembly.services.respondents import exclude

Progress = Callable[[int, int], None]
"""Is told, after each batch, how many rows of how many are written."""
_BLANK = {name: None if name == "birth_date" else "" for name in CONTACT_FIELDS}


def write_changes(
    session: Session,
    assembly: Assembly,
    import_: Import,
    comparison: Comparison,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write the changes with what is needed to undo them, and return their counts by kind and by field."""
    changing = [c for c in (*comparison.completing, *comparison.conflicting) if c.contact or c.values]
    total, done = len(comparison.adding) + len(changing), 0
    for batch in itertools.chain(batches(comparison.adding), batches(changing)):
        if batch[0].stored is None:
            _add(session, assembly, import_, batch)
        else:
            _update(session, import_, batch)
        done += len(batch)
        if progress is not None:
            progress(done, total)
    _plan_anew(session)
    fields = Counter(itertools.chain.from_iterable((*c.contact, *map(meaning_of_feature, c.values)) for c in changing))
    session.expire_all()
    return {"added": len(comparison.adding), "updated": len(changing), "fields": dict(sorted(fields.items()))}


def _plan_anew(session: Session) -> None:
    """Let PostgreSQL look at how many there are now: for minutes it would plan as if the tables were still empty.

    Its plan for the pool's list then goes through everybody for each page; and a search would, too, as long as the new
    people wait before the index of what is searched for. SQLite plans by its indexes alone.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SELECT gin_clean_pending_list('ix_contacts_search_parts')"))
        session.execute(sa.text("ANALYZE respondents, contacts, respondent_values"))


def exclude_too_young(session: Session, import_: Import, comparison: Comparison) -> int:
    """Exclude the new people who are below the minimum age, and return how many they are."""
    codes = [change.draft.code for change in comparison.adding if change.is_too_young]
    for batch in batches(codes):
        statement = sa.select(Respondent).where(
            Respondent.assembly_id == import_.assembly_id, Respondent.code.in_(batch)
        )
        for respondent in session.scalars(statement).all():
            exclude(session, respondent, Exclusion.TOO_YOUNG, by=None)
    return len(codes)


def learn_spellings(session: Session, read: Interpretation) -> dict[str, list[str]]:
    """Keep the spellings that were decided, so that the next file needs no decision; return what was learned."""
    learned: dict[str, list[str]] = {}
    for feature_id, texts in read.met.items():
        for text in texts:
            meaning = read.spellings[feature_id].meaning(text)
            if meaning.certainty is Certainty.DECIDED and meaning.value_id is not None:
                learned.setdefault(str(meaning.value_id), []).append(text)
    for value_id, spellings in learned.items():
        value = session.get_one(FeatureValue, int(value_id))
        value.spellings = [*value.spellings, *(text for text in spellings if text not in value.spellings)]
    return learned


def take_back(session: Session, assembly: Assembly, import_: Import, *, by: User) -> None:
    """Restore what was before an import: remove who was added, and give the others their fields back."""
    changes = session.execute(
        sa.select(ImportChange.respondent_id, ImportChange.before).where(ImportChange.import_id == import_.id)
    ).all()
    _remove(session, assembly, [one for one, before in changes if not before], by=by)
    for batch in batches([(one, before) for one, before in changes if before]):
        _restore(session, batch)
    session.execute(sa.delete(ImportChange).where(ImportChange.import_id == import_.id))
    for value_id, learned in import_.summary.get("learned", {}).items():
        value = session.get(FeatureValue, int(value_id))
        if value is not None:
            value.spellings = [text for text in value.spellings if text not in learned]
    session.flush()
    session.expire_all()
    households.find_households(session, assembly)
    for household in session.scalars(sa.select(Household).where(Household.id.in_(import_.summary["unconfirmed"]))):
        household.is_confirmed = True


def _add(session: Session, assembly: Assembly, import_: Import, batch: Sequence[Change]) -> None:
    moment, language = now(), (assembly.languages or ["de"])[0]
    added = session.execute(
        sa.insert(Respondent).returning(Respondent.code, Respondent.id),
        [
            {
                "assembly_id": assembly.id,
                "code": change.draft.code,
                "status": Status.REGISTERED,
                "registered_at": change.draft.registered_at or moment,
                "source": Source.FILE,
            }
            for change in batch
        ],
    )
    ids = {row.code: row.id for row in added}
    contacts = [_BLANK | {"language": language} | change.contact for change in batch]
    session.execute(
        sa.insert(Contact).execution_options(render_nulls=True),
        [
            {"respondent_id": ids[change.draft.code], **contact, **change.keys}
            for change, contact in zip(batch, contacts, strict=True)
        ],
    )
    values = [
        {"respondent_id": ids[change.draft.code], "feature_id": feature, "value_id": value}
        for change in batch
        for feature, value in change.values.items()
    ]
    if values:
        session.execute(sa.insert(RespondentValue).execution_options(render_nulls=True), values)
    session.execute(
        sa.insert(ImportChange), [{"import_id": import_.id, "respondent_id": one, "before": {}} for one in ids.values()]
    )


def _update(session: Session, import_: Import, batch: Sequence[Change]) -> None:
    contacts: list[dict[str, Any]] = []
    values: list[tuple[int, int, int | None]] = []
    changes: list[dict[str, Any]] = []
    for change in batch:
        stored = change.stored
        if stored is None:
            continue
        before = {
            "contact": {name: _plain(stored.contact[name]) for name in change.contact},
            "values": {str(feature): stored.values.get(feature, ABSENT) for feature in change.values},
        }
        changes.append({"import_id": import_.id, "respondent_id": stored.id, "before": before})
        values.extend((stored.id, feature, value) for feature, value in change.values.items())
        if change.contact:
            contacts.append(_contact_row(stored.id, change.draft.code, stored.contact | change.contact))
    if contacts:
        session.execute(sa.update(Contact), contacts)
    replace_values(session, values)
    session.execute(sa.insert(ImportChange), changes)


def _restore(session: Session, batch: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    people = dict(batch)
    present = session.execute(
        sa.select(Contact.respondent_id, Respondent.code, *(getattr(Contact, name) for name in CONTACT_FIELDS))
        .join(Contact.respondent)
        .where(Contact.respondent_id.in_(people))
    )
    contacts = []
    for row in present:
        contact = row._asdict()
        one, code = contact.pop("respondent_id"), contact.pop("code")
        old = people[one]["contact"]
        contacts.append(_contact_row(one, code, contact | {name: _restored(name, text) for name, text in old.items()}))
    if contacts:
        session.execute(sa.update(Contact), contacts)
    replace_values(
        session,
        ((one, int(feature), value) for one, before in batch for feature, value in before["values"].items()),
    )


def _remove(session: Session, assembly: Assembly, ids: Sequence[int], *, by: User) -> None:
    """Remove people who were added; whose number is in the log gets an end there, since numbers are given again."""
    acknowledgements.take_back(session, ids)
    for batch in batches(ids):
        subjects = [f"respondent:{one}" for one in batch]
        known = session.scalars(
            sa.select(LogEntry.subject)
            .where(LogEntry.assembly_id == assembly.id, LogEntry.subject.in_(subjects))
            .distinct()
        ).all()
        for subject in sorted(known):
            logbook.record(session, assembly, "registration_removed", by=by, subject=subject)
        session.execute(
            sa.delete(Respondent).where(Respondent.id.in_(batch)).execution_options(synchronize_session=False)
        )


def _contact_row(respondent_id: int, code: str, contact: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: contact[name] for name in CONTACT_FIELDS}
    return {"respondent_id": respondent_id, **fields, **contact_keys(fields, code)}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _restored(name: str, value: Any) -> Any:
    return dt.date.fromisoformat(value) if name == "birth_date" and value is not None else value
