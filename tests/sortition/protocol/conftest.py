"""Settings of the protocol's tests."""

from __future__ import annotations

collect_ignore = ["one_page.py"]  # a script, run as one by its test, not a module to look for doctests in
