"""The benchmark's own arithmetic: what it reads, what it counts as missed, and that it ends what does not end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parent / "benchmarks"
MODULES = ("instances", "child", "programs", "report")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """The benchmark's modules, imported as the program that it is does it."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield SimpleNamespace(**{name: __import__(name) for name in MODULES})
    for name in MODULES:
        sys.modules.pop(name, None)


def run(who: str, **changes: Any) -> dict[str, Any]:
    seconds, smallest = (1.0, 0.1) if who == "ours" else (100.0, 0.0998)
    known = {"instance": "pool", "who": who, "seconds": seconds, "megabytes": 80.0, "code": 0, "ended": True}
    extra = {"proven": True, "change": 1.0} if who == "ours" else {}
    return known | {"smallest": smallest} | extra | changes


def rendered(bench: SimpleNamespace, *runs: dict[str, Any]) -> str:
    pool = bench.instances.Instance("pool", Path(), 20, "id", limit=2, smallest=0.1)
    facts = {"date": "2030-01-01", "machine": "a machine", "versions": {"sortition": "1"}}
    return bench.report.render({"facts": facts, "runs": {str(i): r for i, r in enumerate(runs)}}, [pool])


def test_all_met(bench: SimpleNamespace) -> None:
    text = rendered(bench, run("ours"), run("peer"))
    assert "Every figure measured is met." in text
    assert "| pool | 20 | 1.00 | 2 | 100.0 | 100 | 80 | 80 | 0.1000000 | 0.099800 | 0.1000000 | 1.00 | yes |" in text


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        ({"seconds": 2.5}, "pool: 2.5 s, goal 2 s; median 40 times faster, goal 50"),
        ({"seconds": 10.0}, "pool: 10.0 s, goal 2 s; pool: 10 times faster, goal 20; median 10 times faster, goal 50"),
        ({"megabytes": 1200.0}, "pool: 1200 MB"),
        ({"change": 2.1}, "pool: a chance moves by 2.10 tickets"),
        ({"smallest": 0.10001}, "pool: smallest chance 0.1000100, known 0.1000000"),
        (
            {"smallest": 0.09},
            "pool: smallest chance 0.0900000, known 0.1000000; pool: smallest chance 0.090000, the peer's 0.099800",
        ),
        ({"proven": None, "message": "broken"}, "pool: not proven (broken)"),
    ],
)
def test_what_is_missed_is_said(bench: SimpleNamespace, changes: dict[str, Any], missed: str) -> None:
    assert f"**Missed:** {missed}." in rendered(bench, run("ours", **changes), run("peer"))


def test_a_peer_that_does_not_end_counts_as_its_limit(bench: SimpleNamespace) -> None:
    peer = run("peer", ended=False, seconds=1200.0, smallest=None, code=-9)
    text = rendered(bench, run("ours"), peer)
    assert "| > 1200.0 | > 1200 |" in text
    assert "The peer did not end within its limit, which then counts as its time: pool." in text
    assert "Every figure measured is met." in text


def test_a_failed_peer_is_no_ratio(bench: SimpleNamespace) -> None:
    assert "| failed | – |" in rendered(bench, run("ours"), run("peer", code=1, smallest=None))


