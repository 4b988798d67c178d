"""What every page shows around its content: navigation, the account, and where the assembly stands."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import format_date, format_datetime, format_decimal, gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from assembly import database
from assembly.config import Config
from assembly.extensions import db
from assembly.models import Assembly, PageKind
from assembly.services import stages
from assembly.services.authorisation import (
    Standing,
    can_administer,
    can_answer,
    can_audit,
    can_book,
    can_call,
    can_check_claims,
    can_keep_cases,
    can_keep_units,
    can_manage,
    can_see,
    can_see_members,
    can_see_needs,
    can_see_pool,
    standing_of,
)
from assembly.services.site import pages as site_pages
from assembly.services.site import requirements
from assembly.views import site_texts
from assembly.views.errors import message_of
from assembly.views.messages import stored_sentence

NEXT_DEEDS = {
    stages.Step.TIMELINE: _l("say which decision the result feeds, who takes it, and when."),
    stages.Step.RULES: _l("say who has to answer the recommendations, and by when."),
    stages.Step.INVITATION: _l("record how people are invited, and when the first letters went out."),
    stages.Step.FEATURES: _l("say by which features the panel shall resemble the population."),
    stages.Step.REGISTRATIONS: _l("import the registrations, or add them by hand."),
    stages.Step.CHECK: _l("decide who may have registered twice, then check whether the quotas can be met."),
    stages.Step.LOTTERY: _l("compute the lottery, then commit to it and its draw rule."),
    stages.Step.DRAW: _l("when the moment of the draw has come, two accounts enter the drawn number."),
    stages.Step.PANEL: _l("tell people, call them until every seat is confirmed, and refill seats that become free."),
    stages.Step.PROGRAMME: _l("plan the events, from a template or one by one, and publish them."),
    stages.Step.RECOMMENDATIONS: _l("draft them, record the votes, and hand over what is adopted."),
}
"""What an organiser does next, by the step; it follows the step's name and a colon."""


def _open_files(left: stages.Open) -> tuple[str, str]:
    files = ngettext("%(num)s file waits", "%(num)s files wait", left.count)
    deed = ngettext(
        "%(num)s uploaded file waits: look at it, then import or delete it.",
        "%(num)s uploaded files wait: look at them, then import or delete them.",
        left.count,
    )
    return files, deed


def _open_registration(left: stages.Open) -> tuple[str, str]:
    day = format_date(left.until)
    return (
        gettext("until %(moment)s", moment=day),
        gettext("people can register until %(moment)s: import what comes in, or add it by hand.", moment=day),
    )


def _computed(_left: stages.Open) -> tuple[str, str]:
    return gettext("computed"), gettext("the lottery is computed and proven: commit to it and its draw rule.")


def _open_receipts(left: stages.Open) -> tuple[str, str]:
    deed = gettext(
        "send the receipts that are missing (%(count)s), until %(moment)s; only then comes the draw.",
        count=format_decimal(left.count),
        moment=format_datetime(left.until),
    )
    return _receipts_note(left), deed


def _late_receipts(left: stages.Open) -> tuple[str, str]:
    deed = gettext(
        "receipts are missing (%(count)s), and it is too late to send them: void the commitment before the draw, and "
        "commit again with a later moment.",
        count=format_decimal(left.count),
    )
    return _receipts_note(left), deed


def _undecided_receipts(left: stages.Open) -> tuple[str, str]:
    deed = gettext(
        "mails with receipts may not have arrived (%(count)s): decide about each, best before %(moment)s, whether it "
        "is sent again or as a letter.",
        count=format_decimal(left.count),
        moment=format_datetime(left.until),
    )
    return str(ngettext("%(num)s receipt to be decided", "%(num)s receipts to be decided", left.count)), deed


def _receipts_on_their_way(left: stages.Open) -> tuple[str, str]:
    deed = gettext(
        "receipts are written, but have not left the house (%(count)s): see why mails wait, and print the letters. "
        "They should be out by %(moment)s.",
        count=format_decimal(left.count),
        moment=format_datetime(left.until),
    )
    return str(ngettext("%(num)s receipt waits", "%(num)s receipts wait", left.count)), deed


