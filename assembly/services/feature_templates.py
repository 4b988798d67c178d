"""Features that German assemblies commonly use, to start from; the shares come from the town's statistics."""

from __future__ import annotations

import dataclasses

from assembly.services.features import FeatureSpec, ValueSpec


@dataclasses.dataclass(frozen=True, slots=True)
class Template:
    """A feature to start from; `key` names it in addresses."""

    key: str
    name: str
    values: tuple[str, ...]
    is_voluntary: bool = False
    is_special_category: bool = False

    def spec(self, size: int, *, consent: str) -> FeatureSpec:
        """Return the feature, with quotas that allow everything until shares are entered."""
        values = [ValueSpec(value, lower=0, upper=size) for value in self.values]
        return FeatureSpec(
            self.name, values, self.is_voluntary, self.is_special_category, consent if self.is_special_category else ""
        )


TEMPLATES = (
    Template("gender", "Geschlecht", ("weiblich", "männlich", "divers")),
    Template("age", "Altersgruppe", ("16-24", "25-39", "40-54", "55-69", "70+")),
    Template(
        "education",
        "Bildungsabschluss",
        ("Hauptschule oder keiner", "Mittlere Reife", "Abitur", "Hochschule"),
        is_voluntary=True,
    ),
    Template("migration", "Migrationshintergrund", ("ja", "nein"), is_voluntary=True, is_special_category=True),
    Template("care", "Sorgearbeit", ("ja", "nein"), is_voluntary=True),
    Template("housing", "Wohnform", ("Miete", "Eigentum", "anderes"), is_voluntary=True),
)
