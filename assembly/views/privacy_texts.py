"""Privacy in words: legal grounds, deletion dates, what was deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from flask_babel import format_date, format_datetime, gettext, ngettext
from flask_babel import lazy_gettext as _l

from assembly.models import LogEntry
from assembly.services.privacy.deadlines import PERIODS, Schedule
from assembly.services.privacy.declaring import Basis, Deadline, Declared

BASES = {
    Basis.CONSENT: _l("Consent of the person (Art. 6 (1) (a) GDPR; special categories: Art. 9 (2) (a))"),
    Basis.TASK: _l("Public task (Art. 6 (1) (e) GDPR)"),
    Basis.ACCOUNTABILITY: _l("Duty to prove that all was done rightly (Art. 5 (2), Art. 6 (1) (c) GDPR)"),
}
NAMES = {
    Deadline.NOT_DRAWN: _l("Not on the panel"),
    Deadline.MEMBERS: _l("Members of the panel"),
    Deadline.FOLLOW_UP: _l("Members who agreed to the follow-up"),
    Deadline.NEEDS: _l("Support needs"),
    Deadline.VISITS: _l("Photos and drafts from site visits"),
    Deadline.PAYMENTS: _l("Bank data"),
    Deadline.RECEIPTS: _l("Receipts of claims"),
    Deadline.CLAIMS: _l("Claims of allowances"),
    Deadline.FILES: _l("Files not imported"),
    Deadline.MAILS: _l("Content of mails and letters"),
    Deadline.JOBS: _l("Records of computations"),
    Deadline.ACCOUNTS: _l("Accounts of staff"),
    Deadline.SUBSCRIPTIONS: _l("Subscriptions"),
    Deadline.CONTACTS: _l("Addresses for notices of the follow-up"),
    Deadline.BARRIERS: _l("Reported barriers"),
    Deadline.PROOFS: _l("Proofs"),
}
RULES = {
    Deadline.NOT_DRAWN: _l(
        "%(days)s days after the last replacement draw, when nobody else can be drawn. If no panel is drawn: a year "
        "and %(days)s days after the last registration."
    ),
    Deadline.MEMBERS: _l(
        "%(days)s days after the panel has handed over its result. If the timeline does not say when: two years after "
        "the last replacement draw."
    ),
    Deadline.FOLLOW_UP: _l(
        "%(days)s days after the last recommendation was closed in public, or when they agree no longer, and never "
        "before the other members."
    ),
    Deadline.NEEDS: _l("%(days)s days after the panel has handed over its result."),
    Deadline.VISITS: _l("%(days)s days after the panel has handed over its result."),
    Deadline.PAYMENTS: _l(
        "%(days)s days after the last payment and the last event, if no claim is open. Vouchers that the law wants to "
        "be kept lie with the cash office."
    ),
    Deadline.RECEIPTS: _l("%(days)s days after the claim was paid, rejected, or begun and left."),
    Deadline.CLAIMS: _l(
        "%(days)s days after the claim was paid, rejected, or begun and left, so that there is a statement of the year "
        "before."
    ),
    Deadline.FILES: _l("%(days)s days after the upload, if the file was not imported."),
    Deadline.MAILS: _l("%(days)s days after they were sent or printed, and at the latest with the person’s data."),
    Deadline.JOBS: _l("%(days)s days after the end of the computation."),
    Deadline.ACCOUNTS: _l("%(days)s days after the last role has ended."),
    Deadline.SUBSCRIPTIONS: _l(
        "As soon as somebody ends it; %(days)s days after it was asked for and never confirmed."
    ),
    Deadline.CONTACTS: _l(
        "%(days)s days after the panel has handed over its result, but not before every case is closed."
    ),
    Deadline.BARRIERS: _l(
        "%(days)s days after the case was closed; what is answered closes by itself after %(days)s days. What was "
        "never answered: %(days)s days after the answer was due."
    ),
    Deadline.PROOFS: _l("Kept as long as the assembly itself. They hold numbers, which say nothing without the rest."),
}
HEADER = (
    _l("Part"),
    _l("No."),
    _l("What"),
    _l("Stored as"),
    _l("Content"),
    _l("What for"),
    _l("Kept until"),
)
"""Of a person's data as a table."""


