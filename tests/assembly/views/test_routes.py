"""Every route × every role × every method, against one table.

A new route is missing from TABLE and fails the tests until a line says who may use it. A line is

    ("blueprint.function", "GET"): in_assembly(200, Role.ORGANISER),

with the status for those who may, and who they are; all others get what follows from the rules of the application:
strangers 404, other roles of the assembly 403, whoever is not signed in is asked to. If its address has an argument
that is not in tests/assembly/views/world.py yet, make such a thing there. POST sends POSTED[endpoint], or an empty
form: then the status is that of a form with mistakes (422), which shows well enough that the page was reached.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from assembly.models import Role
from tests.assembly.views.world import (
    ACTORS,
    CITY_WIDE,
    FORMER_MEMBER,
    LOCAL,
    MEMBER,
    NOBODY,
    ORGANISER_ELSEWHERE,
    STRANGER,
    VISITORS,
    World,
    rules_of,
)
from tests.assembly.web import csrf_token

Status = int | str
Door = Callable[[str], Status]
SIGN_IN = "asked to sign in"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def everyone(status: Status) -> Door:
    return lambda _actor: status


def signed_in(status: int, *, nobody: Status = SIGN_IN) -> Door:
    return lambda actor: nobody if actor in VISITORS else status


def city_wide(status: int, *roles: Role) -> Door:
    return lambda actor: SIGN_IN if actor in VISITORS else status if actor in roles else 403


def in_assembly(status: int, *roles: Role) -> Door:
    """For these roles; the department knows an assembly as little as a stranger does."""
    unknown = {STRANGER, ORGANISER_ELSEWHERE, Role.DEPARTMENT}

    def door(actor: str) -> Status:
        if actor in VISITORS:
            return SIGN_IN
        if actor in unknown:
            return 404
        return status if actor in roles else 403

    return door


def but(status: int, role: Role, door: Door) -> Door:
    """The same, but for one role, whose part this is not now."""
    return lambda actor: status if actor == role else door(actor)


def members(status: int, *, former: int = 403) -> Door:
    """For whoever has opened a member's link; people who have left the panel may do less. No account may anything."""
    return lambda actor: {MEMBER: status, FORMER_MEMBER: former}.get(actor, 403)


ORGANISER, CALLER, SUPPORT, AUDITOR = Role.ORGANISER, Role.CALLER, Role.SUPPORT, Role.AUDITOR
WITNESS, SITE = Role.WITNESS, Role.SITE_ADMINISTRATOR
ALL_WHO_KNOW = (*LOCAL, Role.COUNCIL_OFFICE, SITE)

