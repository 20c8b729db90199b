"""Sample values for /components/: every component in every state, all of it made up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.http import QueryDict

from bansos.lib.charts import Bar, bar_chart
from bansos.lib.lists import Column, ListPage, ListSpec
from bansos.lib.lists.keyset import Order
from bansos.lib.lists.page import Slice
from bansos.lib.parts import (
    Change,
    Check,
    Chip,
    Crumb,
    Event,
    FileRow,
    Head,
    JobCard,
    Pair,
    Round,
    Stat,
    Tab,
    Task,
    Vote,
    Word,
)

AT = datetime(2026, 11, 12, 7, 5, tzinfo=UTC)
LAYAK = Word("baik", "Layak")
WAITING = Word("menunggu", "Menunggu persetujuan")
DRAFT = Word("netral", "Draf")
SENT = Word("info", "Dikirim ke bank", "send")
RETURNED = Word("masalah", "Retur", "receipt-refund")
WORDS = (DRAFT, SENT, WAITING, LAYAK, RETURNED)
CHART = bar_chart(
    [
        Bar("Tahap 1", 1000, ceiling=1200, text="1.000 KPM"),
        Bar("Tahap 2", 700, ceiling=1200, text="700 KPM"),
        Bar("Tahap 3", 300, ceiling=1200, text="300 KPM"),
    ],
    title="Realisasi per tahap",
)


class SampleForm(forms.Form):
    """Every kind of field the component knows."""

    nik = forms.CharField(
        label="NIK",
        help_text="16 angka, seperti pada KTP.",
        widget=forms.TextInput(attrs={"data-echo": "nik", "inputmode": "numeric"}),
    )
    birth = forms.CharField(
        label="Tanggal lahir",
        widget=forms.TextInput(attrs={"data-echo": "tanggal", "data-age": "1"}),
    )
    amount = forms.CharField(
        label="Besaran bantuan", widget=forms.TextInput(attrs={"data-echo": "rupiah"})
    )
    stage = forms.ChoiceField(label="Tahap", choices=[("1", "Tahap 1"), ("2", "Tahap 2")])
    result = forms.ChoiceField(
        label="Hasil pemeriksaan",
        choices=[("layak", "Layak"), ("perbaikan", "Perlu perbaikan"), ("tidak", "Tidak layak")],
        widget=forms.RadioSelect,
    )
    needs = forms.MultipleChoiceField(
        label="Kebutuhan",
        required=False,
        choices=[("makan", "Makanan"), ("obat", "Obat")],
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(label="Catatan", required=False, widget=forms.Textarea({"rows": 3}))
    agree = forms.BooleanField(label="Saya sudah memeriksa seluruh baris.", required=False)


class FileForm(forms.Form):
    file = forms.FileField(label="Berkas penerima", help_text="XLSX, ODS, atau CSV.")


@dataclass(frozen=True)
class SampleRow:
    """A made-up row of the sample list."""

    pk: int
    name: str
    nik_masked: str
    area: str
    decile: int | None
    amount: Decimal
    paid_on: date | None
    word: Word


class SampleList(ListSpec):
    """Not registered and without a table: only its look is shown."""

    key = "contoh"
    title = "Daftar penerima"
    model = Model
    search_hint = "Nama atau NIK lengkap"
    empty_title = "Belum ada penerima di Kab. Madiun."
    empty_hint = "Mulai dari Impor data atau Tambah penerima."
    exportable = False
    columns = (
        Column("name", "Nama", kind="link", sort="name", priority=1),
        Column("nik", "NIK", value="nik_masked", kind="masked"),
        Column("area", "Kecamatan", sort="area"),
        Column("decile", "Desil", kind="number", priority=3),
        Column("amount", "Jumlah", kind="money", sort="amount", total=True),
        Column("paid_on", "Tanggal salur", kind="date"),
        Column("word", "Keadaan", kind="status"),
    )

    def queryset(self, user: Any) -> QuerySet[Any]:
        raise LookupError("the sample list has no table")

    def row_url(self, row: Any) -> str:
        return "#contoh-baris"


NAMES = ("Sutrisno", "Siti Aminah", "Muhammad Fathurrahman Wicaksono", "Ngatiyem", "Paijan")
AREAS = ("Dolopo", "Geger", "Mejayan", "Dagangan", "Wungu")


def _rows() -> list[SampleRow]:
    return [
        SampleRow(
            pk=place,
            name=NAMES[place % 5],
            nik_masked=f"351912********{place:02d}",
            area=AREAS[place % 5],
            decile=place % 4 + 1 if place % 3 else None,
            amount=Decimal(500_000 * (place % 3 + 1)),
            paid_on=date(2026, 10, place + 1) if place % 2 else None,
            word=WORDS[place % 5],
        )
        for place in range(12)
    ]


def sample_page(rows: list[SampleRow], count: int, *, text: str = "") -> ListPage:
    """A list page without a database."""
    return ListPage(
        spec=SampleList(),
        params=QueryDict("urut=name"),
        path="",
        order=Order("name"),
        filterset=None,
        search_text=text,
        slice=Slice(rows, next_pk="12" if rows else "", previous_pk="1" if rows else ""),
        filtered=None,  # type: ignore[arg-type]
        count=count,
        searchable=False,
    )


def _job(word: Word, **changed: Any) -> JobCard:
    base = {"title": "Impor PKH Plus tahap 4", "word": word, "done": 12_400, "total": 20_000}
    return JobCard(**{**base, **changed})


def _records() -> dict[str, Any]:
    vote = Vote(role="Kepala Seksi", word=WAITING)
    back = Vote(
        role="Kepala Bidang",
        word=Word("masalah", "Dikembalikan", "arrow-back-up"),
        by="Budi Santoso",
        at=AT,
        note="Empat rekening belum cocok nama.",
    )
    return {
        "events": [
            Event(at=AT, title="Daftar disetujui", by="Ratna Dewi", tone="baik", href="#contoh"),
            Event(at=AT, title="Diajukan", by="Sari Wulandari", text="1.568 KPM", tone="info"),
            Event(at=AT, title="Daftar disusun", by="Sari Wulandari"),
        ],
        "rounds": [Round(number=2, votes=[vote]), Round(number=1, votes=[back])],
        "checks": [
            Check(label="Penerima ganda", word=Word("baik", "Tidak ada"), count=0),
            Check(
                label="Rekening belum cocok nama",
                word=Word("masalah", "Perlu diperiksa"),
                count=4,
                href="#contoh",
                hint="Nama pemilik rekening berbeda dari KK.",
            ),
            Check(label="Padan Dukcapil", word=Word("menunggu", "Sedang dicek")),
        ],
        "jobs": [
            _job(Word("info", "Berjalan", "loader-2"), cancel_href="#contoh"),
            _job(
                Word("baik", "Selesai dengan catatan"),
                finished=True,
                message="1.180 baris masuk, 24 perlu diperbaiki.",
                result_href="#contoh",
                result_label="Unduh berkas perbaikan",
            ),
            _job(Word("netral", "Antre"), done=0, total=0),
        ],
        "files": [
            FileRow(name="SK Gubernur.pdf", href="#contoh", kind="PDF", size="240 KB"),
            FileRow(name="Lampiran BNBA.pdf", href="#contoh", note="Versi 2 dari 2"),
        ],
    }


def _tables() -> dict[str, Any]:
    return {
        "stats": [
            Stat(label="Penerima", value=1568, note="Kab. Madiun", href="#contoh"),
            Stat(label="Jumlah", value=Decimal(784_000_000)),
            Stat(label="Dikeluarkan", value=12, tone="menunggu"),
            Stat(label="Selisih", value=Decimal(0), tone="baik"),
        ],
        "pairs": [
            ("Program", "PKH Plus"),
            ("Besaran", Decimal(500_000)),
            ("Keadaan", LAYAK),
            Pair(label="Dasar", value="SK Nomor 188/12/KPTS/2026", href="#contoh"),
            Pair(label="Kunjungan terakhir", value=AT, hint="Oleh pendamping desa"),
            ("Catatan", None),
        ],
        "changes": [
            Change(label="Alamat", before="RT 02 RW 01", after="RT 03 RW 01"),
            Change(label="Desil", before=2, after=2),
        ],
        "columns": [Head(label="Tahap"), Head(label="KPM", kind="number"), Head(label="Jumlah")],
        "money_columns": [
            Head(label="Kab/Kota"),
            Head(label="KPM", kind="number"),
            Head(label="Jumlah", kind="money"),
        ],
        "money_rows": [
            ("Kab. Madiun", 1568, Decimal(784_000_000)),
            ("Kota Madiun", 212, Decimal(106_000_000)),
        ],
        "money_totals": ("Jumlah", 1780, Decimal(890_000_000)),
    }


def sample_context() -> dict[str, Any]:
    """Everything templates/components/all.html prints."""
    wrong = SampleForm({"nik": "351912", "birth": "12081957", "amount": "1,5 jt"})
    wrong.is_valid()
    return {
        "words": WORDS,
        "form": SampleForm(initial={"birth": "12-8-1957", "amount": "1.500.000"}),
        "wrong_form": wrong,
        "file_form": FileForm(),
        "ceiling": Decimal(2_000_000_000),
        "committed": Decimal(784_000_000),
        "paid": Decimal(912_500_000),
        "over": Decimal(1_200_000_000),
        "fingerprint_value": "9f2c41d07be8a65e" * 4,
        "steps": ["Susun", "Kunci", "Periksa", "Setujui", "SP2D", "Bank", "Salur", "Tutup"],
        "tasks": [
            Task(label="Identitas", href="#contoh", word=Word("baik", "Lengkap")),
            Task(
                label="Rekening", href="#contoh", word=Word("netral", "Belum diisi"), hint="2 isian"
            ),
        ],
        "tabs": [
            Tab(label="Perlu saya periksa", href="#contoh", active=True, count=42),
            Tab(label="Semua", href="#contoh", count=10_000),
            Tab(label="Riwayat", href="#contoh"),
        ],
        "chips": [
            Chip(label="Kecamatan", value="Dolopo", remove_href="#contoh"),
            Chip(label="Desil", value="1 – 4", remove_href="#contoh"),
        ],
        "crumbs": [
            Crumb(label="Penyaluran", href="#contoh"),
            Crumb(label="PKH Plus 2026", href="#contoh"),
            Crumb(label="Tahap 4"),
        ],
        "effects": ["Daftar tidak dapat diubah lagi.", "Kepala Bidang menerima tugas periksa."],
        "chart_svg": CHART,
        "full_list": sample_page(_rows(), 10_001),
        "no_match": sample_page([], 0, text="Sulastri"),
        "no_rows": sample_page([], 0),
        **_records(),
        **_tables(),
    }
