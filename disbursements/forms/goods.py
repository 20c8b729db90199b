"""Shape of input about goods: package, warehouse, lot, transfer, hand-over."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bansos.accounts.models import User
from bansos.lib.fields import IndonesianDateField, RupiahField
from bansos.regions.queries import names_of, regencies_of
from disbursements.models import GoodsItem, Stock, Warehouse
from disbursements.queries.goods import kind_word, kinds_of
from programs.models import ProgrammeVersion
from programs.rules.assessing import coded_kinds


class ItemForm(forms.Form):
    """One thing of the package."""

    business_kind = forms.CharField(
        label=_("Untuk jenis usaha"),
        max_length=60,
        required=False,
        help_text=_("Kosongkan bila semua penerima mendapatnya."),
    )
    name = forms.CharField(label=_("Nama barang"), max_length=120)
    unit = forms.CharField(label=_("Satuan"), max_length=30, help_text=_("Misalnya unit."))
    quantity = forms.IntegerField(label=_("Jumlah per penerima"), min_value=1, max_value=10_000)
    unit_price = RupiahField(label=_("Harga satuan"), min_value=Decimal("0.01"))

    def __init__(self, *args: Any, version: ProgrammeVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if coded := coded_kinds(version.plan_rules):
            self.fields["business_kind"] = forms.ChoiceField(
                label=_("Untuk jenis usaha"),
                choices=[("", _("Semua penerima")), *coded.items()],
                required=False,
            )


class RequestForm(forms.Form):
    """The kind of business a recipient asks for."""

    business_kind = forms.ChoiceField(label=_("Jenis usaha"))

    def __init__(self, *args: Any, version: ProgrammeVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["business_kind"]
        field.choices = [(kind, kind_word(version, kind)) for kind in kinds_of(version)]


class WarehouseForm(forms.Form):
    """A place for goods."""

    name = forms.CharField(label=_("Nama gudang"), max_length=120)
    area_code = forms.ChoiceField(label=_("Wilayah"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area: Any = self.fields["area_code"]
        places = [(row.code, row.name) for row in regencies_of(user.area_code[:2])]
        area.choices = [(user.area_code, names_of([user.area_code])[user.area_code]), *places]


class LotForm(forms.Form):
    """What a vendor delivered into a warehouse."""

    item = forms.ModelChoiceField(
        label=_("Barang"), queryset=GoodsItem.objects.none(), empty_label=_("Pilih")
    )
    warehouse = forms.ModelChoiceField(
        label=_("Gudang"), queryset=Warehouse.objects.none(), empty_label=_("Pilih")
    )
    vendor = forms.CharField(label=_("Penyedia"), max_length=150)
    contract_number = forms.CharField(label=_("Nomor kontrak"), max_length=80)
    received_on = IndonesianDateField(label=_("Tanggal terima"))
    quantity = forms.IntegerField(label=_("Jumlah"), min_value=1, max_value=1_000_000)
    unit_price = RupiahField(label=_("Harga satuan lot"), min_value=Decimal("0.01"))

    def __init__(self, *args: Any, version: ProgrammeVersion, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        item: Any = self.fields["item"]
        item.queryset = GoodsItem.objects.filter(version=version).order_by("name", "pk")
        item.label_from_instance = lambda row: (
            f"{row.name} ({kind_word(version, row.business_kind)})"
            if row.business_kind
            else row.name
        )
        warehouse: Any = self.fields["warehouse"]
        warehouse.queryset = Warehouse.objects.visible_to(user).order_by("name")


class TransferForm(forms.Form):
    """Units of a lot to another warehouse."""

    stock = forms.ModelChoiceField(
        label=_("Dari"), queryset=Stock.objects.none(), empty_label=_("Pilih")
    )
    to = forms.ModelChoiceField(
        label=_("Ke gudang"), queryset=Warehouse.objects.none(), empty_label=_("Pilih")
    )
    quantity = forms.IntegerField(label=_("Jumlah"), min_value=1)
    note = forms.CharField(label=_("Catatan"), max_length=200, required=False)

    def __init__(self, *args: Any, version: ProgrammeVersion, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stock: Any = self.fields["stock"]
        rows = Stock.objects.visible_to(user).filter(lot__item__version=version, quantity__gt=0)
        stock.queryset = rows.select_related("warehouse", "lot__item").order_by("pk")
        stock.label_from_instance = lambda row: (
            f"{row.warehouse.name}: {row.lot.item.name}, {row.lot.contract_number} ({row.quantity})"
        )
        to: Any = self.fields["to"]
        to.queryset = Warehouse.objects.visible_to(user).order_by("name")


class HandOverForm(forms.Form):
    """A hand-over on the spot: warehouse, day, who came, photo and signature."""

    warehouse = forms.ModelChoiceField(
        label=_("Gudang"), queryset=Warehouse.objects.none(), empty_label=_("Pilih")
    )
    handed_on = IndonesianDateField(label=_("Tanggal serah terima"))
    by_proxy = forms.BooleanField(
        label=_("Diterima pemegang surat kuasa"),
        required=False,
        help_text=_("Hanya bila penerima tidak datang sendiri; BAST menyebut nama pemegang kuasa."),
    )
    photo = forms.FileField(
        label=_("Foto serah terima"),
        help_text=_("Penerima bersama barangnya. JPEG atau PNG, paling besar 10 MB."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png", "capture": "environment"}),
    )
    signature = forms.FileField(
        label=_("Tanda tangan penerima"),
        help_text=_("Pindaian atau foto tanda tangan maupun cap jempol. JPEG atau PNG."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        warehouse: Any = self.fields["warehouse"]
        areas = [user.area_code, user.area_code[:2]]
        warehouse.queryset = Warehouse.objects.filter(area_code__in=areas).order_by("name")


class BackForm(forms.Form):
    """Why goods come back or are replaced."""

    reason = forms.CharField(label=_("Alasan"), max_length=200)
