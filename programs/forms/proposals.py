"""Forms of proposals: the single form in sections, its papers, the context of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.lib.fields import IndonesianDateField, KkField, NikField
from bansos.regions.choices import Level
from bansos.regions.models import Region
from beneficiaries.choices import Sex
from beneficiaries.models import Payee
from programs.choices import PAYEES, BenefitKind, Channel, EnrolmentState, PayeeKind, VersionState
from programs.models import ProgrammeVersion
from programs.rules.assessing import allowed_channels


def open_versions(user: Any) -> Any:
    """Versions of the user's province that take proposals, newest year first."""
    return (
        ProgrammeVersion.objects.visible_to(user)
        .filter(state=VersionState.ACTIVE, programme__is_active=True)
        .select_related("programme")
        .order_by("-year", "programme__name")
    )


def versions_for_people(user: Any) -> Any:
    """Open versions that people are proposed for: who is paid is a person or a family."""
    rows = open_versions(user).exclude(payee_kind__in=PAYEES)
    return rows.exclude(benefit_kind=BenefitKind.SERVICE, quota_total=None)


class VersionChoice(forms.ModelChoiceField):
    """A programme and year as one choice."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.programme.name} {obj.year}"


class RegionChoice(forms.ModelChoiceField):
    """A region by its name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class ListContextForm(forms.Form):
    """Which programme a list proposes for, and for which regency."""

    version = VersionChoice(queryset=None, label=_("Program dan tahun"), empty_label=_("Pilih"))
    area = RegionChoice(
        queryset=None,
        label=_("Kabupaten/Kota"),
        empty_label=_("Pilih"),
        to_field_name="code",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = Region.objects.filter(level=Level.REGENCY, code__startswith=user.area_code[:5])
        self.fields["version"].queryset = versions_for_people(user)  # type: ignore[attr-defined]
        self.fields["area"].queryset = areas.order_by("code")  # type: ignore[attr-defined]
        if len(user.area_code) >= 5:
            self.fields["area"].initial = user.area_code[:5]
            self.fields["area"].empty_label = None  # type: ignore[attr-defined]

    def context(self) -> dict[str, Any]:
        """What the import keeps: ids and codes only."""
        version = self.cleaned_data["version"]
        return {
            "version": version.pk,
            # The accounts of the list are at the bank its heading names.
            "bank_code": version.bank_code,
            "area_code": self.cleaned_data["area"].code,
        }


class StartForm(forms.Form):
    """The first step: which programme, and the NIK that is looked up."""

    version = VersionChoice(queryset=None, label=_("Program dan tahun"), empty_label=_("Pilih"))
    nik = NikField(
        label=_("NIK"),
        help_text=_("16 angka seperti di KTP. Sistem memeriksa apakah sudah terdaftar."),
        widget=forms.TextInput(attrs={"data-echo": "nik"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].queryset = versions_for_people(user)  # type: ignore[attr-defined]


class PayeeStartForm(forms.Form):
    """The first step for a group, an institution or a government: which programme."""

    version = VersionChoice(queryset=None, label=_("Program dan tahun"), empty_label=_("Pilih"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["version"]
        field.queryset = open_versions(user).filter(payee_kind__in=PAYEES)


class PayeeProposalForm(forms.Form):
    """Who is paid, and the person who answers for it; of a group that is its chair."""

    payee = forms.ModelChoiceField(
        label=_("Penerima"), queryset=Payee.objects.none(), empty_label=_("Pilih")
    )
    nik = NikField(
        label=_("NIK penanggung jawab"),
        help_text=_("Kepala lembaga, kepala desa, atau bendahara yang tercatat di data penerima."),
    )
    note = forms.CharField(label=_("Catatan"), max_length=500, required=False)

    def __init__(self, *args: Any, user: User, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["payee"]
        rows = Payee.objects.visible_to(user).filter(kind=kind, closed_on=None)
        field.queryset = rows.order_by("name")
        if kind == PayeeKind.GROUP:
            del self.fields["nik"]


class ProposalForm(forms.Form):
    """All of one proposal; the sections of the page are SECTIONS."""

    SECTIONS = (
        ("identitas", _("Identitas"), ("nik", "name", "birth_place", "birth_date", "sex")),
        ("alamat", _("Alamat"), ("village", "address", "phone")),
        ("keluarga", _("Keluarga"), ("kk", "family_head", "mother_name")),
        ("rekening", _("Rekening"), ("account", "holder_name")),
        ("catatan", _("Jalur, pendamping, dan catatan"), ("channel", "companion_name", "note")),
    )

    nik = NikField(label=_("NIK"), widget=forms.TextInput(attrs={"data-echo": "nik"}))
    name = forms.CharField(label=_("Nama sesuai KTP"), max_length=150)
    birth_place = forms.CharField(label=_("Tempat lahir"), max_length=100, required=False)
    birth_date = IndonesianDateField(
        label=_("Tanggal lahir"),
        help_text=_("Seperti 12-08-1950."),
        widget=forms.TextInput(attrs={"data-echo": "tanggal", "data-age": "1"}),
    )
    sex = forms.ChoiceField(label=_("Jenis kelamin"), choices=Sex.choices, widget=forms.RadioSelect)
    village = RegionChoice(
        queryset=None, label=_("Desa/Kelurahan"), empty_label=_("Pilih"), to_field_name="code"
    )
    address = forms.CharField(
        label=_("Alamat"), max_length=250, help_text=_("Jalan, RT/RW, atau dusun.")
    )
    phone = forms.CharField(label=_("Nomor telepon"), max_length=20, required=False)
    kk = KkField(
        label=_("Nomor KK"), required=False, widget=forms.TextInput(attrs={"data-echo": "nik"})
    )
    family_head = forms.CharField(label=_("Nama kepala keluarga"), max_length=150, required=False)
    mother_name = forms.CharField(
        label=_("Nama ibu kandung"),
        max_length=150,
        required=False,
        help_text=_("Diminta bank saat membuka rekening; disimpan tersandi."),
    )
    account = forms.CharField(
        label=_("Nomor rekening"),
        max_length=30,
        required=False,
        help_text=_("Boleh kosong bila rekening dibuka kolektif sesudah SK."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    holder_name = forms.CharField(label=_("Nama pemilik rekening"), max_length=150, required=False)
    channel = forms.ChoiceField(label=_("Jalur usulan"))
    companion_name = forms.CharField(label=_("Nama pendamping"), max_length=120, required=False)
    note = forms.CharField(
        label=_("Catatan"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self,
        *args: Any,
        user: User,
        needs_family: bool = False,
        channels: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        # A list comes by import only; with one way left there is nothing to choose.
        ways = [way for way in allowed_channels(channels) if way != Channel.LIST]
        way_in: Any = self.fields["channel"]
        way_in.choices = [(way, Channel(way).label) for way in ways or [Channel.LIST]]
        way_in.required = len(way_in.choices) > 1
        way_in.initial = way_in.choices[0][0]
        villages = Region.objects.filter(
            level=Level.VILLAGE, code__startswith=user.area_code
        ).select_related("parent")
        field = self.fields["village"]
        field.queryset = villages.order_by("parent__name", "name")  # type: ignore[attr-defined]
        field.label_from_instance = lambda obj: f"{obj.parent.name}: {obj.name}"  # type: ignore[attr-defined]
        self.fields["kk"].required = needs_family

    def sections(self) -> list[dict[str, Any]]:
        """The parts of the form with their bound fields, and whether each is filled and right."""
        parts = []
        for key, label, names in self.SECTIONS:
            bound = [self[name] for name in names]
            wrong = any(item.errors for item in bound)
            needed = [item for item in bound if item.field.required]
            filled = bool(needed) and all(item.value() for item in needed)
            some = any(item.value() for item in bound)
            parts.append(
                {
                    "key": key,
                    "label": label,
                    "fields": bound,
                    "wrong": wrong,
                    "filled": filled or (not needed and some),
                    "optional": not needed,
                }
            )
        return parts


class PaperForm(forms.Form):
    """One paper: what it is, and the file."""

    code = forms.ChoiceField(label=_("Jenis dokumen"))
    file = forms.FileField(label=_("Berkas"))

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = choices  # type: ignore[attr-defined]


class MemberForm(forms.Form):
    """What to do with a member, and why."""

    act = forms.ChoiceField(label=_("Tindakan"), widget=forms.RadioSelect)
    reason_code = forms.ChoiceField(label=_("Alasan"), required=False)
    note = forms.CharField(
        label=_("Catatan"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self, *args: Any, state: str, reasons: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        acts = [("stop", _("Hentikan"))]
        if state == EnrolmentState.ACTIVE:
            acts.insert(0, ("suspend", _("Tangguhkan sementara")))
        if state == EnrolmentState.SUSPENDED:
            acts.insert(0, ("resume", _("Lanjutkan")))
        self.fields["act"].choices = acts  # type: ignore[attr-defined]
        self.fields["reason_code"].choices = reasons  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    """A note that goes with an act."""

    note = forms.CharField(label=_("Catatan"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, required: bool = True, label: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = required
        if label:
            self.fields["note"].label = label
