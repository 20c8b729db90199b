"""Widgets written in Python are those of Django, letter by letter."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from bansos.lib.component_page import SampleForm
from bansos.lib.form_html import WRITERS, QuickForms

HOSTILE = "\"><script>alert('a & b')</script>"
CHOICES = [
    ("", gettext_lazy("Semua")),
    (1, "Satu & dua"),
    (HOSTILE, HOSTILE),
    ("Kelompok <b>", [("a", mark_safe("<b>aman</b>")), ("b", None)]),  # noqa: S308
]
WIDGETS: list[tuple[Any, Any]] = [
    (forms.TextInput({"placeholder": gettext_lazy("Nama"), "required": True}), HOSTILE),
    (forms.TextInput({"maxlength": 12, "disabled": False, "data-x": HOSTILE}), None),
    (forms.TextInput(), mark_safe("a&amp;b")),  # noqa: S308
    (forms.NumberInput({"min": 0, "step": "any"}), 0),
    (forms.HiddenInput(), ""),
    (forms.PasswordInput(), "x"),
    (forms.EmailInput(), "a@b.id"),
    (forms.DateInput(), date(2026, 3, 1)),
    (forms.DateTimeInput(), None),
    (forms.TimeInput(), None),
    (forms.FileInput(), None),
    (forms.CheckboxInput(), True),
    (forms.CheckboxInput(), "ya"),
    (forms.Textarea(), f"\n  {HOSTILE}  \n"),
    (forms.Textarea(), None),
    (forms.Select(choices=CHOICES), 1),
    (forms.Select(choices=CHOICES), "a"),
    (forms.Select(choices=[]), None),
    (forms.SelectMultiple(choices=CHOICES), ["1", "b", HOSTILE]),
    (forms.NullBooleanSelect(), True),
    (forms.RadioSelect(choices=CHOICES), "a"),
    (forms.CheckboxSelectMultiple(choices=CHOICES), ["a", "1"]),
    (forms.SplitDateTimeWidget(), None),
]


@pytest.mark.parametrize(("widget", "value"), WIDGETS)
def test_a_widget_is_what_django_writes(widget: Any, value: Any) -> None:
    attrs = {"id": "id_satu", "class": "form-control"}
    ours = widget.render("satu", value, attrs, renderer=QuickForms())
    assert ours == widget.render("satu", value, attrs, renderer=DjangoTemplates())
    assert hasattr(ours, "__html__")


@pytest.mark.parametrize("widget", [forms.RadioSelect, forms.CheckboxSelectMultiple])
def test_a_single_choice_is_what_django_writes(widget: Any) -> None:
    class Form(forms.Form):
        satu = forms.CharField(widget=widget(choices=CHOICES))

    def options(renderer: Any) -> list[str]:
        bound = Form({"satu": "a"}, renderer=renderer)["satu"]
        return [option.tag() for option in bound.subwidgets]

    assert options(QuickForms()) == options(DjangoTemplates())


def test_the_sample_form_is_what_django_writes() -> None:
    ours, theirs = (SampleForm(renderer=kind()) for kind in (QuickForms, DjangoTemplates))
    assert [str(bound) for bound in ours] == [str(bound) for bound in theirs]


def test_every_writer_stands_for_a_template_of_django() -> None:
    for name in WRITERS:
        assert DjangoTemplates().get_template(name)
