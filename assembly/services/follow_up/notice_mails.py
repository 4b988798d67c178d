"""The mails in which notices stand: all of a day for one address in one mail, and true at the moment when it goes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.clock import now
from assembly.models import Assembly, Case, CaseNotice, Mail, MailState, NoticeKind, case_notice_mails
from assembly.services import mail
from assembly.services.follow_up import cases
from assembly.services.recipients import LANGUAGES

URGENCY = ("overdue_30", "overdue_14", "soon")
"""The parts of a mail, as its template knows them."""


@dataclasses.dataclass(frozen=True, slots=True)
class Pages:
    """Where pages are, as mails say it."""

    public_url: str

    def cases(self, assembly: Assembly) -> str:
        """Return the address of all cases, for staff."""
        return f"{self.public_url}/assemblies/{assembly.id}/cases/"

    def case(self, assembly: Assembly, case: Case) -> str:
        """Return where everyone reads about a case; only staff do as long as the assembly has no public page."""
        if assembly.is_public:
            return f"{self.public_url}/a/{assembly.slug}/recommendations/{case.recommendation.number}"
        return f"{self.cases(assembly)}{case.id}"

    def agenda_item(self, assembly: Assembly, notice: CaseNotice) -> str:
        """Return where the draft of the agenda item is that goes with a notice after 30 days."""
        return f"{self.case(assembly, notice.case)}/agenda-item-{notice.id}.docx"


def write(session: Session, assembly: Assembly, notices: Sequence[CaseNotice], *, to: str, pages: Pages) -> Mail:
    """Queue one mail with notices that were just given."""
    language = next((code for code in assembly.languages if code in LANGUAGES), LANGUAGES[0])
    context = _context(assembly, notices, pages)
    written = mail.queue_mail(session, mail.CASE_NOTICES, to=to, language=language, context=context, assembly=assembly)
    rows = [{"mail_id": written.id, "notice_id": one.id} for one in notices]
    session.execute(sa.insert(case_notice_mails), rows)
    return written


def is_held_back(session: Session, claimed: Mail, *, pages: Pages) -> bool:
    """Whether nothing in a mail that was just claimed is owed any more; then it is set aside.

    If some of it still is, the mail says only that: nobody is reminded of what was done, or moved, meanwhile.
    """
    if claimed.template != mail.CASE_NOTICES or claimed.assembly_id is None:
        return False
    assembly = session.get_one(Assembly, claimed.assembly_id)
    of_it = case_notice_mails.c.mail_id == claimed.id
    with_case = joinedload(CaseNotice.case).options(joinedload(Case.recommendation), joinedload(Case.addressee))
    found = session.scalars(
        sa.select(CaseNotice)
        .join(case_notice_mails, case_notice_mails.c.notice_id == CaseNotice.id)
        .where(of_it)
        .options(with_case)
    ).all()
    holding = _holding(session, assembly, found)
    if not holding:
        mail.move(session, claimed.id, MailState.OUTDATED, only={MailState.SENDING}, finished_at=now())
    elif len(holding) < len(found):
        context = _context(assembly, holding, pages)
        claimed.subject, claimed.text, claimed.html = mail.render(claimed.template, claimed.language, context)
    return not holding


def _holding(session: Session, assembly: Assembly, notices: Sequence[CaseNotice]) -> list[CaseNotice]:
    """Return the notices about what is still owed until the same day."""
    concerned = cases.cases_of(session, assembly, Case.id.in_({one.case_id for one in notices}))
    owed = {(case.id, one.duty, one.due) for case in concerned for one in cases.course_of_case(case).open}
    return [one for one in notices if (one.case_id, one.duty, one.due_on) in owed]


def _context(assembly: Assembly, notices: Sequence[CaseNotice], pages: Pages) -> Mapping[str, Any]:
    parts: dict[str, list[dict[str, Any]]] = {urgency: [] for urgency in URGENCY}
    for one in sorted(notices, key=lambda one: (one.due_on, one.case.recommendation.number, one.case_id, one.duty)):
        parts[_urgency(one.kind)].append(_item(assembly, one, pages))
    return {
        "assembly": assembly.title,
        "parts": [{"urgency": urgency, "notices": found} for urgency, found in parts.items() if found],
        "page": pages.cases(assembly),
    }


def _item(assembly: Assembly, one: CaseNotice, pages: Pages) -> dict[str, Any]:
    case = one.case
    return {
        "number": case.recommendation.number,
        "title": case.recommendation.title,
        "addressee": case.addressee.name,
        "unit": case.unit,
        "duty": one.duty.value,
        "due_on": one.due_on,
        "page": pages.case(assembly, case),
        "agenda_item": pages.agenda_item(assembly, one) if one.kind is NoticeKind.OVERDUE_30 else None,
    }


def _urgency(kind: NoticeKind) -> str:
    return kind.value if kind in (NoticeKind.OVERDUE_14, NoticeKind.OVERDUE_30) else "soon"
