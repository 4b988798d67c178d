"""The chain of commitments: each replacement names the commitment before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sortition.errors import InputError
from sortition.protocol.documents import AuditDocument, DrawnDocument, PublicDocument
from sortition.protocol.draw_rule import DrawRule
from sortition.protocol.report import Checklist


@dataclass(slots=True)
class Stage:
    """One commitment of the chain, what was given about it, and by the names of which files."""

    commitment: str
    public: PublicDocument
    public_file: str
    audit: AuditDocument | None = None
    audit_file: str | None = None
    drawn: DrawnDocument | None = None
    drawn_file: str | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the commitment was computed from."""
        return tuple(dict.fromkeys([self.public_file, *([] if self.audit_file is None else [self.audit_file])]))


def ordered_chain(stages: Mapping[str, Stage]) -> list[Stage] | None:
    """Return the stages from the first commitment to the last; None if they are not one unbroken chain."""
    children: dict[str | None, list[Stage]] = {}
    for stage in stages.values():
        parent = stage.public["parent"]
        children.setdefault(parent if parent in stages else None, []).append(stage)
    chain: list[Stage] = []
    found = children.get(None, [])
    while len(found) == 1:
        chain.append(found[0])
        found = children.get(found[0].commitment, [])
    return chain if len(chain) == len(stages) else None


def check_link(before: Stage, after: Stage, checklist: Checklist) -> None:
    """Add a line for each thing that two successive commitments show about each other."""
    earlier, later = before.public, after.public
    checklist.check(
        "chain_pool",
        holds=later["size"] == earlier["size"]
        and later["pool"]["entries"] <= earlier["pool"]["entries"]
        and {f: set(values) for f, values in later["quotas"].items()}
        == {f: set(values) for f, values in earlier["quotas"].items()},
        passed="{after} is a replacement within the panel and pool of {before}: {seats} seats are drawn anew.",
        failed="{after} names {before} as the commitment before it, but panel, features or pool do not fit.",
        before=short(before.commitment),
        after=short(after.commitment),
        seats=later["size"] - later["pool"]["required"],
    )
    _check_rule(earlier, later, checklist)
    for feature, value, old, new in _changed_quotas(earlier, later):
        checklist.note(
            "chain_relaxed",
            "The replacement relaxed the quota of {feature}: {value} from {old} to {new}.",
            feature=feature,
            value=value,
            old=old,
            new=new,
        )
    if before.audit is not None and before.drawn is not None and after.audit is not None:
        _check_people(before.audit, before.drawn, after.audit, checklist)
    else:
        checklist.needs_more(
            "chain_people",
            "That the pool of the replacement is the pool before it, without those who left, and that everybody else "
            "drawn keeps their seat: needs both audit documents and the result of the draw before.",
        )


def short(commitment: str) -> str:
    """Return the first characters of a commitment, by which a report calls it."""
    return f"{commitment[:12]}…"


def _check_rule(earlier: PublicDocument, later: PublicDocument, checklist: Checklist) -> None:
    try:
        first = DrawRule.from_document(earlier["draw_rule"], name="draw_rule")
        if first.replacements is None:
            checklist.note("chain_rule", "The earlier commitment fixed no rule for replacements; this one has its own.")
            return
        allowed = [first.for_replacement(moment) for moment in first.replacements.moments]
        holds = DrawRule.from_document(later["draw_rule"], name="draw_rule") in allowed
    except InputError:
        return  # the line about the draw rule has already failed
    checklist.check(
        "chain_rule",
        holds=holds,
        passed="The replacement is drawn by the rule and at a moment that the earlier commitment fixed.",
        failed="The replacement is not drawn by the rule, or not at a moment, that the earlier commitment fixed.",
    )


def _changed_quotas(earlier: PublicDocument, later: PublicDocument) -> list[tuple[str, str, str, str]]:
    def text(bounds: dict[str, int]) -> str:
        return f"{bounds['lower']}–{bounds['upper']}"

    return [
        (feature, value, text(before), text(after))
        for feature, values in earlier["quotas"].items()
        for value, before in values.items()
        if (after := later["quotas"].get(feature, {}).get(value)) is not None and after != before
    ]


def _check_people(before: AuditDocument, drawn: DrawnDocument, after: AuditDocument, checklist: Checklist) -> None:
    """Compare the pools: values of everyone left are unchanged, those who kept a seat were drawn before."""
    old = {e["row"]["id"]: e["row"]["values"] for e in before["entries"] if e["row"] is not None}
    new = {e["row"]["id"]: e["row"]["values"] for e in after["entries"] if e["row"] is not None}
    erased = sum(entry["row"] is None for entry in before["entries"])
    kept = {e["row"]["id"] for e in after["entries"] if e["row"] is not None and e["settled"] == "required"}
    members = set(drawn["members"])
    came = new.keys() - old.keys()
    changed = [entry_id for entry_id in new.keys() & old.keys() if new[entry_id] != old[entry_id]]
    checklist.check(
        "chain_people",
        holds=len(came) <= erased and not changed and kept <= members | came,
        passed="The pool of the replacement is the pool before it without {left} people; {kept} members keep their "
        "seat and were drawn before.",
        failed="The pool of the replacement has other people or rows than the pool before it, or somebody keeps a "
        "seat who was not drawn.",
        left=len(before["entries"]) - len(after["entries"]),
        kept=len(kept),
    )
    lost = (members & new.keys()) - kept
    checklist.check(
        "chain_members",
        holds=not lost,
        passed="Nobody who was drawn stands in the pool again.",
        failed="{count} people who were drawn stand in the pool again instead of keeping their seat.",
        count=len(lost),
    )
    missing = list(old.keys() - new.keys() - members)
    if missing:
        checklist.note(
            "chain_left",
            "{count} people who were not drawn are no longer in the pool (withdrawn or erased); ask the organiser why.",
            count=len(missing),
        )
