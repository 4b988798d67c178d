"""Targets from a file or the clipboard, read by the engine."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from assembly.services.features import FeatureSpec, ValueSpec, with_quotas
from sortition import NOT_STATED, Quota
from sortition.files import Problem, ProblemReport, ProblemsError, read_targets
from sortition.message import Message

SHARE_DIGITS = Decimal("0.000001")
NO_TABLES = frozenset(
    {
        *(".pdf", ".doc", ".docx", ".odt", ".rtf", ".htm", ".html", ".xml", ".json", ".eml", ".msg", ".zip"),
        *(".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".tif", ".tiff", ".svg", ".ppt", ".pptx", ".mp3", ".mp4"),
    }
)
"""How files are called that hold no table, whatever is in them."""


class FileProblemsError(Exception):
    """A file has problems; `problems` lists them all. Its text names none of the cells."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems in a file")
        self.problems = problems


def require_name_of_table(name: str) -> None:
    """Raise FileProblemsError if a file is called like something that is no table."""
    suffix = Path(name).suffix.lower()
    if suffix in NO_TABLES:
        what = Message("The file is called “{suffix}”: that is no table.", {"suffix": suffix})
        advice = Message("Export the table as CSV (UTF-8) or as an Excel workbook (.xlsx).")
        raise FileProblemsError([Problem(what, advice, file=name)])


@dataclasses.dataclass(frozen=True, slots=True)
class ReadTargets:
    """The features of a file, and what was assumed on the way."""

    features: list[FeatureSpec]
    notes: list[Message]


def read_target_file(content: bytes, file_name: str, *, size: int, tolerance: int = 1) -> ReadTargets:
    """Read targets from the bytes of a CSV or XLSX file; quotas come from its shares where it gives no min and max.

    Raises FileProblemsError with everything that is wrong.
    """
    require_name_of_table(file_name)
    suffix = ".xlsx" if file_name.lower().endswith((".xlsx", ".xlsm")) else ".csv"
    report = ProblemReport()
    with tempfile.TemporaryDirectory(prefix="assembly-") as folder:
        path = Path(folder) / f"targets{suffix}"
        path.write_bytes(content)
        table = read_targets(path, size=size, report=report)
    try:
        report.raise_if_any()
    except ProblemsError as error:
        raise FileProblemsError(error.problems) from None
    features = []
    for name, values in table.values.items():
        quotas, shares = table.quotas.get(name) or table.fixed.get(name, {}), table.shares.get(name, {})
        specs = [_value(v, quotas, shares) for v in values if v != NOT_STATED or quotas.get(v) != Quota(0, size)]
        spec = FeatureSpec(name, specs, is_voluntary=name in table.voluntary)
        features.append(spec if name in table.quotas else with_quotas(spec, size, tolerance=tolerance))
    return ReadTargets(features, [*table.notes, *table.warnings])


def _value(name: str, quotas: Mapping[str, Quota], shares: Mapping[str, Fraction]) -> ValueSpec:
    share = shares.get(name)
    spec = ValueSpec(
        name, None if share is None else (Decimal(share.numerator * 100) / share.denominator).quantize(SHARE_DIGITS)
    )
    if (quota := quotas.get(name)) is None:
        return spec
    return dataclasses.replace(
        spec, lower=quota.lower, upper=quota.upper, lower_flex=quota.lower_flex, upper_flex=quota.upper_flex
    )
