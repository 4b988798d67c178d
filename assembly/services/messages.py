"""The engine's sentences with placeholders and its problem reports, for pages that translate and show them."""

from __future__ import annotations

from sortition.files.folding import listed, shown
from sortition.files.problems import Problem, ProblemReport, ProblemsError
from sortition.message import Message

__all__ = ["Message", "Problem", "ProblemReport", "ProblemsError", "listed", "shown"]
