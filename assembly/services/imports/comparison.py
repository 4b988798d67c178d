"""What a file would change: who is new, who is completed, who stays, and where it contradicts what is stored."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Contact, Feature, Respondent, RespondentValue, Status
from assembly.services.contacts import CONTACT_FIELDS, contact_keys
from assembly.services.derived import Deriver, is_too_young
from assembly.services.imports.columns import meaning_of_feature
from assembly.services.imports.rows import Draft, Interpretation
from assembly.services.privacy.erased_codes import ErasedCodes
from sortition.files.households import fold_address
from sortition.message import Message

_GONE = frozenset({Status.WITHDRAWN, Status.ERASED})
_KEYS = ("email_key", "name_key", "address_key")


@dataclass(slots=True, repr=False)
class Stored:
    """What is stored of a person: the contact's fields by name, and value ids by feature."""

    id: int
    status: Status
    contact: dict[str, Any]
    values: dict[int, int | None] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Stored({self.id})"


@dataclass(frozen=True, slots=True, repr=False)
class Difference:
    """A field in which a row contradicts what is stored. `old` and `new` are texts, dates or value ids."""

    row: int
    code: str
    field: str
    old: Any
    new: Any

    def __repr__(self) -> str:
        return f"Difference({self.row})"


@dataclass(slots=True, repr=False)
class Change:
    """What a row does to a person: the contact's fields and the values that get another content.

    `keys` are those of a new person's contact, see `contact_keys`.
    """

    draft: Draft
    stored: Stored | None
    contact: dict[str, Any]
    values: dict[int, int | None]
    differences: list[Difference]
    is_too_young: bool = False
    keys: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Change({self.draft.row})"


@dataclass(frozen=True, slots=True)
class Likeness:
    """A new person who resembles another one: by e-mail, or by name, address and birth date."""

    row: int
    code: str
    other_code: str
    kind: str


@dataclass(slots=True)
class Comparison:
    """All changes of a file; `conflicting` ones contradict what is stored, `completing` ones only add to it."""

    adding: list[Change] = field(default_factory=list)
    completing: list[Change] = field(default_factory=list)
    conflicting: list[Change] = field(default_factory=list)
    unchanged: int = 0
    too_young: list[int] = field(default_factory=list)
    likenesses: list[Likeness] = field(default_factory=list)


def compare(
    session: Session, assembly: Assembly, features: Sequence[Feature], read: Interpretation, *, overwrite: bool
) -> Comparison:
    """Hold the people of a file against those that are stored; people who left are refused."""
    stored, erased = load_stored(session, assembly), ErasedCodes(session, assembly)
    deriver = Deriver(features, assembly.reference_date)
    result = Comparison()
    for draft in read.drafts:
        known = stored.get(draft.code)
        if draft.code in erased or (known is not None and known.status in _GONE):
            what = Message("This person has withdrawn, or their data were erased.")
            read.refused.add(what, Message("Nothing to do: they do not return to the pool."), row=draft.row)
            read.refused_rows.add(draft.row)
            continue
        change = _change(draft, known, deriver, overwrite=overwrite)
        contact = change.contact if known is None else known.contact | change.contact
        change.is_too_young = is_too_young(assembly, contact.get("birth_date"))
        if change.is_too_young:
            result.too_young.append(draft.row)
        if known is None:
            result.adding.append(change)
        elif change.differences:
            result.conflicting.append(change)
        elif change.contact or change.values:
            result.completing.append(change)
        else:
            result.unchanged += 1
    result.likenesses = _likenesses(result.adding, stored)
    return result


def load_stored(session: Session, assembly: Assembly) -> dict[str, Stored]:
    """Return code → what is stored, of everybody in an assembly, in two queries."""
    columns = [getattr(Contact, name) for name in (*CONTACT_FIELDS, *_KEYS)]
    people: dict[str, Stored] = {}
    by_id: dict[int, Stored] = {}
    for one, code, status, *contact in session.execute(
        sa.select(Respondent.id, Respondent.code, Respondent.status, *columns)
        .outerjoin(Contact)
        .where(Respondent.assembly_id == assembly.id)
    ):
        names = (*CONTACT_FIELDS, *_KEYS)
        by_id[one] = people[code] = Stored(one, status, dict(zip(names, contact, strict=True)))
    for one, feature, value in session.execute(
        sa.select(RespondentValue.respondent_id, RespondentValue.feature_id, RespondentValue.value_id)
        .join(Respondent)
        .where(Respondent.assembly_id == assembly.id)
    ):
        by_id[one].values[feature] = value
    return people


def _change(draft: Draft, known: Stored | None, deriver: Deriver, *, overwrite: bool) -> Change:
    """Work out what a row changes; blank cells change nothing, and derived values follow from the contact."""
    if known is None:
        return Change(draft, None, draft.contact, {**draft.values, **deriver.value_ids(draft.contact)}, [])
    change = Change(draft, known, {}, {}, [])

    def contradicts(name: str, old: Any, new: Any) -> bool:
        change.differences.append(Difference(draft.row, draft.code, name, old, new))
        return not overwrite

    for name, new in draft.contact.items():
        old = known.contact[name]
        if not _same(name, old, new) and (old in {None, ""} or not contradicts(name, old, new)):
            change.contact[name] = new
    follows = deriver.value_ids(known.contact | change.contact)
    for feature, value in draft.values.items():
        stated = known.values.get(feature)
        if feature in follows or stated == value:
            continue
        if stated is None or not contradicts(meaning_of_feature(feature), stated, value):
            change.values[feature] = value
    change.values.update((feature, value) for feature, value in follows.items() if known.values.get(feature) != value)
    return change


def _same(name: str, old: Any, new: Any) -> bool:
    """Whether a field says the same, however it is written: an address as households are told by."""
    if name == "email":
        return str(old or "").casefold() == str(new).casefold()
    if name in {"street", "house_number"} and old:
        return fold_address(str(old)) == fold_address(str(new))
    return bool(old == new)


def _likenesses(adding: Iterable[Change], stored: Mapping[str, Stored]) -> list[Likeness]:
    """Find new people who resemble somebody stored, or somebody further up in the file."""
    by_email: dict[str, list[str]] = defaultdict(list)
    by_person: dict[tuple[str, str, dt.date | None], list[str]] = defaultdict(list)

    def note(code: str, contact: Mapping[str, Any]) -> None:
        if contact["email_key"]:
            by_email[contact["email_key"]].append(code)
        if contact["name_key"] and contact["address_key"]:
            by_person[contact["name_key"], contact["address_key"], contact.get("birth_date")].append(code)

    for code, person in stored.items():
        if person.contact["email_key"] is not None:
            note(code, person.contact)
    found: list[Likeness] = []
    for change in adding:
        draft = change.draft
        change.keys = contact_keys(change.contact, draft.code)
        contact = change.contact | change.keys
        person_key = (contact["name_key"], contact["address_key"], contact.get("birth_date"))
        if others := by_person.get(person_key):
            found.append(Likeness(draft.row, draft.code, others[0], "person"))
        elif others := by_email.get(contact["email_key"]):
            found.append(Likeness(draft.row, draft.code, others[0], "email"))
        note(draft.code, contact)
    return found