def deadline_rows(tables: Iterable[Declared], schedule: Schedule) -> list[list[str]]:
    """Return the deletion dates that are used: what, after which rule, when in this assembly."""
    used = {which for declared in tables for kept in declared.kept for which in kept.until}
    return [
        [str(NAMES[which]), _rule(which), _moment(schedule.due.get(which), which, schedule)]
        for which in Deadline
        if which in used
    ]


def field_rows(declared: Declared, schedule: Schedule) -> list[list[str]]:
    """Return what is kept in a table: what, what for, on which ground, until when, and its columns."""
    return [
        [
            gettext(kept.label),
            gettext(kept.purpose),
            str(BASES[kept.basis]),
            "; ".join(_short(which, schedule) for which in kept.until),
            ", ".join(kept.columns),
        ]
        for kept in declared.kept
    ]


def deletion_rows(entries: Iterable[LogEntry]) -> list[list[str]]:
    """Return what was deleted on time: when, and how much."""
    return [[format_datetime(entry.at, "short"), counts_in_words(entry.details)] for entry in entries]


def counts_in_words(counts: Mapping[str, int]) -> str:
    """Return what was deleted, such as “12 files; 3 mails”."""
    return "; ".join(_counted(kind, count) for kind, count in counts.items())


def _counted(kind: str, count: int) -> str:
    texts = {
        "people_not_drawn": ngettext(
            "%(num)s person who is not on the panel", "%(num)s people who are not on the panel", count
        ),
        "members": ngettext("%(num)s member", "%(num)s members", count),
        "receipts": ngettext("%(num)s receipt", "%(num)s receipts", count),
        "needs": ngettext("%(num)s support need", "%(num)s support needs", count),
        "bank_data": ngettext("%(num)s bank account", "%(num)s bank accounts", count),
        "claim_receipts": ngettext("%(num)s receipt of a claim", "%(num)s receipts of claims", count),
        "claims": ngettext("%(num)s claim of an allowance", "%(num)s claims of allowances", count),
        "providers": ngettext("%(num)s provider of support", "%(num)s providers of support", count),
        "files": ngettext("%(num)s uploaded file", "%(num)s uploaded files", count),
        "mails": ngettext("%(num)s mail or letter", "%(num)s mails and letters", count),
        "audit_documents": ngettext("%(num)s audit document", "%(num)s audit documents", count),
        "lottery_documents": ngettext("%(num)s computed lottery", "%(num)s computed lotteries", count),
        "result_versions": ngettext("%(num)s version of a result sheet", "%(num)s versions of result sheets", count),
        "table_leads": ngettext(
            "%(num)s event’s names of those who led tables", "%(num)s events’ names of those who led tables", count
        ),
        "feedback": ngettext("%(num)s feedback in words", "%(num)s feedbacks in words", count),
        "photos": ngettext("%(num)s photo", "%(num)s photos", count),
        "observations": ngettext(
            "%(num)s observation sheet that was never published",
            "%(num)s observation sheets that were never published",
            count,
        ),
        "experts": ngettext("%(num)s expert", "%(num)s experts", count),
        "contacts": ngettext(
            "%(num)s address for notices of the follow-up", "%(num)s addresses for notices of the follow-up", count
        ),
        "barriers": ngettext("%(num)s reported barrier", "%(num)s reported barriers", count),
        "checks": ngettext("%(num)s report of a check", "%(num)s reports of checks", count),
    }
    return str(texts.get(kind, f"{count} {kind}"))


def _rule(which: Deadline) -> str:
    text = str(RULES[which])
    return text % {"days": PERIODS[which].days} if which in PERIODS else text


def _moment(moment: dt.datetime | None, which: Deadline, schedule: Schedule) -> str:
    if moment is not None:
        return str(format_date(moment))
    if which is Deadline.FOLLOW_UP and schedule.is_followed_up:
        return str(gettext("not known yet: recommendations are open"))
    if which in schedule.due:
        return str(gettext("not known yet: nobody has registered"))
    return str(gettext("each on its own day"))


def _short(which: Deadline, schedule: Schedule) -> str:
    moment = schedule.due.get(which)
    if moment is None:
        return str(NAMES[which])
    return str(gettext("%(who)s: %(date)s", who=str(NAMES[which]), date=format_date(moment, "medium")))
