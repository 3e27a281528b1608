"""The words of the analysis, each with its formula, where it comes from, and what it assumes."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["NOTIONS", "Notion", "notion"]


class Notion(NamedTuple):
    """One word: what it means, how it is computed, after whom, and what is taken for granted.

    `also` are what the report calls parts of it: headings of tables, and what a party is said to do.
    """

    name: str
    means: str
    formula: str
    source: str
    assumes: str
    also: tuple[str, ...] = ()


_ALL: Final = (
    Notion(
        "temptation",
        "What a party gains by breaching over performing in a phase, before any consequence.",
        "g = as estimated; else the cost it saves, and the irrevocable benefits it has by then",
        "The estimates of the document.",
        "The party breaches everything that it owes in the phase, at once.",
    ),
    Notion(
        "stake",
        "What a party loses by a breach that is found.",
        "φB + W + R + δ(V' − X')",
        "Bond and payments from the settlement model; reputation and outside option from the estimates.",
        "The future is at stake only where one of the obligations is material, so that the breach ends the deal.",
    ),
    Notion(
        "power",
        "How much likelier a breach is found than a kept promise is mistaken for one.",
        "p − f, with p = detection · attribution · ruling / (1 + r)^lag and f = false positives",
        "The inspection literature; the panel's estimates. Of several panels the weakest counts.",
        "Detection, attribution and ruling are independent of each other.",
    ),
    Notion(
        "slack",
        "By how much keeping a promise beats breaching it; below zero the promise is not credible.",
        "S = (p − f) · [φB + W + R + δ(V' − X')] − g",
        "Generalises Becker (1968), Telser (1980), Klein and Leffler (1981), Levin (2003).",
        "Risk neutrality; numbers that all know; one deviation at a time, all else kept.",
        ("keeps", "breaks", "turns at"),
    ),
    Notion(
        "bond needed",
        "The least bond at which keeping a promise just pays.",
        "B* = max(0, [g/(p − f) − W − R − δ(V' − X')] / φ)",
        "Slack set to nothing and solved for B.",
        "The bond can be taken whatever the party does: it is in custody.",
        ("needed", "terminal bond"),
    ),
    Notion(
        "detection needed",
        "The least chance of being found out at which keeping just pays; there may be none.",
        "p* = f + g / stake",
        "Slack set to nothing and solved for p.",
        "Above 1 no verifier can help: raise the bond, or split the phase.",
    ),
    Notion(
        "must see",
        "The least chance with which a panel must see a breach, its attribution and ruling as they are.",
        "d = p* · (1 + r)^lag / (attribution · ruling)",
        "Detection needed, solved for detection alone.",
        "Attribution, ruling and lag stay as estimated.",
        ("sees",),
    ),
    Notion(
        "patience needed",
        "The least discount factor at which the phase, repeated for ever, would be kept.",
        "δ* = k / (k + s), k = g/(p − f) − φB − W − R, s = surplus over the outside option; 0 where k ≤ 0",
        "The grim trigger of repeated games; Telser (1980).",
        "The same phase again and again.",
    ),
    Notion(
        "exposure",
        "What a party has given for good, less what it has received for good.",
        "Σ own cost · (1 − recoverable) − Σ value received · (1 − revocable)",
        "A running balance over the acts in the order of their deadlines.",
        "Costs are spread evenly over what a party owes in a phase.",
        ("exposed", "exposure before", "at most", "after"),
    ),
    Notion(
        "staying",
        "What going on is worth to a party as a phase opens, less what not paying in leaves it; below zero it leaves.",
        "V − (X − R + what the terms leave to who does not pay in)",
        "Backward induction over the phases: each is entered only by who gains by it.",
        "Whoever does not pay in is found at once, by the contract itself.",
        ("leaves",),
    ),
    Notion(
        "coverage",
        "What the others' forfeited bonds would pay a party if all of them breached.",
        "p · Σ others' forfeitable bonds payable to it",
        "The shares of forfeiture in the terms.",
        "All breaches are found with the chance of their panels.",
    ),
    Notion(
        "credible until",
        "The phase from which a growing temptation is no longer covered by what is at stake.",
        "t* = ln((p − f)K / g) / ln((1 + γ)/(1 + η))",
        "Growth of temptation against growth of stake.",
        "The stake stays as it is unless it is indexed.",
    ),
    Notion(
        "least bonds",
        "The cheapest bonds, phase by phase, at which every promise pays.",
        "min Σ κB  such that every slack ≥ 0, every party takes part, bonds within wealth",
        "A linear program, as what going on is worth is affine in the bonds.",
        "The capital cost of a locked bond is the same for every unit.",
        ("least", "cost of capital"),
    ),
    Notion(
        "steps against bonds",
        "How many deliveries a safe exchange needs for a given stake of both sides.",
        "n = 1 + ⌈ln((r₁ + A)/A) / ln(V/C)⌉, r₁ = (P − D_D)/V, A = (D_S + D_D)/(V − C)",
        "Safe exchange planners: Sandholm and Lesser (1995).",
        "Two parties, one delivers and one pays; value and cost are linear in what is delivered.",
    ),
    Notion(
        "smaller steps",
        "A phase divided into equal steps, each of which tempts by a part and has the same bond behind it.",
        "least k with g/k ≤ (p − f) · [φ · wealth + W + R + δ(V' − X')], each step then worked out anew",
        "Gradualism: Pitchford and Snyder (2004); here as slack of each step.",
        "What breaking gains falls with what is still owed; what is done once and not counted stays whole.",
    ),
    Notion(
        "side payment",
        "Money in escrow from who gains by a deal to who is tempted, which a breach that is found does not bring.",
        "S rises by (p − f) · w; least w = g/(p − f) − [φ · wealth + W + R + δ(V' − X')]",
        "Slack solved for what is withheld; discretionary payments as in Levin (2003).",
        "The payer still does better to take part; no bond that the tempted can afford would do.",
    ),
    Notion(
        "largest step",
        "The act that moves the largest share of everything that moves.",
        "payments released and benefits confirmed by one obligation / those of all",
        "Lockerbie moved 40 percent at once, the Six-Party fuel 95 percent.",
        "Benefits count at their estimated value.",
    ),
    Notion(
        "irreversible steps",
        "How far acts that cannot be undone go by themselves if each is answered by the next, and in how many steps.",
        "a = α/(δβ) is what each rise is to the one before; from a first step f they reach f/(1 − a)",
        "Lockwood and Thomas (2002) on gradualism where nothing can be taken back.",
        "Acts only ever add to each other, and what each brings the other side is known.",
    ),
    Notion(
        "power shift",
        "Whether one side's rise is too large and too rapid to be bargained over.",
        "gap = δM_j(t+1) − M_j(t) − (Π − M_i(t) − M_j(t)); above 0 it is. Bond of the riser: gap/(δp)",
        "Powell (2004, 2006).",
        "What each could take by force is known to both.",
    ),
    Notion(
        "decisive advantage",
        "A party that can ignore every sanction but the loss of what others hold for it.",
        "stake(t) = pB + p(1 − h)^t · (R + δ(V' − X')); a bond survives if B ≥ G/(p − f)",
        "The bond in custody outlasts immunity.",
        "The custody itself is out of its reach.",
    ),
    Notion(
        "coalition",
        "How many members a coalition for a common good holds by itself, and what deposit holds all.",
        "smallest integer ≥ c/b; deposit (c − b)/p",
        "Barrett (1994); Gerber and Wichardt (2009).",
        "Members are alike, b < c < N·b.",
        ("joining late",),
    ),
    Notion(
        "accuser's bond",
        "What an accuser who receives a share of forfeitures must post so that accusing falsely never pays.",
        "C ≥ qσF/(1 − q) − k",
        "Williamson (1983) on hostages: they should be worth more to the poster than to the holder.",
        "A false accusation succeeds with chance q.",
        ("accuser's bounty",),
    ),
    Notion(
        "extortion",
        "A rule that burns or locks everything unless both agree lets one side demand.",
        "conceding costs the price, refusing the price and the deposit",
        "Goharshady (2021): no escrow of what a contract cannot see is free of it without somebody trusted.",
        "Nobody else decides.",
    ),
    Notion(
        "arbiter's wager",
        "What both sides must bet on a dispute before an arbiter who errs.",
        "λ ≥ (γx + ε)/((1 − γ) − αγ), and λ(γ − α(1 − γ)) ≤ (1 − γ)x",
        "Schwartzbach (2021): secure only if the arbiter errs less than half the time.",
        "The loser pays; a share α of it goes to the winner.",
    ),
    Notion(
        "inspection",
        "How often, or how many items, a verifier must look at.",
        "n = N(1 − β^(1/D)) items; ln(1 − p*)/ln(1 − p₁) looks; C(n−1, m)/Σ C(n, i) to who cheats",
        "Safeguards of nuclear material; the inspection game of Dresher (1962) and von Stengel.",
        "Looks are independent of each other.",
        ("looks", "sample"),
    ),
)

NOTIONS: Final = {notion.name: notion for notion in _ALL}
"""Every word, by its name."""

_CALLED: Final = {called: notion for notion in _ALL for called in (notion.name, *notion.also)}


def notion(called: str) -> Notion | None:
    """The word that somebody means, by its own name or by what the report calls it; None if there is none."""
    return _CALLED.get(" ".join(called.lower().replace("-", " ").split()))
