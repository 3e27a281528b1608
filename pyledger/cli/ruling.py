"""The court of a deal: who sits on it, what it has been asked, and its answers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from pyledger.chain.arbitration import Court
from pyledger.chain.attestations import evidence_hash
from pyledger.chain.events import Challenged, Ruled
from pyledger.chain.keys import Signer
from pyledger.chain.networks import LOCAL_CHAIN_ID
from pyledger.chain.rulings import SignedRuling, Word, sign_ruling
from pyledger.cli.act import report
from pyledger.cli.deals import Deal, connected, refused_words
from pyledger.cli.lookup import find_deal
from pyledger.cli.offline import offline_deal
from pyledger.cli.options import Where
from pyledger.cli.output import Screen
from pyledger.cli.papers import as_address
from pyledger.cli.signers import account_signer, any_signer, dev_account, keystore, passphrase
from pyledger.document.moments import expiry_of
from pyledger.errors import SignatureError, UsageError
from pyledger.observer.reader import word
from pyledger.terms.addresses import checksum
from pyledger.terms.outcome import has_court
from pyledger.terms.state import State

__all__ = [
    "Answer",
    "DisputeLine",
    "court_of",
    "disputes_about",
    "disputes_of",
    "judges_of",
    "rule_now",
    "rule_offline",
    "ruled_already",
]


class Answer(NamedTuple):
    """A ruling, as it was typed."""

    verdict: str
    opinion: str | None
    expires: str | None

    def opinion_hash(self) -> bytes:
        """32 bytes: the hash of the file with the reasons, or zero."""
        if self.opinion is None:
            return bytes(32)
        try:
            return evidence_hash(Path(self.opinion).read_bytes())
        except OSError as error:
            raise UsageError(
                f"the opinion {self.opinion} cannot be read: {error.strerror}", hint="check the path"
            ) from None

    def expiry(self, now: int, never: int) -> int:
        """Unix seconds after which nobody may submit it."""
        return never if self.expires is None else expiry_of(self.expires, now)


class DisputeLine(NamedTuple):
    """A dispute of a deal: its number, phase and obligation, who brought it, until when a ruling counts, and which."""

    number: int
    phase: str
    obligation: str
    by: str
    contested: str
    until: int
    ruling: str | None


def court_of(deal: Deal) -> Court:
    """The court of a deal. UsageError where its terms name none."""
    if not has_court(deal.terms):
        raise UsageError(
            "the document names no court: a verdict is final as it is given",
            hint="`arbitration` in a document names one",
        )
    return deal.agreement.court()


def disputes_of(deal: Deal) -> tuple[DisputeLine, ...]:
    """All disputes there have been, as the agreement's events tell it."""
    events = deal.events()
    ruled = {event.dispute_id: word(event.verdict) for event in events if isinstance(event, Ruled)}
    return tuple(
        DisputeLine(
            each.dispute_id,
            deal.names.phases[each.phase],
            deal.names.obligations[each.phase][each.obligation],
            deal.reader.who(each.by),
            word(each.verdict),
            each.until,
            ruled.get(each.dispute_id),
        )
        for each in events
        if isinstance(each, Challenged)
        and each.phase < len(deal.names.phases)
        and each.obligation < len(deal.names.obligations[each.phase])
    )


def disputes_about(deal: Deal, state: State, obligation: str) -> list[DisputeLine]:
    """The disputes about an obligation: that of the phase at hand, if it has one of that name."""
    known = [each for each in disputes_of(deal) if each.obligation == obligation]
    if obligation in deal.names.obligations[state.phase]:
        known = [each for each in known if each.phase == deal.names.phases[state.phase]]
    return known


def ruled_already(deal: Deal, record: SignedRuling) -> str | None:
    """What to say of a ruling that the court has given; None if it has not ruled. Refused if it has ruled otherwise."""
    found = next((each for each in disputes_of(deal) if each.number == record.dispute and each.ruling), None)
    if found is None:
        return None
    _require_same(found, record.ruling)
    return f"the court has ruled in dispute {record.dispute} already: {found.obligation} is {found.ruling}"


def _require_same(dispute: DisputeLine, verdict: str) -> None:
    """Refused where the court has ruled something else."""
    if dispute.ruling != ("lapsed" if verdict == "refused" else verdict):
        raise refused_words(
            f"the court has ruled in dispute {dispute.number} that {dispute.obligation} is {dispute.ruling}",
            name="AlreadyRuled",
            hint="a ruling is for good",
        )


def judges_of(deal: Deal, court: Court) -> dict[str, bytes]:
    """The judges by what they are called here: the only one as the court is, several by their seats."""
    panel = court.panel()
    if deal.names.court and len(panel) == 1:
        return {deal.names.court: panel[0]}
    return {f"judge-{number}": account for number, account in enumerate(panel, start=1)}


