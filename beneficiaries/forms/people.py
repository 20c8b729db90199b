"""Forms of the register: a person, an opened number, a list on its way in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.lib.fields import IndonesianDateField, KkField, NikField
from bansos.lib.nik import check_nik, clean_digits, mask_account
from bansos.regions.choices import CodeSystem, Level
from bansos.regions.models import Region
from bansos.regions.queries import districts_of
from beneficiaries.choices import RelationCodes, RevealPurpose, Sex, SnapshotKind
from beneficiaries.models import ImportBatch, Person
from beneficiaries.rules import account_is_sound
from beneficiaries.services.imports import ImportPurpose, suggested_relation_codes
from beneficiaries.services.people import PersonValues

BANK_DIGITS = 3
SPREADSHEETS = ".xlsx,.xls,.ods,.csv,.txt"


def village_choices(area_code: str) -> list[tuple[str, Any]]:
    """Villages of an area grouped by district, for a select."""
    districts = {region.code: region.name for region in districts_of(area_code[:8])}
    groups: dict[str, list[tuple[str, str]]] = {}
    rows = Region.objects.filter(level=Level.VILLAGE, code__startswith=area_code).order_by("name")
    for code, name in rows.values_list("code", "name"):
        groups.setdefault(code[:8], []).append((code, name))
    named = [(f"Kec. {districts.get(code, code)}", rows) for code, rows in groups.items()]
    return [("", _("Pilih desa")), *sorted(named, key=lambda group: group[0])]


class PersonForm(forms.Form):
    """One person; NIK first, the address is never taken from it."""

    nik = NikField(
        label=_("NIK"),
        widget=forms.TextInput(attrs={"data-echo": "nik"}),
        help_text=_("16 angka, seperti di KTP."),
    )
    name = forms.CharField(label=_("Nama lengkap"), max_length=150)
    kk = KkField(
        label=_("Nomor KK"),
        required=False,
        widget=forms.TextInput(attrs={"data-echo": "nik"}),
    )
    birth_place = forms.CharField(label=_("Tempat lahir"), max_length=100, required=False)
    birth_date = IndonesianDateField(
        label=_("Tanggal lahir"),
        birth=True,
        widget=forms.TextInput(attrs={"data-echo": "tanggal", "data-age": "1"}),
        help_text=_("Tanggal-bulan-tahun, misalnya 12-08-1957."),
    )
    sex = forms.ChoiceField(label=_("Jenis kelamin"), choices=Sex.choices, widget=forms.RadioSelect)
    mother_name = forms.CharField(label=_("Nama ibu kandung"), max_length=150, required=False)
    address = forms.CharField(label=_("Alamat"), max_length=250)
    village = forms.ChoiceField(label=_("Desa/Kelurahan"))
    home_outside = forms.CharField(
        label=_("Penduduk luar provinsi"),
        max_length=120,
        required=False,
        help_text=_("Isi kabupaten/kota dan provinsi KTP hanya bila di luar provinsi ini."),
    )
    phone = forms.CharField(
        label=_("Nomor HP"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    note = forms.CharField(
        label=_("Catatan"),
        max_length=200,
        required=False,
        help_text=_("Wajib bila tanggal lahir atau jenis kelamin berbeda dengan NIK."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, user: User, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, initial=self.initial_of(person), **kwargs)
        self.person = person
        village: Any = self.fields["village"]
        village.choices = village_choices(user.area_code)
        for name, masked in self.masked_of(person).items():
            if masked:
                field = self.fields[name]
                field.required = False
                field.help_text = _("Sekarang %(masked)s. Isi hanya bila berubah.") % {
                    "masked": masked
                }

    @staticmethod
    def initial_of(person: Person) -> dict[str, Any]:
        """The person's data as the form shows it; secret fields stay closed."""
        return {
            "name": person.name,
            "birth_place": person.birth_place,
            "birth_date": person.birth_date,
            "sex": person.sex,
            "address": person.address,
            "village": person.village_id or "",
            "home_outside": person.home_outside,
            "version": person.version,
        }

    @staticmethod
    def masked_of(person: Person) -> dict[str, str]:
        """The secret fields that hold something, as they may be shown."""
        return {
            "nik": person.nik_masked,
            "kk": person.family.kk_masked if person.family else "",
            "mother_name": "••••••" if person.mother_name else "",
            "phone": mask_account(person.phone) if person.phone else "",
        }

    def clean_phone(self) -> str:
        """Digits only, when there are any."""
        digits = clean_digits(self.cleaned_data["phone"]).removeprefix("+")
        if digits and not (digits.isdigit() and 8 <= len(digits) <= 15):
            raise forms.ValidationError(_("Nomor HP harus 8 sampai 15 angka."), code="phone")
        return digits

    def clean(self) -> dict[str, Any]:
        """A NIK that disagrees with date or sex passes with a note only."""
        data = super().clean() or {}
        nik = data.get("nik") or self.person.nik
        touched = {"nik", "birth_date", "sex"} & set(self.changed_data)
        if nik and touched and not data.get("note"):
            found = check_nik(nik, birth_date=data.get("birth_date"), sex=data.get("sex"))
            for _code, sentence in found.warnings:
                self.add_error("note", forms.ValidationError(sentence, code="note"))
        return data

    def values(self) -> PersonValues:
        """What was typed, as the service takes it; a secret field left empty stays as it is."""
        data = self.cleaned_data
        person = self.person
        return PersonValues(
            nik=data["nik"] or person.nik or "",
            name=data["name"],
            kk=data["kk"] or (person.family.kk if person.family else ""),
            mother_name=data["mother_name"] or person.mother_name or "",
            birth_place=data["birth_place"],
            birth_date=data["birth_date"],
            sex=data["sex"],
            address=data["address"],
            village_id=data["village"],
            area_code=data["village"],
            home_outside=data["home_outside"],
            phone=data["phone"] or person.phone or "",
        )


