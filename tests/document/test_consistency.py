"""Whether the parts of a document fit each other: names, shares, quotas, times, bonds, limits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pyledger.document import limits, loads
from pyledger.errors import DocumentError, Finding
from pyledger.terms import structs

Refuse = Callable[..., tuple[Finding, ...]]

UPKEEP = "phases.upkeep.obligations.no-complaint"
BOND = "bond: {amount: 100, asset: usd}"
FORFEITS = "forfeits_to: {worker: 60%, fund: 40%}"
PAYMENT = (
    "      w{n}: {{from: payer, to: worker, amount: 1, asset: usd, when: {{delivered: met}}, fund_within: 1 day}}\n"
)
JURY = "jury: {verifiers: [juror-a, juror-b, juror-c], threshold: 2}"


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "message"),
    [
        # Names
        ("from: payer", "from: payr", 32, "phases.build.payments.wage.from", "`payr` is no party"),
        ("from: payer", "from: fund", 32, "phases.build.payments.wage.from", "`fund` is no party"),
        (
            "to: worker\n",
            "to: {worker: 50%, funds: 50%}\n",
            33,
            "phases.build.payments.wage.to.funds",
            "no party or recip",
        ),
        ("asset: usd\n", "asset: usdc\n", 35, "phases.build.payments.wage.asset", "`usdc` is no asset"),
        (
            "{delivered: met}",
            "{delivery: met}",
            36,
            "phases.build.payments.wage.when.delivery",
            "no obligation of this",
        ),
        (
            "{delivered: met}",
            "{no-complaint: met}",
            36,
            "phases.build.payments.wage.when.no-complaint",
            "of this phase",
        ),
        ("decided_by: jury", "decided_by: jurors", 28, "phases.build.obligations.delivered.decided_by", "no panel"),
        ("by: worker", "by: fund", 24, "phases.build.obligations.delivered.by", "`fund` is no party"),
        ("bonds: {payer: 250}", "bonds: {payer: 250, fund: 1}", 39, "phases.upkeep.bonds.fund", "no party"),
        ("fund: {name: Fund}", "fund: {name: Fund}\n  payer: {name: P}", 11, "recipients.payer", "already a party"),
        ("fund: {name: Fund}", "fund: {name: Fund}\n  outside: {name: O}", 11, "recipients.outside", "outside event"),
        ("[engineer]", "[worker]", 16, "panels.board.chambers.technical.verifiers[0]", "names somebody else"),
        ("id: upkeep", "id: build", 38, "phases.build.id", "already the id of an earlier phase"),
        # Shares
        (FORFEITS, "forfeits_to: {worker: 60%, fund: 30%}", 7, "parties.payer.forfeits_to", "sum to 90%"),
        (FORFEITS, "forfeits_to: {worker: 99.99%, fund: 0.02%}", 7, "parties.payer.forfeits_to", "sum to 100.01%"),
        (FORFEITS, "forfeits_to: {worker: 100%, fund: 0%}", 7, "parties.payer.forfeits_to.fund", "share of nothing"),
        (FORFEITS, "forfeits_to: {worker: 60%, payer: 40%}", 7, "parties.payer.forfeits_to.payer", "to itself"),
        (FORFEITS, "forfeits_to: {}", 7, "parties.payer.forfeits_to", "0 shares"),
        (f", {FORFEITS}", "", 7, "parties.payer.forfeits_to", "missing for a party with a bond"),
        # Quotas
        ("juror-c], threshold: 2", "juror-c], threshold: 4", 12, "panels.jury.threshold", "4 does not fit 3 verifiers"),
        ("juror-c], threshold: 2", "juror-c], threshold: 0", 12, "panels.jury.threshold", "0 does not fit 3 verifiers"),
        (
            "[engineer], at_least: 1",
            "[engineer], at_least: 2",
            16,
            "panels.board.chambers.technical.at_least",
            "2 of 1",
        ),
        ("juror-b, juror-c", "juror-b, juror-b", 12, "panels.jury.verifiers[2]", "twice"),
        (
            "[engineer]",
            "[jurist-a]",
            16,
            "panels.board.chambers.technical.verifiers[0]",
            "`jurist-a` sits on this panel twi",
        ),
        (JURY, "jury: {threshold: 1}", 12, "panels.jury.verifiers", "neither `verifiers` nor `chambers`"),
        (JURY, f"{JURY[:-1]}, chambers: {{}}}}", 12, "panels.jury.chambers", "both given"),
        ("[juror-a, juror-b, juror-c]", "[]", 12, "panels.jury.verifiers", "0 verifiers on a panel"),
        # Times
        ("join_within: 14 days", "top_up_within: 1 day", 1, "join_within", "neither `join_within` nor `join_by`"),
        ("join_within: 14 days", "join_within: 1 day\njoin_by: 2027-01-31", 19, "join_by", "both given"),
        (
            "join_within: 14 days",
            "join_within: 2 years",
            19,
            "long_stop_after",
            "the long stop is not after the time to join",
        ),
        (
            "long_stop_after: 2 years",
            "long_stop_after: 59 days",
            44,
            f"{UPKEEP}.within",
            "beyond the long stop, 59 days",
        ),
        (
            "within: 60 days",
            "within: 800 days",
            44,
            f"{UPKEEP}.within",
            "beyond the long stop, 730 days after the start",
        ),
        (
            "long_stop_after: 2 years",
            "long_stop_after: 106 days",
            19,
            "long_stop_after",
            "joining and all phases can take 106 days, and must end before the long stop",
        ),
        ("within: 60 days", "within: 0 days", 44, f"{UPKEEP}.within", "no time at all"),
        (
            "fund_within: 7 days",
            "fund_within: 33 days",
            37,
            "phases.build.payments.wage.fund_within",
            "32 days into the",
        ),
        # Bonds and forfeits
        ("        forfeit: 50%\n", "", 41, f"{UPKEEP}.forfeit", "missing: `payer` has a bond in this phase"),
        (
            "if_silent: lapse",
            "if_silent: lapse\n        forfeit: 10%",
            30,
            "phases.build.obligations.delivered.forfeit",
            "no bond",
        ),
        (
            "by: worker",
            "by: outside\n        forfeit: 10%",
            25,
            "phases.build.obligations.delivered.forfeit",
            "outside event",
        ),
        (
            "bonds: {payer: 250}",
            "bonds: {payer: 250, worker: 9}",
            39,
            "phases.upkeep.bonds.worker",
            "no bond to set a level",
        ),
        ("bonds: {payer: 250}", "bonds: {payer: 0.0000001}", 39, "phases.upkeep.bonds.payer", "more decimals"),
        ("amount: 100,", "amount: 0.0000001,", 7, "parties.payer.bond.amount", "more decimals"),
        ("amount: 100, asset: usd", "amount: 100, asset: eur", 7, "parties.payer.bond.asset", "`eur` is no asset"),
        # Payments
        ("1_000.50", "0", 34, "phases.build.payments.wage.amount", "a payment of nothing"),
        ("1_000.50", "1" + "0" * 33, 34, "phases.build.payments.wage.amount", "more than the asset can hold"),
        ("{delivered: met}", "{}", 36, "phases.build.payments.wage.when", "exactly one obligation, here on 0"),
        ("{delivered: met}", "{delivered: []}", 36, "phases.build.payments.wage.when.delivered", "no verdict"),
        ("{delivered: met}", "{delivered: [met, met]}", 36, "phases.build.payments.wage.when.delivered", "twice"),
        # Assets
        ("  coin:", "  fine: {symbol: F, decimals: 37}\n  coin:", 5, "assets.fine.decimals", "37 decimals, at most 36"),
        ("symbol: USDX, ", "", 4, "assets.usd.symbol", "`symbol` is missing"),
        (", decimals: 6", "", 4, "assets.usd.decimals", "`decimals` is missing"),
        ("native: true", "native: true, decimals: 6", 5, "assets.coin.decimals", "the native coin has 18 decimals"),
    ],
)
def test_one_thing_that_does_not_fit_gives_one_finding(
    refuse: Refuse, old: str, new: str, line: int, path: str, message: str
) -> None:
    (finding,) = refuse((old, new))
    assert (finding.line, finding.path) == (line, path)
    assert message in finding.message


def test_a_bond_that_forfeits_needs_somebody_to_forfeit_to(refuse: Refuse) -> None:
    (finding,) = refuse((f", {FORFEITS}", ""), ("amount: 100", "amount: 0"))
    assert finding.path == "parties.payer.forfeits_to"


def test_who_has_no_bond_forfeits_to_nobody(refuse: Refuse) -> None:
    (finding,) = refuse(("{name: Worker}", "{name: Worker, forfeits_to: payer}"))
    assert (finding.line, finding.path) == (8, "parties.worker.forfeits_to")


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("join_within: 14 days", "join_within: 0 days", "join_within"),
        ("join_within: 14 days", "join_within: 14 days\ntop_up_within: 0 days", "top_up_within"),
        ("fund_within: 7 days", "fund_within: 0 days", "phases.build.payments.wage.fund_within"),
    ],
)
def test_nothing_can_be_done_in_no_time(refuse: Refuse, old: str, new: str, path: str) -> None:
    (finding,) = refuse((old, new))
    assert (finding.path, finding.message) == (path, "no time at all")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("long_stop_after: 2 years", "long_stop_after: 106 days 1 second"),
        ("fund_within: 7 days", "fund_within: 32 days"),
        ("  coin:", "  fine: {symbol: F, decimals: 36}\n  coin:"),
        ("juror-c], threshold: 2", "juror-c], threshold: 3"),
        ("[engineer], at_least: 1", "[engineer], at_least: 0"),
    ],
)
def test_what_just_fits_is_read(deal: str, old: str, new: str) -> None:
    assert old in deal
    loads(deal.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("recipients:\n", "recipients:\n  outside: {name: O}\n", (10, 3)),
        ("recipients:\n", "recipients:\n  payer: {name: P}\n", (10, 3)),
        ("long_stop_after: 2 years", "long_stop_after: 2 years\nlong_stop: 2029-01-01", (20, 1)),
        ("{name: Worker}", "{name: Worker, forfeits_to: payer}", (8, 26)),
        ("bonds: {payer: 250}", "bonds: {payer: 250, fund: 1}", (39, 25)),
        ("by: worker", "by: outside\n        forfeit: 10%", (25, 9)),
        ("[engineer]", "[worker]", (16, 31)),
    ],
)
def test_a_key_that_should_not_be_there_is_pointed_at_itself(
    refuse: Refuse, old: str, new: str, place: tuple[int, int]
) -> None:
    (finding,) = refuse((old, new))
    assert (finding.line, finding.column) == place


def test_the_long_stop_is_given_once(refuse: Refuse) -> None:
    (missing,) = refuse(("long_stop_after: 2 years\n", ""))
    (twice,) = refuse(("long_stop_after: 2 years", "long_stop_after: 2 years\nlong_stop: 2029-01-01"))
    assert (missing.path, twice.path, twice.line) == ("long_stop_after", "long_stop", 20)


def test_joining_ends_before_the_long_stop(refuse: Refuse) -> None:
    (finding,) = refuse(
        ("join_within: 14 days", "join_by: 2028-01-01"), ("long_stop_after: 2 years", "long_stop: 2028-01-01")
    )
    assert finding.message == "the long stop is not after `join_by`, 2028-01-01"


def test_dates_are_held_against_the_long_stop(refuse: Refuse) -> None:
    dates = refuse(
        ("join_within: 14 days", "join_by: 2028-01-01"),
        ("long_stop_after: 2 years", "long_stop: 2027-01-01"),
        ("id: upkeep", "id: upkeep\n    not_before: 2026-12-30"),
        ("id: build", "id: build\n    not_before: 2027-01-01"),
    )
    assert [(finding.line, finding.path) for finding in dates] == [
        (19, "long_stop"),
        (22, "phases.build.not_before"),
        (27, "phases.build.obligations.delivered.within"),
        (46, f"{UPKEEP}.within"),
    ]


def test_the_long_stop_comes_after_the_last_deadline(refuse: Refuse) -> None:
    joined, stop = (
        ("join_within: 14 days", "join_by: 2027-01-01"),
        ("long_stop_after: 2 years", "long_stop: 2027-04-03"),
    )
    (finding,) = refuse(joined, stop)  # 32 and 60 days later
    assert (finding.line, finding.path) == (19, "long_stop")
    assert finding.message == "the last deadline can be 2027-04-03, and must be before the long stop"
    assert finding.hint == "the earliest that will do is 2027-04-03 00:00:01 UTC"


def test_what_cannot_begin_earlier_ends_later(refuse: Refuse) -> None:
    stop = ("long_stop_after: 2 years", "long_stop: 2028-02-29")
    (finding,) = refuse(stop, ("id: upkeep", "id: upkeep\n    not_before: 2028-01-01"))
    assert (finding.path, finding.hint) == (UPKEEP + ".within", "shorten it, or move the long stop")
    (finding,) = refuse(stop, ("id: build", "id: build\n    not_before: 2028-01-01"))
    assert finding.message == "the last deadline can be 2028-04-02, and must be before the long stop"


def test_how_long_joining_takes_is_left_out_where_it_cannot_be_known(deal: str, refuse: Refuse) -> None:
    by_date = ("join_within: 14 days", "join_by: 2027-01-01")
    (finding,) = refuse(by_date, ("long_stop_after: 2 years", "long_stop_after: 92 days"))
    assert finding.hint == "the shortest that will do is 92 days 1 second"
    loads(deal.replace(*by_date).replace("long_stop_after: 2 years", "long_stop_after: 93 days"))


def test_no_long_stop_is_late_enough_for_phases_of_centuries(refuse: Refuse) -> None:
    (finding,) = refuse(
        ("within: 30 days", "within: 130 years"),
        ("long_stop_after: 2 years", "long_stop_after: 136 years"),
        ("within: 60 days", "within: 130 years"),
    )
    assert finding.hint == "no long stop can be so late: shorten the phases"
    (finding,) = refuse(
        ("join_within: 14 days", "join_by: 9990-01-01"),
        ("within: 60 days", "within: 100 years"),
        ("long_stop_after: 2 years", "long_stop: 9999-12-31"),
    )
    assert finding.message == "the last deadline can be beyond the year 9999"


def test_a_name_whose_thing_is_unreadable_is_still_a_name(refuse: Refuse) -> None:
    findings = refuse(
        ("{name: Worker}", "{name: 5}"), ("threshold: 2}", "threshold: two}"), ("symbol: USDX", "symbol: [USDX]")
    )
    assert [finding.path for finding in findings] == [
        "assets.usd.symbol",
        "parties.worker.name",
        "panels.jury.threshold",
    ]


def too_many(deal: str, old: str, line: str, count: int) -> Finding:
    text = deal.replace(old, old + "".join(line.format(n=n) for n in range(count)))
    with pytest.raises(DocumentError) as refused:
        loads(text)
    (finding,) = refused.value.findings
    return finding


@pytest.mark.parametrize(
    ("old", "line", "most", "already", "path"),
    [
        ("parties:\n", "  p{n}: {{name: P}}\n", 16, 2, "parties"),
        ("recipients:\n", "  r{n}: {{name: R}}\n", 64, 1, "recipients"),
        ("assets:\n", "  a{n}: {{symbol: A, decimals: 0}}\n", 32, 2, "assets"),
        ("panels:\n", "  j{n}: {{verifiers: [v], threshold: 1}}\n", 8, 2, "panels"),
        ("[juror-a", ", v{n}", 32, 3, "panels.jury.verifiers"),
        ("chambers:\n", "      c{n}: {{verifiers: [v{n}], at_least: 1}}\n", 8, 2, "panels.board.chambers"),
        (
            "payments:\n",
            PAYMENT,
            32,
            1,
            "phases.build.payments",
        ),
    ],
)
def test_the_limits_are_those_of_the_contract(
    deal: str, old: str, line: str, most: int, already: int, path: str
) -> None:
    fits = deal.replace(old, old + "".join(line.format(n=n) for n in range(most - already)))
    loads(fits)
    finding = too_many(deal, old, line, most - already + 1)
    assert finding.path == path
    assert str(most + 1) in finding.message


def test_phases_obligations_and_shares_have_limits_too(deal: str) -> None:
    phase = deal[deal.index("  - id: upkeep") :]
    deal = deal.replace("long_stop_after: 2 years", "long_stop_after: 100 years")
    many = "".join(phase.replace("id: upkeep", f"id: more-{n}") for n in range(253))
    loads(deal + many)
    with pytest.raises(DocumentError, match="256 phases"):
        loads(deal + many + phase.replace("upkeep", "last"))

    bonds = ", ".join(f"p{n}: 1" for n in range(17))
    with pytest.raises(DocumentError, match="17 bonds in a phase"):
        loads(deal.replace("bonds: {payer: 250}", f"bonds: {{{bonds}}}"))

    promise = "{by: outside, what: It rains, within: 1 day, decided_by: jury, if_silent: met}"
    promises = [f"      rain-{n}: {promise}\n" for n in range(32)]
    loads(deal + "".join(promises[:31]))
    with pytest.raises(DocumentError, match="33 obligations"):
        loads(deal + "".join(promises))

    shares = [f"r{n}: 10%" for n in range(9)]
    recipients = "recipients:\n" + "".join(f"  r{n}: {{name: R}}\n" for n in range(9))
    nine = deal.replace("recipients:\n", recipients).replace(
        "{worker: 60%, fund: 40%}", f"{{worker: 10%, {', '.join(shares)}}}"
    )
    with pytest.raises(DocumentError, match="10 shares"):
        loads(nine)


def test_the_numbers_shared_with_the_terms_are_the_same() -> None:
    assert limits.WHOLE == structs.BPS
    assert limits.MAX_PHASES == structs.MAX_PHASES
