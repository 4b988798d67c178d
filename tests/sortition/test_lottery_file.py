"""lottery.json holds the whole lottery, comes back exactly, and is refused when its parts do not fit."""

from __future__ import annotations

import copy
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sortition.errors import InputError
from sortition.lottery import Lottery
from sortition.lottery_file import lottery_document, parse_lottery, read_lottery, write_lottery

from .protocol.factory import lottery_of, pool


def same(a: Lottery, b: Lottery) -> bool:
    arrays = ("class_of", "ideal_probability", "selection_probability", "tickets")
    others = ("objective", "portfolio", "certificate", "unreachable", "parent", "rehearsal")
    return (
        all(np.array_equal(getattr(a, name), getattr(b, name)) for name in arrays)
        and all(getattr(a, name) == getattr(b, name) for name in others)
        and a.instance == b.instance
    )


def test_what_is_written_is_read_again_exactly(tmp_path: Path) -> None:
    lottery = lottery_of(pool(), parent="ab" * 32)
    write_lottery(lottery, tmp_path / "lottery.json")
    again = read_lottery(tmp_path / "lottery.json")
    assert same(again, lottery)
    assert [list(v) for v in again.instance.quotas.values()] == [list(v) for v in lottery.instance.quotas.values()]
    assert again.instance.quotas["gender"]["male"].upper_flex == 3
    write_lottery(again, tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "lottery.json").read_bytes()


def test_only_the_owner_may_read_the_file_and_nothing_else_is_left(tmp_path: Path) -> None:
    write_lottery(lottery_of(pool()), tmp_path / "lottery.json")
    assert [path.name for path in tmp_path.iterdir()] == ["lottery.json"]
    assert stat.S_IMODE((tmp_path / "lottery.json").stat().st_mode) == 0o600


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lottery.json").write_text("old")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_lottery(lottery_of(pool()), tmp_path / "lottery.json")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_files_that_cannot_be_read_or_written_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_lottery(tmp_path / "none.json")
    with pytest.raises(InputError, match="cannot be written"):
        write_lottery(lottery_of(pool()), tmp_path / "no folder" / "lottery.json")
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(InputError, match="not a JSON object"):
        read_lottery(tmp_path / "list.json")


def test_the_fields_that_scripts_rely_on() -> None:
    document = lottery_document(lottery_of(pool()))
    stable = {"size", "objective", "features", "entries", "portfolio", "tickets", "certificate", "format"}
    assert stable <= document.keys()
    assert document["format"] == "sortition-lottery/1"
    assert document["entries"][0].keys() == {
        "id", "values", "household", "class", "ideal_probability", "selection_probability",
    }  # fmt: skip
    assert document["features"]["gender"]["female"] == {"lower": 1, "upper": 2}
    assert document["certificate"].keys() >= {"proven", "tolerance", "portfolio", "tickets", "levels", "cuts"}
    assert document["certificate"]["tickets"].keys() == {"shortfall", "excess"}
    assert document["portfolio"][0].keys() == {"probability", "counts"}


def edit(*path: object, to: object) -> Callable[[dict[str, Any]], None]:
    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (edit("format", to="sortition-lottery/2"), "format"),
        (edit("size", to=0), "size"),
        (edit("size", to=5), "seed"),
        (edit("seed", to="00" * 32), "seed"),
        (lambda d: d.pop("parent"), "lacks “parent”"),
        (edit("surprise", to=1), "unknown field “surprise”"),
        (lambda d: d["entries"].reverse(), "sorted by id"),
        (edit("entries", 0, "id", to="02"), "same id"),
        (edit("entries", 0, "values", "gender", to="other"), "no quota"),
        (edit("entries", 0, "values", "shoe size", to="44"), "no quotas"),
        (edit("entries", 0, "ideal_probability", to="0.3"), "ideal_probability"),
        (edit("entries", 0, "selection_probability", to=0.123), "selection_probability"),
        (edit("tickets", 3, to=[0, 1, 2]), "ticket 3"),
        (edit("tickets", 3, to=[0, 2, 1, 3]), "ticket 3"),
        (edit("tickets", 3, to=[0, 1, 2, 12]), "ticket 3"),
        (edit("tickets", 3, to=[1, 1, 2, 3]), "ticket 3"),
        (edit("unreachable", to=["99"]), "unreachable"),
        (edit("required", to=["99"]), "not in the pool"),
        (edit("portfolio", 0, "counts", to={"0": 12}), "more seats"),
        (edit("portfolio", 0, "counts", to={"77": 1}), "more seats"),
        (edit("portfolio", 0, "counts", to={"a": 1}), "class or row number"),
        (edit("portfolio", 0, "probability", to=0.9), "sum to 1"),
        (edit("certificate", "proof", to="trust me"), "proof"),
        (edit("features", "gender", "female", to={"lower": 2, "upper": 1}), "lower"),
    ],
)
def test_a_lottery_whose_parts_do_not_fit_is_refused(change: Callable[[Any], None], message: str) -> None:
    document = copy.deepcopy(lottery_document(lottery_of(pool())))
    change(document)
    with pytest.raises(InputError, match=message):
        parse_lottery(json.loads(json.dumps(document)), name="lottery.json")


def test_a_lottery_shows_nobody_in_its_repr() -> None:
    assert repr(lottery_of(pool())) == "Lottery(Instance(12 entries, 2 features, size 4), 10 tickets)"
