"""One version against another, field by field in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from bansos.lib.dates import long_date
from bansos.lib.money import number, rupiah
from bansos.lib.parts import Change
from bansos.regions.queries import names_of
from programs.models import ProgrammeVersion, Quota
from programs.rules import sentences_of
from programs.rules.exclusivity import bars_of
from programs.rules.proxies import rule_sentences
from programs.rules.ranking import ranking_sentence


def _money(value: Any) -> str:
    return rupiah(value) if value is not None else ""


def _labels(rows: Sequence[Any]) -> str:
    return "; ".join(str(row["label"]) for row in rows)


def _papers(rows: Sequence[Any]) -> str:
    needed = _("wajib")
    return "; ".join(
        f"{row['label']} ({needed})" if row.get("required") else str(row["label"]) for row in rows
    )


def _coded(rows: Sequence[Any]) -> str:
    """Rules of other parts in short: their codes or labels, in order."""
    return "; ".join(
        str(row.get("label") or row.get("code") or row.get("event") or "")
        if isinstance(row, dict)
        else str(row)
        for row in rows
    )


def _settings(rules: dict[str, Any]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in sorted(rules.items()))


def _stages(version: ProgrammeVersion) -> str:
    rows = version.stages.order_by("number")
    return "; ".join(
        " ".join(filter(None, [row.name, long_date(row.stage_date), _money(row.amount)]))
        for row in rows
    )


def _quotas(version: ProgrammeVersion) -> str:
    rows = list(
        Quota.objects.filter(version=version)
        .order_by("area_code")
        .values_list("area_code", "places")
    )
    names = names_of(code for code, _places in rows)
    return "; ".join(f"{names.get(code, code)} {number(places)}" for code, places in rows)


Reader = Callable[[ProgrammeVersion], str]


def _readers() -> list[tuple[str, Reader]]:
    """Every field of a version: its label, and what it says in words."""
    return [
        (_("Penerima"), lambda v: str(v.get_payee_kind_display())),
        (_("Bentuk bantuan"), lambda v: str(v.get_benefit_kind_display())),
        (_("Besaran setahun"), lambda v: _money(v.annual_amount)),
        (_("Pagu yang dibagi"), lambda v: _money(v.formula_budget)),
        (_("Tarif per satuan"), lambda v: _money(v.tariff)),
        (_("Satuan tarif"), lambda v: v.unit_label),
        (
            _("Kuota program"),
            lambda v: number(v.quota_total) if v.quota_total is not None else "",
        ),
        (
            _("Target tiap kabupaten/kota"),
            lambda v: number(v.regency_target) if v.regency_target is not None else "",
        ),
        (_("Target dihitung bersama"), lambda v: ", ".join(v.target_with)),
        (_("Kuota wilayah"), _quotas),
        (_("Tahap penyaluran"), _stages),
        (_("Kriteria"), lambda v: "; ".join(sentences_of(v.criteria))),
        (_("Urutan prioritas"), lambda v: ranking_sentence(v.ranking)),
        (
            _("Penggantian sesudah SK"),
            lambda v: _("Tidak diganti") if v.ranking.get("replacement") == "no" else "",
        ),
        (
            _("Tidak boleh bersama"),
            lambda v: "; ".join(bar.sentence for bar in bars_of(v.exclusive_with)),
        ),
        (_("Dokumen yang diminta"), lambda v: _papers(v.required_documents)),
        (_("Dasar hukum"), lambda v: "; ".join(v.legal_basis)),
        (_("Alasan tidak layak"), lambda v: _labels(v.reject_reasons)),
        (_("Alasan berhenti"), lambda v: _labels(v.stop_reasons)),
        (_("Jalur penyaluran"), lambda v: "; ".join(v.rails)),
        (
            _("Kuasa dan ahli waris"),
            lambda v: " ".join(rule_sentences(v.proxy_rules, v.heir_rules)),
        ),
        (_("Kalender kegiatan"), lambda v: "; ".join(v.calendar)),
        (_("Langkah verifikasi"), lambda v: "; ".join(v.verification_steps)),
        (_("Pertanyaan pemantauan"), lambda v: "; ".join(v.monitoring_form)),
        (_("Contoh dokumen"), lambda v: "; ".join(v.document_templates)),
        (_("Ukuran keberhasilan"), lambda v: v.success_measure),
        (_("Sumber dana"), lambda v: v.funding_source),
        (_("Bank penyalur"), lambda v: v.bank_code),
        (_("Kode rekening belanja"), lambda v: v.account_code),
        (_("Catatan sumber"), lambda v: v.source_note),
        (_("Aturan peristiwa"), lambda v: _coded(v.event_rules)),
        (_("Aturan selesai"), lambda v: _settings(v.exit_rules)),
        (_("Saluran usulan"), lambda v: _coded(v.proposal_channels)),
        (_("Formulir asesmen"), lambda v: _coded(v.assessment_forms)),
        (_("Aturan RAB"), lambda v: _settings(v.plan_rules)),
        (
            _("Naskah dokumen"),
            lambda v: "; ".join(f"{row['label']}: {row['text']}" for row in v.letters),
        ),
    ]


def earlier_version(version: ProgrammeVersion) -> ProgrammeVersion | None:
    """The newest version of an earlier year, else the one before in the same year."""
    rows = version.programme.versions.select_related("programme")
    before = rows.filter(year__lt=version.year).order_by("-year", "-version").first()
    same = rows.filter(year=version.year, version__lt=version.version).order_by("-version").first()
    return before or same


def version_changes(before: ProgrammeVersion, after: ProgrammeVersion) -> list[Change]:
    """Every field that differs, before and after in words; what is not set says so."""
    unset = _("Belum diisi")
    found = []
    for label, read in _readers():
        old, new = read(before), read(after)
        if old != new:
            found.append(Change(label=label, before=old or unset, after=new or unset))
    return found
