"""Names the app, its sentences of the trail and its kinds of list."""

from __future__ import annotations

from dataclasses import replace

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "beneficiaries.add_person": _("Orang ditambahkan ke daftar penerima"),
    "beneficiaries.change_person": _("Data orang diubah"),
    "beneficiaries.add_family": _("Keluarga ditambahkan"),
    "beneficiaries.change_family": _("Data keluarga diubah"),
    "beneficiaries.set_account": _("Rekening dicatat"),
    "beneficiaries.close_account": _("Rekening lama ditutup"),
    "beneficiaries.mark_account": _("Keadaan rekening dicatat"),
    "beneficiaries.set_relation": _("Hubungan dengan kepala keluarga dicatat"),
    "beneficiaries.change_family_of": _("Pindah KK"),
    "beneficiaries.split_family": _("KK dipecah"),
    "beneficiaries.move_family": _("Keluarga pindah alamat"),
    "beneficiaries.record_disability": _("Disabilitas dicatat"),
    "beneficiaries.add_category": _("Kategori PPKS dicatat"),
    "beneficiaries.end_trait": _("Catatan diakhiri"),
    "beneficiaries.set_guardian": _("Wali dicatat"),
    "beneficiaries.register_payee": _("Didaftarkan"),
    "beneficiaries.change_payee": _("Data diubah"),
    "beneficiaries.close_payee": _("Ditutup"),
    "beneficiaries.accredit": _("Akreditasi dicatat"),
    "beneficiaries.form_group": _("Kelompok dibentuk"),
    "beneficiaries.join_group": _("Anggota masuk"),
    "beneficiaries.leave_group": _("Anggota keluar"),
    "beneficiaries.give_role": _("Tugas anggota diganti"),
    "beneficiaries.group_forming": _("Kelompok kembali disusun"),
    "beneficiaries.group_checked": _("Anggota diperiksa"),
    "beneficiaries.group_active": _("Kelompok aktif"),
    "beneficiaries.group_dissolved": _("Kelompok dibubarkan"),
    "beneficiaries.admit": _("Penghuni masuk"),
    "beneficiaries.discharge": _("Penghuni keluar"),
    "beneficiaries.appoint_pillar": _("Pilar dicatat"),
    "beneficiaries.change_pillar": _("Data pilar diubah"),
    "beneficiaries.release_pillar": _("Masa tugas pilar diakhiri"),
    "beneficiaries.add_company": _("Perusahaan dicatat"),
    "beneficiaries.employ": _("Tempat kerja dicatat"),
    "beneficiaries.end_work": _("Masa kerja diakhiri"),
    "beneficiaries.record_death": _("Kematian dicatat"),
    "beneficiaries.reveal": _("Nomor tersamar dibuka"),
    "beneficiaries.search_number": _("Dicari dengan nomor"),
    "beneficiaries.load_snapshot": _("Potret data dimuat"),
    "beneficiaries.upload_list": _("Daftar diunggah"),
    "beneficiaries.map_list": _("Kolom dicocokkan, pemeriksaan dimulai"),
    "beneficiaries.accept_list": _("Daftar diterima, pemasukan dimulai"),
    "beneficiaries.list_is_in": _("Daftar selesai dimasukkan"),
    "beneficiaries.close_list": _("Sisa baris daftar dihapus sesudah 7 hari"),
    "beneficiaries.refuse_list": _("Daftar ditolak dan dihapus"),
    "beneficiaries.download_list": _("Berkas daftar diunduh"),
    "beneficiaries.download_errors": _("Berkas perbaikan diunduh"),
    "beneficiaries.download_template": _("Templat berisi data diunduh"),
}


class BeneficiariesConfig(AppConfig):
    name = "beneficiaries"

    def ready(self) -> None:
        """Sentences and purposes; imported here because models are ready only now."""
        from bansos.audit.queries import tell
        from beneficiaries.forms import SnapshotContextForm
        from beneficiaries.services.imports import register_purpose
        from beneficiaries.services.imports.group_list import GROUPS
        from beneficiaries.services.imports.payee_lists import GOVERNMENTS, INSTITUTIONS
        from beneficiaries.services.imports.people_list import PEOPLE_LIST
        from beneficiaries.services.imports.resident_list import RESIDENTS
        from beneficiaries.services.imports.role_lists import PILLARS, TRAITS, WORKERS
        from beneficiaries.services.imports.snapshot_list import SNAPSHOT_LIST

        tell(SENTENCES)
        register_purpose(PEOPLE_LIST)
        for purpose in (GROUPS, INSTITUTIONS, RESIDENTS, GOVERNMENTS, PILLARS, WORKERS, TRAITS):
            register_purpose(purpose)
        register_purpose(replace(SNAPSHOT_LIST, context_form=SnapshotContextForm))
