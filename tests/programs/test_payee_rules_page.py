"""Who may collect and who inherits, set on screen; and every rule of a file has its screen."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bansos.lib.errors import BadInput, Refused
from programs.choices import VersionState
from programs.models import ProgrammeVersion
from programs.rules.proxies import heir_sentences, proxy_sentences, rule_problems
from programs.rules.version_file import FIELDS
from programs.services.catalogue import change_version
from programs.services.loading import known_fields
from tests.access_life import Life, make_life
from tests.cast import Cast
from tests.factories.programs import NOW, DecreeFactory

MANAGE = {"cara-TOTAL_FORMS": "3", "cara-INITIAL_FORMS": "0"}
FILLED = {
    **MANAGE,
    "kuasa-article": "Juknis 2027: kuasa",
    "kuasa-most_days": "14",
    "kuasa-forbidden": ["companion", "bank_staff"],
    "cara-0-who": "family",
    "cara-0-relations": ["parent", "child"],
    "cara-0-same_kk": "on",
    "cara-0-letter": "Surat kuasa",
    "cara-0-witness": "companion",
    "cara-2-who": "other",
    "cara-2-confirmed": "on",
    "cara-2-account": "on",
    "waris-pays": "on",
    "waris-article": "Juknis 2027: ahli waris",
    "waris-before_close": "on",
    "waris-papers": "Surat kematian\nKTP ahli waris",
}
ON = (("confirmed", "on"), ("account", "on"))


@pytest.fixture
def life(cast: Cast) -> Life:
    return make_life(cast)


def address_of(version: ProgrammeVersion) -> str:
    return reverse("programs:payee_rules", args=[version.pk])


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in FILLED.items() if name not in names}


@pytest.mark.django_db
def test_the_rules_are_set_on_screen(cast: Cast, life: Life, client: Client) -> None:
    client.force_login(cast.budi)
    draft = life.draft
    assert client.post(address_of(draft), FILLED).status_code == 302
    draft.refresh_from_db()
    nothing = {"relations": [], "same_kk": False, "letter": "", "witness": ""}
    assert draft.proxy_rules == {
        "article": "Juknis 2027: kuasa",
        "most_days": 14,
        "forbidden": ["companion", "bank_staff"],
        "ways": [
            {
                "who": "family",
                "relations": ["parent", "child"],
                "same_kk": True,
                "letter": "Surat kuasa",
                "witness": "companion",
                "confirmed": False,
            },
            {"who": "other", **nothing, "confirmed": True, "account": True},
        ],
    }
    assert draft.heir_rules == {
        "article": "Juknis 2027: ahli waris",
        "pays": True,
        "same_kk": False,
        "before_passbook": False,
        "before_close": True,
        "papers": [
            {"code": "surat_kematian", "label": "Surat kematian"},
            {"code": "ktp_ahli_waris", "label": "KTP ahli waris"},
        ],
    }
    page = client.get(reverse("programs:version", args=[draft.pk])).content.decode()
    way = "Kuasa: Keluarga (orang tua, anak), dalam KK yang sama, dengan Surat kuasa"
    assert f"{way}, saksi pendamping." in page
    assert "Orang lain, sesudah konfirmasi Dinas Sosial Provinsi, rekening boleh atas" in page
    assert "Surat kuasa berlaku paling lama 14 hari." in page
    # All taken away again: nobody may.
    assert client.post(address_of(draft), MANAGE).status_code == 302
    draft.refresh_from_db()
    assert (draft.proxy_rules, draft.heir_rules) == ({}, {})


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["PKHPLUS", "ASPD", "KEMISEM", "KIP"])
def test_the_page_keeps_what_it_shows(cast: Cast, life: Life, client: Client, code: str) -> None:
    """What a guide says is shown and, sent back untouched, stays to the letter."""
    client.force_login(cast.budi)
    fields, draft = known_fields("35", code), life.draft
    known = {name: fields[name] for name in ("proxy_rules", "heir_rules")}
    ProgrammeVersion.objects.filter(pk=draft.pk).update(**known)
    context = client.get(address_of(draft)).context["forms"]
    sent: dict[str, Any] = {}
    for form in (context.proxy, context.heir, context.ways.management_form, *context.ways):
        for bound in form:
            value = bound.value()
            if value not in (None, False, ""):
                sent[bound.html_name] = "on" if value is True else value
    assert client.post(address_of(draft), sent).status_code == 302
    draft.refresh_from_db()
    assert draft.proxy_rules == known["proxy_rules"]
    assert draft.heir_rules == known["heir_rules"]


@pytest.mark.django_db
def test_looking_keeps_nothing(cast: Cast, life: Life, client: Client) -> None:
    client.force_login(cast.budi)
    seen = client.post(address_of(life.draft), {**FILLED, "lihat": "1"})
    assert seen.status_code == 200
    assert "Ahli waris: satu orang, sebelum tahap ditutup." in seen.content.decode()
    life.draft.refresh_from_db()
    assert life.draft.proxy_rules == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (without("kuasa-article"), "Aturan kuasa: pasal belum disebut."),
        (without("waris-article"), "Aturan ahli waris: pasal belum disebut."),
        ({**FILLED, "kuasa-most_days": "400"}, "366"),
        ({**FILLED, "kuasa-most_days": "dua"}, "Tulis angka bulat saja"),
        (
            {**FILLED, "cara-1-who": "companion"},
            "Aturan kuasa: Pendamping dibolehkan sekaligus dilarang.",
        ),
        (
            {
                **FILLED,
                **{f"cara-1-{name}": value for name, value in (("who", "other"), *ON)},
            },
            "Aturan kuasa: satu cara ditulis dua kali.",
        ),
        (without("waris-pays"), "Syarat ahli waris diisi, padahal ahli waris tidak dibayar."),
        ({**FILLED, "cara-0-witness": "moon"}, "moon"),
    ],
)
def test_a_wrong_rule_is_told_and_not_kept(
    cast: Cast, life: Life, client: Client, sent: dict[str, Any], said: str
) -> None:
    client.force_login(cast.budi)
    for more in ({}, {"lihat": "1"}):
        answer = client.post(address_of(life.draft), {**sent, **more})
        assert answer.status_code == 422
        assert said in answer.content.decode()
    life.draft.refresh_from_db()
    assert life.draft.proxy_rules == {}


def test_a_rule_nobody_can_read_is_told() -> None:
    way = {"who": "family", "relations": ["moon"]}
    rules = {"article": "1", "most_days": 0, "ways": [way]}
    papers = [{"code": "a", "label": "Surat"}, {"code": "a", "label": " "}]
    assert rule_problems(rules, {"article": "1", "pays": True, "papers": papers}) == [
        "Aturan kuasa: hubungan keluarga tidak dikenal.",
        "Aturan kuasa: masa surat kuasa harus antara 1 dan 366 hari.",
        "Aturan ahli waris: kode berkas kosong atau dipakai dua kali.",
        "Aturan ahli waris: ada berkas tanpa nama.",
    ]
    assert proxy_sentences({"article": "Pasal 3", "ways": []}) == ["Kuasa: tidak ada.", "Pasal 3"]
    # What nobody settled is not what somebody refused.
    assert proxy_sentences({}) == ["Kuasa: belum diatur, jadi belum ada yang boleh mewakili."]
    assert heir_sentences({}) == ["Ahli waris: belum diatur, jadi belum ada yang dibayar."]


@pytest.mark.django_db
def test_heirs_that_events_pay_stay(cast: Cast, life: Life) -> None:
    draft = life.draft
    heirs = {"article": "1", "pays": True}
    change_version(version=draft, by=cast.budi, at=NOW, heir_rules=heirs)
    rule = {"event": "death", "outcome": "pay_heir", "reason": "died", "article": "2"}
    draft.event_rules = [rule]
    draft.save(update_fields=["event_rules"])
    with pytest.raises(BadInput) as refused:
        change_version(version=draft, by=cast.budi, at=NOW, heir_rules={})
    assert refused.value.code == "PROG-HEIRS"
    draft.refresh_from_db()
    assert draft.heir_rules == heirs


@pytest.mark.django_db
def test_rules_that_a_decree_uses_stay(cast: Cast, life: Life, client: Client) -> None:
    DecreeFactory(version=life.version, approved=True, made_by=cast.budi)
    with pytest.raises(Refused) as used:
        change_version(version=life.version, by=cast.budi, at=NOW, heir_rules={})
    assert used.value.code == "PROG-USED"
    client.force_login(cast.budi)
    answer = client.post(address_of(life.version), FILLED)
    assert answer.status_code == 422
    assert "sudah dipakai sebuah SK" in answer.content.decode()


FROZEN = "Aturan tidak dapat diubah lagi."
EDITORS = [
    *("version_edit", "payee_rules", "event_rules", "exit_rules", "assessing_rules"),
    *("exclusions", "ranking_rule", "stages"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("page", EDITORS)
@pytest.mark.parametrize(
    ("reason", "words"),
    [("decree", "Sudah dipakai sebuah SK."), ("closed", "Versi ini sudah ditutup.")],
)
def test_an_editor_says_that_nothing_may_change(
    cast: Cast, life: Life, client: Client, page: str, reason: str, words: str
) -> None:
    client.force_login(cast.budi)
    address = reverse(f"programs:{page}", args=[life.version.pk])
    assert FROZEN not in client.get(address).content.decode()
    if reason == "decree":
        DecreeFactory(version=life.version, approved=True, made_by=cast.budi)
    else:
        life.version.state = VersionState.CLOSED
        life.version.save()
    said = client.get(address).content.decode()
    assert FROZEN in said
    assert words in said
    # The button that saves says why it is off.
    assert "b-off-why" in said


@pytest.mark.django_db
def test_a_page_of_frozen_rules_offers_no_change(cast: Cast, life: Life, client: Client) -> None:
    client.force_login(cast.budi)
    address = reverse("programs:version", args=[life.version.pk])
    link = f'class="b-card-action" href="{reverse("programs:event_rules", args=[life.version.pk])}"'
    assert link in client.get(address).content.decode()
    DecreeFactory(version=life.version, approved=True, made_by=cast.budi)
    said = client.get(address).content.decode()
    assert "b-card-action" not in said


# Key of the file -> the page that edits it.
SCREENS = {
    "version_edit": (
        "penerima bentuk_bantuan besaran_setahun pagu_dibagi tarif satuan_tarif kuota_program"
        " target_wilayah target_bersama dokumen dasar_hukum alasan_tidak_layak alasan_berhenti"
        " kalender jalur_penyaluran langkah_verifikasi pertanyaan_pemantauan contoh_dokumen"
        " sumber_dana ukuran_keberhasilan bank_penyalur kode_rekening sumber"
    ),
    "criteria": "kriteria",
    "ranking_rule": "urutan",
    "exclusions": "tidak_bersama",
    "payee_rules": "aturan_kuasa aturan_ahli_waris",
    "event_rules": "aturan_peristiwa",
    "exit_rules": "aturan_selesai",
    "assessing_rules": "saluran_usulan formulir_asesmen aturan_rab",
    "letters": "naskah_dokumen",
}


@pytest.mark.django_db
def test_every_rule_of_a_file_has_its_screen(cast: Cast, life: Life, client: Client) -> None:
    """A new key of the file needs a place here, and a page that the editor links to."""
    assert sorted(" ".join(SCREENS.values()).split()) == sorted(FIELDS)
    client.force_login(cast.budi)
    page = client.get(reverse("programs:version_edit", args=[life.draft.pk])).content.decode()
    for name in {*SCREENS, "stages", "quotas"} - {"version_edit"}:
        address = reverse(f"programs:{name}", args=[life.draft.pk])
        assert f'href="{address}"' in page, name
        assert client.get(address).status_code == 200, name
