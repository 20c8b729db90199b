"""Names the app, its documents, its sentences, its import and its panel on the person page."""

from __future__ import annotations

from datetime import date

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "programs.save_programme": _("Program disimpan"),
    "programs.save_version": _("Aturan program disimpan"),
    "programs.save_stage": _("Tahap disimpan"),
    "programs.drop_stages": _("Tahap dihapus"),
    "programs.set_quota": _("Kuota wilayah diubah"),
    "programs.activate_version": _("Versi diberlakukan"),
    "programs.copy_version": _("Versi disalin"),
    "programs.import_version": _("Draf dibuat dari berkas"),
    "programs.propose_shift": _("Pemindahan kuota diajukan"),
    "programs.decide_shift": _("Pemindahan kuota diputus"),
    "programs.give_precedence": _("Didahulukan dalam urutan"),
    "programs.end_precedence": _("Pendahuluan dicabut"),
    "programs.offer_place": _("Tempat ditawarkan"),
    "programs.answer_offer": _("Tawaran tempat dijawab"),
    "programs.draft_proposal": _("Draf usulan disimpan"),
    "programs.propose": _("Usulan diajukan"),
    "programs.propose_list": _("Daftar usulan diajukan"),
    "programs.resubmit": _("Usulan diajukan kembali"),
    "programs.decide": _("Usulan diputus"),
    "programs.move": _("Status usulan berubah"),
    "programs.stop": _("Dihentikan"),
    "programs.suspend": _("Ditangguhkan"),
    "programs.resume": _("Dilanjutkan"),
    "programs.add_paper": _("Dokumen ditambahkan"),
    "programs.open_paper": _("Dokumen dibuka"),
    "programs.remove_paper": _("Dokumen dihapus"),
    "programs.choose_payee": _("Penerima usulan dipilih"),
    "programs.follow_chair": _("Ketua baru menjawab untuk usulan kelompok"),
    "programs.grant_proxy": _("Kuasa dicatat"),
    "programs.end_proxy": _("Kuasa diakhiri"),
    "programs.record_units": _("Satuan dicatat"),
    "programs.add_receipt": _("Kuitansi dicatat"),
    "programs.cancel_receipt": _("Kuitansi dibatalkan"),
    "programs.open_receipt": _("Kuitansi dibuka"),
    "programs.open_premium_plan": _("Rencana premi dicatat"),
    "programs.record_payer": _("Penanggung premi dicatat"),
    "programs.end_payer": _("Penanggung premi diakhiri"),
    "programs.open_premium_round": _("Daftar premi dibuka"),
    "programs.add_premium": _("Calon premi ditambahkan"),
    "programs.drop_premium": _("Pengeluaran dari daftar premi diusulkan"),
    "programs.decide_premium": _("Baris daftar premi diputus"),
    "programs.send_premium_round": _("Daftar premi dikirim"),
    "programs.apply_premium_answer": _("Jawaban penyelenggara diterapkan"),
    "programs.make_record": _("Berita Acara diminta"),
    "programs.record_made": _("Berita Acara terbit"),
    "programs.draft_decree": _("SK disusun"),
    "programs.drop_line": _("Seorang dikeluarkan dari draf SK"),
    "programs.submit_decree": _("SK diajukan"),
    "programs.approve_decree": _("SK disetujui"),
    "programs.return_decree": _("SK dikembalikan"),
    "programs.cancel_decree": _("Draf SK dibatalkan"),
    "programs.annex_made": _("Lampiran SK terbit"),
    "programs.report_event": _("Peristiwa dicatat"),
    "programs.decide_event": _("Peristiwa diputus"),
    "programs.transfer": _("Wilayah penerima dipindahkan"),
    "programs.event_outcome": _("Akibat peristiwa diterapkan"),
    "programs.save_life_rules": _("Aturan peristiwa dan keluar disimpan"),
    "programs.measure": _("Ukuran keberhasilan dicatat"),
    "programs.file_appeal": _("Sanggahan diajukan"),
    "programs.decide_appeal": _("Sanggahan diputus"),
    "programs.restore": _("Dipulihkan oleh sanggahan"),
    "programs.refer": _("Rujukan ditawarkan"),
    "programs.answer_referral": _("Rujukan dijawab"),
    "programs.record_source": _("Asal usulan dicatat"),
    "programs.free_proposal": _("Usulan sendiri diterima"),
    "programs.assess": _("Penilaian dicatat"),
    "programs.save_plan": _("RAB disimpan"),
    "programs.add_asset": _("Aset kelompok dicatat"),
    "programs.check_asset": _("Aset kelompok diperiksa"),
    "programs.print_letter": _("Dokumen program dicetak"),
    "programs.export_visit_answers": _("Jawaban pemantauan diunduh"),
    "programs.record_visit": _("Kunjungan pemantauan dicatat"),
    "programs.correct_visit": _("Kunjungan pemantauan diperbaiki"),
    "programs.draft_simulation": _("Simulasi dibuat"),
    "programs.change_simulation": _("Simulasi diubah"),
    "programs.run_simulation": _("Simulasi dihitung"),
    "programs.simulation_done": _("Simulasi selesai"),
    "programs.drop_simulation": _("Simulasi dihapus"),
}


class ProgramsConfig(AppConfig):
    name = "programs"

    def ready(self) -> None:
        """Hand the apps below what they show of programmes; models exist only from here on."""
        from bansos.audit.queries import tell
        from bansos.documents.registry import template
        from beneficiaries.queries import PANELS, PAYEE_PANELS
        from beneficiaries.services.groups import CHAIR_CHANGES
        from beneficiaries.services.imports.purposes import register_purpose
        from beneficiaries.services.imports.weighing import OPEN_CASES
        from programs.forms.premium_lists import CandidateListForm, PayerListForm
        from programs.forms.proposals import ListContextForm
        from programs.queries.cases import open_cases
        from programs.queries.people import payee_panel, person_panel
        from programs.queries.scores import SOURCES, assessed
        from programs.services.imports import purpose
        from programs.services.payees import follow_chair
        from programs.services.premiums.lists import purposes

        tell(SENTENCES)
        template(
            "programs.record",
            version=1,
            path="documents/programs/record_v1.html",
            valid_from=date(2025, 1, 1),
        )
        register_purpose(purpose(ListContextForm))
        for listed in purposes(CandidateListForm, PayerListForm):
            register_purpose(listed)
        PANELS.append(person_panel)
        PAYEE_PANELS.append(payee_panel)
        SOURCES.append(assessed())
        OPEN_CASES.append(open_cases)
        CHAIR_CHANGES.append(follow_chair)
