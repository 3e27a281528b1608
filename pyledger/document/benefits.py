"""Benefits: what a party gives another that is not, or not only, money in escrow, and how it can be taken back.

The words follow the vocabulary of benefit-sharing: clusters and kinds, how tangible and how revocable a benefit is, and
the levers of access to a model. None of it reaches the terms; all of it is part of the document's hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, get_args

from pydantic import BeforeValidator, Field

from pyledger.document.fields import Amount, Duration, Id, Ids, Line, Model, Percent, Prose, Truth, Whole

__all__ = [
    "FRONTIER_NEEDS",
    "KINDS",
    "TANGIBILITY_WEIGHTS",
    "Benefit",
    "Cluster",
    "Revocability",
    "RevocabilityClass",
    "Tangibility",
    "Throttle",
]

Cluster = Literal["financial_resource", "frontier_ai", "seat", "security", "other"]
Tangibility = Literal["cash_like", "physical", "metered_access", "service", "assurance", "status"]
RevocabilityClass = Literal["irrevocable", "degradable", "revocable_with_notice", "instantly_revocable"]
Generality = Literal["narrow", "broad", "general"]
Restriction = Literal["none", "fine_tuned", "output_filter", "classifier", "principle_set"]
Monitoring = Literal["none", "minimal", "periodic_audit", "realtime"]
Delivery = Literal["api", "hosted", "on_prem_hem", "weights"]
ComputeUse = Literal["none", "inference_only", "training_below", "training_unrestricted"]
Input = Literal["none", "data", "algorithm", "human_capital", "compute"]
MetaInfo = Literal["none", "model_card", "architecture", "training_process", "full"]
DualUse = Literal["none", "low", "high"]
OffenceDefence = Literal["defence_dominant", "neutral", "offence"]

Kind = Literal[
    "monetary_aid", "profit_share", "citizen_income", "energy", "natural_resource", "space_resource", "infrastructure",
    "technology", "insurance", "investment_access",
    "api_access", "model_weights", "narrow_model", "inference_compute", "training_compute", "dataset", "algorithm",
    "expertise",
    "evaluation_suite", "safety_research", "ethics_group", "control_right", "information_bubble", "convening",
    "working_group",
    "protection", "nuclear_umbrella", "counter_terrorism", "defense_dominant_tech", "verifiable_development_commitment",
    "negative_assurance", "treatment_assurance", "policy_advisory",
]  # fmt: skip

_ALL: Final[tuple[str, ...]] = get_args(Kind)

KINDS: Final[Mapping[Cluster, tuple[str, ...]]] = {
    "financial_resource": _ALL[:10],
    "frontier_ai": _ALL[10:18],
    "seat": _ALL[18:25],
    "security": _ALL[25:30],
    "other": _ALL[30:],
}
"""The kinds of benefit in each cluster."""

TANGIBILITY_WEIGHTS: Final[Mapping[Tangibility, int]] = {
    "cash_like": 10_000,
    "physical": 9_000,
    "metered_access": 8_000,
    "service": 6_000,
    "assurance": 3_000,
    "status": 2_000,
}
"""How much of a benefit's stated value counts when credibility is weighed, in basis points: a convention of ours."""

FRONTIER_NEEDS: Final = (
    "generality", "generation_lag", "restriction", "monitoring", "delivery", "compute_use", "input", "throttle",
    "meta_info", "dual_use", "offence_defence",
)  # fmt: skip
"""What a benefit of the cluster `frontier_ai` must say besides what each benefit says."""


class Throttle(Model):
    """How much of a service may be used: requests a second, at once, and the share of full speed (basis points)."""

    requests_per_second: Whole | None = Field(None, examples=["50"])
    parallel: Whole | None = Field(None, examples=["8"])
    speed: Percent | None = Field(None, examples=["50%"])


class Revocability(Model):
    """Whether, by whom, with what notice (seconds) and on what grounds a benefit can be taken back."""

    class_: RevocabilityClass = Field(alias="class", examples=["revocable_with_notice"])
    by: Id | None = Field(None, examples=["north"])
    notice: Duration | None = Field(None, examples=["30 days"])
    grounds: Prose | None = Field(None, examples=["a breach that the panel has found"])


def _one_word(value: object) -> object:
    return {"class": value} if isinstance(value, str) else value


class Benefit(Model):
    """What `from` gives to `to`, in which phase, confirmed by which obligations' verdicts; `value` in its asset."""

    what: Prose = Field(examples=["Access to the model one generation behind the frontier"])
    from_: Id = Field(alias="from", examples=["north"])
    to: Ids = Field(examples=["south"])
    cluster: Cluster = Field(examples=["frontier_ai"])
    kind: Kind | None = Field(None, examples=["api_access"])
    phase: Id | None = Field(None, examples=["delivery"])
    verified_by: Ids = Field(examples=["[access-given]"])
    tangibility: Tangibility = Field(examples=["metered_access"])
    revocability: Annotated[Revocability, BeforeValidator(_one_word)] = Field(
        examples=["{class: revocable_with_notice, by: north, notice: 30 days, grounds: a breach that is found}"]
    )
    value: Amount | None = Field(None, examples=["120_000_000"])
    asset: Id | None = Field(None, examples=["usd"])
    generality: Generality | None = Field(None, examples=["broad"])
    domain: Line | None = Field(None, examples=["protein design"])
    generation_lag: Whole | None = Field(None, examples=["1"])
    restriction: Restriction | None = Field(None, examples=["output_filter"])
    monitoring: Monitoring | None = Field(None, examples=["realtime"])
    delivery: Delivery | None = Field(None, examples=["api"])
    compute_use: ComputeUse | None = Field(None, examples=["inference_only"])
    training_below: Line | None = Field(None, examples=["10^25 operations"])
    hem: Truth | None = Field(None, examples=["true"])
    input: Input | None = Field(None, examples=["none"])
    throttle: Throttle | None = Field(None, examples=["{requests_per_second: 50, parallel: 8}"])
    meta_info: MetaInfo | None = Field(None, examples=["model_card"])
    dual_use: DualUse | None = Field(None, examples=["low"])
    offence_defence: OffenceDefence | None = Field(None, examples=["neutral"])
    onward_transfer: Literal["forbidden", "with_consent", "free"] | None = Field(None, examples=["forbidden"])
    veto: Truth = Field(False, examples=["true"])
    vote_share: Percent | None = Field(None, examples=["25%"])
