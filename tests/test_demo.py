"""What `make demo` runs: the sample drawn end to end by the command line."""

from __future__ import annotations

from pathlib import Path

from tests.project import run_python


def test_the_demo_draws_a_proven_panel_that_meets_every_quota(tmp_path: Path) -> None:
    printed = run_python("data/demo.py", "--output", tmp_path)
    for heading in ("The panel", "The quotas", "The fairness", "The files in"):
        assert heading in printed
    assert "✓" in printed
    assert "✗" not in printed
    assert "not proven" not in printed
    written = {path.name for path in tmp_path.iterdir()}
    assert written == {
        *("lottery.json", "public.json", "audit.json", "drawn.json"),
        *("selected.csv", "remaining.csv", "notice.pdf", "receipts"),
    }
    assert len(list((tmp_path / "receipts").iterdir())) == 640
