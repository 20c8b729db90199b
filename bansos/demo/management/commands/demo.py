"""`manage.py demo`: plays the next stage of PKH Plus in Kabupaten Madiun from list to report."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from bansos.accounts.models import User
from bansos.audit import services as audit
from bansos.demo import story
from bansos.demo.chain import Chain
from bansos.demo.enrolling import Crew, version_of
from bansos.demo.figures import Figures
from bansos.demo.jobs import JobFailed, Worker
from bansos.demo.paying import Papers
from bansos.demo.places import villages_of
from bansos.demo.population import Population
from bansos.demo.process_bank import process_bank
from bansos.demo.seeding import current_list, seeded_with
from bansos.demo.simulator.process import prepare
from bansos.lib.errors import Refused
from disbursements.choices import ListKind, ListState
from disbursements.models import PayList
from disbursements.queries.audit import audit_books
from programs.models import ProgrammeVersion, Stage


class Command(BaseCommand):
    help = "Mainkan seluruh rantai PKH Plus Madiun untuk tahap berikutnya; berkasnya di out/demo/."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--out", default="", help="folder berkas (out/demo)")
        parser.add_argument(
            "--in-house",
            action="store_true",
            help="jawaban bank dibuat di sini, tanpa proses bank simulasi",
        )
        parser.add_argument("--patience", type=int, default=300, help="detik menunggu pekerjaan")

    def handle(self, *args: Any, **options: Any) -> None:
        translation.activate("id")
        if not settings.TRAINING_MODE:
            raise CommandError("Ini bukan instalasi latihan, jadi tidak ada yang dimainkan.")
        if seeded_with() is None:
            raise CommandError("Data latihan belum ada. Jalankan dahulu: make seed")
        version = version_of("35", story.PKH_PLUS)
        stage = next_stage(version)
        if stage is None:
            self.stdout.write(f"Semua tahap PKH Plus {version.year} Madiun sudah dimainkan.")
            return
        began = timezone.now()
        out = Path(options["out"] or settings.BASE_DIR / "out" / "demo")
        chain = make_chain(version, stage, out, Worker(patience=options["patience"]))
        chain.say = self.stdout.write
        self.stdout.write(f"PKH Plus {version.year}, {chain.madiun.regency}, {stage.name}")
        try:
            figures = chain.play() if options["in_house"] else play_outside(chain)
        except (Refused, JobFailed) as error:
            raise CommandError(f"Rantai berhenti: {error}") from error
        count = chain.keep_documents(began)
        self.verdict(figures)
        self.stdout.write(f"{count} dokumen dan berkas lain di {out}")
        if not figures.is_sound:
            raise CommandError("Ada selisih atau pelanggaran; lihat di atas.")

    def verdict(self, figures: Figures) -> None:
        """The table, and what the checks of money and trail say."""
        audit.seal(at=timezone.now())
        figures.breaches += audit_books(at=timezone.now()).sentences
        self.stdout.write("")
        for line in figures.lines():
            self.stdout.write(line)
        self.stdout.write("")
        for breach in figures.breaches:
            self.stdout.write(f"PELANGGARAN: {breach}")
        if not figures.breaches:
            self.stdout.write("Tidak ada pelanggaran pada uang maupun jejak audit.")


def play_outside(chain: Chain) -> Figures:
    """The chain with a simulated bank as a process of its own, reached by its channel."""
    agency = chain.version.programme.agency
    admin = User.objects.filter(role="admin", area_code=agency.area_code, is_active=True).first()
    if admin is None:
        raise CommandError("Administrator dinas tidak ada.")
    keys = Path(settings.STATE_DIR) / "bank"
    today = timezone.localdate(timezone=agency.zone).isoformat()
    with TemporaryDirectory() as folder:
        prepare(keys)
        with process_bank(
            agency=agency,
            admin=admin,
            keys=keys,
            folder=Path(folder),
            finish=chain.worker,
            today=today,
        ) as bank:
            chain.say(f"Bank simulasi: {bank.simulator.url}")
            chain.outside = bank
            return chain.play()


def next_stage(version: ProgrammeVersion) -> Stage | None:
    """The first stage that Madiun has no list for."""
    lists = PayList.objects.filter(area_code=story.MADIUN, kind=ListKind.MAIN)
    taken = lists.exclude(state=ListState.CANCELLED).values("stage_id")
    return version.stages.exclude(pk__in=taken).order_by("number").first()


def make_chain(version: ProgrammeVersion, stage: Stage, out: Path, worker: Worker) -> Chain:
    """The chain of one stage with the training crew."""
    found = seeded_with()
    number = found[0] if found else 0
    users = {user.username: user for user in User.objects.all()}
    return Chain(
        version=version,
        stage=stage,
        madiun=current_list(),
        crew=Crew.of(users, local="", office=""),
        papers=Papers(Population(number + stage.number), villages_of(story.MADIUN)),
        out=out,
        say=print,
        worker=worker,
    )
