"""Every shared pool is read as it is, large files within bounds, and the same whatever their form."""

from __future__ import annotations

import csv
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sortition.files import load_instance
from sortition.files.folding import fold_loosely
from sortition.model import NOT_STATED
from tests.sortition.files.support import TARGETS, Case, Rows, shared, write_csv, write_xlsx

GENERATED = ((312, 35, 6), (404, 40, 6), (825, 75, 4), (321, 30, 8), (1727, 110, 7), (2220, 160, 6), (20000, 200, 5))
POOLS = [
    ("sortition-foundation-150", 150, 22, 4, "nationbuilder_id"),
    ("opendlp-monitoring-100", 100, 30, 4, "unique_id"),
    ("nature-example-small-20", 200, 20, 2, None),
    ("nature-example-large-200", 2000, 200, 2, None),
    ("chile-survey-1000", 1000, 100, 6, "respondent_id"),
    *((f"generated-{n}-{k}-{f}", n, k, f, "id") for n, k, f in GENERATED),
]


@pytest.mark.parametrize(("name", "people", "size", "features", "id_column"), POOLS)
def test_shared_pools_have_the_sizes_of_their_description(
    name: str, people: int, size: int, features: int, id_column: str | None
) -> None:
    folder = shared(name)
    loaded = load_instance(folder / "targets.csv", folder / "respondents.csv", size=size)
    assert len(loaded.instance.entries) == people
    assert len(loaded.instance.quotas) == features
    assert loaded.id_column == id_column
    assert loaded.warnings == ()


def test_flexes_of_a_real_targets_file_are_kept() -> None:
    folder = shared("sortition-foundation-150")
    quotas = load_instance(folder / "targets.csv", folder / "respondents.csv", size=22).instance.quotas
    quota = quotas["Gender"]["Female"]
    assert (quota.lower, quota.upper, quota.lower_flex, quota.upper_flex) == (11, 12, 0, 12)
    assert sum(map(len, quotas.values())) == 20


def test_a_shared_pool_is_the_same_as_workbook_and_in_other_text_forms(tmp_path: Path) -> None:
    folder = shared("opendlp-monitoring-100")
    rows = {}
    for name in ("targets", "respondents"):
        with (folder / f"{name}.csv").open(newline="") as stream:
            rows[name] = list(csv.reader(stream))
    expected = load_instance(folder / "targets.csv", folder / "respondents.csv", size=30).instance
    targets = write_xlsx(tmp_path / "t.xlsx", rows["targets"])
    people = write_csv(tmp_path / "r.csv", rows["respondents"], delimiter=";", encoding="utf-16")
    assert load_instance(targets, people, size=30).instance == expected
    people = write_xlsx(tmp_path / "r.xlsx", rows["respondents"])
    assert load_instance(targets, people, size=30).instance.seed() == expected.seed()


def large_pool(count: int) -> Rows:
    rng = random.Random(1)  # noqa: S311 - repeatable on purpose
    header = ("ID", "Vorname", "Nachname", "Straße", "PLZ", "gender", "age")
    sexes, ages = ("female", "male"), ("18-30", "31-60")
    return [
        header,
        *(
            (f"P{n}", f"V{n}", f"N{n}", f"Weg {n // 2}", "01067", rng.choice(sexes), rng.choice(ages))
            for n in range(count)
        ),
    ]


@pytest.mark.parametrize(
    ("count", "write", "megabytes"), [(100_000, write_csv, 60), (2_000, write_xlsx, 6)], ids=["csv", "xlsx"]
)
def test_large_files_take_memory_for_the_instance_only(
    tmp_path: Path, count: int, write: Callable[..., Path], megabytes: int
) -> None:
    targets = write_csv(tmp_path / "t.csv", TARGETS)
    people = write(tmp_path / "r", large_pool(count))
    tracemalloc.start()
    try:
        loaded = load_instance(targets, people, size=3)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(loaded.instance.entries) == count
    assert peak < megabytes << 20


names = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=6)


@st.composite
def pools(draw: st.DrawFn) -> tuple[dict[str, list[str]], list[dict[str, str]]]:
    """Features with values, and people with one of each; distinct however they are folded."""
    taken = {"id", "na", "ka", ""}
    distinct = st.lists(names, min_size=1, max_size=3, unique_by=fold_loosely).map(
        lambda texts: [text for text in texts if fold_loosely(text) not in taken]
    )
    features = draw(distinct.filter(bool))
    values = {feature: draw(distinct.filter(bool)) for feature in features}
    people = draw(
        st.lists(st.fixed_dictionaries({f: st.sampled_from(v) for f, v in values.items()}), min_size=1, max_size=5)
    )
    return values, people


@given(pool=pools(), blank=st.booleans(), delimiter=st.sampled_from(",;\t"))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_written_is_what_is_loaded(
    tmp_path: Path, pool: tuple[dict[str, list[str]], list[dict[str, str]]], blank: bool, delimiter: str
) -> None:
    values, people = pool
    targets = [("feature", "value", "min", "max"), *((f, v, 0, 9) for f, vs in values.items() for v in vs)]
    rows = [("id", *values), *((f"p{n}", *(person[f] for f in values)) for n, person in enumerate(people))]
    if blank:
        rows.append(("q", *("" for _ in values)))
    loaded = load_instance(
        write_csv(tmp_path / "t.csv", targets, delimiter=delimiter),
        write_csv(tmp_path / "r.csv", rows, delimiter=delimiter, encoding="utf-8-sig"),
        size=1,
        voluntary=list(values) if blank else (),
    )
    entries = loaded.instance.entries
    assert {e.id: dict(e.values) for e in entries if e.id != "q"} == {f"p{n}": p for n, p in enumerate(people)}
    assert [set(e.values.values()) for e in entries if e.id == "q"] == ([{NOT_STATED}] if blank else [])


def test_the_order_of_rows_makes_no_difference(case: Case) -> None:
    rows = (
        ("id", "gender", "age", "home"),
        *((str(n), "female" if n % 2 else "male", "18-30", str(n // 2)) for n in range(10)),
    )
    first = case.load(TARGETS, rows, household_columns=["home"]).instance
    second = case.load(TARGETS, (rows[0], *reversed(rows[1:])), household_columns=["home"]).instance
    assert first == second
    assert first.seed() == second.seed()
