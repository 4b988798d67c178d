"""The README keeps its word."""

from __future__ import annotations

import re

from tests.project import ROOT


def test_the_page_of_python_in_the_readme_is_the_one_that_is_tested() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (page,) = re.findall(r"```python\n(.*?)```\n", readme, flags=re.DOTALL)
    assert page == (ROOT / "tests/sortition/protocol/one_page.py").read_text(encoding="utf-8")


def test_every_linked_file_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", readme) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
