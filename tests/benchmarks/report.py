"""The tables of tests/benchmarks/README.md, written between its markers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from instances import MEMORY_LIMIT_MB, Instance

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
MEDIAN_RATIO, LEAST_RATIO, LONG = 50.0, 20.0, 10.0
"""Goals: how many times faster by the median, and at least where the peer takes longer than so many seconds."""
KNOWN_TOLERANCE = 1e-6
PEER_TOLERANCE = 5e-4
PEER_ROUNDING = 1e-6
"""The peer prints chances in ten-thousandths of a percent."""
LARGEST_CHANGE = 2.0

Record = dict[str, Any]


def write(readme: Path, text: str) -> None:
    """Replace what stands between the markers."""
    before, rest = readme.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def render(results: Record, pools: Sequence[Instance]) -> str:
    """Return the figures as Markdown: when, where and what, the pools, the goals, replacements and growth."""
    facts = results["facts"]
    parts = [
        f"Measured on {facts['date']}, {facts['machine']}.",
        "Versions: " + ", ".join(f"{name} {version}" for name, version in facts["versions"].items()) + ".",
    ]
    rows = [Row(pool, results["runs"]) for pool in pools]
    parts.append(_pools([row for row in rows if row.ours]))
    seated = results.get("tables", {})
    missed = [text for row in rows for text in row.missed()] + _ratio_goals(rows) + tables_missed(seated)
    parts.append("**Missed:** " + "; ".join(missed) + "." if missed else "Every figure measured is met.")
    parts += [_replacements(results.get("replacements", {})), _growth(results.get("growth", {})), tables(seated)]
    return "\n\n".join(part for part in parts if part)


class Row:
    """What was measured on one pool, by median where there are several runs."""

    def __init__(self, pool: Instance, runs: dict[str, Record]) -> None:
        self.pool = pool
        self.ours = [run for run in runs.values() if run["instance"] == pool.name and run["who"] == "ours"]
        self.peer = [run for run in runs.values() if run["instance"] == pool.name and run["who"] == "peer"]

    def seconds(self, who: str) -> float:
        return median(run["seconds"] for run in getattr(self, who))

    def megabytes(self, who: str) -> float:
        return max(run["megabytes"] for run in getattr(self, who))

    def first(self, who: str, name: str) -> Any:
        return next((run[name] for run in getattr(self, who) if run.get(name) is not None), None)

    @property
    def peer_ended(self) -> bool:
        return bool(self.peer) and all(run["ended"] for run in self.peer)

    @property
    def peer_failed(self) -> bool:
        """The peer ended, but without a panel."""
        return self.peer_ended and any(run["code"] for run in self.peer)

    @property
    def ratio(self) -> float | None:
        """How many times faster ours is, if both draw a panel; where the peer does not end, its limit counts."""
        if not self.peer or self.peer_failed or not self.first("ours", "proven"):
            return None
        return self.seconds("peer") / self.seconds("ours")

    def missed(self) -> Iterable[str]:
        """Every goal of this pool alone that was measured and not met, in words."""
        name = self.pool.name
        if not self.ours:
            return
        if not self.first("ours", "proven"):
            yield f"{name}: not proven ({self.first('ours', 'message') or 'no message'})"
            return
        if self.pool.limit and self.seconds("ours") >= self.pool.limit:
            yield f"{name}: {self.seconds('ours'):.1f} s, goal {self.pool.limit:g} s"
        if self.megabytes("ours") >= MEMORY_LIMIT_MB:
            yield f"{name}: {self.megabytes('ours'):.0f} MB"
        if self.first("ours", "change") > LARGEST_CHANGE + 1e-6:
            yield f"{name}: a chance moves by {self.first('ours', 'change'):.2f} tickets"
        ours, peers = self.first("ours", "smallest"), self.first("peer", "smallest")
        if self.pool.smallest is not None and abs(ours - self.pool.smallest) > KNOWN_TOLERANCE:
            yield f"{name}: smallest chance {ours:.7f}, known {self.pool.smallest:.7f}"
        if peers is not None and not -PEER_ROUNDING <= ours - peers <= PEER_TOLERANCE + PEER_ROUNDING:
            yield f"{name}: smallest chance {ours:.6f}, the peer's {peers:.6f}"


def _ratio_goals(rows: Sequence[Row]) -> list[str]:
    ratios = [row.ratio for row in rows if row.ours and row.ratio is not None]
    long = [row for row in rows if row.ours and row.ratio is not None and row.peer_ended and row.seconds("peer") > LONG]
    missed = [f"{r.pool.name}: {r.ratio:.0f} times faster, goal {LEAST_RATIO:g}" for r in long if r.ratio < LEAST_RATIO]
    if ratios and median(ratios) < MEDIAN_RATIO:
        missed.append(f"median {median(ratios):.0f} times faster, goal {MEDIAN_RATIO:g}")
    return missed


def _pools(rows: Sequence[Row]) -> str:
    head = ["Pool", "Seats", "Ours, s", "Goal, s", "Peer, s", "Times faster", "Ours, MB", "Peer, MB"]
    head += ["Smallest chance", "Peer's", "Known", "Largest change, tickets", "Proven"]
    body = []
    for row in rows:
        peer = "–"
        if row.peer:
            mark = "" if row.peer_ended else "> "
            peer = "failed" if row.peer_failed else f"{mark}{row.seconds('peer'):.1f}"
        body.append(
            [
                row.pool.name,
                str(row.pool.size),
                f"{row.seconds('ours'):.2f}",
                _number(row.pool.limit, "g"),
                peer,
                ("" if row.peer_ended or row.ratio is None else "> ") + _number(row.ratio, ".0f"),
                f"{row.megabytes('ours'):.0f}",
                f"{row.megabytes('peer'):.0f}" if row.peer else "–",
                _number(row.first("ours", "smallest"), ".7f"),
                _number(row.first("peer", "smallest"), ".6f"),
                _number(row.pool.smallest, ".7f"),
                _number(row.first("ours", "change"), ".2f"),
                "yes" if row.first("ours", "proven") else "no",
            ]
        )
    text = _table(head, body)
    if unfinished := [row.pool.name for row in rows if row.peer and not row.peer_ended]:
        text += (
            "\n\nThe peer did not end within its limit, which then counts as its time: " + ", ".join(unfinished) + "."
        )
    ratios = [row.ratio for row in rows if row.ratio is not None]
    if ratios:
        text += (
            f"\n\nTimes faster, by the median of {len(ratios)} pools: {median(ratios):.0f}; at least {min(ratios):.0f}."
        )
    return text


def _replacements(records: dict[str, Record]) -> str:
    if not records:
        return ""
    head = ["Pool", "Vacated", "Panel", "Left in the pool", "Proven", "By", "Cuts", "Solving, s", "Whole process, s"]
    body = [
        [
            r["instance"],
            str(r["vacated"]),
            str(r["ticket"]),
            _number(r.get("pool"), "d"),
            "yes" if r.get("proven") else "no",
            str(r.get("proof", "–")),
            _number(r.get("cuts"), "d"),
            _number(r.get("solve_seconds"), ".2f"),
            f"{r['seconds']:.2f}",
        ]
        for r in records.values()
    ]
    return "### Replacements\n\n" + _table(head, body)


def _growth(records: dict[str, Record]) -> str:
    if not records:
        return ""
    head = ["Along", "At", "Seconds", "MB", "Classes", "Panels", "Proven"]
    body = [
        [
            r["axis"],
            str(r["x"]),
            f"{r['seconds']:.2f}",
            f"{r['megabytes']:.0f}",
            _number(r.get("classes"), "d"),
            _number(r.get("panels"), "d"),
            "yes" if r.get("proven") else "no",
        ]
        for r in records.values()
    ]
    picture = "![Seconds of the whole process along the pool's size and the number of features](growth.svg)"
    return f"### Growth\n\n{picture}\n\n" + _table(head, body)


PEERS, STRONGER = ("dream", "legacy"), ("best",)
"""The programs of tables.py that ours must not be worse than; and one that is shown beside them: it leaves the fair
shares, where more meetings are possible than within them."""


def tables_missed(records: dict[str, Record]) -> list[str]:
    """Return where a peer's plan has more distinct meetings or a better worst table than ours, in words."""
    missed = []
    for record in records.values():
        ours = records.get(f"{record['people']} {record['rounds']} ours", {})
        if record["who"] not in PEERS or "distinct" not in record:
            continue
        where = f"{record['people']} people, {record['rounds']} rounds"
        if ours.get("distinct", 0) < record["distinct"]:
            missed.append(f"{where}: {ours.get('distinct', 0)} meetings, {record['who']} {record['distinct']}")
        if ours.get("worst", 1.0) > record["worst"] + 1e-9:
            missed.append(f"{where}: worst table {ours.get('worst', 1.0):.3f}, {record['who']} {record['worst']:.3f}")
    return missed


def tables(records: dict[str, Record]) -> str:
    """Return the table of the tables: meetings, worst table, people outside the fair shares, and seconds."""
    if not records:
        return ""
    programs = ("ours", *PEERS, *STRONGER)
    head = ["People", "Tables", "Rounds", "Bound"]
    head += [f"{what}, {who}" for what in ("Meetings", "Worst table", "Outside") for who in programs]
    head += ["Ours, s"]
    body = []
    for ours in (record for record in records.values() if record["who"] == "ours"):
        of = [records.get(f"{ours['people']} {ours['rounds']} {who}", {}) for who in programs]
        row = [
            str(ours["people"]),
            _number(ours.get("tables"), "d"),
            str(ours["rounds"]),
            _number(ours.get("bound"), "d"),
        ]
        for name, form in (("distinct", "d"), ("worst", ".1%"), ("outside", "d")):
            row += [_number(record.get(name), form) for record in of]
        body.append([*row, f"{ours['seconds']:.1f}"])
    return "### Tables\n\n" + _table(head, body)


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *body]]
    return "\n".join(lines)
