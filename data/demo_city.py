"""Seeds the demo: six invented assemblies of Auenfurt, each brought to its stage through the services.

Everything is done as organisers do it, by the same services, with the same jobs done by a real worker. Only the clock
is set back, so that what needs days (a draw comes at least 24 hours after its commitment) has had them.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from city import VOLUNTARY
from demo_allowances import Money
from demo_cases import follow
from demo_council import mirror_council
from demo_days import STATE, Days
from demo_follow_up import MEETINGS, add_rules, draft_version
from demo_group import elect, work
from demo_heads import publish_day_by_day
from demo_offices import draft_steps, enter_contacts, enter_departments
from demo_pages import publish_pages, report_barriers
from demo_panel import Calls
from demo_plans import ACCOUNTS, FOLLOWED, Plan
from demo_programme import OPENING, VISIT, Meetings
from demo_recommendations import close, draft_about_heat, hand_over
from demo_redaction import redact
from demo_registrations import SAMPLE, part, workbook
from demo_result_sheets import record_sheets
from demo_timetable import BUDGET, DECISION, MADE, RESULT, Timetable, refills
from flask_security.utils import hash_password
from sqlalchemy.orm import Session

from assembly import clock, database
from assembly.app import create_app
from assembly.clock import ZONE
from assembly.config import Config
from assembly.extensions import db
from assembly.models import Assembly, Check, Job, JobState, Lottery, OutreachKind, Role, Status, User
from assembly.services import (
    accounts,
    assemblies,
    checks,
    commitments,
    draws,
    features,
    imports,
    invitation_records,
    lotteries,
    respondents,
    target_files,
)
from assembly.services.daily import today
from assembly.services.messages.background import page_of
from assembly.services.programme import templates
from assembly.worker import Worker

KEPT = "demo.json"
POLL_SECONDS = 0.2
DRAWN = {"drawn": 417, FOLLOWED.key: 386}
"""The ticket of the assembly that has been drawn; in earnest, an urn says it."""
SMALL = ("Geschlecht", "Altersgruppe", "Stadtteil", "Bildungsabschluss")
"""Features of the smaller assemblies."""


@dataclasses.dataclass(frozen=True, slots=True)
class Seeded:
    """What the city was seeded with; the password, and the tokens of members' links, are drawn anew for each."""

    password: str
    assemblies: list[dict[str, Any]]
    member_link: str
    group_link: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        return dataclasses.asdict(self)


class NotForRealDataError(Exception):
    """The demo was to be put into a real installation."""


def seed(config: Config) -> Seeded:
    """Fill an empty application. Needs half a minute, most of it for the lotteries.

    Raises NotForRealDataError unless it is embedded: the accounts' password is shown to whoever is there.
    """
    if not config.embedded:
        raise NotForRealDataError("The demo keeps its data in a folder of its own. It must not enter your database.")
    app = create_app(config)
    with app.app_context():
        city = City(db.session, config)
        try:
            found = city.build()
        finally:
            db.session.close()
            db.engine.dispose()
            app.extensions["assembly.queue"].close()
    return found


