"""The macros give screen readers and forms what they need; tests/browser looks at them in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask, render_template_string
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.form import Form
from wtforms.validators import InputRequired, Optional

from assembly.views.charts import Bar, BarChart
from tests.browser.sample import create_sample


class MemberForm(Form):
    """What the tests below render."""

    name = StringField("Name", [InputRequired()], description="As on the letter", render_kw={"autocomplete": "name"})
    note = StringField("Note & more")
    language = SelectField("Language", choices=[SelectChoice("de"), SelectChoice("en")])
    other = SelectField("Other", [Optional()], choices=[SelectChoice("de"), SelectChoice("en")])


@pytest.fixture
def app() -> Iterator[Flask]:
    app = create_sample()
    with app.test_request_context("/?search=a%26b&page=3", headers={"Accept-Language": "en"}):
        yield app


def render(source: str, **values: object) -> str:
    """Return the rendered source on one line."""
    imports = '{% import "macros/fields.html" as fields %}{% import "macros/tables.html" as tables %}'
    imports += '{% import "macros/alerts.html" as alerts %}{% import "macros/buttons.html" as buttons %}'
    imports += '{% import "macros/charts.html" as charts %}{% import "macros/progress.html" as progress %}'
    imports += '{% import "macros/description.html" as description %}'
    return re.sub(r"\s+", " ", render_template_string(imports + source, **values)).replace("> <", "><").strip()


def test_a_field_without_errors(app: Flask) -> None:
    assert render("{{ fields.render_field(form.name, class='wide', maxlength=50) }}", form=MemberForm()) == (
        '<div class="kern-form-input"><label class="kern-label" for="name">Name</label>'
        '<div class="kern-hint" id="name-hint">As on the letter</div>'
        '<input aria-describedby="name-hint" autocomplete="name" class="kern-form-input__input wide" id="name" '
        'maxlength="50" name="name" required type="text" value=""></div>'
    )


def test_a_field_with_an_error(app: Flask) -> None:
    form = MemberForm(data={"name": "Ada"})
    form.note.errors = ["Not <so>."]
    rendered = render("{{ fields.render_field(form.note, hide_label=true) }}", form=form)
    assert '<label class="kern-label kern-sr-only" for="note">Note &amp; more' in rendered
    assert 'aria-describedby="note-error" aria-invalid="true"' in rendered
    assert '<span class="kern-body">Not &lt;so&gt;.</span>' in rendered


def test_what_is_not_required_is_marked_but_a_list_to_choose_from_only_if_the_form_says_so(app: Flask) -> None:
    rendered = render("{{ fields.render_fields(form) }}", form=MemberForm())
    marked = re.findall(r'for="(\w+)">[^<]*<span class="kern-label__optional">', rendered)
    assert marked == ["note", "other"]


def test_some_fields_of_a_form(app: Flask) -> None:
    only = render("{{ fields.render_fields(form, only=['note', 'name'], without=['name']) }}", form=MemberForm())
    assert re.findall(r'name="(\w+)"', only) == ["note"]


def test_a_form_that_changes_something_carries_the_token(app: Flask) -> None:
    rendered = render("{% call fields.post_form('/x', multipart=true) %}here{% endcall %}")
    assert re.fullmatch(
        '<form class="form" method="post" novalidate action="/x" enctype="multipart/form-data">'
        '<input type="hidden" name="csrf_token" value="[^"]+"> here </form>',
        rendered,
    )


def test_no_summary_without_errors(app: Flask) -> None:
    assert render("{{ fields.form_errors(form) }}", form=MemberForm()) == ""


def test_sorting_starts_on_the_first_page_and_turns_round(app: Flask) -> None:
    columns = [{"label": "Name", "sort": "name"}, {"label": "Seats", "sort": "seats", "numeric": True}]
    source = "{{ tables.table('t', 'People', columns, [['Ada', 1]], sort='name', direction='asc') }}"
    rendered = render(source, columns=columns)
    assert re.findall(r'href="([^"]+)"', rendered) == [
        "?search=a%26b&amp;sort=name&amp;direction=desc",
        "?search=a%26b&amp;sort=seats&amp;direction=asc",
    ]
    assert re.findall(r'aria-sort="(\w+)"', rendered) == ["ascending"]
    assert '<th class="kern-table__header" scope="row">Ada</th>' in rendered
    assert '<td class="kern-table__cell kern-table__cell--numeric">1</td>' in rendered
    assert 'role="region" tabindex="0" aria-labelledby="t-caption"' in rendered


def test_where_it_is_narrow_each_cell_of_a_wide_table_has_its_label_and_keeps_its_role(app: Flask) -> None:
    columns = ["Name", "Age & more", {"label": "Seats", "numeric": True}, "State"]
    source = "{{ tables.table('t', 'People', columns, rows, footer=['Sum', '', 3, '']) }}"
    rendered = render(source, columns=columns, rows=[["Ada", "<b>", 1, "in"], ["Bo", "44", 2, "out"]])
    labels = [("Age &amp; more", "&lt;b&gt;"), ("Seats", "1"), ("State", "in")]
    assert re.findall(r'role="cell" data-label="([^"]+)">([^<]*)</td>', rendered)[:3] == labels
    roles = re.findall(r'role="(\w+)"', rendered)
    assert [roles.count(role) for role in ("table", "rowgroup", "row", "columnheader", "rowheader", "cell")] == [
        *(1, 3, 4, 4, 3, 9)
    ]
    few = render("{{ tables.table('t', 'x', columns, rows) }}", columns=columns[:3], rows=[["Ada", "4", 1]])
    assert "data-label" not in few


def test_a_picture_has_the_title_the_description_and_the_table_of_its_numbers(app: Flask) -> None:
    bars = [Bar("a", [30, 10], "40", [40], band=(20, 50), mark=25), Bar("b" * 40, [0], "0", [0])]
    rendered = render(
        "{{ charts.chart(picture) }}",
        picture=BarChart("c", "Ages", "Most are young.", bars, ["Age", "People"], ["x", "y"], "Quota", "Population"),
    )
    assert 'role="img" aria-labelledby="c-picture-title c-picture-description"' in rendered
    assert '<title id="c-picture-title">Ages</title><desc id="c-picture-description">Most are young.</desc>' in rendered
    assert re.findall(r'class="chart__bar" x="([^"]+)" y="29" width="([^"]+)"', rendered) == [
        ("0.0%", "60.0%"),
        ("60.0%", "20.0%"),
    ]
    assert re.findall(r'class="chart__band" x="([^"]+%)" y="25" width="([^"]+)"', rendered) == [("40.0%", "60.0%")]
    assert re.findall(r'class="chart__mark" x1="([^"]+%)"', rendered) == ["50.0%"]
    assert f">{'b' * 33}…</text>" in rendered
    assert f'scope="row">{"b" * 40}</th>' in rendered
    assert all(f">{words}</text>" in rendered for words in ("x", "y", "Quota", "Population"))


def test_a_band_of_one_number_is_still_seen_and_stays_within(app: Flask) -> None:
    bars = [Bar(str(n), [10], "", [], band=(n, n)) for n in (0, 5, 10)]
    rows = BarChart("c", "t", "d", bars, ["x"]).rows
    assert [row.band for row in rows] == [(0.0, 3.0), (48.5, 3.0), (97.0, 3.0)]


def test_a_picture_of_nothing_is_drawn_too(app: Flask) -> None:
    assert "There is nothing here yet." in render("{{ charts.chart(p) }}", p=BarChart("c", "t", "d", [], ["x"]))


def test_texts_of_users_are_escaped(app: Flask) -> None:
    text = "<b>'\"&"
    picture = BarChart("c", text, text, [Bar(text, [1], text, [text])], [text, text], [text], text, text)
    for source in (
        "{{ alerts.alert('info', text) }}",
        "{{ alerts.badge('info', text) }}",
        "{{ buttons.post_button('x', '/x', about=text, values={text: text}) }}",
        "{{ description.description_list([(text, text)]) }}",
        "{{ tables.table('t', text, [text], [[text]]) }}",
        "{{ charts.chart(picture) }}",
        "{{ progress.progress('p', text, detail=text) }}",
    ):
        assert "<b>" not in render(source, text=text, picture=picture)
        assert "&amp;lt;" not in render(source, text=text, picture=picture)
