"""Serve the application with the sample city's assemblies, for `make demo`; its data stay from one start to the next.

python data/demo_site.py --data FOLDER [--fresh] [--port 8000] [--only-seed]
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import logging
import os
import shutil
import sys
from pathlib import Path

from demo_city import KEPT, Seeded, seed
from demo_plans import ACCOUNTS
from rich.console import Console
from rich.table import Table

from assembly.cli import LOCK_FILE
from assembly.config import Config

HOST = "127.0.0.1"
"""The accounts' password is printed, so nobody but this machine may reach the application."""
SETTINGS = (
    *(
        "DATABASE_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "PASSWORD_SALT",
        "MAIL_URL",
        "MAIL_SENDER",
        "SMS_GATEWAY",
        "IMPRINT_URL",
        "PRIVACY_URL",
        "ACCESSIBILITY_URL",
        "REQUIRE_TOTP",
    ),
    *("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"),
)
"""Of a real installation; the demo must not touch it, nor send mail."""

console = Console(highlight=False)


def main() -> None:
    """Seed the folder unless it is seeded, say what there is to see, and serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Serve the sample city.")
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="where the demo keeps its data")
    parser.add_argument("--fresh", action="store_true", help="delete these data and start over")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--only-seed", action="store_true", help="do not serve")
    arguments = parser.parse_args()
    folder: Path = arguments.data.absolute()
    for name in SETTINGS:
        os.environ.pop(name, None)
    os.environ["PUBLIC_URL"] = address = f"http://{HOST}:{arguments.port}"
    os.environ["CITY_NAME"] = "Auenfurt"
    os.environ["SMS_GATEWAY"] = "{number}@sms.example.org"  # without a mail server nothing leaves the folder
    os.environ["ASSEMBLY_DATA"] = str(folder)
    if arguments.fresh and folder.exists():
        _require_stopped(folder)
        shutil.rmtree(folder)
    seeded = _kept(folder) or _seed(folder)
    if not arguments.only_seed:
        _show(seeded, address, folder)
        sys.stdout.flush()
        command = [sys.executable, "-m", "assembly", "serve", "--host", HOST, "--port", str(arguments.port)]
        os.execv(sys.executable, command)  # noqa: S606  # our own program, without a shell


def _require_stopped(folder: Path) -> None:
    """End if the demo is running with this folder: its data would be lost under it."""
    with contextlib.suppress(FileNotFoundError), (folder / LOCK_FILE).open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.exit("The demo is running. Stop it with Ctrl-C first, then start over.")


def _kept(folder: Path) -> Seeded | None:
    """Return what an earlier start has seeded; None if there was none, or it was interrupted."""
    try:
        return Seeded(**json.loads((folder / KEPT).read_text(encoding="utf-8")))
    except (FileNotFoundError, TypeError):  # none, or one of an earlier version
        return None


def _seed(folder: Path) -> Seeded:
    """Seed beside the folder and move it there when all is done, so that half a city is never served."""
    draft = folder.with_name(f"{folder.name}.part")
    for leftover in (draft, folder):
        if leftover.exists():
            shutil.rmtree(leftover)
    logging.getLogger("assembly.worker").setLevel(logging.ERROR)  # that no mail is sent is said below
    with console.status("Filling the sample city: six assemblies, five lotteries …"):
        seeded = seed(Config.from_environment({**os.environ, "ASSEMBLY_DATA": str(draft)}))
    (draft / KEPT).write_text(json.dumps(seeded.as_dict()), encoding="utf-8")
    draft.rename(folder)
    return seeded


def _show(seeded: Seeded, address: str, folder: Path) -> None:
    """Print addresses, each on a line of its own so that terminals make links of them, and the accounts."""
    console.rule("[bold]The application, with six invented assemblies of Auenfurt", align="left")
    for one in seeded.assemblies:
        console.print(f"[bold]{one['title']}[/bold]: {one['stands']}", soft_wrap=True)
        console.print(f"  staff   {address}/assemblies/{one['id']}", soft_wrap=True)
        console.print(f"  public  {address}/a/{one['slug']}", soft_wrap=True)
    people = Table("account", "who", title=f"Demo accounts, password: {seeded.password}")
    for account in ACCOUNTS:
        people.add_row(account.email, account.purpose)
    console.print(people)
    console.print(f"A member’s own page opens with their link: {address}/m/{seeded.member_link}", soft_wrap=True)
    console.print(f"That of somebody in the follow-up group: {address}/m/{seeded.group_link}", soft_wrap=True)
    console.print(f"Start at {address}/ or sign in at {address}/account/login", soft_wrap=True)
    console.print(f"Mails are not sent: copies of them lie in {folder / 'mail'}", soft_wrap=True)
    console.print(
        "Only this machine can reach it. Ctrl-C stops it; the data stay. [bold]make demo FRESH=1[/bold] starts over."
    )


if __name__ == "__main__":
    main()
