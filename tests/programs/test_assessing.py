"""What a proposal shows: its way in, scored forms, a plan that equals the grant; rules as data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bansos.lib.errors import BadInput, NotAllowed, Refused, Stale
from programs.choices import BenefitKind, Channel, EnrolmentState, VersionState
from programs.forms.life_rules import forms_text, parse_forms
from programs.models import (
    Assessment,
    BusinessPlan,
    Decree,
    Enrolment,
    PlanLine,
    ProgrammeVersion,
)
from programs.queries.assessing import proposal_gaps, proposal_tasks, scores_for
from programs.rules.assessing import SourceWords, assessing_problems, kinds_problem, plan_problem
from programs.services.assessing import (
    PlanItem,
    assess,
    free_proposal,
    record_source,
    save_plan,
)
from programs.services.catalogue import activate_version, copy_version, problems_of
from programs.services.decrees import check_everything
from programs.services.life_rules import life_values, save_life_rules
from programs.services.loading import known_life
from programs.services.proposals import propose, submit_draft
from tests.access_life import Life, make_life
from tests.cast import Cast
from tests.factories.beneficiaries import PersonFactory
from tests.factories.programs import NOW, DecreeFactory, DecreeLineFactory, EnrolmentFactory

DAY = date(2026, 2, 1)
POINTS = {"will": 20, "skill": 15, "market": 10, "support": 25}
FIVE, FOUR_HALF = Decimal(5_000_000), Decimal(4_500_000)


def test_a_total_that_differs_is_refused_in_one_sentence() -> None:
    grant = Decimal(3_000_000)
    assert plan_problem(total=grant, lowest=grant, grant=grant) == ""
    assert plan_problem(total=Decimal("3000000.01"), lowest=grant, grant=grant) == (
        "Jumlah RAB Rp3.000.000,01, besaran bantuan Rp3.000.000. Kurangi Rp0,01 agar sama;"
        " RAB belum disimpan."
    )
    assert plan_problem(total=FOUR_HALF, lowest=FOUR_HALF, grant=FIVE) == ""
    assert plan_problem(total=Decimal(4_499_999), lowest=FOUR_HALF, grant=FIVE) == (
        "Jumlah RAB Rp4.499.999, nilai bantuan Rp4.500.000 sampai Rp5.000.000. RAB belum disimpan."
    )


def test_a_missing_sixth_business_kind_is_told() -> None:
    plan = known_life("64", "JOSPOL4").plan_rules
    assert len(plan["kinds"]) == 6
    assert kinds_problem(plan) == ""
    assert kinds_problem({**plan, "kinds": plan["kinds"][:5]}) == (
        "Jenis usaha ada 5, seharusnya 6. Lengkapi jenis usahanya."
    )


def test_wrong_rules_are_named() -> None:
    question = {"code": "a", "label": "A", "most": 5}
    form = {"code": "f", "label": "F", "pass": None, "questions": [question]}
    assert assessing_problems(["list"], [form], {}) == []
    assert assessing_problems(["moon"], [form, form], {"lowest": "0", "kinds": [{"code": ""}]}) == [
        "Jalur usulan tidak dikenal.",
        "Kode formulir penilaian kosong atau dipakai dua kali.",
        "Nilai terendah RAB harus lebih dari nol.",
        "Kode jenis usaha kosong atau dipakai dua kali.",
    ]
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"questions": []}, "Formulir penilaian belum punya nama atau pertanyaan."),
        ({"questions": [question, question]}, "F: kode pertanyaan kosong atau dipakai dua kali."),
        (
            {"questions": [{**question, "most": 0}]},
            "F: nilai tertinggi tiap pertanyaan 1 sampai 1.000.",
        ),
        ({"pass": 6}, "F: nilai lulus melebihi jumlah nilai."),
    ]
    for change, sentence in wrong:
        assert assessing_problems([], [{**form, **change}], {}) == [sentence]


def test_forms_are_written_as_lines_and_read_back() -> None:
    known = known_life("35", "KIP").assessment_forms
    assert parse_forms(forms_text(known), known) == known
    [fresh] = parse_forms("Minat (wajib, lulus 60)\n- Kemauan berusaha: 100", [])
    assert fresh == {
        "code": "minat",
        "label": "Minat",
        "required": True,
        "pass": 60,
        "questions": [{"code": "kemauan_berusaha", "label": "Kemauan berusaha", "most": 100}],
    }
    for wrong in ("- Tanpa formulir: 5", "Minat (mungkin)", "Minat\n- Tanpa nilai"):
        with pytest.raises(ValidationError):
            parse_forms(wrong, [])


@pytest.fixture
def life(cast: Cast) -> Life:
    made = make_life(cast)
    Enrolment.objects.filter(pk=made.proposed.pk).update(proposed_by=cast.sari)
    made.version.benefit_kind = BenefitKind.ONCE
    made.version.annual_amount = Decimal(3_000_000)
    made.version.save()
    return made


def assessed(cast: Cast, row: Enrolment, **given: Any) -> Assessment:
    values: dict[str, Any] = {
        "form_code": "interest",
        "answers": POINTS,
        "assessed_on": DAY,
        "note": "",
        **given,
    }
    return assess(enrolment=row, by=cast.vera, at=NOW, **values)


@pytest.mark.django_db
def test_scores_are_kept_per_proposal_and_read_for_many(cast: Cast, life: Life) -> None:
    first = assessed(cast, life.proposed)
    assert (first.score, first.most, first.round, first.passed) == (70, 100, 1, None)
    second = assessed(cast, life.proposed, answers={**POINTS, "will": 25})
    assert (second.score, second.round) == (75, 2)
    others = [EnrolmentFactory(version=life.version, account=None) for _n in range(3)]
    for row in others:
        assessed(cast, row)
    people = [life.proposed.person_id, *(row.person_id for row in others), life.active.person_id]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = scores_for(people, life.version)
    assert len(asked) == 1
    assert found[life.proposed.person_id] == {"interest": 75}
    assert life.active.person_id not in found
    assert len(found) == 4
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.update(score=1)


@pytest.mark.django_db
def test_an_answer_beyond_its_question_is_refused(cast: Cast, life: Life) -> None:
    wrong = [
        ({"answers": {**POINTS, "will": 26}}, "will"),
        ({"answers": {**POINTS, "will": -1}}, "will"),
        ({"answers": {"will": 1}}, "skill"),
        ({"assessed_on": date(2026, 2, 3)}, "assessed_on"),
    ]
    for change, field in wrong:
        with pytest.raises(BadInput) as refused:
            assessed(cast, life.proposed, **change)
        assert field in (refused.value.fields or {})
    with pytest.raises(BadInput):
        assessed(cast, life.proposed, form_code="moon")
    with pytest.raises(Refused) as judged:
        assessed(cast, life.active)
    assert judged.value.code == "ASSESS-JUDGED"
    with pytest.raises(NotAllowed):
        assess(
            enrolment=life.proposed,
            form_code="interest",
            answers=POINTS,
            assessed_on=DAY,
            note="",
            by=cast.aud,
            at=NOW,
        )
    assert not Assessment.objects.exists()


@pytest.mark.django_db
def test_a_required_form_and_its_limit_stand_before_a_yes(cast: Cast, life: Life) -> None:
    forms = [{**life.version.assessment_forms[0], "required": True, "pass": 71}]
    life.version.assessment_forms = forms
    life.version.save()
    row = Enrolment.objects.get(pk=life.proposed.pk)
    assert proposal_gaps(row) == ["Minat dan potensi usaha belum diisi."]
    assert assessed(cast, row).passed is False
    assert proposal_gaps(row) == ["Minat dan potensi usaha bernilai 70, paling sedikit 71."]
    words = [str(task.word.label) for task in proposal_tasks(row, missing=["KTP"])]
    assert words == ["Lengkap", "Kurang 1", "Nilai 70 dari 100", "Tidak wajib"]
    assessed(cast, row, answers={**POINTS, "skill": 16})
    assert proposal_gaps(row) == []


def planned(cast: Cast, row: Enrolment, *prices: int, **given: Any) -> BusinessPlan:
    items = [
        PlanItem(
            section="material", name=f"Bahan {n}", volume=3, unit="kg", unit_price=Decimal(price)
        )
        for n, price in enumerate(prices, start=1)
    ]
    values = {"business_kind": "", "business_name": "Warung", "items": items, **given}
    return save_plan(enrolment=row, by=cast.sari, at=NOW, **values)


@pytest.mark.django_db
def test_a_plan_equals_the_grant_to_the_rupiah(cast: Cast, life: Life) -> None:
    plan = planned(cast, life.proposed, 400_000, 600_000)
    assert (plan.total, plan.grant, plan.round) == (3_000_000, 3_000_000, 1)
    assert [line.amount for line in plan.lines.all()] == [1_200_000, 1_800_000]
    for wrong in ((1_000_001,), (999_999,), ()):
        with pytest.raises(BadInput):
            planned(cast, life.proposed, *wrong)
    item = PlanItem(section="moon", name="A", volume=1, unit="x", unit_price=Decimal(3_000_000))
    for line in (item, replace(item, section="material", name=" ")):
        with pytest.raises(BadInput) as refused:
            planned(cast, life.proposed, items=[line])
        assert str(refused.value) == "Baris 1 belum lengkap. RAB belum disimpan."
    with pytest.raises(BadInput):
        planned(cast, life.proposed, 1_000_000, business_name=" ")
    with pytest.raises(IntegrityError), transaction.atomic():
        BusinessPlan.objects.create(
            enrolment=life.proposed,
            round=2,
            business_name="A",
            lowest=1,
            grant=2,
            total=3,
            made_at=NOW,
            made_by=cast.sari,
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanLine.objects.update(volume=1)
    ProgrammeVersion.objects.filter(pk=life.version.pk).update(annual_amount=None)
    with pytest.raises(Refused) as open_rate:
        planned(cast, Enrolment.objects.get(pk=life.proposed.pk), 1_000_000)
    assert open_rate.value.code == "PLAN-AMOUNT"


@pytest.mark.django_db
def test_a_required_plan_is_weighed_again_after_the_amount_changed(cast: Cast, life: Life) -> None:
    version = life.version
    version.plan_rules = {**version.plan_rules, "required": True}
    version.save()
    row = EnrolmentFactory(version=version, eligible=True, account=None)
    assert proposal_gaps(row) == ["RAB belum disimpan."]
    assert planned(cast, row, 1_000_000).total == 3_000_000
    with pytest.raises(Refused) as fits:
        planned(cast, row, 1_000_000)
    assert fits.value.code == "ASSESS-JUDGED"
    Enrolment.objects.filter(pk=row.pk).update(state=EnrolmentState.DETERMINED)
    decree = DecreeFactory(version=version, made_by=cast.budi)
    DecreeLineFactory(decree=decree, enrolment=row)
    check_everything(decree, at=NOW)
    version.annual_amount = Decimal(4_500_000)
    version.save()
    gap = "RAB Rp3.000.000 tidak lagi sesuai besaran bantuan Rp4.500.000."
    decree = Decree.objects.get(pk=decree.pk)
    with pytest.raises(Refused) as refused:
        check_everything(decree, at=NOW)
    assert refused.value.code == "DECREE-PLAN"
    assert f"RAB 1 orang di SK ini belum sesuai: {gap}" in str(refused.value)
    row = Enrolment.objects.get(pk=row.pk)
    assert [gap] == [task.hint for task in proposal_tasks(row, missing=[]) if "RAB" in task.label]
    planned(cast, row, 1_500_000)
    check_everything(decree, at=NOW)


@pytest.mark.django_db
def test_jospol_takes_six_kinds_between_two_values(cast: Cast, life: Life) -> None:
    plan = known_life("64", "JOSPOL4").plan_rules
    version = life.version
    version.benefit_kind, version.annual_amount, version.plan_rules = BenefitKind.GOODS, FIVE, plan
    version.save()
    row = Enrolment.objects.get(pk=life.proposed.pk)
    with pytest.raises(BadInput) as kind:
        planned(cast, row, 1_600_000, business_kind="batik")
    assert set(kind.value.fields or {}) == {"business_kind"}
    assert planned(cast, row, 1_600_000, business_kind="cake").total == 4_800_000
    version.plan_rules = {**plan, "kinds": plan["kinds"][:5]}
    version.save()
    with pytest.raises(Refused) as sixth:
        planned(cast, Enrolment.objects.get(pk=row.pk), 1_600_000, business_kind="cake")
    assert sixth.value.code == "PLAN-KINDS"
    life.draft.plan_rules = version.plan_rules
    life.draft.save()
    assert "Jenis usaha ada 5, seharusnya 6. Lengkapi jenis usahanya." in problems_of(life.draft)
    with pytest.raises(Refused) as active:
        activate_version(version=life.draft, by=cast.budi, at=NOW)
    assert "Jenis usaha ada 5" in str(active.value)


@pytest.mark.django_db
def test_only_named_ways_in_are_taken(cast: Cast, life: Life) -> None:
    life.version.proposal_channels = ["village"]
    life.version.save()
    person = PersonFactory(created_by=cast.sari)
    with pytest.raises(BadInput) as refused:
        propose(version=life.version, person=person, account=None, by=cast.sari, at=NOW)
    assert str(refused.value) == (
        "Program ini tidak menerima jalur itu. Yang diterima: Usulan desa."
    )
    row = propose(
        version=life.version,
        person=person,
        account=None,
        channel=Channel.VILLAGE,
        by=cast.sari,
        at=NOW,
    )
    assert proposal_gaps(row) == ["Surat dan pejabat usulan desa belum lengkap."]
    words = SourceWords(
        letter_number="470/12",
        letter_date=DAY,
        village_head="Suyono",
        district_head="Dwi",
    )
    with pytest.raises(BadInput):
        record_source(
            enrolment=row,
            channel="village",
            words=replace(words, letter_date=date(2026, 3, 1)),
            by=cast.sari,
            at=NOW,
        )
    record_source(enrolment=row, channel="village", words=words, by=cast.sari, at=NOW)
    assert proposal_gaps(row) == []


@pytest.mark.django_db
def test_a_self_proposal_is_held_until_another_checked_it(
    cast: Cast, life: Life, client: Client
) -> None:
    life.version.proposal_channels = ["form", "self"]
    life.version.save()
    row = propose(
        version=life.version,
        person=PersonFactory(created_by=cast.sari),
        account=None,
        channel=Channel.SELF,
        by=cast.sari,
        at=NOW,
        submit=False,
    )
    record_source(enrolment=row, channel="self", words=SourceWords(), by=cast.sari, at=NOW)
    with pytest.raises(Refused) as held:
        submit_draft(enrolment=row, by=cast.sari, at=NOW)
    assert held.value.code == "SOURCE-HELD"
    with pytest.raises(NotAllowed):
        free_proposal(enrolment=row, by=cast.sari, at=NOW)
    with pytest.raises(BadInput) as other_way:
        record_source(enrolment=row, channel="form", words=SourceWords(), by=cast.sari, at=NOW)
    assert other_way.value.code == "SOURCE-HELD"
    client.force_login(cast.vera)
    page = client.get(reverse("programs:proposal", args=[row.pk])).content.decode()
    assert "Usulan sendiri, ditahan" in page
    client.post(reverse("programs:source_free", args=[row.pk]))
    with pytest.raises(Stale):
        free_proposal(enrolment=row, by=cast.vera, at=NOW)
    sent = submit_draft(enrolment=Enrolment.objects.get(pk=row.pk), by=cast.sari, at=NOW)
    assert sent.state == EnrolmentState.PROPOSED


@pytest.mark.django_db
def test_the_pages_keep_what_they_are_given(cast: Cast, life: Life, client: Client) -> None:
    client.force_login(cast.sari)
    row = life.proposed
    address = reverse("programs:assess", args=[row.pk, "interest"])
    given = {f"q_{code}": str(points) for code, points in POINTS.items()}
    assert client.post(address, given).status_code == 422
    assert client.post(address, {**given, "assessed_on": "01-02-2026"}).status_code == 302
    assert "Nilai 70 dari 100" in client.get(address).content.decode()
    assert client.get(reverse("programs:assess", args=[row.pk, "moon"])).status_code == 404
    plan = reverse("programs:plan", args=[row.pk])
    rows = {
        "business_name": "Warung",
        "form-TOTAL_FORMS": "12",
        "form-INITIAL_FORMS": "0",
        "form-0-section": "material",
        "form-0-name": "Beras",
        "form-0-volume": "100",
        "form-0-unit": "kg",
        "form-0-unit_price": "20.000",
    }
    refused = client.post(plan, rows)
    assert refused.status_code == 422
    assert "Tambah Rp1.000.000 agar sama" in refused.content.decode()
    assert client.post(plan, {**rows, "form-0-unit_price": "30.000"}).status_code == 302
    page = client.get(reverse("programs:proposal", args=[row.pk])).content.decode()
    assert "Rp3.000.000" in page
    source = reverse("programs:source", args=[row.pk])
    assert client.post(source, {"channel": "self"}).status_code == 422
    assert client.post(source, {"channel": "form"}).status_code == 302


@pytest.mark.django_db
def test_rules_are_edited_on_screen_and_copied(cast: Cast, life: Life, client: Client) -> None:
    client.force_login(cast.budi)
    draft = life.draft
    before = life_values(draft)
    for name in ("event_rules", "exit_rules", "assessing_rules"):
        assert client.get(reverse(f"programs:{name}", args=[draft.pk])).status_code == 200
    text = forms_text(draft.assessment_forms)
    given = {
        "proposal_channels": ["upt"],
        "forms_text": text.replace("Kunjungan rumah", "Kunjungan rumah (wajib)"),
        "plan_used": "on",
        "sections": "Peralatan\nBahan",
        "kinds": "Warung\nJahit",
        "kinds_needed": "3",
    }
    address = reverse("programs:assessing_rules", args=[draft.pk])
    assert client.post(address, {**given, "forms_text": "- x"}).status_code == 422
    assert client.post(address, given).status_code == 302
    draft.refresh_from_db()
    assert draft.proposal_channels == ["upt"]
    assert draft.assessment_forms[1]["required"] is True
    assert draft.assessment_forms[0] == before.assessment_forms[0]
    assert [kind["code"] for kind in draft.plan_rules["kinds"]] == ["warung", "jahit"]
    exits = {
        "article": "Juknis 2027",
        "need": "any",
        "appeal_days": "10",
        "next": ["kur"],
        "form-TOTAL_FORMS": "4",
        "form-INITIAL_FORMS": "0",
        "form-0-label": "Pendapatan naik 30% dalam 6 bulan",
        "form-0-kind": "income",
        "form-1-kind": "alive",
        "form-2-kind": "alive",
        "form-3-kind": "alive",
    }
    address = reverse("programs:exit_rules", args=[draft.pk])
    refused = client.post(address, exits)
    assert refused.status_code == 422
    assert "kenaikan pendapatan belum diberi persen" in refused.content.decode()
    assert client.post(address, {**exits, "form-0-percent": "30"}).status_code == 302
    draft.refresh_from_db()
    [measure] = draft.exit_rules["measures"]
    assert (measure["code"], measure["percent"], measure["months"]) == ("income", 30, None)
    rules = {
        "form-TOTAL_FORMS": "20",
        "form-INITIAL_FORMS": "0",
        "form-0-event": "death",
        "form-0-outcome": "stop",
        "form-0-when": ["no_passbook"],
        "form-0-article": "Juknis 2027",
    }
    address = reverse("programs:event_rules", args=[draft.pk])
    odd = client.post(address, {**rules, "form-0-days": "satu setengah"}).content.decode()
    assert "Tulis angka bulat saja, misalnya 12." in odd
    # Only the refused rule is open; each closed one still says what it does.
    assert odd.count('name="aturan" open') == 1
    assert "Aturan 1: Meninggal (buku tabungan belum diserahkan): Dihentikan" in odd
    assert client.post(address, rules).status_code == 422
    assert client.post(address, {**rules, "form-0-reason": "died"}).status_code == 302
    draft.refresh_from_db()
    [rule] = draft.event_rules
    assert (rule["event"], rule["when"], rule["days"]) == ("death", ["no_passbook"], None)
    page = client.get(reverse("programs:version", args=[draft.pk])).content.decode()
    assert "Meninggal (buku tabungan belum diserahkan): Dihentikan." in page
    copy = copy_version(version=draft, year=2028, by=cast.budi, at=NOW)
    assert life_values(copy) == life_values(draft)


@pytest.mark.django_db
def test_rules_that_a_decree_uses_stay(cast: Cast, life: Life) -> None:
    plus = known_life("35", "PKHPLUS")
    DecreeFactory(version=life.version, approved=True, made_by=cast.budi)
    with pytest.raises(Refused) as used:
        save_life_rules(version=life.version, values=plus, by=cast.budi, at=NOW)
    assert used.value.code == "PROG-USED"
    with pytest.raises(NotAllowed):
        save_life_rules(version=life.draft, values=known_life("35", "KIP"), by=cast.sari, at=NOW)
    life.draft.event_rules = [{"event": "double", "outcome": "stop", "article": "1"}]
    assert "Aturan peristiwa 1: alasan berhentinya tidak ada" in " ".join(problems_of(life.draft))
    with pytest.raises(BadInput) as wrong:
        save_life_rules(version=life.draft, values=plus, by=cast.budi, at=NOW)
    assert "alasan berhentinya tidak ada" in str(wrong.value)


@pytest.mark.django_db
def test_a_guide_is_loaded_whole_or_not_at_all(cast: Cast, life: Life) -> None:
    draft, guide = life.draft, known_life("35", "PKHPLUS")
    before = life_values(draft)

    def load() -> ProgrammeVersion:
        return save_life_rules(version=draft, values=guide, by=cast.budi, at=NOW)

    with pytest.raises(BadInput, match="alasan berhentinya tidak ada") as partial:
        load()
    assert partial.value.code == "PROG-LIFE"
    reasons = sorted({row["reason"] for row in guide.event_rules if row.get("reason")})
    draft.stop_reasons = [{"code": code, "label": code} for code in reasons]
    draft.heir_rules = {}
    draft.save(update_fields=["stop_reasons", "heir_rules"])
    # Left out, a death on the pay list would answer "stop" in place of "pay the heir".
    with pytest.raises(BadInput, match="aturan ahli waris program ini tidak membayar"):
        load()
    draft.refresh_from_db(fields=["event_rules", "exit_rules", "state"])
    assert life_values(draft).event_rules == before.event_rules
    draft.heir_rules = {"pays": True, "article": "1"}
    draft.save(update_fields=["heir_rules"])
    loaded = load()
    assert life_values(loaded) == guide
    assert loaded.state == VersionState.DRAFT
