"""Sealed model fields on a real table, and form fields fed as people type."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import isolate_apps

from bansos.lib.crypto import CannotOpen, blind_index, seal_text
from bansos.lib.fields import (
    BlindIndexField,
    EncryptedJSONField,
    EncryptedTextField,
    IndonesianDateField,
    KkField,
    NikField,
    RupiahField,
)

NIK, OTHER = "3519011208570001", "3519011208570002"

with isolate_apps("bansos.lib"):

    class Sealed(models.Model):
        nik = EncryptedTextField(null=True, blank=True, max_length=16)
        nik_index = BlindIndexField(of="nik", purpose="nik", unique=True)
        note = EncryptedTextField(default="", blank=True)
        answers = EncryptedJSONField(default=dict)

        class Meta:
            app_label = "lib"
            db_table = "test_sealed"

        def __str__(self) -> str:
            return str(self.pk)


@pytest.fixture
def table(db: None) -> Iterator[None]:
    with connection.schema_editor(atomic=False) as editor:
        editor.create_model(Sealed)
    yield
    with connection.schema_editor(atomic=False) as editor:
        editor.delete_model(Sealed)


def stored(column: str, pk: int) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM test_sealed WHERE id = %s", [pk])
        value = cursor.fetchone()[0]
    return None if value is None else bytes(value)


@pytest.mark.usefixtures("table")
def test_round_trip_and_nothing_readable_in_the_table() -> None:
    row = Sealed.objects.create(nik=NIK, note="catatan", answers={"a": [1, Decimal("2.50")]})
    again = Sealed.objects.get(pk=row.pk)
    assert (again.nik, again.note) == (NIK, "catatan")
    assert again.answers == {"a": [1, "2.50"]}
    for column in ("nik", "note", "answers"):
        raw = stored(column, row.pk)
        assert raw is not None
        assert NIK.encode() not in raw
        assert b"catatan" not in raw
    assert list(Sealed.objects.values_list("nik", flat=True)) == [NIK]


@pytest.mark.usefixtures("table")
def test_the_index_follows_and_finds() -> None:
    row = Sealed.objects.create(nik=NIK)
    assert row.nik_index == blind_index(NIK, "nik")
    assert Sealed.objects.get(nik_index=blind_index("351901 120857 0001", "nik")) == row
    row.nik = OTHER
    row.save()
    assert not Sealed.objects.filter(nik_index=blind_index(NIK, "nik")).exists()
    assert Sealed.objects.filter(nik_index=blind_index(OTHER, "nik")).exists()
    row.nik = None
    row.save(update_fields=["nik", "nik_index"])
    row.refresh_from_db()
    assert (row.nik, row.nik_index) == (None, None)


@pytest.mark.usefixtures("table")
def test_bulk_create_fills_the_index() -> None:
    Sealed.objects.bulk_create([Sealed(nik=NIK), Sealed(nik=OTHER), Sealed(), Sealed(nik="")])
    indexes = list(Sealed.objects.order_by("pk").values_list("nik_index", flat=True))
    assert indexes == [blind_index(NIK, "nik"), blind_index(OTHER, "nik"), None, None]


@pytest.mark.usefixtures("table")
def test_the_same_number_twice_is_refused_however_it_is_written() -> None:
    Sealed.objects.create(nik=NIK)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sealed.objects.create(nik="351901 120857 0001")


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    "lookup", ["nik", "nik__exact", "nik__in", "nik__startswith", "nik__gt", "answers__key"]
)
def test_lookups_on_sealed_fields_are_refused(lookup: str) -> None:
    with pytest.raises(FieldError, match="sealed"):
        Sealed.objects.filter(**{lookup: NIK}).exists()


@pytest.mark.usefixtures("table")
def test_isnull_works() -> None:
    Sealed.objects.create()
    Sealed.objects.create(nik=NIK)
    assert Sealed.objects.filter(nik__isnull=True).count() == 1
    assert Sealed.objects.exclude(nik__isnull=True).count() == 1


@pytest.mark.usefixtures("table")
def test_writes_that_would_leave_the_index_behind_are_refused() -> None:
    row = Sealed.objects.create(nik=NIK)
    with pytest.raises(FieldError, match="nik_index must follow"), transaction.atomic():
        Sealed.objects.update(nik=OTHER)
    with pytest.raises(FieldError, match="never written by hand"), transaction.atomic():
        Sealed.objects.update(nik_index="x")
    row.nik = OTHER
    with pytest.raises(FieldError, match="nik_index"), transaction.atomic():
        row.save(update_fields=["nik"])
    with pytest.raises(FieldError), transaction.atomic():
        Sealed.objects.bulk_update([row], ["nik"])
    row.refresh_from_db()
    assert row.nik == NIK


@pytest.mark.usefixtures("table")
def test_a_sealed_field_without_index_may_be_updated() -> None:
    row = Sealed.objects.create(note="a")
    Sealed.objects.update(note="b", answers={"x": 1})
    row.refresh_from_db()
    assert (row.note, row.answers) == ("b", {"x": 1})
    row.note = "c"
    row.save(update_fields=["note"])
    Sealed.objects.bulk_update([row], ["note"])
    assert Sealed.objects.get().note == "c"


@pytest.mark.usefixtures("table")
def test_a_value_copied_from_another_column_does_not_load() -> None:
    row = Sealed.objects.create(nik=NIK, note="x")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE test_sealed SET note = nik")
    with pytest.raises(CannotOpen):
        Sealed.objects.get(pk=row.pk)


@pytest.mark.usefixtures("table")
def test_a_fixed_context_outlives_a_renamed_table() -> None:
    field = EncryptedTextField(context="old.nik")
    field.set_attributes_from_name("nik")
    assert field.from_db_value(seal_text(NIK, context="old.nik"), None, connection) == NIK


def test_migrations_rebuild_the_fields() -> None:
    _name, path, args, kwargs = BlindIndexField(of="nik", purpose="nik", unique=True).deconstruct()
    assert path == "bansos.lib.fields.BlindIndexField"
    assert (args, kwargs) == ([], {"of": "nik", "purpose": "nik", "unique": True})
    _name, path, args, kwargs = EncryptedTextField(null=True, context="a.b").deconstruct()
    assert path == "bansos.lib.fields.EncryptedTextField"
    assert kwargs == {"null": True, "context": "a.b"}
    assert EncryptedJSONField(default=dict).clone().get_internal_type() == "BinaryField"


def test_a_unique_sealed_field_is_a_check_error() -> None:
    field: Any = EncryptedTextField(unique=True)
    field.set_attributes_from_name("x")
    field.model = Sealed
    assert "bansos.E001" in [found.id for found in field.check()]


def test_model_form_gives_a_text_box() -> None:
    class Form(forms.ModelForm):
        class Meta:
            model = Sealed
            fields = ["nik", "note"]

    form = Form({"nik": "1" * 17, "note": ""})
    assert "nik" in form.errors
    assert Form.base_fields["nik"].max_length == 16
    assert "nik_index" not in Form.base_fields
    assert Form({"nik": "", "note": ""}).fields["nik"].clean("") is None


@pytest.mark.parametrize("text", ["12081957", "12/08/57", "12 Agustus 1957", "1957-08-12"])
def test_date_field_reads(text: str) -> None:
    assert IndonesianDateField(birth=True).clean(text) == datetime.date(1957, 8, 12)


def test_date_field_shows_refuses_and_compares() -> None:
    day = datetime.date(1957, 8, 12)
    field = IndonesianDateField(required=False, max_date=datetime.date(2000, 1, 1))
    assert field.clean("") is None
    assert field.clean(day) == day
    assert field.prepare_value(day) == "12-08-1957"
    assert field.prepare_value("12/8") == "12/8"
    assert not field.has_changed(day, "12 Agt 1957")
    assert field.has_changed(day, "12 Foo 1957")
    with pytest.raises(ValidationError) as caught:
        field.clean("08/13/1957")
    assert caught.value.code == "tanggal_tidak_ada"
    with pytest.raises(ValidationError):
        field.clean("01-01-2001")
    with pytest.raises(ValidationError):
        IndonesianDateField(min_date=day).clean("11-08-1957")
    with pytest.raises(ValidationError):
        IndonesianDateField().clean("")


def test_rupiah_field() -> None:
    field = RupiahField(max_value=Decimal(5_000_000))
    assert field.clean("1,5 juta") == Decimal("1500000.00")
    assert field.clean(Decimal("1.50")) == Decimal("1.50")
    assert field.prepare_value(Decimal("1500000.00")) == "1.500.000"
    assert field.prepare_value(Decimal("1031145.59")) == "1.031.145,59"
    assert field.prepare_value("1,5 juta") == "1,5 juta"
    assert not field.has_changed(Decimal(1500000), "1.500.000")
    assert field.has_changed(Decimal(1500000), "satu")
    for wrong in ("1.5", "-1", "5.000.001", "", "banyak"):
        with pytest.raises(ValidationError):
            field.clean(wrong)
    with pytest.raises(ValidationError) as caught:
        field.clean("6 juta")
    assert caught.value.messages == ["Jumlah paling banyak Rp5.000.000."]
    assert RupiahField(required=False).clean("") is None
    assert RupiahField(min_value=None).clean("-1.000") == Decimal(-1000)


def test_nik_and_kk_fields() -> None:
    assert NikField().clean("351901 120857 0001") == NIK
    assert NikField(required=False).clean("") == ""
    assert NikField().prepare_value(NIK) == "351901 120857 0001"
    assert NikField().prepare_value(None) is None
    assert not NikField().has_changed(NIK, "351901 120857 0001")
    assert KkField().clean("3519012503090001") == "3519012503090001"
    for wrong in ("", "123", "3519011213570001", "35190112085700O1"):
        with pytest.raises(ValidationError):
            NikField().clean(wrong)
    with pytest.raises(ValidationError) as caught:
        KkField().clean("351901250309")
    assert caught.value.messages == ["Nomor KK harus 16 angka. Yang diisi 12 angka."]


def test_widgets_carry_no_inline_handlers() -> None:
    class Form(forms.Form):
        day = IndonesianDateField(birth=True)
        amount = RupiahField()
        nik = NikField()

    html = Form().as_p()
    assert 'inputmode="numeric"' in html
    assert 'placeholder="12-08-1957"' in html
    assert html.count("data-echo=") == 3
    assert 'data-age="1"' in html
    assert "style=" not in html
    assert " on" not in html.replace("one", "")
