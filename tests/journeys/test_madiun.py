"""PKH Plus of Kabupaten Madiun on screen: from the regency's list to the closed reconciliation.

Eight rows, two with defects, one person without a PKH family: five are paid Rp500.000 each, one
payment comes back and goes to kas daerah. Everybody does their own part, signed in by password.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from bansos.accounts.models import User
from bansos.audit import services as audit
from disbursements.models import PayList
from disbursements.queries.audit import audit_books
from tests.cast import Cast
from tests.factories.accounts import PASSWORD
from tests.ground.worker import Worker
from tests.journeys.madiun import ELDERS, bank_answer, guide_sheet, make_ground

PATIENCE = 90_000  # milliseconds, for a busy machine
RETURNED = "PAIMIN"
UNFIT = "TUMINEM"
TOTAL = "Rp2.500.000"


@dataclass
class Office:
    """One browser at which one person after another sits down."""

    page: Page
    cast: Cast
    folder: Path

    @contextmanager
    def signed_in(self, user: User) -> Iterator[Page]:
        """Through the sign-in page in, by the menu of the account out."""
        page = self.page
        page.goto("/")
        page.get_by_label("Nama akun").fill(user.username)
        page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
        self.press("Masuk")
        expect(page.get_by_role("heading", name="Tugas saya", level=1)).to_be_visible()
        yield page
        page.get_by_label(f"Akun {user.full_name}").click()
        self.press("Keluar")
        expect(page.get_by_label("Nama akun")).to_be_visible()

    def menu(self, label: str) -> None:
        """Open a page by the left menu."""
        menu = self.page.get_by_role("navigation", name="Menu utama")
        menu.get_by_role("link", name=label, exact=True).click()

    def press(self, name: str) -> None:
        """A button by its whole label."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """A link by its whole label."""
        self.page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()

    def sees(self, *words: str) -> None:
        """These words stand in the page."""
        for text in words:
            expect(self.page.get_by_role("main")).to_contain_text(text)

    def waits_for(self, what: Locator) -> None:
        """The page follows the worker by itself: nobody reloads it."""
        expect(what.first).to_be_visible(timeout=PATIENCE)

    def downloads(self, name: str, *, role: str = "button") -> bytes:
        """The bytes behind a button or link."""
        main = self.page.get_by_role("main")
        found = main.get_by_role(role, name=name).first  # type: ignore[arg-type]
        with self.page.expect_download() as download:
            found.click()
        target = self.folder / download.value.suggested_filename
        download.value.save_as(target)
        return target.read_bytes()

    def signs(self, button: str) -> None:
        """The password once more."""
        self.page.get_by_label("Kata sandi Anda").fill(PASSWORD)
        self.press(button)


@pytest.fixture
def office(page: Page, worker: Worker, tmp_path: Path) -> Office:
    return Office(page, make_ground(), tmp_path)


def test_a_stage_of_madiun_from_the_list_to_the_report(office: Office) -> None:
    bring_in_the_list(office)
    verify_each(office)
    make_the_records(office)
    record_the_budget(office)
    draft_the_decree(office)
    approve_the_decree(office)
    draw_the_list(office)
    sign_the_list(office)
    record_the_sp2d(office)
    bank_csv = send_to_the_bank(office)
    answer_of_the_bank(office, bank_csv)
    decide_the_return(office)
    pay_into_the_treasury_and_close(office)
    report(office)
    assert PayList.objects.get().state == "closed"
    now = timezone.now()
    assert audit_books(at=now).sentences == []
    assert audit.verify(at=now).breaches == []


def bring_in_the_list(office: Office) -> None:
    """Petugas: upload, columns, check, error workbook, accept."""
    file = office.folder / "pkh-plus-madiun.xlsx"
    file.write_bytes(guide_sheet())
    with office.signed_in(office.cast.sari) as page:
        office.menu("Impor data")
        cards = page.locator("section", has=page.get_by_role("heading", name="Usulan"))
        cards.get_by_role("link", name="Unggah daftar").first.click()
        page.get_by_label("Program dan tahun").select_option(label="PKH Plus 2026")
        page.locator("input[type=file]").set_input_files(str(file))
        office.press("Unggah dan lanjut")
        expect(page.get_by_label("NIK LANSIA")).to_have_value("5")
        office.press("Periksa daftar")
        office.waits_for(page.get_by_role("button", name="Masukkan 6 baris"))
        office.sees("NIK harus 16 angka. Yang diisi 12 angka.", "SUYATNO")
        sheet = office.downloads("Unduh berkas perbaikan")
        book = CalamineWorkbook.from_filelike(io.BytesIO(sheet))
        cells = str(book.get_sheet_by_index(0).to_python())
        assert "WAGINAH" in cells
        assert "SUYATNO" in cells
        assert "SUMARNI" not in cells
        office.press("Masukkan 6 baris")
        office.waits_for(page.get_by_text("6 baris masuk"))
        office.follow("Lihat hasilnya")
        good = [elder.name for elder in ELDERS if elder.name not in {"WAGINAH", "SUYATNO"}]
        for name in good:
            expect(page.get_by_text(name).first).to_be_visible()


def verify_each(office: Office) -> None:
    """Verifikator: one after the other in the queue."""
    with office.signed_in(office.cast.vera) as page:
        office.menu("Antrean verifikasi")
        for left in range(6, 0, -1):
            office.sees(f"1 dari {left}")
            unfit = page.get_by_role("main").get_by_text(UNFIT).count() > 0
            if unfit:
                page.get_by_label("Tidak layak").check()
                page.get_by_label("Alasan").select_option(label="Bukan keluarga PKH reguler")
            else:
                page.get_by_label("Layak", exact=True).check()
                # No photo of the KTP was attached: the note says why it is a yes all the same.
                page.get_by_label("Catatan").fill("KTP dan KK asli dilihat saat kunjungan.")
            office.press("Simpan dan lanjut")
            expect(page.get_by_text("1 putusan disimpan.")).to_be_visible()
        office.sees("Antrean kosong.", "6 usulan Anda putus hari ini")
        office.follow("Lihat Berita Acara")


def make_the_records(office: Office) -> None:
    """Verifikator: the Berita Acara of both districts."""
    with office.signed_in(office.cast.vera) as page:
        for _district in range(2):
            office.menu("Berita Acara")
            page.get_by_role("button", name="Buat Berita Acara").first.click()
            office.waits_for(page.get_by_role("link", name="Buka hasil"))
        office.menu("Berita Acara")
        expect(page.get_by_role("button", name="Buat Berita Acara")).to_have_count(0)


def record_the_budget(office: Office) -> None:
    """Staf: DPA, ceiling, the share of the regency."""
    with office.signed_in(office.cast.budi) as page:
        office.menu("Pagu & alokasi")
        office.follow("Catat pagu")
        page.get_by_role("combobox", name="Program").select_option(label="PKH Plus 2026")
        page.get_by_label("Nomor DPA").fill("DPA/A.1/1.06.0.00/2026")
        page.get_by_label("Tanggal DPA").fill("5 Januari 2026")
        page.get_by_label("Kode rekening belanja").fill("5.1.06.01")
        page.get_by_label("Pagu", exact=True).fill("20.000.000")
        office.press("Catat pagu")
        office.follow("Atur alokasi")
        page.get_by_label("Kabupaten Madiun").fill("10.000.000")
        office.press("Simpan alokasi")
        office.sees("Kabupaten Madiun", "Rp10.000.000")


def draft_the_decree(office: Office) -> None:
    """Staf: a draft of the eligible, submitted."""
    with office.signed_in(office.cast.budi) as page:
        office.menu("Penetapan (SK)")
        office.follow("Susun SK")
        page.get_by_label("Program dan tahun").select_option(label="PKH Plus 2026")
        page.get_by_label("Wilayah").select_option(label="Kabupaten Madiun")
        office.press("Susun draf SK")
        office.sees("Rp10.000.000", "SUMARNI")
        expect(page.get_by_role("main")).not_to_contain_text(UNFIT)
        office.press("Ajukan persetujuan")


def approve_the_decree(office: Office) -> None:
    """Kepala Dinas: number, date, password."""
    with office.signed_in(office.cast.hadi) as page:
        office.follow("Periksa berikutnya")
        office.follow("Periksa dan setujui")
        page.get_by_label("Nomor SK").fill("188/219/KPTS/013/2026")
        page.get_by_label("Tanggal SK").fill(today_words())
        office.signs("Setujui SK untuk 5 penerima")
        office.waits_for(page.get_by_role("link", name="Buka hasil"))


def today_words() -> str:
    """The date as an officer types it."""
    return f"{timezone.localdate():%d/%m/%Y}"


def draw_the_list(office: Office) -> None:
    """Staf: dry run, draw, lock, submit."""
    with office.signed_in(office.cast.budi) as page:
        office.menu("Daftar bayar")
        office.follow("Susun daftar bayar")
        page.get_by_label("Program dan tahap").select_option(label="PKH Plus 2026, Tahap 1")
        page.get_by_label("Kabupaten/Kota").select_option(label="Kabupaten Madiun")
        office.press("Hitung")
        office.sees(f"akan membayar 5 KPM, {TOTAL}")
        office.press("Susun daftar 5 KPM")
        office.waits_for(page.get_by_text("Pemeriksaan sebelum dikunci"))
        office.press("Kunci daftar")
        office.press("Ajukan persetujuan")
        office.sees("Menunggu persetujuan")


def sign_the_list(office: Office) -> None:
    """Kepala seksi checks, Kepala Dinas approves."""
    words = f"{TOTAL} untuk 5 KPM"
    with office.signed_in(office.cast.ratna):
        office.follow("Periksa berikutnya")
        office.follow("Periksa daftar")
        office.signs(f"Nyatakan sudah diperiksa: {words}")
    with office.signed_in(office.cast.hadi):
        office.follow("Periksa berikutnya")
        office.follow(f"Setujui {words}")
        office.sees("dua juta lima ratus ribu rupiah")
        office.signs(f"Setujui {words}")
        office.sees("Disetujui")


def record_the_sp2d(office: Office) -> None:
    """Bendahara: SPM and SP2D of the whole sum."""
    with office.signed_in(office.cast.tono) as page:
        office.follow("Periksa berikutnya")
        office.follow("Catat SP2D")
        page.get_by_label("Nomor SPM").fill("001/SPM-LS/DINSOS/2026")
        page.get_by_label("Nomor SP2D").fill("001/SP2D/2026")
        page.get_by_label("Tanggal SP2D").fill(today_words())
        page.get_by_label("Jumlah SP2D").fill("2.500.000")
        office.press("Catat SP2D")
        office.sees("SP2D terbit")


def send_to_the_bank(office: Office) -> bytes:
    """Staf: four files, the CSV taken, marked as sent."""
    with office.signed_in(office.cast.budi) as page:
        office.menu("Daftar bayar")
        page.get_by_role("main").get_by_role("link", name="DB-35-2026-0001").click()
        office.press("Buat berkas bank")
        office.waits_for(page.get_by_role("link", name="Surat standing instruction"))
        taken = office.downloads("CSV umum", role="link")
        office.press("Tandai sudah dibawa ke bank")
        office.sees("Dikirim ke bank")
    assert b"2500000.00" in taken
    return taken


def answer_of_the_bank(office: Office, bank_csv: bytes) -> None:
    """Bendahara: what the bank answered, applied."""
    file = office.folder / "hasil-bank.csv"
    file.write_bytes(bank_answer(bank_csv, returned=RETURNED, day=timezone.localdate()))
    with office.signed_in(office.cast.tono) as page:
        office.menu("Hasil salur")
        office.follow("Unggah hasil bank")
        page.locator("input[type=file]").set_input_files(str(file))
        office.press("Unggah dan baca")
        office.press("Terapkan 5 baris")
        office.waits_for(page.get_by_text("Diterapkan", exact=True))
        office.sees("1 pembayaran kembali dari bank")


def decide_the_return(office: Office) -> None:
    """Bendahara: back to kas daerah; kepala seksi confirms."""
    with office.signed_in(office.cast.tono) as page:
        office.menu("Retur")
        page.get_by_role("main").get_by_role("link", name=RETURNED).first.click()
        page.get_by_label("Setor ke kas daerah").check()
        page.get_by_label("Catatan").fill("Tidak ada yang berhak menerima.")
        office.press("Simpan keputusan")
    with office.signed_in(office.cast.ratna) as page:
        office.follow("Periksa berikutnya")
        office.sees("Daftar bayar: DB-35-2026-0001")
        office.follow(RETURNED)
        page.get_by_label("Saya sahkan").check()
        office.press("Simpan jawaban")
        office.sees("Disahkan oleh")


def pay_into_the_treasury_and_close(office: Office) -> None:
    """Bendahara: the deposit slip, then no difference is left."""
    with office.signed_in(office.cast.tono) as page:
        office.menu("Retur")
        page.get_by_role("main").get_by_role("link", name=RETURNED).first.click()
        page.get_by_label("Nomor STS").fill("STS/001/2026")
        page.get_by_label("Tanggal STS").fill(today_words())
        page.get_by_label("Jumlah STS").fill("500.000")
        office.press("Catat STS")
        office.follow("Buka daftar")
        office.sees("Disetor ke kas daerah")
        office.follow("Rekonsiliasi")
        office.sees(
            f"SP2D {TOTAL} = tersalur Rp2.000.000 + dibayar susulan Rp0 + disetor Rp500.000"
        )
        office.sees("Selisih Rp0.")
        office.press("Tutup rekonsiliasi")
        office.waits_for(page.get_by_text("Ditutup", exact=True))


def report(office: Office) -> None:
    """Staf: the monitoring report of the year, its PDF opened."""
    with office.signed_in(office.cast.budi) as page:
        office.menu("Laporan")
        office.follow("Buat laporan PDF")
        page.get_by_label("Program dan tahun").select_option(label="PKH Plus 2026")
        page.get_by_label("Wilayah").select_option(label="Kabupaten Madiun")
        # It is offered up to the end of the programme's year; this chain is played today.
        page.get_by_label("Sampai tanggal").fill(today_words())
        office.press("Buat laporan")
        link = page.get_by_role("main").get_by_role("link", name="Buka PDF")
        office.waits_for(link)
        office.sees(TOTAL)
        answer = page.request.get(str(link.first.get_attribute("href")))
        text = "".join(leaf.extract_text() for leaf in PdfReader(io.BytesIO(answer.body())).pages)
    assert "Kabupaten Madiun" in text
    assert TOTAL in text
