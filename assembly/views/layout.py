"""What every page shows around its content: navigation, the account, and where the assembly stands."""

from __future__ import annotations

from typing import Any

from flask import Flask, request, url_for
from flask_babel import gettext
from flask_login import current_user

from assembly.extensions import db
from assembly.models import Assembly
from assembly.services import stages
from assembly.services.authorisation import can_administer, can_see_members, can_see_needs, standing_of
from assembly.views.errors import message_of
from assembly.views.messages import stored_sentence


def init_app(app: Flask) -> None:
    """Give templates the frame's variables, and the function `steps_of(assembly)`."""
    app.context_processor(_frame)
    app.add_template_global(steps_of)
    app.add_template_global(message_of)
    app.add_template_filter(stored_sentence, "sentence")


def _frame() -> dict[str, Any]:
    if not getattr(current_user, "is_authenticated", False):
        return {"navigation": [], "user_menu": {"sign_in_url": url_for("security.login")}}
    links = [_link(gettext("Assemblies"), "assemblies.index")]
    if can_administer(standing_of(current_user)):
        links.append(_link(gettext("City-wide roles"), "roles.city_roles"))
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


def _panel_page(assembly: Assembly) -> str:
    """Return the page of the panel that is open to the account: support sees the needs, and no contact list."""
    standing = standing_of(current_user, assembly.id)
    only_needs = can_see_needs(standing) and not can_see_members(standing)
    return "panel.needs" if only_needs else "panel.index"


def steps_of(assembly: Assembly) -> list[dict[str, Any]]:
    """Return the steps of an assembly with their pages, for the stepper."""
    names = {
        stages.Step.DESCRIPTION: (gettext("Description"), "assemblies.description"),
        stages.Step.TIMELINE: (gettext("Political timeline"), "assemblies.timeline"),
        stages.Step.INVITATION: (gettext("Invitation"), "invitation_records.edit"),
        stages.Step.FEATURES: (gettext("Features and targets"), "features.index"),
        stages.Step.REGISTRATIONS: (gettext("Registrations"), "registrations.index"),
        stages.Step.CHECK: (gettext("Check"), "checks.show"),
        stages.Step.LOTTERY: (gettext("Lottery"), "lotteries.index"),
        stages.Step.DRAW: (gettext("Draw"), "draws.show"),
        stages.Step.PANEL: (gettext("Panel"), _panel_page(assembly)),
    }
    return [
        {
            "label": names[stage.step][0],
            "state": stage.state,
            "href": url_for(names[stage.step][1], assembly_id=assembly.id),
        }
        for stage in stages.stages_of(db.session, assembly)
    ]
