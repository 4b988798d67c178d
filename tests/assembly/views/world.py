"""Two assemblies with one thing of every kind each, and an account for every role."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import secrets
import sqlite3
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from assembly.clock import now
from assembly.models import (
    EVERY_ADDRESSEE,
    AdoptionCount,
    Assembly,
    Binding,
    CaseNotice,
    Claim,
    ClaimState,
    Commitment,
    ConsentKind,
    Contact,
    ContributingUnit,
    CouncilMeeting,
    CouncilSource,
    Draft,
    DraftVersion,
    Duty,
    EntryKind,
    Event,
    EventCall,
    EventKind,
    ExpertRole,
    GroupElection,
    GroupProposal,
    GroupSeat,
    Household,
    InvitationRecord,
    ItemKind,
    Lottery,
    LotteryState,
    Mail,
    MailState,
    MaterialKind,
    Member,
    MemberConsent,
    MemberRequest,
    MessageKind,
    MinorityView,
    Move,
    NeedKind,
    NoticeKind,
    Openness,
    Outreach,
    PageKind,
    Panel,
    PaymentList,
    Presence,
    RecommendationState,
    RequestKind,
    Respondent,
    ResultSheet,
    Role,
    Status,
    SupportNeed,
    Surface,
    Unit,
    User,
)
from assembly.models.invitations import OutreachKind
from assembly.models.respondents import Source
from assembly.services import accounts, assemblies, imports, logbook
from assembly.services.allowances import receipts
from assembly.services.barriers import reporting
from assembly.services.daily import today
from assembly.services.experts import asking, inputs, inviting, questions
from assembly.services.follow_up import agenda_items, cases, contacts, meetings, rules
from assembly.services.materials import publishing
from assembly.services.materials.files import UploadedFile
from assembly.services.materials.publishing import Content
from assembly.services.members import access
from assembly.services.messages import announcements
from assembly.services.needs import bookings, providers
from assembly.services.programme import agenda, events, places
from assembly.services.recommendations import drafting, importing, reading
from assembly.services.result_sheets import writing
from assembly.services.site import pages
from assembly.services.site_visits import observations, photos, visits
from assembly.services.site_visits.pictures import photo_from
from assembly.services.solving import summary_of
from sortition.lottery_file import parse_lottery
from tests.assembly.conftest import WORDS, sign_in
from tests.assembly.photographs import photograph
from tests.assembly.sample import add_feature, as_csv
from tests.assembly.services.follow_up.recommended import hand_over
from tests.project import ROOT

CITY_WIDE = [role for role in Role if role.is_city_wide]
LOCAL = [role for role in Role if not role.is_city_wide]
STRANGER, ORGANISER_ELSEWHERE, NOBODY = "stranger", "organiser elsewhere", "nobody"
MEMBER, FORMER_MEMBER = "member", "former member"
VISITORS = (NOBODY, MEMBER, FORMER_MEMBER)
ACTORS: list[str] = [*(role.value for role in Role), STRANGER, ORGANISER_ELSEWHERE, *VISITORS]
"""Whoever may come: each role in the assembly or city-wide, an account without role, the organiser of another assembly,
a visitor who is not signed in, and visitors who opened a member's link: one of somebody with a seat, in an assembly of
their own, since a confirmed member would freeze the pool of the first one, and one of somebody who has withdrawn."""
PEOPLE = [("Yvonne", "Yilmaz"), ("Zacharias", "Zwickel"), ("Xenia", "Xylander")]

DOCUMENTS = ROOT / "tests" / "sortition" / "protocol" / "vectors"

Values = dict[str, Any]


def _things(session: Session, title: str, organiser: User) -> Values:
    """Make an assembly with one thing of every kind; return the values for the arguments of addresses."""
    assembly = assemblies.create_assembly(session, WORDS | {"title": title, "is_public": True}, by=organiser)
    feature = add_feature(session, assembly, "Geschlecht", ["weiblich", "männlich"])
    household = Household(assembly_id=assembly.id)
    respondents = [
        Respondent(
            assembly_id=assembly.id,
            code=f"code-{number}",
            registered_at=now(),
            source=Source.FILE,
            contact=Contact(
                first_name=first, last_name=last, email=f"{last}@{title[-6:]}.example".lower(), phone="0170 1234567"
            ),
        )
        for number, (first, last) in enumerate(PEOPLE)
    ]
    household.respondents = respondents[:2]
    record = InvitationRecord(assembly_id=assembly.id)
    record.outreach = [Outreach(kind=OutreachKind.DOOR_VISITS, held_on=dt.date(2026, 3, 1), languages=["de"])]
    file = as_csv([{"id": "17", "Vorname": "Walburga", "Nachname": "Wunderlich", "Geschlecht": "weiblich"}])
    upload = imports.upload(session, assembly, file, name="registrations.csv", by=organiser)
    solved = (DOCUMENTS / "lottery.json").read_bytes()
    lottery = Lottery(
        assembly_id=assembly.id,
        state=LotteryState.FAILED,
        is_rehearsal=False,
        one_per_household=True,
        started_at=now(),
        started_by_id=organiser.id,
        inputs="0" * 64,
        document=solved,
        summary=summary_of(parse_lottery(json.loads(solved), name="lottery.json")),
    )
    caller = accounts.create_account(session, email=f"caller@{title[-6:]}.example".lower(), name="Karla Kontakt")
    membership = accounts.grant(session, caller, Role.CALLER, assembly=assembly, by=organiser)
    session.add_all([household, *respondents, record, lottery])
    session.flush()
    public = json.loads((DOCUMENTS / "public-digits.json").read_bytes())
    commitment = Commitment(
        assembly_id=assembly.id,
        lottery_id=lottery.id,
        hash=secrets.token_hex(32),
        committed_at=now(),
        committed_by_id=organiser.id,
        moment=now(),
        rule=public["draw_rule"],
        voided_at=now(),
        void_reason="made for a test",
        public_document=(DOCUMENTS / "public-digits.json").read_bytes(),
        audit_document=(DOCUMENTS / "audit-digits.json").read_bytes(),
    )
    session.add(commitment)
    session.flush()
    drawn = Respondent(
        assembly_id=assembly.id,
        code="code-of-a-member",
        registered_at=now(),
        source=Source.FILE,
        status=Status.WITHDRAWN,  # a drawn one would freeze the pool
        contact=Contact(first_name="Veronika", last_name="Vogelsang", email=f"vogelsang@{title[-6:]}.example".lower()),
    )
    session.add(drawn)
    session.flush()
    session.add(Panel(assembly_id=assembly.id, drawn_at=now(), replacements_end_at=now()))
    session.add(Member(respondent_id=drawn.id, assembly_id=assembly.id, commitment_id=commitment.id, drawn_at=now()))
    mails = [
        Mail(
            assembly_id=assembly.id,
            respondent_id=respondents[2].id,
            template="acknowledgement",
            language="de",
            recipient="xylander@example.org",
            subject="Ihre Anmeldung",
            text="Guten Tag Xenia Xylander",
            html="",
            state=state,
            created_at=now(),
            due_at=now(),
        )
        for state in (MailState.PERHAPS_SENT, MailState.TO_PRINT)
    ]
    need = SupportNeed(respondent_id=drawn.id, recorded_at=now(), recorded_by_id=organiser.id, text="Rampe")
    session.add_all([*mails, need])
    place = places.add_place(session, assembly, {"name": "Rathaus"}, by=organiser)
    room = places.add_room(session, assembly, place, {"name": "Saal", "capacity": 60}, by=organiser)
    begin = now().replace(microsecond=0)
    times = {"starts_at": begin + dt.timedelta(days=30), "ends_at": begin + dt.timedelta(days=30, hours=2)}
    event = events.add_event(session, assembly, times | {"kind": EventKind.PLENARY, "title": "Auftakt"}, by=organiser)
    item = agenda.add_item(session, event, {"kind": ItemKind.INPUT, "title": "Begrüßung", "minutes": 10}, by=organiser)
    interpreter = {"name": "Dörte Dolmetsch", "kinds": [NeedKind.SIGN_LANGUAGE.value]}
    provider = providers.add_provider(session, assembly, interpreter, by=organiser)
    booking = bookings.add_booking(
        session, event, {"kind": NeedKind.SIGN_LANGUAGE, "people": 1, "provider_id": provider.id}, by=organiser
    )
    alone = providers.add_provider(session, assembly, interpreter, by=organiser)
    knowledge = (
        _knowledge(session, assembly, event, drawn, organiser)
        | _rules(session, assembly, organiser)
        | _recommendations(session, assembly, organiser)
        | _followed(session, assembly, drawn, organiser)
        | {"contact_id": _contact(session, assembly, organiser)}
        | _council(session, assembly)
        | _visit(session, assembly, drawn, organiser)
        | _sheet(session, event, organiser)
        | _messages(session, assembly, event, drawn, organiser)
        | _money(session, assembly, event, drawn, organiser)
    )
    session.commit()
    return knowledge | {
        "assembly_id": assembly.id,
        "slug": assembly.slug,
        "feature_id": feature.id,
        "respondent_id": respondents[2].id,
        "one_id": respondents[0].id,
        "other_id": respondents[1].id,
        "household_id": household.id,
        "outreach_id": record.outreach[0].id,
        "import_id": upload.id,
        "lottery_id": lottery.id,
        "commitment_id": commitment.id,
        "fingerprint": commitment.hash,
        "member_id": drawn.id,
        "membership_id": membership.id,
        "mail_id": mails[0].id,
        "need_id": need.id,
        "place_id": place.id,
        "room_id": room.id,
        "event_id": event.id,
        "item_id": item.id,
        "booking_id": booking.id,
        "provider_id": alone.id,
        "first": mails[1].id,
        "last": mails[1].id,
    }


def _followed(session: Session, assembly: Assembly, member: Respondent, organiser: User) -> Values:
    """Make a case, and a proposal of the follow-up group, in which the member is, that nothing can be said by now."""
    case = hand_over(session, assembly, by=organiser, on=today(), first=90)[0]
    session.add(MemberConsent(respondent_id=member.id, kind=ConsentKind.FOLLOW_UP, given_at=now()))
    elected = {"held_on": today(), "took_part": 1, "size": 1, "recorded_at": now(), "recorded_by_id": organiser.id}
    election = GroupElection(assembly_id=assembly.id, **elected)
    proposal = GroupProposal(
        assembly_id=assembly.id, case=case, move=Move.ASK_BETTER, text="Zu kurz.", written_at=now()
    )
    session.add_all([election, proposal])
    session.flush()
    session.add(GroupSeat(election_id=election.id, respondent_id=member.id))
    about = {"duty": "assign", "due_on": today().isoformat(), "kind": "overdue_30", "told": []}
    logbook.record(session, assembly, agenda_items.LOGGED, by=None, subject=cases.subject_of(case), details=about)
    notice = CaseNotice(case=case, duty=Duty.ASSIGN, due_on=today(), kind=NoticeKind.OVERDUE_30, noted_on=today())
    session.add(notice)
    session.flush()
    return {"case_id": case.id, "case_number": case.id, "proposal_id": proposal.id, "notice_id": notice.id}


def _rules(session: Session, assembly: Assembly, organiser: User) -> Values:
    """Make published rules of the follow-up, a draft of a new version, and a meeting."""
    rules.publish_first(session, assembly, by=organiser)
    draft = rules.begin_version(session, assembly, by=organiser)
    asked = {"name": "Verkehrsverbund", "binding": Binding.ASKED}
    held = {"body": "Stadtrat", "held_on": dt.date(2035, 1, 8)}
    return {
        "addressee_id": rules.add_addressee(session, assembly, draft, asked, by=organiser).id,
        "meeting_id": meetings.add_meeting(session, assembly, held, by=organiser).id,
    }


def _recommendations(session: Session, assembly: Assembly, organiser: User) -> Values:
    """Make a draft with the number 1 (and a minority view, which only adopted ones have) and an adopted one."""
    for title in ("Mehr Bänke", "Mehr Bäume"):
        drafting.draft(session, assembly, {"title": title, "text": f"{title} bis 2030."}, by=organiser)
    drafted, adopted = (reading.get_recommendation(session, assembly, number) for number in (1, 2))
    count = {"counted_on": today(), "counted_by_id": organiser.id, "version": 1, "is_adopted": True}
    votes = {"yes": 1, "no": 0, "abstained": 0, "present": 1, "panel_size": 1}
    session.add(AdoptionCount(recommendation_id=adopted.id, **count, **votes))
    adopted.state, adopted.adopted_at = RecommendationState.ADOPTED, now()
    view = MinorityView(
        recommendation_id=drafted.id, text="Weniger Bäume", supporters=3, added_at=now(), added_by_id=organiser.id
    )
    session.add(view)
    session.flush()
    file = importing.upload(session, assembly, b"Titel;Text\nMehr Schatten;Bis 2030.\n", name="r.csv", by=organiser)
    return {"view_id": view.id, "file_id": file.id}


def _unit(session: Session, case_id: int, department: User) -> Values:
    """Make a department in which somebody works, and which contributes to a case, with a draft."""
    unit = Unit(name="Tiefbauamt", members=[department])
    session.add(unit)
    session.flush()
    draft = Draft(case_id=case_id, move=Move.ANSWER)
    draft.versions = [DraftVersion(number=1, facts={"outcome": "accepted"}, saved_at=now(), saved_by_id=department.id)]
    session.add_all([ContributingUnit(case_id=case_id, unit_id=unit.id), draft])
    session.flush()
    return {"unit_id": unit.id, "user_id": department.id}


def _site(session: Session, administrator: User) -> Values:
    """Publish the imprint of the site, and report a barrier."""
    values = {"text_de": "Stadt Auenfurt", "text_en": "", "video": "", "is_required": None, "source": ""}
    pages.save(session, PageKind.IMPRINT, values, by=administrator)
    pages.publish(session, PageKind.IMPRINT, by=administrator)
    barrier = reporting.report(
        session, page="/", text="Zu klein", email="xylander@example.org", language="de", city="Auenfurt"
    )
    return {"barrier_id": barrier.id}


def _contact(session: Session, assembly: Assembly, organiser: User) -> int:
    values = {"role": "office", "addressee": EVERY_ADDRESSEE, "email": "ratsbuero@example.org"}
    return contacts.add_contact(session, assembly, values, by=organiser).id


def _council(session: Session, assembly: Assembly) -> Values:
    """Make a council information system with one meeting to come."""
    address = "https://ris.example.org"
    source = CouncilSource(assembly_id=assembly.id, address=address, name="Auenfurt", body=f"{address}/body/1")
    session.add(source)
    session.flush()
    meeting = CouncilMeeting(
        source_id=source.id,
        oparl_id=f"{address}/meeting/1",
        name="Sitzung des Stadtrats",
        organizations=["Stadtrat"],
        starts_at=now() + dt.timedelta(days=20),
    )
    session.add(meeting)
    session.flush()
    return {"council_meeting_id": meeting.id}


def _messages(session: Session, assembly: Assembly, event: Event, one: Respondent, organiser: User) -> Values:
    """Make a message that nobody got yet, and a call to somebody."""
    words = {"audience": "all", "event_id": None, "subject": "Hinweis", "text": "Bitte warm anziehen."}
    others = dict.fromkeys(("plain_text", "english_subject", "english_text"), "")
    announcement = announcements.draft(session, assembly, words | others | {"table_number": None}, by=organiser)
    call = EventCall(
        deed=f"{event.id}:change",
        respondent_id=one.id,
        event_id=event.id,
        kind=MessageKind.CHANGE,
        starts_at=event.starts_at,
        made_at=now(),
    )
    session.add(call)
    session.flush()
    return {"announcement_id": announcement.id, "call_id": call.id}


def _knowledge(session: Session, assembly: Assembly, event: Event, asking_one: Respondent, organiser: User) -> Values:
    """Make an expert, a question, a request with an answer, and a material."""
    question = questions.add_question(session, assembly, "Wie wird es kühler?", ["Pflege"], by=organiser)
    perspective = question.perspectives[0]
    expert = inviting.add_expert(
        session,
        assembly,
        {"name": "Ada Blume", "role": ExpertRole.SCIENCE, "chosen_by": "Beirat"},
        perspectives=[perspective.id],
        by=organiser,
    )
    made = inputs.add_input(session, expert, event, None, minutes=10, by=organiser)
    asked = MemberRequest(
        assembly_id=assembly.id,
        respondent_id=asking_one.id,
        kind=RequestKind.QUESTION,
        text="Wer entscheidet?",
        asked_on=dt.date(2026, 3, 1),
    )
    session.add(asked)
    answered = {"kind": RequestKind.QUESTION, "wording": "Was kostet es?", "answer": "Nichts.", "is_published": True}
    answer = asking.add_answer(session, assembly, answered, by=organiser)
    said = {"title": "Klimakarte", "source": "Stadt", "licence": "CC BY 4.0", "is_public": True, "language": "de"}
    file = publishing.looked_at(b"Text", clamd=None)
    material = publishing.add_material(session, assembly, MaterialKind.DOCUMENT, said, Content(file=file), by=organiser)
    publishing.publish(session, material, by=organiser)
    return {
        "question_id": question.id,
        "perspective_id": perspective.id,
        "expert_id": expert.id,
        "input_id": made.id,
        "request_id": asked.id,
        "answer_id": answer.id,
        "material_id": material.id,
        "version_id": material.versions[0].id,
    }


def _visit(session: Session, assembly: Assembly, writing_one: Respondent, organiser: User) -> Values:
    """Make a site visit that has begun, with a stop, and what a member saw there, published with a photo."""
    begin = now().replace(microsecond=0) - dt.timedelta(hours=1)
    values = {"kind": EventKind.SITE_VISIT, "title": "Ortsbegehung", "openness": Openness.AGENDA_PUBLIC}
    times = {"starts_at": begin, "ends_at": begin + dt.timedelta(hours=3)}
    event = events.add_event(session, assembly, values | times, by=organiser)
    events.publish(session, event, by=organiser)
    stop = visits.add_stop(
        session, event, {"name": "Brunnen", "metres": 0, "surface": Surface.SMOOTH, "about": ""}, by=organiser
    )
    sheet = observations.write(
        session, event, {"seen": "Kein Schatten", "stop_id": stop.id}, respondent_id=writing_one.id, by=organiser
    )
    photo = photos.add_photo(session, sheet, photo_from(photograph(), clamd=None), "Ein Platz", by=organiser)
    photos.agree(session, sheet, photo, by=organiser)
    observations.publish(session, sheet, version=observations.version_of(sheet), by=organiser)
    return {"visit_id": event.id, "stop_id": stop.id, "sheet_id": sheet.id, "photo_id": photo.id}


def _money(session: Session, assembly: Assembly, event: Event, claiming: Respondent, organiser: User) -> Values:
    """Make a claim that was handed in, with a receipt, and an empty payment list."""
    claim = Claim(respondent_id=claiming.id, event_id=event.id, changed_at=now(), presence=Presence.WHOLE_DAY)
    made = PaymentList(assembly_id=assembly.id, made_at=now(), made_by_id=organiser.id, claims=0, cents=0)
    session.add_all([claim, made])
    session.flush()
    receipt = receipts.add_receipt(session, claim, UploadedFile(b"\x89PNG\r\n\x1a\n", ".png"), by=None)
    claim.state = ClaimState.SUBMITTED
    session.flush()
    return {"claim_id": claim.id, "receipt_id": receipt.id, "list_id": made.id}


def _sheet(session: Session, event: Event, organiser: User) -> Values:
    """Make a published result sheet with one version; its event stays a draft, as the others expect it."""
    sheet = ResultSheet(
        assembly_id=event.assembly_id,
        event_id=event.id,
        item_id=event.agenda[0].id,
        round=1,
        table_number=1,
        version=0,
        changed_at=now(),
    )
    session.add(sheet)
    session.flush()
    new = {EntryKind.OPEN_QUESTION: ["Wer zahlt?"]}
    writing.save(session, sheet, version=0, texts={}, new=new, by=organiser)
    writing.publish(session, sheet, version=sheet.version, is_public=True, has_looked=True, by=organiser)
    return {"result_id": sheet.id}


def _link(session: Session, member_id: int, status: Status) -> str:
    """Return the link of a drawn person, who then stands as this says."""
    member = session.get_one(Member, member_id)
    member.respondent.status = Status.CONFIRMED
    session.flush()
    link = access.renew(session, member, by=None).link
    member.respondent.status = status
    session.commit()
    return link


COMMON: Values = {
    "what": "paper",
    "filename": "icon.svg",
    "language": "de",
    "number": 1,
    "recommendation_number": defaultdict(lambda: 2, {"public.agenda_item": 90}),
    "version_number": 1,
    "token": "nonsense",
    "code": "nonsense",
    "link": "nonsense" * 4,
    "letter": "panel_drawn",
    "pair_id": 0,
    "sheet": "badges",
    "move": {
        "cases.step": "assign",
        "desk.edit": "answer",
        "desk.draft": "answer",
        "desk.decide": "answer",
        "member.new_proposal": "ask_better",
    },
    "choice": "yes",
    "deed": {
        "events.arrange": "up",
        "feedback.decide": "publish",
        "member.move_proposal": "open",
        "desk.decide": "comment",
    },
    "booking_state": "asked",
    "claim_deed": "check",
    "list_kind": "csv",
    "reader": "employer",
    "name": "imprint",
    "year": 2035,
    "consent": "contact",
    "expert_state": "invited",
    "material_kind": "document",
    "material_deed": "withhold",
    "photo_deed": "agree",
    "sheet_deed": "withhold",
    "size": "small",
    "stop_deed": "up",
    "status": "declined",
    "switch": "off",
    "fate": "sent",
    "kind": {
        "answer_files.document": "docx",
        "cases.case_agenda_item": "docx",
        "citizens_report.file": "pdf",
        "member.export_data": "json",
        "pool.export": "csv",
        "posting.letters": "acknowledgement",
        "posting.printed": "acknowledgement",
        "privacy.export": "json",
        "public.agenda_item": "pdf",
        "public.citizens_report": "docx",
    },
    "decision": {
        "barriers.decide": "another_way",
        "pool_decisions.decide": "same",
        "pool_decisions.decide_household": "confirm",
        "posting.decide": "again",
    },
}
"""Values of arguments that belong to no assembly; by endpoint where they differ."""
WITHOUT_ASSEMBLY = {"membership_id": "city_membership_id"}
"""Arguments that mean something else in addresses without an assembly."""


@dataclasses.dataclass(slots=True)
class World:
    """The application with everything in it, and how to visit it."""

    app: Flask
    users: dict[str, User]
    here: Values
    elsewhere: Values
    own: Values
    links: dict[str, str]
    _raw: sqlite3.Connection
    _copy: sqlite3.Connection

    @classmethod
    def made(cls, app: Flask, session: Session, database: Path) -> World:
        """Fill an empty application."""
        organiser = accounts.create_account(session, email="orga@example.org", name="Olga Organ")
        other = accounts.create_account(session, email="other@example.org", name="Oskar Anderswo")
        here = _things(session, "Bürgerrat Mobilität", organiser)
        elsewhere = _things(session, "Bürgerrat Klima", other)
        own = _things(session, "Bürgerrat Wasser", other)
        assembly = session.get_one(Assembly, here["assembly_id"])
        links = {
            MEMBER: _link(session, own["member_id"], Status.CONFIRMED),
            FORMER_MEMBER: _link(session, here["member_id"], Status.WITHDRAWN),
        }
        users = {Role.ORGANISER.value: organiser, ORGANISER_ELSEWHERE: other}
        for role in Role:
            if role is not Role.ORGANISER:
                user = accounts.create_account(session, email=f"{role.value}@example.org", name=f"Name {role.value}")
                accounts.grant(session, user, role, assembly=None if role.is_city_wide else assembly, by=None)
                users[role.value] = user
        users[STRANGER] = accounts.create_account(session, email="stranger@example.org", name="Sam Stranger")
        session.commit()
        department = users[Role.DEPARTMENT.value]
        here |= _unit(session, here["case_id"], department)
        here |= _site(session, users[Role.SITE_ADMINISTRATOR.value])
        here["city_membership_id"] = elsewhere["city_membership_id"] = department.memberships[0].id
        session.commit()
        raw, copy = sqlite3.connect(database), sqlite3.connect(":memory:")
        raw.backup(copy)
        return cls(app, users, here, elsewhere, own, links, raw, copy)

    def visitor(self, actor: str) -> FlaskClient:
        """Return a new browser of somebody who signed in just now."""
        client = self.app.test_client()
        if actor in self.links:
            client.get(f"/m/{self.links[actor]}")
        elif actor != NOBODY:
            sign_in(client, self.users[actor])
            with client.session_transaction() as cookie:
                cookie["fs_paa"] = time.time()
        return client

    def address(self, rule: Rule, changes: Values | None = None) -> str:
        """Return an address of the assembly that everybody but strangers knows, or of a member's own page."""
        theirs = self.own if rule.endpoint.startswith("member.") else self.here
        values = COMMON | theirs | (changes or {})
        arguments = {}
        for name in rule.arguments:
            wanted = name if "assembly_id" in rule.arguments else WITHOUT_ASSEMBLY.get(name, name)
            value = values[wanted]
            arguments[name] = value[rule.endpoint] if isinstance(value, dict) else value
        address: str = self.app.url_map.bind("localhost").build(rule.endpoint, arguments)
        return address

    def version(self) -> int:
        """Return a number that is another one after anything in the database was changed by others than this."""
        (number,) = self._raw.execute("PRAGMA data_version").fetchone()
        return int(number)

    def differences(self) -> list[str]:
        """Return the tables that differ from the beginning, with their numbers of rows."""
        tables = [name for (name,) in self._copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = []
        for table in tables:
            statement = f'SELECT * FROM "{table}"'  # noqa: S608  # a name from the database itself
            before, after = self._copy.execute(statement).fetchall(), self._raw.execute(statement).fetchall()
            if before != after:
                found.append(f"{table}: {len(before)} rows, now {len(after)}")
        return found

    def restore(self) -> None:
        """Make the database what it was in the beginning."""
        self._copy.backup(self._raw)

    def close(self) -> None:
        """Close the connections beside the application's."""
        self._raw.close()
        self._copy.close()


def rules_of(app: Flask) -> dict[tuple[str, str], Rule]:
    """Return the rules by endpoint and method, without HEAD, which is GET's."""
    return {
        (rule.endpoint, method): rule
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    }