class City:
    """The assemblies on their common way: what takes long is done for several of them at once."""

    def __init__(self, session: Session, config: Config) -> None:
        self._session = session
        self._config = config
        self._start = clock.now().astimezone(ZONE).replace(minute=0, second=0, microsecond=0)
        self._timetable = Timetable(Days(self._start.date()))
        self._password = f"auenfurt-{secrets.token_hex(5)}"
        self._staff: dict[Role, User] = {}
        self._assemblies: dict[str, Assembly] = {}

    def build(self) -> Seeded:
        """Do it all, day by day; several assemblies at a time where they are at the same point."""
        table = self._timetable
        drawn, *others = sorted(table.plans, key=lambda plan: plan.draw)
        with self._on(table.followed.draw - 70):
            self._add_accounts()
        self._follow(table.followed)
        for plan in table.plans:
            with self._on(plan.draw - MADE):
                self._make(plan)
            with self._on_working_day(plan.draw - 37):
                self._invite(plan)
            with self._on(min(plan.draw - 12, -10)):
                self._register(plan)
        for day, plans in ((drawn.draw - 9, [drawn]), (-9, [plan for plan in others if plan.key != "collecting"])):
            with self._on(day):
                solved = self._solve(plans)
            for plan in plans:
                if plan.key != "solved":
                    with self._on(day + 1):
                        self._commit(plan, solved[self._assemblies[plan.key].id])
        with self._on(drawn.draw - 2):
            self._withdraw(drawn, "A0345")
        with self._on(drawn.draw, minutes=20):
            self._draw(drawn)
        made = self._assemblies[drawn.key]
        meetings = Meetings(self._session, made, self._staff, self._start.date())
        with self._on(drawn.draw, minutes=90):
            meetings.plan()
        self._calls(drawn).make()
        with self._on(-6):
            meetings.prefer_letters()
            meetings.remind(page_of(self._config))
            meetings.deliver()
        with self._on(-1, minutes=90):
            meetings.change()
            meetings.remind(page_of(self._config))
            meetings.write(page_of(self._config))
            meetings.support()
            meetings.inform()
            meetings.ask()
            meetings.attend(OPENING)
            meetings.attend(VISIT)
            meetings.observe()
            meetings.rate(VISIT)
            self._pay(meetings)
            meetings.seat()
            record_sheets(self._session, made, OPENING, by=self._staff[Role.FACILITATOR])
            draft_about_heat(self._session, made, by=self._staff[Role.ORGANISER])
            self._mirror(made, self._assemblies[FOLLOWED.key])
            link, group_link = meetings.welcome(), work(self._session, self._assemblies[FOLLOWED.key])
        publish_day_by_day(self._session)
        return Seeded(self._password, [self._listed(plan) for plan in (*table.plans, table.followed)], link, group_link)

    def _follow(self, plan: Plan) -> None:
        """Let an assembly be drawn, meet, adopt recommendations, and hand them over on the day of its result."""
        for before, do in ((MADE, self._make), (37, self._invite), (12, self._register)):
            with self._on_working_day(plan.draw - before):
                do(plan)
        with self._on(plan.draw - 9):
            solved = self._solve([plan])
        made, organiser = self._assemblies[plan.key], self._staff[Role.ORGANISER]
        handed_over = self._timetable.handed_over
        with self._on(plan.draw - 8):
            self._commit(plan, solved[made.id])
        with self._on(plan.draw, minutes=20):
            self._draw(plan)
        with self._on(plan.draw + 3):
            self._calls(plan).confirm_all()
        with self._on_working_day(handed_over - 14):
            adopted = close(self._session, made, by=organiser)
        with self._on_working_day(handed_over):
            hand_over(self._session, made, adopted, by=organiser)
            elect(self._session, made, by=organiser)
            enter_contacts(self._session, made, by=self._staff[Role.COUNCIL_OFFICE])
        follow(self._session, made, self._on_working_day, handed_over, by=self._staff[Role.COUNCIL_OFFICE])
        with self._on_working_day(-1):
            redact(self._session, made, by=self._staff[Role.COUNCIL_OFFICE])
            draft_steps(self._session, made)
            report_barriers(self._session, by=self._staff[Role.SITE_ADMINISTRATOR])

    def _pay(self, meetings: Meetings) -> None:
        money = Money(self._session, meetings.assembly, self._staff)
        money.set_rates(meetings.planned(VISIT))
        money.pay(meetings.planned(OPENING))
        money.claim_for(meetings.planned(VISIT))

    def _mirror(self, *assemblies: Assembly) -> None:
        for one in assemblies:
            mirror_council(self._session, one, self._timetable.days, by=self._staff[Role.ORGANISER])

    def _listed(self, plan: Plan) -> dict[str, Any]:
        made = self._assemblies[plan.key]
        return {"key": plan.key, "stands": plan.stands, "title": made.title, "id": made.id, "slug": made.slug}

    def _day(self, days: int) -> dt.datetime:
        """Return six in the evening of a day, counted from today."""
        return self._start.replace(hour=18) + dt.timedelta(days=days)

    @contextmanager
    def _on(self, days: int, *, minutes: int = 0) -> Iterator[None]:
        """Let everything in the block happen on the evening of another day; what it did is committed."""
        moment = self._day(days) + dt.timedelta(minutes=minutes)
        with clock.shifted(moment - clock.now()):
            yield
            self._session.commit()

    @contextmanager
    def _on_working_day(self, days: int) -> Iterator[None]:
        """Let everything in the block happen on the evening of a working day, the last one until a day."""
        with self._on(self._timetable.days.working(days)):
            yield

    def _calls(self, plan: Plan) -> Calls:
        made, refilled = self._assemblies[plan.key], self._timetable.refilled(plan)
        return Calls(self._session, made, self._staff, plan.draw, refilled, self._on, self._perform)

    def _add_accounts(self) -> None:
        password = hash_password(self._password)  # slow on purpose, so once for all
        for account in ACCOUNTS:
            user = accounts.create_account(self._session, email=account.email, name=account.name)
            user.password = password
            for role in account.roles:
                self._staff[role] = user
                if role.is_city_wide:
                    accounts.grant(self._session, user, role, by=None)
        enter_departments(self._session, by=self._staff[Role.COUNCIL_OFFICE])
        publish_pages(self._session, by=self._staff[Role.SITE_ADMINISTRATOR])

    def _make(self, plan: Plan) -> None:
        self._assemblies[plan.key] = self._create(plan)

    def _create(self, plan: Plan) -> Assembly:
        organiser = self._staff[Role.ORGANISER]
        described = {
            "title": plan.title,
            "question": plan.question,
            "mandate": "Der Bürgerrat übergibt dem Stadtrat Empfehlungen. Zu jeder wird öffentlich Stellung genommen.",
            "commissioning_body": f"Stadtrat Auenfurt, Beschluss {self._timetable.resolution(plan)}",
            "panel_size": plan.size,
            "minimum_age": 16,
            "reference_date": self._day(plan.draw + 60).date(),
            "languages": ["de", "tr", "uk"],
            "contact": "Bürgerbeteiligung Auenfurt, Marktplatz 1, 62101 Auenfurt, Telefon 06201 555-0",
            "is_public": True,
        }
        assembly = assemblies.create_assembly(self._session, described, by=organiser)
        timeline = {
            "political_process": "Die Empfehlungen gehen in den Entwurf der Verwaltung und in den Haushalt ein.",
            "decider": "Stadtrat Auenfurt",
            "open_points": "Was zuerst getan wird, wo, und wie es bezahlt wird.",
            "settled_points": "Der beschlossene Haushalt des laufenden Jahres bleibt.",
            "result_date": self._timetable.sitting(plan, RESULT),
            "decision_date": self._timetable.sitting(plan, DECISION),
            "budget_date": self._timetable.sitting(plan, BUDGET),
        }
        assemblies.set_timeline(self._session, assembly, timeline, by=organiser)
        for role, user in self._staff.items():
            if not role.is_city_wide and role is not Role.ORGANISER:
                accounts.grant(self._session, user, role, assembly=assembly, by=organiser)
        templates.choose_state(self._session, assembly, STATE, by=organiser)
        self._add_features(assembly, by=organiser)
        return assembly

    def _add_features(self, assembly: Assembly, *, by: User) -> None:
        """Take the sample's quotas where they fit the panel, else compute them from the population's shares."""
        is_small = assembly.panel_size != 48
        found = _specs("population.csv", assembly.panel_size)
        if is_small:
            wanted = [features.with_quotas(found[name], assembly.panel_size, tolerance=1) for name in SMALL]
        else:
            wanted = [_with_shares(spec, found) for spec in _specs("targets.csv", assembly.panel_size).values()]
        specs = [dataclasses.replace(spec, is_voluntary=spec.name in VOLUNTARY) for spec in wanted]
        features.import_features(self._session, assembly, specs, by=by)

    def _invite(self, plan: Plan) -> None:
        organiser, assembly, table = self._staff[Role.ORGANISER], self._assemblies[plan.key], self._timetable
        record = {
            "register_office": "Bürgeramt Auenfurt",
            "legal_basis": f"§ 46 BMG, Beschluss {table.resolution(plan)} des Stadtrats",
            "sampling_method": "Einfache Zufallsstichprobe aller Personen ab 16 Jahren mit Hauptwohnung in Auenfurt.",
            "invited_on": table.working_date(plan.draw - 37),
            "registration_until": table.registration_until(plan),
            "letters_sent": 9000,
            "undeliverable": 211,
            "reminders": 4000,
        }
        resolved_on = table.resolved_on(plan)
        sittings = table.days.sittings_after(resolved_on, MEETINGS)
        add_rules(self._session, assembly, table.resolution(plan), resolved_on, sittings, by=organiser)
        invitation_records.change_record(self._session, assembly, record, by=organiser)
        if plan.key == "collecting":
            draft_version(self._session, assembly, by=organiser)
        visits = {
            "kind": OutreachKind.DOOR_VISITS,
            "held_on": table.working_date(plan.draw - 25),
            "languages": ["de", "tr"],
            "people_reached": 180,
            "registrations": 27,
            "note": "Hafen und Neuhof, je zwei Abende.",
        }
        invitation_records.add_outreach(self._session, assembly, visits, by=organiser)

    def _register(self, plan: Plan) -> None:
        organiser, assembly = self._staff[Role.ORGANISER], self._assemblies[plan.key]
        content, ending = (workbook(today()), "xlsx") if plan.rows is None else (part(plan.rows), "csv")
        first = imports.upload(self._session, assembly, content, name=f"Anmeldungen.{ending}", by=organiser)
        imports.apply_import(self._session, first, by=organiser)
        if plan.key == "collecting":
            second = workbook(today())
            imports.upload(self._session, assembly, second, name="Anmeldungen Woche 2.xlsx", by=organiser)

    def _solve(self, plans: list[Plan]) -> dict[int, int]:
        """Check the quotas and compute the lotteries; return assembly → lottery, by their ids."""
        organiser, chosen = self._staff[Role.ORGANISER], [self._assemblies[plan.key] for plan in plans]
        found: dict[int, int] = {}

        def start_lotteries() -> Sequence[Lottery]:
            made = [lotteries.start_lottery(self._session, one, is_rehearsal=False, by=organiser) for one in chosen]
            found.update({lottery.assembly_id: lottery.id for lottery in made})
            return made

        self._perform(lambda: [checks.start_check(self._session, one, by=organiser) for one in chosen], start_lotteries)
        return found

    def _perform(self, *starts: Callable[[], Sequence[Check | Job | Lottery]]) -> None:
        """Start jobs and wait until a worker has done them, one batch after the other."""
        worker = Worker(self._config)
        worker.start()
        try:
            for start in starts:
                started = start()
                self._session.commit()
                job_ids = [one.id if isinstance(one, Job) else one.job_id for one in started]
                self._session.rollback()
                for job_id in job_ids:
                    while not self._is_done(job_id):
                        time.sleep(POLL_SECONDS)
        finally:
            worker.stop()

    def _is_done(self, job_id: int | None) -> bool:
        with database.reading():
            job = self._session.get_one(Job, job_id, populate_existing=True)
            state, error = job.state, job.error
            self._session.rollback()  # SQLite: the worker must be able to write
        if not state.is_active and state is not JobState.DONE:
            raise RuntimeError(f"A job of the demo ended as {state.value}: {error}")
        return state is JobState.DONE

    def _commit(self, plan: Plan, lottery_id: int) -> None:
        """Publish the commitment; a draw that is due today has been so for an hour, whenever the demo is started."""
        moment = self._day(plan.draw) if plan.draw else self._start - dt.timedelta(hours=1)
        lottery, assembly = self._session.get_one(Lottery, lottery_id), self._assemblies[plan.key]
        texts = commitments.RuleTexts(
            moment=moment,
            source="Im Ratssaal zieht eine Bürgerin aus einer Urne mit zehn Kugeln 0–9, mit Zurücklegen.",
            format="Die Ziffern in der Reihenfolge der Ziehung, zum Beispiel 042. 000 ist Losnummer 0.",
            fallback="Fällt die Sitzung aus, gilt dieselbe Ziehung zu Beginn der nächsten öffentlichen Ratssitzung.",
            replacement_moments=refills(moment),
        )
        rule = commitments.draw_rule(
            assembly,
            texts,
            tickets=lottery.summary["tickets"],
            publication=f"{self._config.public_url}/a/{assembly.slug}/lottery",
            language="de",
        )
        place = "Ratssaal, Marktplatz 1"
        commitments.commit(self._session, assembly, lottery, rule, place=place, by=self._staff[Role.ORGANISER])

    def _withdraw(self, plan: Plan, code: str) -> None:
        """Somebody calls after the commitment and does not want to take part any more."""
        leaving = respondents.find_by_code(self._session, self._assemblies[plan.key], code)
        respondents.move(self._session, leaving, Status.WITHDRAWN, by=self._staff[Role.ORGANISER])

    def _draw(self, plan: Plan) -> None:
        """Two accounts enter the number blind."""
        assembly = self._assemblies[plan.key]
        commitment = commitments.current_commitment(self._session, assembly)
        if commitment is None:
            raise RuntimeError("Nothing is committed.")
        number = f"{DRAWN[plan.key]:0{len(str(commitment.lottery.summary['tickets'])) - 1}}"
        for role in (Role.ORGANISER, Role.WITNESS):
            draws.enter_value(self._session, assembly, commitment, number, by=self._staff[role])
            self._session.commit()


def _specs(name: str, size: int) -> dict[str, features.FeatureSpec]:
    """Return the features of one of the sample's files by their names."""
    read = target_files.read_target_file((SAMPLE / name).read_bytes(), name, size=size)
    return {spec.name: spec for spec in read.features}


def _with_shares(spec: features.FeatureSpec, population: dict[str, features.FeatureSpec]) -> features.FeatureSpec:
    """Add the population's shares to a feature that has quotas alone; of some features the town knows none."""
    if spec.name not in population:
        return spec
    shares = {value.name: value.share for value in population[spec.name].values}
    return dataclasses.replace(
        spec, values=[dataclasses.replace(value, share=shares.get(value.name)) for value in spec.values]
    )
