"""Shape of input about money: budgets, lists, signatures, SP2D, bank answers, returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.lib.fields import IndonesianDateField, NikField, RupiahField
from bansos.lib.money import rupiah
from bansos.regions.queries import names_of, regencies_of
from disbursements.choices import (
    Arrival,
    ChannelKind,
    Decision,
    FileFormat,
)
from disbursements.models import Allocation, BudgetLine, ReturnCase
from disbursements.queries.people import stage_words
from disbursements.services import returns
from disbursements.services.returns import Heir
from programs.choices import VersionState
from programs.models import ProgrammeVersion, Stage
from programs.rules.proxies import heir_sentences

REASON = {"rows": 3}


class BudgetForm(forms.Form):
    """The DPA line of a programme year that has none yet."""

    version = forms.ModelChoiceField(
        label=_("Program"), queryset=ProgrammeVersion.objects.none(), empty_label=_("Pilih")
    )
    dpa_number = forms.CharField(label=_("Nomor DPA"), max_length=80)
    dpa_date = IndonesianDateField(label=_("Tanggal DPA"))
    account_code = forms.CharField(
        label=_("Kode rekening belanja"),
        max_length=40,
        help_text=_("Bantuan sosial individu: 5.1.06.01."),
    )
    ceiling = RupiahField(label=_("Pagu"), min_value=Decimal(1))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = ProgrammeVersion.objects.visible_to(user).filter(
            budget=None, state__in=[VersionState.DRAFT, VersionState.ACTIVE]
        )
        field: Any = self.fields["version"]
        field.queryset = rows.select_related("programme").order_by("-year", "programme__name")


class CeilingForm(forms.Form):
    """A changed DPA (DPPA)."""

    ceiling = RupiahField(label=_("Pagu menjadi"), min_value=Decimal(1))
    dpa_number = forms.CharField(label=_("Nomor DPA perubahan"), max_length=80)


class AllocationForm(forms.Form):
    """One amount per regency; an empty field stays as it is."""

    def __init__(self, *args: Any, budget: BudgetLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {row.area_code: row for row in budget.allocations.all()}
        self.codes = [region.code for region in regencies_of(budget.area_code)]
        names = names_of(self.codes)
        for code in self.codes:
            row = known.get(code)
            self.fields[code] = RupiahField(
                label=names.get(code, code),
                required=False,
                initial=row.amount if row else None,
                help_text=_used_words(row),
            )

    def amounts(self) -> dict[str, Decimal]:
        """Code -> amount, of the fields that were filled in."""
        return {code: value for code, value in self.cleaned_data.items() if value is not None}


def _used_words(row: Allocation | None) -> Any:
    if row is None or not row.reserved + row.paid:
        return ""
    return _("Terikat dan cair %(used)s") % {"used": rupiah(row.reserved + row.paid)}


class NewListForm(forms.Form):
    """The stage and the regency of a new list."""

    stage = forms.ModelChoiceField(
        label=_("Program dan tahap"), queryset=Stage.objects.none(), empty_label=_("Pilih")
    )
    area_code = forms.ChoiceField(label=_("Kabupaten/Kota"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stage: Any = self.fields["stage"]
        stage.queryset = (
            Stage.objects.visible_to(user)
            .filter(version__state=VersionState.ACTIVE)
            .select_related("version__programme")
            .order_by("-version__year", "version__programme__name", "number")
        )
        stage.label_from_instance = stage_words
        codes = sorted(
            set(
                Allocation.objects.visible_to(user)
                .filter(amount__gt=0)
                .values_list("area_code", flat=True)
            )
        )
        names = names_of(codes)
        area: Any = self.fields["area_code"]
        area.choices = [("", _("Pilih kabupaten/kota"))] + [
            (code, names.get(code, code)) for code in codes
        ]


class ExcludeForm(forms.Form):
    """NIK or row numbers, one per line, and one reason for all."""

    tokens = forms.CharField(
        label=_("NIK atau nomor baris"),
        help_text=_("Tempel satu per baris. Nomor baris adalah nomor pada daftar ini."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
    )
    reason = forms.CharField(label=_("Alasan"), max_length=250)

    def split(self) -> list[str]:
        """The pasted lines; commas and semicolons separate too."""
        text = self.cleaned_data["tokens"].replace(",", "\n").replace(";", "\n")
        return [token.strip() for token in text.splitlines() if token.strip()]


class ReasonForm(forms.Form):
    """A reason that is kept in the trail."""

    reason = forms.CharField(
        label=_("Alasan"), max_length=1000, widget=forms.Textarea(attrs=REASON)
    )


class SignForm(forms.Form):
    """A signature: what was seen, and the password once more."""

    seen_hash = forms.CharField(widget=forms.HiddenInput)
    password = forms.CharField(
        label=_("Kata sandi Anda"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("Diminta sekali lagi karena tanda tangan ini menggerakkan uang."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("Kata sandi tidak cocok. Belum ada yang disetujui."))
        return password


class SendBackForm(forms.Form):
    """Why a list goes back."""

    note = forms.CharField(
        label=_("Alasan pengembalian"), max_length=1000, widget=forms.Textarea(attrs=REASON)
    )


class Sp2dForm(forms.Form):
    """SPM and SP2D as on the paper."""

    spm_number = forms.CharField(label=_("Nomor SPM"), max_length=80)
    sp2d_number = forms.CharField(label=_("Nomor SP2D"), max_length=80)
    sp2d_date = IndonesianDateField(label=_("Tanggal SP2D"))
    amount = RupiahField(
        label=_("Jumlah SP2D"),
        help_text=_("Ketik dari surat SP2D. Harus sama dengan jumlah daftar."),
    )
    execution_on = IndonesianDateField(
        label=_("Tanggal pelaksanaan oleh bank"),
        required=False,
        help_text=_("Kosongkan untuk hari kerja bank pertama sejak tanggal SP2D."),
    )


class ResultUploadForm(forms.Form):
    """The file the bank sent back."""

    file = forms.FileField(
        label=_("Berkas hasil dari bank"),
        help_text=_("XLSX, XLS, ODS, atau CSV. Susunan kolom bebas; Anda mencocokkannya nanti."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_LIMIT_BYTES:
            raise forms.ValidationError(_("Berkas lebih besar dari 25 MB."))
        return file


class StatementUploadForm(ResultUploadForm):
    """A statement or an answer that may name many lists."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _("XML, MT940, atau tabel (XLSX, XLS, ODS, CSV).")


