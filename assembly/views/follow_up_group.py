"""The members’ follow-up group, for organisers: its election, and what members without internet say on the phone."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, SubmitField
from wtforms.validators import InputRequired, NumberRange

from assembly.extensions import db
from assembly.models import Assembly, GroupChoice, Member, ProposalState
from assembly.services.authorisation import can_manage
from assembly.services.errors import NotFoundError
from assembly.services.follow_up import groups, proposals
from assembly.views import case_texts, member_group_texts
from assembly.views.forms import BaseForm, ChecksField, SelectField, choice, committing
from assembly.views.guard import account, load_assembly

blueprint = Blueprint("follow_up_group", __name__, url_prefix="/assemblies/<int:assembly_id>/follow-up-group")


class ElectionForm(BaseForm):
    """An election as it was held."""

    held_on = DateField(_l("Day of the election"), [InputRequired()])
    took_part = IntegerField(_l("Members who voted"), [InputRequired(), NumberRange(min=1)])
    elected = ChecksField(
        _l("Elected"),
        [InputRequired()],
        coerce=int,
        description=_l("Only those are named who agreed to be written to for the follow-up."),
    )
    submit = SubmitField(_l("Record the election"))


class PhoneVoteForm(BaseForm):
    """What a member of the group said on the phone."""

    member = SelectField(_l("Member"), coerce=int)
    choice = SelectField(_l("Vote"), choices=[choice(one, text) for one, text in member_group_texts.CHOICES.items()])
    submit = SubmitField(_l("Note the vote"))


@blueprint.route("/", methods=["GET", "POST"])
def index(assembly_id: int) -> ResponseReturnValue:
    """Show the group, and record an election: from then on those elected are the group."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = ElectionForm()
    form.elected.choices = [
        choice(str(one.respondent_id), _name(one)) for one in groups.those_who_agree(db.session, assembly)
    ]
    if form.validate_on_submit():
        with committing(form):
            groups.record_election(
                db.session,
                assembly,
                form.elected.data or [],
                held_on=form.held_on.data,
                took_part=form.took_part.data,
                by=account(),
            )
        if not form.errors:
            flash(gettext("Recorded. Those elected can write and vote on their pages now."), "success")
            return redirect(url_for("follow_up_group.index", assembly_id=assembly.id))
    page = render_template(
        "follow_up/group.html",
        assembly=assembly,
        people=[_name(one) for one in groups.group_of(db.session, assembly)],
        elections=groups.elections_of(db.session, assembly),
        proposals=proposals.proposals_of(db.session, assembly),
        form=form,
        texts=member_group_texts,
        case_texts=case_texts,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


@blueprint.route("/proposals/<int:proposal_id>", methods=["GET", "POST"])
def vote(assembly_id: int, proposal_id: int) -> ResponseReturnValue:
    """Show a proposal that is voted on, to be read out, and note what a member says to it."""
    assembly = load_assembly(assembly_id, may=can_manage)
    one = proposals.get_proposal(db.session, assembly, proposal_id)
    if one.state is ProposalState.DRAFT:  # the group's own until it votes
        raise NotFoundError
    people = groups.group_of(db.session, assembly)
    form = PhoneVoteForm()
    form.member.choices = [choice(str(member.respondent_id), _name(member)) for member in people]
    if form.validate_on_submit():
        member = next(member for member in people if member.respondent_id == form.member.data)
        with committing(form):
            proposals.vote(db.session, member, one, GroupChoice(form.choice.data), by=account())
        if not form.errors:
            flash(str(member_group_texts.DONE[one.state]), "success")
            return redirect(_address(assembly))
    page = render_template(
        "follow_up/proposal.html",
        assembly=assembly,
        one=one,
        form=form,
        size=len(people),
        hindrance=proposals.hindrance_of(one) if one.state is ProposalState.VOTING else None,
        texts=member_group_texts,
        case_texts=case_texts,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def _address(assembly: Assembly) -> str:
    return url_for("follow_up_group.index", assembly_id=assembly.id)


def _name(member: Member) -> str:
    contact = member.respondent.contact
    return f"{contact.first_name} {contact.last_name}" if contact else member.respondent.code
