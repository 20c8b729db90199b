"""Every page of money in every state, in the browser's place: status, words, query counts."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bansos.accounts.models import User
from disbursements.models import PayList, ReturnCase
from disbursements.services import lists
from disbursements.tables import Lines
from tests.cast import Cast
from tests.factories.accounts import PASSWORD
from tests.factories.disbursements import (
    World,
    answer_csv,
    answer_row,
    fresh,
    lines_of,
    make_world,
    run,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast) -> World:
    """Six payees, budget and allocation."""
    return make_world(cast, people=6)


def page(user: User, name: str, *args: Any, query: str = "", status: int = 200) -> str:
    """The text of a page as this user sees it."""
    client = Client()
    client.force_login(user)
    response = client.get(reverse(f"disbursements:{name}", args=args) + query)
    assert response.status_code == status, response.content[:400]
    return response.content.decode()


def post(user: User, name: str, *args: Any, status: int = 302, **data: Any) -> str:
    """Send a form; its text when it does not redirect."""
    client = Client()
    client.force_login(user)
    response = client.post(reverse(f"disbursements:{name}", args=args), data)
    assert response.status_code == status, (response.status_code, response.content[:2000])
    return response.content.decode()


def test_budget_pages_say_the_formula(world: World) -> None:
    budi = world.cast.budi
    text = page(budi, "budgets")
    assert "Sisa = pagu − terikat − cair" in text
    assert "Rp100.000.000" in text
    assert "Kabupaten Madiun" in page(budi, "budget", world.budget.pk)
    assert "Pagu dicatat" in page(budi, "ledger")
    assert "Nomor DPA" in page(budi, "budget_new")
    page(world.cast.hadi, "budget_new", status=403)
    assert "Dilakukan" not in page(world.cast.aud, "budgets")
    assert "Pagu dicatat oleh staf program provinsi." in page(world.cast.aud, "budgets")


def test_allocation_over_the_ceiling_is_refused_in_words(world: World) -> None:
    text = post(
        world.cast.budi,
        "allocate",
        world.budget.pk,
        status=422,
        **{"35.19": "50.000.000", "35.20": "60.000.000"},
    )
    assert "Alokasi melebihi pagu sebesar Rp10.000.000" in text
    post(world.cast.budi, "allocate", world.budget.pk, **{"35.20": "40.000.000"})
    world.budget.refresh_from_db()
    assert world.budget.allocated == 90_000_000


def test_a_ceiling_is_changed_on_the_page(world: World) -> None:
    post(world.cast.budi, "budget", world.budget.pk, ceiling="120 juta", dpa_number="DPPA/1")
    text = page(world.cast.budi, "budget", world.budget.pk)
    assert "Rp120.000.000" in text
    text = post(
        world.cast.budi,
        "budget",
        world.budget.pk,
        status=422,
        ceiling="10 juta",
        dpa_number="DPPA/2",
    )
    assert "Pagu tidak dapat lebih kecil" in text


def test_a_dry_run_comes_before_the_list(world: World) -> None:
    query = f"?stage={world.stage.pk}&area_code=35.19"
    text = page(world.cast.budi, "list_new", query=query)
    assert "akan membayar 6 KPM, Rp3.000.000; 0 juga di program lain" in text
    assert not PayList.objects.exists()
    post(world.cast.budi, "list_new", stage=world.stage.pk, area_code="35.19")
    pay_list = PayList.objects.get()
    assert pay_list.number == "DB-35-2026-0001"
    text = page(world.cast.budi, "list", pay_list.pk)
    assert "Daftar masih disusun." in text
    run(pay_list.job)
    assert "Daftar DB-35-2026-0001 sudah ada" in page(world.cast.budi, "list_new", query=query)


def test_a_draft_shows_checks_and_why_it_cannot_be_locked(world: World) -> None:
    account = world.enrolments[0].account
    assert account
    account.holder_name = "Bambang Wicaksono"
    account.save()
    pay_list = world.drawn()
    text = page(world.cast.budi, "list", pay_list.pk)
    assert "1 penerima belum lolos pemeriksaan." in text
    assert "Nama pemilik rekening cocok" in text
    lines = page(world.cast.budi, "lines", pay_list.pk, query="?check=holder")
    assert "Nama pemilik rekening berbeda dari nama penerima." in lines
    assert "3519024108500001" not in lines
    text = post(world.cast.budi, "act", pay_list.pk, "kunci", status=409)
    assert "Daftar tidak dapat dikunci: 1 penerima belum lolos pemeriksaan." in text
    nik = world.enrolments[0].person.nik
    text = post(
        world.cast.budi,
        "exclude",
        pay_list.pk,
        status=200,
        tokens=f"{nik}\n99\nhalo dunia",
        reason="Nama rekening orang lain",
    )
    assert "1 penerima dikeluarkan" in text
    assert "halo d" in text
    line = pay_list.lines.get(state="excluded")
    post(world.cast.budi, "include", pay_list.pk, baris=[line.pk])
    assert fresh(pay_list).count == 6
    post(world.cast.budi, "exclude", pay_list.pk, status=200, tokens=nik, reason="Nama")
    post(world.cast.budi, "act", pay_list.pk, "kunci")
    assert "Terkunci" in page(world.cast.budi, "list", pay_list.pk)


def test_the_approval_page_repeats_the_money_and_asks_the_password(world: World) -> None:
    pay_list = world.awaiting()
    assert "Anda menyusun daftar ini, jadi tidak dapat memeriksanya." in page(
        world.cast.budi, "approve", pay_list.pk, status=200
    ) or "Pemeriksaan dilakukan oleh kepala seksi." in page(world.cast.budi, "approve", pay_list.pk)
    text = page(world.cast.ratna, "approve", pay_list.pk)
    assert "Nyatakan sudah diperiksa: Rp3.000.000 untuk 6 KPM" in text
    seen = {"seen_hash": pay_list.content_hash}
    text = post(world.cast.ratna, "approve", pay_list.pk, status=422, password="salah", **seen)
    assert "Kata sandi tidak cocok." in text
    post(world.cast.ratna, "approve", pay_list.pk, password=PASSWORD, **seen)
    text = page(world.cast.hadi, "approve", pay_list.pk)
    assert "Setujui Rp3.000.000 untuk 6 KPM" in text
    assert "tiga juta rupiah" in text
    stale = {"seen_hash": "0" * 64, "password": PASSWORD}
    text = post(world.cast.hadi, "approve", pay_list.pk, status=422, **stale)
    assert "Daftar ini berubah sejak halaman Anda dibuka." in text
    post(world.cast.hadi, "approve", pay_list.pk, password=PASSWORD, **seen)
    assert fresh(pay_list).state == "approved"


def test_a_list_goes_back_with_a_reason_and_old_rounds_stay(world: World) -> None:
    pay_list = world.awaiting()
    text = post(world.cast.ratna, "approve", pay_list.pk, status=422, kembalikan="1", note="")
    assert "Alasan pengembalian" in text
    post(world.cast.ratna, "approve", pay_list.pk, kembalikan="1", note="Cek rekening nomor 3")
    text = page(world.cast.budi, "list", pay_list.pk)
    assert "Cek rekening nomor 3" in text
    assert "Putaran 1" in text
    lists.lock(pay_list=fresh(pay_list), by=world.cast.budi, at=world.tick())
    post(world.cast.budi, "act", pay_list.pk, "ajukan")
    text = page(world.cast.ratna, "list", pay_list.pk)
    assert "Putaran 2" in text
    assert "Putaran 1" in text


def test_the_list_reaches_the_bank_and_the_answer_comes_back(world: World) -> None:
    tono = world.cast.tono
    pay_list = world.approved()
    text = post(
        tono,
        "sp2d",
        pay_list.pk,
        status=422,
        spm_number="SPM-1",
        sp2d_number="SP2D-1",
        sp2d_date="22-11-2026",
        amount="2.500.000",
    )
    assert "Jumlah SP2D Rp2.500.000 berbeda Rp500.000 dari daftar Rp3.000.000." in text
    good = {"spm_number": "SPM-1", "sp2d_number": "SP2D-1", "sp2d_date": "22-11-2026"}
    post(tono, "sp2d", pay_list.pk, amount="3.000.000", **good)
    text = post(world.cast.budi, "send", pay_list.pk, status=409)
    assert "Berkas bank belum lengkap." in text
    post(world.cast.budi, "bank_files", pay_list.pk)
    run(fresh(pay_list).job)
    text = page(world.cast.budi, "list", pay_list.pk)
    assert "ISO 20022 pain.001.001.09" in text
    assert "Buat pain.001.001.03" in text
    post(world.cast.budi, "bank_files", pay_list.pk, bentuk="pain001_03")
    run(fresh(pay_list).job)
    text = page(world.cast.budi, "list", pay_list.pk)
    assert "ISO 20022 pain.001.001.03" in text
    assert "Buat pain.001.001.03" not in text
    client = Client()
    client.force_login(world.cast.budi)
    response = client.get(reverse("disbursements:bank_file", args=[pay_list.pk, "csv"]))
    assert response["Content-Disposition"] == f'attachment; filename="{pay_list.number}.csv"'
    post(world.cast.budi, "send", pay_list.pk)
    text = page(tono, "results")
    assert "Unggah hasil bank" in text
    assert "bakuan umum, tidak disertifikasi bank mana pun" in text
    assert "Format umum, tidak disertifikasi bank mana pun." in page(tono, "upload", pay_list.pk)
    rows = [answer_row(line) for line in lines_of(pay_list)[:4]]
    rows.append(answer_row(lines_of(pay_list)[4], "GAGAL", "Rekening ditutup"))
    rows.append(["X", "1", "Asing", "500000", "BERHASIL", "", ""])
    file = SimpleUploadedFile("hasil.csv", answer_csv(rows), "text/csv")
    post(tono, "upload", pay_list.pk, file=file)
    result = pay_list.results.get()
    text = page(tono, "result", result.pk)
    assert "Terapkan 6 baris" in text
    assert f"{pay_list.number}. Format umum, tidak disertifikasi bank mana pun." in text
    post(tono, "apply", result.pk)
    result.refresh_from_db()
    run(result.job)
    text = page(tono, "result", result.pk)
    assert "Referensi ini tidak ada pada daftar bayar mana pun." in text
    assert "1 KPM tidak disebut bank" in text
    text = page(tono, "reconcile", pay_list.pk)
    assert "Selisih Rp1.000.000 (2 KPM)" in text
    case = ReturnCase.objects.get()
    assert "Putuskan" in page(tono, "return", case.pk)
    assert "Rekening ditutup" in page(tono, "returns")
    answer = {"aksi": "decide", "decision": "follow_up", "note": ""}
    text = post(tono, "return", case.pk, status=422, **answer)
    assert "Bagian ini wajib untuk keputusan itu." in text
    post(tono, "return", case.pk, number="0088997766", holder_name=case.line.payee_name, **answer)
    text = post(tono, "return", case.pk, status=422, aksi="confirm", agreed="ya")
    assert "Anda memutus retur ini, jadi tidak dapat mengesahkannya." in text
    post(world.cast.ratna, "return", case.pk, aksi="confirm", agreed="ya")
    post(world.cast.budi, "follow_up", pay_list.pk)
    follow_up = pay_list.follow_ups.get()
    assert "Susulan dari" in page(world.cast.budi, "list", follow_up.pk)
    text = post(tono, "reconcile", pay_list.pk, status=409)
    assert "Rekonsiliasi belum dapat ditutup." in text


@pytest.mark.parametrize("name", ["lists", "results", "returns", "ledger", "budgets"])
def test_other_provinces_see_nothing(world: World, name: str) -> None:
    pay_list = world.drawn()
    text = page(world.cast.kalt, name)
    assert pay_list.number not in text
    assert "PKH Plus" not in text
    page(world.cast.kalt, "list", pay_list.pk, status=404)
    page(world.cast.sari, name, status=403)


# The page of a list gathers what a dozen parts know; the others show rows.
ASKED = {"list": 15, "lines": 11, "exclude": 8, "approve": 13}


def test_pages_of_a_long_list_ask_few_queries(world: World) -> None:
    world.add_people(60)
    pay_list = world.drawn()
    client = Client()
    client.force_login(world.cast.budi)
    found = {}
    for name in ASKED:
        url = reverse(f"disbursements:{name}", args=[pay_list.pk])
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        found[name] = sum("SAVEPOINT" not in one["sql"] for one in asked.captured_queries)
    assert {name: count for name, count in found.items() if count > ASKED[name]} == {}, found


@pytest.mark.parametrize("area", ["35", "35.19", "35.20", "35.19.14", "35.19.14.2001", ""])
def test_the_kept_sums_of_lines_are_those_of_the_rows_the_reader_sees(
    world: World, area: str
) -> None:
    pay_list = world.drawn()
    reader = world.cast.budi
    reader.area_code = area
    rows = Lines(pay_list).queryset(reader)
    kept = Lines(pay_list).kept_sums(reader)
    if len(area) in {0, 13}:
        assert kept is None
        return
    amount = rows.aggregate(found=Sum("amount"))["found"] or 0
    assert kept == (rows.count(), {"amount": amount})
    if area == "35":
        assert rows.count() == pay_list.lines.count() > 0
