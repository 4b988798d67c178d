"""Copy what browsers get from the packages in node_modules into assembly/static/vendor, checked against vendor.sha256.

    python assembly/vendor.py            copy; refuses a file that differs from its checksum
    python assembly/vendor.py --update   after an upgrade: write the checksums anew, then copy

The copied checksums are written last: they are the stamp that tells make that everything is in place.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = HERE.parent / "node_modules"
CHECKSUMS = HERE / "vendor.sha256"
TARGET = HERE / "static" / "vendor"
STAMP = "SHA256SUMS"

FILES = {
    "kern/kern.min.css": "@kern-ux/native/dist/kern.min.css",
    "kern/LICENSE.md": "@kern-ux/native/LICENSE.md",
    # The weights that KERN's styles use. Their licence, the Open Font License, is named inside the files.
    "kern/FiraSans-Regular.woff2": "@kern-ux/native/dist/fonts/fira-sans/FiraSans-Regular.woff2",
    "kern/FiraSans-Italic.woff2": "@kern-ux/native/dist/fonts/fira-sans/FiraSans-Italic.woff2",
    "kern/FiraSans-Medium.woff2": "@kern-ux/native/dist/fonts/fira-sans/FiraSans-Medium.woff2",
    "kern/FiraSans-SemiBold.woff2": "@kern-ux/native/dist/fonts/fira-sans/FiraSans-SemiBold.woff2",
    "htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx/LICENSE": "htmx.org/LICENSE",
}
"""Place in the target → place in node_modules."""


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def checksums() -> dict[str, str]:
    """Return place in the target → expected SHA-256, from the committed file."""
    lines = CHECKSUMS.read_text(encoding="utf-8").splitlines()
    return {place: checksum for checksum, place in (line.split("  ", 1) for line in lines)}


def update() -> None:
    """Write the checksums of the files as they are in node_modules now."""
    lines = [f"{digest(PACKAGES / source)}  {place}\n" for place, source in sorted(FILES.items())]
    CHECKSUMS.write_text("".join(lines), encoding="utf-8")


def copy() -> list[str]:
    """Copy the files into an empty target; return what is wrong, and copy nothing if anything is."""
    expected = checksums()
    wrong = [f"{place}: not both in vendor.py and in vendor.sha256" for place in sorted(FILES.keys() ^ expected.keys())]
    for place in sorted(FILES.keys() & expected.keys()):
        source = PACKAGES / FILES[place]
        if not source.is_file():
            wrong.append(f"{place}: its package has no {FILES[place]}")
        elif digest(source) != expected[place]:
            wrong.append(f"{place}: differs from its checksum")
    if wrong:
        return wrong
    shutil.rmtree(TARGET, ignore_errors=True)
    for place, source_name in FILES.items():
        (TARGET / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PACKAGES / source_name, TARGET / place)
    shutil.copyfile(CHECKSUMS, TARGET / STAMP)
    return []


def main() -> None:
    """Run as described at the top."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="write the checksums anew first")
    if parser.parse_args().update:
        update()
    if wrong := copy():
        sys.exit("\n".join([*wrong, "If packages were upgraded on purpose: python assembly/vendor.py --update"]))


if __name__ == "__main__":
    main()
