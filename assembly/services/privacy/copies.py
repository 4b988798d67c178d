"""Copies of erased data that no transaction reaches: files of mails, and old pages of the database."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly import database
from assembly.models import Mail, MailState
from assembly.services import mail
from assembly.services.delivery import FOLDER
from assembly.services.handlers import Run, handler
from assembly.services.privacy.erasing import CLEAR_COPIES


@handler(CLEAR_COPIES, repeatable=True)
def clear_copies(run: Run) -> None:
    """Remove the copies; whatever is left because somebody reads at this moment goes with the daily deletion."""
    with database.reading(), run.sessions() as session:
        remove_files(session, run.config.data_folder / FOLDER)
        bind = session.get_bind()
    if isinstance(bind, sa.Engine):
        database.forget_deleted(bind)


def remove_files(session: Session, folder: Path) -> None:
    """Remove the copies of erased mails that an application without mail server wrote."""
    written = {int(path.stem) for path in folder.glob("*.eml") if path.stem.isdigit()}
    if not written:
        return
    for mail_id in session.scalars(sa.select(Mail.id).where(Mail.state == MailState.ERASED)):
        if mail_id in written:
            mail.copy_in(folder, mail_id).unlink(missing_ok=True)