def _absent(left: stages.Open) -> tuple[str, str]:
    deed = ngettext(
        "%(num)s member is absent too often: call, and if they cannot go on, let the seat be filled again.",
        "%(num)s members are absent too often: call them, and if they cannot go on, let the seats be filled again.",
        left.count,
    )
    return str(ngettext("%(num)s absent too often", "%(num)s absent too often", left.count)), deed


def _calls(left: stages.Open) -> tuple[str, str]:
    note = ngettext("%(num)s member to be called", "%(num)s members to be called", left.count)
    deed = ngettext(
        "call %(num)s member before the event: nothing written would come in time.",
        "call %(num)s members before the event: nothing written would come in time.",
        left.count,
    )
    return note, deed


def _receipts_note(left: stages.Open) -> str:
    return str(ngettext("%(num)s receipt missing", "%(num)s receipts missing", left.count))


LEFT_WORDS = {
    stages.Left.FILES: _open_files,
    stages.Left.REGISTRATION: _open_registration,
    stages.Left.COMPUTED: _computed,
    stages.Left.RECEIPTS: _open_receipts,
    stages.Left.LATE_RECEIPTS: _late_receipts,
    stages.Left.UNDECIDED_RECEIPTS: _undecided_receipts,
    stages.Left.RECEIPTS_ON_THEIR_WAY: _receipts_on_their_way,
    stages.Left.ABSENT: _absent,
    stages.Left.CALLS: _calls,
}
"""What is left undone in a step: in a few words beside it, and as what comes next."""


def init_app(app: Flask) -> None:
    """Give templates the frame's variables, and the functions `steps_of` and `programme_ways` of an assembly."""
    app.context_processor(_frame)
    app.add_template_global(steps_of)
    app.add_template_global(programme_ways)
    app.add_template_global(opens_calls)
    app.add_template_global(message_of)
    app.add_template_filter(stored_sentence, "sentence")


def _frame() -> dict[str, Any]:
    config: Config = current_app.extensions["assembly.config"]
    return {"city": config.city} | _site_links() | _menus()


def _site_links() -> dict[str, Any]:
    """Return the links to the pages of the site: here if they are published, else where the city has them."""
    places = site_texts.elsewhere()
    places |= {kind: url_for("public.site_page", name=kind.value) for kind in _published()}
    links = {kind: {"label": site_texts.LINKS[kind], "href": places[kind]} for kind in PageKind if kind in places}
    if PageKind.EASY_LANGUAGE in links:
        links[PageKind.EASY_LANGUAGE]["language"] = "de"
    report = {"label": gettext("Report a barrier"), "href": url_for("public.report_barrier", page=_here())}
    is_staff = getattr(current_user, "is_authenticated", False)
    return {
        "footer_links": [*links.values(), report],
        "explanations": [] if is_staff else [links[kind] for kind in requirements.EXPLANATIONS if kind in links],
    }


def _published() -> Collection[PageKind]:
    """Return the pages that are published here; none while the database is away: error pages have this frame, too."""
    if not g.get("is_without_database"):
        try:
            return site_pages.published(db.session)
        except database.FAULTS:
            g.is_without_database = True
    return ()


def _here() -> str | None:
    """Return the address of this page for a report about it; none that holds a secret, or leads to the form itself."""
    rule, secret = request.url_rule, {"token", "code", "link"}
    if (
        rule is None
        or rule.arguments & secret
        or request.endpoint in {"public.report_barrier", "public.barrier_reported"}
    ):
        return None
    return request.path


def _menus() -> dict[str, Any]:
    if not getattr(current_user, "is_authenticated", False):
        return {"navigation": [], "user_menu": {"sign_in_url": url_for("security.login")}}
    links = [_link(gettext("Assemblies"), "assemblies.index")]
    if can_keep_cases(standing_of(current_user)):
        links.append(_link(gettext("What is owed"), "city_cases.index"))
    if can_answer(standing_of(current_user)):
        links.append(_link(gettext("What we owe"), "desk.index"))
    if can_keep_units(standing_of(current_user)):
        links.append(_link(gettext("Departments"), "units.index"))
    if can_administer(standing_of(current_user)):
        links.append(_link(gettext("City-wide roles"), "roles.city_roles"))
        links.append(_link(gettext("Pages of the site"), "site_pages.index"))
    return {
        "navigation": links,
        "user_menu": {
            "name": current_user.name,
            "links": [{"label": gettext("Account"), "href": url_for("accounts.own")}],
            "sign_out_url": url_for("security.logout"),
        },
    }


