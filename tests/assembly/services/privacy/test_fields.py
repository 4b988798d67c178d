"""Whatever is stored is declared: personal with purpose and deletion date, or not personal."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from assembly.models import Base
from assembly.services.privacy.deadlines import PERIODS
from assembly.services.privacy.declaring import Basis, Deadline, Declared
from assembly.services.privacy.fields import TABLES, declared

IDS = [one.table.name for one in TABLES]


def test_every_column_of_every_table_is_declared_once() -> None:
    assert sorted(IDS) == sorted(Base.metadata.tables)
    stated = [f"{one.table.name}.{column}" for one in TABLES for column in (*one.columns, *one.others)]
    stored = [f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.columns]
    assert sorted(stated) == sorted(stored)


@pytest.mark.parametrize("one", TABLES, ids=IDS)
def test_what_is_kept_has_purpose_ground_and_deletion_date(one: Declared) -> None:
    for kept in one.kept:
        assert kept.label
        assert kept.purpose.endswith(".")
        assert kept.basis in Basis
        assert kept.until
        assert all(which is Deadline.PROOFS or which in PERIODS for which in kept.until)


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=lambda table: table.name)
def test_what_belongs_to_a_respondent_is_found_for_their_file(table: sa.Table) -> None:
    refers = any(key.column.table.name == "respondents" for key in table.foreign_keys)
    assert not refers or declared(table.name).rows is not None


def test_registration_values_stand_apart_from_contact_data() -> None:
    contacts, values = Base.metadata.tables["contacts"], Base.metadata.tables["respondent_values"]
    assert set(values.c.keys()) == {"respondent_id", "feature_id", "value_id"}
    assert {key.column.table.name for key in contacts.foreign_keys} == {"respondents"}
    assert set(declared("respondents").columns) == {
        *("code", "erased_code", "household_id", "status", "exclusion", "registered_at", "source", "cleared_at")
    }
