"""What happened to recipients since: events in every state, appeals, measures, referrals.

Whoever a source counts keeps the state the source tells: only in the neighbours of Madiun, whose
figures nobody told, does an event end somebody's help.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from bansos.demo import story
from bansos.demo.clock import on_day
from bansos.demo.enrolling import version_of
from bansos.demo.events import measure_income, tell
from bansos.demo.places import villages_of
from programs.choices import AppealOutcome, EventKind, ReferralAnswer, ReferralKind
from programs.models import Enrolment, ProgrammeEvent
from programs.services.events import EventValues
from programs.services.exits import answer_referral, decide_appeal, file_appeal, refer

if TYPE_CHECKING:
    from bansos.demo.seeding import Seeding

PONOROGO, MAGETAN = "35.02", "35.20"
# Area, programme, kind -> what was reported there.
Met = dict[tuple[str, str, EventKind], ProgrammeEvent]


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One event: whose, when it was reported and decided, and what the decider said of it.

    `decided` None: it waits. `why` of a refused event is the reason it was refused.
    """

    area_code: str
    code: str
    kind: EventKind
    happened: date
    reported: date
    note: str
    decided: date | None = None
    agreed: bool = True
    why: str = ""


def _day(month: int, day: int) -> date:
    return date(story.YEAR, month, day)


HAPPENINGS = (
    Happening(
        area_code=PONOROGO,
        code=story.PKH_PLUS,
        kind=EventKind.DEATH,
        happened=_day(9, 14),
        reported=_day(9, 17),
        decided=_day(9, 21),
        note="Surat kematian dari desa sudah dilihat.",
    ),
    Happening(
        area_code=PONOROGO,
        code=story.PKH_PLUS,
        kind=EventKind.ABSENT,
        happened=_day(9, 8),
        reported=_day(9, 10),
        decided=_day(9, 11),
        note="Menginap di rumah anaknya di kota; keluarga diberi tahu.",
    ),
    Happening(
        area_code=PONOROGO,
        code=story.PKH_PLUS,
        kind=EventKind.HINDERED,
        happened=_day(9, 8),
        reported=_day(9, 10),
        decided=_day(9, 14),
        note="Sakit dan tidak dapat berjalan.",
    ),
    Happening(
        area_code=PONOROGO,
        code=story.PKH_PLUS,
        kind=EventKind.IDENTITY,
        happened=_day(10, 6),
        reported=_day(10, 7),
        decided=_day(10, 9),
        note="Tanggal lahir di KTP berbeda dari KK.",
    ),
    Happening(
        area_code=PONOROGO,
        code=story.PKH_PLUS,
        kind=EventKind.ABLE,
        happened=_day(9, 28),
        reported=_day(9, 30),
        decided=_day(10, 5),
        note="Tinggal bersama anak yang berpenghasilan tetap.",
    ),
    Happening(
        area_code=PONOROGO,
        code=story.PKH_PLUS,
        kind=EventKind.NOT_FOUND,
        happened=_day(10, 26),
        reported=_day(10, 28),
        decided=_day(11, 3),
        note="Rumah kosong pada tiga kunjungan.",
    ),
    Happening(
        area_code=PONOROGO,
        code=story.PKH_PLUS,
        kind=EventKind.MOVED_OUT,
        happened=_day(9, 20),
        reported=_day(9, 22),
        decided=_day(9, 25),
        note="Menurut tetangga ikut anaknya ke luar provinsi.",
    ),
    Happening(
        area_code=PONOROGO,
        code=story.PKH_PLUS,
        kind=EventKind.REFUSED,
        happened=_day(10, 12),
        reported=_day(10, 13),
        decided=_day(10, 15),
        agreed=False,
        why="Surat penolakan belum ditandatangani penerima.",
        note="Disampaikan lisan kepada pendamping.",
    ),
    Happening(
        area_code=MAGETAN,
        code=story.PKH_PLUS,
        kind=EventKind.DOUBLE,
        happened=_day(11, 9),
        reported=_day(11, 11),
        note="Namanya juga ada di daftar bantuan desa.",
    ),
    Happening(
        area_code=MAGETAN,
        code=story.PKH_PLUS,
        kind=EventKind.DEATH,
        happened=_day(11, 12),
        reported=_day(11, 16),
        note="Surat kematian menyusul.",
    ),
    Happening(
        area_code=story.MADIUN,
        code=story.ASPD,
        kind=EventKind.ABSENT,
        happened=_day(10, 5),
        reported=_day(10, 6),
        decided=_day(10, 8),
        note="Sedang berobat di Surabaya.",
    ),
    Happening(
        area_code=story.MADIUN,
        code=story.ASPD,
        kind=EventKind.ABLE,
        happened=_day(10, 14),
        reported=_day(10, 15),
        decided=_day(10, 20),
        agreed=False,
        why="Hasil kunjungan ulang: keadaan ekonominya tidak berubah.",
        note="Laporan tetangga.",
    ),
    Happening(
        area_code=story.MADIUN,
        code=story.ASPD,
        kind=EventKind.HINDERED,
        happened=_day(11, 16),
        reported=_day(11, 17),
        note="Wali lama sakit; keluarga mengajukan kuasa baru.",
    ),
    Happening(
        area_code=story.MADIUN,
        code=story.ASPD,
        kind=EventKind.IDENTITY,
        happened=_day(11, 17),
        reported=_day(11, 18),
        note="Nama di buku tabungan berbeda satu kata dari KTP.",
    ),
    Happening(
        area_code=story.MADIUN,
        code=story.EXTREME,
        kind=EventKind.MOVED_VILLAGE,
        happened=_day(10, 19),
        reported=_day(10, 21),
        decided=_day(10, 23),
        note="Surat pindah antardesa sudah dilihat.",
    ),
    Happening(
        area_code=story.MADIUN,
        code=story.EXTREME,
        kind=EventKind.ABSENT,
        happened=_day(11, 18),
        reported=_day(11, 19),
        note="Tidak datang saat buku tabungan dibagikan.",
    ),
)


