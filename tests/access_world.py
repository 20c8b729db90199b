"""One object of every kind in Kabupaten Madiun, and who is near enough to see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from django.utils import timezone

from bansos.accounts import services as accounts
from bansos.accounts.models import ApiToken
from bansos.documents.models import Document
from bansos.jobs.models import Job
from bansos.lib.crypto import seal_bytes
from bansos.regions.models import Holiday
from beneficiaries.models import ImportBatch, Person, Snapshot
from beneficiaries.services.imports.staging import FILE_CONTEXT
from disbursements.models import (
    AccountOpening,
    AuditBreach,
    AuditRun,
    BankDay,
    BankFile,
    RailProposal,
    ResultFile,
    ResultRow,
    ReturnCase,
    Sts,
)
from disbursements.rules.promises import PROMISES
from monitoring.models import ReferenceFigure, Report
from programs.models import (
    Decree,
    Enrolment,
    EnrolmentDocument,
    PlaceOffer,
    QuotaShift,
    Simulation,
    VerificationRecord,
)
from programs.services.papers import add_paper
from tests.access_benefits import Benefits, make_benefits
from tests.access_cash import Cash, make_cash
from tests.access_flows import Flows, flow_routes, make_flows
from tests.access_life import Life, life_routes, make_life
from tests.access_payees import Payees, make_payees, payee_routes
from tests.cast import Cast, make_cast
from tests.documents.test_services import issue
from tests.factories.accounts import HolidayFactory
from tests.factories.beneficiaries import ImportBatchFactory, PersonFactory, SnapshotFactory
from tests.factories.channels import Boundary, make_boundary
from tests.factories.monitoring import Year, make_reference, make_year
from tests.factories.programs import EnrolmentFactory, VerificationRecordFactory
from tests.factories.simulations import SimulationFactory


class Reach(Enum):
    """From which places an object of Kabupaten Madiun is hidden."""

    # Sets, because an empty tuple as a member's value is read in another way by Python 3.11.2.
    EVERYBODY = frozenset[str]()
    PROVINCE = frozenset({"other province"})
    AREA = frozenset({"other regency", "other province"})
    NOBODY = frozenset({"own", "other regency", "other province"})
    # In the area, but a further rule of its own may refuse (403).
    NARROWER = frozenset({"other regency", "other province", ""})
    # Seen by the whole province, written by its own office only (403 for a regency's user).
    OFFICE = frozenset({"other province", ""})

    def hides_from(self, place: str) -> bool:
        """True when a user sitting there gets 404."""
        return place in self.value

    @property
    def may_refuse(self) -> bool:
        """True when seeing the object is not yet the right to act on it."""
        return "" in self.value


@dataclass
class World:
    """What the routes are asked for."""

    cast: Cast
    token: ApiToken
    document: Document
    job: Job
    year: Year
    person: Person
    imported: ImportBatch
    snapshot: Snapshot
    proposal: Enrolment
    paper: EnrolmentDocument
    record: VerificationRecord
    decree: Decree
    result: ResultFile
    bank_row: ResultRow
    bank_day: BankDay
    slip: Sts
    returned: ReturnCase
    report: Report
    audited: AuditRun
    benefits: Benefits
    life: Life
    cash: Cash
    rail: RailProposal
    opening: AccountOpening
    payees: Payees
    holiday: Holiday
    reference: ReferenceFigure
    shift: QuotaShift
    boundary: Boundary
    flows: Flows
    simulation: Simulation


def make_world() -> World:
    """Everything once, made by the same factories and services as elsewhere."""
    cast = make_cast()
    now = timezone.now()
    token, _secret = accounts.issue_token(
        user=cast.sari,
        name="Sambungan",
        area_code="35.19",
        permissions=["beneficiary.view"],
        days=10,
        by=cast.adi,
        at=now,
    )
    year = make_year(cast)
    person = PersonFactory(created_by=cast.sari)
    proposal = EnrolmentFactory(
        version=year.version, person=person, proposed_by=cast.sari, created_by=cast.sari
    )
    report = Report.objects.create(
        version=year.version,
        year=year.version.year,
        area_code="35.19",
        from_date=date(2026, 1, 1),
        until_date=date(2026, 6, 30),
        asked_at=now,
        asked_by=cast.ratna,
    )
    year.version.criteria = [{"code": "min_age_on_stage", "params": {"age": 70}, "label": ""}]
    year.version.required_documents = [{"code": "ktp", "label": "KTP", "required": True}]
    year.version.save()
    bank_file = issue(cast, kind="bank", permission="bank.file")
    BankFile.objects.create(
        pay_list=year.first,
        format="csv",
        document=bank_file,
        sha256=bank_file.sha256,
        count=year.first.count,
        total=year.first.total,
        made_at=now,
        made_by=cast.budi,
    )
    result = ResultFile.objects.create(
        pay_list=year.first,
        area_code="35.19",
        file_name="hasil.csv",
        sha256="0" * 64,
        headers=["No Referensi", "No Rekening", "Nominal", "Status"],
        counts={"rows": 0},
        uploaded_at=now,
        uploaded_by=cast.tono,
    )
    PlaceOffer.objects.create(enrolment=proposal, made_at=now, made_by=cast.budi)
    return World(
        cast=cast,
        shift=QuotaShift.objects.create(
            version=year.version,
            to_area="35.19",
            places=1,
            reason="Sisa yang belum dibagi",
            proposed_at=now,
            proposed_by=cast.budi,
        ),
        benefits=make_benefits(cast),
        life=make_life(cast),
        cash=make_cash(cast),
        opening=AccountOpening.objects.create(
            version=year.version,
            area_code="35.19",
            letter_number="900/12/2026",
            asked_on=date(2026, 3, 2),
            count=5,
            made_at=now,
            made_by=cast.budi,
        ),
        rail=RailProposal.objects.create(
            rail="skn",
            valid_from=date(2027, 1, 1),
            source="Surat edaran",
            asked_at=now,
            asked_by=cast.adi,
        ),
        token=token,
        document=issue(cast),
        job=Job.objects.create(
            kind="documents.export", title="Ekspor", owner=cast.sari, created_at=now
        ),
        year=year,
        person=person,
        imported=ImportBatchFactory(
            created_by=cast.sari, sealed_file=seal_bytes(b"NIK;NAMA", context=FILE_CONTEXT)
        ),
        snapshot=SnapshotFactory(area_code="35.19", loaded_by=cast.budi),
        proposal=proposal,
        paper=add_paper(
            enrolment=proposal,
            code="ktp",
            file_name="ktp.png",
            content=b"\x89PNG\r\n\x1a\n" + b"0" * 64,
            by=cast.sari,
            at=now,
        ),
        record=VerificationRecordFactory(version=year.version, made_by=cast.vera),
        decree=year.first.decree,
        result=result,
        slip=Sts.objects.create(
            budget=year.first.budget,
            area_code="35",
            number="STS-9",
            on=date(2026, 1, 5),
            amount=1,
            recorded_at=now,
            recorded_by=cast.tono,
        ),
        bank_day=BankDay.objects.create(
            agency=cast.agency,
            area_code="35",
            day=date(2026, 1, 5),
            closed_at=now,
            closed_by=cast.tono,
        ),
        bank_row=ResultRow.objects.create(
            result=result, row_number=1, state="quarantine", quarantine_code="unreadable"
        ),
        returned=ReturnCase.objects.filter(line__pay_list=year.first, decision="").get(),
        report=report,
        audited=audited(now),
        payees=make_payees(cast),
        holiday=HolidayFactory(),
        reference=make_reference(cast),
        boundary=make_boundary(cast, year.first, bank_file),
        flows=make_flows(cast),
        simulation=SimulationFactory(counted=True, version=year.version, made_by=cast.budi),
    )


def audited(at: datetime) -> AuditRun:
    """An audit of the books that found something in Kabupaten Madiun."""
    run = AuditRun.objects.create(
        started_at=at,
        finished_at=at,
        broken=1,
        counts={code: {"rows": 3, "broken": int(code == "I3")} for code in PROMISES},
    )
    AuditBreach.objects.create(
        run=run,
        promise="I3",
        kind="lines",
        area_code="35.19",
        place="DB-35-2026-0001",
        expected="3 / 1500000.00",
        found="2 / 1000000.00",
    )
    return run


Maker = Callable[[World], dict[str, Any]]


def pk_of(name: str) -> Maker:
    """The key of one of the world's objects as the route's only argument."""
    return lambda world: {"pk": getattr(world, name).pk}


def in_programme(world: World) -> dict[str, Any]:
    return {"pk": world.year.version.programme_id}


def in_version(world: World) -> dict[str, Any]:
    return {"pk": world.year.version.pk}


def in_list(world: World) -> dict[str, Any]:
    return {"pk": world.year.first.pk}


def in_budget(world: World) -> dict[str, Any]:
    return {"pk": world.year.first.budget_id}


def with_more(make: Maker, **more: Any) -> Maker:
    """The same object with further arguments."""
    return lambda world: {**make(world), **more}


def rows(names: str, make: Maker, reach: Reach) -> dict[str, tuple[Maker, Reach]]:
    """Several routes of one kind of object."""
    return {name: (make, reach) for name in names.split()}


# Routes with arguments: how to fill them, who is near enough.
ROUTES: dict[str, tuple[Maker, Reach]] = {
    **rows("accounts:user accounts:token_new", lambda w: {"pk": w.cast.sari.pk}, Reach.AREA),
    **rows("accounts:token_revoke", pk_of("token"), Reach.AREA),
    **rows("accounts:help_guide", lambda w: {"name": "auditor"}, Reach.EVERYBODY),
    **rows("accounts:holiday accounts:holiday_remove", pk_of("holiday"), Reach.OFFICE),
    **rows("documents:detail documents:file", pk_of("document"), Reach.AREA),
    **rows("documents:export", lambda w: {"key": "documents"}, Reach.EVERYBODY),
    **rows("documents:genuine", lambda w: {"code": w.document.check_code}, Reach.EVERYBODY),
    **rows("jobs:detail jobs:progress jobs:cancel", pk_of("job"), Reach.NOBODY),
    # The training pages do not exist outside training mode.
    **rows("demo:answer", in_list, Reach.NOBODY),
    **rows("demo:sample", lambda w: {"key": "utama"}, Reach.NOBODY),
    # Register
    **rows(
        "beneficiaries:person beneficiaries:person_edit beneficiaries:person_account"
        " beneficiaries:person_death person-detail",
        pk_of("person"),
        Reach.AREA,
    ),
    **rows("beneficiaries:person_tab", with_more(pk_of("person"), tab="keluarga"), Reach.AREA),
    **rows("beneficiaries:reveal", with_more(pk_of("person"), field="nik"), Reach.AREA),
    **rows("beneficiaries:family family-detail", lambda w: {"pk": w.person.family_id}, Reach.AREA),
    **rows("beneficiaries:snapshot snapshot-detail", pk_of("snapshot"), Reach.AREA),
    **rows(
        "beneficiaries:import beneficiaries:import_mapping beneficiaries:import_accept"
        " beneficiaries:import_refuse beneficiaries:import_errors beneficiaries:import_original"
        " import-detail import-check import-accept import-refuse",
        pk_of("imported"),
        # The kind of list asks for a right of its own.
        Reach.NARROWER,
    ),
    **rows("beneficiaries:draft", lambda w: {"purpose": "usulan", "key": "1"}, Reach.EVERYBODY),
    **payee_routes(rows, Reach),
    **flow_routes(rows, Reach),
    # Programmes
    **rows(
        "programs:programme programs:programme_edit programs:version_new",
        in_programme,
        Reach.PROVINCE,
    ),
    **rows(
        "programs:version programs:version_edit programs:version_activate programs:version_copy"
        " programs:criteria programs:criterion_new programs:stages programs:quotas"
        " programs:exclusions programs:conflicts programs:ranking_rule programs:ranking"
        " programs:shifts programs:version_file programs:version_changes"
        " programs:version_preview"
        " programme-version-quotas",
        in_version,
        Reach.PROVINCE,
    ),
    **rows(
        "programme-version-set-stages programme-version-activate programme-version-copy",
        in_version,
        Reach.OFFICE,
    ),
    # Read in the whole province, changed by its office only.
    **rows("programme-detail", in_programme, Reach.OFFICE),
    **rows("programme-version-detail", in_version, Reach.OFFICE),
    **rows(
        "programs:criterion programs:criterion_act",
        with_more(in_version, place=0),
        Reach.PROVINCE,
    ),
    **rows(
        "programs:proposal programs:proposal_send programs:judge programs:proposal_withdraw"
        " programs:answers programs:paper_add programs:member proposal-detail"
        " proposal-decide proposal-resubmit"
        " proposal-entitlements proposal-record-units programs:proxy_new proposal-proxies"
        " programs:payee proposal-choose-payee",
        pk_of("proposal"),
        Reach.AREA,
    ),
    **rows(
        "programs:precedence programs:precedence_end programs:offer programs:offer_answer",
        pk_of("proposal"),
        Reach.AREA,
    ),
    **rows("programs:shift_decide", pk_of("shift"), Reach.PROVINCE),
    **rows("programs:proposal_form", in_version, Reach.PROVINCE),
    **rows("programs:paper programs:paper_remove", pk_of("paper"), Reach.AREA),
    **rows(
        "programs:record_make",
        with_more(in_version, district="35.19.01"),
        Reach.AREA,
    ),
    **rows("verification-record-detail", pk_of("record"), Reach.AREA),
    **rows(
        "programs:decree programs:decree_submit programs:decree_approve programs:decree_return"
        " programs:decree_cancel programs:decree_amend decree-detail decree-submit decree-approve"
        " decree-send-back decree-cancel",
        pk_of("decree"),
        Reach.AREA,
    ),
    **rows(
        "programs:decree_drop",
        lambda w: {"pk": w.decree.pk, "enrolment": w.proposal.pk},
        Reach.AREA,
    ),
    **life_routes(rows, Reach),
    **rows("proposal-end-proxy", lambda w: {"pk": w.benefits.enrolment.pk}, Reach.AREA),
    **rows("programs:proxy_end", lambda w: {"pk": w.benefits.proxy.pk}, Reach.AREA),
    **rows(
        "disbursements:goods_programme disbursements:goods_item disbursements:goods_lot"
        " disbursements:goods_transfer",
        lambda w: {"pk": w.benefits.goods.version_id},
        Reach.PROVINCE,
    ),
    **rows("disbursements:hand_over", lambda w: {"pk": w.benefits.goods.pk}, Reach.AREA),
    **rows(
        "disbursements:handover disbursements:handover_photo disbursements:handover_back"
        " handover-detail handover-take-back",
        lambda w: {"pk": w.benefits.handover.pk},
        Reach.AREA,
    ),
    **rows(
        "disbursements:goods_replace",
        lambda w: {"pk": w.benefits.handover.pk, "line": w.benefits.line.pk},
        Reach.AREA,
    ),
    **rows("programs:simulation_new", in_version, Reach.PROVINCE),
    **rows(
        "programs:simulation programs:simulation_edit programs:simulation_run"
        " programs:simulation_copy programs:simulation_drop programs:simulation_compare"
        " programs:simulation_criteria programs:simulation_criterion_new"
        " simulation-detail simulation-run simulation-areas simulation-changes"
        " simulation-compare simulation-export",
        pk_of("simulation"),
        Reach.AREA,
    ),
    **rows(
        "programs:simulation_criterion programs:simulation_criterion_act",
        with_more(pk_of("simulation"), place="0"),
        Reach.AREA,
    ),
    # Rails are the country's: whoever may answer a question may answer it.
    **rows("disbursements:rail_limit_answer", pk_of("rail"), Reach.EVERYBODY),
    **rows("disbursements:opening", pk_of("opening"), Reach.AREA),
    **rows("disbursements:counter_open", in_list, Reach.AREA),
    **rows(
        "disbursements:counter disbursements:counter_register disbursements:counter_close"
        " cash-counter-detail cash-counter-pay cash-counter-close",
        lambda w: {"pk": w.cash.counter.pk},
        Reach.AREA,
    ),
    **rows(
        "disbursements:counter_line",
        lambda w: {"pk": w.cash.counter.pk, "line": w.cash.line.pk},
        Reach.AREA,
    ),
    **rows(
        "disbursements:receipt cash-receipt-detail cash-receipt-undo",
        lambda w: {"pk": w.cash.receipt.pk},
        Reach.AREA,
    ),
    **rows(
        "disbursements:receipt_proof",
        lambda w: {"pk": w.cash.receipt.pk, "which": "foto"},
        Reach.AREA,
    ),
    **rows("disbursements:register_pages", lambda w: {"pk": w.cash.register.pk}, Reach.AREA),
    **rows("programs:units", lambda w: {"pk": w.benefits.stage.pk}, Reach.PROVINCE),
    # Money
    **rows(
        "disbursements:budget disbursements:allocate budget-detail budget-allocate"
        " budget-change-ceiling",
        in_budget,
        Reach.AREA,
    ),
    **rows(
        "disbursements:list disbursements:lines disbursements:exclude disbursements:include"
        " disbursements:cancel disbursements:follow_up disbursements:approve disbursements:sp2d"
        " disbursements:bank_files disbursements:send disbursements:upload"
        " disbursements:reconcile disbursements:papers"
        " pay-list-detail pay-list-approve pay-list-cancel pay-list-check"
        " pay-list-close pay-list-exclude pay-list-files pay-list-follow-up pay-list-identity"
        " pay-list-lines pay-list-lock pay-list-make-files pay-list-preflight pay-list-send-back"
        " pay-list-sent pay-list-sp2d pay-list-submit pay-list-upload",
        in_list,
        Reach.AREA,
    ),
    # The books are one: everybody with the right reads every run, the breaches of their own area.
    **rows("disbursements:audit book-audit-detail", pk_of("audited"), Reach.EVERYBODY),
    **rows("disbursements:act", with_more(in_list, act="periksa-ulang"), Reach.AREA),
    **rows("disbursements:bank_file", with_more(in_list, kind="csv"), Reach.AREA),
    **rows(
        "disbursements:result disbursements:apply disbursements:refuse bank-result-detail"
        " bank-result-apply bank-result-set-mapping",
        pk_of("result"),
        Reach.AREA,
    ),
    **rows("disbursements:list_desk disbursements:sp2d_correct", in_list, Reach.AREA),
    **rows("disbursements:deposit", pk_of("slip"), Reach.AREA),
    **rows(
        "disbursements:desk_row bank-row-detail bank-row-set-aside bank-row-link bank-row-undo",
        pk_of("bank_row"),
        Reach.AREA,
    ),
    **rows("bank-row-answer", pk_of("bank_row"), Reach.NOBODY),
    **rows("bank-day-detail", pk_of("bank_day"), Reach.AREA),
    **rows(
        "disbursements:submission disbursements:submission_ask disbursements:submission_again"
        " bank-submission-detail bank-submission-ask bank-submission-again",
        lambda w: {"pk": w.boundary.submission.pk},
        Reach.AREA,
    ),
    **rows(
        "disbursements:submit",
        lambda w: {"pk": w.year.first.pk, "channel": w.boundary.channel.pk},
        Reach.AREA,
    ),
    **rows(
        "disbursements:layout disbursements:layout_test",
        lambda w: {"pk": w.boundary.layout.pk},
        Reach.AREA,
    ),
    **rows(
        "disbursements:statement_layout",
        lambda w: {"pk": w.boundary.statement_layout.pk},
        Reach.AREA,
    ),
    **rows(
        "disbursements:layout_take",
        lambda w: {"pk": w.year.first.pk, "file": w.boundary.file.pk},
        Reach.AREA,
    ),
    **rows("bank-channel-detail", lambda w: {"pk": w.boundary.channel.pk}, Reach.AREA),
    **rows("disbursements:name bank-name-detail", lambda w: {"pk": w.boundary.name.pk}, Reach.AREA),
    **rows("disbursements:names_check", in_list, Reach.AREA),
    **rows(
        "disbursements:channel disbursements:channel_test",
        lambda w: {"pk": w.boundary.channel.pk},
        Reach.AREA,
    ),
    **rows(
        "disbursements:channel_switch",
        lambda w: {"pk": w.boundary.channel.pk, "state": "nyala"},
        Reach.AREA,
    ),
    **rows(
        "disbursements:return return-detail return-decide return-confirm return-sts",
        pk_of("returned"),
        # Nobody confirms what nobody has decided.
        Reach.NARROWER,
    ),
    **rows("treasury-list-detail", lambda w: {"slug": "retur"}, Reach.EVERYBODY),
    **rows(
        "monitoring:treasury_list monitoring:treasury_pdf",
        lambda w: {"slug": "retur"},
        Reach.EVERYBODY,
    ),
    **rows("monitoring:budget_card monitoring:cash_plan", in_budget, Reach.AREA),
    **rows("monitoring:deadline_edit", in_version, Reach.OFFICE),
    **rows("monitoring:report report-detail", pk_of("report"), Reach.AREA),
    **rows("monitoring:reference reference-figure-detail", pk_of("reference"), Reach.PROVINCE),
}
# Routes without arguments that are not the same for everybody.
NO_ARGUMENTS: dict[str, Reach] = {"demo:training": Reach.NOBODY}
