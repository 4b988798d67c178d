"""An assembly's log as a table: what was done, to what, and what changed, all in words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import format_datetime, gettext
from flask_babel import lazy_gettext as _l

from assembly.models import LogEntry
from assembly.periods import Period
from assembly.views import case_texts, member_group_texts
from assembly.views.allowance_texts import CLAIM_STATES
from assembly.views.experts_texts import STATES as EXPERT_STATES
from assembly.views.follow_up_texts import BINDINGS, TERMS, period
from assembly.views.invitation_records import KIND_NAMES
from assembly.views.log_texts import ACTIONS
from assembly.views.lotteries import STATE_NAMES
from assembly.views.messages import in_words
from assembly.views.needs_texts import BOOKING_STATES
from assembly.views.needs_texts import KINDS as NEED_KINDS
from assembly.views.panel_texts import CHANNELS, LETTERS, OUTCOMES
from assembly.views.programme_texts import ATTENDANCE, ITEM_KINDS, KINDS, MODES, OPENNESS
from assembly.views.recommendations_texts import REDACTION_GROUNDS
from assembly.views.respondent_texts import EXCLUSIONS, LANGUAGES, STATUSES
from assembly.views.respondent_texts import FIELDS as CONTACT_FIELDS
from assembly.views.roles import ROLE_NAMES

SUBJECTS = {
    "announcement": _l("Message"),
    "assembly": _l("Assembly"),
    "claim": _l("Claim"),
    "booking": _l("Booking"),
    "commitment": _l("Commitment"),
    "event": _l("Event"),
    "expert": _l("Expert"),
    "feature": _l("Feature"),
    "feature_value": _l("Value"),
    "follow_up_rules": _l("Rules of the follow-up"),
    "handover": _l("Handover"),
    "household": _l("Household"),
    "import": _l("Import"),
    "lottery": _l("Lottery"),
    "material": _l("Material"),
    "membership": _l("Role"),
    "observation": _l("Observation sheet"),
    "outreach": _l("Outreach"),
    "payment_list": _l("Payment list"),
    "perspectives": _l("Perspectives"),
    "place": _l("Place"),
    "provider": _l("Provider"),
    "question": _l("Question"),
    "recommendation": _l("Recommendation"),
    "recommendation_file": _l("File of recommendations"),
    "request": _l("Request"),
    "request_answer": _l("Answer to a request"),
    "respondent": _l("Registration"),
    "result_sheet": _l("Result sheet"),
    "room": _l("Room"),
}
FIELDS = CONTACT_FIELDS | {
    "abstained": _l("Abstentions"),
    "addressees": _l("Addressees"),
    "affiliation": _l("Affiliation"),
    "answer": _l("Answer"),
    "account": _l("Account"),
    "address": _l("Address of the OParl interface"),
    "added": _l("Added"),
    "bank_data": _l("Bank data"),
    "binding": _l("Is it bound?"),
    "body": _l("Body that decides"),
    "cases": _l("Cases"),
    "publishes": _l("Published at once"),
    "budget_date": _l("The budget is decided on"),
    "benches": _l("Where people can sit"),
    "capacity": _l("Seats"),
    "care_hour": _l("Care, per hour, in cents"),
    "chosen_by": _l("Chosen by"),
    "channel": _l("Channel"),
    "childcare_hour": _l("Childcare, per hour, in cents"),
    "claims": _l("Claims"),
    "commissioning_body": _l("Commissioned by"),
    "commitment": _l("Fingerprint (commitment)"),
    "conflicts": _l("Contradictions"),
    "consent_contact": _l("Other members may reach me"),
    "consent_name": _l("My name may be published"),
    "consent_photo": _l("Photos of me may be taken and shown"),
    "contact": _l("Contact"),
    "counted_on": _l("Day of the vote"),
    "cost_centre": _l("Cost centre"),
    "dated_on": _l("Date of the material"),
    "decider": _l("Who decides"),
    "decision_date": _l("The decision is taken on"),
    "description": _l("What it is about"),
    "digest": _l("Fingerprint of the preview"),
    "directions": _l("How to get there"),
    "ends_at": _l("Ends at"),
    "event": _l("Event"),
    "event_id": _l("Event"),
    "events": _l("Events"),
    "expert_id": _l("Slides of"),
    "facilitators": _l("Led by"),
    "feature": _l("Feature"),
    "fee": _l("Fee in euros"),
    "fields": _l("Fields"),
    "files": _l("Files"),
    "gender": _l("Gender"),
    "goal": _l("Goal"),
    "group_size": _l("People in one group at most"),
    "half_day": _l("Half day, in cents"),
    "handed_over_on": _l("Handed over on"),
    "has_accessible_toilet": _l("Has an accessible toilet"),
    "has_induction_loop": _l("Has an induction loop"),
    "has_quiet_room": _l("Has a quiet room"),
    "held_on": _l("On"),
    "in_charge": _l("In charge"),
    "interests": _l("Declared interests"),
    "is_adopted": _l("Adopted"),
    "is_published": _l("Published"),
    "members": _l("Members"),
    "invited_on": _l("First letters sent on"),
    "is_public": _l("The public page can be seen by everyone"),
    "is_to_read_before": _l("To be read before"),
    "item_id": _l("Agenda item"),
    "is_step_free": _l("Can be reached without steps"),
    "kind": _l("Kind"),
    "languages": _l("Languages of the assembly"),
    "left_before": _l("Left before the draw"),
    "last": _l("Of the last events"),
    "legal_basis": _l("Legal basis"),
    "letters": _l("Letters"),
    "licence": _l("Licence"),
    "letters_sent": _l("Letters sent"),
    "lower": _l("At least"),
    "mails": _l("E-mails"),
    "mandate": _l("Mandate"),
    "map_link": _l("Link to a map"),
    "materials": _l("What is needed"),
    "minimum_age": _l("Minimum age"),
    "meeting_point": _l("Meeting point"),
    "metres": _l("Metres"),
    "minutes": _l("Minutes"),
    "missed": _l("Missed"),
    "missing": _l("Not reachable"),
    "mode": _l("Where people take part"),
    "moment": _l("Moment of the draw"),
    "name": _l("Name"),
    "no": _l("No"),
    "no_step_free_reason": _l("Why there is no step-free way"),
    "number": _l("Number"),
    "objections_until": _l("Members can object until"),
    "one_per_household": _l("At most one member per household"),
    "online_link": _l("Link for taking part online"),
    "open_points": _l("What is open"),
    "openness": _l("For whom"),
    "originals": _l("Originals"),
    "other": _l("Other registration"),
    "outcome": _l("Outcome"),
    "overwritten": _l("Stored data overwritten"),
    "panel_size": _l("Seats on the panel"),
    "people": _l("People"),
    "per_km": _l("Way, per kilometre, in cents"),
    "place": _l("Place"),
    "plain_text": _l("The same in plain language"),
    "present": _l("Present"),
    "proposed_by": _l("Proposed by"),
    "published": _l("Published"),
    "plain_description": _l("The same in plain language"),
    "political_process": _l("Political process"),
    "predecessor_id": _l("Follows the assembly"),
    "question": _l("Question"),
    "quotas": _l("Quotas"),
    "reason": _l("Reason"),
    "reference_date": _l("Reference date"),
    "refused": _l("Rows that are left out"),
    "register_office": _l("Register office"),
    "registration_until": _l("Registration possible until"),
    "registrations": _l("Registrations"),
    "rehearsal": _l("Rehearsal"),
    "relax": _l("Quotas changed as little as possible"),
    "reminders": _l("Reminders sent"),
    "replacements_end_at": _l("Last replacement draw"),
    "replaces": _l("Follows the commitment"),
    "resolution": _l("Resolution that binds it"),
    "resolution_link": _l("Link to the resolution"),
    "resolved_on": _l("Resolved on"),
    "respondents": _l("Registrations"),
    "result_date": _l("The panel hands over its result on"),
    "remote_link": _l("Link for those who cannot come"),
    "remote_material_id": _l("Material for those who cannot come"),
    "remote_text": _l("How those take part who cannot come"),
    "role": _l("Role"),
    "room_id": _l("Room"),
    "safety_contact": _l("Who is called in an emergency"),
    "safety_phone": _l("Telephone number for emergencies"),
    "rounds": _l("Rounds"),
    "sampling_method": _l("How addresses were sampled"),
    "round": _l("Round"),
    "seats": _l("Seats"),
    "heard": _l("What was heard"),
    "questions": _l("What is still to be asked"),
    "seen": _l("What was seen"),
    "source": _l("Source"),
    "settled_points": _l("What is not negotiable"),
    "starts_at": _l("Begins at"),
    "step_free_way": _l("Step-free way"),
    "stop": _l("Stop on the way"),
    "stop_id": _l("Stop on the way"),
    "state": _l("State"),
    "supporters": _l("Members who think so"),
    "template": _l("Template"),
    "result_versions": _l("Versions of result sheets"),
    "table_leads": _l("Names of those who led tables"),
    "tables": _l("Tables"),
    "table": _l("Table"),
    "ticket": _l("Ticket"),
    "title": _l("Title"),
    "to_bring": _l("What to bring"),
    "toilets": _l("Toilets on the way"),
    "transport": _l("Transport"),
    "transport_seats": _l("Seats in the transport"),
    "weather_plan": _l("If the weather is bad"),
    "too_young": _l("Below the minimum age"),
    "transit_stop": _l("Nearest stop"),
    "unchanged": _l("Unchanged"),
    "undeliverable": _l("Of these undeliverable"),
    "updated": _l("Changed"),
    "upper": _l("At most"),
    "value": _l("Value"),
    "version": _l("Version"),
    "weeks": _l("Weeks"),
    "whole_day": _l("Whole day, in cents"),
    "addressee": _l("Addressee"),
    "contributing": _l("Departments that contribute"),
    "days_before": _l("Working days before the public date"),
    "move": _l("What was done"),
    "on": _l("Day"),
    "recommendation": _l("Recommendation"),
    "step": _l("Step"),
    "wording": _l("The request in words that can be published"),
    "ground": _l("Ground"),
    "ordered_on": _l("Ordered on"),
    "due_on": _l("Due"),
    "duty": _l("What is owed"),
    "told": _l("Written to"),
    "member": _l("Member"),
    "votes_cast": _l("Members who voted"),
    "yes": _l("Yes"),
}
GROUP_MOVES = {str(move): text for move, text in member_group_texts.MOVES.items()}
MOVES: dict[Any, Any] = {str(move): text for move, text in case_texts.MOVES.items()}
WORDS: dict[str, dict[Any, Any]] = {
    "case_notice": {
        str(word): text
        for words in (case_texts.DUTIES, case_texts.NOTICES, case_texts.CONTACTS)
        for word, text in words.items()
    },
    "addressee_added": BINDINGS,
    "addressee_changed": BINDINGS,
    "attendance_noted": ATTENDANCE,
    "assembly_described": LANGUAGES,
    "claim_moved": dict(CLAIM_STATES),
    "booking_moved": BOOKING_STATES,
    "contact_attempted": CHANNELS | OUTCOMES,
    "agenda_item_changed": ITEM_KINDS,
    "case_step": MOVES | {"digest": _l("Fingerprint of the step")},
    "draft_approved": MOVES,
    "draft_sent_back": MOVES,
    "draft_submitted": MOVES,
    "drawn": {"value": _l("Drawn number")},
    "expert_moved": EXPERT_STATES,
    "event_changed": KINDS | MODES | OPENNESS,
    **dict.fromkeys(
        (
            "group_vote_noted",
            "group_vote_opened",
            "group_vote_stopped",
            "group_proposal_published",
            "group_proposal_dropped",
        ),
        GROUP_MOVES,
    ),
    "handed_over": {"digest": _l("Fingerprint of the handover")},
    "lead_times_changed": NEED_KINDS,
    "lottery_moved": STATE_NAMES,
    "outreach_added": KIND_NAMES,
    "outreach_removed": KIND_NAMES,
    "panel_mails_started": LETTERS,
    "role_granted": ROLE_NAMES,
    "recommendation_handed_over": {"digest": _l("Fingerprint of the recommendation")},
    "recommendation_redacted": {str(ground): text for ground, text in REDACTION_GROUNDS.items()},
    "rules_changed": TERMS,
    "rules_published": {"digest": _l("Fingerprint of the rules")},
    "role_revoked": ROLE_NAMES,
    "status_changed": STATUSES | EXCLUSIONS,
}
"""For each action, words of ours that stand in its details; everything else was written by people."""
NUMBERS = {"account", "event", "member", "other", "ticket"}
"""What is named by a number, which is written without separators."""
ABOUT_PAYMENT = {"bank_data_changed"}
"""Whom these concern is shown to those alone who may know of payments."""
_PERIOD = re.compile(r"P\d+[DM]")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+[+-]\d\d:\d\d)?")


def log_rows(
    entries: Iterable[LogEntry], names: Mapping[int, str], *, may_see_payment: bool = False
) -> list[list[Any]]:
    """Return the entries as rows of the log's table, newest first.

    The log holds numbers of accounts; `names` are those of the accounts that there still are. Without
    `may_see_payment`, the table does not say whose bank data were entered.
    """
    return [
        [
            entry.number,
            format_datetime(entry.at, "short"),
            _account(entry.actor_id, names) if entry.actor_id is not None else gettext("the application"),
            ACTIONS.get(entry.action, entry.action),
            _subject(entry.subject) if may_see_payment or entry.action not in ABOUT_PAYMENT else "–",
            _details(entry.details, WORDS.get(entry.action, {}), names),
        ]
        for entry in reversed(list(entries))
    ]


def _subject(subject: str) -> str:
    kind, _, number = subject.partition(":")
    return f"{SUBJECTS.get(kind, kind)} {number}".rstrip()


def accounts_in(entries: Iterable[LogEntry]) -> set[int]:
    """Return the numbers of the accounts that entries name: who did something, and to whom it was done."""
    found = {number for entry in entries for number in (entry.actor_id, entry.details.get("account"))}
    return {number for number in found if isinstance(number, int)}


def _account(number: int, names: Mapping[int, str]) -> str:
    return gettext("%(name)s (no. %(number)s)", name=names[number], number=number) if number in names else str(number)


def _details(details: Mapping[str, Any], words: dict[Any, Any], names: Mapping[int, str]) -> str:
    """Return all details in one text; what was before and after comes first, without a name."""

    def shown(name: str, part: Any) -> str:
        if name == "account" and isinstance(part, int):
            return _account(part, names)
        return str(part) if name in NUMBERS else _plain(part, words)

    parts = [f"{_field(name, words)}: {shown(name, part)}" for name, part in details.items() if name not in _CHANGE]
    if details.keys() >= _CHANGE:
        parts.insert(0, f"{_plain(details['before'], words)} → {_plain(details['after'], words)}")
    return "; ".join(parts)


_CHANGE = {"before", "after"}


def _field(name: str, words: dict[Any, Any]) -> str:
    if name.startswith("feature:"):
        return _subject(name)
    return str(words.get(name) or FIELDS.get(name, name))


def _plain(value: Any, words: dict[Any, Any]) -> str:
    """Return a part of the details: what changed, several parts, or one that is a word of ours or somebody's text."""
    match value:
        case {"before": before, "after": after}:
            text = f"{_plain(before, words)} → {_plain(after, words)}"
        case None | "" | []:
            text = "–"
        case {} if value:
            text = ", ".join(f"{_field(name, words)} {_plain(part, words)}" for name, part in value.items())
        case [int() | None, *_]:
            text = "/".join(_plain(part, words) for part in value)
        case [_, *_]:
            text = ", ".join(_plain(part, words | FIELDS) for part in value)
        case {}:
            text = "–"
        case str():
            text = _text(value, words)
        case _:
            text = _written(value)
    return text


def _text(value: str, words: dict[Any, Any]) -> str:
    if _MOMENT.fullmatch(value):
        return _written(dt.datetime.fromisoformat(value) if "T" in value else dt.date.fromisoformat(value))
    if _PERIOD.fullmatch(value):
        return period(Period.parse(value))
    return str(words.get(value) or gettext(value))  # a reason may be a sentence of ours


def _written(value: Any) -> str:
    return str(in_words({"": value})[""])