class MappingForm(forms.Form):
    """Which column of the file is which."""

    def __init__(
        self,
        *args: Any,
        headers: Sequence[str],
        columns: Sequence[Any],
        mapping: Mapping[str, int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("(tidak ada)"))] + [
            (str(place), header) for place, header in enumerate(headers)
        ]
        for column in columns:
            self.fields[column.key] = forms.ChoiceField(
                label=column.label,
                choices=choices,
                required=column.required,
                initial=str(mapping.get(column.key, "")),
            )

    def mapping(self) -> dict[str, int]:
        """Field -> place of its column."""
        return {key: int(place) for key, place in self.cleaned_data.items() if place != ""}


HEIR_FIELDS = (
    *("heir_relation", "heir_nik", "letter_number", "letter_date"),
    *("same_kk", "passbook_given", "papers"),
)


# What a decision means where the money is paid over the counter again.
COUNTER = {Decision.FOLLOW_UP: _("Bayar susulan di loket")}


class DecisionForm(forms.Form):
    """What becomes of a return; the account or the heir's papers when it is paid again."""

    decision = forms.ChoiceField(label=_("Keputusan"), widget=forms.RadioSelect)
    number = forms.CharField(
        label=_("Nomor rekening baru"),
        required=False,
        max_length=34,
        help_text=_("Untuk bayar susulan dan ahli waris, di bank penyalur yang sama."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    holder_name = forms.CharField(label=_("Nama pemilik rekening"), required=False, max_length=150)
    heir_relation = forms.CharField(label=_("Hubungan ahli waris"), required=False, max_length=60)
    heir_nik = NikField(label=_("NIK ahli waris"), required=False)
    letter_number = forms.CharField(
        label=_("Nomor surat keterangan ahli waris"), required=False, max_length=80
    )
    letter_date = IndonesianDateField(label=_("Tanggal surat ahli waris"), required=False)
    same_kk = forms.BooleanField(label=_("Ahli waris dalam KK yang sama"), required=False)
    passbook_given = forms.BooleanField(
        label=_("Buku tabungan sudah diserahkan sebelum penerima meninggal"), required=False
    )
    papers = forms.MultipleChoiceField(
        label=_("Berkas yang sudah diterima"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(label=_("Catatan"), required=False, widget=forms.Textarea(attrs=REASON))

    def __init__(self, *args: Any, case: ReturnCase, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        to_payee = case.line.payee_id is not None
        died = returns.for_heir(case)
        rules = case.line.pay_list.stage.version.heir_rules
        offered = [Decision.HEIR if died else Decision.FOLLOW_UP, Decision.TREASURY]
        if died and not rules.get("pays"):
            offered = [Decision.TREASURY]
        decision: Any = self.fields["decision"]
        decision.choices = [(item.value, item.label) for item in offered]
        decision.help_text = " ".join(heir_sentences(rules)) if died else ""
        papers: Any = self.fields["papers"]
        papers.choices = [(row["code"], row["label"]) for row in rules.get("papers", [])]
        if Decision.HEIR not in offered:
            for name in HEIR_FIELDS:
                del self.fields[name]
        self.initial.update(_known_heir(case))
        if to_payee:
            decision.help_text = _(
                "Bayar susulan memakai rekening terbuka penerima. Bila berubah, catat dulu di"
                " halaman penerimanya."
            )
        self.cash = returns.in_cash(case.line)
        if self.cash:
            decision.choices = [(item.value, COUNTER.get(item, item.label)) for item in offered]
        if (Decision.HEIR not in offered and (died or self.cash)) or to_payee:
            del self.fields["number"], self.fields["holder_name"]
        elif self.cash:
            del self.fields["number"]
            self.fields["holder_name"].label = _("Nama ahli waris")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        to_payee = self.case.line.payee_id is not None
        needed: tuple[str, ...] = {
            Decision.FOLLOW_UP: () if to_payee else ("number", "holder_name"),
            Decision.HEIR: (
                *("number", "holder_name", "heir_relation"),
                *("heir_nik", "letter_number", "letter_date"),
            ),
        }.get(data.get("decision", ""), ())
        needed = tuple(name for name in needed if name in self.fields)
        for name in needed:
            if not data.get(name) and name not in self.errors:
                self.add_error(name, _("Bagian ini wajib untuk keputusan itu."))
        return data

    def heir(self, bank_code: str) -> Heir | None:
        """The heir as typed, or None for another decision."""
        data = self.cleaned_data
        if data["decision"] != Decision.HEIR:
            return None
        return Heir(
            name=data["holder_name"],
            relation=data["heir_relation"],
            nik=data["heir_nik"],
            bank_code="" if self.cash else bank_code,
            number=data.get("number", ""),
            letter_number=data["letter_number"],
            letter_date=data["letter_date"].isoformat(),
            same_kk=data["same_kk"],
            passbook_given=data["passbook_given"],
            papers=tuple(data["papers"]),
        )


def _known_heir(case: ReturnCase) -> dict[str, Any]:
    """The heir of the line before, whose payment came back; account and NIK are typed again."""
    before = ReturnCase.objects.filter(line=case.line.retransfer_of_id).first()
    heir = before.heir if before is not None else None
    if not heir:
        return {}
    return {
        "decision": Decision.HEIR,
        "holder_name": heir["name"],
        "heir_relation": heir["relation"],
        "letter_number": heir["letter_number"],
        "letter_date": date.fromisoformat(heir["letter_date"]),
        "same_kk": heir["same_kk"],
        "passbook_given": heir["passbook_given"],
        "papers": list(heir["papers"]),
    }


class ConfirmForm(forms.Form):
    """The second person's answer; a reason when it is no."""

    agreed = forms.ChoiceField(
        label=_("Keputusan ini"),
        choices=[("ya", _("Saya sahkan")), ("tidak", _("Saya kembalikan"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Alasan bila dikembalikan"),
        required=False,
        widget=forms.Textarea(attrs=REASON),
    )


class StsForm(forms.Form):
    """The deposit slip."""

    sts_number = forms.CharField(label=_("Nomor STS"), max_length=80)
    sts_date = IndonesianDateField(label=_("Tanggal STS"), initial=lambda: timezone.localdate())
    amount = RupiahField(label=_("Jumlah STS"), help_text=_("Harus sama dengan jumlah retur."))


class ArrivalForm(forms.Form):
    """What the first person found out about a submission in doubt."""

    arrival = forms.ChoiceField(
        label=_("Kiriman ini"), choices=Arrival.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Bagaimana Anda tahu"),
        help_text=_("Siapa di bank yang ditanya, kapan, dan apa jawabannya."),
        widget=forms.Textarea(attrs=REASON),
    )


class ChannelForm(forms.Form):
    """A way to a bank; its secrets stand in the environment, never here."""

    name = forms.CharField(label=_("Nama kanal"), max_length=80)
    kind = forms.ChoiceField(
        label=_("Jenis"),
        choices=[(kind, kind.label) for kind in (ChannelKind.DROP, ChannelKind.SNAP)],
    )
    key = forms.CharField(
        label=_("Kunci kanal"),
        max_length=24,
        help_text=_("Huruf besar. Menjadi nama rahasianya: BANK_SECRET_<kunci>_..."),
    )
    base_url = forms.CharField(label=_("Alamat bank"), max_length=200, help_text="https://...")
    file_format = forms.ChoiceField(
        label=_("Format berkas"),
        required=False,
        choices=[
            ("", "-"),
            (FileFormat.CSV, FileFormat.CSV.label),
            (FileFormat.XLSX, FileFormat.XLSX.label),
            (FileFormat.PAIN001, FileFormat.PAIN001.label),
            (FileFormat.PAIN001_03, FileFormat.PAIN001_03.label),
        ],
        help_text=_("Hanya untuk kotak berkas."),
    )
    client_id = forms.CharField(label=_("Client id (SNAP)"), max_length=80, required=False)
    channel_id = forms.CharField(label=_("Channel id (SNAP)"), max_length=10, required=False)
    deduplicates = forms.BooleanField(
        label=_("Bank menjamin menolak kiriman ganda"),
        required=False,
        help_text=_(
            "Hanya bila tertulis dalam perjanjian. Bila ya, kiriman yang belum jelas dikirim lagi"
            " sendiri dengan referensi yang sama."
        ),
    )
    answers_status = forms.BooleanField(label=_("Bank menjawab pertanyaan status"), required=False)
    verifies_names = forms.BooleanField(
        label=_("Bank mencocokkan nama rekening (SNAP 16)"), required=False
    )
    requires_names = forms.BooleanField(
        label=_("Daftar tidak dapat dikunci sebelum namanya dicocokkan"), required=False
    )
    timeout = forms.IntegerField(label=_("Batas waktu (detik)"), initial=20)


class NameForm(forms.Form):
    """Why a payee is the owner of an account that bears another name, or leaves the list."""

    reason = forms.CharField(
        label=_("Alasan"),
        help_text=_("Apa yang dicocokkan: buku tabungan, KTP, keterangan desa."),
        widget=forms.Textarea(attrs=REASON),
    )
