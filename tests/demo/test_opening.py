"""The versions that the training year really opens carry their guides whole."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from bansos.demo import story
from bansos.demo.catalogue import open_catalogue
from bansos.demo.enrolling import version_of
from bansos.demo.offices import open_offices
from programs.models import ProgrammeVersion
from programs.rules.life import EventFacts, verdict_of
from programs.services.life_rules import life_values
from programs.services.loading import known_fields, known_life

GUIDE_TEXTS = (
    *("calendar", "verification_steps", "monitoring_form", "document_templates"),
    *("success_measure", "funding_source", "ranking"),
)
# Province, programme, died on the pay list with a passbook, in whose KK (domain 3.2).
DEATHS = (
    ("35", story.PKH_PLUS, "pay_heir", False),
    ("35", story.ASPD, "pay_heir", False),
    ("35", story.EXTREME, "pay_heir", True),
    ("35", story.KIP, "pay_back", False),
    ("35", "KIP-PUTRI", "pay_back", False),
    ("35", "KIP-PPKS", "pay_back", False),
)


@pytest.fixture
def opened(country: None) -> None:
    """The offices and every programme of the training year, in force."""
    at = timezone.now()
    users = open_offices(at=at)
    call_command("load_programmes", verbosity=0, stdout=StringIO())
    open_catalogue(users=users, scale=story.Scale(), at=at)


def test_what_opens_keeps_what_its_guide_says(opened: None) -> None:
    check_deaths()
    check_rules()
    check_texts()


def check_deaths() -> None:
    """The outcome of a death follows the guide of the programme, and so does who may inherit."""
    for province, code, outcome, same_kk in DEATHS:
        version = version_of(province, code)
        facts = EventFacts(kind="death", decreed=True, on_list=True, passbook=True)
        verdict = verdict_of(version.event_rules, facts, exits=version.exit_rules)
        assert verdict.outcome == outcome, code
        assert version.heir_rules["pays"] == (outcome == "pay_heir"), code
        assert version.heir_rules["same_kk"] == same_kk, code
        assert version.proxy_rules["ways"], code


def check_rules() -> None:
    """No rule of a guide is lost on the way, in any version of this year."""
    for version in ProgrammeVersion.objects.filter(year=story.YEAR).select_related("programme"):
        which = (version.area_code, version.programme.code)
        assert life_values(version) == known_life(*which), which
        rules = known_fields(*which)
        assert version.heir_rules == rules["heir_rules"], which
        assert version.proxy_rules == rules["proxy_rules"], which


def check_texts() -> None:
    """What the guides tell officers is there in every version of this year."""
    told = set()
    for version in ProgrammeVersion.objects.filter(year=story.YEAR).select_related("programme"):
        code = version.programme.code
        guide = known_fields(version.area_code, code)
        told |= {code} if any(guide[name] for name in GUIDE_TEXTS) else set()
        for name in GUIDE_TEXTS:
            assert getattr(version, name) == guide[name], code
    assert told >= {story.JOSPOL, story.KUBE, story.EXTREME, story.PKH_PLUS}
    uep = known_fields("15", story.UEP)
    version = version_of("15", story.UEP)
    assert list(version.required_documents) == uep["required_documents"]
    assert version.annual_amount == 5_000_000
