"""What runs in a child process: the engine, with its progress on the way and plain data at the end."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any

from assembly.services.engine_messages import stored
from sortition import Instance, Lottery, Monitor, Progress, properties, solve_lottery
from sortition.feasibility import CheckReport, Conflict, Relaxation, check
from sortition.lottery_file import lottery_document
from sortition.tables import Figures, InfeasibleRulesError, Seating, Task, make_tables

Report = Callable[[Mapping[str, Any]], None]


def solve_in_child(instance: Instance, seed: int | None, report: Report) -> tuple[bytes, dict[str, Any]]:
    """Return lottery.json and the summary of a lottery. Raises the engine's errors."""
    lottery = solve_lottery(instance, seed=seed, monitor=_monitor(report))
    content = json.dumps(lottery_document(lottery), ensure_ascii=False, separators=(",", ":"))
    return content.encode(), summary_of(lottery)


def check_in_child(instance: Instance, report: Report) -> dict[str, Any]:
    """Return the engine's report on the quotas and the pool, its sentences as template and values."""
    return _report(check(instance, monitor=_monitor(report)))


def tables_in_child(task: Task, report: Report) -> tuple[Seating, Figures] | tuple[None, None]:
    """Return who sits where and how good that is; nothing if the rules contradict each other, which would name them."""

    def tell(progress: Progress) -> None:
        report({"phase": progress.phase, "done": progress.panels, "total": progress.total})

    try:
        plan = make_tables(task, monitor=Monitor(tell))
    except InfeasibleRulesError:
        return None, None
    return plan.seating, plan.figures


def _monitor(report: Report) -> Monitor:
    def tell(progress: Progress) -> None:
        report(dataclasses.asdict(progress))

    return Monitor(tell)


def summary_of(lottery: Lottery) -> dict[str, Any]:
    """Return what the pages of a lottery show: figures of fairness, chances by value, who is held down by what."""
    found, instance = properties(lottery), lottery.instance
    chances = lottery.selection_probability
    by_value = []
    for feature, values in instance.quotas.items():
        for value, quota in values.items():
            positions = [i for i, entry in enumerate(instance.entries) if entry.values[feature] == value]
            by_value.append(
                {
                    "feature": feature,
                    "value": value,
                    "people": len(positions),
                    "lower": quota.lower,
                    "upper": quota.upper,
                    "expected": float(chances[positions].sum()) if positions else 0.0,
                    "smallest": float(chances[positions].min()) if positions else 0.0,
                    "largest": float(chances[positions].max()) if positions else 0.0,
                }
            )
    certificate = lottery.certificate
    return {
        "people": len(instance.entries),
        "size": instance.size,
        "tickets": len(lottery.tickets),
        "unreachable": len(lottery.unreachable),
        "proven": certificate.proven,
        "proof": certificate.proof,
        "gap": certificate.gap,
        "all_rules_met": found.all_rules_met,
        "equals_within_one_ticket": found.equals_within_one_ticket,
        "fairness": dataclasses.asdict(found.drawn),
        "largest_change_in_tickets": certificate.tickets.largest * len(lottery.tickets),
        "by_value": by_value,
        "held_down": [
            {
                "people": len(group.entries),
                "probability": group.probability,
                "reasons": [stored(reason.message) for reason in group.reasons],
            }
            for group in found.held_down
        ],
    }


def _report(report: CheckReport) -> dict[str, Any]:
    return {
        "feasible": report.feasible,
        "people": report.entries,
        "size": report.size,
        "problems": [stored(problem.message) for problem in report.problems],
        "conflicts": [_conflict(conflict) for conflict in report.conflicts],
        "relaxations": [_relaxation(found) for found in report.relaxations],
        "additions": None if report.additions is None else stored(report.additions.message),
        "unreachable": [
            {
                "message": stored(group.message),
                "count": group.count,
                "conflict": _conflict(group.conflict),
                "changes": [stored(change.message) for change in group.changes],
                "relaxation": None if group.relaxation is None else _relaxation(group.relaxation),
            }
            for group in report.unreachable
        ],
        "unexplained": report.unexplained,
    }


def _conflict(conflict: Conflict) -> dict[str, Any]:
    return {"headline": stored(conflict.headline), "reasons": [stored(reason) for reason in conflict.reasons]}


def _relaxation(found: Relaxation) -> dict[str, Any]:
    return {
        "within_flex": found.within_flex,
        "changes": [
            {
                "message": stored(change.message),
                "feature": change.feature,
                "value": change.value,
                "side": change.side,
                "old": change.old,
                "new": change.new,
                "beyond_flex": change.beyond_flex,
            }
            for change in found.changes
        ],
    }
