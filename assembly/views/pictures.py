"""The pictures of numbers on the pages: invitation, registrations, pool and panel, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import format_date, format_number, format_percent, gettext, ngettext

from assembly.services.follow_up import timeline
from assembly.services.follow_up.timeline import Month
from assembly.services.invitation_records import Funnel
from assembly.services.panel.make_up import FeatureSeats, ValueSeats
from assembly.services.pool import FeatureCount
from assembly.services.public import LEFT, Numbers, Outside, Seats
from assembly.views.charts import Bar, BarChart
from assembly.views.messages import value_name
from assembly.views.respondent_texts import EXCLUSIONS


def _numeric(label: str) -> dict[str, Any]:
    return {"label": label, "numeric": True}


def _percent(part: float, whole: float) -> str:
    return str(format_percent(part / whole, "#,##0.0 %")) if whole else ""


def _population(share: Decimal | None) -> str:
    return "" if share is None else _percent(float(share), 100)


def _counted(label: str, count: int, whole: int) -> Bar:
    """Return a bar of people, with their share of a whole."""
    share, number = _percent(count, whole), str(format_number(count))
    return Bar(label, [count], f"{number} ({share})" if share else number, [number, share])


def invitation_picture(funnel: Funnel, numbers: Numbers | None = None) -> BarChart:
    """Return the way from the letters to the registrations and, on the public page, to the panel.

    What may not be shown is left out.
    """
    registrations, by_outreach = (
        (numbers.registered, numbers.by_outreach) if numbers else (funnel.registrations, funnel.by_outreach)
    )
    steps = [
        (gettext("Letters sent"), funnel.letters_sent),
        (gettext("Letters that arrived"), funnel.delivered),
        (gettext("Registrations"), registrations),
        (gettext("Of these through outreach"), by_outreach),
    ]
    if numbers is not None:
        steps += [(gettext("People in the pool"), numbers.pool), (gettext("Drawn members"), numbers.drawn)]
    known = [(label, count) for label, count in steps if count is not None]
    return BarChart(
        key="funnel",
        title=gettext("From letters to the panel") if numbers else gettext("From letters to registrations"),
        description=gettext(
            "%(letters)s letters were sent, %(undeliverable)s came back, %(reminders)s people were reminded. "
            "%(registrations)s people registered.",
            letters=format_number(funnel.letters_sent),
            undeliverable=format_number(funnel.undeliverable),
            reminders=format_number(funnel.reminders),
            registrations=gettext("Fewer than three") if registrations is None else format_number(registrations),
        ),
        bars=[_counted(label, count, funnel.delivered if number else 0) for number, (label, count) in enumerate(known)],
        columns=[gettext("Step"), _numeric(gettext("Number")), _numeric(gettext("Of the letters that arrived"))],
    )


def follow_up_picture(months: Sequence[Month]) -> BarChart | None:
    """Return what was done month by month; None before there is more than one month."""
    if len(months) < 2:
        return None
    return BarChart(
        key="timeline",
        title=gettext("The follow-up month by month"),
        description=gettext(
            "From %(first)s to %(last)s %(opened)s cases were opened and %(taken)s steps taken.",
            first=format_date(months[0].first, "MMMM yyyy"),
            last=format_date(months[-1].first, "MMMM yyyy"),
            opened=format_number(sum(month.opened for month in months)),
            taken=format_number(sum(month.taken.total() for month in months)),
        ),
        bars=[
            Bar(
                str(format_date(month.first, "MMMM yyyy")),
                [month.taken.total()],
                ngettext("%(num)s step", "%(num)s steps", month.taken.total()),
                [month.opened, *(month.taken[move] for move in timeline.SHOWN), month.others],
            )
            for month in months
        ],
        columns=[
            gettext("Month"),
            *map(
                _numeric,
                (
                    gettext("Handed over"),
                    gettext("Answered"),
                    gettext("Decided"),
                    gettext("Reported"),
                    gettext("Closed"),
                    gettext("Other steps"),
                ),
            ),
        ],
    )


def registrations_picture(numbers: Numbers) -> BarChart | None:
    """Return what became of the registrations: in the pool, or why not; None while so few are in it that it is not."""
    registered, pool = numbers.registered, numbers.pool
    if registered is None or pool is None:
        return None
    bars = [_counted(gettext("In the pool"), pool, registered)]
    bars += [_counted(_outside(group), group.people, registered) for group in numbers.outside]
    return BarChart(
        key="registrations",
        title=gettext("Who is in the pool"),
        description=_pool_described(numbers.outside, format_number(registered), format_number(pool)),
        bars=bars,
        columns=[gettext("Registrations"), _numeric(gettext("People")), _numeric(gettext("Share of registrations"))],
    )


def _outside(group: Outside) -> str:
    if group.why is None:
        return str(gettext("Excluded, withdrawn or deleted"))
    if group.why == LEFT:
        name = gettext("Withdrawn or deleted")
    else:
        name = gettext("Excluded: %(reasons)s", reasons=EXCLUSIONS[group.why])
    if group.and_few:
        name = gettext("%(reason)s, and reasons that fewer than three people share", reason=name)
    return str(name)


def _pool_described(outside: Sequence[Outside], registered: str, pool: str) -> str:
    if not outside:
        text = gettext(
            "%(pool)s people are in the pool, from which the panel is drawn. Fewer than three others registered; they "
            "are counted nowhere on this page, so that no number points at them.",
            pool=pool,
        )
    elif any(group.why is None and not group.and_few for group in outside):
        text = gettext(
            "Of %(registered)s people who registered, %(pool)s are in the pool, from which the panel is drawn. Reasons "
            "are given once the pool is committed, and none that fewer than three people share.",
            registered=registered,
            pool=pool,
        )
    else:
        text = gettext(
            "Of %(registered)s people who registered, %(pool)s are in the pool, from which the panel is drawn. Reasons "
            "that fewer than three people share are counted together with the most frequent one.",
            registered=registered,
            pool=pool,
        )
    return str(text)


def make_up_pictures(make_up: Mapping[str, Sequence[Seats]]) -> list[BarChart]:
    """Return what a drawn panel is made of beside the population, a picture per feature."""
    return [_make_up(number, feature, groups) for number, (feature, groups) in enumerate(make_up.items(), start=1)]


def _make_up(number: int, feature: str, groups: Sequence[Seats]) -> BarChart:
    size = sum(group.members for group in groups)
    has_population = any(group.share is not None for group in groups)
    bars = [
        Bar(
            " + ".join(value_name(value) for value in group.values),
            [group.members / size if size else 0],
            f"{group.members} ({_percent(group.members, size)})",
            [
                group.members,
                _percent(group.members, size),
                *([_population(group.share)] if has_population else []),
            ],
            mark=None if group.share is None else float(group.share) / 100,
        )
        for group in groups
    ]
    population = [_numeric(gettext("Share of the population"))] if has_population else []
    return BarChart(
        key=f"make-up-{number}",
        title=feature,
        description=gettext(
            "How many of the %(size)s members have each value, and their share of the panel.", size=size
        ),
        bars=bars,
        columns=[
            gettext("Value"),
            _numeric(gettext("Members")),
            _numeric(gettext("Share of the panel")),
            *population,
        ],
        parts=[gettext("Share of the panel")] if has_population else [],
        mark=gettext("Share of the population") if has_population else "",
    )


def pool_picture(feature: FeatureCount, size: int) -> BarChart:
    """Return the pool by one feature, beside the population and what the quota wants of the seats."""
    bars = [
        Bar(
            value_name(value.name),
            [value.count / feature.pool if feature.pool else 0],
            f"{format_number(value.count)} ({_percent(value.count, feature.pool)})" if feature.pool else "0",
            [
                format_number(value.count),
                _percent(value.count, feature.pool),
                _population(value.share),
                gettext("%(lower)s to %(upper)s", lower=value.lower, upper=value.upper),
            ],
            band=(min(value.lower / size, 1), min(value.upper / size, 1)),
            mark=None if value.share is None else float(value.share) / 100,
        )
        for value in feature.values
    ]
    if feature.lacking and not any(bar.label == value_name("not_stated") for bar in bars):
        share = _percent(feature.lacking, feature.pool)
        lacking = format_number(feature.lacking)
        bars.append(
            Bar(
                value_name("not_stated"),
                [feature.lacking / feature.pool],
                f"{lacking} ({share})",
                [lacking, share, "", ""],
            )
        )
    has_population = any(bar.mark is not None for bar in bars)
    return BarChart(
        key=f"feature-{feature.feature_id}",
        title=feature.name,
        description=gettext("The pool by this feature, beside what the quotas want of the %(size)s seats.", size=size),
        bars=bars,
        columns=[
            gettext("Value"),
            _numeric(gettext("In the pool")),
            _numeric(gettext("Share of the pool")),
            _numeric(gettext("Share of the population")),
            _numeric(gettext("Of %(size)s seats", size=size)),
        ],
        parts=[gettext("Share of the pool")],
        band=gettext("Share of the seats that the quota allows"),
        mark=gettext("Share of the population") if has_population else "",
    )


def presence_picture(number: int, feature: FeatureSeats) -> BarChart:
    """Return who was at an event by one feature, against what the quotas of the panel allow."""
    words = gettext("Present all the time"), gettext("Present for half of it")
    return BarChart(
        key=f"presence-{number}",
        title=feature.name,
        description=gettext("Who was there, beside what the quotas of the panel allow."),
        bars=[
            _against_quota(
                value,
                gettext("%(whole)s all the time, %(half)s for half of it", whole=value.confirmed, half=value.open),
            )
            for value in feature.values
        ],
        columns=[gettext("Value"), *map(_numeric, words), _numeric(gettext("Quota"))],
        parts=words,
        band=gettext("What the quota allows"),
    )


def seats_picture(number: int, feature: FeatureSeats) -> BarChart:
    """Return the seats of the panel by one feature, against what its quotas allow."""
    words = gettext("Confirmed"), gettext("Drawn, not confirmed")
    return BarChart(
        key=f"seats-{number}",
        title=feature.name,
        description=gettext("Who confirmed, and who was drawn and is still asked, beside what the quotas allow."),
        bars=[
            _against_quota(
                value,
                gettext("%(confirmed)s confirmed, %(open)s open", confirmed=value.confirmed, open=value.open),
                gettext("yes") if value.is_met else gettext("not yet"),
            )
            for value in feature.values
        ],
        columns=[
            gettext("Value"),
            *map(_numeric, words),
            _numeric(gettext("Quota")),
            gettext("Met by those who confirmed"),
        ],
        parts=words,
        band=gettext("What the quota allows"),
    )


def _against_quota(value: ValueSeats, figure: str, *more_cells: str) -> Bar:
    """Return two parts of the people who have a value, beside what its quota allows."""
    quota = gettext("%(lower)s to %(upper)s", lower=value.lower, upper=value.upper)
    cells = [value.confirmed, value.open, quota, *more_cells]
    return Bar(value_name(value.name), [value.confirmed, value.open], figure, cells, band=(value.lower, value.upper))
