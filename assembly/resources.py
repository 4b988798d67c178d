"""Where the files that are not code stand: `data/` and `templates/`."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource_folder(name: str) -> Path:
    """Return the folder `data` or `templates`: inside this package in a wheel, beside it in a checkout.

    Raises FileNotFoundError if there is no such folder: the installation is incomplete.

    >>> resource_folder("data").name
    'data'
    """
    for parent in (_PACKAGE, _PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(f"The installation has no folder “{name}”; install the package again.")
