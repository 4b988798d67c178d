"""The follow-up group in words: what it can say, where proposals stand, how members vote."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from assembly.models import GroupChoice, Move, ProposalState

MOVES = {
    Move.ASK_BETTER: _l("Ask for a better answer"),
    Move.REPLY: _l("Reply to it"),
    Move.SEND_BACK: _l("Send it back to the decision"),
}
MEANING = {
    Move.ASK_BETTER: _l(
        "The answer says too little or evades? The group can ask for a better one once. Say what is missing."
    ),
    Move.REPLY: _l("The group can reply once to each answer and decision. The reply stands beside it for everybody."),
    Move.SEND_BACK: _l("The work has stalled: a report is overdue. The body then has to decide anew. Say why."),
}
STATES = {
    ProposalState.DRAFT: _l("Draft"),
    ProposalState.VOTING: _l("The group votes"),
    ProposalState.PUBLISHED: _l("Published"),
    ProposalState.DROPPED: _l("Given up"),
}
DONE = {
    ProposalState.DRAFT: _l("The proposal is a draft again."),
    ProposalState.VOTING: _l("Saved. The group votes now."),
    ProposalState.PUBLISHED: _l("More than half are for it: it is published now."),
    ProposalState.DROPPED: _l("The proposal is given up."),
}
CHOICES = {
    GroupChoice.YES: _l("I am for it"),
    GroupChoice.NO: _l("I am against it"),
    GroupChoice.ABSTAINED: _l("I abstain"),
}