class AccountForm(forms.Form):
    """Another account of a person; the older one at the same bank is closed."""

    bank_code = forms.CharField(
        label=_("Kode bank"),
        max_length=3,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Tiga angka, misalnya 114 untuk Bank Jatim."),
    )
    number = forms.CharField(
        label=_("Nomor rekening"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Seperti di buku tabungan, dengan angka 0 di depan."),
    )
    holder_name = forms.CharField(label=_("Atas nama"), max_length=150)

    def clean_bank_code(self) -> str:
        """Three digits."""
        code = str(self.cleaned_data["bank_code"]).strip()
        if not (code.isdigit() and len(code) == BANK_DIGITS):
            raise forms.ValidationError(_("Kode bank harus 3 angka."), code="bank")
        return code

    def clean_number(self) -> str:
        """Six to twenty digits."""
        digits = clean_digits(self.cleaned_data["number"])
        if not account_is_sound(digits):
            raise forms.ValidationError(
                _("Nomor rekening harus 6 sampai 20 angka."), code="account"
            )
        return digits


class PersonAccountForm(AccountForm):
    """The account of a person; one in another's name is paid into by that proxy's letter only."""

    holder_name = forms.CharField(
        label=_("Atas nama"),
        max_length=150,
        help_text=_("Seperti di buku tabungan. Milik wali atau kuasa: catat kuasanya di usulan."),
    )


class DeathForm(forms.Form):
    """When a person died, and who says so."""

    died_on = IndonesianDateField(
        label=_("Tanggal meninggal"),
        widget=forms.TextInput(attrs={"data-echo": "tanggal"}),
        help_text=_("Tanggal-bulan-tahun, misalnya 12-08-2026."),
    )
    source = forms.CharField(
        label=_("Sumber"),
        max_length=120,
        help_text=_("Misalnya akta kematian, surat kepala desa, atau bank."),
    )


class RevealForm(forms.Form):
    """Why a masked number is opened."""

    purpose = forms.ChoiceField(
        label=_("Untuk apa nomor ini dibuka?"),
        choices=RevealPurpose.choices,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Keterangan (boleh kosong)"),
        max_length=200,
        required=False,
        help_text=_("Jangan menulis nomor atau nama di sini."),
    )


class UploadForm(forms.Form):
    """The file; the purpose adds its own questions in a second form."""

    file = forms.FileField(
        label=_("Berkas daftar"),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": SPREADSHEETS}),
        error_messages={"required": _("Anda belum memilih berkas.")},
    )


class SnapshotContextForm(forms.Form):
    """What a registry list is, from when, and the hand-over record it came with."""

    kind = forms.ChoiceField(label=_("Jenis potret"), choices=SnapshotKind.choices)
    label = forms.CharField(
        label=_("Nama potret"), max_length=80, help_text=_("Misalnya DTSEN v3 Juli 2026.")
    )
    as_of = IndonesianDateField(
        label=_("Keadaan per tanggal"),
        widget=forms.TextInput(attrs={"data-echo": "tanggal"}),
    )
    source = forms.CharField(
        label=_("Sumber"), max_length=150, help_text=_("Lembaga yang menyerahkan data.")
    )
    bast_number = forms.CharField(
        label=_("Nomor BAST"),
        max_length=80,
        required=False,
        help_text=_("Wajib untuk DTSEN (Peraturan BPS 6/2025)."),
    )
    bast_date = IndonesianDateField(
        label=_("Tanggal BAST"),
        required=False,
        widget=forms.TextInput(attrs={"data-echo": "tanggal"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def context(self) -> dict[str, Any]:
        """The answers as the batch keeps them."""
        data = self.cleaned_data
        return {
            "kind": data["kind"],
            "label": data["label"],
            "as_of": data["as_of"].isoformat(),
            "source": data["source"],
            "bast_number": data["bast_number"],
            "bast_date": data["bast_date"].isoformat() if data["bast_date"] else "",
        }


class MappingForm(forms.Form):
    """One select per expected column over the headers of the file, and the code system."""

    def __init__(
        self, *args: Any, batch: ImportBatch, purpose: ImportPurpose, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.batch = batch
        self.columns = list(purpose.columns(batch.context))
        headers = [("", _("Tidak ada di berkas"))]
        headers += [(str(place), label) for place, label in enumerate(batch.headers)]
        for column in self.columns:
            self.fields[column.key] = forms.ChoiceField(
                label=column.label,
                choices=headers,
                required=column.required,
                initial=str(batch.mapping.get(column.key, "")),
                error_messages={"required": _("Pilih kolom untuk isian ini.")},
            )
        if any(column.key == "region_code" for column in self.columns):
            self.fields["code_system"] = forms.ChoiceField(
                label=_("Kode wilayah di berkas ini memakai"),
                choices=CodeSystem.choices,
                initial=batch.code_system,
                widget=forms.RadioSelect,
                help_text=_(
                    "Kode BPS berbeda di Kaltim dan Jambi. Dibandingkan dengan nama kabupaten."
                ),
            )

        if any(column.key == "relation" for column in self.columns):
            self.fields["relation_codes"] = forms.ChoiceField(
                label=_("Angka hubungan keluarga memakai sandi"),
                choices=[("", _("Ditulis dengan kata")), *RelationCodes.choices],
                required=False,
                initial=batch.relation_codes or suggested_relation_codes(batch, batch.mapping),
                widget=forms.RadioSelect,
                help_text=_("Angka yang sama berbeda arti: 3 istri di Dukcapil, anak di BPS."),
            )

    def mapping(self) -> dict[str, int]:
        """Column key -> position of the chosen header."""
        chosen = {column.key: self.cleaned_data.get(column.key) for column in self.columns}
        return {key: int(place) for key, place in chosen.items() if place}

    def code_system(self) -> str:
        """The chosen system; the batch's own when the list has no codes."""
        return str(self.cleaned_data.get("code_system") or self.batch.code_system)

    def relation_codes(self) -> str:
        """Whose numbers the relations are; "" for words."""
        return str(self.cleaned_data.get("relation_codes") or "")


class AcceptForm(forms.Form):
    """The note for rows that pass only with one; without such rows nothing is asked."""

    note = forms.CharField(
        label=_("Catatan untuk baris dengan peringatan"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Tulis apa yang sudah Anda periksa, tanpa nama dan nomor."),
        error_messages={
            "required": _("Tulis catatan dahulu; tanpa catatan baris ini tidak masuk.")
        },
    )

    def __init__(self, *args: Any, batch: ImportBatch, **kwargs: Any) -> None:
        super().__init__(*args, initial={"note": batch.note}, **kwargs)
        self.fields["note"].required = bool(batch.counts.get("noted"))
