"""Feasibility: can any panel meet the quotas, why not, and what would help."""

from __future__ import annotations

from sortition.feasibility.additions import Addition, Additions, find_additions, with_registrations
from sortition.feasibility.conflicts import Conflict, find_conflicts
from sortition.feasibility.counts import Problem, count_problems
from sortition.feasibility.relaxations import Change, Relaxation, find_relaxations, relaxed
from sortition.feasibility.report import CheckReport, check
from sortition.feasibility.rules import Rule, RuleBook, minimal_conflict
from sortition.feasibility.unreachable import UnreachableGroup, explain_unreachable

__all__ = [
    "Addition",
    "Additions",
    "Change",
    "CheckReport",
    "Conflict",
    "Problem",
    "Relaxation",
    "Rule",
    "RuleBook",
    "UnreachableGroup",
    "check",
    "count_problems",
    "explain_unreachable",
    "find_additions",
    "find_conflicts",
    "find_relaxations",
    "minimal_conflict",
    "relaxed",
    "with_registrations",
]
