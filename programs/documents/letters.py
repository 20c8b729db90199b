"""A paper for the recipient to sign, from the text of the version: filled, never archived."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from bansos.lib.dates import long_date
from bansos.lib.money import rupiah, terbilang_rupiah
from bansos.lib.nik import mask_nik
from bansos.lib.pdf import render_pdf
from bansos.regions.queries import full_name, name_of
from programs.documents.record import Signer
from programs.models import Enrolment
from programs.queries.assessing import grant_of, newest_plan
from programs.rules.letters import filled, signed_by

TEMPLATE = "documents/programs/letter_v1.html"
REGENCY_LENGTH = 5


def letter_values(enrolment: Enrolment) -> dict[str, str]:
    """Placeholder -> what is known of this recipient; the NIK stays masked."""
    version, person = enrolment.version, enrolment.person
    grant, plan = grant_of(enrolment), newest_plan(enrolment)
    return {
        "nama": person.name,
        "nik": mask_nik(person.nik) if person.nik else "",
        "tempat_lahir": person.birth_place,
        "tanggal_lahir": long_date(person.birth_date) if person.birth_date else "",
        "alamat": person.address,
        "wilayah": full_name(enrolment.area_code),
        "lembaga": enrolment.payee.name if enrolment.payee else "",
        "usaha": plan.business_name if plan else "",
        "program": version.programme.name,
        "tahun": str(version.year),
        "besaran": rupiah(grant) if grant is not None else "",
        "terbilang": terbilang_rupiah(grant) if grant is not None else "",
        "tahap": str(version.stages.count() or ""),
        "dinas": version.programme.agency.name,
    }


def render_letter(enrolment: Enrolment, letter: dict[str, Any], *, at: datetime) -> bytes:
    """The filled paper as PDF bytes; place, day and signature are left to be written by hand."""
    regency = name_of(enrolment.area_code[:REGENCY_LENGTH])
    body, (recipient, *others) = signed_by(letter["text"])
    html = render_to_string(
        TEMPLATE,
        {
            "agency": enrolment.version.programme.agency,
            "title": letter["label"],
            "paragraphs": filled(body, letter_values(enrolment)),
            "place_date": f"{regency}, ....................",
            "signers": [
                Signer(recipient, enrolment.person.name),
                *(Signer(role, "") for role in others),
            ],
            "training_mode": settings.TRAINING_MODE,
        },
    )
    return render_pdf(html, stylesheets=("css/surat.css",), created=at)
