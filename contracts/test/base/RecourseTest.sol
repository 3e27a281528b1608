// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {packPhase, packTerms} from "./Packing.sol";
import {IPanelArbitrator} from "../../src/arbitration/IPanelArbitrator.sol";
import {IAgreement} from "../../src/interfaces/IAgreement.sol";
import {IAgreementEvents} from "../../src/interfaces/IAgreementEvents.sol";
import {Contest, Share, Split, Status, Tier} from "../../src/interfaces/Types.sol";
import {StubCourt} from "../actors/StubCourt.sol";
import {AgreementTest} from "./AgreementTest.sol";
import {Building, Deal, all} from "./Deal.sol";
import {vm} from "./Vm.sol";

/// @dev Deals with a court, with parties that need not all join, with tiers; and every entry point of `Recourse`, and those
/// of the factory and of several calls, as one line each.
abstract contract RecourseTest is AgreementTest {
    using Building for Deal;

    uint32 internal constant CHALLENGE_WINDOW = 5 days;
    uint32 internal constant RULING_WINDOW = 20 days;
    /// @dev Third party of a coalition.
    uint8 internal constant LATECOMER = 2;

    address internal latecomer = actor("latecomer");
    address internal community = actor("community");
    address internal justice = actor("justice");
    StubCourt internal court = new StubCourt();

    // Deals

    /// @dev Verdicts can be brought before a court; a community has standing.
    function under(address arbitrator, Deal memory d) internal view returns (Deal memory) {
        d.terms.arbitrator = arbitrator;
        (d.terms.challengeWindow, d.terms.rulingWindow) = (CHALLENGE_WINDOW, RULING_WINDOW);
        d.terms.standing = new address[](1);
        d.terms.standing[0] = community;
        return d;
    }

    /// @dev The usual deal under the court that does as it is told.
    function contestable() internal view returns (Deal memory) {
        return under(address(court), usual());
    }

    function contestable(uint256 phases) internal view returns (Deal memory) {
        return under(address(court), usual(phases));
    }

    /// @dev A court that ships, with one judge, who decides.
    function panelCourt(uint256 fee) internal returns (IPanelArbitrator) {
        address[] memory panel = new address[](1);
        panel[0] = justice;
        bytes memory arguments = abi.encode(panel, 1, fee, charity);
        return IPanelArbitrator(vm.deployCode("PanelArbitrator.sol:PanelArbitrator", arguments));
    }

    /// @dev The usual deal with a third party, two of three being enough; who is missing may join later on.
    function coalition(uint256 phases) internal view returns (Deal memory d) {
        d = between(address(token));
        d.party(latecomer, address(token), BOND, all(charity));
        d.terms.minParties = 2;
        d.terms.accession = phases > 1;
        for (uint256 i; i < phases; ++i) {
            addPhase(d, address(token));
        }
    }

    /// @dev In force by those who have accepted, all but the latecomer, once joining is over.
    function entered(Deal memory d) internal returns (Deal memory) {
        open(d);
        for (uint8 i; i < d.terms.parties.length; ++i) {
            if (d.terms.parties[i].account != latecomer) accept(d, i);
        }
        when(d.terms.joinBy + 1);
        enterForce(d);
        return d;
    }

    /// @dev The usual deal, its payment going by what is attested.
    function tiered(Tier[] memory tiers) internal view returns (Deal memory d) {
        d = usual();
        d.phases[0].payments[0].tiers = tiers;
    }

    function oneTier(uint256 from, uint256 base, uint16 bps) internal pure returns (Tier[] memory tiers) {
        tiers = new Tier[](1);
        tiers[0] = Tier(from, base, bps);
    }

    /// @dev As before, and dissolved too.
    function reached(Status status) internal override returns (Deal memory d) {
        if (status != Status.Dissolved) return super.reached(status);
        d = usual();
        d.terms.document = keccak256(abi.encode(status));
        when(START);
        funded(d);
        dissolve(d, splitOf(address(token), all(charity)));
        assertStatus(d, Status.Dissolved);
    }

    // Entry points

    function enterForce(Deal memory d) internal {
        act(anyone, d, 0, entering(d));
    }

    /// @dev Whoever contests brings exactly the stub's fee.
    function challenge(Deal memory d, address caller, uint8 obligation) internal {
        challengeWith(d, caller, obligation, court.fee());
    }

    function challengeWith(Deal memory d, address caller, uint8 obligation, uint256 value) internal {
        if (caller.balance < value) vm.deal(caller, value);
        act(caller, d, value, challenging(d, obligation));
    }

    /// @dev The stub rules on a dispute, of whichever account it is.
    function rule(uint256 disputeId, uint256 answer) internal {
        act(anyone, address(court), 0, ruling(disputeId, answer));
    }

    /// @dev Somebody rules on the account directly.
    function ruleFrom(address caller, Deal memory d, uint256 disputeId, uint256 answer) internal {
        act(caller, d, 0, ruling(disputeId, answer));
    }

    /// @dev The judge of a `panelCourt` has ruled, and anyone relays it.
    function rulePanel(IPanelArbitrator panel, Deal memory d, uint256 disputeId, uint256 answer) internal {
        act(anyone, address(panel), 0, panelRuling(panel, address(d.account), disputeId, answer));
    }

    function panelRuling(IPanelArbitrator panel, address litigant, uint256 disputeId, uint256 answer)
        internal
        view
        returns (bytes memory)
    {
        IPanelArbitrator.Voice[] memory said = new IPanelArbitrator.Voice[](1);
        said[0].expiry = uint40(vm.getBlockTimestamp() + 1 days);
        bytes32 rulingType =
            keccak256("Ruling(address arbitrable,uint256 dispute,uint256 ruling,bytes32 opinion,uint40 expiry)");
        bytes32 content = keccak256(abi.encode(rulingType, litigant, disputeId, answer, bytes32(0), said[0].expiry));
        bytes32 domainType =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        bytes32 domain = keccak256(
            abi.encode(domainType, keccak256("pyledger arbitrator"), keccak256("1"), block.chainid, address(panel))
        );
        said[0].signature = sign(justice, keccak256(abi.encodePacked("\x19\x01", domain, content)));
        return abi.encodeCall(IPanelArbitrator.rule, (disputeId, answer, bytes32(0), said));
    }

    function comment(Deal memory d, address caller, uint256 group, string memory evidence) internal {
        act(caller, d, 0, commenting(d, group, evidence));
    }

    /// @dev Every member has signed it, for a day.
    function dissolve(Deal memory d, Split[] memory splits) internal {
        uint40 expiry = uint40(vm.getBlockTimestamp() + 1 days);
        dissolveFrom(anyone, d, splits, expiry, dissolutionSignatures(d, splits, expiry));
    }

    function dissolveFrom(
        address caller,
        Deal memory d,
        Split[] memory splits,
        uint40 expiry,
        bytes[] memory signatures
    ) internal {
        act(caller, d, 0, dissolving(d, splits, expiry, signatures));
    }

    /// @dev Every member has signed it, for a day. If it is done, the deal is the extended one from then on.
    function extend(Deal memory d, bool payment, uint8 index, uint32 to) internal {
        uint40 expiry = uint40(vm.getBlockTimestamp() + 1 days);
        extendFrom(anyone, d, payment, index, to, expiry, extensionSignatures(d, payment, index, to, expiry));
    }

    function extendFrom(
        address caller,
        Deal memory d,
        bool payment,
        uint8 index,
        uint32 to,
        uint40 expiry,
        bytes[] memory signatures
    ) internal {
        bytes32 before = d.account.commitment();
        act(caller, d, 0, extending(d, payment, index, to, expiry, signatures));
        if (d.account.commitment() == before) return;
        if (payment) current(d).payments[index].due = to;
        else current(d).obligations[index].within = to;
    }

    function launch(Deal memory d, uint8 party, uint32 payments, uint256 value) internal {
        launchFrom(d.terms.parties[party].account, d, party, payments, value);
    }

    /// @dev The deal is sealed here; what its tokens need must be approved to `addressed(d)` beforehand.
    function launchFrom(address caller, Deal memory d, uint8 party, uint32 payments, uint256 value) internal {
        addressed(d);
        if (caller.balance < value) vm.deal(caller, value);
        act(caller, address(factory), value, launching(d, d.phases.length, party, payments));
    }

    /// @dev Sealed, and with the account that it will have.
    function addressed(Deal memory d) internal view returns (Deal memory) {
        seal(d);
        d.account = IAgreement(factory.addressOf(packTerms(d.terms), d.hashes, packPhase(d.phases[0])));
        return d;
    }

    function multicall(Deal memory d, address caller, bytes[] memory calls) internal {
        act(caller, d, 0, multicalling(calls));
    }

    function multicallWith(Deal memory d, address caller, bytes[] memory calls, uint256 value) internal {
        act(caller, d, value, multicalling(calls));
    }

    // What members sign

    /// @dev The members' signatures over a struct, in the order of the parties.
    function signedByAll(Deal memory d, bytes32 structHash) internal view returns (bytes[] memory signed) {
        uint256 members = d.account.state().members;
        uint256 count;
        for (uint256 i; members >> i != 0; ++i) {
            count += (members >> i) & 1;
        }
        signed = new bytes[](count);
        bytes32 digest = hashing.digest(block.chainid, address(d.account), structHash);
        for (uint256 i; members >> i != 0; ++i) {
            if ((members >> i) & 1 == 0) continue;
            signed[signed.length - count--] = sign(d.terms.parties[i].account, digest);
        }
    }

    function dissolutionSignatures(Deal memory d, Split[] memory splits, uint40 expiry)
        internal
        view
        returns (bytes[] memory)
    {
        return signedByAll(d, hashing.hashDissolution(d.account.state().phase, splits, expiry));
    }

    function extensionSignatures(Deal memory d, bool payment, uint8 index, uint32 to, uint40 expiry)
        internal
        view
        returns (bytes[] memory)
    {
        uint32 from = payment ? current(d).payments[index].due : current(d).obligations[index].within;
        return signedByAll(d, hashing.hashExtension(d.account.state().phase, payment, index, from, to, expiry));
    }

    /// @dev All that is held of one asset, by shares.
    function splitOf(address asset, Share[] memory shares) internal pure returns (Split[] memory splits) {
        splits = new Split[](1);
        splits[0] = Split(asset, shares);
    }

    function joined(Split[] memory first, Split[] memory second) internal pure returns (Split[] memory splits) {
        splits = new Split[](first.length + second.length);
        for (uint256 i; i < splits.length; ++i) {
            splits[i] = i < first.length ? first[i] : second[i - first.length];
        }
    }

    // Calls in a row

    function list(bytes memory first) internal pure returns (bytes[] memory calls) {
        calls = new bytes[](1);
        calls[0] = first;
    }

    function list(bytes memory first, bytes memory second) internal pure returns (bytes[] memory calls) {
        calls = new bytes[](2);
        (calls[0], calls[1]) = (first, second);
    }

    function list(bytes memory first, bytes memory second, bytes memory third)
        internal
        pure
        returns (bytes[] memory calls)
    {
        calls = new bytes[](3);
        (calls[0], calls[1], calls[2]) = (first, second, third);
    }

    // Moments and expectations

    /// @dev The deadline of an obligation of the phase at hand.
    function deadline(Deal memory d, uint8 obligation) internal view returns (uint256) {
        return openedAt(d) + current(d).obligations[obligation].within + current(d).obligations[obligation].grace;
    }

    /// @dev The last moment for anything but `release` and `unwind`.
    function end(Deal memory d) internal pure returns (uint256) {
        return uint256(d.terms.longStop) + d.terms.challengeWindow + d.terms.rulingWindow;
    }

    function refuseNotFinal(uint256 obligation, uint256 finalAt) internal {
        refuse(abi.encodeWithSelector(IAgreementEvents.NotFinal.selector, obligation, finalAt));
    }

    function refuseFor(bytes4 selector, address account) internal {
        refuse(abi.encodeWithSelector(selector, account));
    }

    function assertContest(Deal memory d, uint8 obligation, uint256 decided, uint256 challenged, uint256 ruled)
        internal
        view
    {
        Contest memory c = d.account.contest(d.account.state().phase, obligation);
        assertEq(c.decidedAt, decided, "decided at");
        assertEq(c.challengedAt, challenged, "challenged at");
        assertEq(c.ruledAt, ruled, "ruled at");
    }
}
