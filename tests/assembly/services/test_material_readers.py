"""Who reads which materials, where these belong, and that nothing of a removed one is left."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from assembly.models import Assembly, EventKind, Material, MaterialKind, MaterialVersion, User
from assembly.services import assemblies
from assembly.services.errors import NotFoundError
from assembly.services.materials import publishing, reading
from assembly.services.materials.publishing import Content
from assembly.services.programme import agenda, events
from tests.assembly.conftest import WORDS
from tests.assembly.services.privacy.search import found_in_database
from tests.assembly.services.test_programme import values as event_values

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
SAID = {"title": "Klimakarte", "source": "Stadt", "licence": "CC BY 4.0", "language": "de"}


def document(session: Session, assembly: Assembly, by: User, content: bytes = PDF, **more: object) -> Material:
    file = publishing.looked_at(content, clamd=None)
    return publishing.add_material(session, assembly, MaterialKind.DOCUMENT, SAID | more, Content(file=file), by=by)


def test_each_reader_gets_what_is_theirs(session: Session, assembly: Assembly, organiser: User) -> None:
    draft, inner = document(session, assembly, organiser), document(session, assembly, organiser, is_public=False)
    public = document(session, assembly, organiser)
    for material in (inner, public):
        publishing.publish(session, material, by=organiser)
    ids = {one: one.versions[0].id for one in (draft, inner, public)}
    assert set(reading.materials_of(session, assembly)) == {draft, inner, public}
    assert set(reading.members_materials_of(session, assembly)) == {inner, public}
    assert set(reading.public_materials_of(session, assembly)) == {public}
    for get, hidden in ((reading.get_members_file, {draft}), (reading.get_public_file, {draft, inner})):
        for material, number in ids.items():
            if material in hidden:
                with pytest.raises(NotFoundError):
                    get(session, assembly, number)
            else:
                assert get(session, assembly, number).content == PDF
    other = assemblies.create_assembly(session, WORDS | {"title": "Bürgerrat Wasser"}, by=organiser)
    with pytest.raises(NotFoundError):
        reading.get_file(session, other, ids[public])
    publishing.withhold(session, public, by=organiser)
    with pytest.raises(NotFoundError):
        reading.get_public_file(session, assembly, ids[public])


def test_it_belongs_to_an_event_and_an_item_of_this_assembly(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    other = assemblies.create_assembly(session, WORDS | {"title": "Bürgerrat Wasser"}, by=organiser)
    there = events.add_event(session, other, event_values(), by=organiser)
    here = events.add_event(session, assembly, event_values(kind=EventKind.EXPERT_INPUT), by=organiser)
    item = agenda.add_item(session, here, {"kind": "input", "title": "Input", "minutes": 30}, by=organiser)
    for wrong in ({"event_id": there.id}, {"event_id": None, "item_id": item.id}):
        with pytest.raises(NotFoundError):
            document(session, assembly, organiser, **wrong)
    material = document(session, assembly, organiser, event_id=here.id, item_id=item.id, is_to_read_before=True)
    assert reading.read_before_for(session, assembly, [here]) == {}
    publishing.publish(session, material, by=organiser)
    assert reading.read_before_for(session, assembly, [here]) == {here.id: [material]}
    assert reading.read_before_for(session, assembly, [there]) == {}
    events.remove_draft(session, here, by=organiser)
    session.refresh(material)
    assert (material.event_id, material.item_id) == (None, None)


def test_removing_a_material_leaves_nothing_of_it(session: Session, assembly: Assembly, organiser: User) -> None:
    material = document(session, assembly, organiser, b"Quastenflosser Eins", plain_text="Quastenflosser Drei")
    new = publishing.looked_at(b"Quastenflosser Zwei", clamd=None)
    publishing.add_version(session, material, Content(file=new), by=organiser)
    session.flush()
    assert found_in_database(session, {"Quastenflosser"})
    publishing.remove_material(session, material, by=organiser)
    assert session.query(MaterialVersion).count() == 0
    assert found_in_database(session, {"Quastenflosser"}) == set()
