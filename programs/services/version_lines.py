"""Where in a YAML file a rule is wrong that only the services can judge: the line of a refusal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from bansos.lib.errors import BadInput, Refused
from programs.choices import Rail
from programs.models import Programme, ProgrammeVersion
from programs.queries.exclusivity import others_of
from programs.queries.targets import shareable_codes
from programs.rules.assessing import assessing_problems
from programs.rules.criteria_checks import placed_problems
from programs.rules.exclusivity import exclusivity_problems
from programs.rules.letters import letter_problems
from programs.rules.life import event_problems, exit_problems
from programs.rules.proxies import rule_problems
from programs.rules.ranking import ranking_problems
from programs.rules.version_file import Document, Place
from programs.rules.versions import sharing_problem
from programs.rules.visits import question_problems

FILE_CODE = "PROG-FILE"
# What a place is judged by: the sentences of its part of the file, or of the part up to there.
Check = tuple[Place, Callable[[], Sequence[str]]]


def wrong(sentence: str, *, line: int | None = None) -> BadInput:
    """A file that is refused: one sentence, with its line where there is one."""
    told = _("Baris %(line)s: %(sentence)s") % {"line": line, "sentence": sentence}
    sentence = sentence if line is None else told
    return BadInput(
        FILE_CODE,
        _("%(sentence)s Tidak ada yang disimpan. Perbaiki berkasnya, lalu kirim lagi.")
        % {"sentence": sentence},
        fields={"file": sentence},
    )


@contextmanager
def told_at(document: Document, find: Callable[[Refused], Place]) -> Iterator[None]:
    """Refusals of a service inside, told with the line of what they are about."""
    try:
        yield
    except Refused as refused:
        place = () if refused.code == FILE_CODE else find(refused)
        if not place:
            raise
        told = _("Baris %(line)s: %(sentence)s") % {
            "line": document.line_of(*place),
            "sentence": refused.message,
        }
        raise BadInput(refused.code, told, fields={"file": told}) from refused


def place_of_version(
    document: Document, programme: Programme, refused: Refused, *, coming: Collection[str] = ()
) -> Place:
    """What a refusal to save the version itself is about; () where it is about no one place."""
    if refused.code == "PROG-CRITERIA":
        return _criterion(document)
    if refused.code == "PROG-TARGET":
        return _first(_shared(document, programme, coming))
    if refused.code == "PROG-EXCLUSIVE":
        return _first(_bars(document, programme))
    if refused.code == "PROG-RULES":
        return _first(_rules(document))
    return ()


def _first(checks: Iterator[Check]) -> Place:
    return next((place for place, problems in checks if problems()), ())


def _criterion(document: Document) -> Place:
    found: list[str | int] = ["kriteria"]
    at = placed_problems(document["kriteria"])[0][0]
    for depth, number in enumerate(at):
        found += ["items", number] if depth else [number]
    return tuple(found)


def _shared(document: Document, programme: Programme, coming: Collection[str]) -> Iterator[Check]:
    known = shareable_codes(programme, coming)
    for number, code in enumerate(document["target_bersama"]):
        word = str(code).strip().upper()
        yield ("target_bersama", number), partial(_unknown_code, word, known)


def _unknown_code(code: str, known: Sequence[str]) -> Sequence[str]:
    problem = sharing_problem([code] if code else [], known)
    return [problem] if problem else []


def _bars(document: Document, programme: Programme) -> Iterator[Check]:
    judge = partial(
        exclusivity_problems,
        code=programme.code,
        criteria=document.get("kriteria") or [],
        others=others_of(programme, year=document["tahun"]),
    )
    # What other programmes say of this one can clash with its criteria alone.
    yield ("kriteria",), partial(judge, items=[])
    items = document.get("tidak_bersama") or []
    for number in range(len(items)):
        yield ("tidak_bersama", number), partial(judge, items=items[: number + 1])


def _rules(document: Document) -> Iterator[Check]:
    yield ("aturan_kuasa",), partial(rule_problems, document.get("aturan_kuasa") or {}, {})
    heirs = document.get("aturan_ahli_waris") or {}
    yield ("aturan_ahli_waris",), partial(rule_problems, {}, heirs)
    yield ("urutan",), partial(ranking_problems, document.get("urutan") or {})
    questions = document.get("pertanyaan_pemantauan") or []
    for number in range(len(questions)):
        yield ("pertanyaan_pemantauan", number), partial(question_problems, questions[: number + 1])
    # What is left: a way of payment nobody knows, or cash beside a bank.
    for number, rail in enumerate(document.get("jalur_penyaluran") or []):
        yield ("jalur_penyaluran", number), partial(_unknown_rail, rail)
    yield ("jalur_penyaluran",), partial(_unknown_rail, None)


def _unknown_rail(rail: Any) -> Sequence[str]:
    return [] if rail in Rail.values else [str(rail)]


def place_of_life(document: Document, version: ProgrammeVersion) -> Place:
    """Which of the rules about events, exit, ways in, forms and plans is refused."""
    return _first(_life(document, version))


def _life(document: Document, version: ProgrammeVersion) -> Iterator[Check]:
    stops = [str(row["code"]) for row in version.stop_reasons]
    judge = partial(event_problems, stop_codes=stops, heir_rules=version.heir_rules)
    for number, row in enumerate(document.get("aturan_peristiwa") or []):
        yield ("aturan_peristiwa", number), partial(judge, [row])
    yield ("aturan_selesai",), partial(exit_problems, document.get("aturan_selesai") or {})
    channels = document.get("saluran_usulan") or []
    yield ("saluran_usulan",), partial(assessing_problems, channels, [], {})
    forms = document.get("formulir_asesmen") or []
    for number in range(len(forms)):
        part = forms[: number + 1]
        yield ("formulir_asesmen", number), partial(assessing_problems, [], part, {})
    yield ("aturan_rab",), partial(assessing_problems, [], [], document.get("aturan_rab") or {})
    letters = document.get("naskah_dokumen") or []
    for number in range(len(letters)):
        yield ("naskah_dokumen", number), partial(letter_problems, letters[: number + 1])
