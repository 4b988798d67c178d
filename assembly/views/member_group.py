"""What became of the members’ recommendations, and the follow-up group: its drafts, its votes, its seat given up."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length

from assembly.extensions import db
from assembly.models import Case, GroupChoice, GroupProposal, Member, Move, ProposalState
from assembly.services.errors import ServiceError
from assembly.services.follow_up import cases, groups, proposals, reading
from assembly.services.follow_up.facts import LONGEST_TEXT
from assembly.services.follow_up.proposals import LIVING, TEXT_OF
from assembly.views import case_texts, member_group_texts
from assembly.views.errors import message_of
from assembly.views.forms import BaseForm, committing, stripped
from assembly.views.member import blueprint
from assembly.views.member_access import own_member

Deed = Callable[[Member, GroupProposal], object]


class ProposalForm(BaseForm):
    """What the group wants to say. `version` is that of the text from which this one was made."""

    text = TextAreaField(
        _l("What shall the group say?"),
        [InputRequired(), Length(max=LONGEST_TEXT)],
        filters=[stripped],
        description=_l("Everybody can read this once the group has voted for it. Do not write any names."),
        render_kw={"rows": 8},
    )
    version = HiddenField(validators=[Length(max=9)])
    submit = SubmitField(_l("Save the draft"))

    def seen(self) -> int:
        """Return the version that was changed; none that there is, if the form does not say."""
        said = self.version.data or ""
        return int(said) if said.isdecimal() else 0


@blueprint.get("/group")
def group() -> ResponseReturnValue:
    """Show the group’s work: what waits for an answer, drafts, votes, and what it has said."""
    member = own_member()
    assembly = member.respondent.assembly
    people = groups.group_of(db.session, assembly)
    is_in = member in people
    every = proposals.proposals_of(db.session, assembly) if is_in else ()
    return render_template(
        "member/group.html",
        member=member,
        is_in=is_in,
        people=people,
        elections=groups.elections_of(db.session, assembly),
        possible=proposals.possible_for(db.session, assembly) if is_in else (),
        living=[one for one in every if one.state in LIVING],
        ended=[one for one in every if one.state not in LIVING],
        voted=lambda one: _own_choice(one, member),
        texts=member_group_texts,
        case_texts=case_texts,
    )


@blueprint.route("/group/new/<int:case_number>/<any({}):move>".format(", ".join(TEXT_OF)), methods=["GET", "POST"])
def new_proposal(case_number: int, move: str) -> ResponseReturnValue:
    """Begin a draft."""
    member, form = own_member(), ProposalForm()
    assembly = member.respondent.assembly
    groups.require_in_group(db.session, member)
    case = cases.get_case(db.session, assembly, case_number)
    wanted = proposals.wanted_in(case, Move(move), request.args.get("about", type=int))
    if form.validate_on_submit():
        with committing(form):
            made = proposals.begin(db.session, member, wanted, form.text.data or "")
        if not form.errors:
            flash(gettext("Saved. The others can read and change it now."), "success")
            return redirect(url_for("member.proposal", proposal_id=made.id))
    page = render_template(
        "member/new_proposal.html",
        member=member,
        wanted=wanted,
        said=_said(case, wanted.about),
        form=form,
        texts=member_group_texts,
        case_texts=case_texts,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


@blueprint.route("/group/proposals/<int:proposal_id>", methods=["GET", "POST"])
def proposal(proposal_id: int) -> ResponseReturnValue:
    """Show a proposal, and change it while it is a draft."""
    member, one = _load(proposal_id)
    form = ProposalForm(text=one.text, version=str(one.version))
    if form.validate_on_submit():
        with committing(form):
            proposals.change(db.session, member, one, form.text.data or "", version=form.seen())
        if not form.errors:
            flash(gettext("Saved. The others can read and change it now."), "success")
            return redirect(url_for("member.proposal", proposal_id=one.id))
        form.version.data = str(one.version)  # whoever has read what is there now may save over it
    people = groups.group_of(db.session, member.respondent.assembly)
    page = render_template(
        "member/proposal.html",
        member=member,
        one=one,
        form=form if one.state is ProposalState.DRAFT else None,
        said=_said(one.case, one.about),
        hindrance=proposals.hindrance_of(one) if one.state in LIVING else None,
        size=len(people),
        own=_own_choice(one, member),
        choices=GroupChoice,
        texts=member_group_texts,
        case_texts=case_texts,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


@blueprint.post("/group/proposals/<int:proposal_id>/<any(open, reopen, drop):deed>")
def move_proposal(proposal_id: int, deed: str) -> ResponseReturnValue:
    """Open the vote on a proposal, make it a draft again, or give it up."""
    deeds: dict[str, Deed] = {
        "open": lambda member, one: proposals.open_vote(db.session, member, one),
        "reopen": lambda member, one: proposals.reopen(db.session, member, one),
        "drop": lambda member, one: proposals.drop(db.session, member, one),
    }
    return _do(proposal_id, deeds[deed])


@blueprint.post("/group/proposals/<int:proposal_id>/vote/<any({}):choice>".format(", ".join(GroupChoice)))
def vote(proposal_id: int, choice: str) -> ResponseReturnValue:
    """Cast a vote, or change it."""
    return _do(proposal_id, lambda member, one: proposals.vote(db.session, member, one, GroupChoice(choice)))


@blueprint.post("/group/leave")
def leave_group() -> ResponseReturnValue:
    """Give up the seat in the group."""
    member = own_member()
    groups.require_in_group(db.session, member)
    groups.leave(db.session, member, by=None)
    proposals.settle(db.session, member.respondent.assembly)
    db.session.commit()
    flash(gettext("You are no longer in the follow-up group."), "success")
    return redirect(url_for("member.group"))


def _load(proposal_id: int) -> tuple[Member, GroupProposal]:
    member = own_member()
    groups.require_in_group(db.session, member)
    return member, proposals.get_proposal(db.session, member.respondent.assembly, proposal_id)


def _do(proposal_id: int, deed: Deed) -> ResponseReturnValue:
    member, one = _load(proposal_id)
    try:
        deed(member, one)
    except ServiceError as error:
        db.session.rollback()
        flash(message_of(error), "danger")
    else:
        db.session.commit()
        flash(str(member_group_texts.DONE[one.state]), "success")
    return redirect(url_for("member.proposal", proposal_id=proposal_id))


def _own_choice(one: GroupProposal, member: Member) -> GroupChoice | None:
    return next((cast.choice for cast in one.votes if cast.respondent_id == member.respondent_id), None)


def _said(case: Case, about: int | None) -> reading.Read | None:
    """Return the answer or decision that a reply is to. Answers with 404 if there is none."""
    if about is None:
        return None
    return next((one for one in reading.read(case) if one.step.number == about), None) or abort(HTTPStatus.NOT_FOUND)
