"""Forms of groups, institutions, residents, governments, accounts of payees."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.lib.fields import IndonesianDateField, NikField
from bansos.regions.choices import Level
from bansos.regions.models import Region
from beneficiaries.choices import Grade, GroupRole, InstitutionKind, LeaveReason, PayeeType
from beneficiaries.forms.people import AccountForm, village_choices
from beneficiaries.models import GovernmentPayee, Group, Institution, Payee
from beneficiaries.services.payees import InstitutionValues

PROVINCE = len("35")


def day_field(label: Any, **options: Any) -> IndonesianDateField:
    """A date typed as day-month-year, echoed in words."""
    widget = forms.TextInput(attrs={"data-echo": "tanggal"})
    return IndonesianDateField(label=label, widget=widget, **options)


def nik_field() -> NikField:
    """Somebody of the register, by number."""
    return NikField(
        label=_("NIK"),
        widget=forms.TextInput(attrs={"data-echo": "nik"}),
        help_text=_("16 angka, seperti di KTP. Orangnya harus sudah ada di daftar penerima."),
    )


class CodeField(forms.CharField):
    """A region typed by its Kemendagri code; for who has too many villages to choose from."""

    def __init__(self, *, levels: tuple[int, ...], **kwargs: Any) -> None:
        self.levels = levels
        super().__init__(max_length=13, **kwargs)

    def clean(self, value: Any) -> str:
        """A code that is known, at a level that fits."""
        code = str(super().clean(value)).strip()
        if code and not Region.objects.filter(pk=code, level__in=self.levels).exists():
            raise forms.ValidationError(_("Kode wilayah ini tidak dikenal."), code="region")
        return code


def village_field(user: User) -> forms.Field:
    """A village: a select inside one regency, the code for a whole province."""
    if len(user.area_code) > PROVINCE:
        return forms.ChoiceField(label=_("Desa/Kelurahan"), choices=village_choices(user.area_code))
    return CodeField(
        label=_("Kode desa/kelurahan"),
        levels=(Level.VILLAGE,),
        help_text=_("Kode Kemendagri, misalnya 35.19.01.2001."),
    )


class GroupForm(forms.Form):
    """A new group."""

    name = forms.CharField(label=_("Nama kelompok"), max_length=150)
    business_kind = forms.CharField(
        label=_("Jenis usaha"),
        max_length=80,
        help_text=_("Satu jenis untuk semua anggota, misalnya ternak ayam."),
    )
    address = forms.CharField(label=_("Alamat usaha"), max_length=250, required=False)
    formed_on = day_field(_("Tanggal pembentukan"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village_id"] = village_field(user)
        self.order_fields(["name", "business_kind", "village_id", "address", "formed_on"])


class MemberForm(forms.Form):
    """One more member."""

    nik = nik_field()
    role = forms.ChoiceField(label=_("Tugas"), choices=GroupRole.choices, initial=GroupRole.MEMBER)
    joined_on = day_field(_("Bergabung sejak"))
    business_kind = forms.CharField(
        label=_("Usahanya"),
        max_length=80,
        required=False,
        help_text=_("Boleh kosong. Bila diisi harus sama dengan usaha kelompok."),
    )


class LeaveForm(forms.Form):
    """A member leaves."""

    reason = forms.ChoiceField(
        label=_("Alasan"),
        choices=[
            (reason.value, reason.label)
            for reason in (LeaveReason.DIED, LeaveReason.MOVED, LeaveReason.RESIGNED)
        ],
        widget=forms.RadioSelect,
    )
    left_on = day_field(_("Hari terakhir"))


class ReplaceForm(forms.Form):
    """Somebody else takes the place."""

    nik = nik_field()
    on = day_field(_("Berlaku sejak"))


class RoleForm(forms.Form):
    """Another office in the group."""

    role = forms.ChoiceField(label=_("Tugas"), choices=GroupRole.choices)


class CheckForm(forms.Form):
    """The answer of who checks the members."""

    note = forms.CharField(
        label=_("Catatan"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Tulis apa yang sudah Anda periksa, tanpa nama dan nomor. Wajib bila ada jawaban Tidak"
            " atau Belum diketahui, dan bila dikembalikan."
        ),
    )


class EndForm(forms.Form):
    """The end of something, with its day and reason."""

    on = day_field(_("Tanggal"))
    reason = forms.CharField(label=_("Alasan"), max_length=200)


class PayeeAccountForm(AccountForm):
    """The account of a payee; a group's is signed by two of its members."""

    def __init__(self, *args: Any, payee: Payee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people: dict[str, Any] = {}
        if payee.kind != PayeeType.GROUP:
            return
        group: Group = payee.group
        rows = group.members.filter(left_on=None).select_related("person").order_by("pk")
        self.people = {str(row.person_id): row.person for row in rows}
        choices = [("", _("Pilih anggota"))] + [
            (str(row.person_id), f"{row.person.name} ({row.get_role_display()})") for row in rows
        ]
        self.fields["first"] = forms.ChoiceField(label=_("Penanda tangan pertama"), choices=choices)
        self.fields["second"] = forms.ChoiceField(label=_("Penanda tangan kedua"), choices=choices)

    def signatories(self) -> list[Any]:
        """The chosen members."""
        chosen = (self.cleaned_data.get("first"), self.cleaned_data.get("second"))
        return [self.people[key] for key in chosen if key]


class InstitutionForm(forms.Form):
    """An institution."""

    name = forms.CharField(label=_("Nama lembaga"), max_length=150)
    kind = forms.ChoiceField(label=_("Jenis"), choices=InstitutionKind.choices)
    address = forms.CharField(label=_("Alamat"), max_length=250, required=False)
    registration_number = forms.CharField(
        label=_("Nomor tanda daftar"), max_length=80, required=False
    )
    head_name = forms.CharField(label=_("Nama kepala"), max_length=150, required=False)
    capacity = forms.IntegerField(
        label=_("Daya tampung"),
        min_value=1,
        max_value=100_000,
        required=False,
        help_text=_("Jumlah orang. Kosongkan bila belum diketahui."),
    )

    def __init__(
        self, *args: Any, user: User, institution: Institution | None = None, **kwargs: Any
    ) -> None:
        initial = self.initial_of(institution) if institution else None
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["village_id"] = village_field(user)
        order = ["name", "kind", "village_id", "address"]
        self.order_fields([*order, "registration_number", "head_name", "capacity"])

    @staticmethod
    def initial_of(row: Institution) -> dict[str, Any]:
        """What stands now."""
        return {
            "name": row.payee.name,
            "kind": row.kind,
            "village_id": row.payee.village_id,
            "address": row.payee.address,
            "registration_number": row.registration_number,
            "head_name": row.head_name,
            "capacity": row.capacity,
        }

    def values(self) -> InstitutionValues:
        """What the service takes."""
        data = dict(self.cleaned_data)
        return InstitutionValues(**{**data, "kind": InstitutionKind(data["kind"])})


class AccreditForm(forms.Form):
    """A certificate, or its revocation."""

    grade = forms.ChoiceField(label=_("Peringkat"), choices=Grade.choices)
    certificate_number = forms.CharField(label=_("Nomor sertifikat atau surat"), max_length=80)
    granted_on = day_field(
        _("Tanggal penetapan"), help_text=_("Masa berlaku dihitung dari tanggal ini.")
    )


class AdmitForm(forms.Form):
    """Somebody moves in; with a last day for a stay that is over."""

    nik = nik_field()
    from_date = day_field(_("Masuk tanggal"))
    until_date = day_field(
        _("Hari terakhir"), required=False, help_text=_("Kosongkan bila masih tinggal.")
    )


class DischargeForm(forms.Form):
    """Somebody leaves."""

    until_date = day_field(_("Hari terakhir"), help_text=_("Hari ini masih dihitung."))
    note = forms.CharField(label=_("Keterangan"), max_length=200, required=False)


class GovernmentForm(forms.Form):
    """The treasury of a village or regency."""

    region_code = CodeField(
        label=_("Kode wilayah"),
        levels=(Level.REGENCY, Level.VILLAGE),
        help_text=_("Kode Kemendagri: 35.19 untuk kabupaten, 35.19.01.2001 untuk desa."),
    )
    name = forms.CharField(
        label=_("Nama"), max_length=150, help_text=_("Misalnya Pemerintah Desa Tambakmas.")
    )
    treasurer_name = forms.CharField(label=_("Nama bendahara"), max_length=150)
    address = forms.CharField(label=_("Alamat kantor"), max_length=250, required=False)


class TreasurerForm(forms.Form):
    """Another treasurer."""

    treasurer_name = forms.CharField(label=_("Nama bendahara"), max_length=150)

    def __init__(self, *args: Any, government: GovernmentPayee, **kwargs: Any) -> None:
        super().__init__(*args, initial={"treasurer_name": government.treasurer_name}, **kwargs)
