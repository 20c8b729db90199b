"""The questions of a monitoring visit: a line each, with the kind of its answer at the end.

"Apakah usaha masih berjalan? [ya/tidak]", "Keadaan barang [pilihan: baik, rusak, hilang]",
"Berapa orang bekerja? [angka]", "Berapa pendapatan sebulan? [rupiah]". A line without a kind is
answered in words, as the lines of every guide before this was read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from programs.choices import QuestionKind

# A question as it stands on paper, and how many a visit can bear.
LONGEST_QUESTION = 300
LONGEST_ANSWER = 500
MOST_QUESTIONS = 40
MOST_NUMBER = Decimal("9999999999999999")
_LINE = re.compile(r"^(?P<label>.*?)\s*\[(?P<kind>[^\[\]]*)\]$")
_CHOICE = re.compile(r"^pilihan\s*:(?P<words>.*)$", re.IGNORECASE)
_KINDS = {
    "ya/tidak": QuestionKind.YES_NO,
    "angka": QuestionKind.NUMBER,
    "rupiah": QuestionKind.AMOUNT,
    "teks": QuestionKind.TEXT,
}
YES, NO = "ya", "tidak"


@dataclass(frozen=True)
class Question:
    """One question: what is asked, how it is answered, and the words to choose from."""

    label: str
    kind: QuestionKind
    choices: tuple[str, ...] = ()


def question_of(line: str) -> Question:
    """The question of a line; what no kind can be read from is answered in words, whole."""
    found = _LINE.match(line.strip())
    kind, choices = _kind_of(found["kind"]) if found else (None, ())
    if found is None or kind is None:
        return Question(line.strip(), QuestionKind.TEXT)
    return Question(found["label"], kind, choices)


def _kind_of(words: str) -> tuple[QuestionKind | None, tuple[str, ...]]:
    chosen = _CHOICE.match(words.strip())
    if chosen is None:
        return _KINDS.get("".join(words.lower().split())), ()
    return QuestionKind.CHOICE, tuple(
        word.strip() for word in chosen["words"].split(",") if word.strip()
    )


def question_problems(lines: Sequence[str]) -> list[str]:
    """What is wrong with the questions of a version, a sentence for each line that is wrong."""
    if len(lines) > MOST_QUESTIONS:
        return [_("Pertanyaan pemantauan paling banyak %(most)s.") % {"most": MOST_QUESTIONS}]
    found: list[str] = []
    seen: set[str] = set()
    for place, line in enumerate(lines, start=1):
        sentence = _line_problem(line)
        label = question_of(line).label.casefold()
        if not sentence and label in seen:
            sentence = _("ditulis dua kali.")
        seen.add(label)
        if sentence:
            words = {"place": place, "sentence": sentence}
            found.append(_("Pertanyaan pemantauan %(place)s: %(sentence)s") % words)
    return found


def _line_problem(line: str) -> str:
    found = _LINE.match(line.strip())
    if len(question_of(line).label) > LONGEST_QUESTION:
        return _("lebih panjang dari %(most)s huruf.") % {"most": LONGEST_QUESTION}
    if found is None:
        return ""
    kind, choices = _kind_of(found["kind"])
    if kind is None:
        return _(
            "jenis jawaban [%(kind)s] tidak dikenal. Pakai [ya/tidak], [pilihan: a, b], [angka],"
            " [rupiah], atau [teks]."
        ) % {"kind": found["kind"]}
    if not found["label"]:
        return _("tidak ada pertanyaannya.")
    if kind == QuestionKind.CHOICE and len({word.casefold() for word in choices}) < max(
        2, len(choices)
    ):
        return _("pilihannya kurang dari dua atau ditulis dua kali.")
    if any(len(word) > LONGEST_ANSWER for word in choices):
        return _("pilihannya terlalu panjang.")
    return ""


def answer_problem(question: Question, given: str | Decimal) -> str:
    """One sentence when an answer is none of its question; "" when it is one."""
    if question.kind in (QuestionKind.NUMBER, QuestionKind.AMOUNT):
        if not isinstance(given, Decimal) or not 0 <= given <= MOST_NUMBER:
            return _("Isi angka nol atau lebih.")
        parts = question.kind == QuestionKind.NUMBER and given != given.to_integral_value()
        return _("Isi angka bulat, tanpa pecahan.") if parts else ""
    if not isinstance(given, str) or len(given) > LONGEST_ANSWER:
        return _("Jawaban paling panjang %(most)s huruf.") % {"most": LONGEST_ANSWER}
    words = {QuestionKind.YES_NO: (YES, NO), QuestionKind.CHOICE: question.choices}
    if question.kind in words and given not in words[question.kind]:
        return _("Pilih salah satu jawaban.")
    return ""
