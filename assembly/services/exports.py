"""The pool as a file: CSV that Excel opens with its umlauts, or XLSX; no cell is taken for a formula."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import ZONE
from assembly.models import Assembly, Contact, Feature, FeatureValue, Respondent, RespondentValue, Status, User
from assembly.services import logbook
from assembly.services.contacts import CONTACT_FIELDS
from assembly.services.features import features_of
from sortition.files import write_tables
from sortition.files.households import household_names

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Without it, Excel takes UTF-8 for cp1252."""
COLUMNS = ("code", "status", "exclusion", "household", *CONTACT_FIELDS, "registered_at")

Kind = Literal["csv", "xlsx"]


def export_pool(
    session: Session, assembly: Assembly, *, kind: Kind, names: Mapping[str, str], words: Mapping[str, str], by: User
) -> bytes:
    """Return everybody registered as a file, and log that it was made.

    `names` are the headers of COLUMNS, `words` what statuses and reasons are called. The engine reads the file too:
    with the code as id, and the household's number (`--household`).
    """
    features = features_of(session, assembly)
    header = [*(names[column] for column in COLUMNS), *(feature.name for feature in features)]
    count = 0
    with tempfile.TemporaryDirectory(prefix="assembly-") as folder:
        path = Path(folder) / f"pool.{kind}"
        with write_tables(path) as (writer,):
            writer.write(header)
            for row in _rows(session, assembly, features, words):
                writer.write(row)
                count += 1
        content = path.read_bytes()
    logbook.record(session, assembly, "pool_exported", by=by, details={"kind": kind, "people": count})
    return content if kind == "xlsx" else BYTE_ORDER_MARK + content


def _rows(
    session: Session, assembly: Assembly, features: Sequence[Feature], words: Mapping[str, str]
) -> Iterator[list[str]]:
    values: dict[int, dict[int, str]] = defaultdict(dict)
    here = (Respondent.assembly_id == assembly.id, Respondent.status != Status.ERASED)
    for one, feature, name in session.execute(
        sa.select(RespondentValue.respondent_id, RespondentValue.feature_id, FeatureValue.name)
        .join(Respondent)
        .join(FeatureValue, FeatureValue.id == RespondentValue.value_id)
        .where(*here)
    ):
        values[one][feature] = name
    people = session.execute(
        sa.select(
            Respondent.id,
            Respondent.code,
            Respondent.status,
            Respondent.exclusion,
            Respondent.household_id,
            Respondent.registered_at,
            *(getattr(Contact, field) for field in CONTACT_FIELDS),
        )
        .outerjoin(Contact)
        .where(*here)
        .order_by(Respondent.code)
    ).all()
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for person in people:
        if person.household_id is not None:
            groups[str(person.household_id),].append(person.code)
    households = household_names(groups)
    for person in people:
        cells: dict[str, Any] = person._asdict()
        cells["status"] = words[person.status]
        cells["exclusion"] = words[person.exclusion] if person.exclusion else ""
        cells["household"] = households.get(person.code, "")
        cells["registered_at"] = person.registered_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
        own = values[person.id]
        yield [*(str(cells[column] or "") for column in COLUMNS), *(own.get(feature.id, "") for feature in features)]
