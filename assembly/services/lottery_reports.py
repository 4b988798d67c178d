"""The report of a lottery as PDF (A4, PDF/UA-1): how fair it is, what that means, and who is held down by what.

For organisers with everything; for everyone without what could point at people: values that fewer than three people
have are merged, and chances are means.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from assembly.models import Assembly, Commitment, Lottery
from assembly.services.engine_messages import in_language
from assembly.services.errors import NotFoundError, marked
from assembly.services.kept import Kept
from assembly.services.pdfs import PAGE, REPORT, Data, Words, compiled, section, table
from assembly.services.public import in_order, make_up_of
from assembly.services.texts import catalogue
from sortition.protocol.documents import parse_public

PUBLIC_REPORTS = Kept[bytes](64)
"""By all their words and figures: a report that says something else, since the draw, say, is another one."""
GROUPS = Kept[dict[str, list[list[str]]]](64)
"""How public documents merge values, by their fingerprints: reading one means reading megabytes."""


def organisers_report(session: Session, assembly: Assembly, lottery: Lottery, *, language: str) -> bytes:
    """Return the report of a solved lottery with all its figures. Raises NotFoundError if it has no result."""
    return report_pdf(report_of(session, assembly, lottery, None, language=language), lottery)


def public_report(session: Session, assembly: Assembly, commitment: Commitment, *, language: str) -> bytes:
    """Return what everyone may see of a committed lottery."""
    data = report_of(session, assembly, commitment.lottery, commitment, language=language)
    key = hashlib.sha256(json.dumps(data).encode()).digest()
    return PUBLIC_REPORTS.get(key, lambda: report_pdf(data, commitment.lottery))


def report_pdf(data: Data, lottery: Lottery) -> bytes:
    """Return a report as PDF; the same report gives the same bytes."""
    return compiled(REPORT, data, made_at=lottery.solved_at or lottery.started_at)


def report_of(
    session: Session, assembly: Assembly, lottery: Lottery, commitment: Commitment | None, *, language: str
) -> Data:
    """Return the words and figures of a report; with a commitment, those that are for everyone."""
    if not lottery.summary:
        raise NotFoundError
    words = Words(language, catalogue(language))
    summary, is_public = lottery.summary, commitment is not None
    sections = [_rule(words), _fairness(words, summary), _certificate(words, summary)]
    if commitment is not None:
        sections.append(_commitment(words, commitment))
    groups = None if commitment is None else GROUPS.get(commitment.hash, lambda: _published_groups(commitment))
    if groups is None or groups:
        sections.append(_chances(words, summary, groups))
    if commitment is not None and commitment.drawn_at is not None:
        sections.append(_make_up(words, session, assembly, commitment))
    if not is_public:
        sections.append(_held_down(words, summary))
    title = words.say(marked("Lottery: %(title)s"), title=assembly.title)
    return {
        "language": language,
        "author": assembly.commissioning_body,
        "title": title if is_public else words.say(marked("Report on the lottery: %(title)s"), title=assembly.title),
        "warning": words.say(marked("This is a rehearsal. Nothing that follows from it counts."))
        if lottery.is_rehearsal
        else "",
        "page": words.say(PAGE, page="{page}", pages="{pages}"),
        "sections": sections,
    }


def _rule(words: Words) -> Data:
    return section(
        words.say(marked("The rule")),
        [
            words.say(
                marked(
                    "Among all lotteries whose every panel meets the quotas, the fairest one is computed: the person "
                    "with the smallest chance has the largest possible chance; among those, the person with the "
                    "second-smallest, and so on. Nobody’s chance can be raised without lowering somebody’s who is "
                    "worse off already. The rule is called leximin, and the result comes with a proof."
                )
            )
        ],
    )


def _fairness(words: Words, summary: Mapping[str, Any]) -> Data:
    figures = summary["fairness"]
    meaning = [
        marked(
            "Chances differ because fewer people of some values registered than the quotas need: each of them must "
            "then be drawn more often."
        ),
        marked("If no quotas had to be met, everyone would have the mean chance."),
    ]
    if summary["proven"]:
        meaning.append(marked("The smallest chance is as large as the quotas allow."))
    return section(
        words.say(marked("How fair it is")),
        [words.say(template) for template in meaning],
        [
            (words.say(marked("People in the pool")), words.number(summary["people"])),
            (words.say(marked("Seats")), words.number(summary["size"])),
            (words.say(marked("Tickets, all equally likely")), words.number(summary["tickets"])),
            (words.say(marked("Smallest chance")), words.percent(figures["smallest"])),
            (words.say(marked("Mean chance")), words.percent(figures["mean"])),
            (words.say(marked("Largest chance")), words.percent(figures["largest"])),
            (
                words.say(marked("Inequality of chances (Gini, 0 is equal)")),
                words.number(figures["gini"], "0.000"),
            ),
        ],
    )


def _certificate(words: Words, summary: Mapping[str, Any]) -> Data:
    if summary["proven"]:
        verdict = words.say(marked("Proven: no lottery that meets these quotas is fairer."))
    else:
        template = marked(
            "Not proven: the smallest chances might be raised by up to %(gap)s. Such a lottery cannot be committed."
        )
        verdict = words.say(template, gap=words.percent(summary["gap"]))
    meaning = marked(
        "The proof stands in lottery.json and can be added up again with the command line, without trusting the "
        "program that found the lottery. On the tickets, no chance is more than %(tickets)s tickets away from the "
        "ideal one."
    )
    facts = [
        (words.say(marked("Every ticket meets every quota")), words.yes_or_no(holds=summary["all_rules_met"])),
        (
            words.say(marked("People with the same values differ by at most one ticket")),
            words.yes_or_no(holds=summary["equals_within_one_ticket"]),
        ),
        (words.say(marked("People who can never be drawn with these quotas")), words.number(summary["unreachable"])),
    ]
    away = words.number(summary["largest_change_in_tickets"], "0.0")
    return section(words.say(marked("Certificate")), [verdict, words.say(meaning, tickets=away)], facts)


def _commitment(words: Words, commitment: Commitment) -> Data:
    facts = [
        (words.say(marked("Fingerprint (commitment)")), commitment.hash),
        (words.say(marked("Committed on")), words.moment(commitment.committed_at)),
        (words.say(marked("Moment of the draw")), words.moment(commitment.moment)),
    ]
    if commitment.voided_at is not None:
        facts.append((words.say(marked("Voided on")), words.moment(commitment.voided_at)))
        facts.append((words.say(marked("Reason")), commitment.void_reason))
    if commitment.drawn_at is not None:
        facts.append((words.say(marked("Drawn number")), commitment.drawn_value))
        facts.append((words.say(marked("Drawn on")), words.moment(commitment.drawn_at)))
    return section(words.say(marked("Commitment and draw")), [], facts)


def _by_feature(summary: Mapping[str, Any]) -> dict[str, dict[str, Mapping[str, Any]]]:
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for one in summary["by_value"]:
        found.setdefault(one["feature"], {})[one["value"]] = one
    return found


def _published_groups(commitment: Commitment) -> dict[str, list[list[str]]]:
    """Return the values of each feature as the public document merges them; nothing if it withholds its counts.

    It does so where the counts, set against those of an earlier commitment, would describe who left or joined.
    """
    public = parse_public(commitment.public_document, name="public.json")
    if public["pool"]["counts"] is None or public["ticket_counts"] is None:
        return {}
    return {feature: [one["values"] for one in counts] for feature, counts in public["pool"]["counts"].items()}


def _chances(words: Words, summary: Mapping[str, Any], merged: Mapping[str, Sequence[Sequence[str]]] | None) -> Data:
    """Return the chances of each value or, for everyone, the mean ones of values `merged` into groups."""
    is_public = merged is not None
    columns = [marked("People"), marked("At least"), marked("At most"), marked("Seats on average")]
    columns += [marked("Mean chance")] if is_public else [marked("Smallest chance"), marked("Largest chance")]
    tables = []
    for feature, values in _by_feature(summary).items():
        groups = [[value] for value in values] if merged is None else in_order(merged[feature], list(values))
        rows = [_chance_row(words, [values[value] for value in group], is_public=is_public) for group in groups]
        bars = [_mean([values[value] for value in group]) for group in groups]
        label = words.say(marked("Mean chance as a bar"))
        tables.append(table([feature, *(words.say(column) for column in columns)], rows, bars, label))
    merging = marked(
        "Values that fewer than three people have stand together with the most frequent one, so that they point at "
        "nobody."
    )
    return section(words.say(marked("Chances by feature")), [words.say(merging)] if is_public else [], tables=tables)


def _mean(group: Sequence[Mapping[str, Any]]) -> float:
    people = sum(one["people"] for one in group)
    return sum(one["expected"] for one in group) / people if people else 0.0


def _chance_row(words: Words, group: Sequence[Mapping[str, Any]], *, is_public: bool) -> list[str]:
    counts = [words.number(sum(one[name] for one in group)) for name in ("people", "lower", "upper")]
    seats = words.number(sum(one["expected"] for one in group), "0.0")
    if is_public:
        chances = [words.percent(_mean(group))]
    else:
        chances = [words.percent(group[0]["smallest"]), words.percent(group[0]["largest"])]
    return [" + ".join(words.value(one["value"]) for one in group), *counts, seats, *chances]


def _make_up(words: Words, session: Session, assembly: Assembly, commitment: Commitment) -> Data:
    tables = []
    for feature, groups in make_up_of(session, assembly, commitment).items():
        size = sum(group.members for group in groups) or 1
        rows = [
            [
                " + ".join(words.value(value) for value in group.values),
                words.number(group.members),
                words.percent(group.members / size),
                "–" if group.share is None else words.percent(float(group.share) / 100),
            ]
            for group in groups
        ]
        columns = [marked("Members"), marked("Share of the panel"), marked("Share of the population")]
        tables.append(
            table(
                [feature, *(words.say(column) for column in columns)],
                rows,
                [group.members for group in groups],
                words.say(marked("Members as a bar")),
            )
        )
    return section(words.say(marked("The panel’s make-up by this draw")), tables=tables)


def _held_down(words: Words, summary: Mapping[str, Any]) -> Data:
    points = []
    for group in summary["held_down"]:
        reasons = [in_language(reason, words.texts) for reason in group["reasons"]]
        template = marked("%(people)s people have a chance of %(chance)s or little more: %(reasons)s")
        points.append(
            words.say(
                template,
                people=words.number(group["people"]),
                chance=words.percent(group["probability"]),
                reasons=" ".join(reasons) or words.say(marked("The proof names no single quota for them.")),
            )
        )
    nobody = [] if points else [words.say(marked("Nobody’s chance is less than half of the mean one."))]
    return section(words.say(marked("Who has a far smaller chance, and why")), nobody, points=points)
