"""Bring the German catalogue up to date with the sentences in the code.

New sentences are added untranslated, those no longer there are dropped. Further catalogues in the same folder are
taken in and removed: several people who work side by side need not write into one file.
"""

from __future__ import annotations

import sys

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from assembly.translations.extraction import CATALOGUE, extracted


def main() -> None:
    """Write the catalogue anew, and say what is still to be translated."""
    fragments = sorted(path for path in CATALOGUE.parent.glob("*.po") if path != CATALOGUE)
    known = Catalog(locale="de")
    for path in [CATALOGUE, *fragments]:
        if path.exists():
            with path.open("rb") as file:
                for message in read_po(file, locale="de"):
                    if message.id and message.string and any(message.string):
                        known[message.id] = message
    current = extracted()
    for message in current:
        found = known.get(message.id) if message.id else None
        if found is not None and not found.fuzzy:
            message.string = found.string
    with CATALOGUE.open("wb") as output:
        write_po(output, current, width=120, sort_output=True, no_location=True, omit_header=False)
    for path in fragments:
        path.unlink()
    missing = [message.id for message in current if message.id and not (message.string and all(message.string))]
    sys.stdout.write("".join(f"{message}\n" for message in missing))
    sys.stdout.write(f"{len(current)} sentences, {len(missing)} without translation\n")


if __name__ == "__main__":
    main()
