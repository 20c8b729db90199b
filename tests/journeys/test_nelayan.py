"""A new programme from the screen alone: "Bantuan Nelayan Kecil", as its guide tells it.

Rp2.000.000 in two stages, for coastal villages, not together with KIP Jawara. With
GAMBAR_NELAYAN set to a folder each step leaves its picture there (docs/gambar/nelayan).
"""

from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from bansos.accounts.models import User
from bansos.regions.choices import Level
from bansos.regions.models import Region
from beneficiaries.models import Person
from programs.choices import EnrolmentState
from programs.models import Enrolment, Programme, ProgrammeVersion
from tests.cast import Cast, make_cast
from tests.factories.accounts import UserFactory
from tests.factories.beneficiaries import BankAccountFactory, PersonFactory
from tests.factories.programs import EnrolmentFactory, ProgrammeFactory, ProgrammeVersionFactory
from tests.looks import sign_in

PALANG = "35.23.18.2011"
COAST = ("35.23.18.2011", "35.23.18.2012", "35.23.18.2016")
LIMIT = 600  # seconds
YEAR = 2026
STAGES = (("Tahap 1", f"15-04-{YEAR}"), ("Tahap 2", f"15-09-{YEAR}"))


class Screen:
    """The browser with its pictures."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0
        page.set_viewport_size({"width": 1366, "height": 900})

    def picture(self, name: str) -> None:
        """What the officer sees at this step, for the guide."""
        self.count += 1
        folder = os.environ.get("GAMBAR_NELAYAN")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.evaluate("window.scrollTo(0, 0)")
            self.page.screenshot(path=f"{folder}/{self.count}-{name}.png")

    def press(self, words: str) -> None:
        self.page.get_by_role("button", name=words, exact=True).click()

    def follow(self, words: str) -> None:
        self.page.locator("#isi").get_by_role("link", name=words, exact=True).first.click()

    def fill(self, **fields: str) -> None:
        for name, text in fields.items():
            self.page.locator(f"[name='{name}']").fill(text)

    def choose(self, name: str, label: str) -> None:
        self.page.locator(f"[name='{name}']").select_option(label=label)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The office, the coast of Tuban with an officer, and KIP Jawara of this year."""
    cast = make_cast()
    for code, name, level in (
        ("35.23", "Kabupaten Tuban", Level.REGENCY),
        ("35.23.18", "Palang", Level.DISTRICT),
        *((code, name, Level.VILLAGE) for code, name in zip(COAST, NAMES, strict=True)),
    ):
        parent = code[: {5: 2, 8: 5, 13: 8}[len(code)]]
        Region.objects.create(code=code, name=name, level=level, parent_id=parent)
    UserFactory(username="tuban", full_name="Joko Wibowo", role="petugas_kab", area_code="35.23")
    ProgrammeVersionFactory(
        programme=ProgrammeFactory(agency=cast.agency, code="KIP", name="KIP Jawara"),
        one_per_family=False,
        year=YEAR,
    )
    return cast


NAMES = ("Palang", "Glodog", "Karangagung")


def fisher(cast: Cast) -> Person:
    """Somebody of Palang who is 40 and has an account at the paying bank."""
    made: Person = PersonFactory(
        name="Sumarni",
        family__head_name="Suparno",
        birth_place="Tuban",
        area_code=PALANG,
        village_id=PALANG,
        birth_date=date(1986, 1, 15),
        created_by=cast.sari,
    )
    BankAccountFactory(person=made)
    return made


