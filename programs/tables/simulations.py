"""The lists of simulations: themselves, their people, their regencies."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.lib.lists import Column, ListSpec, register
from bansos.lib.parts import Word
from programs.choices import OUTCOME_TONES, SimulationOutcome
from programs.filters import SimulationAreaFilter, SimulationRowFilter
from programs.models import Simulation, SimulationArea, SimulationRow
from programs.tables.lists import AreaNames, district_of, search_people, village_of


def simulation_word(row: Any) -> Word:
    """Counted, at work, or still a draft."""
    if row.is_done:
        return Word("baik", _("Selesai dihitung"), "check")
    if row.is_running:
        return Word("info", _("Sedang dihitung"), "loader-2")
    return Word("netral", _("Draf"), "pencil")


@register
class SimulationList(ListSpec):
    """Simulations of the user's province."""

    key = "simulations"
    title = gettext_lazy("Simulasi")
    model = Simulation
    default_sort = "-made_at"
    empty_title = gettext_lazy("Belum ada simulasi.")
    empty_hint = gettext_lazy("Buka aturan sebuah program, lalu pilih Simulasi baru.")
    columns = (
        Column("name", gettext_lazy("Nama"), sort="name", priority=1, kind="link"),
        Column("programme", gettext_lazy("Program"), value="version", priority=2),
        Column("state", gettext_lazy("Status"), value=simulation_word, kind="status"),
        Column("made_by", gettext_lazy("Dibuat oleh"), value="made_by.full_name", priority=3),
        Column("made_at", gettext_lazy("Dibuat"), kind="datetime", sort="made_at"),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Simulations of the area with programme and job."""
        return Simulation.objects.visible_to(user).select_related(
            "version__programme", "job", "made_by"
        )

    def row_url(self, row: Any) -> str:
        """The simulation's page."""
        return str(row.get_absolute_url())


def outcome_word(row: Any) -> Word:
    """What would become of a person."""
    tone, icon = OUTCOME_TONES[SimulationOutcome(row.outcome)]
    return Word(tone, str(SimulationOutcome(row.outcome).label), icon)


def _who(row: Any) -> Any:
    """The person, or the group, institution or government, of a row."""
    return row.payee or row.person


def who_name(row: Any) -> str:
    """What they are called."""
    return str(_who(row).name)


def _village(row: Any) -> str:
    return village_of(_who(row))


def _district(row: Any) -> str:
    return district_of(_who(row))


def who_nik(row: Any) -> str:
    """A person's masked NIK; a payee has none."""
    return str(row.person.nik_masked) if row.person else ""


@register
class SimulationRowList(ListSpec):
    """People or payees whom a simulation would bring in, keep or take out."""

    key = "simulation_rows"
    title = gettext_lazy("Penerima dalam simulasi")
    model = SimulationRow
    filterset_class = SimulationRowFilter
    default_sort = "pk"
    search_hint = gettext_lazy("Nama, atau NIK lengkap")
    empty_title = gettext_lazy("Tidak ada penerima dengan saringan ini.")
    columns = (
        Column("name", gettext_lazy("Nama"), value=who_name, priority=1, kind="link"),
        Column("nik", gettext_lazy("NIK"), value=who_nik, kind="masked", priority=3),
        Column("village", gettext_lazy("Desa/Kelurahan"), value=_village),
        Column("district", gettext_lazy("Kecamatan"), value=_district, priority=3),
        Column(
            "outcome",
            gettext_lazy("Perubahan"),
            value=outcome_word,
            kind="status",
            sort="outcome",
        ),
        Column("simulation", gettext_lazy("Simulasi"), value="simulation.name", priority=3),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        """People and payees of the area in simulations the user may read."""
        return (
            SimulationRow.objects.visible_to(user)
            .filter(simulation__in=Simulation.objects.visible_to(user))
            .select_related("person__village__parent", "payee__village__parent", "simulation")
        )

    def search(self, rows: QuerySet[Any], text: str, user: Any) -> QuerySet[Any]:
        """By name or whole NIK."""
        return search_people(rows, text, "person") | rows.filter(payee__name__icontains=text)

    def row_url(self, row: Any) -> str:
        """The file of the person or payee."""
        return str(_who(row).get_absolute_url())


@register
class SimulationAreaList(ListSpec):
    """Counts and money of a simulation per regency."""

    key = "simulation_areas"
    title = gettext_lazy("Simulasi per kabupaten/kota")
    model = SimulationArea
    filterset_class = SimulationAreaFilter
    default_sort = "area_code"
    wide = True
    empty_title = gettext_lazy("Belum ada hitungan.")

    def __init__(self) -> None:
        self.columns = (
            Column(
                "area", gettext_lazy("Kabupaten/Kota"), value=AreaNames(), sort="area_code",
                priority=1,
            ),
            Column("yes", gettext_lazy("Memenuhi"), kind="number", sort="yes"),
            Column("pending", gettext_lazy("Menunggu bukti"), kind="number", sort="pending"),
            Column("unknown", gettext_lazy("Belum diketahui"), kind="number", sort="unknown"),
            Column("hoped", gettext_lazy("Dapat ditetapkan"), kind="number", sort="hoped"),
            Column("quota", gettext_lazy("Kuota"), kind="number"),
            Column("cost", gettext_lazy("Biaya semua"), kind="money"),
            Column("cost_in_quota", gettext_lazy("Biaya dalam kuota"), kind="money"),
            Column("simulation", gettext_lazy("Simulasi"), value="simulation.name", priority=3),
        )  # fmt: skip

    def queryset(self, user: Any) -> QuerySet[Any]:
        """Regencies of simulations the user may read."""
        return (
            SimulationArea.objects.visible_to(user)
            .filter(simulation__in=Simulation.objects.visible_to(user))
            .select_related("simulation")
        )