def test_only_what_stands_between_the_markers_is_replaced(bench: SimpleNamespace, tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text((BENCHMARKS / "README.md").read_text(encoding="utf-8"), encoding="utf-8")
    before, after = readme.read_text(encoding="utf-8"), ""
    bench.report.write(readme, "figures")
    after = readme.read_text(encoding="utf-8")
    assert f"{bench.report.BEGIN}\nfigures\n{bench.report.END}" in after
    assert after.split(bench.report.BEGIN)[0] == before.split(bench.report.BEGIN)[0]


def test_the_peers_table_is_read(bench: SimpleNamespace, tmp_path: Path) -> None:
    log = tmp_path / "peer.log"
    log.write_text(
        "Maximin is at most 9.09%, can do 9.09% with 150 committees. Gap 0.00%≤0.050000%.\n"
        "Agent ID    Probability of selection      Included in # of committees\n"
        "p16         0.0000%                                                 0\n"
        "p17         9.0909%                                                 6\n"
        "       104  10.0000%                                                1\n",
        encoding="utf-8",
    )
    assert bench.programs.Peer(Path()).result(tmp_path, log) == {"smallest": pytest.approx(0.090909)}
    log.write_text("Error: impossible\n", encoding="utf-8")
    assert bench.programs.Peer(Path()).result(tmp_path, log) == {"message": "Error: impossible"}


def test_a_child_is_measured_and_ended_at_its_limit(bench: SimpleNamespace, tmp_path: Path) -> None:
    log = tmp_path / "log"
    hog = [sys.executable, "-c", "import time; x = bytearray(200_000_000); print(7); time.sleep(0.2)"]
    outcome = bench.child.run(hog, cwd=tmp_path, log=log, limit=30, environment=os.environ)
    assert (outcome.code, outcome.ended, log.read_text()) == (0, True, "7\n")
    assert outcome.seconds >= 0.2
    assert 200 < outcome.megabytes < 2000
    endless = [sys.executable, "-c", "import time; time.sleep(60)"]
    outcome = bench.child.run(endless, cwd=tmp_path, log=log, limit=0.3, environment=os.environ)
    assert (outcome.code, outcome.ended) == (-9, False)
    assert outcome.seconds < 10


def test_the_pools_are_those_whose_figures_are_known(bench: SimpleNamespace) -> None:
    if not bench.instances.DATA.is_dir():
        if os.environ.get("CI"):
            pytest.fail("The pools in ../shared/data are missing.")
        pytest.skip("The pools in ../shared/data are not here.")
    pools = bench.instances.instances(bench.instances.DATA)
    assert {pool.name for pool in pools} == {
        folder.name for folder in bench.instances.DATA.iterdir() if folder.is_dir()
    }
    for pool in pools:
        pool.check()


def test_another_file_is_refused(bench: SimpleNamespace, tmp_path: Path) -> None:
    for name in ("respondents.csv", "targets.csv"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    pool = bench.instances.Instance("pool", tmp_path, 2, "id", checksums=("0", "0"))
    with pytest.raises(ValueError, match=r"pool: respondents.csv has another checksum"):
        pool.check()


def seated(who: str, **changes: Any) -> dict[str, Any]:
    known = {"people": 30, "rounds": 3, "who": who, "seconds": 2.0, "tables": 4}
    figures = {"ours": (262, 0.2, 0), "dream": (240, 0.3, 3), "legacy": (200, 0.25, 9), "best": (270, 0.3, 20)}[who]
    return known | dict(zip(("distinct", "worst", "outside"), figures, strict=True)) | changes


def by_key(*records: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"{r['people']} {r['rounds']} {r['who']}": r for r in records}


def test_tables_are_compared_with_each_peer(bench: SimpleNamespace) -> None:
    records = by_key(*(seated(who) for who in ("ours", "dream", "legacy", "best")))
    assert bench.report.tables_missed(records) == []
    last = bench.report.tables(records).splitlines()[-1]
    assert last == ("| 30 | 4 | 3 | – | 262 | 240 | 200 | 270 | 20.0% | 30.0% | 25.0% | 30.0% | 0 | 3 | 9 | 20 | 2.0 |")
    assert bench.report.tables({}) == ""
    worse = by_key(seated("ours", distinct=239, worst=0.26), seated("dream"), seated("legacy"))
    assert bench.report.tables_missed(worse) == [
        "30 people, 3 rounds: 239 meetings, dream 240",
        "30 people, 3 rounds: worst table 0.260, legacy 0.250",
    ]
    failed = {k: v for k, v in seated("ours").items() if k in {"people", "rounds", "who", "seconds"}}
    assert len(bench.report.tables_missed(by_key(failed, seated("dream")))) == 2


def test_the_peers_of_the_tables_seat_everybody_once_in_each_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    module = __import__("tables")
    try:
        values = module.people(30)
        for who in ("dream", "legacy", "best"):
            plan = module.PROGRAMS[who][0](values, 2, 0)
            assert [sorted(len(table) for table in tables) for tables in plan] == [[7, 7, 8, 8]] * 2
            assert all(sorted(one for table in tables for one in table) == list(range(30)) for tables in plan)
        assert module.figures([[[0, 1], [2, 3]]], [("x",) * 4, ("x",) * 4, ("y",) * 4, ("y",) * 4]) == {
            "distinct": 2,
            "worst": 0.5,
            "outside": 16,
        }
    finally:
        sys.modules.pop("tables", None)
