"""Files that are not code are found in a checkout; tests/test_wheel.py looks for them in a wheel."""

from __future__ import annotations

import pytest

from assembly.resources import resource_folder
from tests.project import ROOT


def test_in_a_checkout_the_data_stands_beside_the_package() -> None:
    assert resource_folder("data") == ROOT / "data"


def test_a_missing_folder_is_said() -> None:
    with pytest.raises(FileNotFoundError, match="no folder “nothing”"):
        resource_folder("nothing")
