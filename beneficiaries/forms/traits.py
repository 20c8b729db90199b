"""Forms of families and of what is recorded about a person over time."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.accounts.permissions import Permission
from bansos.lib.fields import KkField
from beneficiaries.choices import (
    Difficulty,
    DisabilityKind,
    FamilyChange,
    GuardianRelation,
    Ppks,
    Relation,
)
from beneficiaries.forms.payees import day_field, nik_field, village_field
from beneficiaries.models import Disability, Person
from beneficiaries.rules.categories import RESTRICTED

ACTIVITY_LABELS = {
    "seeing": _("Melihat, walau berkacamata"),
    "hearing": _("Mendengar, walau memakai alat bantu"),
    "walking": _("Berjalan atau naik tangga"),
    "remembering": _("Mengingat atau memusatkan perhatian"),
    "self_care": _("Mengurus diri, seperti mandi dan berpakaian"),
    "communicating": _("Berkomunikasi, memahami dan dipahami"),
}
REASONS = (FamilyChange.MARRIED, FamilyChange.DIVORCED, FamilyChange.MOVED, FamilyChange.CORRECTED)


def source_field() -> forms.CharField:
    """Where something is known from."""
    return forms.CharField(
        label=_("Sumber"),
        max_length=120,
        help_text=_("Misalnya asesmen UPT, musyawarah desa, atau surat dokter."),
    )


class DisabilityForm(forms.Form):
    """A disability; the six questions of the Washington Group are optional."""

    kind = forms.ChoiceField(label=_("Jenis disabilitas"), choices=DisabilityKind.choices)
    since = day_field(_("Sejak"), required=False)
    source = source_field()
    note = forms.CharField(label=_("Catatan"), max_length=250, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Tidak ditanyakan")), *Difficulty.choices]
        for name in Disability.ACTIVITIES:
            self.fields[name] = forms.TypedChoiceField(
                label=ACTIVITY_LABELS[name],
                choices=choices,
                required=False,
                coerce=int,
                empty_value=None,
            )

    def activities(self) -> dict[str, int]:
        """The questions that were asked."""
        answers = {name: self.cleaned_data[name] for name in Disability.ACTIVITIES}
        return {name: answer for name, answer in answers.items() if answer}


class CategoryForm(forms.Form):
    """A PPKS category; restricted ones only for who may see them."""

    code = forms.ChoiceField(label=_("Kategori PPKS"))
    since = day_field(_("Sejak"))
    source = source_field()
    note = forms.CharField(label=_("Catatan"), max_length=250, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        may = user.can(Permission.SENSITIVE_VIEW)
        codes: Any = self.fields["code"]
        codes.choices = [
            (code.value, f"{code.value} {code.label}")
            for code in Ppks
            if may or code not in RESTRICTED
        ]


class GuardianForm(forms.Form):
    """Who acts for a person."""

    nik = nik_field()
    relation = forms.ChoiceField(label=_("Hubungan"), choices=GuardianRelation.choices)
    letter_number = forms.CharField(
        label=_("Nomor surat"),
        max_length=80,
        help_text=_("Surat pernyataan wali, surat desa, atau penetapan pengadilan."),
    )
    letter_date = day_field(_("Tanggal surat"))
    from_date = day_field(_("Menjadi wali sejak"))


class EndTraitForm(forms.Form):
    """Something recorded is over."""

    until_date = day_field(_("Berakhir tanggal"))


class RelationForm(forms.Form):
    """The relation to the head of the family."""

    relation = forms.TypedChoiceField(
        label=_("Hubungan dengan kepala keluarga"), choices=Relation.choices, coerce=int
    )
    on = day_field(_("Berlaku sejak"))


class TransferForm(RelationForm):
    """To another family card."""

    kk = KkField(label=_("Nomor KK baru"), widget=forms.TextInput(attrs={"data-echo": "nik"}))
    change = forms.ChoiceField(
        label=_("Sebab"), choices=[(reason.value, reason.label) for reason in REASONS]
    )
    field_order = ("kk", "change", "relation", "on")


class SplitForm(forms.Form):
    """Some members get a card of their own: one select per member."""

    kk = KkField(label=_("Nomor KK baru"), widget=forms.TextInput(attrs={"data-echo": "nik"}))
    on = day_field(_("Berlaku sejak"))

    def __init__(self, *args: Any, members: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {f"anggota_{person.pk}": person for person in members}
        for name, person in self.people.items():
            self.fields[name] = forms.TypedChoiceField(
                label=person.name,
                choices=[("", _("Tetap di KK ini")), *Relation.choices],
                required=False,
                coerce=int,
                empty_value=None,
                help_text=_("Hubungan di KK baru."),
            )

    def placed(self) -> list[tuple[Person, Relation]]:
        """Who goes, with the relation in the new card."""
        return [
            (person, Relation(self.cleaned_data[name]))
            for name, person in self.people.items()
            if self.cleaned_data[name]
        ]


class FamilyMoveForm(forms.Form):
    """The whole family lives elsewhere."""

    address = forms.CharField(label=_("Alamat baru"), max_length=250)
    on = day_field(_("Pindah tanggal"))
    letter_number = forms.CharField(label=_("Nomor surat pindah"), max_length=80, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village_id"] = village_field(user)
        self.order_fields(["village_id", "address", "on", "letter_number"])
