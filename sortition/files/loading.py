"""From files to an instance: everything that is wrong in all of them comes in one report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sortition.files.folding import listed, nearest, shown
from sortition.files.problems import ProblemReport
from sortition.files.respondents import RespondentOptions, RespondentsTable, read_respondents
from sortition.files.settings import FileSettings, read_settings
from sortition.files.targets import Shares, TargetsTable, read_targets
from sortition.message import Message
from sortition.model import Instance, Quota, Quotas

QuotasFromShares: TypeAlias = Callable[[Shares, int], Quotas]
"""Computes quotas from population shares and the panel's size."""

MOST_IDS_COMPARED = 10_000
"""Ids among which the nearest to a mistyped one is looked for."""


@dataclass(frozen=True, slots=True)
class LoadedInput:
    """An instance with what was found out on the way.

    `id_column` is the header of the ids, None if they are row numbers; `columns` maps features to headers of the
    respondents file. `shares` are the population shares, where the targets give them. `notes` say what was assumed,
    `warnings` what should be looked at; both are for the organiser.
    """

    instance: Instance
    targets: TargetsTable
    settings: FileSettings
    id_column: str | None
    columns: Mapping[str, str]
    notes: tuple[Message, ...] = ()
    warnings: tuple[Message, ...] = ()

    @property
    def shares(self) -> Shares:
        """The population shares of the features for which the targets give them."""
        return self.targets.shares


def load_instance(
    targets_path: Path,
    respondents_path: Path,
    *,
    size: int,
    settings_path: Path | None = None,
    id_column: str | None = None,
    household_columns: Sequence[str] = (),
    address_only: bool = False,
    one_per_household: bool = True,
    voluntary: Collection[str] = (),
    required: Iterable[str] = (),
    excluded: Iterable[str] = (),
    targets_sheet: str | None = None,
    respondents_sheet: str | None = None,
    quotas_from_shares: QuotasFromShares | None = None,
) -> LoadedInput:
    """Read targets, respondents and settings (options given here go before the settings) into an instance.

    `household_columns` tell who lives together: an explicit column, or address columns, then together with the
    surname unless `address_only`. `one_per_household=False` lets any number of a household be drawn.
    `voluntary` are features that people need not state. `required` and `excluded` are ids.
    `quotas_from_shares` is needed where the targets give shares instead of min and max.
    Raises ProblemsError with everything that is wrong.
    """
    report = ProblemReport()
    settings = FileSettings() if settings_path is None else read_settings(settings_path, report=report)
    if size < 1:
        report.add(Message("The panel needs at least one seat."), Message("Give a size of 1 or more."))
    targets = read_targets(targets_path, size=size, voluntary=voluntary, sheet=targets_sheet, report=report)
    quotas = _quotas(targets, size, quotas_from_shares, targets_path.name, report)
    options = RespondentOptions(
        id_column=settings.id_column if id_column is None else id_column,
        household_columns=tuple(household_columns) or settings.household_columns,
        address_only=address_only or (not household_columns and bool(settings.household_columns)),
        one_per_household=one_per_household,
        columns_to_keep=settings.columns_to_keep,
        sheet=respondents_sheet,
    )
    respondents = read_respondents(respondents_path, targets=targets, options=options, report=report)
    seats = frozenset(required), frozenset(excluded)
    _require_sensible_seats(respondents, size, *seats, file=respondents_path.name, report=report)
    report.raise_if_any()
    return LoadedInput(
        instance=Instance(respondents.entries, quotas, size, *seats),
        targets=targets,
        settings=settings,
        id_column=respondents.id_column,
        columns=respondents.columns,
        notes=(*settings.notes, *targets.notes, *respondents.notes),
        warnings=(*settings.warnings, *targets.warnings, *respondents.warnings),
    )


def _quotas(
    targets: TargetsTable, size: int, compute: QuotasFromShares | None, file: str, report: ProblemReport
) -> Quotas:
    """Return the quotas of the file, and for features with shares only, those computed from them."""
    lacking = {feature: targets.shares[feature] for feature in targets.fixed}
    if lacking and compute is None:
        report.add(
            Message("There are only shares, no min and max, for {features}.", {"features": listed(lacking)}),
            Message("Compute min and max from the shares and add them as columns."),
            file=file,
        )
    computed = compute(lacking, size) if lacking and compute is not None and size > 0 else {}
    quotas: dict[str, Mapping[str, Quota]] = {}
    for feature, values in targets.values.items():
        known = targets.quotas.get(feature) or {**computed.get(feature, {}), **targets.fixed.get(feature, {})}
        quotas[feature] = {value: known[value] for value in values if value in known}
    return quotas


def _require_sensible_seats(
    respondents: RespondentsTable,
    size: int,
    required: frozenset[str],
    excluded: frozenset[str],
    *,
    file: str,
    report: ProblemReport,
) -> None:
    """Report a panel larger than the pool and settled seats that cannot be."""
    ids = {entry.id for entry in respondents.entries}
    if not ids:
        return
    if size > len(ids):
        report.add(
            Message(
                "The panel has {size} seats, but only {people} people registered.", {"size": size, "people": len(ids)}
            ),
            Message("Choose a smaller panel, or find more people."),
            file=file,
        )
    for entry_id in sorted((required | excluded) - ids):
        guess = nearest(entry_id, ids) if len(ids) <= MOST_IDS_COMPARED else None
        advice = Message("Look at the ids in the file.")
        if guess is not None:
            advice = Message("Did you mean “{guess}”?", {"guess": shown(guess)})
        report.add(
            Message("Nobody has the id “{id}” that is required or excluded.", {"id": shown(entry_id)}),
            advice,
            file=file,
        )
    for entry_id in sorted(required & excluded):
        report.add(
            Message("The id “{id}” is both required and excluded.", {"id": shown(entry_id)}),
            Message("Decide on one of the two."),
        )
    if len(required) > size > 0:
        report.add(
            Message(
                "More people are required ({count}) than there are seats ({size}).",
                {"count": len(required), "size": size},
            ),
            Message("Require fewer people, or choose a larger panel."),
        )
