"""The command line: start the application, its workers, the first account; check the log."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from assembly import database
from assembly.config import Config, ConfigurationError
from assembly.models import Assembly, Role
from assembly.services import accounts, logbook, sealing
from assembly.services.children import forget_script
from assembly.services.errors import NotFoundError, ServiceError
from assembly.services.privacy.erased_codes import attach_key
from assembly.services.smtp import MailServer
from assembly.starting import end, log_to_stderr
from assembly.worker import THREADS, Worker

if TYPE_CHECKING:
    from flask import Flask

WEB_THREADS = 4
"""Of a process: enough to answer while some wait for the database; more of them take the processor from each other."""
EMBEDDED_PROCESSES = min(2, os.cpu_count() or 1)
"""The second one answers while the first one does jobs, too, such as an import."""
LOCK_FILE = "serve.lock"
CITY_WIDE = [role.value for role in Role if role.is_city_wide]

log = logging.getLogger("assembly")


class CommandError(click.ClickException):
    """Something must be set right first; exit code 2."""

    exit_code = 2


@contextlib.contextmanager
def _said_clearly() -> Iterator[None]:
    """Say what is wrong with the surroundings in one sentence; drivers' texts may hold addresses and passwords."""
    try:
        yield
    except ConfigurationError as error:
        raise CommandError(str(error)) from None
    except sa.exc.ArgumentError:
        raise CommandError("DATABASE_URL is no address of a database, such as postgresql://user@host/name.") from None
    except database.FAULTS:
        raise CommandError("The database does not answer. Check DATABASE_URL, and whether the server runs.") from None


def _config() -> Config:
    config = Config.from_environment(os.environ)
    if config.mail_url:
        MailServer.from_url(config.mail_url)  # complain now, not when the first mail is due
    return config


def _engine(config: Config) -> sa.Engine:
    engine = database.make_engine(config.database_url)
    attach_key(engine, config.secret_key)
    sealing.attach_keys(engine, config.secret_key)
    return engine


@contextlib.contextmanager
def _session(config: Config) -> Iterator[Session]:
    engine = _engine(config)
    try:
        _require_schema(config, engine)
        with sessionmaker(engine)() as session:
            yield session
    finally:
        engine.dispose()


def _require_schema(config: Config, engine: sa.Engine) -> None:
    if config.embedded:
        database.migrate(engine)
    elif not database.is_current(engine):
        raise ConfigurationError("The database has not the schema of this version. Run: assembly migrate")


@contextlib.contextmanager
def _application(config: Config) -> Iterator[Flask]:
    if not config.embedded:
        with _session(config):  # complain about the database before the pages are put together
            pass
    from assembly.app import create_app  # noqa: PLC0415  # a worker would read all pages in vain, and begin later
    from assembly.extensions import db  # noqa: PLC0415  # the same

    app = create_app(config)
    try:
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()
        app.extensions["assembly.queue"].close()


@click.group()
@click.version_option(package_name="sortition-assembly")
def main() -> None:
    """Run the web application for citizens' assemblies. Settings come from the environment, see the README."""
    log_to_stderr()
    signal.signal(signal.SIGTERM, end)
    forget_script()


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen at.")
@click.option("--threads", default=WEB_THREADS, show_default=True, type=click.IntRange(1, 64))
@click.option(
    "--processes",
    type=click.IntRange(1, 16),
    help=f"Processes that answer.  [default: {EMBEDDED_PROCESSES}; with DATABASE_URL 1]",
)
def serve(host: str, port: int, threads: int, processes: int | None) -> None:
    """Serve the pages. Without DATABASE_URL, do everything else too: migrate, do jobs, send mail."""
    from assembly.processes import Processes, prepare, server_of  # noqa: PLC0415  # see _application

    with _said_clearly(), contextlib.ExitStack() as cleanup:
        config = _config()
        if config.embedded:
            cleanup.enter_context(_alone(config))
        with _free(host, port):
            listener = cleanup.enter_context(_bound(host, port))
        count = processes or (EMBEDDED_PROCESSES if config.embedded else 1)
        others = Processes(count - 1, config, listener, threads)
        cleanup.callback(others.stop)
        others.start()  # first, so that all get ready at the same time
        app = cleanup.enter_context(_application(config))
        if config.embedded:
            worker = Worker(config)
            cleanup.callback(worker.stop)
            worker.start()
        prepare(app, others.ready)
        with _free(host, port):
            server = server_of(app, listener, threads)
        cleanup.callback(server.close)
        click.echo(f"Serving at http://{host}:{listener.getsockname()[1]}")
        server.run()


@contextlib.contextmanager
def _free(host: str, port: int) -> Iterator[None]:
    """Say in one sentence that somebody else listens there."""
    try:
        yield
    except OSError as error:
        raise CommandError(f"{host}:{port} cannot be listened at: {error.strerror}.") from None


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket with an address, at which nobody listens before a server is ready."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # else a restart would have to wait a minute
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


@contextlib.contextmanager
def _alone(config: Config) -> Iterator[None]:
    """Hold the folder: two embedded applications in one would take each other's running jobs for dead."""
    with (config.data_folder / LOCK_FILE).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CommandError(
                f"The application is running already with the folder {config.data_folder}. "
                "Stop it, or name another folder in ASSEMBLY_DATA."
            ) from None
        yield


