"""From an agreement's terms to its address, step by step, each with what goes in and what comes out.

All of it is computed here from what the factory emitted: no node is asked, so that what a node says of the address
itself (that the clone's code is there) is left to `pyledger verify` with a node of one's own choice.
"""

from __future__ import annotations

import shlex
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Final, NamedTuple

from eth_hash.auto import keccak

from pyledger.document import Document, document_hash
from pyledger.observer.naming import Named
from pyledger.observer.web.agreement_views import Input, Step
from pyledger.terms.addresses import checksum
from pyledger.terms.commitment import clone_code, commitment, init_code, packed_terms
from pyledger.terms.packed import pack_phase
from pyledger.terms.structs import Terms, Undisclosed
from pyledger.terms.typed_data import agenda, create2_address, phase_hash, phases_hash, terms_hash

__all__ = ["Proofs", "commands", "sum_up", "verify"]

_EMITTED: Final = "emitted by the factory when the agreement was opened"

_KEPT: Final = 1_024


class _Proof(NamedTuple):
    """Steps, and what they were made of."""

    named: Named
    emitted: bytes
    steps: tuple[Step, ...]


class Proofs:
    """Steps for agreements of one factory, remembered for as long as all that goes into them stays the same."""

    def __init__(self, factory: bytes, implementation: bytes) -> None:
        self._where = {"factory": factory, "implementation": implementation}
        self._known: OrderedDict[bytes, _Proof] = OrderedDict()
        self._lock = Lock()

    def of(self, agreement: bytes, emitted: bytes, named: Named) -> tuple[Step, ...]:
        """Every step for the agreement at an address, whose terms hash the factory `emitted` (32 bytes)."""
        with self._lock:
            known = self._known.get(agreement)
        if known is not None and known.emitted == emitted and _same(known.named, named):
            return known.steps
        steps = verify(
            named.terms,
            agreement=agreement,
            emitted=emitted,
            document=named.document,
            bound=named.bound,
            **self._where,
        )
        with self._lock:
            self._known[agreement] = _Proof(named, emitted, steps)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return steps


def _same(one: Named, other: Named) -> bool:
    return one.document is other.document and one.bound == other.bound and one.terms == other.terms


def verify(
    terms: Terms,
    *,
    agreement: bytes,
    emitted: bytes,
    factory: bytes,
    implementation: bytes,
    document: Document | None = None,
    bound: bool = False,
) -> tuple[Step, ...]:
    """Every step for the agreement at an address, whose terms hash the factory `emitted` (32 bytes).

    `bound` says that the document compiles to exactly these terms with the addresses they have.
    """
    steps = [*_paper(terms, document, bound=bound), *_phases(terms), _terms(terms, emitted)]
    return (*steps, *_code(terms, agreement, factory, implementation))


def sum_up(steps: Sequence[Step]) -> bool | None:
    """True if all steps hold, False if one fails, None if some cannot be taken."""
    if any(step.holds is False for step in steps):
        return False
    return None if any(step.holds is None for step in steps) else True


def commands(agreement: bytes, document: bytes, *, text: bool) -> tuple[str, ...]:
    """What to type to check all of it, and what is at the address, against one's own node; `text`: it can be fetched.

    NODE stands for the address of a node that whoever types it trusts.
    """
    address = checksum(agreement)
    found = [shlex.join(["pyledger", "verify", address, "--network"]) + " NODE"]
    if text:
        file = f"{document.hex()[:12]}.yaml"
        found.append(f"pyledger hash {file}")
        found.append(shlex.join(["pyledger", "verify", file, "--at", address, "--network"]) + " NODE")
    return tuple(found)


def _paper(terms: Terms, document: Document | None, *, bound: bool) -> Iterator[Step]:
    if document is None:
        return
    yield _step(
        "The document has the hash that the terms name",
        "keccak256 of the document in its canonical form",
        [("title", document.title)],
        document_hash(document),
        terms.document,
        "the field `document` of the terms",
        "a document that differs in one word has another hash",
    )
    yield Step(
        title="The document compiles to these terms",
        rule="hashStruct(Terms) of what the document compiles to with the addresses below",
        inputs=_inputs(
            [(name, checksum(party.account)) for name, party in zip(document.parties, terms.parties, strict=False)]
        ),
        result=_hex(terms_hash(terms)) if bound else None,
        expected=_hex(terms_hash(terms)),
        source="the terms hash below",
        holds=True if bound else None,
        words="every name of the document stands for the address that the terms have"
        if bound
        else "the addresses that the terms have do not make these terms of it: its names are not used here",
    )


def _phases(terms: Terms) -> Iterator[Step]:
    for number, phase in enumerate(terms.phases, start=1):
        if isinstance(phase, Undisclosed):
            yield Step(
                title=f"Phase {number} is known by its hash alone",
                rule="hashStruct(Phase), EIP-712",
                inputs=(),
                result=None,
                expected=_hex(phase.hash),
                source=_EMITTED,
                holds=None,
                words="it is published when it opens, and can be checked then; its hash is fixed already",
            )


