"""Names the app, its letters, its sentences, and what it gives the apps below."""

from __future__ import annotations

from datetime import date

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "disbursements.record_budget": _("Pagu dicatat"),
    "disbursements.change_ceiling": _("Pagu diubah"),
    "disbursements.allocate": _("Alokasi wilayah diatur"),
    "disbursements.create_list": _("Daftar bayar disusun"),
    "disbursements.exclude": _("Penerima dikeluarkan dari daftar"),
    "disbursements.include_again": _("Penerima dikembalikan ke daftar"),
    "disbursements.lock_list": _("Daftar dikunci"),
    "disbursements.unlock_list": _("Kunci daftar dibuka"),
    "disbursements.submit_list": _("Persetujuan diajukan"),
    "disbursements.check_list": _("Daftar diperiksa"),
    "disbursements.approve_list": _("Daftar disetujui"),
    "disbursements.send_back_list": _("Daftar dikembalikan"),
    "disbursements.record_sp2d": _("SP2D dicatat"),
    "disbursements.send_list": _("Dikirim ke bank"),
    "disbursements.hand_out_file": _("Berkas bank diunduh"),
    "disbursements.list_follows_lines": _("Keadaan daftar mengikuti pembayarannya"),
    "disbursements.close_list": _("Rekonsiliasi ditutup"),
    "disbursements.ask_cancel_list": _("Pembatalan daftar diminta"),
    "disbursements.cancel_list": _("Daftar dibatalkan"),
    "disbursements.open_submission": _("Kiriman ke bank dicatat sebelum dikirim"),
    "disbursements.move_submission": _("Keadaan kiriman berubah"),
    "disbursements.decide_submission": _("Kiriman yang belum diketahui diputus"),
    "disbursements.confirm_submission": _("Keputusan kiriman diperiksa orang kedua"),
    "disbursements.save_channel": _("Kanal bank diatur"),
    "disbursements.test_channel": _("Sambungan kanal bank diuji"),
    "disbursements.switch_channel": _("Kanal bank dinyalakan atau dimatikan"),
    "disbursements.accept_name": _("Penerimaan nama rekening yang berbeda diajukan"),
    "disbursements.confirm_name": _("Nama rekening diperiksa orang kedua"),
    "disbursements.ask_opening": _("Surat pembukaan rekening dicatat"),
    "disbursements.note_opening": _("Jawaban bank atas pembukaan rekening dicatat"),
    "disbursements.ask_rail_limit": _("Batas jalur baru diajukan"),
    "disbursements.answer_rail_limit": _("Batas jalur dijawab orang kedua"),
    "disbursements.save_layout": _("Susunan berkas bank diatur"),
    "disbursements.save_statement_layout": _("Susunan rekening koran diatur"),
    "disbursements.upload_result": _("Hasil bank diunggah"),
    "disbursements.read_result": _("Hasil bank dibaca di latar"),
    "disbursements.apply_result": _("Hasil bank diterapkan"),
    "disbursements.refuse_result": _("Hasil bank ditolak"),
    "disbursements.clear_staged_rows": _("Baris bacaan berkas bank dibersihkan"),
    "disbursements.decide_return": _("Retur diputus"),
    "disbursements.confirm_return": _("Keputusan retur diperiksa orang kedua"),
    "disbursements.request_goods": _("Jenis usaha diminta"),
    "disbursements.save_item": _("Isi paket disimpan"),
    "disbursements.open_warehouse": _("Gudang dicatat"),
    "disbursements.receive_lot": _("Lot barang diterima"),
    "disbursements.transfer_goods": _("Barang dipindahkan"),
    "disbursements.hand_over": _("Barang diserahkan"),
    "disbursements.open_photo": _("Foto serah terima dibuka"),
    "disbursements.take_back": _("Barang kembali"),
    "disbursements.replace_goods": _("Barang diganti"),
    "disbursements.open_counter": _("Loket tunai dibuka"),
    "disbursements.pay_cash": _("Dibayar tunai di loket"),
    "disbursements.undo_cash": _("Kuitansi loket dibatalkan"),
    "disbursements.ask_cash_correction": _("Koreksi kuitansi loket diajukan"),
    "disbursements.answer_cash_correction": _("Koreksi kuitansi loket dijawab"),
    "disbursements.confirm_cash_correction": _("Koreksi kuitansi loket disahkan"),
    "disbursements.refuse_cash_correction": _("Koreksi kuitansi loket ditolak"),
    "disbursements.close_counter": _("Loket tunai ditutup"),
    "disbursements.open_cash_proof": _("Bukti pembayaran tunai dibuka"),
    "disbursements.record_sts": _("STS dicatat"),
    "disbursements.audit_books": _("Buku diperiksa"),
    "disbursements.record_deposit": _("STS dicatat"),
    "disbursements.desk_aside": _("Baris bank disisihkan"),
    "disbursements.desk_link": _("Penautan baris bank diajukan"),
    "disbursements.desk_undo": _("Pembatalan padanan dicatat"),
    "disbursements.desk_answer": _("Orang kedua menjawab di meja rekonsiliasi"),
    "disbursements.close_day": _("Hari bank ditutup"),
    "disbursements.withdraw_files": _("Berkas yang menyebut SP2D lama ditarik"),
    "disbursements.ask_correction": _("Koreksi diajukan"),
    "disbursements.answer_correction": _("Koreksi dijawab orang kedua"),
    "disbursements.undo_sp2d": _("SP2D dibatalkan"),
    "disbursements.ask_year_closing": _("Penutupan tahun anggaran diajukan"),
    "disbursements.close_year": _("Tahun anggaran ditutup"),
    "disbursements.open_year": _("Tahun anggaran dibuka"),
    "disbursements.save_cash_plan": _("Rencana kas disimpan"),
    "disbursements.save_deadlines": _("Tenggat program disimpan"),
    "disbursements.load_account_use": _("Laporan transaksi rekening dimuat"),
}
LETTERS = {
    "disbursements.goods_handover": "documents/disbursements/goods_handover_v1.html",
    "disbursements.instruction": "documents/disbursements/instruction_v1.html",
    "disbursements.reconciliation": "documents/disbursements/reconciliation_v1.html",
    "disbursements.return_record": "documents/disbursements/return_record_v1.html",
    "disbursements.receipts": "v1",
    "disbursements.cash_register": "v1",
    "disbursements.update_record_names": "v1",
    "disbursements.treasury_report_long": "v1",
}


