"""The page on which a lottery is committed."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Lottery, LotteryState, User
from tests.assembly.conftest import sign_in
from tests.assembly.web import post

GERMAN = "mit zehn Kugeln"
ENGLISH = "with ten balls"


@pytest.mark.parametrize("page", ["de", "en"])
@pytest.mark.parametrize(
    ("languages", "suggested"), [(["de", "en"], GERMAN), (["en"], ENGLISH), (["tr"], GERMAN)], ids=str
)
def test_the_rule_is_suggested_in_the_language_of_the_assembly(
    client: FlaskClient,
    session: Session,
    assembly: Assembly,
    organiser: User,
    *,
    languages: list[str],
    suggested: str,
    page: str,
) -> None:
    """It is published as it stands there, whatever language the organiser reads."""
    assembly.languages = languages
    lottery = Lottery(
        assembly_id=assembly.id,
        state=LotteryState.SOLVED,
        is_rehearsal=False,
        one_per_household=True,
        started_at=now(),
        started_by_id=organiser.id,
        inputs="0" * 64,
    )
    session.add(lottery)
    session.commit()
    sign_in(client, organiser)
    post(client, f"/language/{page}")
    text = client.get(f"/assemblies/{assembly.id}/lotteries/{lottery.id}/commit").text
    assert f'lang="{page}"' in text
    assert [one in text for one in (GERMAN, ENGLISH)] == [suggested == GERMAN, suggested == ENGLISH]
