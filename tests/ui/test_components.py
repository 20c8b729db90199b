"""Components: typos are errors, values are escaped, every part stands on the component page."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils import timezone, translation

from bansos.lib.component_page import SampleForm, sample_context
from bansos.lib.parts import Change, Head, Stat, Tab, Word

FOLDER = Path(settings.BASE_DIR) / "templates" / "components"
# Partials of the frame, not tags.
NOT_TAGS = {"all", "logo"}


def draw(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    "source",
    [
        '{% badge tone="baik" wrod="Layak" %}',
        '{% badge tone="baik" %}',
        '{% badge "baik" "Layak" %}',
        '{% button labe="Simpan" %}',
        '{% card titel="Rekening" %}{% endcard %}',
        '{% alert title="Tanpa nada" %}{% endalert %}',
        "{% field form.nik %}",
        "{% amount %}",
    ],
)
def test_a_wrong_or_missing_argument_fails_when_the_page_compiles(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        Template(source)


@pytest.mark.parametrize(
    "source",
    [
        '{% badge tone="hijau" word="Layak" %}',
        '{% button label="Simpan" variant="besar" %}',
        '{% button label="Simpan" type="reset" %}',
        '{% alert tone="gawat" title="Awas" %}{% endalert %}',
        "{% stepper steps=steps current=3 %}",
        '{% money_table caption="Rekap" columns=columns rows=rows %}',
    ],
)
def test_a_value_outside_the_closed_lists_is_refused(source: str) -> None:
    columns, rows = [Head(label="Kab/Kota"), Head(label="KPM")], [("Kab. Madiun",)]
    with pytest.raises(ValueError):
        draw(source, steps=["Susun", "Kunci"], columns=columns, rows=rows)


def test_a_word_refuses_an_unknown_tone() -> None:
    with pytest.raises(ValueError, match="unknown tone"):
        Word("hijau", "Layak")


def test_every_component_stands_on_the_component_page() -> None:
    page = (FOLDER / "all.html").read_text()
    shown = set(re.findall(r"{%\s*(\w+)", page))
    used_by_others = set(
        re.findall(r"{%\s*(\w+)", "".join(p.read_text() for p in FOLDER.glob("*.html")))
    )
    names = {path.stem for path in FOLDER.glob("*.html")} - NOT_TAGS
    assert names - (shown | used_by_others) == set()
    assert len(names & shown) >= len(names) - 2


def test_every_component_says_what_it_is_and_stays_short() -> None:
    for path in FOLDER.glob("*.html"):
        text = path.read_text()
        assert "{# " in text[:120], path.name
        assert len(text.splitlines()) <= (120 if path.stem == "all" else 60), path.name


def test_the_component_page_renders_in_both_languages() -> None:
    for language in ("id", "en"):
        with translation.override(language):
            page = render_to_string("components/all.html", sample_context())
        assert "Rp784.000.000" in page
        assert "tujuh ratus delapan puluh empat juta rupiah" in page
        assert "10.000+" in page


def test_text_is_escaped_in_leaves_and_boxes() -> None:
    evil = "<script>alert(1)</script>"
    drawn = draw(
        "{% badge tone='info' word=evil %}{% empty title=evil hint=evil %}"
        "{% card title=evil %}{{ evil }}{% endcard %}{% compare rows=rows %}"
        "{% definition_list pairs=pairs %}{% tabs items=tabs label=evil %}",
        evil=evil,
        rows=[Change(label=evil, before=evil, after="x")],
        pairs=[(evil, evil)],
        tabs=[Tab(label=evil, href="javascript:1", active=True)],
    )
    assert "<script>" not in drawn
    assert drawn.count("&lt;script&gt;") >= 8


def test_amounts_are_written_the_indonesian_way() -> None:
    assert "Rp1.500.000" in draw("{% amount value=v %}", v=Decimal("1500000"))
    assert "belum ada" in draw("{% amount value=v %}", v=None)
    row = draw("{% stat_row items=s %}", s=[Stat(label="KPM", value=1568)])
    assert "1.568" in row


def test_the_empty_state_has_a_name_that_a_loop_does_not_take() -> None:
    source = "{% for x in rows %}{% empty_state title='Kosong' %}{% endfor %}"
    assert draw(source, rows=[1, 2]).count("Kosong") == 2


def test_filters_pass_nothing_through() -> None:
    names = ("rupiah", "number", "terbilang", "long_date", "short_date", "datetime_words")
    assert draw("".join(f"[{{{{ v|{name} }}}}]" for name in names), v=None) == "[]" * 6


def test_dates_follow_the_readers_own_clock() -> None:
    moment = datetime(2026, 11, 12, 7, 5, tzinfo=UTC)
    with timezone.override("Asia/Makassar"):
        assert draw("{{ v|datetime_words }}", v=moment) == "12 November 2026, 15.05 WITA"
    assert draw("{{ v|long_date }}", v=date(2026, 11, 12)) == "12 November 2026"


def test_a_button_that_is_off_says_why_and_cannot_be_sent() -> None:
    drawn = draw("{% button label='Setujui' disabled_because='Anda menyusun daftar ini.' %}")
    assert "disabled" in drawn
    assert 'type="submit"' not in drawn
    assert "Anda menyusun daftar ini." in drawn


def test_a_wrong_field_is_tied_to_its_error() -> None:
    form = SampleForm({"nik": ""})
    drawn = draw("{% error_summary form=form %}{% field bound=form.nik %}", form=form)
    assert 'href="#id_nik"' in drawn
    assert 'aria-invalid="true"' in drawn
    described = re.search(r'aria-describedby="([^"]+)"', drawn)
    assert described is not None
    assert described.group(1).split() == ["id_nik_petunjuk", "id_nik_galat", "id_nik_gema"]
    for ident in described.group(1).split():
        assert f'id="{ident}"' in drawn


def test_a_valid_form_has_no_error_summary() -> None:
    assert draw("{% error_summary form=form %}", form=SampleForm()).strip() == ""


def test_radio_choices_stand_in_a_fieldset_with_their_question() -> None:
    drawn = draw("{% field bound=form.result %}", form=SampleForm())
    assert "<fieldset" in drawn
    assert "<legend" in drawn
    assert drawn.count('class="form-check-input"') == 3


def test_the_stepper_marks_one_current_step() -> None:
    drawn = draw("{% stepper steps=s current=1 %}", s=["Susun", "Kunci", "Periksa"])
    assert drawn.count('aria-current="step"') == 1
    assert drawn.count("b-step-selesai") == 1
    done = draw("{% stepper steps=s current=2 %}", s=["Susun", "Kunci"])
    assert "aria-current" not in done


def test_a_post_button_carries_the_token_of_the_page() -> None:
    drawn = draw("{% post_button label='Tandai' action='/x/' %}", csrf_token="abc123")
    assert 'value="abc123"' in drawn
    assert 'method="post"' in drawn


def test_a_budget_that_is_exceeded_says_so() -> None:
    bar = "{% budget_bar ceiling=c committed=m paid=p %}"
    within = draw(bar, c=Decimal(100), m=Decimal(30), p=Decimal(20))
    beyond = draw(bar, c=Decimal(40), m=Decimal(30), p=Decimal(20))
    assert "Rp50" in within
    assert "Melebihi pagu" not in within
    assert "Melebihi pagu" in beyond
    assert "-Rp10" in beyond
