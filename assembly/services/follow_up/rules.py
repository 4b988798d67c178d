"""The rules of the follow-up: drafted before the first invitation, published with it, changed only by new versions."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785
import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from assembly.clock import now
from assembly.models import Addressee, Assembly, Binding, Duty, FollowUpRules, User
from assembly.periods import Period
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.follow_up import dates
from assembly.services.follow_up.rule_templates import COUNCIL_WORDS, TEMPLATES
from assembly.services.programme import times
from assembly.services.site import settings
from assembly.services.texts import catalogue

DOMAIN = b"assembly/follow-up-rules/1"
PERIODS = (
    *("assigned", "answered", "debated", "minutes", "decided", "first_report", "report", "review"),
    *("members_reply", "better_answer", "forwarded", "examined", "postponed", "objection"),
)
NUMBERS = ("longest_extension", "adoption_percent", "quorum_percent", "minority_size")
WORDS = tuple(COUNCIL_WORDS)
TERMS = (*PERIODS, *NUMBERS, *WORDS)
"""What the rules say, beside the addressees."""
ADDRESSEE_FIELDS = ("name", "body", "binding", "resolution", "resolution_link", "resolved_on")
FIELD_OF: Mapping[Duty, str] = {
    Duty.ASSIGN: "assigned",
    Duty.ANSWER: "answered",
    Duty.DEBATE: "debated",
    Duty.DECIDE: "decided",
    Duty.FIRST_REPORT: "first_report",
    Duty.REVIEW: "review",
    Duty.MINUTES: "minutes",
}
LONGEST_POSTPONEMENT = 366
LONGEST_PERIOD = dt.timedelta(days=5 * 366)
CHECKED_DAYS = 3 * 365
"""Handovers on so many days from now on are tried, to see that what is due stays in order."""


def published_rules(session: Session, assembly: Assembly) -> FollowUpRules | None:
    """Return the rules that hold now for what is handed over, if any are published."""
    return session.scalar(_of(assembly).where(FollowUpRules.published_at.is_not(None)).limit(1))


def versions_of(session: Session, assembly: Assembly) -> Sequence[FollowUpRules]:
    """Return all published versions, newest first."""
    return session.scalars(_of(assembly).where(FollowUpRules.published_at.is_not(None))).all()


def every_version(session: Session, assembly: Assembly) -> Sequence[FollowUpRules]:
    """Return all versions, newest first; if the first is not published, it is the draft."""
    return session.scalars(_of(assembly)).all()


def draft_of(session: Session, assembly: Assembly) -> FollowUpRules | None:
    """Return the draft, if there is one."""
    return session.scalar(_of(assembly).where(FollowUpRules.published_at.is_(None)).limit(1))


def current(session: Session, assembly: Assembly) -> FollowUpRules | None:
    """Return the newest version, whether draft or published."""
    return session.scalar(_of(assembly).limit(1))


def begin(session: Session, assembly: Assembly, key: str, *, by: User) -> FollowUpRules:
    """Draft the first version from a template, with the commissioning body as an addressee that is asked.

    The template's words are in the assembly's first language. Raises RuleError for an unknown template, ConflictError
    if there are rules already.
    """
    template = TEMPLATES.get(key)
    if template is None:
        raise RuleError(marked("Choose a template from the list."), field="template")
    freezing.lock_pool(session, assembly.id)
    if current(session, assembly) is not None:
        raise ConflictError(marked("There are rules already. Change them instead."))
    translate = catalogue("en" if assembly.languages[:1] == ["en"] else "de").ugettext
    words = {name: translate(text) for name, text in template.words.items()}
    draft = FollowUpRules(assembly_id=assembly.id, version=1, **template.terms, **words)
    draft.addressees = [Addressee(number=1, name=assembly.commissioning_body, body=assembly.commissioning_body)]
    session.add(draft)
    session.flush()
    logbook.record(session, assembly, "rules_begun", by=by, subject=_subject(draft), details={"template": key})
    return draft


def begin_version(session: Session, assembly: Assembly, *, by: User) -> FollowUpRules:
    """Draft a new version as a copy of the published one. Raises ConflictError without one, or beside a draft."""
    freezing.lock_pool(session, assembly.id)
    last = current(session, assembly)
    if last is None or last.published_at is None:
        raise ConflictError(marked("There is a draft already. Change it, or discard it."))
    draft = FollowUpRules(
        assembly_id=assembly.id, version=last.version + 1, **{field: getattr(last, field) for field in TERMS}
    )
    draft.addressees = [
        Addressee(number=one.number, **{field: getattr(one, field) for field in ADDRESSEE_FIELDS})
        for one in last.addressees
    ]
    session.add(draft)
    session.flush()
    logbook.record(session, assembly, "rules_begun", by=by, subject=_subject(draft))
    return draft


def discard(session: Session, assembly: Assembly, draft: FollowUpRules, *, by: User) -> None:
    """Remove a draft that nobody wants. Raises ConflictError if it is published."""
    _require_draft(session, assembly, draft)
    logbook.record(session, assembly, "rules_discarded", by=by, subject=_subject(draft))
    session.delete(draft)
    session.flush()


def change(session: Session, assembly: Assembly, draft: FollowUpRules, values: Mapping[str, Any], *, by: User) -> None:
    """Change what a draft says. Raises RuleError for what cannot be kept, ConflictError if it is published."""
    _require_draft(session, assembly, draft)
    before = {field: _plain(getattr(draft, field)) for field in TERMS}
    for field in TERMS:
        if field in values:
            setattr(draft, field, values[field])
    _check(session, assembly, draft)
    session.flush()
    after = {field: _plain(getattr(draft, field)) for field in TERMS}
    if changes := logbook.changes(before, after):
        logbook.record(session, assembly, "rules_changed", by=by, subject=_subject(draft), details=changes)


def add_addressee(
    session: Session, assembly: Assembly, draft: FollowUpRules, values: Mapping[str, Any], *, by: User
) -> Addressee:
    """Name who has to answer. Raises RuleError, ConflictError if the rules are published."""
    _require_draft(session, assembly, draft)
    _check_addressee(draft, values)
    number = 1 + max((one.number for rules in every_version(session, assembly) for one in rules.addressees), default=0)
    said = _said_of(values)
    addressee = Addressee(number=number, **{field: said[field] for field in ADDRESSEE_FIELDS if field in said})
    draft.addressees.append(addressee)
    session.flush()
    details = {"name": addressee.name, "binding": addressee.binding.value}
    logbook.record(session, assembly, "addressee_added", by=by, subject=_subject(draft), details=details)
    return addressee


def change_addressee(
    session: Session, assembly: Assembly, addressee: Addressee, values: Mapping[str, Any], *, by: User
) -> None:
    """Change who has to answer. Raises RuleError, ConflictError if the rules are published."""
    _require_draft(session, assembly, addressee.rules)
    _check_addressee(addressee.rules, values, but=addressee)
    changes = logbook.assign(addressee, _said_of(values), ADDRESSEE_FIELDS)
    session.flush()
    if changes:
        subject = _subject(addressee.rules)
        logbook.record(session, assembly, "addressee_changed", by=by, subject=subject, details=changes)


def remove_addressee(session: Session, assembly: Assembly, addressee: Addressee, *, by: User) -> None:
    """Take an addressee out of a draft. Raises ConflictError if it is published, or this is the only one."""
    rules = addressee.rules
    _require_draft(session, assembly, rules)
    if len(rules.addressees) == 1:
        raise ConflictError(marked("Somebody has to answer: add another addressee first."))
    details = {"name": addressee.name}
    rules.addressees.remove(addressee)
    session.flush()
    logbook.record(session, assembly, "addressee_removed", by=by, subject=_subject(rules), details=details)


def get_addressee(session: Session, assembly: Assembly, addressee_id: int) -> Addressee:
    """Return an addressee of the draft. Raises NotFoundError."""
    addressee = session.get(Addressee, addressee_id)
    if addressee is None or addressee.rules.assembly_id != assembly.id:
        raise NotFoundError
    return addressee


def publish_first(session: Session, assembly: Assembly, *, by: User) -> FollowUpRules:
    """Publish the first version, from now on locked: the first letters go out, and with them this promise.

    An assembly that has drafted nothing gets the rules of a municipal council, so that none is without. Returns the
    published version, also if there was one. Raises RuleError if what the draft says cannot be kept.
    """
    freezing.lock_pool(session, assembly.id)
    published = published_rules(session, assembly)
    if published is not None:
        return published
    draft = draft_of(session, assembly) or begin(session, assembly, "council", by=by)
    _publish(session, assembly, draft, by=by)
    return draft


def publish_version(session: Session, assembly: Assembly, draft: FollowUpRules, reason: str, *, by: User) -> None:
    """Publish a later version with its reason; it holds for what is handed over from now on, not for what runs.

    Raises RuleError without reason, ConflictError if the first version is not published yet.
    """
    _require_draft(session, assembly, draft)
    if published_rules(session, assembly) is None:
        raise ConflictError(
            marked("The first version is published by itself, on the day on which the first letters go out.")
        )
    if not reason.strip():
        raise RuleError(marked("Say why the rules change; everyone can read it."), field="reason")
    draft.reason = reason.strip()
    _publish(session, assembly, draft, by=by)


def digest_of(rules: FollowUpRules) -> str:
    """Return the hash of what a version says, as the log holds it."""
    content: dict[str, Any] = {
        "assembly": rules.assembly_id,
        "version": rules.version,
        "state": rules.state,
        "reason": rules.reason,
        "terms": {field: _plain(getattr(rules, field)) for field in TERMS},
        "addressees": [
            {"number": one.number} | {field: _plain(getattr(one, field)) for field in ADDRESSEE_FIELDS}
            for one in rules.addressees
        ],
    }
    return hashlib.sha256(DOMAIN + rfc8785.dumps(content)).hexdigest()


def _publish(session: Session, assembly: Assembly, draft: FollowUpRules, *, by: User) -> None:
    _check(session, assembly, draft)
    if not draft.addressees:
        raise RuleError(marked("Name at least one addressee."))
    draft.state = settings.state_of(session, assembly.id)
    draft.published_at, draft.published_by_id, draft.digest = now(), by.id, digest_of(draft)
    session.flush()
    details = {"version": draft.version, "digest": draft.digest}
    logbook.record(session, assembly, "rules_published", by=by, subject=_subject(draft), details=details)


def _require_draft(session: Session, assembly: Assembly, rules: FollowUpRules) -> None:
    freezing.lock_pool(session, assembly.id)
    session.refresh(rules)
    for addressee in rules.addressees:
        session.refresh(addressee)
    if rules.published_at is not None:
        raise ConflictError(
            marked("These rules are published, so they no longer change. Draft a new version, with reasons.")
        )


def _check(session: Session, assembly: Assembly, rules: FollowUpRules) -> None:
    today = times.day_of(now())
    for field in PERIODS:
        end = getattr(rules, field).after(today)
        if not today < end <= today + LONGEST_PERIOD:
            raise RuleError(marked("A period is at least one day and at most five years."), field=field)
    if rules.postponed.after(today) > today + dt.timedelta(days=LONGEST_POSTPONEMENT):
        raise RuleError(marked("A recommendation is postponed by twelve months at most."), field="postponed")
    state = settings.state_of(session, assembly.id)
    if mixed := dates.disorder(rules, state, today, CHECKED_DAYS):
        raise RuleError(
            marked("This could be due before what has to precede it: give it more time."),
            field=FIELD_OF[mixed[1]],
        )


def _check_addressee(rules: FollowUpRules, values: Mapping[str, Any], but: Addressee | None = None) -> None:
    if any(one is not but and one.name == values["name"] for one in rules.addressees):
        raise RuleError(marked("This addressee is named already."), field="name")
    if values["binding"] is Binding.BOUND:
        for field in ("resolution", "resolved_on"):
            if not values.get(field):
                raise RuleError(
                    marked("An addressee is bound by a resolution: name it with its date, or choose “asked”."),
                    field=field,
                )


def _said_of(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is said of an addressee: one that is only asked has no resolution."""
    without = {"resolution": "", "resolution_link": "", "resolved_on": None}
    return {**values, **without} if values["binding"] is Binding.ASKED else values


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else str(value) if isinstance(value, Period) else value


def _subject(rules: FollowUpRules) -> str:
    return f"follow_up_rules:{rules.id}"


def _of(assembly: Assembly) -> sa.Select[FollowUpRules]:
    newest = FollowUpRules.version.desc()
    found = sa.select(FollowUpRules).where(FollowUpRules.assembly_id == assembly.id).order_by(newest)
    return found.options(selectinload(FollowUpRules.addressees))