def _terms(terms: Terms, emitted: bytes) -> Step:
    hashes = [phase_hash(phase) for phase in terms.phases]
    inputs = [(f"phase {number}: hashStruct(Phase)", _hex(each)) for number, each in enumerate(hashes, start=1)]
    inputs += [
        ("document", _hex(terms.document)),
        ("predecessor", checksum(terms.predecessor)),
        ("joinBy", str(terms.joinBy)),
        ("longStop", str(terms.longStop)),
        ("minParties", str(terms.minParties)),
        ("accession", "true" if terms.accession else "false"),
        ("challengeWindow", str(terms.challengeWindow)),
        ("rulingWindow", str(terms.rulingWindow)),
        ("topUpWithin", str(terms.topUpWithin)),
        ("defaultForfeitBps", str(terms.defaultForfeitBps)),
        ("arbitrator", checksum(terms.arbitrator)),
        ("parties", ", ".join(checksum(party.account) for party in terms.parties)),
        ("panels", "; ".join(f"{panel.threshold} of {len(panel.seats)}" for panel in terms.panels)),
        ("keccak256 of all phases' hashes", _hex(phases_hash(hashes))),
    ]
    return _step(
        "The terms hash is the hash of the terms",
        "hashStruct(Terms) = keccak256(typeHash ‖ encodeData), EIP-712, of the typed data that the parties signed",
        inputs,
        terms_hash(terms),
        emitted,
        _EMITTED,
        "the typed data can be had as JSON and hashed with any wallet's library",
    )


def _code(terms: Terms, agreement: bytes, factory: bytes, implementation: bytes) -> Iterator[Step]:
    first, rest = terms.phases[0], terms.phases[1:]
    if isinstance(first, Undisclosed):
        yield Step(
            title="What the agreement is committed to",
            rule="keccak256(keccak256(packed terms) ‖ keccak256(keccak256(packed phase 1) ‖ chain of later phases))",
            inputs=_inputs([("keccak256(packed terms)", _hex(keccak(packed_terms(terms))))]),
            result=None,
            expected=None,
            source="part of the clone's code",
            holds=None,
            words="phase 1 is not published, so that the address cannot be computed from here yet",
        )
        return
    code = init_code(implementation, terms)
    yield Step(
        title="What the agreement is committed to",
        rule="keccak256(keccak256(packed terms) ‖ keccak256(keccak256(packed phase 1) ‖ chain of later phases))",
        inputs=_inputs(
            [
                ("keccak256(packed terms)", _hex(keccak(packed_terms(terms)))),
                ("keccak256(packed phase 1)", _hex(keccak(pack_phase(first)))),
                ("chain of later phases", _hex(agenda([phase_hash(each) for each in rest]))),
            ]
        ),
        result=_hex(commitment(terms)),
        expected=None,
        source="the last 32 bytes of the clone's code",
        holds=True,
        words="the contract hashes the terms it is called with and refuses all others",
    )
    yield Step(
        title="The code of the clone",
        rule="EIP-1167: 363d3d373d3d3d363d73 ‖ implementation ‖ 5af43d82803e903d91602b57fd5bf3 ‖ commitment",
        inputs=_inputs(
            [
                ("implementation", checksum(implementation)),
                ("runtime code", _hex(clone_code(implementation, terms))),
                ("init code", _hex(code)),
            ]
        ),
        result=_hex(keccak(code)),
        expected=None,
        source="keccak256 of the init code",
        holds=True,
        words="the implementation is the one that this pyledger ships; it has no owner and cannot be replaced",
    )
    yield _step(
        "The address follows from all of that",
        "CREATE2 (EIP-1014): the last 20 bytes of keccak256(0xff ‖ factory ‖ terms hash ‖ keccak256(init code))",
        [
            ("factory", checksum(factory)),
            ("salt: the terms hash", _hex(terms_hash(terms))),
            ("keccak256(init code)", _hex(keccak(code))),
        ],
        create2_address(factory, terms_hash(terms), code),
        agreement,
        "the address of this agreement",
        "whatever else the terms said, the agreement would be at another address",
    )


def _step(
    title: str,
    rule: str,
    inputs: Sequence[tuple[str, str]],
    result: bytes,
    expected: bytes,
    source: str,
    words: str,
) -> Step:
    return Step(
        title=title,
        rule=rule,
        inputs=_inputs(inputs),
        result=_hex(result) if result else None,
        expected=_hex(expected),
        source=source,
        holds=result == expected,
        words=words,
    )


def _inputs(named: Sequence[tuple[str, str]]) -> tuple[Input, ...]:
    return tuple(Input(name, value) for name, value in named)


def _hex(data: bytes) -> str:
    return checksum(data) if len(data) == 20 else "0x" + data.hex()