TABLE: dict[tuple[str, str], Door] = {
    ("static", "GET"): everyone(200),
    ("static", "OPTIONS"): everyone(200),
    # Everyone
    ("public.start", "GET"): everyone(200),
    ("public.assembly", "GET"): everyone(200),
    ("public.health", "GET"): everyone(503),  # no worker is running
    ("public.lottery", "GET"): everyone(200),
    ("public.verify", "GET"): everyone(200),
    ("public.public_document", "GET"): everyone(200),
    ("public.notice", "GET"): everyone(200),
    ("public.log_heads", "GET"): everyone(200),
    ("public.log_heads_file", "GET"): everyone(200),
    ("public.receipt", "GET"): everyone(200),
    ("public.show_receipt", "POST"): everyone(422),
    ("public.show_uploaded_receipt", "POST"): everyone(422),
    ("public.receipt_file", "POST"): everyone(422),
    ("public.report", "GET"): everyone(200),
    ("public.upload", "GET"): everyone(200),
    ("public.check_upload", "POST"): everyone(422),
    ("public.site_page", "GET"): everyone(200),
    ("public.report_barrier", "GET"): everyone(200),
    ("public.report_barrier", "POST"): everyone(422),
    ("public.barrier_reported", "GET"): everyone(302),  # nobody has reported one in this session
    ("language.choose", "POST"): everyone(302),
    # Members
    ("member.start", "GET"): everyone(200),  # whoever has opened no link is asked for a code
    ("member.messages", "GET"): members(200, former=200),
    ("member.event", "GET"): members(404, former=404),  # it is a draft
    ("member.data", "GET"): members(200, former=200),
    ("member.data_file", "GET"): members(302, former=302),  # asks for a one-time code
    ("member.export_data", "POST"): members(302, former=302),
    ("member.leave", "GET"): members(302),
    ("member.leave", "POST"): members(302),
    ("member.give_consent", "POST"): members(302),
    ("member.end_consent", "POST"): members(302, former=302),
    ("member.give_feedback", "GET"): members(404),  # as above
    ("member.give_feedback", "POST"): members(404),
    ("member.materials", "GET"): members(200),
    ("member.material", "GET"): members(200),
    ("member.requests", "GET"): members(200),
    ("member.requests", "POST"): members(422),
    ("member.calendar", "GET"): members(200),
    ("member.renew_calendar", "POST"): members(302),
    ("member.calendar_file", "GET"): everyone(404),  # the token is nonsense
    ("member.enter", "POST"): everyone(422),
    ("member.ask_for_link", "GET"): everyone(200),
    ("member.ask_for_link", "POST"): everyone(422),
    ("member.open_link", "GET"): everyone(404),  # the token is nonsense
    ("member.sign_out", "POST"): everyone(302),
    ("member.choose_language", "POST"): members(302, former=302),
    ("member.confirm", "GET"): members(200, former=200),
    ("member.send_code", "POST"): members(302, former=302),
    ("member.check_code", "POST"): members(422, former=422),
    ("member.needs", "GET"): members(302),  # asks for the one-time code, as the next do
    ("member.add_need", "POST"): members(302),
    ("member.change_need", "GET"): members(302),
    ("member.change_need", "POST"): members(302),
    ("member.remove_need", "POST"): members(302),
    ("member.set_need_at_event", "POST"): members(302),
    ("member.expenses", "GET"): members(200, former=200),
    ("member.begin_claim", "POST"): members(404, former=404),  # it is a draft
    ("member.claim", "GET"): members(200, former=404),  # it is somebody else's, in the next lines too
    ("member.claim", "POST"): members(422, former=404),
    ("member.receipt", "GET"): members(200, former=404),
    ("member.remove_receipt", "POST"): members(302, former=404),
    ("member.bank_account", "GET"): members(302, former=302),  # asks for the one-time code
    ("member.bank_account", "POST"): members(302, former=302),
    ("member.certificate", "GET"): members(404, former=404),  # they were nowhere
    ("member.statement", "GET"): members(404, former=404),  # nothing was paid
    # Sign-in
    ("security.login", "GET"): signed_in(302, nobody=200),
    ("security.login", "POST"): signed_in(302, nobody=200),
    ("security.logout", "POST"): everyone(302),
    ("security.forgot_password", "GET"): everyone(200),
    ("security.forgot_password", "POST"): everyone(200),
    ("security.reset_password", "GET"): everyone(302),  # the link is nonsense
    ("security.reset_password", "POST"): everyone(302),
    ("security.two_factor_token_validation", "GET"): everyone(SIGN_IN),  # nobody's code is awaited
    ("security.two_factor_token_validation", "POST"): everyone(SIGN_IN),
    ("security.mf_recovery", "GET"): signed_in(302),
    ("security.mf_recovery", "POST"): signed_in(302),
    ("oidc.start", "GET"): everyone(404),  # no provider is configured
    ("oidc.finish", "GET"): everyone(404),
    # The own account
    ("accounts.own", "GET"): signed_in(200),
    ("accounts.own", "POST"): signed_in(422),
    ("accounts.second_factor", "GET"): signed_in(302),  # none is demanded here
    ("security.verify", "GET"): signed_in(200),
    ("security.verify", "POST"): signed_in(200),
    ("security.change_password", "GET"): signed_in(200),
    ("security.change_password", "POST"): signed_in(200),
    ("security.two_factor_setup", "GET"): signed_in(200),
    ("security.two_factor_setup", "POST"): signed_in(200),
    ("security.mf_recovery_codes", "GET"): signed_in(200),
    ("security.mf_recovery_codes", "POST"): signed_in(200),
    # What we do not use of Flask-Security
    ("security.two_factor_setup_validate", "POST"): everyone(404),
    ("security.two_factor_rescue", "GET"): everyone(404),
    ("security.two_factor_rescue", "POST"): everyone(404),
    ("security.tf_select", "GET"): everyone(404),
    ("security.tf_select", "POST"): everyone(404),
    # The city
    ("assemblies.index", "GET"): but(302, Role.DEPARTMENT, signed_in(200)),  # to its desk
    ("assemblies.create", "GET"): city_wide(200, Role.COUNCIL_OFFICE, SITE),
    ("assemblies.create", "POST"): city_wide(422, Role.COUNCIL_OFFICE, SITE),
    ("city_cases.index", "GET"): city_wide(200, Role.COUNCIL_OFFICE),
    ("roles.city_roles", "GET"): city_wide(200, SITE),
    ("roles.city_roles", "POST"): city_wide(422, SITE),
    ("roles.revoke_city_role", "POST"): city_wide(302, SITE),
    ("roles.invite_for_city_role", "POST"): city_wide(302, SITE),
    ("roles.reset_second_factor_of_city_role", "POST"): city_wide(409, SITE),  # there is none
    ("barriers.index", "GET"): city_wide(200, SITE),
    ("barriers.show", "GET"): city_wide(200, SITE),
    ("barriers.show", "POST"): city_wide(422, SITE),
    ("barriers.decide", "POST"): city_wide(409, SITE),  # it is not answered
    ("barriers.dismiss", "POST"): city_wide(302, SITE),
    ("barriers.close", "POST"): city_wide(409, SITE),  # it is not answered
    ("site_pages.index", "GET"): city_wide(200, SITE),
    ("site_pages.edit_settings", "GET"): city_wide(200, SITE),
    ("site_pages.edit_settings", "POST"): city_wide(422, SITE),
    ("site_pages.edit", "GET"): city_wide(200, SITE),
    ("site_pages.edit", "POST"): city_wide(302, SITE),  # whatever is not sent stays
    ("site_pages.publish", "POST"): city_wide(302, SITE),
    ("site_pages.withdraw", "POST"): city_wide(302, SITE),
    # An assembly
    ("assemblies.overview", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("assemblies.description", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("assemblies.description", "POST"): in_assembly(422, ORGANISER),
    ("assemblies.timeline", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("assemblies.timeline", "POST"): in_assembly(302, ORGANISER),
    ("assemblies.log", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("roles.assembly_roles", "GET"): in_assembly(200, ORGANISER, AUDITOR, SITE),
    ("roles.assembly_roles", "POST"): in_assembly(422, ORGANISER, SITE),
    ("roles.revoke", "POST"): in_assembly(302, ORGANISER, SITE),
    ("roles.invite", "POST"): in_assembly(302, ORGANISER, SITE),
    ("roles.reset_second_factor", "POST"): in_assembly(409, SITE),  # there is none
    ("invitation_records.edit", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("invitation_records.edit", "POST"): in_assembly(422, ORGANISER),
    ("invitation_records.add_outreach", "POST"): in_assembly(422, ORGANISER),
    ("invitation_records.remove_outreach", "POST"): in_assembly(302, ORGANISER),
    ("features.index", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("features.import_targets", "POST"): in_assembly(422, ORGANISER),
    ("features.recompute", "POST"): in_assembly(422, ORGANISER),
    ("features.create", "GET"): in_assembly(200, ORGANISER),
    ("features.create", "POST"): in_assembly(422, ORGANISER),
    ("features.edit", "GET"): in_assembly(200, ORGANISER),
    ("features.edit", "POST"): in_assembly(422, ORGANISER),
    ("features.derivation", "GET"): in_assembly(200, ORGANISER),
    ("features.derivation", "POST"): in_assembly(302, ORGANISER),
    ("features.remove", "POST"): in_assembly(302, ORGANISER),
    ("registrations.index", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("registrations.upload", "POST"): in_assembly(422, ORGANISER),
    ("registrations.preview", "GET"): in_assembly(200, ORGANISER),
    ("registrations.progress", "GET"): in_assembly(200, ORGANISER),
    ("registrations.decide", "POST"): in_assembly(302, ORGANISER),
    ("registrations.apply", "POST"): in_assembly(302, ORGANISER),
    ("registrations.discard", "POST"): in_assembly(302, ORGANISER),
    ("registrations.undo", "POST"): in_assembly(302, ORGANISER),
    ("registrations.create", "GET"): in_assembly(200, ORGANISER),
    ("registrations.create", "POST"): in_assembly(422, ORGANISER),
    ("pool.index", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("pool.filter_", "POST"): in_assembly(302, ORGANISER, AUDITOR),
    ("pool.composition", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("pool.export", "POST"): in_assembly(200, ORGANISER, AUDITOR),
    ("pool.person", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("pool.edit", "GET"): in_assembly(200, ORGANISER),
    ("pool.edit", "POST"): in_assembly(422, ORGANISER),
    ("pool.exclude", "POST"): in_assembly(422, ORGANISER),
    ("pool.readmit", "POST"): in_assembly(409, ORGANISER),
    ("pool.withdraw", "POST"): in_assembly(302, ORGANISER),
    ("pool.erase", "GET"): in_assembly(200, ORGANISER),
    ("pool.erase", "POST"): in_assembly(302, ORGANISER),
    ("pool.join_household", "POST"): in_assembly(302, ORGANISER),
    ("pool_decisions.suspected", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("pool_decisions.decide", "POST"): in_assembly(302, ORGANISER),
    ("pool_decisions.shared", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("pool_decisions.decide_household", "POST"): in_assembly(302, ORGANISER),
    ("privacy.show", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("privacy.export", "POST"): in_assembly(200, ORGANISER),
    ("checks.show", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("checks.start", "POST"): in_assembly(422, ORGANISER),
    ("checks.progress", "GET"): in_assembly(200, ORGANISER),
    ("checks.relax", "POST"): in_assembly(422, ORGANISER),
    ("lotteries.index", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("lotteries.index", "POST"): in_assembly(422, ORGANISER),
    ("lotteries.show", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("lotteries.progress", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("lotteries.cancel", "POST"): in_assembly(409, ORGANISER),
    ("lotteries.report", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("lotteries.files", "POST"): in_assembly(200, ORGANISER),
    ("draws.commit", "GET"): in_assembly(200, ORGANISER),
    ("draws.commit", "POST"): in_assembly(422, ORGANISER),
    ("draws.show", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("draws.enter", "POST"): in_assembly(422, ORGANISER, WITNESS),
    ("draws.void", "POST"): in_assembly(422, ORGANISER),
    ("draws.amend_place", "POST"): in_assembly(422, ORGANISER),
    ("draws.audit_document", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("panel.index", "GET"): in_assembly(200, ORGANISER, CALLER, AUDITOR),
    ("panel.person", "GET"): in_assembly(200, ORGANISER, CALLER, AUDITOR),
    ("panel.attempt", "POST"): in_assembly(422, ORGANISER, CALLER),
    ("panel.send_sms", "POST"): in_assembly(404, ORGANISER, CALLER),  # no gateway is set
    ("panel.decide_sms", "POST"): in_assembly(422, ORGANISER, CALLER),
    ("panel.consent", "POST"): in_assembly(422, ORGANISER, CALLER),
    ("panel.confirm", "POST"): in_assembly(422, ORGANISER, CALLER),
    ("panel.add_need", "POST"): in_assembly(422, ORGANISER, CALLER),
    ("panel.preferences", "POST"): in_assembly(422, ORGANISER, CALLER),
    ("panel.not_reached", "POST"): in_assembly(422, ORGANISER, CALLER),
    ("panel.leave", "GET"): in_assembly(409, ORGANISER, CALLER),  # the member has withdrawn already
    ("panel.leave", "POST"): in_assembly(409, ORGANISER, CALLER),
    ("announcements.index", "GET"): in_assembly(200, ORGANISER),
    ("announcements.add", "GET"): in_assembly(200, ORGANISER),
    ("announcements.add", "POST"): in_assembly(422, ORGANISER),
    ("announcements.show", "GET"): in_assembly(200, ORGANISER),
    ("announcements.edit", "GET"): in_assembly(200, ORGANISER),
    ("announcements.edit", "POST"): in_assembly(422, ORGANISER),
    ("announcements.send_test", "POST"): in_assembly(302, ORGANISER),
    ("announcements.send", "POST"): in_assembly(302, ORGANISER),
    ("announcements.confirm", "GET"): in_assembly(200, ORGANISER),
    ("announcements.discard", "POST"): in_assembly(302, ORGANISER),
    ("calls.index", "GET"): in_assembly(200, ORGANISER, CALLER),
    ("calls.show", "GET"): in_assembly(200, ORGANISER, CALLER),
    ("calls.note", "POST"): in_assembly(422, ORGANISER, CALLER),
    ("panel_messages.person", "GET"): in_assembly(200, ORGANISER, SUPPORT),
    ("panel_access.index", "GET"): in_assembly(200, ORGANISER, SUPPORT),
    ("panel_access.send_to_all", "POST"): in_assembly(302, ORGANISER),
    ("panel_access.revoke_all", "POST"): in_assembly(302, ORGANISER),
    ("panel_access.person", "GET"): in_assembly(200, ORGANISER, SUPPORT),
    ("panel_access.send", "POST"): in_assembly(302, ORGANISER, SUPPORT),
    ("panel_access.revoke", "POST"): in_assembly(302, ORGANISER, SUPPORT),
    ("panel_access.give_consent", "POST"): in_assembly(302, ORGANISER, SUPPORT),
    ("panel_access.end_consent", "POST"): in_assembly(302, ORGANISER, SUPPORT),
    ("panel_access.tell", "POST"): in_assembly(409, ORGANISER, SUPPORT),  # the member has withdrawn
    ("panel_access.one_time_code", "POST"): in_assembly(200, ORGANISER, SUPPORT),
    ("panel_work.mails", "GET"): in_assembly(200, ORGANISER),
    ("panel_work.send_test", "POST"): in_assembly(302, ORGANISER),
    ("panel_work.send", "POST"): in_assembly(409, ORGANISER),  # nobody is left to be told
    ("panel_work.replacement", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("panel_work.start", "POST"): in_assembly(422, ORGANISER),
    ("panel_work.progress", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("panel_work.void", "POST"): in_assembly(404, ORGANISER),  # there is none
    ("panel_work.amend_place", "POST"): in_assembly(404, ORGANISER),
    ("panel_work.cancel", "POST"): in_assembly(404, ORGANISER),  # there is none
    ("panel_work.commit", "POST"): in_assembly(404, ORGANISER),
    ("panel_work.enter", "POST"): in_assembly(404, ORGANISER, WITNESS),
    ("allowances.index", "GET"): in_assembly(200, ORGANISER, SUPPORT),
    ("allowances.general_rates", "GET"): in_assembly(200, ORGANISER),
    ("allowances.general_rates", "POST"): in_assembly(302, ORGANISER),
    ("allowances.event_rates", "GET"): in_assembly(200, ORGANISER),
    ("allowances.event_rates", "POST"): in_assembly(302, ORGANISER),
    ("allowances.claim", "GET"): in_assembly(200, ORGANISER, SUPPORT),
    ("allowances.edit", "GET"): in_assembly(200, ORGANISER, SUPPORT),
    ("allowances.edit", "POST"): in_assembly(422, ORGANISER, SUPPORT),
    ("allowances.do", "POST"): in_assembly(302, ORGANISER, SUPPORT),
    ("allowances.reject", "POST"): in_assembly(422, ORGANISER, SUPPORT),
    ("allowances.receipt", "GET"): in_assembly(200, ORGANISER, SUPPORT),
    ("allowances.remove_receipt", "POST"): in_assembly(302, ORGANISER, SUPPORT),
    ("allowances_of_people.index", "GET"): in_assembly(200, ORGANISER, SUPPORT),
    ("allowances_of_people.person", "GET"): in_assembly(200, ORGANISER, SUPPORT),
    ("allowances_of_people.begin", "POST"): in_assembly(404, ORGANISER, SUPPORT),  # it is a draft
    ("allowances_of_people.bank_account", "GET"): in_assembly(200, ORGANISER),
    ("allowances_of_people.bank_account", "POST"): in_assembly(422, ORGANISER),
    ("allowances_of_people.certificate", "GET"): in_assembly(404, ORGANISER, SUPPORT),  # they were nowhere
    ("allowances_of_people.statement", "GET"): in_assembly(404, ORGANISER, SUPPORT),  # nothing was paid
    ("payment_lists.index", "GET"): in_assembly(200, ORGANISER),
    ("payment_lists.make", "POST"): in_assembly(409, ORGANISER),  # nothing is approved
    ("payment_lists.show", "GET"): in_assembly(200, ORGANISER),
    ("payment_lists.export", "POST"): in_assembly(200, ORGANISER),
    ("payment_lists.cash", "POST"): in_assembly(409, ORGANISER),  # nobody is on it
    ("payment_lists.mark_paid", "POST"): in_assembly(302, ORGANISER),
    ("receipts.index", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("receipts.show", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("receipts.send", "POST"): in_assembly(302, ORGANISER),
    ("receipts.progress", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("posting.acknowledged", "GET"): in_assembly(200, ORGANISER, AUDITOR),
    ("posting.letters", "GET"): in_assembly(200, ORGANISER),
    ("posting.printed", "POST"): in_assembly(302, ORGANISER),
    ("posting.decide", "POST"): in_assembly(302, ORGANISER),
    ("needs.index", "GET"): in_assembly(200, ORGANISER, SUPPORT),
    ("needs.event", "GET"): in_assembly(200, ORGANISER, SUPPORT),
    ("needs.add_booking", "POST"): in_assembly(422, ORGANISER, SUPPORT),
    ("needs.booking", "GET"): in_assembly(200, ORGANISER, SUPPORT),
    ("needs.booking", "POST"): in_assembly(422, ORGANISER, SUPPORT),
    ("needs.move", "POST"): in_assembly(302, ORGANISER, SUPPORT),
    ("needs.told", "POST"): in_assembly(302, ORGANISER, SUPPORT),
    ("needs.provider_list", "GET"): in_assembly(200, ORGANISER, SUPPORT),
    ("needs.provider_list", "POST"): in_assembly(422, ORGANISER, SUPPORT),
    ("needs.provider", "GET"): in_assembly(200, ORGANISER, SUPPORT),
    ("needs.provider", "POST"): in_assembly(422, ORGANISER, SUPPORT),
    ("needs.remove_provider", "POST"): in_assembly(302, ORGANISER, SUPPORT),
    ("needs.lead_times", "GET"): in_assembly(200, ORGANISER, SUPPORT),
    ("needs.lead_times", "POST"): in_assembly(422, ORGANISER, SUPPORT),
    ("needs_of_people.index", "GET"): in_assembly(200, SUPPORT),
    ("needs_of_people.need", "GET"): in_assembly(200, SUPPORT),
    ("needs_of_people.need", "POST"): in_assembly(422, SUPPORT),
    ("needs_of_people.remove", "POST"): in_assembly(302, SUPPORT),
    ("needs_of_people.at_event", "GET"): in_assembly(200, SUPPORT),
    ("needs_of_people.at_event", "POST"): in_assembly(422, SUPPORT),
    ("needs_of_people.set_needed", "POST"): in_assembly(409, SUPPORT),  # who needed it has left
    ("public.programme", "GET"): everyone(200),
    ("public.agenda_of", "GET"): everyone(404),  # the event is a draft
    ("public.programme_calendar", "GET"): everyone(200),
    ("public.programme_data", "GET"): everyone(200),
    ("public.programme_feed", "GET"): everyone(200),
    ("public.material", "GET"): everyone(200),
    ("experts.index", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("experts.create", "GET"): in_assembly(200, ORGANISER),
    ("experts.create", "POST"): in_assembly(422, ORGANISER),
    ("experts.show", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("experts.edit", "GET"): in_assembly(200, ORGANISER),
    ("experts.edit", "POST"): in_assembly(422, ORGANISER),
    ("experts.move", "POST"): in_assembly(302, ORGANISER),
    ("experts.remove", "POST"): in_assembly(302, ORGANISER),
    ("experts.add_input", "POST"): in_assembly(422, ORGANISER),
    ("experts.remove_input", "POST"): in_assembly(302, ORGANISER),
    ("questions.index", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("questions.index", "POST"): in_assembly(422, ORGANISER),
    ("questions.edit", "GET"): in_assembly(200, ORGANISER),
    ("questions.edit", "POST"): in_assembly(422, ORGANISER),
    ("questions.remove", "POST"): in_assembly(409, ORGANISER),  # an expert stands for one of its perspectives
    ("questions.perspective", "GET"): in_assembly(200, ORGANISER),
    ("questions.perspective", "POST"): in_assembly(422, ORGANISER),
    ("questions.remove_perspective", "POST"): in_assembly(409, ORGANISER),  # the same
    ("requests.index", "GET"): in_assembly(200, ORGANISER, Role.FACILITATOR),
    ("requests.answer", "GET"): in_assembly(200, ORGANISER),
    ("requests.answer", "POST"): in_assembly(422, ORGANISER),
    ("requests.add", "GET"): in_assembly(200, ORGANISER),
    ("requests.add", "POST"): in_assembly(422, ORGANISER),
    ("requests.edit", "GET"): in_assembly(200, ORGANISER),
    ("requests.edit", "POST"): in_assembly(422, ORGANISER),
    ("materials.index", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("materials.create", "GET"): in_assembly(200, ORGANISER),
    ("materials.create", "POST"): in_assembly(422, ORGANISER),
    ("materials.show", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("materials.edit", "GET"): in_assembly(200, ORGANISER),
    ("materials.edit", "POST"): in_assembly(422, ORGANISER),
    ("materials.add_version", "POST"): in_assembly(422, ORGANISER),
    ("materials.decide", "POST"): in_assembly(302, ORGANISER),
    ("materials.remove", "POST"): in_assembly(302, ORGANISER),
    ("knowledge.index", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("public.knowledge", "GET"): everyone(200),
    ("member.knowledge", "GET"): members(200),
    ("result_sheets.index", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("result_sheets.index", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("result_sheets.blank", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("result_sheets.show", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("result_sheets.version", "GET"): in_assembly(200, ORGANISER, Role.FACILITATOR),
    ("result_sheets.edit", "GET"): in_assembly(200, ORGANISER, Role.FACILITATOR),
    ("result_sheets.edit", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("result_sheets.publish", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),  # no version was looked at
    ("result_sheets.discard", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("result_sheets.withhold", "POST"): in_assembly(302, ORGANISER, Role.FACILITATOR),
    ("materials.file", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("programme.index", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("feedback.show", "GET"): in_assembly(200, ORGANISER, Role.FACILITATOR),
    ("feedback.decide", "POST"): in_assembly(302, ORGANISER),
    ("programme.show_timeline", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("programme.month", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("programme.template", "POST"): in_assembly(422, ORGANISER),
    ("programme.move", "POST"): in_assembly(422, ORGANISER),
    ("follow_up_rules.show", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("follow_up_rules.begin", "POST"): in_assembly(422, ORGANISER, Role.COUNCIL_OFFICE),
    ("follow_up_rules.begin_version", "POST"): in_assembly(409, ORGANISER, Role.COUNCIL_OFFICE),
    ("follow_up_rules.edit", "GET"): in_assembly(200, ORGANISER, Role.COUNCIL_OFFICE),
    ("follow_up_rules.edit", "POST"): in_assembly(422, ORGANISER, Role.COUNCIL_OFFICE),
    ("follow_up_rules.discard", "POST"): in_assembly(302, ORGANISER, Role.COUNCIL_OFFICE),
    ("follow_up_rules.publish", "POST"): in_assembly(422, ORGANISER, Role.COUNCIL_OFFICE),
    ("follow_up_rules.add_addressee", "GET"): in_assembly(200, ORGANISER, Role.COUNCIL_OFFICE),
    ("follow_up_rules.add_addressee", "POST"): in_assembly(422, ORGANISER, Role.COUNCIL_OFFICE),
    ("follow_up_rules.edit_addressee", "GET"): in_assembly(200, ORGANISER, Role.COUNCIL_OFFICE),
    ("follow_up_rules.edit_addressee", "POST"): in_assembly(422, ORGANISER, Role.COUNCIL_OFFICE),
    ("follow_up_rules.remove_addressee", "POST"): in_assembly(302, ORGANISER, Role.COUNCIL_OFFICE),
    ("follow_up_rules.add_meeting", "POST"): in_assembly(422, ORGANISER, Role.COUNCIL_OFFICE),
    ("follow_up_rules.remove_meeting", "POST"): in_assembly(302, ORGANISER, Role.COUNCIL_OFFICE),
    ("council.show", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("council.connect", "POST"): in_assembly(422, ORGANISER, Role.COUNCIL_OFFICE),
    ("council.choose", "POST"): in_assembly(422, ORGANISER, Role.COUNCIL_OFFICE),
    ("council.synchronise", "POST"): in_assembly(302, ORGANISER, Role.COUNCIL_OFFICE),
    ("council.progress", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("council.disconnect", "GET"): in_assembly(200, ORGANISER, Role.COUNCIL_OFFICE),
    ("council.disconnect", "POST"): in_assembly(302, ORGANISER, Role.COUNCIL_OFFICE),
    ("council.papers", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("council.list_meetings", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("council.meeting", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("council.take_over", "GET"): in_assembly(200, ORGANISER, Role.COUNCIL_OFFICE),
    ("council.take_over", "POST"): in_assembly(422, ORGANISER, Role.COUNCIL_OFFICE),
    ("public.follow_up", "GET"): everyone(200),
    ("public.city_register", "GET"): everyone(200),
    ("public.subscribe_to_city", "GET"): everyone(200),
    ("public.subscribe_to_city", "POST"): everyone(422),
    ("public.subscribe", "GET"): everyone(200),
    ("public.subscribe", "POST"): everyone(422),
    ("public.subscription", "GET"): everyone(404),  # the token is nonsense, in the next lines too
    ("public.confirm_subscription", "POST"): everyone(404),
    ("public.end_subscription", "POST"): everyone(404),
    ("public.case_register", "GET"): everyone(200),
    ("public.register_feed", "GET"): everyone(200),
    ("public.register_data", "GET"): everyone(200),
    ("public.register_rows", "GET"): everyone(200),
    ("public.register_schema", "GET"): everyone(200),
    ("cases.assign_units", "GET"): in_assembly(200, Role.COUNCIL_OFFICE),
    ("cases.assign_units", "POST"): in_assembly(422, Role.COUNCIL_OFFICE),
    ("desk.index", "GET"): city_wide(200, Role.DEPARTMENT),
    ("desk.case", "GET"): city_wide(200, Role.DEPARTMENT, Role.COUNCIL_OFFICE),
    ("answer_files.index", "GET"): city_wide(200, Role.DEPARTMENT, Role.COUNCIL_OFFICE),
    ("answer_files.upload", "POST"): city_wide(422, Role.DEPARTMENT, Role.COUNCIL_OFFICE),
    ("answer_files.workbook", "GET"): city_wide(200, Role.DEPARTMENT, Role.COUNCIL_OFFICE),
    ("answer_files.document", "GET"): city_wide(200, Role.DEPARTMENT, Role.COUNCIL_OFFICE),
    ("answer_files.preview", "GET"): city_wide(404, Role.DEPARTMENT, Role.COUNCIL_OFFICE),  # nobody uploaded a file
    ("answer_files.apply", "POST"): city_wide(404, Role.DEPARTMENT, Role.COUNCIL_OFFICE),  # the same
    ("answer_files.discard", "POST"): city_wide(404, Role.DEPARTMENT, Role.COUNCIL_OFFICE),  # the same
    ("desk.edit", "GET"): city_wide(200, Role.DEPARTMENT, Role.COUNCIL_OFFICE),
    ("desk.edit", "POST"): city_wide(302, Role.DEPARTMENT, Role.COUNCIL_OFFICE),  # much may be missing in a draft
    ("desk.draft", "GET"): city_wide(200, Role.DEPARTMENT, Role.COUNCIL_OFFICE),
    ("desk.decide", "POST"): city_wide(422, Role.DEPARTMENT, Role.COUNCIL_OFFICE),
    ("desk.deputies", "GET"): city_wide(200, Role.DEPARTMENT),
    ("desk.deputies", "POST"): city_wide(422, Role.DEPARTMENT),
    ("desk.end_deputy", "POST"): city_wide(404, Role.DEPARTMENT),  # there is none with this number
    ("units.hand_over", "GET"): city_wide(200, Role.COUNCIL_OFFICE, SITE),
    ("units.hand_over", "POST"): city_wide(422, Role.COUNCIL_OFFICE, SITE),
    ("desk.digest", "POST"): city_wide(302, Role.DEPARTMENT),
    ("units.index", "GET"): city_wide(200, Role.COUNCIL_OFFICE, SITE),
    ("units.index", "POST"): city_wide(422, Role.COUNCIL_OFFICE, SITE),
    ("units.show", "GET"): city_wide(200, Role.COUNCIL_OFFICE, SITE),
    ("units.show", "POST"): city_wide(422, Role.COUNCIL_OFFICE, SITE),
    ("units.remove", "POST"): city_wide(302, Role.COUNCIL_OFFICE, SITE),
    ("cases.index", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("cases.show", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("cases.case_agenda_item", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("public.agenda_item", "GET"): everyone(200),
    ("public.recommendation_paper", "GET"): everyone(200),
    ("cases.list_contacts", "GET"): in_assembly(200, ORGANISER, Role.COUNCIL_OFFICE),
    ("cases.add_contact", "POST"): in_assembly(422, ORGANISER, Role.COUNCIL_OFFICE),
    ("cases.remove_contact", "POST"): in_assembly(302, ORGANISER, Role.COUNCIL_OFFICE),
    ("cases.choose_reference", "GET"): in_assembly(404, Role.COUNCIL_OFFICE),  # for no case
    ("cases.together", "GET"): in_assembly(302, Role.COUNCIL_OFFICE),  # nothing is chosen
    ("cases.together", "POST"): in_assembly(302, Role.COUNCIL_OFFICE),  # the same
    ("cases.step", "GET"): but(409, ORGANISER, in_assembly(200, Role.COUNCIL_OFFICE)),
    ("cases.step", "POST"): but(409, ORGANISER, in_assembly(422, Role.COUNCIL_OFFICE)),
    ("recommendations.index", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("recommendations.new", "GET"): in_assembly(200, ORGANISER, Role.FACILITATOR),
    ("recommendations.new", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("recommendations.merge", "GET"): in_assembly(200, ORGANISER, Role.FACILITATOR),
    ("recommendations.merge", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("recommendations.counts", "GET"): in_assembly(200, ORGANISER, Role.FACILITATOR),
    ("recommendations.counts", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("recommendations.hand_over", "GET"): in_assembly(200, ORGANISER),
    ("recommendations.hand_over", "POST"): in_assembly(422, ORGANISER),
    ("recommendations.show", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("recommendations.version", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("recommendations.edit", "GET"): in_assembly(200, ORGANISER, Role.FACILITATOR),
    ("recommendations.edit", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("recommendations.discard", "POST"): in_assembly(302, ORGANISER, Role.FACILITATOR),
    ("recommendations.address", "POST"): in_assembly(302, ORGANISER, Role.FACILITATOR),  # nobody is chosen
    ("recommendations.count", "GET"): in_assembly(200, ORGANISER, Role.FACILITATOR),
    ("recommendations.count", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("recommendations.attach_minority_view", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("recommendations.remove_minority_view", "POST"): in_assembly(409, ORGANISER, Role.FACILITATOR),  # it is a draft
    ("recommendations.redact", "GET"): in_assembly(409, Role.COUNCIL_OFFICE),  # it is not handed over
    ("recommendations.redact", "POST"): in_assembly(409, Role.COUNCIL_OFFICE),  # the same
    ("recommendations.take_back", "POST"): in_assembly(409, ORGANISER),  # the same
    ("citizens_report.show", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("citizens_report.file", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("public.citizens_report", "GET"): everyone(200),
    ("recommendation_import.index", "GET"): in_assembly(200, ORGANISER),
    ("recommendation_import.upload", "POST"): in_assembly(422, ORGANISER),
    ("recommendation_import.template", "GET"): in_assembly(200, ORGANISER),
    ("recommendation_import.preview", "GET"): in_assembly(200, ORGANISER),
    ("recommendation_import.apply", "POST"): in_assembly(302, ORGANISER),  # nothing was looked at
    ("recommendation_import.discard", "POST"): in_assembly(302, ORGANISER),
    ("public.recommendations", "GET"): everyone(200),
    ("public.recommendation", "GET"): everyone(200),
    ("public.recommendation_file", "GET"): everyone(404),  # it is not handed over
    ("member.recommendations", "GET"): members(200),
    ("member.recommendation", "GET"): members(200),
    ("member.object_to_change", "POST"): members(422),
    ("member.withdraw_objection", "POST"): members(404),  # nothing was changed
    ("member.group", "GET"): members(200),
    ("member.new_proposal", "GET"): members(200),
    ("member.new_proposal", "POST"): members(422),
    ("member.proposal", "GET"): members(200),
    ("member.proposal", "POST"): members(422),
    ("member.move_proposal", "POST"): members(302),
    ("member.vote", "POST"): members(302),
    ("member.leave_group", "POST"): members(302),
    ("follow_up_group.index", "GET"): in_assembly(200, Role.ORGANISER),
    ("follow_up_group.index", "POST"): in_assembly(422, Role.ORGANISER),
    ("follow_up_group.vote", "GET"): in_assembly(404, Role.ORGANISER),  # it is a draft
    ("follow_up_group.vote", "POST"): in_assembly(404, Role.ORGANISER),  # the same
    ("places.index", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("places.create", "GET"): in_assembly(200, ORGANISER),
    ("places.create", "POST"): in_assembly(422, ORGANISER),
    ("places.edit", "GET"): in_assembly(200, ORGANISER),
    ("places.edit", "POST"): in_assembly(422, ORGANISER),
    ("places.remove", "POST"): in_assembly(302, ORGANISER),
    ("places.add_room", "POST"): in_assembly(422, ORGANISER),
    ("places.edit_room", "GET"): in_assembly(200, ORGANISER),
    ("places.edit_room", "POST"): in_assembly(422, ORGANISER),
    ("places.remove_room", "POST"): in_assembly(302, ORGANISER),
    ("events.create", "GET"): in_assembly(200, ORGANISER),
    ("events.create", "POST"): in_assembly(422, ORGANISER),
    ("events.show", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("events.edit", "GET"): in_assembly(200, ORGANISER),
    ("events.edit", "POST"): in_assembly(422, ORGANISER),
    ("events.publish", "POST"): in_assembly(302, ORGANISER),
    ("events.cancel", "POST"): in_assembly(422, ORGANISER),
    ("events.remove", "POST"): in_assembly(302, ORGANISER),
    ("events.running_order", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("events.add_item", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("events.edit_item", "GET"): in_assembly(200, ORGANISER, Role.FACILITATOR),
    ("events.edit_item", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("attendance.overview", "GET"): in_assembly(200, ORGANISER, CALLER, AUDITOR),
    ("attendance.overview", "POST"): in_assembly(422, ORGANISER),
    ("attendance.index", "GET"): in_assembly(200, ORGANISER, CALLER, AUDITOR),
    ("attendance.person", "GET"): in_assembly(404, ORGANISER, CALLER, AUDITOR),  # the member has withdrawn
    ("attendance.person", "POST"): in_assembly(404, ORGANISER, CALLER),
    ("attendance.close", "POST"): in_assembly(409, ORGANISER),  # it is a draft
    ("attendance.paper_list", "GET"): in_assembly(200, ORGANISER, Role.CALLER, Role.AUDITOR),
    ("attendance.sheet", "GET"): in_assembly(200, ORGANISER, CALLER, AUDITOR),
    ("attendance.code", "GET"): in_assembly(404, ORGANISER, CALLER),  # the code is nonsense
    ("event_tables.show", "GET"): in_assembly(200, ORGANISER, Role.FACILITATOR),
    ("event_tables.progress", "GET"): in_assembly(200, ORGANISER, Role.FACILITATOR),
    ("event_tables.describe", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("event_tables.compute", "POST"): in_assembly(409, ORGANISER, Role.FACILITATOR),  # nothing is described yet
    ("event_tables.mend", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("event_tables.cancel", "POST"): in_assembly(302, ORGANISER, Role.FACILITATOR),
    ("event_tables.add_pair", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("event_tables.remove_pair", "POST"): in_assembly(404, ORGANISER, Role.FACILITATOR),  # there is none
    ("event_tables.move", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("event_tables.publish", "POST"): in_assembly(409, ORGANISER, Role.FACILITATOR),  # it is a draft
    ("event_tables.printed", "GET"): in_assembly(409, ORGANISER, Role.FACILITATOR),  # there is no plan
    ("event_tables.export", "POST"): in_assembly(409, ORGANISER),
    ("member.confirm_attendance", "POST"): members(404),  # it is a draft
    ("member.excuse", "GET"): members(404),
    ("member.excuse", "POST"): members(404),
    ("site_visits.show", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("site_visits.edit", "GET"): in_assembly(200, ORGANISER),
    ("site_visits.edit", "POST"): in_assembly(302, ORGANISER),  # nothing is required
    ("site_visits.add_stop", "POST"): in_assembly(422, ORGANISER),
    ("site_visits.edit_stop", "GET"): in_assembly(200, ORGANISER),
    ("site_visits.edit_stop", "POST"): in_assembly(422, ORGANISER),
    ("site_visits.arrange_stop", "POST"): in_assembly(302, ORGANISER),
    ("site_visits.take_along", "GET"): in_assembly(200, ORGANISER, CALLER, Role.FACILITATOR),
    ("site_visits.write_sheet", "GET"): in_assembly(200, ORGANISER, Role.FACILITATOR),
    ("site_visits.write_sheet", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("site_visits.edit_sheet", "GET"): in_assembly(200, ORGANISER, Role.FACILITATOR),
    ("site_visits.edit_sheet", "POST"): in_assembly(302, ORGANISER),  # it is published, and stays as it is
    ("site_visits.decide_sheet", "POST"): in_assembly(302, ORGANISER),
    ("site_visits.remove_sheet", "POST"): in_assembly(302, ORGANISER),
    ("site_visits.add_photo", "POST"): in_assembly(422, ORGANISER, Role.FACILITATOR),
    ("site_visits.decide_photo", "POST"): in_assembly(302, ORGANISER),
    ("site_visits.photo", "GET"): in_assembly(200, *ALL_WHO_KNOW),
    ("public.photo", "GET"): everyone(200),
    ("member.observations_of_all", "GET"): members(200),
    ("member.write_observation", "GET"): members(200),
    ("member.write_observation", "POST"): members(422),
    ("member.edit_observation", "GET"): members(200),
    ("member.edit_observation", "POST"): members(422),  # it is published
    ("member.add_observation_photo", "POST"): members(422),
    ("member.remove_observation", "POST"): members(302),
    ("member.remove_observation_photo", "POST"): members(302),
    ("member.photo", "GET"): members(200),
    ("events.arrange", "POST"): in_assembly(302, ORGANISER, Role.FACILITATOR),
}
POSTED: dict[str, dict[str, Any]] = {}
"""What POST sends to an endpoint instead of an empty form."""


def said(answer: TestResponse) -> Status:
    is_asked = answer.status_code == 302 and (answer.location or "").split("?")[0] == "/account/login"
    return SIGN_IN if is_asked else answer.status_code


def ask(world: World, actor: str, method: str, address: str, endpoint: str = "") -> Status:
    client = world.visitor(actor)
    data = None
    if method not in {"GET", "HEAD", "OPTIONS"}:
        data = {"csrf_token": csrf_token(client)} | POSTED.get(endpoint, {})
    answer = client.open(address, method=method, data=data)
    answer.get_data()
    answer.close()
    return said(answer)


def test_every_route_stands_in_the_table(world: World) -> None:
    """And the table holds no route that is gone."""
    routes = set(rules_of(world.app))
    missing = sorted(f'("{endpoint}", "{method}"): in_assembly(…),' for endpoint, method in routes - set(TABLE))
    assert not missing, (
        "Say in TABLE of tests/assembly/views/test_routes.py who may use these routes:\n    " + "\n    ".join(missing)
    )
    assert sorted(set(TABLE) - routes) == []


@pytest.mark.parametrize(("endpoint", "method"), TABLE, ids=lambda part: part)
def test_a_route_answers_each_role_as_the_table_says(world: World, endpoint: str, method: str) -> None:
    """What GET shows to anybody changes nothing; what POST refuses changes nothing."""
    address = world.address(rules_of(world.app)[endpoint, method])
    wrong = []
    for actor in ACTORS:
        expected = TABLE[endpoint, method](actor)
        for asked in (method, "HEAD") if method == "GET" else (method,):
            version = world.version()
            status = ask(world, actor, asked, address, endpoint)
            if status != expected:
                wrong.append(f"{asked} {address} by {actor}: {status} instead of {expected}")
            if world.version() != version:
                differences = world.differences()
                may_change = method == "POST" and isinstance(expected, int) and expected < 400
                if differences and not may_change:
                    wrong.append(f"{asked} {address} by {actor} changed {differences}")
                world.restore()
    assert wrong == []


def test_no_other_method_reaches_a_route(world: World) -> None:
    wrong = []
    allowed: dict[str, set[str]] = {}
    rules: dict[str, Rule] = {}
    for rule in world.app.url_map.iter_rules():
        allowed.setdefault(rule.rule, set()).update(rule.methods or ())
        rules[rule.rule] = rule
    for path, rule in rules.items():
        address = world.address(rule)
        for method in set(METHODS) - allowed[path]:
            for actor in (Role.ORGANISER.value, Role.SITE_ADMINISTRATOR.value, NOBODY):
                status = ask(world, actor, method, address)
                if status != 405:
                    wrong.append(f"{method} {address} by {actor}: {status}")
    assert wrong == []


WITHOUT_TOKEN = {"public.end_subscription"}
"""Mail programs end subscriptions by this address (RFC 8058); the link says which one, and only its owner has it."""


def test_without_token_no_post_reaches_a_route(world: World) -> None:
    wrong = []
    for (endpoint, method), rule in rules_of(world.app).items():
        if method == "POST" and endpoint not in WITHOUT_TOKEN:
            for actor in (Role.ORGANISER.value, Role.SITE_ADMINISTRATOR.value, NOBODY):
                version = world.version()
                status = world.visitor(actor).post(world.address(rule)).status_code
                if (status, world.version()) != (400, version):
                    wrong.append(f"{rule.rule} by {actor}: {status}")
    assert wrong == []


def test_ids_of_another_assembly_do_not_exist_in_this_one(world: World) -> None:
    """Each argument of an address but the assembly's own, for whoever may do most."""
    wrong, tried = [], 0
    for (endpoint, method), rule in rules_of(world.app).items():
        if not {"assembly_id", "slug"} & rule.arguments:
            continue
        for name in (rule.arguments & set(world.elsewhere)) - {"assembly_id", "slug"}:
            address = world.address(rule, {name: world.elsewhere[name]})
            for actor in (Role.ORGANISER.value, Role.SITE_ADMINISTRATOR.value):
                if TABLE[endpoint, method](actor) == 403:
                    continue
                tried += 1
                status = ask(world, actor, method, address, endpoint)
                if status != 404:
                    wrong.append(f"{method} {address} ({endpoint}, {name}) by {actor}: {status}")
                    world.restore()
    assert tried > 20
    assert wrong == []


def test_an_assembly_that_does_not_exist_is_as_unknown_as_another(world: World) -> None:
    """The desk of departments is closed to others whatever it is asked about; to them it is as unknown, too."""
    for (endpoint, method), rule in rules_of(world.app).items():
        if "assembly_id" in rule.arguments:
            of_desk = endpoint.startswith("answer_files.")
            actors = (Role.DEPARTMENT, Role.COUNCIL_OFFICE) if of_desk else ("organiser", "stranger")
            address = world.address(rule, {"assembly_id": 999_999})
            statuses = {actor: ask(world, actor, method, address, endpoint) for actor in actors}
            assert statuses == dict.fromkeys(actors, 404), endpoint


def test_the_table_knows_every_role() -> None:
    assert set(ACTORS) == {*LOCAL, *CITY_WIDE, STRANGER, ORGANISER_ELSEWHERE, *VISITORS}