def _link(label: str, endpoint: str) -> dict[str, Any]:
    return {"label": label, "href": url_for(endpoint), "current": request.endpoint == endpoint}


def steps_of(assembly: Assembly) -> list[dict[str, Any]]:
    """Return the steps of an assembly for the stepper, each with its page if it is open to the account."""
    standing = standing_of(current_user, assembly.id)
    pages = {
        stages.Step.DESCRIPTION: (gettext("Description"), "assemblies.description", can_audit),
        stages.Step.TIMELINE: (gettext("Political timeline"), "assemblies.timeline", can_audit),
        stages.Step.RULES: (gettext("Rules of the follow-up"), "follow_up_rules.show", can_see),
        stages.Step.INVITATION: (gettext("Invitation"), "invitation_records.edit", can_audit),
        stages.Step.FEATURES: (gettext("Features and targets"), "features.index", can_audit),
        stages.Step.REGISTRATIONS: (gettext("Registrations"), "registrations.index", can_see_pool),
        stages.Step.CHECK: (gettext("Check"), "checks.show", can_audit),
        stages.Step.LOTTERY: (gettext("Lottery"), "lotteries.index", can_audit),
        stages.Step.DRAW: (gettext("Draw"), "draws.show", can_see),
        stages.Step.PANEL: (gettext("Panel"), _page_of_the_panel(standing), can_see),
        stages.Step.PROGRAMME: (gettext("Programme"), "programme.index", can_see),
        stages.Step.RECOMMENDATIONS: (gettext("Recommendations"), "recommendations.index", can_see),
    }
    return [
        _step(assembly, stage, label, url_for(page, assembly_id=assembly.id) if may(standing) else None, standing)
        for stage, (label, page, may) in (
            (stage, pages[stage.step]) for stage in stages.stages_of(db.session, assembly)
        )
    ]


def opens_calls(assembly: Assembly) -> bool:
    """Whether the list of those to be called is open to the account."""
    return can_call(standing_of(current_user, assembly.id))


def programme_ways(assembly: Assembly) -> list[tuple[str, str, str]]:
    """Return the ways between the pages of the programme that are open to the account: key, label, address."""
    standing = standing_of(current_user, assembly.id)
    pages = (
        ("list", gettext("Events"), "programme.index", can_see),
        ("timeline", gettext("Timeline"), "programme.show_timeline", can_see),
        ("month", gettext("By month"), "programme.month", can_see),
        ("messages", gettext("Messages"), "announcements.index", can_manage),
        ("attendance", gettext("Attendance"), "attendance.overview", can_see_members),
        ("experts", gettext("Experts and materials"), "experts.index", can_see),
        ("knowledge", gettext("What we know"), "knowledge.index", can_see),
        ("places", gettext("Places and rooms"), "places.index", can_see),
        ("needs", gettext("Support needs"), "needs.index", can_book),
        ("allowances", gettext("Allowances"), "allowances.index", can_check_claims),
    )
    return [(key, label, url_for(page, assembly_id=assembly.id)) for key, label, page, may in pages if may(standing)]


def _page_of_the_panel(standing: Standing) -> str:
    """Return the page of the panel that is open to an account: contacts, needs, or else how seats are filled anew."""
    if can_see_members(standing):
        return "panel.index"
    return "needs.index" if can_see_needs(standing) else "panel_work.replacement"


def _step(assembly: Assembly, stage: stages.Stage, label: str, href: str | None, standing: Standing) -> dict[str, Any]:
    step: dict[str, Any] = {"label": label, "state": stage.state, "href": href}
    if not can_manage(standing):
        return step
    step["deed"] = NEXT_DEEDS.get(stage.step)
    if stage.open is not None:
        step["note"], step["deed"] = LEFT_WORDS[stage.open.what](stage.open)
        if stage.open.commitment_id is not None:
            page = url_for("receipts.show", assembly_id=assembly.id, commitment_id=stage.open.commitment_id)
            step["next"] = (gettext("Receipts"), page)
        if stage.open.what is stages.Left.ABSENT:
            step["next"] = (gettext("Attendance"), url_for("attendance.overview", assembly_id=assembly.id))
        if stage.open.what is stages.Left.CALLS:
            step["next"] = (gettext("To be called"), url_for("calls.index", assembly_id=assembly.id))
    return step
