"""Programmes, proposals and decrees for tests; PKH Plus 2026 unless said otherwise."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import factory

from programs.choices import (
    Answer,
    BenefitKind,
    Channel,
    DecreeState,
    EnrolmentState,
    PayeeKind,
    VersionState,
)
from programs.models import (
    CriterionAnswer,
    Decree,
    DecreeLine,
    Enrolment,
    EnrolmentDocument,
    EnrolmentMove,
    Programme,
    ProgrammeVersion,
    Quota,
    Stage,
    VerificationRecord,
)
from tests.factories.accounts import AgencyFactory, UserFactory
from tests.factories.beneficiaries import BankAccountFactory, PersonFactory

NOW = datetime(2026, 2, 2, 3, 0, tzinfo=UTC)
CRITERIA = [
    {"code": "min_age_on_stage", "params": {"age": 70}, "label": "", "waivable": False},
    {"code": "desil_in", "params": {"values": [1, 2, 3, 4]}, "label": "", "waivable": False},
    {"code": "in_regular_pkh", "params": {}, "label": "", "waivable": False},
    {"code": "one_per_family", "params": {}, "label": "", "waivable": False},
    {
        "code": "domicile_in_province",
        "params": {"province": "35"},
        "label": "",
        "waivable": False,
    },
]
STOP_REASONS = [{"code": "died", "label": "Meninggal"}, {"code": "moved", "label": "Pindah"}]
REJECT_REASONS = [{"code": "age", "label": "Usia"}, {"code": "papers", "label": "Dokumen kurang"}]


class ProgrammeFactory(factory.django.DjangoModelFactory):
    """PKH Plus of East Java."""

    class Meta:
        model = Programme
        django_get_or_create = ("area_code", "code")

    agency = factory.SubFactory(AgencyFactory)
    area_code = factory.SelfAttribute("agency.area_code")
    code = "PKHPLUS"
    name = "PKH Plus"


class ProgrammeVersionFactory(factory.django.DjangoModelFactory):
    """The active rules of 2026 with four stages; `draft=True` for one still being written."""

    class Meta:
        model = ProgrammeVersion
        skip_postgeneration_save = True

    class Params:
        draft = factory.Trait(state=VersionState.DRAFT, activated_at=None, activated_by=None)

    programme = factory.SubFactory(ProgrammeFactory)
    year = 2026
    state = VersionState.ACTIVE
    payee_kind = PayeeKind.PERSON
    benefit_kind = BenefitKind.PER_STAGE
    annual_amount = Decimal(2_000_000)
    one_per_family = True
    criteria = factory.LazyFunction(lambda: [dict(row) for row in CRITERIA])
    required_documents = factory.LazyFunction(
        lambda: [{"code": "ktp", "label": "Foto KTP", "required": True}]
    )
    legal_basis = factory.LazyFunction(lambda: ["Pergub Jatim 7/2024"])
    stop_reasons = factory.LazyFunction(lambda: [dict(row) for row in STOP_REASONS])
    reject_reasons = factory.LazyFunction(lambda: [dict(row) for row in REJECT_REASONS])
    bank_code = "114"
    activated_at = NOW
    activated_by = factory.SubFactory(UserFactory, role="staf_program", area_code="35")

    @factory.post_generation
    def stages(obj, create, extracted, **kwargs) -> None:  # type: ignore[no-untyped-def]  # noqa: N805
        if not create or extracted is False:
            return
        for number, month in enumerate((3, 5, 8, 11), start=1):
            StageFactory(version=obj, number=number, stage_date=date(obj.year, month, 15))


class StageFactory(factory.django.DjangoModelFactory):
    """One stage of Rp500.000."""

    class Meta:
        model = Stage

    version = factory.SubFactory(ProgrammeVersionFactory, stages=False)
    number = 1
    name = factory.LazyAttribute(lambda stage: f"Tahap {stage.number}")
    stage_date = date(2026, 3, 15)
    amount = Decimal(500_000)


class QuotaFactory(factory.django.DjangoModelFactory):
    """Places of Kabupaten Madiun."""

    class Meta:
        model = Quota

    version = factory.SubFactory(ProgrammeVersionFactory)
    area_code = "35.19"
    places = 10


class EnrolmentFactory(factory.django.DjangoModelFactory):
    """A proposal that waits; `eligible`, `determined`, `active` are further on."""

    class Meta:
        model = Enrolment

    class Params:
        draft = factory.Trait(state=EnrolmentState.DRAFT, proposed_at=None, proposed_by=None)
        eligible = factory.Trait(
            state=EnrolmentState.ELIGIBLE,
            decided_at=NOW,
            decided_by=factory.SubFactory(UserFactory, role="verifikator_kab"),
        )
        determined = factory.Trait(
            state=EnrolmentState.DETERMINED,
            decided_at=NOW,
            decided_by=factory.SubFactory(UserFactory, role="verifikator_kab"),
        )
        active = factory.Trait(
            state=EnrolmentState.ACTIVE,
            decided_at=NOW,
            decided_by=factory.SubFactory(UserFactory, role="verifikator_kab"),
            active_from=date(2026, 2, 10),
        )

    version = factory.SubFactory(ProgrammeVersionFactory)
    person = factory.SubFactory(PersonFactory)
    family = factory.SelfAttribute("person.family")
    account = factory.SubFactory(BankAccountFactory, person=factory.SelfAttribute("..person"))
    area_code = factory.SelfAttribute("person.area_code")
    state = EnrolmentState.PROPOSED
    channel = Channel.LIST
    one_per_family = factory.SelfAttribute("version.one_per_family")
    proposed_at = NOW
    proposed_by = factory.SubFactory(UserFactory)
    created_at = NOW
    created_by = factory.SubFactory(UserFactory)


class EnrolmentMoveFactory(factory.django.DjangoModelFactory):
    """The first move of a proposal."""

    class Meta:
        model = EnrolmentMove

    enrolment = factory.SubFactory(EnrolmentFactory)
    new = EnrolmentState.PROPOSED
    at = NOW


class CriterionAnswerFactory(factory.django.DjangoModelFactory):
    """An answered age criterion."""

    class Meta:
        model = CriterionAnswer

    enrolment = factory.SubFactory(EnrolmentFactory)
    round = 1
    code = "min_age_on_stage"
    label = "Berusia paling sedikit 70 tahun pada tanggal tahap"
    answer = Answer.YES
    value = "75 tahun"
    reason = "Berusia 75 tahun pada 15 Maret 2026."
    source = "Berkas penerima"
    answered_at = NOW


class EnrolmentDocumentFactory(factory.django.DjangoModelFactory):
    """A paper; its bytes are not sealed, so it cannot be opened."""

    class Meta:
        model = EnrolmentDocument

    enrolment = factory.SubFactory(EnrolmentFactory)
    code = "ktp"
    file_name = "ktp.jpg"
    mime = "image/jpeg"
    size = 3
    sha256 = "0" * 64
    sealed_file = b"abc"
    added_at = NOW
    added_by = factory.SubFactory(UserFactory)


class VerificationRecordFactory(factory.django.DjangoModelFactory):
    """A Berita Acara of Kecamatan Kebonsari without its PDF."""

    class Meta:
        model = VerificationRecord

    version = factory.SubFactory(ProgrammeVersionFactory)
    area_code = "35.19.01"
    made_at = NOW
    made_by = factory.SubFactory(UserFactory, role="verifikator_kab")


class DecreeFactory(factory.django.DjangoModelFactory):
    """A draft for Kabupaten Madiun; `approved=True` for one in force."""

    class Meta:
        model = Decree

    class Params:
        approved = factory.Trait(
            state=DecreeState.APPROVED,
            number=factory.Sequence(lambda n: f"188/{n + 1}/KPTS/013/2026"),
            decree_date=date(2026, 2, 10),
            submitted_at=NOW,
            submitted_by=factory.SelfAttribute("made_by"),
            approved_at=NOW,
            approved_by=factory.SubFactory(UserFactory, role="kepala_dinas", area_code="35"),
        )

    version = factory.SubFactory(ProgrammeVersionFactory)
    area_code = "35.19"
    subject = "Penetapan penerima PKH Plus Kabupaten Madiun 2026"
    made_at = NOW
    made_by = factory.SubFactory(UserFactory, role="staf_program", area_code="35")


class DecreeLineFactory(factory.django.DjangoModelFactory):
    """One name of a decree."""

    class Meta:
        model = DecreeLine

    decree = factory.SubFactory(DecreeFactory)
    enrolment = factory.SubFactory(
        EnrolmentFactory, determined=True, version=factory.SelfAttribute("..decree.version")
    )
    position = factory.Sequence(lambda n: n + 1)
    name = factory.SelfAttribute("enrolment.person.name")
    address = factory.SelfAttribute("enrolment.person.address")
    area_code = factory.SelfAttribute("enrolment.area_code")
    annual_amount = Decimal(2_000_000)