def set_up(screen: Screen) -> None:
    """The staff of the province: name, rules, stages, criteria, exclusion, quota, in force."""
    page = screen.page
    page.goto(reverse("programs:catalogue"))
    screen.follow("Program baru")
    screen.fill(
        code="NELAYAN",
        name="Bantuan Nelayan Kecil",
        purpose="Modal alat tangkap bagi nelayan kecil di desa pesisir.",
    )
    screen.picture("program-baru")
    screen.press("Simpan")
    screen.follow("Aturan tahun baru")
    screen.fill(
        year=str(YEAR),
        annual_amount="2.000.000",
        quota_total="300",
        legal_basis="Undang-Undang Nomor 13 Tahun 2011",
        documents="*KTP dan KK\nFoto perahu atau alat tangkap",
        reject_reasons="Bukan nelayan kecil\nDokumen kurang",
        stop_reasons="Meninggal\nPindah dari desa pesisir\nTidak lagi melaut",
        source_note="Program baru provinsi",
    )
    screen.choose("payee_kind", "Perorangan")
    screen.picture("aturan-tahun")
    screen.press("Simpan")
    expect(page.get_by_role("heading", name="Ubah aturan")).to_be_visible()
    version = ProgrammeVersion.objects.get(programme__code="NELAYAN")
    edit = reverse("programs:version_edit", args=[version.pk])
    page.goto(edit)
    screen.follow("Ubah tahap")
    for place, (name, day) in enumerate(
        (("Tahap 1", f"15-04-{YEAR}"), ("Tahap 2", f"15-09-{YEAR}"))
    ):
        screen.fill(
            **{
                f"form-{place}-name": name,
                f"form-{place}-stage_date": day,
                f"form-{place}-amount": "1.000.000",
            }
        )
    screen.picture("dua-tahap")
    screen.press("Simpan tahap")
    page.goto(edit)
    screen.follow("Atur kriteria")
    screen.follow("Tambah kriteria")
    page.locator("select[name=jenis]").select_option("domicile_in_areas")
    screen.press("Lanjut")
    screen.fill(p_areas="\n".join(COAST), p_name="desa pesisir")
    screen.press("Lihat kalimatnya")
    screen.picture("desa-pesisir")
    screen.press("Simpan kriteria")
    screen.follow("Tambah kriteria")
    page.locator("select[name=jenis]").select_option("field_check")
    screen.press("Lanjut")
    screen.fill(p_key="fisher", p_question="Nelayan kecil yang masih melaut")
    screen.press("Simpan kriteria")
    screen.picture("kriteria")
    page.goto(reverse("programs:exclusions", args=[version.pk]))
    screen.choose("form-0-what", "KIP Jawara (KIP)")
    screen.picture("tidak-bersama-kip")
    screen.press("Simpan aturan")
    page.goto(reverse("programs:quotas", args=[version.pk]))
    page.locator("[name='kuota_35.23']").fill("300")
    page.locator("#isi").get_by_role("button", name="Simpan").first.click()
    page.goto(reverse("programs:version", args=[version.pk]))
    screen.press("Berlakukan")
    screen.picture("berlaku")


def propose(screen: Screen, person: Person, label: str) -> None:
    """The officer of the regency: the NIK, what the register says, sent."""
    screen.page.goto(reverse("programs:proposal_new"))
    screen.choose("version", label)
    screen.fill(nik=person.nik or "")
    screen.press("Periksa NIK")
    screen.page.locator("button[value], button").get_by_text("Periksa jawaban").first.click()
    screen.page.get_by_role("button", name="Ajukan usulan").first.click()


def test_a_new_programme_needs_the_screen_alone(
    cast: Cast, page: Page, live_server: LiveServer
) -> None:
    started = time.monotonic()
    sign_in(page, live_server, cast.budi)
    page.goto(live_server.url)
    screen = Screen(page)
    set_up(screen)
    version = ProgrammeVersion.objects.get(programme=Programme.objects.get(code="NELAYAN"))
    assert version.state == "active"
    assert [(s.name, int(s.amount or 0)) for s in version.stages.all()] == [
        ("Tahap 1", 1_000_000),
        ("Tahap 2", 1_000_000),
    ]
    first, second = fisher(cast), fisher(cast)
    kip = ProgrammeVersion.objects.get(programme__code="KIP")
    EnrolmentFactory(version=kip, person=second, active=True, account=None)
    sign_in(page, live_server, User.objects.get(username="tuban"))
    label = f"Bantuan Nelayan Kecil {YEAR}"
    propose(screen, first, label)
    made = Enrolment.objects.get(version=version)
    assert (made.person, made.state) == (first, EnrolmentState.PROPOSED)
    expect(page.get_by_text("desa pesisir").first).to_be_visible()
    screen.picture("usulan-nelayan")
    propose(screen, second, label)
    expect(page.get_by_text("KIP Jawara").first).to_be_visible()
    assert Enrolment.objects.filter(version=version).count() == 1
    assert time.monotonic() - started < LIMIT
