"""Forms of who may collect for a recipient, and who inherits, as one version says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.choices import GuardianKin, ProxyRole, ProxyWho
from programs.forms.catalogue import coded
from programs.models import ProgrammeVersion
from programs.rules.proxies import MOST_LETTER_DAYS, way_words

WAY_ROWS, SPARE_ROWS = 12, 2


def _article() -> forms.CharField:
    return forms.CharField(label=gettext_lazy("Pasal"), max_length=250, required=False)


class ProxyRulesForm(forms.Form):
    """What holds for every proxy of the programme; all empty: nobody may collect for another."""

    article = _article()
    most_days = forms.IntegerField(
        label=gettext_lazy("Surat kuasa berlaku paling lama (hari)"),
        min_value=1,
        max_value=MOST_LETTER_DAYS,
        required=False,
        help_text=gettext_lazy("Kosong berarti selama yang ditulis di suratnya."),
    )
    forbidden = forms.MultipleChoiceField(
        label=gettext_lazy("Tidak boleh menjadi kuasa"),
        choices=ProxyRole.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class ProxyWayForm(forms.Form):
    """One way to collect for somebody; without a kind it is no way."""

    who = forms.ChoiceField(
        label=gettext_lazy("Yang boleh menjadi kuasa"),
        choices=[("", gettext_lazy("Tidak dipakai")), *ProxyWho.choices],
        required=False,
    )
    letter = forms.CharField(
        label=gettext_lazy("Surat yang diminta"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Misalnya Surat kuasa. Kosong berarti tanpa nama surat tertentu."),
    )
    witness = forms.ChoiceField(
        label=gettext_lazy("Saksi"),
        choices=[("", gettext_lazy("Tidak diminta")), *ProxyRole.choices],
        required=False,
    )
    relations = forms.MultipleChoiceField(
        label=gettext_lazy("Hubungan keluarga"),
        choices=GuardianKin.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Kosong berarti semua hubungan."),
    )
    same_kk = forms.BooleanField(label=gettext_lazy("Dalam KK yang sama"), required=False)
    confirmed = forms.BooleanField(
        label=gettext_lazy("Sesudah konfirmasi Dinas Sosial Provinsi"), required=False
    )
    account = forms.BooleanField(
        label=gettext_lazy("Rekening boleh atas nama kuasa"),
        required=False,
        help_text=gettext_lazy("Bila tidak, kuasa hanya mengambilkan; rekeningnya milik penerima."),
    )

    @property
    def sentence(self) -> str:
        """The way in one sentence, as it was or as it was typed; a spare row says so."""
        row = {name: self[name].value() for name in self.fields}
        kin = row["relations"] or []
        if row["who"] not in ProxyWho.values:
            return _("kosong.")
        if any(one not in GuardianKin.values for one in kin) or self.is_wrong:
            return _("belum lengkap.")
        return way_words(row)

    @property
    def is_wrong(self) -> bool:
        """True when a field of it was refused, so the row is shown open."""
        return self.is_bound and bool(self.errors)

    def way(self) -> dict[str, Any]:
        """The way as a version keeps it."""
        names = ("who", "relations", "same_kk", "letter", "witness", "confirmed")
        # Said only where it is so: a rule written before there was the question stays as it was.
        more = {"account": True} if self.cleaned_data["account"] else {}
        return {**{name: self.cleaned_data[name] for name in names}, **more}


ProxyWayFormSet = forms.formset_factory(ProxyWayForm, extra=SPARE_ROWS, max_num=WAY_ROWS)


class HeirRulesForm(forms.Form):
    """Whether one heir is paid when the recipient dies, and on what papers."""

    pays = forms.BooleanField(
        label=gettext_lazy("Satu ahli waris dibayar"),
        required=False,
        help_text=gettext_lazy("Bila tidak, uangnya kembali ke kas daerah."),
    )
    article = _article()
    same_kk = forms.BooleanField(
        label=gettext_lazy("Ahli waris dalam KK yang sama"), required=False
    )
    before_passbook = forms.BooleanField(
        label=gettext_lazy("Juga bila buku tabungan belum diserahkan"), required=False
    )
    before_close = forms.BooleanField(
        label=gettext_lazy("Hanya sebelum tahap ditutup"), required=False
    )
    papers = forms.CharField(
        label=gettext_lazy("Berkas ahli waris"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Satu baris satu berkas, misalnya Surat kematian."),
    )

    def __init__(self, *args: Any, known: Mapping[str, Any], **kwargs: Any) -> None:
        self.known = known.get("papers", [])
        papers = "\n".join(str(row["label"]) for row in self.known)
        kwargs.setdefault("initial", {**known, "papers": papers})
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Conditions of a payment that is not made have no meaning: told, not dropped."""
        data = super().clean() or {}
        conditions = ("same_kk", "before_passbook", "before_close", "papers")
        if not data.get("pays") and any(data.get(name) for name in conditions):
            self.add_error("pays", _("Syarat ahli waris diisi, padahal ahli waris tidak dibayar."))
        return data

    def rules(self) -> dict[str, Any]:
        """The rules of heirs as a version keeps them; all empty: no rule."""
        data = self.cleaned_data
        if not data["pays"] and not data["article"]:
            return {}
        names = ("article", "pays", "same_kk", "before_passbook", "before_close")
        return {
            **{name: data[name] for name in names},
            "papers": coded(data["papers"], self.known),
        }


class PayeeRules:
    """The page of one version: its three forms read and judged together."""

    def __init__(self, version: ProgrammeVersion, data: Any = None) -> None:
        proxy = version.proxy_rules
        self.proxy = ProxyRulesForm(data, initial=proxy, prefix="kuasa")
        self.ways = ProxyWayFormSet(data, initial=proxy.get("ways", []), prefix="cara")
        self.heir = HeirRulesForm(data, known=version.heir_rules, prefix="waris")

    def is_valid(self) -> bool:
        """Every form is judged, so that all that is wrong is told at once."""
        return all([self.proxy.is_valid(), self.ways.is_valid(), self.heir.is_valid()])

    def proxy_rules(self) -> dict[str, Any]:
        """The rules of proxies as a version keeps them; all empty: no rule."""
        data = self.proxy.cleaned_data
        ways = [row.way() for row in self.ways if row.cleaned_data.get("who")]
        if not ways and not any(data.values()):
            return {}
        names = ("article", "most_days", "forbidden")
        return {**{name: data[name] for name in names}, "ways": ways}

    def heir_rules(self) -> dict[str, Any]:
        """The rules of heirs as a version keeps them."""
        return self.heir.rules()