SECOND_LETTERS = {
    "disbursements.instruction": "documents/disbursements/instruction_v2.html",
    "disbursements.return_record": "documents/disbursements/return_record_v2.html",
}
SHEET = "documents/disbursements/sheet_v1.html"
SHEETS = (
    *("update_record", "funds_data", "accounts_to_close", "batch_receipt", "handover"),
    *("responsibility", "recap", "recap_province", "follow_up_list", "year_closing"),
    *("budget_card", "treasury_report"),
)


# Verbs of a second person, and what they said: agreed, refused.
ANSWERS = {
    "disbursements.answer_correction": (_("Koreksi disahkan"), _("Koreksi ditolak")),
    "disbursements.answer_cash_correction": (
        _("Koreksi kuitansi loket disahkan"),
        _("Koreksi kuitansi loket ditolak"),
    ),
    "disbursements.answer_rail_limit": (_("Batas jalur disahkan"), _("Batas jalur ditolak")),
    "disbursements.confirm_submission": (
        _("Keputusan kiriman disahkan"),
        _("Keputusan kiriman ditolak"),
    ),
    "disbursements.confirm_name": (_("Nama rekening disahkan"), _("Nama rekening ditolak")),
    "disbursements.confirm_return": (_("Keputusan retur disahkan"), _("Keputusan retur ditolak")),
}


class DisbursementsConfig(AppConfig):
    name = "disbursements"

    def ready(self) -> None:
        """Hand the apps below what they show or ask of money; models exist only from here on."""
        from bansos.audit.queries import tell, tell_answers
        from bansos.documents.registry import gate, template
        from beneficiaries.queries import PANELS, PAYEE_PANELS
        from disbursements.queries.entitlements import in_use
        from disbursements.queries.figures import ceiling_of
        from disbursements.queries.leaving import BANK_KINDS
        from disbursements.queries.life import effects, on_list
        from disbursements.queries.paid import SOURCE
        from disbursements.queries.people import payments_panel
        from disbursements.services import bank
        from disbursements.services.budgets import decree_problem
        from disbursements.services.life import take_out
        from disbursements.tables import budget_page
        from programs.queries.life import EFFECTS, ON_LIST
        from programs.queries.premiums import CEILINGS
        from programs.queries.scores import PAID
        from programs.services.decrees import BUDGET_CHECKS, BUDGET_PAGES
        from programs.services.events import AFTER
        from programs.services.units import USE_CHECKS

        tell(SENTENCES)
        tell_answers(ANSWERS)
        for kind, path in LETTERS.items():
            template(kind, version=1, path=path, valid_from=date(2025, 1, 1))
        for key in SHEETS:
            template(f"disbursements.{key}", version=1, path=SHEET, valid_from=date(2026, 1, 1))
        for kind, path in SECOND_LETTERS.items():
            template(kind, version=2, path=path, valid_from=date(2026, 1, 1))
        for kind in BANK_KINDS:
            gate(kind, bank.gate)
        PANELS.append(payments_panel)
        PAYEE_PANELS.append(payments_panel)
        BUDGET_CHECKS.append(decree_problem)
        BUDGET_PAGES.append(budget_page)
        USE_CHECKS.append(in_use)
        CEILINGS.append(ceiling_of)
        EFFECTS.append(effects)
        ON_LIST.append(on_list)
        AFTER.append(take_out)
        PAID.append(SOURCE)
