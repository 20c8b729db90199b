"""Shape of a bank file layout: its head, and three grids with one row per column or cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.lib.fields import IndonesianDateField
from disbursements.choices import AmountFormat, LayoutFormat
from disbursements.models import PayList
from disbursements.rules.layouts import LONGEST_TEXT, MOST_CELLS, MOST_COLUMNS, WIDEST

SPARE_COLUMNS, SPARE_CELLS = 3, 2
UNUSED = ("", _("Tidak dipakai"))
# A column may say what a line of the list says; a control line what the whole list says.
WHOLE = (
    ("list_number", _("Nomor daftar")),
    ("date", _("Tanggal pelaksanaan")),
)
FIELD_WORDS = (
    UNUSED,
    ("position", _("Nomor urut")),
    ("reference", _("Referensi")),
    ("account_number", _("Nomor rekening")),
    ("name", _("Nama penerima")),
    ("amount", _("Jumlah")),
    ("bank_code", _("Kode bank penerima")),
    ("address", _("Alamat")),
    ("village", _("Desa/Kelurahan")),
    ("district", _("Kecamatan")),
    *WHOLE,
    ("text", _("Teks tetap")),
)
CELL_WORDS = (
    UNUSED,
    ("count", _("Banyaknya baris")),
    ("total", _("Jumlah seluruhnya")),
    *WHOLE,
    ("source_account", _("Rekening sumber")),
    ("bank_code", _("Kode bank")),
    ("text", _("Teks tetap")),
)


class LayoutForm(forms.Form):
    """What holds for the whole file of a layout."""

    name = forms.CharField(label=_("Nama susunan"), max_length=80)
    bank_code = forms.CharField(label=_("Kode bank"), max_length=3)
    format = forms.ChoiceField(label=_("Jenis berkas"), choices=LayoutFormat.choices)
    valid_from = IndonesianDateField(label=_("Berlaku sejak"), initial=lambda: timezone.localdate())
    separator = forms.ChoiceField(
        label=_("Pemisah (CSV)"),
        required=False,
        initial=",",
        choices=[
            (",", _("koma")),
            (";", _("titik koma")),
            ("|", _("garis tegak")),
            ("", _("tanpa pemisah, lebar tetap")),
        ],
    )
    amount_format = forms.ChoiceField(label=_("Bentuk jumlah"), choices=AmountFormat.choices)
    headings = forms.BooleanField(label=_("Tulis judul kolom"), required=False, initial=True)
    label = forms.BooleanField(
        label=_("Tulis baris “umum, tidak disertifikasi bank mana pun”"),
        help_text=_("Matikan hanya bila bank menolak baris tambahan."),
        required=False,
        initial=True,
    )
    active = forms.BooleanField(label=_("Dipakai untuk berkas berikutnya"), required=False)


class _Row(forms.Form):
    """One row of a grid: its place and its words; each field is named for who cannot see it."""

    place = forms.IntegerField(
        label=_("Urutan"), required=False, min_value=1, max_value=999, widget=forms.NumberInput()
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            box = field.widget
            box.attrs["class"] = "form-select" if isinstance(box, forms.Select) else "form-control"
            box.attrs["aria-label"] = field.label
            if self.is_bound and name in self.errors:
                box.attrs["aria-invalid"] = "true"


class ColumnForm(_Row):
    """One column of the file; without a field it is no column."""

    heading = forms.CharField(label=_("Judul kolom"), max_length=LONGEST_TEXT, required=False)
    field = forms.ChoiceField(label=_("Isi"), choices=FIELD_WORDS, required=False)
    text = forms.CharField(label=_("Teks tetap"), max_length=LONGEST_TEXT, required=False)
    width = forms.IntegerField(label=_("Lebar"), required=False, min_value=1, max_value=WIDEST)
    pad = forms.ChoiceField(
        label=_("Rata"),
        required=False,
        choices=[("", _("apa adanya")), ("left", _("kiri")), ("right", _("kanan"))],
    )
    fill = forms.CharField(label=_("Pengisi"), max_length=1, required=False, strip=False)


class CellForm(_Row):
    """One cell of the line before or after the rows; without a field it is no cell."""

    field = forms.ChoiceField(label=_("Isi"), choices=CELL_WORDS, required=False)
    text = forms.CharField(label=_("Teks tetap"), max_length=LONGEST_TEXT, required=False)


ColumnGrid = forms.formset_factory(ColumnForm, extra=SPARE_COLUMNS, max_num=MOST_COLUMNS)
CellGrid = forms.formset_factory(CellForm, extra=SPARE_CELLS, max_num=MOST_CELLS)


def starter() -> list[dict[str, Any]]:
    """What every layout has, as the first columns of a new one."""
    plain = {"text": "", "width": 0, "pad": "", "fill": " "}
    words = dict(FIELD_WORDS)
    names = ("reference", "account_number", "name", "amount")
    return [{**plain, "field": name, "heading": str(words[name])} for name in names]


def rows_of(kept: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Kept columns or cells as rows of a grid, in tens so that one may be put in between."""
    rows = []
    for place, row in enumerate(kept, start=1):
        shown = {**row, "place": place * 10}
        if "width" in row:
            shown["width"] = row["width"] or None
            shown["fill"] = "" if row["fill"] == " " else row["fill"]
        rows.append(shown)
    return rows


def filled_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The used rows of a valid grid in the order they say; one without a place stays where it is.

    The form's `place` is left out: the order is what is kept.
    """
    used = []
    last = 0
    for row in rows:
        if not row.get("field"):
            continue
        last = row.get("place") or last
        used.append((last, {name: row[name] for name in row if name != "place"}))
    return [row for _place, row in sorted(used, key=lambda pair: pair[0])]


class PreviewForm(forms.Form):
    """Which list the preview shows."""

    daftar = forms.ModelChoiceField(
        label=_("Pratinjau dengan daftar"), queryset=PayList.objects.none(), required=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["daftar"]
        field.queryset = PayList.objects.visible_to(user).exclude(count=0).order_by("-pk")[:50]
