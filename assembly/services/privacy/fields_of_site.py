"""What is kept of those who write the pages of the site, and of those who report a barrier there."""

from __future__ import annotations

from assembly.models import Barrier, SitePage, SiteSettings
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Deadline, Declared, Kept, table_of

SITE = (
    Declared(
        table_of(SitePage),
        marked("Pages of the site"),
        kept=(
            Kept(
                ("changed_by_id",),
                marked("Number of the account that changed the page last"),
                marked("Shows who was responsible."),
                Basis.TASK,
                (Deadline.ACCOUNTS,),
            ),
        ),
        others=frozenset(
            {
                *("id", "kind", "text_de", "text_en", "video", "is_required", "source", "version"),
                *("changed_at", "published_at"),
            }
        ),
    ),
    Declared(
        table_of(SiteSettings),
        marked("What holds for the whole site"),
        others=frozenset({"id", "state", "enforcement", "answer_period", "remind_days"}),
    ),
    Declared(
        table_of(Barrier),
        marked("Reported barriers"),
        kept=(
            Kept(
                ("page", "text", "email", "answer"),
                marked("What hinders somebody, where, their e-mail address, and the answer"),
                marked("To answer whoever reports a barrier, as the law on accessibility demands."),
                Basis.TASK,
                (Deadline.BARRIERS,),
            ),
            Kept(
                ("answered_by_id",),
                marked("Number of the account that answered"),
                marked("Shows who was responsible."),
                Basis.TASK,
                (Deadline.ACCOUNTS,),
            ),
        ),
        others=frozenset(
            {
                *("id", "reported_at", "language", "due_on", "state", "answer_way", "answered_on"),
                *("closed_at", "erased_at"),
            }
        ),
    ),
)
