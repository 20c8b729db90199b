"""Forms of premiums: the plan, another payer, a month, a candidate, the insurer's answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.lib.dates import MONTHS
from bansos.lib.fields import NikField
from beneficiaries.choices import InstitutionKind
from beneficiaries.models import Institution
from programs.choices import BenefitKind, Insurance, PayeeKind, PayerKind, VersionState
from programs.forms.proposals import VersionChoice
from programs.models import ProgrammeVersion


class InsurerChoice(forms.ModelChoiceField):
    """An insurer by its name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.payee.name)


class PlanForm(forms.Form):
    """Which tariff is a premium, of which insurance, paid to whom."""

    version = VersionChoice(
        queryset=None,
        label=_("Program dan tahun"),
        help_text=_("Program bertarif per orang sebulan yang dibayar ke lembaga."),
        empty_label=_("Pilih"),
    )
    insurance = forms.ChoiceField(label=_("Jaminan"), choices=Insurance.choices)
    insurer = InsurerChoice(
        queryset=None,
        label=_("Penyelenggara"),
        help_text=_("Catat dulu di menu Lembaga, jenis Penyelenggara jaminan sosial."),
        empty_label=_("Pilih"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version: Any = self.fields["version"]
        version.queryset = (
            ProgrammeVersion.objects.visible_to(user)
            .filter(
                state=VersionState.ACTIVE,
                benefit_kind=BenefitKind.TARIFF,
                payee_kind=PayeeKind.INSTITUTION,
                premium_plan=None,
            )
            .select_related("programme")
            .order_by("-year", "programme__name")
        )
        insurer: Any = self.fields["insurer"]
        insurer.queryset = (
            Institution.objects.visible_to(user)
            .filter(kind=InstitutionKind.INSURER, payee__closed_on=None)
            .select_related("payee")
            .order_by("payee__name")
        )


def month_field(label: Any, **kwargs: Any) -> forms.TypedChoiceField:
    """A month of a year, as its first day; the form fills the choices."""
    return forms.TypedChoiceField(
        label=label,
        coerce=lambda text: date.fromisoformat(f"{text}-01"),
        empty_value=None,
        **kwargs,
    )


def months_around(today: date) -> list[tuple[str, str]]:
    """Two years: of the last and this one."""
    return [
        (f"{year}-{month:02d}", f"{MONTHS[month - 1]} {year}")
        for year in (today.year, today.year - 1)
        for month in range(12, 0, -1)
    ]


class PayerForm(forms.Form):
    """Somebody else pays a premium."""

    nik = NikField(label=_("NIK"))
    insurance = forms.ChoiceField(label=_("Jaminan"), choices=Insurance.choices)
    payer = forms.ChoiceField(
        label=_("Penanggung"),
        choices=[row for row in PayerKind.choices if row[0] != PayerKind.PROVINCE],
    )
    payer_name = forms.CharField(label=_("Nama penanggung"), max_length=120)
    from_month = month_field(_("Sejak bulan"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["from_month"]
        field.choices = months_around(today)


class LastMonthForm(forms.Form):
    """The last month another payer pays."""

    until_month = month_field(_("Bulan terakhir"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["until_month"]
        field.choices = months_around(today)


class OpenForm(forms.Form):
    """Which month is opened."""

    month = month_field(_("Bulan"))

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["month"]
        field.choices = [
            (f"{year}-{month:02d}", f"{MONTHS[month - 1]} {year}") for month in range(1, 13)
        ]


class CloseForm(forms.Form):
    """Why a plan is not continued."""

    note = forms.CharField(
        label=_("Alasan"),
        max_length=200,
        help_text=_(
            "Semua peserta berhenti dibayar sesudah daftar yang terakhir. Untuk program yang"
            " berlanjut tahun depan, buka saja daftar Januari pada rencana tahun itu."
        ),
    )


class CandidateForm(forms.Form):
    """One more person for the month."""

    nik = NikField(label=_("NIK"), help_text=_("Orang yang sudah tercatat di data penerima."))


class AnswerFileForm(forms.Form):
    """The insurer's file."""

    file = forms.FileField(
        label=_("Berkas jawaban"),
        help_text=_(
            "XLSX atau CSV dengan kolom NIK, Status (Diterima atau Ditolak), dan Keterangan."
        ),
    )


class LineForm(forms.Form):
    """Agree or not, with a reason."""

    note = forms.CharField(
        label=_("Alasan"),
        max_length=200,
        required=False,
        help_text=_("Wajib bila menolak, atau bila menyetujui meskipun ada temuan."),
    )