# The first is past its clock, the second was granted, the third is within its clock.
APPEALS = (
    (
        EventKind.ABLE,
        _day(10, 15),
        "Anak yang dimaksud sudah pindah; ia tinggal sendiri lagi sejak awal Oktober.",
    ),
    (
        EventKind.MOVED_OUT,
        _day(10, 1),
        "Hanya berkunjung dua minggu ke rumah anaknya dan kini sudah pulang.",
    ),
    (EventKind.NOT_FOUND, _day(11, 16), "Dirawat di puskesmas pada hari kunjungan."),
)


def play_happenings(seeding: Seeding) -> None:
    """Events of East Java, three appeals, and what two small businesses of Madiun came to."""
    met: Met = {}
    for row in HAPPENINGS:
        event = _happen(seeding, row)
        if event is not None:
            met[row.area_code, row.code, row.kind] = event
    appeals = sum(_appeal(seeding, met, kind, day, text) for kind, day, text in APPEALS)
    _businesses(seeding)
    waiting = sum(event.decided_at is None for event in met.values())
    seeding.say(f"{len(met)} peristiwa, {waiting} menunggu putusan; {appeals} sanggahan.")


def _happen(seeding: Seeding, row: Happening) -> ProgrammeEvent | None:
    """Report it of somebody who has had no event yet; None where nobody is paid there."""
    crew, version = seeding.crew(row.area_code), version_of("35", row.code)
    active = Enrolment.objects.in_area(row.area_code).filter(version=version, state="active")
    enrolment = active.filter(events=None).order_by("-pk").first()
    if enrolment is None:
        return None
    village = ""
    if row.kind == EventKind.MOVED_VILLAGE:
        codes = (village.code for village in villages_of(row.area_code))
        village = next(code for code in codes if code != enrolment.area_code)
    values = EventValues(
        kind=row.kind, happened_on=row.happened, passbook=True, village=village, note=row.note
    )
    return tell(
        enrolment,
        values,
        crew=crew,
        reported=row.reported,
        decided=row.decided,
        agreed=row.agreed,
        why=row.why,
    )


def _appeal(
    seeding: Seeding,
    met: Met,
    kind: EventKind,
    day: date,
    grounds: str,
) -> bool:
    """File an appeal against what an event ended; the one of a short visit is granted."""
    event, crew = met.get((PONOROGO, story.PKH_PLUS, kind)), seeding.crew(PONOROGO)
    if event is None:
        return False
    enrolment = event.enrolment
    enrolment.refresh_from_db()
    with on_day(day) as at:
        appeal = file_appeal(
            enrolment=enrolment,
            appellant=enrolment.person.name,
            grounds=grounds,
            filed_on=day,
            by=crew.petugas,
            at=at,
        )
    if kind == EventKind.MOVED_OUT:
        with on_day(_day(10, 12)) as at:
            decide_appeal(
                appeal=appeal,
                outcome=AppealOutcome.RESTORED,
                note="Kepala desa memastikan ia menetap di alamat semula.",
                by=crew.kadis,
                at=at,
            )
    return True


def _businesses(seeding: Seeding) -> None:
    """KIP Jawara in Madiun: two incomes measured, one referral taken and one not answered yet."""
    crew = seeding.crew(story.MADIUN)
    rows = Enrolment.objects.filter(version=version_of("35", story.KIP), state="active")
    first, second = rows.order_by("pk")[:2]
    for row, after in ((first, 1_250_000), (second, 990_000)):
        measure_income(row, after=after, on=_day(8, 20), crew=crew)
    with on_day(_day(9, 3)) as at:
        taken = refer(
            enrolment=first,
            kind=ReferralKind.KUR,
            office="Bank Jatim Cabang Madiun",
            note="Usaha berjalan, siap menambah modal.",
            by=crew.petugas,
            at=at,
        )
        refer(
            enrolment=second,
            kind=ReferralKind.LABOUR,
            office="Dinas Tenaga Kerja Kabupaten Madiun",
            note="Pelatihan pemasaran daring.",
            by=crew.petugas,
            at=at,
        )
    with on_day(_day(9, 24)) as at:
        answer_referral(
            referral=taken,
            answer=ReferralAnswer.ACCEPTED,
            note="Kredit disetujui bank.",
            by=crew.petugas,
            at=at,
        )
