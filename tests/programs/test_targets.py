"""At least so many in every regency (KIP Jawara: 100): shown and warned, never refused."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from bansos.lib.errors import BadInput
from programs.choices import DecreeState
from programs.models import Programme, ProgrammeVersion
from programs.queries.differences import version_changes
from programs.queries.targets import decree_target, simulation_target
from programs.rules.versions import target_quota_words, target_words
from programs.services.catalogue import change_version, copy_version
from programs.services.decrees import draft_decree, submit_decree
from tests.cast import Cast
from tests.factories.programs import (
    DecreeFactory,
    DecreeLineFactory,
    EnrolmentFactory,
    ProgrammeFactory,
    ProgrammeVersionFactory,
)
from tests.programs.stage import AT, elder, pkh_plus
from tests.programs.test_api_catalogue import api, patch
from tests.programs.test_simulations import AGE, simulated, version_with
from tests.programs.test_simulations import elder as born

pytestmark = pytest.mark.django_db


def test_the_words_name_the_furthest_and_count_the_rest() -> None:
    counts = {f"Kab. {letter}": place * 20 for place, letter in enumerate("ABCDEFGH")}
    assert target_words(100, counts) == (
        "5 dari 8 kabupaten/kota belum mencapai target paling sedikit 100:"
        " Kab. A 0, Kab. B 20, Kab. C 40, Kab. D 60, Kab. E 80."
    )
    assert target_words(121, counts).endswith("Kab. E 80, dan 2 lain.")
    assert target_words(0, counts) == ""
    assert target_words(100, {"Kota Batu": 100}) == ""
    assert target_words(1_000, {"Kota Batu": 7}) == (
        "Kota Batu: 7 dari target paling sedikit 1.000, kurang 993."
    )


def test_a_quota_without_room_is_told() -> None:
    places = {"Kota Batu": 60, "Kota Blitar": 100, "Kota Malang": 99}
    assert target_quota_words(100, total=3_799, regencies=38, places=places) == [
        "Kuota program 3.799, sedangkan target semua kabupaten/kota 3.800.",
        "Kuota di bawah target: Kota Batu 60, Kota Malang 99.",
    ]
    assert target_quota_words(100, total=3_800, regencies=38, places={}) == []
    assert target_quota_words(100, total=None, regencies=38, places={}) == []


def page_of(client: Client, version: ProgrammeVersion) -> str:
    address = reverse("programs:version", args=[version.pk])
    return client.get(f"{address}?tab=kuota").content.decode()


def test_the_quota_page_shows_how_far_it_is(cast: Cast, client: Client) -> None:
    version = pkh_plus(cast, regency_target=3)
    EnrolmentFactory(version=version, person=elder(cast), active=True)
    EnrolmentFactory(version=version, eligible=True, person=elder(cast))
    client.force_login(cast.budi)
    page = page_of(client, version)
    assert "Target paling sedikit 3 tiap kabupaten/kota" in page
    # Only who is named counts: one of the two of Madiun.
    assert "belum mencapai target paling sedikit 3" in page
    row = page[page.index("Kabupaten Madiun</a>") :]
    assert row[: row.index("</tr>")].endswith('<td class="num">3</td><td class="num">2</td>')
    client.force_login(cast.sari)
    assert "Kabupaten Madiun: 1 dari target paling sedikit 3, kurang 2." in page_of(client, version)
    version.regency_target = None
    version.save()
    assert "target paling sedikit" not in page_of(client, version)


def test_a_decree_below_is_warned_and_goes_on(cast: Cast, client: Client) -> None:
    version = pkh_plus(cast, regency_target=2)
    EnrolmentFactory(version=version, eligible=True, person=elder(cast))
    decree = draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)
    words = "Kabupaten Madiun: 1 dari target paling sedikit 2, kurang 1."
    assert decree_target(decree) == words
    client.force_login(cast.budi)
    address = reverse("programs:decree", args=[decree.pk])
    assert words in client.get(address).content.decode()
    submitted = submit_decree(decree=decree, by=cast.budi, at=AT)
    assert submitted.state == DecreeState.SUBMITTED
    client.force_login(cast.hadi)
    sign = reverse("programs:decree_approve", args=[decree.pk])
    assert words in client.get(sign).content.decode()
    ProgrammeVersion.objects.filter(pk=version.pk).update(regency_target=1)
    assert words not in client.get(address).content.decode()


def test_other_decrees_of_the_regency_count_too(cast: Cast) -> None:
    version = pkh_plus(cast, regency_target=3)
    kebonsari = EnrolmentFactory(version=version, eligible=True, person=elder(cast))
    geger = elder(cast, area_code="35.19.02.2001")
    EnrolmentFactory(version=version, person=geger, active=True)
    decree = DecreeFactory(version=version, area_code="35.19.01", made_by=cast.budi)
    DecreeLineFactory(decree=decree, enrolment=kebonsari)
    assert decree_target(decree) == ("Kabupaten Madiun: 2 dari target paling sedikit 3, kurang 1.")


def test_a_simulation_says_who_would_stay_below(cast: Cast, client: Client) -> None:
    version = version_with(cast, AGE, regency_target=2)
    for area in ("35.19", "35.19", "35.20"):
        born(1940, area=f"{area}.01.2001")
    row = simulated(cast, version)
    words = simulation_target(row)
    assert words == (
        "1 dari 2 kabupaten/kota belum mencapai target paling sedikit 2: Kabupaten Magetan 1."
    )
    client.force_login(cast.budi)
    assert words in client.get(row.get_absolute_url()).content.decode()


def test_it_is_copied_compared_and_set_by_the_api(cast: Cast) -> None:
    version = pkh_plus(cast, regency_target=100)
    copy = copy_version(version=version, year=2027, by=cast.budi, at=AT)
    assert copy.regency_target == 100
    path = f"programme-versions/{copy.pk}"
    assert patch(cast.budi, path, {"regency_target": 0}).status_code == 422
    assert patch(cast.budi, path, {"regency_target": 120}).data["regency_target"] == 120
    copy.refresh_from_db()
    [change] = [row for row in version_changes(version, copy) if "Target" in row.label]
    assert (change.before, change.after) == ("100", "120")
    lines = api(cast.budi).get(f"/api/{path}/quotas/").data
    assert {(line["target"], line["short"]) for line in lines} == {(120, 120)}


def test_programmes_that_share_a_target_count_together(cast: Cast, client: Client) -> None:
    version = pkh_plus(cast, regency_target=4, quota_total=2, target_with=["KIP-PUTRI"])
    EnrolmentFactory(version=version, person=elder(cast), active=True)
    common = {"programme__agency": cast.agency, "programme__area_code": "35"}
    for code, year in (("KIP-PUTRI", 2026), ("KIP-PUTRI", 2025), ("KE", 2026)):
        known = Programme.objects.filter(code=code).first()
        more = {"programme": known} if known else {**common, "programme__code": code}
        other = ProgrammeVersionFactory(year=year, stages=False, **more)
        EnrolmentFactory(version=other, person=elder(cast), active=True)
    # One of its own and one of KIP Putri of the same year; KE and last year do not count.
    client.force_login(cast.sari)
    page = page_of(client, version)
    assert "Kabupaten Madiun: 2 dari target paling sedikit 4, kurang 2." in page
    assert "Dihitung bersama: KIP-PUTRI." in page
    EnrolmentFactory(version=version, eligible=True, person=elder(cast))
    decree = draft_decree(version=version, area_code="35.19", by=cast.budi, at=AT)
    # Its one line and the one of KIP Putri.
    assert decree_target(decree) == "Kabupaten Madiun: 2 dari target paling sedikit 4, kurang 2."


def test_each_programme_that_counts_warns_at_its_own_decree(cast: Cast, client: Client) -> None:
    """KIP Putri has no target of its own; the one of KIP Jawara counts its people."""
    putri = pkh_plus(cast, programme__code="KIP-PUTRI")
    kip = ProgrammeVersionFactory(
        programme__agency=cast.agency,
        programme__name="KIP Jawara",
        activated_by=cast.budi,
        regency_target=4,
        target_with=["KIP-PUTRI"],
    )
    EnrolmentFactory(version=kip, person=elder(cast), active=True)
    EnrolmentFactory(version=putri, person=elder(cast), eligible=True)
    EnrolmentFactory(version=putri, person=elder(cast, area_code="35.19.02.2001"), eligible=True)
    decree = draft_decree(version=putri, area_code="35.19", by=cast.budi, at=AT)
    # Its own two lines and the one of KIP Jawara.
    words = "Target bersama KIP Jawara: Kabupaten Madiun: 3 dari target paling sedikit 4"
    assert decree_target(decree) == f"{words}, kurang 1."
    client.force_login(cast.budi)
    page = client.get(reverse("programs:decree", args=[decree.pk])).content.decode()
    assert words in page
    submit_decree(decree=decree, by=cast.budi, at=AT)
    client.force_login(cast.hadi)
    assert (
        words in client.get(reverse("programs:decree_approve", args=[decree.pk])).content.decode()
    )
    # Another year, a draft, a target nobody wrote and one that is reached say nothing.
    for change in ({"year": 2025}, {"state": "draft"}, {"regency_target": None}):
        before = {name: getattr(kip, name) for name in change}
        ProgrammeVersion.objects.filter(pk=kip.pk).update(**change)
        assert decree_target(decree) == "", change
        ProgrammeVersion.objects.filter(pk=kip.pk).update(**before)
    ProgrammeVersion.objects.filter(pk=kip.pk).update(regency_target=3)
    assert decree_target(decree) == ""


def test_a_target_shared_with_a_programme_nobody_knows_is_refused(
    cast: Cast, client: Client
) -> None:
    """A mistyped code would count nothing for a year; what stood there before is not asked."""
    version = pkh_plus(cast, regency_target=4, target_with=["LAMA"])
    ProgrammeFactory(agency=cast.agency, code="KIP-PUTRI", name="KIP Putri")
    ProgrammeFactory(agency=cast.agency, code="KIP-PPKS", name="KIP PPKS")
    said = (
        "Kode program KIP-PUTRY pada target bersama tidak dikenal."
        " Yang dikenal: KIP-PPKS, KIP-PUTRI."
    )
    with pytest.raises(BadInput) as refusal:
        change_version(version=version, by=cast.budi, at=AT, target_with=["LAMA", "KIP-PUTRY"])
    assert (refusal.value.code, refusal.value.fields) == ("PROG-TARGET", {"target_with": said})
    changed = change_version(
        version=version, by=cast.budi, at=AT, target_with=["LAMA", "kip-putri"]
    )
    assert changed.target_with == ["LAMA", "KIP-PUTRI"]

    client.force_login(cast.budi)
    address = reverse("programs:version_edit", args=[version.pk])
    sent = {"year": "2026", "payee_kind": "person", "benefit_kind": "per_stage"}
    sent |= {"annual_amount": "2.000.000", "target_with": "KIP-PUTRY"}
    assert said in client.post(address, sent).content.decode()
    version.refresh_from_db()
    assert version.target_with == ["LAMA", "KIP-PUTRI"]
