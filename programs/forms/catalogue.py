"""Forms of the catalogue: a programme, the rules of a year, one criterion, stages, quotas."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from bansos.lib.fields import IndonesianDateField, RupiahField
from programs.choices import BenefitKind, PayeeKind, Rail
from programs.models import Programme, ProgrammeVersion
from programs.rules import foreign_fields
from programs.rules.versions import MOST_PLACES
from programs.services.catalogue import ProgrammeValues, VersionValues

STAGE_ROWS = 6
PLAIN = (
    *("year", "payee_kind", "benefit_kind", "annual_amount", "formula_budget", "tariff"),
    *("unit_label", "quota_total", "regency_target", "rails", "bank_code", "account_code"),
    *("source_note", "success_measure", "funding_source"),
)
# Texts of one line each, in their order.
LINES = (
    *("calendar", "verification_steps", "monitoring_form", "document_templates"),
    "target_with",
)
# What has pages of its own and stays as it is here.
KEPT = ("exclusive_with", "ranking")
# The page asks for itself again with the fields of the chosen kind; without JavaScript the
# button beside the form does the same.
LOOK_AGAIN = {
    "hx-post": "",
    "hx-trigger": "change",
    "hx-target": "#aturan",
    "hx-select": "#aturan",
    "hx-swap": "outerHTML",
    "hx-vals": '{"lihat": "1"}',
}


class ProgrammeForm(forms.ModelForm):
    """What a programme is called."""

    class Meta:
        model = Programme
        fields = ("code", "name", "purpose", "is_active")
        labels = {
            "code": _("Kode"),
            "name": _("Nama program"),
            "purpose": _("Tujuan"),
            "is_active": _("Masih dipakai"),
        }
        help_texts = {"code": _("Huruf besar dan angka tanpa spasi, misalnya PKHPLUS.")}
        widgets = {"purpose": forms.Textarea(attrs={"rows": 3})}

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).strip().upper()
        if not re.fullmatch(r"[A-Z0-9-]{2,20}", code):
            raise forms.ValidationError(
                _("Pakai 2 sampai 20 huruf besar, angka, atau tanda hubung.")
            )
        return code

    def values(self) -> ProgrammeValues:
        """What the service takes."""
        return ProgrammeValues(**{name: self.cleaned_data[name] for name in self.Meta.fields})


def lines_of(text: str) -> list[str]:
    """The filled lines of a text."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def coded(text: str, known: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Lines as {"code", "label"}; a label that was there keeps its code."""
    codes = {str(row["label"]): str(row["code"]) for row in known}
    rows: list[dict[str, Any]] = []
    for line in lines_of(text):
        code = codes.get(line) or slugify(line).replace("-", "_")[:30] or f"baris_{len(rows) + 1}"
        while any(row["code"] == code for row in rows):
            code = f"{code[:28]}_{len(rows) + 1}"
        rows.append({"code": code, "label": line})
    return rows


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class VersionForm(forms.Form):
    """The rules of one year but for criteria, stages and quotas, which have pages of their own."""

    year = forms.IntegerField(label=_("Tahun anggaran"), min_value=2020, max_value=2100)
    payee_kind = forms.ChoiceField(label=_("Penerima"), choices=PayeeKind.choices)
    benefit_kind = forms.ChoiceField(
        label=_("Bentuk bantuan"),
        choices=BenefitKind.choices,
        help_text=_("Isian di bawah mengikuti bentuk bantuan."),
        widget=forms.Select(attrs=LOOK_AGAIN),
    )
    annual_amount = RupiahField(
        label=_("Besaran setahun"),
        required=False,
        help_text=_("Kosongkan bila belum ditetapkan."),
        widget=forms.TextInput(attrs={"data-echo": "rupiah"}),
    )
    formula_budget = RupiahField(
        label=_("Pagu yang dibagi"),
        required=False,
        help_text=_(
            "Dibagi rata kepada semua penerima layak saat SK disusun, dibulatkan ke bawah sampai"
            " sen. Sisanya dicatat."
        ),
        widget=forms.TextInput(attrs={"data-echo": "rupiah"}),
    )
    tariff = RupiahField(
        label=_("Tarif per satuan"),
        required=False,
        help_text=_("Kosongkan bila belum ditetapkan."),
        widget=forms.TextInput(attrs={"data-echo": "rupiah"}),
    )
    unit_label = forms.CharField(
        label=_("Satuan tarif"),
        max_length=40,
        required=False,
        help_text=_("Misalnya orang-hari."),
    )
    quota_total = forms.IntegerField(
        label=_("Kuota program"), required=False, min_value=0, max_value=MOST_PLACES
    )
    regency_target = forms.IntegerField(
        label=_("Target tiap kabupaten/kota"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text=_(
            "Paling sedikit sekian penerima di tiap kabupaten/kota. SK di bawah target diberi"
            " peringatan, tidak ditolak."
        ),
    )
    target_with = forms.CharField(
        label=_("Target dihitung bersama"),
        required=False,
        widget=_area(2),
        help_text=_(
            "Satu baris satu kode program yang penerimanya ikut dihitung pada tahun yang sama."
        ),
    )
    rails = forms.MultipleChoiceField(
        label=_("Jalur penyaluran"),
        choices=Rail.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Kosong berarti pemindahbukuan di bank penyalur. Tunai tidak digabung."),
    )
    bank_code = forms.CharField(
        label=_("Kode bank penyalur"), max_length=3, required=False, help_text=_("Tiga angka.")
    )
    account_code = forms.CharField(label=_("Kode rekening belanja"), max_length=40, required=False)
    legal_basis = forms.CharField(
        label=_("Dasar hukum"),
        required=False,
        widget=_area(4),
        help_text=_("Satu baris satu peraturan."),
    )
    documents = forms.CharField(
        label=_("Dokumen yang diminta"),
        required=False,
        widget=_area(4),
        help_text=_("Satu baris satu dokumen. Awali dengan * bila wajib."),
    )
    reject_reasons = forms.CharField(
        label=_("Alasan tidak layak atau perlu perbaikan"),
        required=False,
        widget=_area(5),
        help_text=_("Satu baris satu alasan."),
    )
    stop_reasons = forms.CharField(
        label=_("Alasan berhenti"),
        required=False,
        widget=_area(5),
        help_text=_("Satu baris satu alasan."),
    )
    funding_source = forms.CharField(
        label=_("Sumber dana"),
        max_length=120,
        required=False,
        help_text=_("Misalnya APBD, DBHCHT."),
    )
    calendar = forms.CharField(
        label=_("Kalender kegiatan"),
        required=False,
        widget=_area(4),
        help_text=_("Satu baris satu kegiatan, misalnya Januari: usulan kabupaten/kota."),
    )
    verification_steps = forms.CharField(
        label=_("Langkah verifikasi"),
        required=False,
        widget=_area(4),
        help_text=_("Satu baris satu langkah, menurut urutan."),
    )
    monitoring_form = forms.CharField(
        label=_("Pertanyaan pemantauan"),
        required=False,
        widget=_area(4),
        help_text=_(
            "Satu baris satu pertanyaan saat kunjungan. Akhiri dengan jenis jawabannya: [ya/tidak],"
            " [pilihan: baik, rusak], [angka], atau [rupiah]; tanpa itu dijawab dengan kata."
        ),
    )
    success_measure = forms.CharField(
        label=_("Ukuran keberhasilan"), max_length=250, required=False
    )
    document_templates = forms.CharField(
        label=_("Contoh dokumen"),
        required=False,
        widget=_area(3),
        help_text=_(
            "Satu baris satu formulir, dengan tahunnya. Yang dicetak dari sini ditulis di Naskah"
            " dokumen."
        ),
    )
    source_note = forms.CharField(label=_("Catatan sumber"), max_length=250, required=False)

    def __init__(self, *args: Any, version: ProgrammeVersion | None = None, **kwargs: Any) -> None:
        self.version = version
        if version is not None:
            kwargs.setdefault("initial", _initial(version))
        super().__init__(*args, **kwargs)
        self.kind = self._kind()
        for name in foreign_fields(self.kind):
            del self.fields[name]
        if self.kind == BenefitKind.GOODS:
            self.fields["annual_amount"].label = _("Nilai barang per penerima")

    def _kind(self) -> str:
        """The kind that decides which fields are asked: as sent, else as it stands."""
        sent = self.data.get(self.add_prefix("benefit_kind")) if self.is_bound else None
        kind = str(sent or self.initial.get("benefit_kind") or BenefitKind.PER_STAGE)
        return kind if kind in BenefitKind.values else BenefitKind.PER_STAGE

    def values(self) -> VersionValues:
        """What the service takes; criteria stay as they are."""
        data, version = self.cleaned_data, self.version
        return VersionValues(
            **{name: data[name] for name in PLAIN if name in data},
            criteria=version.criteria if version else [],
            proxy_rules=version.proxy_rules if version else {},
            heir_rules=version.heir_rules if version else {},
            required_documents=_papers(
                data["documents"], version.required_documents if version else []
            ),
            legal_basis=lines_of(data["legal_basis"]),
            **{name: lines_of(data[name]) for name in LINES},
            stop_reasons=coded(data["stop_reasons"], version.stop_reasons if version else []),
            reject_reasons=coded(data["reject_reasons"], version.reject_reasons if version else []),
            **{name: getattr(version, name) for name in KEPT if version},
        )


def _papers(text: str, known: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    plain = "\n".join(line.lstrip("* ").strip() for line in lines_of(text))
    needed = [line.startswith("*") for line in lines_of(text)]
    return [
        {**row, "required": required}
        for row, required in zip(coded(plain, known), needed, strict=True)
    ]


def _initial(version: ProgrammeVersion) -> dict[str, Any]:
    papers = [
        f"{'* ' if row.get('required') else ''}{row['label']}" for row in version.required_documents
    ]
    return {
        **{name: getattr(version, name) for name in PLAIN},
        "legal_basis": "\n".join(version.legal_basis),
        **{name: "\n".join(getattr(version, name)) for name in LINES},
        "documents": "\n".join(papers),
        "reject_reasons": "\n".join(row["label"] for row in version.reject_reasons),
        "stop_reasons": "\n".join(row["label"] for row in version.stop_reasons),
    }


class StageForm(forms.Form):
    """One stage of the year; an empty row is no stage."""

    name = forms.CharField(label=_("Nama tahap"), max_length=60, required=False)
    stage_date = IndonesianDateField(label=_("Tanggal tahap"), required=False)
    amount = RupiahField(label=_("Jumlah"), required=False)

    def __init__(self, *args: Any, fixed: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not fixed:  # each enrolment has an amount of its own
            del self.fields["amount"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        filled = [bool(data.get(name)) for name in self.fields]
        if any(filled) and not all(filled) and not self.errors:
            raise forms.ValidationError(_("Lengkapi semua isian tahap ini."))
        return data


StageFormSet = forms.formset_factory(StageForm, extra=0, max_num=STAGE_ROWS, min_num=STAGE_ROWS)


class CopyForm(forms.Form):
    """The year a version is copied to."""

    year = forms.IntegerField(label=_("Tahun anggaran"), min_value=2020, max_value=2100)


class VersionFileForm(forms.Form):
    """A version as one YAML file."""

    file = forms.FileField(
        label=_("Berkas YAML"),
        help_text=_("Hasil ekspor halaman aturan program, paling besar 200 KB."),
    )
