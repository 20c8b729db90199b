"""Berita Acara of a district, the papers of a proposal, the catalogue's own rules."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader

from bansos.documents.services import read_bytes
from bansos.jobs.services import run_step
from bansos.lib.errors import BadInput, NotAllowed, Refused
from programs.choices import EnrolmentState, VersionState
from programs.models import Enrolment, Programme, ProgrammeVersion, VerificationRecord
from programs.queries import record_districts
from programs.services import catalogue
from programs.services.loading import known_versions, load_programmes
from programs.services.papers import add_paper, open_paper, remove_paper
from programs.services.proposals import propose
from programs.services.verification import decide, make_record
from tests.cast import Cast
from tests.factories.programs import (
    DecreeFactory,
    EnrolmentFactory,
    ProgrammeVersionFactory,
    QuotaFactory,
)
from tests.programs.stage import AT, elder, pkh_plus

E = EnrolmentState


def judged(cast: Cast, version: ProgrammeVersion, *, fits: bool = True) -> Enrolment:
    person = elder(cast, desil=2 if fits else 9)
    enrolment = propose(version=version, person=person, account=None, by=cast.sari, at=AT)
    return decide(
        enrolment=enrolment,
        decision=E.ELIGIBLE if fits else E.NOT_ELIGIBLE,
        reason_code="" if fits else "age",
        by=cast.vera,
        at=AT,
    )


def test_an_open_proposal_holds_the_record_back(cast: Cast) -> None:
    version = pkh_plus(cast)
    judged(cast, version)
    propose(version=version, person=elder(cast), account=None, by=cast.sari, at=AT)

    with pytest.raises(Refused) as refusal:
        make_record(version=version, district_code="35.19.01", by=cast.vera, at=AT)

    assert refusal.value.code == "RECORD-OPEN"
    (line,) = record_districts(cast.vera, version=version)
    assert (line.open, line.eligible, line.is_complete) == (1, 1, False)


def test_the_record_names_everybody_with_result_and_reason(cast: Cast) -> None:
    version = pkh_plus(cast)
    yes, no = judged(cast, version), judged(cast, version, fits=False)
    (line,) = record_districts(cast.vera, version=version)
    assert line.is_complete

    job = make_record(version=version, district_code="35.19.01", by=cast.vera, at=AT)
    assert not run_step(job_id=str(job.pk), at=AT)

    record = VerificationRecord.objects.get()
    assert record.counts == {"eligible": 1, "not_eligible": 1}
    assert record.document is not None
    assert record.document.number == "BA-VER/0001/35.19.01/2026"
    pages = PdfReader(io.BytesIO(read_bytes(record.document))).pages
    text = " ".join(" ".join(page.extract_text().split()) for page in pages)
    assert "Senin tanggal dua bulan Februari tahun dua ribu dua puluh enam" in text
    assert "Kecamatan Kebonsari" in text
    assert yes.person.name in text
    assert yes.person.nik_masked in text
    assert str(yes.person.nik) not in text
    assert no.person.name in text
    assert "Non-eligible Usia" in text
    assert f"Halaman 1 dari {len(pages)}" in text
    assert "Vera Lestari" in text
    assert record_districts(cast.vera, version=version) == []


def test_a_recorded_decision_stands(cast: Cast) -> None:
    version = pkh_plus(cast)
    enrolment = judged(cast, version)
    make_record(version=version, district_code="35.19.01", by=cast.vera, at=AT)
    enrolment.refresh_from_db()

    with pytest.raises(Refused) as refusal:
        decide(enrolment=enrolment, decision=E.NOT_ELIGIBLE, reason_code="age", by=cast.vera, at=AT)
    with pytest.raises(Refused) as again:
        make_record(version=version, district_code="35.19.01", by=cast.vera, at=AT)

    assert (refusal.value.code, again.value.code) == ("VERIFY-RECORDED", "RECORD-EMPTY")


def test_a_record_is_made_by_a_verifier_of_the_area(cast: Cast) -> None:
    version = pkh_plus(cast)
    judged(cast, version)

    for user, district in ((cast.sari, "35.19.01"), (cast.vera, "35.20.01")):
        with pytest.raises(NotAllowed):
            make_record(version=version, district_code=district, by=user, at=AT)


def test_a_paper_is_known_by_its_first_bytes(cast: Cast) -> None:
    row = EnrolmentFactory(version=pkh_plus(cast), person=elder(cast))
    photo = b"\xff\xd8\xff\xe0" + b"0" * 100

    paper = add_paper(
        enrolment=row, code="ktp", content=photo, file_name="C:\\foto.exe", by=cast.sari, at=AT
    )

    assert (paper.mime, paper.file_name) == ("image/jpeg", "foto.jpg")
    assert photo not in bytes(paper.sealed_file)
    assert open_paper(paper=paper, by=cast.vera, at=AT) == photo
    for content, code, refused in (
        (b"MZ\x90\x00", "ktp", "PAPER-KIND"),
        (b"", "ktp", "PAPER-EMPTY"),
        (photo, "akta", "PAPER-CODE"),
        (b"\xff\xd8\xff" + b"0" * (10 * 1024 * 1024), "ktp", "PAPER-SIZE"),
    ):
        with pytest.raises(BadInput) as refusal:
            add_paper(
                enrolment=row, code=code, content=content, file_name="a.jpg", by=cast.sari, at=AT
            )
        assert refusal.value.code == refused
    with pytest.raises(NotAllowed):
        remove_paper(paper=paper, by=cast.vera, at=AT)
    remove_paper(paper=paper, by=cast.sari, at=AT)
    assert not row.papers.exists()


def test_a_version_used_by_a_decree_is_frozen(cast: Cast) -> None:
    version = pkh_plus(cast)
    DecreeFactory(version=version)
    stage = {
        "version": version,
        "number": 1,
        "name": "Tahap 1",
        "stage_date": date(2026, 4, 1),
        "amount": Decimal(1),
    }

    with pytest.raises(Refused) as refusal:
        catalogue.save_stage(**stage, by=cast.budi, at=AT)
    copy = catalogue.copy_version(version=version, year=2027, by=cast.budi, at=AT)

    assert refusal.value.code == "PROG-USED"
    assert str(refusal.value) == (
        "Versi ini sudah dipakai sebuah SK, jadi aturannya tidak dapat diubah."
        " Tidak ada yang berubah. Salin ke versi baru."
    )
    assert (copy.state, copy.criteria) == (VersionState.DRAFT, version.criteria)
    days = list(copy.stages.order_by("number").values_list("stage_date", flat=True))
    assert days[0] == date(2027, 3, 15)


def test_quota_stays_within_the_programme_and_above_its_people(cast: Cast) -> None:
    version = pkh_plus(cast, quota_total=10)
    QuotaFactory(version=version, area_code="35.20", places=8)
    EnrolmentFactory(version=version, eligible=True, person=elder(cast))
    common = {"version": version, "area_code": "35.19", "by": cast.budi, "at": AT}

    beyond = "Jumlah kuota wilayah 11 melebihi kuota program 10. Kurangi 1."
    held = "Kabupaten Madiun sudah punya 1 penerima; kuotanya tidak dapat 0."
    for places, code, said in ((3, "PROG-QUOTA", beyond), (0, "PROG-QUOTA-HELD", held)):
        with pytest.raises(BadInput) as refusal:
            catalogue.set_quota(places=places, **common)
        assert (refusal.value.code, str(refusal.value)) == (code, said)
    catalogue.set_quota(places=2, **common)

    assert dict(version.quotas.values_list("area_code", "places")) == {"35.20": 8, "35.19": 2}


def test_only_a_complete_draft_comes_into_force_and_closes_the_older(cast: Cast) -> None:
    old = pkh_plus(cast)
    draft = ProgrammeVersionFactory(programme=old.programme, version=2, draft=True, stages=False)

    with pytest.raises(Refused) as refusal:
        catalogue.activate_version(version=draft, by=cast.budi, at=AT)
    for number, month in enumerate((3, 5, 8, 11), start=1):
        catalogue.save_stage(
            version=draft,
            number=number,
            name=f"Tahap {number}",
            stage_date=date(2026, month, 1),
            amount=Decimal(500_000),
            by=cast.budi,
            at=AT,
        )
    catalogue.activate_version(version=draft, by=cast.budi, at=AT)

    old.refresh_from_db()
    draft.refresh_from_db()
    assert "Tahap penyaluran belum diisi." in str(refusal.value)
    assert (old.state, draft.state) == (VersionState.CLOSED, VersionState.ACTIVE)


def test_a_new_programme_needs_no_code(cast: Cast) -> None:
    programme = catalogue.save_programme(
        programme=None,
        agency=cast.agency,
        values=catalogue.ProgrammeValues(code="LANSIA", name="Santunan Lansia"),
        by=cast.budi,
        at=AT,
    )
    values = catalogue.VersionValues(
        year=2026,
        payee_kind="person",
        benefit_kind="goods",
        criteria=[{"code": "min_age_on_stage", "params": {"age": 80}, "label": ""}],
        legal_basis=["Pergub"],
    )
    version = catalogue.save_version(
        version=None, programme=programme, values=values, by=cast.budi, at=AT
    )
    catalogue.activate_version(version=version, by=cast.budi, at=AT)

    with pytest.raises(BadInput):
        catalogue.save_programme(
            programme=None,
            agency=cast.agency,
            values=catalogue.ProgrammeValues(code="LANSIA", name="Lain"),
            by=cast.budi,
            at=AT,
        )
    with pytest.raises(NotAllowed):
        catalogue.save_version(
            version=None, programme=programme, values=values, by=cast.sari, at=AT
        )
    bad = catalogue.VersionValues(
        year=2026, payee_kind="person", benefit_kind="goods", criteria=[{"code": "moon"}]
    )
    with pytest.raises(BadInput):
        catalogue.save_version(version=None, programme=programme, values=bad, by=cast.budi, at=AT)


def test_the_named_programmes_are_written_once(cast: Cast) -> None:
    written = load_programmes(agency=cast.agency, by=cast.budi, at=AT)
    again = load_programmes(agency=cast.agency, by=cast.budi, at=AT)

    assert again == []
    here = Programme.objects.values_list("code", flat=True)
    assert set(here) == {row.code for row in known_versions("35")}
    pkh = next(v for v in written if v.programme.code == "PKHPLUS" and v.year == 2025)
    assert pkh.state == VersionState.ACTIVE
    assert [s.stage_date.month for s in pkh.stages.order_by("number")] == [3, 5, 8, 11]
    assert pkh.quotas.get().places == 1568
    assert pkh.funding_source == "APBD Provinsi"
    putri = next(v for v in written if v.programme.code == "KIP-PUTRI")
    assert putri.success_measure == ""
    assert putri.ranking["replacement"] == "no"
    load_programmes(agency=cast.kalt.agency, by=cast.kalt, at=AT)
    jospol = ProgrammeVersion.objects.get(programme__code="JOSPOL4")
    assert (jospol.annual_amount, jospol.state, jospol.quota_total) == (
        Decimal(5_000_000),
        VersionState.DRAFT,
        1500,
    )
