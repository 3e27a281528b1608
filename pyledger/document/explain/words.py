"""The document's fixed words in plain English, and moments and spans of time as people say them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Final

from pyledger.document.units import say_duration

__all__ = ["CHOICES", "PORTIONS", "choice", "say_moment", "say_span", "spaced"]

_DAY: Final = 86_400
_YEAR: Final = 365 * _DAY

CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "level": {
        "soft_pledge": "a pledge that binds in honour",
        "mou": "a memorandum of understanding",
        "executive_agreement": "an executive agreement between governments",
        "treaty": "a treaty",
    },
    "published": {
        "immediate": "at once",
        "at_signature": "when it is signed",
        "when_in_force": "when it comes into force",
        "after_completion": "after it has ended",
        "never": "never",
    },
    "open_to": {
        "public": "everybody",
        "parties_and_panel": "the parties and the panels",
        "parties": "the parties only",
    },
    "group": {"community": "a community", "state": "a state", "workers": "workers", "public": "the public at large"},
    "verifier": {
        "treaty_body": "a body set up by treaty",
        "agency": "a public agency",
        "auditor": "an auditor",
        "hem_attestation": "hardware that reports on itself",
        "public_record": "a public record",
        "formula": "a formula",
        "person": "a person",
    },
    "region": {"north": "the north", "south": "the south"},
    "reversibility": {
        "reversible": "reversible",
        "partly_reversible": "partly reversible",
        "irreversible": "irreversible",
    },
    "counts": {"good": "good: more is better", "bad": "bad: more is worse"},
    "baseline": {
        "fixed": "a level known when the deal is signed",
        "own_future": "a level that what the party does later will set",
    },
    "topic": {
        "delivery": "delivery",
        "glossary": "shared language",
        "pause": "a pause",
        "ratification": "ratification",
        "safety": "safety",
        "security": "security",
        "panel_formed": "forming a panel",
        "payment": "payment",
    },
    "cluster": {
        "financial_resource": "a financial resource",
        "frontier_ai": "frontier artificial intelligence",
        "seat": "a seat at a table",
        "security": "security",
        "other": "something else",
    },
    "tangibility": {
        "cash_like": "as good as cash",
        "physical": "a physical thing",
        "metered_access": "access that is metered",
        "service": "a service",
        "assurance": "an assurance",
        "status": "a matter of status",
    },
    "revocability": {
        "irrevocable": "it cannot be taken back",
        "degradable": "it can be reduced",
        "revocable_with_notice": "it can be taken back after notice",
        "instantly_revocable": "it can be taken back at once",
    },
    "generality": {"narrow": "narrow", "broad": "broad", "general": "general"},
    "restriction": {
        "none": "none",
        "fine_tuned": "the model is fine-tuned to refuse",
        "output_filter": "a filter on what it answers",
        "classifier": "a classifier on how it is used",
        "principle_set": "a set of principles it follows",
    },
    "monitoring": {
        "none": "none",
        "minimal": "minimal",
        "periodic_audit": "audits from time to time",
        "realtime": "while it is used",
    },
    "delivery": {
        "api": "queries to the provider's servers",
        "hosted": "a copy hosted by the provider",
        "on_prem_hem": "machines at the recipient's, under controls built into the hardware",
        "weights": "the model's weights themselves",
    },
    "compute_use": {
        "none": "none",
        "inference_only": "running models, not training them",
        "training_below": "training below a limit",
        "training_unrestricted": "training without limit",
    },
    "input": {
        "none": "nothing",
        "data": "data",
        "algorithm": "algorithms",
        "human_capital": "people and their skills",
        "compute": "computing power",
    },
    "meta_info": {
        "none": "nothing",
        "model_card": "a description of the model",
        "architecture": "its architecture",
        "training_process": "how it was trained",
        "full": "everything",
    },
    "dual_use": {"none": "none", "low": "low", "high": "high"},
    "offence_defence": {
        "defence_dominant": "it helps defence more than attack",
        "neutral": "it helps neither attack nor defence more",
        "offence": "it helps attack more than defence",
    },
    "onward_transfer": {"forbidden": "forbidden", "with_consent": "only with consent", "free": "free"},
    "preset": {
        "fsc": "the general assembly of the Forest Stewardship Council",
        "eiti": "a group of the Extractive Industries Transparency Initiative",
        "kyoto_eb": "the Executive Board of the Kyoto mechanism",
    },
}
"""Field → its word in the document → what is said. Within a field no two words are said alike."""

PORTIONS: Final[Mapping[Fraction, str]] = {
    Fraction(1, 3): "a third",
    Fraction(1, 2): "half",
    Fraction(2, 3): "two thirds",
    Fraction(3, 4): "three quarters",
}
"""Shares that the rules of panels use."""


def choice(field: str, word: str) -> str:
    """One of a field's words in plain English; kinds without an entry of their own are said with spaces."""
    return CHOICES[field][word] if field in CHOICES else spaced(word)


def spaced(word: str) -> str:
    """`working_group` as "working group", `api_access` as "API access"."""
    return " ".join("API" if each == "api" else each for each in word.split("_"))


def say_moment(seconds: int) -> str:
    """Unix seconds as "31 January 2027" or "31 January 2027, 12:00:00 UTC"; a day alone is its first instant."""
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    date = f"{moment.day} {moment:%B} {moment.year:04d}"
    return date if seconds % _DAY == 0 else f"{date}, {moment:%H:%M:%S} UTC"


def say_span(seconds: int) -> str:
    """Seconds as "45 days" or "1 day 12 hours"; whole years also as such: "3 years (1095 days)"."""
    years, rest = divmod(seconds, _YEAR)
    if rest or not years:
        return say_duration(seconds)
    return f"{years} year{'' if years == 1 else 's'} ({say_duration(seconds)})"
