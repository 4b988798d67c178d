"""An organiser's download is all that the command line needs: the same lottery, verified, drawn once more."""

from __future__ import annotations

import io
import json
import shlex
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from click.testing import CliRunner
from sqlalchemy.orm import Session, sessionmaker

from assembly.config import Config
from assembly.models import Respondent, Status
from assembly.services import engine_files, features, logbook, lotteries
from assembly.services.errors import NotFoundError
from assembly.services.panel import calling, replacing
from sortition import NOT_STATED, Entry, Instance, Quota
from sortition.cli import main
from sortition.files import Shares, load_instance
from sortition.lottery_file import parse_lottery
from sortition.model import Quotas
from sortition.protocol.draw_rule import DrawRule
from tests.assembly import drawn
from tests.assembly.services.panels import START, drawn_panel


def unpacked(content: bytes, folder: Path) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
        return archive.namelist()


def loaded(folder: Path, instance: Instance) -> Instance:
    def no_shares(_shares: Shares, _size: int) -> Quotas:
        raise AssertionError

    (targets,) = folder.glob("targets.*")
    (respondents,) = folder.glob("respondents.*")
    return load_instance(
        targets,
        respondents,
        size=instance.size,
        household_columns=("household",) if any(entry.household for entry in instance.entries) else (),
        quotas_from_shares=no_shares,
    ).instance


def run_commands() -> None:
    """Type what COMMANDS.txt says; all of it succeeds."""
    for line in Path("COMMANDS.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        program, *arguments = shlex.split(line)
        assert program == "sortition"
        ended = CliRunner().invoke(main, arguments)
        assert (line, ended.exit_code) == (line, 0), ended.output
        if arguments[0] == "verify":
            assert "VERIFIED: the documents are those committed to" in ended.output


def test_the_commands_in_the_archive_give_the_same_lottery_and_verify_it(
    session: Session, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = drawn.drawn(session, config)
    assembly, organiser = stage.load(session)
    content = engine_files.engine_files(session, assembly, stage.lottery(session), by=organiser)
    names = "COMMANDS.txt RULE.toml audit.json drawn.json lottery.json public.json respondents.csv targets.csv"
    assert unpacked(content, tmp_path) == names.split()
    monkeypatch.chdir(tmp_path)
    with time_machine.travel(drawn.AFTERWARDS):
        run_commands()
    again, ours = (json.loads(Path(name).read_bytes()) for name in ("solved-again.json", "lottery.json"))
    assert again["seed"] == ours["seed"]
    assert again["tickets"] == ours["tickets"]
    assert Path("drawn-again.json").read_bytes() == Path("drawn.json").read_bytes()
    rule = DrawRule.from_toml(Path("RULE.toml").read_bytes(), name="RULE.toml")
    assert rule.document() == stage.commitment(session).rule


def test_that_the_files_were_taken_is_logged(session: Session, config: Config) -> None:
    stage = drawn.collecting(session)
    drawn.solve(session, config, stage)
    assembly, organiser = stage.load(session)
    content = engine_files.engine_files(session, assembly, stage.lottery(session), by=organiser)
    entry = list(logbook.entries_of(session, assembly))[-1]
    assert (entry.action, entry.details["people"]) == ("engine_files_exported", 30)
    assert entry.details["files"] == ["COMMANDS.txt", "lottery.json", "respondents.csv", "targets.csv"]
    assert content == engine_files.engine_files(session, assembly, stage.lottery(session), by=organiser)


def test_what_a_spreadsheet_would_take_for_a_formula_goes_as_xlsx_and_stays_exactly_as_it_is(
    session: Session, config: Config, tmp_path: Path
) -> None:
    stage = drawn.collecting(session)
    assembly, organiser = stage.load(session)
    found = features.features_of(session, assembly)
    found[0].values[0].name = "=weiblich"
    session.commit()
    drawn.solve(session, config, stage)
    lottery = stage.lottery(session)
    content = engine_files.engine_files(session, assembly, lottery, by=organiser)
    assert "targets.xlsx" in unpacked(content, tmp_path)
    assert lottery.document
    instance = parse_lottery(json.loads(lottery.document), name="lottery.json").instance
    assert loaded(tmp_path, instance).seed() == instance.seed()


@pytest.mark.parametrize("value", ["Anna; Müller", 'ein "Wort"', "ß, é", "1.5", "a  b"])
def test_every_value_survives_the_way_through_the_files(value: str, tmp_path: Path) -> None:
    quotas = {"Merkmal, das erste": {value: Quota(0, 2), "x": Quota(0, 2, 0, 2), NOT_STATED: Quota(0, 1)}}
    entries = tuple(Entry(f"K{n}", {"Merkmal, das erste": (value, "x", NOT_STATED)[n % 3]}) for n in range(6))
    instance = Instance(entries, quotas, 2)
    for name, content in engine_files._tables(instance).items():
        (tmp_path / name).write_bytes(content)
    assert loaded(tmp_path, instance) == instance


def test_a_lottery_without_result_has_no_files(session: Session, config: Config) -> None:
    stage = drawn.collecting(session)
    assembly, organiser = stage.load(session)
    lottery = lotteries.start_lottery(session, assembly, is_rehearsal=True, by=organiser)
    with pytest.raises(NotFoundError):
        engine_files.engine_files(session, assembly, lottery, by=organiser)


def test_a_rehearsals_commands_do_not_promise_the_same_lottery(
    session: Session, config: Config, tmp_path: Path
) -> None:
    stage = drawn.collecting(session)
    drawn.solve(session, config, stage, is_rehearsal=True)
    assembly, organiser = stage.load(session)
    unpacked(engine_files.engine_files(session, assembly, stage.lottery(session), by=organiser), tmp_path)
    commands = (tmp_path / "COMMANDS.txt").read_text()
    assert ("sortition solve" in commands, "sortition check" in commands) == (False, True)


def test_a_replacements_commands_start_from_the_draw_before(
    sessions: sessionmaker[Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(START, tick=True) as traveller:
        panel = drawn_panel(sessions, tmp_path, traveller)
        with panel.sessions.begin() as session:
            leaving = session.scalars(sa.select(Respondent).where(Respondent.status == Status.DRAWN)).first()
            assert leaving
            calling.decline(session, leaving, by=panel.load(session)[1])
        panel.replace()
        with panel.sessions.begin() as session:
            assembly, organiser = panel.load(session)
            lottery = replacing.newest_lottery(session, assembly)
            assert lottery
            names = unpacked(engine_files.engine_files(session, assembly, lottery, by=organiser), tmp_path / "files")
        assert "before-audit.json" in names
        assert "respondents.csv" not in names
        monkeypatch.chdir(tmp_path / "files")
        run_commands()
    again, ours = (json.loads(Path(name).read_bytes()) for name in ("solved-again.json", "lottery.json"))
    assert again["tickets"] == ours["tickets"]