def rule_now(
    named: str,
    obligation: str,
    answer: Answer,
    roles: Sequence[str],
    where: Where,
    screen: Screen,
) -> None:
    """Sign for each judge and bring it to the court."""
    with connected(where, named) as connection:
        deal = find_deal(named, where, connection)
        court = court_of(deal)
        dispute = _dispute(deal, obligation)
        if dispute.ruling:
            _require_same(dispute, answer.verdict)
            report(screen, deal, (), already=[f"the court has ruled that already, in dispute {dispute.number}"])
            return
        if deal.now() > dispute.until:
            raise refused_words(
                f"dispute {dispute.number} was not ruled in time: {obligation} stays {dispute.contested}",
                name="TooLate",
                hint="see `pyledger status` for what can be done next",
            )
        signers = list(_signers(deal, court, roles, where))
        records = [
            court.sign(
                signer,
                dispute.number,
                cast(Word, answer.verdict),
                expiry=answer.expiry(deal.now(), dispute.until),
                opinion=answer.opinion_hash(),
            )
            for signer in signers
        ]
        needed = court.threshold()
        if len(records) < needed:
            raise SignatureError(
                f"{len(records)} of the {needed} judges that a ruling needs would sign",
                hint="name more with --as; or sign apart with --offline --output FILE, and submit all files together",
            )
        local = connection.chain_id == LOCAL_CHAIN_ID
        sender = any_signer(None, deal.reader, connection.chain_id, where) if local else signers[0]
        with deal.speaking():
            receipt = court.rule(sender, records)
        report(screen, deal, [receipt])


def rule_offline(
    named: str,
    obligation: str,
    answer: Answer,
    roles: Sequence[str],
    dispute: int | None,
    where: Where,
) -> list[SignedRuling]:
    """Signed rulings, not sent. No node is asked where the dispute is given by its number."""
    if dispute is None:
        with connected(where, named) as connection:
            deal = find_deal(named, where, connection)
            court, found = court_of(deal), _dispute(deal, obligation)
            return [
                court.sign(
                    signer,
                    found.number,
                    cast(Word, answer.verdict),
                    expiry=answer.expiry(deal.now(), found.until),
                    opinion=answer.opinion_hash(),
                )
                for signer in _signers(deal, court, roles, where)
            ]
    away = offline_deal(named, where)
    away.obligation(obligation)
    if where.key is None:
        raise UsageError("without a node the seats of a court are not known", hint="name the judge's key with --key")
    signer = keystore().load(where.key, passphrase(where))
    return [
        sign_ruling(
            signer,
            dispute,
            cast(Word, answer.verdict),
            chain_id=away.chain_id,
            court=away.terms.arbitrator,
            agreement=away.address,
            expiry=answer.expiry(int(time.time()), away.terms.longStop + away.terms.rulingWindow),
            opinion=answer.opinion_hash(),
        )
    ]


def _dispute(deal: Deal, obligation: str) -> DisputeLine:
    """The latest dispute about an obligation. Refused, naming those there are, if there is none."""
    state = deal.agreement.state()
    if found := disputes_about(deal, state, obligation):
        return found[-1]
    if not any(obligation in names for names in deal.names.obligations):
        deal.names.obligation(deal.names.phases[state.phase], obligation)  # says which is nearest
    open_ones = [each.obligation for each in disputes_of(deal) if each.ruling is None]
    raise refused_words(
        f"nobody has contested what was said of `{obligation}`",
        name="UnknownDispute",
        hint=f"before the court: {', '.join(open_ones)}"
        if open_ones
        else f"nothing is before the court; contest it with `pyledger challenge {deal.named} {obligation} --as ROLE`",
    )


def _signers(deal: Deal, court: Court, roles: Sequence[str], where: Where) -> Iterator[Signer]:
    chain_id, judges = deal.connection.chain_id, judges_of(deal, court)
    if not roles:
        yield _only_judge(judges, chain_id, where)
        return
    for role in dict.fromkeys(roles):
        account = judges.get(role) or as_address(role) or deal.names.accounts.get(role)
        if account is None or account not in judges.values():
            raise SignatureError(f"{role} has no seat on the court", hint=f"its seats: {', '.join(judges)}")
        yield account_signer(account, role, chain_id, where)


def _only_judge(judges: dict[str, bytes], chain_id: int, where: Where) -> Signer:
    """Nobody being named: the judge whose key was given, or the one judge who can sign here."""
    if where.key is not None:
        signer = keystore().load(where.key, passphrase(where))
        if signer.address not in judges.values():
            raise SignatureError(
                f"{where.key}, {signer.checksum}, has no seat on the court", hint=f"its seats: {', '.join(judges)}"
            )
        return signer
    accounts = set(judges.values())
    if chain_id == LOCAL_CHAIN_ID and len(accounts) == 1 and (known := dev_account(next(iter(accounts)), chain_id)):
        return known
    mine = [file for file in keystore().list() if file.address in accounts]
    if len(mine) == 1:
        return keystore().load(mine[0].name, passphrase(where))
    raise UsageError("no judge is named", hint=f"give --as SEAT, one of {', '.join(judges)}; or --key NAME")


def line_json(line: DisputeLine) -> dict[str, Any]:
    """A dispute for programs; its number as text, for it may be as large as a number on a chain can be."""
    return line._asdict() | {"number": str(line.number)}


def seat_names(deal: Deal, court: Court) -> list[tuple[str, str]]:
    """Seats and the addresses of their judges."""
    return [(name, checksum(account)) for name, account in judges_of(deal, court).items()]
