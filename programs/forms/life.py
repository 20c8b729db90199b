"""Forms of events, measures, appeals and referrals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.lib.fields import IndonesianDateField, RupiahField
from bansos.regions.choices import Level
from bansos.regions.models import Region
from programs.choices import (
    AppealOutcome,
    EventKind,
    MeasureKind,
    ReferralAnswer,
    ReferralKind,
)
from programs.forms.decrees import reason_choices
from programs.models import Enrolment
from programs.queries.assessing import paper_labels
from programs.services.events import EventValues

# The page asks for itself again with the villages of the chosen regency; without JavaScript the
# button that shows the outcome does the same.
LOOK_AGAIN = {
    "hx-post": "",
    "hx-trigger": "change",
    "hx-target": "#isian",
    "hx-select": "#isian",
    "hx-swap": "outerHTML",
}
YES_NO = [("", _("Tidak ditanyakan")), ("ya", _("Ya")), ("tidak", _("Tidak"))]


def day(label: Any, **more: Any) -> IndonesianDateField:
    """A date with the house's echo."""
    widget = forms.TextInput(attrs={"data-echo": "tanggal"})
    return IndonesianDateField(label=label, widget=widget, **more)


def _note(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": 3}), **more)


class EventForm(forms.Form):
    """What happened, and what the rules need to know of it."""

    kind = forms.ChoiceField(label=_("Apa yang terjadi?"), choices=EventKind.choices)
    happened_on = day(_("Tanggal kejadian"))
    passbook = forms.ChoiceField(
        label=_("Buku tabungan sudah diserahkan?"),
        choices=YES_NO,
        required=False,
        help_text=_("Dijawab bila aturan program membedakannya, misalnya saat meninggal."),
    )
    regency = forms.ModelChoiceField(
        label=_("Kabupaten/Kota yang baru"),
        queryset=Region.objects.none(),
        required=False,
        to_field_name="code",
        help_text=_("Hanya bila pindah; daftar desa mengikuti pilihan ini."),
        widget=forms.Select(attrs=LOOK_AGAIN),
    )
    village = forms.ModelChoiceField(
        label=_("Desa/Kelurahan yang baru"),
        queryset=Region.objects.none(),
        required=False,
        empty_label=_("Tidak pindah"),
        to_field_name="code",
    )
    reason_code = forms.ChoiceField(
        label=_("Alasan berhenti"),
        required=False,
        help_text=_("Hanya untuk sebab lain."),
    )
    paper = forms.ChoiceField(label=_("Bukti"), required=False)
    note = _note(_("Catatan"), required=False)

    def __init__(self, *args: Any, enrolment: Enrolment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version = enrolment.version
        regencies: Any = self.fields["regency"]
        regencies.queryset = Region.objects.filter(
            level=Level.REGENCY, code__startswith=version.area_code
        ).order_by("code")
        regencies.initial = enrolment.area_code[:5]
        regencies.label_from_instance = lambda region: str(region.name)
        # A province has thousands of villages: only those of the chosen regency are offered.
        chosen = str(self.data.get("regency") or enrolment.area_code[:5])
        field: Any = self.fields["village"]
        villages = Region.objects.filter(level=Level.VILLAGE, code__startswith=chosen[:5])
        field.queryset = villages.select_related("parent").order_by("parent__name", "name")
        field.label_from_instance = lambda region: f"{region.parent.name}: {region.name}"
        reasons: Any = self.fields["reason_code"]
        reasons.choices = [("", _("Menurut aturan")), *reason_choices(version.stop_reasons)]
        labels = paper_labels(version)
        self.papers = {str(row.pk): row for row in enrolment.papers.defer("sealed_file")}
        papers: Any = self.fields["paper"]
        papers.choices = [
            ("", _("Belum dilampirkan")),
            *[(key, labels.get(row.code, row.code)) for key, row in self.papers.items()],
        ]

    def values(self) -> EventValues:
        """What the service takes."""
        data = self.cleaned_data
        return EventValues(
            kind=data["kind"],
            happened_on=data["happened_on"],
            passbook={"ya": True, "tidak": False}.get(data["passbook"]),
            village=data["village"].code if data["village"] else "",
            reason_code=data["reason_code"],
            note=data["note"],
            evidence=self.papers.get(data["paper"]),
        )


class DecideForm(forms.Form):
    """Apply what the rules say, or refuse the event with a reason."""

    act = forms.ChoiceField(
        label=_("Putusan"),
        choices=[("apply", _("Terapkan akibatnya")), ("refuse", _("Tolak peristiwa ini"))],
        widget=forms.RadioSelect,
    )
    note = _note(_("Catatan"), required=False, help_text=_("Wajib bila ditolak."))


class MeasureForm(forms.Form):
    """One success measure with its evidence."""

    measured_on = day(_("Tanggal diukur"))
    before = RupiahField(label=_("Pendapatan sebulan sebelum bantuan"), min_value=0)
    after = RupiahField(label=_("Pendapatan sebulan sekarang"), min_value=0)
    holds = forms.ChoiceField(
        label=_("Tercapai?"),
        choices=[("ya", _("Ya")), ("tidak", _("Tidak"))],
        widget=forms.RadioSelect,
    )
    evidence = forms.CharField(
        label=_("Bukti"),
        max_length=300,
        help_text=_("Misalnya catatan penjualan yang dilihat saat kunjungan."),
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("holds",) if kind == MeasureKind.INCOME else ("before", "after"):
            del self.fields[name]


class AppealForm(forms.Form):
    """Who objects, why, and when it came in."""

    appellant = forms.CharField(label=_("Nama penyanggah"), max_length=150)
    filed_on = day(_("Tanggal sanggahan diterima"))
    grounds = _note(_("Alasan sanggahan"))


class AppealDecisionForm(forms.Form):
    """Restored or kept, with the reason in words."""

    outcome = forms.ChoiceField(
        label=_("Putusan"), choices=AppealOutcome.choices, widget=forms.RadioSelect
    )
    note = _note(_("Alasan putusan"))


class ReferralForm(forms.Form):
    """What is offered, at which office."""

    kind = forms.ChoiceField(label=_("Rujukan"))
    office = forms.CharField(label=_("Kantor tujuan"), max_length=150)
    note = forms.CharField(label=_("Catatan"), max_length=300, required=False)

    def __init__(self, *args: Any, kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kind"]
        field.choices = [(k, ReferralKind(k).label) for k in kinds] or ReferralKind.choices


class ReferralAnswerForm(forms.Form):
    """Taken or not."""

    answer = forms.ChoiceField(label=_("Jawaban"), choices=ReferralAnswer.choices)
    note = forms.CharField(label=_("Catatan"), max_length=300, required=False)