@main.command()
@click.option("--threads", default=THREADS, show_default=True, type=click.IntRange(1, 64), help="Jobs at a time.")
def worker(threads: int) -> None:
    """Do jobs and send mail, beside any number of others. Needs DATABASE_URL."""
    with _said_clearly():
        config = _config()
        if config.embedded:
            raise ConfigurationError("Without DATABASE_URL, “assembly serve” does the work of the workers itself.")
        with _session(config):
            pass
        process = Worker(config, threads=threads)
        try:
            process.start()
            log.info("Working with %s threads.", threads)
            threading.Event().wait()
        except KeyboardInterrupt:
            pass
        finally:
            process.stop()


@main.command()
def migrate() -> None:
    """Bring the database to the schema of this version."""
    with _said_clearly():
        config = Config.from_environment(os.environ)
        engine = _engine(config)
        try:
            database.migrate(engine)
        finally:
            engine.dispose()
        click.echo("The database has the schema of this version.")


@main.command()
@click.argument("email")
@click.argument("name")
@click.option("--role", type=click.Choice(CITY_WIDE), required=True, help="City-wide role to give.")
@click.option("--language", type=click.Choice(["de", "en"]), default="de", show_default=True)
def invite(email: str, name: str, role: str, language: str) -> None:
    """Make the first account, and print the link with which EMAIL chooses a password. Needs no mail server."""
    with _said_clearly():
        config = _config()
        with _application(config) as app:
            try:
                click.echo(_invite(app, config, email=email, name=name, role=Role(role), language=language))
            except ServiceError as error:
                raise CommandError(str(error)) from None


def _invite(app: Flask, config: Config, *, email: str, name: str, role: Role, language: str) -> str:
    """Return the link; whoever has the account or the role already only gets a new link."""
    from flask_security.recoverable import generate_reset_link  # noqa: PLC0415  # see _application

    from assembly.extensions import db  # noqa: PLC0415  # the same

    if "@" not in email:
        raise CommandError("The first argument must be an e-mail address.")
    with app.test_request_context(base_url=config.public_url):
        user = accounts.find_account(db.session, email) or accounts.create_account(
            db.session, email=email, name=name, language=language
        )
        if not any(m.role is role and m.revoked_at is None for m in user.memberships):
            accounts.grant(db.session, user, role, by=None)
        db.session.commit()
        link, _token = generate_reset_link(user)  # type: ignore[no-untyped-call]  # Flask-Security's
        return str(link)


@main.command()
@click.argument("assembly")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--unfinished", is_flag=True, help="Also if recommendations are open.")
def archive(assembly: str, folder: Path, unfinished: bool) -> None:  # noqa: FBT001  # a switch of the command line
    """Write ASSEMBLY (its name in the address) into the new FOLDER: a static site that opens without any server."""
    from assembly.archiving import writing  # noqa: PLC0415  # see _application

    with _said_clearly(), _application(_config()) as app:
        try:
            written = writing.write(app, assembly, folder, unfinished=unfinished)
        except NotFoundError:
            raise CommandError(f"There is no public assembly “{assembly}”.") from None
        except FileExistsError:
            raise CommandError(f"{folder} is there already: name a folder that is not.") from None
        except ServiceError as error:
            raise CommandError(str(error)) from None
    click.echo(f"Written to {folder}: {written.pages} pages and {written.files} other files.")
    for address in written.missing:
        click.echo(f"Not to be had: {address}", err=True)


@main.command("check-archive")
@click.argument("folder", type=click.Path(path_type=Path))
def check_archive(folder: Path) -> None:
    """Check that an archive is as it was written, and its steps have the hashes of the log. Exit code 1 if not."""
    from assembly.archiving import checking  # noqa: PLC0415  # see _application

    try:
        faults = checking.faults_of(folder)
    except ServiceError as error:
        raise CommandError(str(error)) from None
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    click.echo("The archive is as it was written.")


@main.group()
def audit() -> None:
    """Check what cannot be checked on a page."""


@audit.command()
@click.argument("assembly")
@click.option("--head", metavar="HASH", help="A head published earlier: it must still be in the chain.")
def verify(assembly: str, head: str | None) -> None:
    """Check the hash chain of the log of ASSEMBLY (its number, or its name in the address). Exit code 1 if broken."""
    with _said_clearly(), _session(_config()) as session, database.reading():
        found = _assembly(session, assembly)
        entries = list(logbook.entries_of(session, found))
        fault = logbook.first_fault(entries, head=head.strip().lower() if head else None)
        if fault is not None:
            click.echo(f"The log is broken. {fault}", err=True)
            raise SystemExit(1)
        click.echo(f"The log holds: {len(entries)} entries. Its head is {logbook.head_of(session, found)}")
        if head is None:
            click.echo("Without --head, a log that was cut or written anew as a whole would look the same.")


def _assembly(session: Session, name: str) -> Assembly:
    key: Any = Assembly.id == int(name) if name.isdecimal() else Assembly.slug == name
    found = session.scalar(sa.select(Assembly).where(key))
    if found is None:
        raise CommandError(f"There is no assembly “{name}”.")
    return found
