"""Objects of either version are read alike; what cannot be read is left out, and nothing is trusted."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from assembly.services.council import bodies, reading
from assembly.services.council.client import Client
from assembly.services.errors import RuleError
from tests.assembly.services.council.server import OParl

ADDRESS = "https://ris.example.org/"


def nobody(_url: str) -> None:
    return None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("https://ris.example.org/a?b=c", "https://ris.example.org/a?b=c"),
        ("javascript:alert(1)", ""),
        ("https://somebody:secret@ris.example.org/", ""),
        ("https://", ""),
        ("https://[x/", ""),
        ("/relative", ""),
        ("https://ris.example.org/\nx", ""),
        (ADDRESS + "x" * 500, ""),
        (None, ""),
        (["https://ris.example.org/"], ""),
    ],
)
def test_only_addresses_of_the_web_are_links(value: Any, found: str) -> None:
    assert reading.link(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2027-01-15T18:00:00+01:00", dt.datetime(2027, 1, 15, 17, tzinfo=dt.UTC)),
        ("2027-07-15T18:00:00Z", dt.datetime(2027, 7, 15, 18, tzinfo=dt.UTC)),
        ("2027-07-15T18:00:00", dt.datetime(2027, 7, 15, 16, tzinfo=dt.UTC)),
        ("9999-12-31T23:59:59-14:00", None),
        ("tomorrow", None),
        (5, None),
    ],
)
def test_moments_without_a_zone_are_ours(value: Any, found: dt.datetime | None) -> None:
    assert reading.moment(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2027-01-15", dt.date(2027, 1, 15)),
        ("2027-01-15T00:00:00+01:00", dt.date(2027, 1, 15)),
        ("2027-02-30", None),
        ("", None),
        (None, None),
    ],
)
def test_days_may_be_moments(value: Any, found: dt.date | None) -> None:
    assert reading.day(value) == found


def test_what_a_consultation_says_is_read_embedded_too() -> None:
    consultation = {"id": f"{ADDRESS}c/1", "paper": {"id": f"{ADDRESS}p/1"}}
    item = {"id": f"{ADDRESS}i/1", "consultation": consultation, "public": False, "number": 5}
    gone = {"id": f"{ADDRESS}i/2", "deleted": True}
    committee = {"id": f"{ADDRESS}o/1", "shortName": "Rat"}
    found = reading.meeting({"agendaItem": [item, gone, item], "organization": committee}, nobody, {})
    assert found is not None
    assert found.values["organizations"] == ["Rat"]
    assert [(one["consultation"], one["paper"], one["is_public"], one["number"]) for one in found.items.values()] == [
        (f"{ADDRESS}c/1", f"{ADDRESS}p/1", False, "5")
    ]


def test_a_body_may_be_named_itself(oparl: OParl, client: Client) -> None:
    found = bodies.find(client, oparl.url("/body/1"))
    assert (found.version, list(found.bodies)) == (
        oparl.version,
        [{"id": oparl.url("/body/1"), "name": "Stadt Auenfurt"}],
    )


@pytest.mark.parametrize("how", ["list", "embedded", "addresses", "single"])
def test_bodies_are_found_however_the_system_names_them(oparl: OParl, client: Client, how: str) -> None:
    listed = oparl.lists["/bodies"]
    oparl.single["/body/2"] = listed[1]
    oparl.single["/system"]["body"] = {
        "list": oparl.url("/bodies"),
        "embedded": [*listed, oparl.tombstone("Body", 3, dt.datetime(2027, 1, 1, tzinfo=dt.UTC)), 5],
        "addresses": [one["id"] for one in listed],
        "single": listed[0]["id"],
    }[how]
    names = [one["name"] for one in bodies.find(client, oparl.url("/system")).bodies]
    assert names == ["Stadt Auenfurt", "Kreis Auental"][: 1 if how == "single" else 2]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"type": "https://schema.oparl.org/2.0/System"}, "speaks OParl 2.0"),
        ({"type": "https://schema.oparl.org/1.0/Paper"}, "no OParl"),
        ({"type": 5}, "no OParl"),
        ({"body": None}, "names no body"),
    ],
)
def test_what_cannot_be_read_is_said(one_oparl: OParl, client: Client, change: dict[str, Any], text: str) -> None:
    one_oparl.single["/system"] |= change
    with pytest.raises(RuleError, match=text):
        bodies.find(client, one_oparl.url("/system"))
