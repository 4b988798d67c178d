"""A pool with a commitment to its lottery, for tests of pages."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session, sessionmaker

from assembly.clock import now
from assembly.config import Config
from assembly.models import Assembly, Commitment, Role, User
from assembly.services import accounts, commitments, handlers, jobs, lotteries
from assembly.services.handlers import Run
from tests.assembly.sample import add_feature, as_csv
from tests.assembly.services.test_imports import take

PEOPLE = 12


def commit_pool(session: Session, assembly: Assembly, organiser: User, config: Config) -> Commitment:
    """Commit to a lottery over people with mail addresses, but K0 and K1 have postal ones, and K2 has none."""
    assembly.is_public, assembly.panel_size = True, 4
    witness = accounts.create_account(session, email="zeug@example.org", name="Zita Zeugin")
    accounts.grant(session, witness, Role.WITNESS, assembly=assembly, by=None)
    gender = add_feature(session, assembly, "Geschlecht", ["weiblich", "männlich"])
    for value in gender.values:
        value.lower = value.upper = 2
    rows = [
        {
            "id": f"K{n}",
            "Vorname": "Zerlina",
            "Nachname": f"Quast{n}",
            "E-Mail": "" if n < 3 else f"k{n}@example.org",
            "Straße": "Amselweg" if n < 2 else "",
            "Hausnummer": str(n),
            "PLZ": "12345",
            "Geschlecht": "weiblich" if n % 3 else "männlich",
        }
        for n in range(PEOPLE)
    ]
    take(session, assembly, organiser, as_csv(rows))
    lottery = lotteries.start_lottery(session, assembly, is_rehearsal=False, by=organiser)
    job = lottery.job
    assert job
    jobs.claim(session, job.id, {"lottery"})
    run = Run(sessionmaker(session.get_bind()), config, job.id, job.attempts, job.payload)
    session.commit()  # after it, nothing is read before the job is done: it writes, too
    handlers.perform(run, "lottery")
    texts = commitments.RuleTexts(
        now() + dt.timedelta(days=30), "Kugeln aus einer Urne", "drei Ziffern", "die nächste Sitzung"
    )
    rule = commitments.draw_rule(assembly, texts, tickets=1000, publication=None, language="de")
    made = commitments.commit(session, assembly, lottery, rule, place="Rathaus", by=organiser)
    session.commit()
    return made
