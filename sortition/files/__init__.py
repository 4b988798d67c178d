"""Reading and writing files: the only part of the engine, besides the command line, that touches the disk."""

from sortition.files.loading import LoadedInput, QuotasFromShares, load_instance
from sortition.files.problems import Problem, ProblemReport, ProblemsError
from sortition.files.selection import write_selected_and_remaining
from sortition.files.settings import FileSettings, read_settings
from sortition.files.targets import Shares, TargetsTable, is_targets_header, read_targets
from sortition.files.writing import RowWriter, neutralise, write_tables

__all__ = [
    "FileSettings",
    "LoadedInput",
    "Problem",
    "ProblemReport",
    "ProblemsError",
    "QuotasFromShares",
    "RowWriter",
    "Shares",
    "TargetsTable",
    "is_targets_header",
    "load_instance",
    "neutralise",
    "read_settings",
    "read_targets",
    "write_selected_and_remaining",
    "write_tables",
]
