// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {packPhase, packTerms} from "./Packing.sol";
import {IAgreementEvents} from "../../src/interfaces/IAgreementEvents.sol";
import {TestToken} from "../../src/tokens/TestToken.sol";
import {IAgreement} from "../../src/interfaces/IAgreement.sol";
import {Phase, Status, Verdict, Voice} from "../../src/interfaces/Types.sol";
import {IAgreementFactory} from "../../src/interfaces/IAgreementFactory.sol";
import {Wallet} from "../actors/Wallet.sol";
import {Assertions} from "./Assertions.sol";
import {Calls} from "./Calls.sol";
import {Building, Deal, MET, all} from "./Deal.sol";
import {Hashing} from "./Hashing.sol";
import {vm} from "./Vm.sol";

/// @dev Actors, a usual deal, and every entry point as one line. A call that should fail is announced by `refuse`,
/// with the exact error.
abstract contract AgreementTest is Assertions, Calls {
    using Building for Deal;

    uint256 internal constant START = 1_800_000_000;
    uint128 internal constant BOND = 1_000;
    uint128 internal constant AMOUNT = 50_000;
    uint256 internal constant WEALTH = 1e24;
    address internal constant NATIVE = address(0);
    /// @dev Parties of the usual deal by index.
    uint8 internal constant PAYER = 0;
    uint8 internal constant PERFORMER = 1;

    IAgreementFactory internal factory;
    address internal recourse;
    TestToken internal token;
    address internal payer = actor("payer");
    address internal performer = actor("performer");
    address internal verifier = actor("verifier");
    address internal charity = actor("charity");
    address internal anyone = actor("anyone");

    mapping(address account => uint256) private _keys;
    bytes private _refusal;

    function setUp() public virtual {
        vm.warp(START);
        recourse = vm.deployCode("Recourse.sol:Recourse");
        factory = IAgreementFactory(vm.deployCode("AgreementFactory.sol:AgreementFactory", abi.encode(recourse)));
        hashing = new Hashing();
        token = TestToken(address(new TestToken("Test dollar", "USDX", 6)));
        vm.deal(anyone, WEALTH);
    }

    // Actors

    function actor(string memory role) internal returns (address account) {
        uint256 key = uint256(keccak256(bytes(role)));
        account = vm.addr(key);
        _keys[account] = key;
        vm.label(account, role);
    }

    function actors(string memory role, uint256 count) internal returns (address[] memory accounts) {
        accounts = new address[](count);
        for (uint256 i; i < count; ++i) {
            accounts[i] = actor(string.concat(role, " ", vm.toString(i)));
        }
    }

    /// @dev A contract account, signed for by the key of its owner.
    function walletOf(address owner) internal returns (address wallet) {
        wallet = address(new Wallet(owner));
        _keys[wallet] = _keys[owner];
    }

    // Deals

    function blank() internal pure returns (Deal memory d) {
        d.terms.document = keccak256("document");
        d.terms.joinBy = uint40(START + 14 days);
        d.terms.longStop = uint40(START + 720 days);
        d.terms.topUpWithin = 7 days;
        d.terms.defaultForfeitBps = 5_000;
    }

    /// @dev Payer and performer with bonds in `asset`, forfeited to the other; one verifier decides.
    function between(address asset) internal view returns (Deal memory d) {
        d = blank();
        d.party(payer, asset, BOND, all(performer));
        d.party(performer, asset, BOND, all(payer));
        d.judge(verifier);
    }

    /// @dev The performer delivers, or loses 60 % of its bond and ends the deal; then the payer pays.
    function addPhase(Deal memory d, address asset) internal view {
        d.phase();
        d.obligation(PERFORMER, Verdict.Breached, true, 6_000);
        d.payment(PAYER, asset, AMOUNT, all(performer), MET);
    }

    function usual() internal view returns (Deal memory d) {
        d = between(address(token));
        addPhase(d, address(token));
    }

    function usual(uint256 phases) internal view returns (Deal memory d) {
        d = between(address(token));
        for (uint256 i; i < phases; ++i) {
            addPhase(d, address(token));
        }
    }

    function seal(Deal memory d) internal view {
        d.hashes = new bytes32[](d.phases.length);
        for (uint256 i; i < d.phases.length; ++i) {
            d.hashes[i] = hashing.hashPhase(d.phases[i]);
        }
        d.terms.phases = keccak256(abi.encodePacked(d.hashes));
    }

    // From nothing to a state

    function open(Deal memory d) internal returns (Deal memory) {
        return open(d, d.phases.length);
    }

    function open(Deal memory d, uint256 disclosed) internal returns (Deal memory) {
        seal(d);
        if (d.phases.length != 0) {
            d.account = IAgreement(factory.addressOf(packTerms(d.terms), d.hashes, packPhase(d.phases[0])));
        }
        act(anyone, address(factory), 0, opening(d, disclosed));
        return d;
    }

    function inForce(Deal memory d) internal returns (Deal memory) {
        open(d);
        for (uint8 i; i < d.terms.parties.length; ++i) {
            accept(d, i);
        }
        return d;
    }

    /// @dev In force, and every payment of the first phase in escrow.
    function funded(Deal memory d) internal returns (Deal memory) {
        inForce(d);
        fund(d, setOf(d.phases[0].payments.length));
        return d;
    }

    /// @dev A usual deal that has come to a status.
    function reached(Status status) internal virtual returns (Deal memory d) {
        when(START);
        d = usual();
        d.terms.document = keccak256(abi.encode(status));
        if (status == Status.Open) {
            open(d);
        } else if (status == Status.InForce) {
            inForce(d);
        } else if (status == Status.Completed) {
            funded(d);
            attest(d, 0, Verdict.Met);
            settle(d);
        } else if (status == Status.Terminated) {
            funded(d);
            concede(d, performer, 0);
            when(START + 1);
            settle(d);
        } else if (status == Status.Void) {
            open(d);
            when(d.terms.joinBy + 1);
            void(d);
        } else {
            funded(d);
            attest(d, 0, Verdict.Met);
            when(d.terms.longStop + 1);
            unwind(d);
        }
        assertStatus(d, status);
    }

    /// @dev The set of the first `count` indices.
    function setOf(uint256 count) internal pure returns (uint32) {
        return uint32((1 << count) - 1);
    }

    // Entry points. Whoever pays has what it takes and has approved it.

    function accept(Deal memory d, uint8 party) internal {
        acceptFrom(d.terms.parties[party].account, d, party, "");
    }

    function acceptFrom(address caller, Deal memory d, uint8 party, bytes memory signature) internal {
        uint256 bond = party < d.terms.parties.length ? d.terms.parties[party].bond : 0;
        address asset = party < d.terms.parties.length ? d.terms.parties[party].asset : NATIVE;
        uint256 value = provide(caller, asset, bond, d);
        act(caller, d, value, accepting(d, party, signature));
    }

    function fund(Deal memory d, uint32 payments) internal {
        fundWith(d, payments, provideFor(d, payments));
    }

    /// @dev Sees to it that the payer has what a set of payments takes; returns what has to be sent along in coin.
    function provideFor(Deal memory d, uint32 payments) internal returns (uint256 value) {
        Phase memory phase = current(d);
        for (uint256 i; i < phase.payments.length; ++i) {
            if ((payments >> i) & 1 == 0) continue;
            address asset = phase.payments[i].asset;
            uint256 sum;
            for (uint256 j; j <= i; ++j) {
                if ((payments >> j) & 1 == 1 && phase.payments[j].asset == asset) sum += phase.payments[j].amount;
            }
            if (provide(payer, asset, sum, d) != 0) value = sum;
        }
    }

    function fundWith(Deal memory d, uint32 payments, uint256 value) internal {
        act(payer, d, value, funding(d, payments));
    }

    function topUp(Deal memory d, uint8 party) internal {
        topUpWith(d, party, provide(anyone, d.terms.parties[party].asset, missing(d, party), d));
    }

    function topUpWith(Deal memory d, uint8 party, uint256 value) internal {
        act(anyone, d, value, toppingUp(d, party));
    }

    function attest(Deal memory d, uint8 obligation, Verdict verdict) internal {
        attest(d, obligation, verdict, 0, voices(d, obligation, verdict, 0, 1), 0);
    }

    function attest(Deal memory d, uint8 obligation, Verdict verdict, uint256 value, Voice[] memory said, uint32 pay)
        internal
    {
        attestFrom(anyone, d, obligation, verdict, value, said, pay);
    }

    function attestFrom(
        address caller,
        Deal memory d,
        uint8 obligation,
        Verdict verdict,
        uint256 value,
        Voice[] memory said,
        uint32 pay
    ) internal {
        act(caller, d, 0, attesting(d, obligation, verdict, value, said, pay));
    }

    function concede(Deal memory d, address caller, uint8 obligation) internal {
        act(caller, d, 0, conceding(d, obligation));
    }

    function release(Deal memory d, uint32 payments) internal {
        act(anyone, d, 0, releasing(d, payments));
    }

    /// @dev Closes the phase at hand, disclosing the next one if there is one.
    function settle(Deal memory d) internal {
        act(anyone, d, 0, settling(d));
    }

    function settleWith(Deal memory d, Phase[] memory next, bytes32 afterNext) internal {
        act(anyone, d, 0, settling(d, next, afterNext));
    }

    function unwind(Deal memory d) internal {
        act(anyone, d, 0, unwinding(d));
    }

    function void(Deal memory d) internal {
        act(anyone, d, 0, voiding(d));
    }

    function withdraw(Deal memory d, address caller, address asset, address to) internal {
        act(caller, d, 0, withdrawing(asset, to));
    }

    function withdraw(Deal memory d, address caller, address asset, address to, uint256 amount) internal {
        act(caller, d, 0, withdrawing(asset, to, amount));
    }

    function deliver(Deal memory d, address account, address asset) internal {
        act(anyone, d, 0, delivering(account, asset));
    }

    // Voices

    /// @dev The first `count` seats of the obligation's panel, each signing this.
    function voices(Deal memory d, uint8 obligation, Verdict verdict, uint256 value, uint256 count)
        internal
        view
        returns (Voice[] memory said)
    {
        said = new Voice[](count);
        for (uint8 i; i < count; ++i) {
            said[i] = voice(d, obligation, verdict, value, i);
        }
    }

    function one(Voice memory said) internal pure returns (Voice[] memory list) {
        list = new Voice[](1);
        list[0] = said;
    }

    function two(Voice memory first, Voice memory second) internal pure returns (Voice[] memory list) {
        list = new Voice[](2);
        (list[0], list[1]) = (first, second);
    }

    function voice(Deal memory d, uint8 obligation, Verdict verdict, uint256 value, uint8 seat)
        internal
        view
        returns (Voice memory said)
    {
        said.seat = seat;
        said.evidence = keccak256(abi.encode("evidence", seat));
        said.expiry = uint40(vm.getBlockTimestamp() + 1 days);
        bytes32 digest =
            attestationDigest(d, d.account.state().phase, obligation, verdict, value, said.evidence, said.expiry);
        uint8 panel = current(d).obligations[obligation].panel;
        said.signature = sign(d.terms.panels[panel].seats[seat].verifier, digest);
    }

    function attestationDigest(
        Deal memory d,
        uint8 phase,
        uint8 obligation,
        Verdict verdict,
        uint256 value,
        bytes32 evidence,
        uint40 expiry
    ) internal view returns (bytes32) {
        bytes32 hash = hashing.hashAttestation(phase, obligation, verdict, value, evidence, expiry);
        return hashing.digest(block.chainid, address(d.account), hash);
    }

    function termsDigest(Deal memory d) internal view returns (bytes32) {
        return hashing.digest(block.chainid, address(d.account), hashing.hashTerms(d.terms));
    }

    function sign(address account, bytes32 digest) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[account], digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev The same signature in its other form, which would also recover to the signer.
    function mirrored(bytes memory signature) internal pure returns (bytes memory) {
        (bytes32 r, uint256 s) = abi.decode(signature, (bytes32, uint256));
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        return abi.encodePacked(r, order - s, signature[64] == 0x1b ? uint8(28) : uint8(27));
    }

    // Money

    /// @dev Sees to it that `holder` has what it needs and has approved it; returns what it has to send along in coin.
    function provide(address holder, address asset, uint256 amount, Deal memory d) internal returns (uint256) {
        if (asset == NATIVE) {
            if (holder.balance < amount) vm.deal(holder, amount);
            return amount;
        }
        if (balance(asset, holder) < amount) TestToken(asset).mint(holder, amount - balance(asset, holder));
        if (TestToken(asset).allowance(holder, address(d.account)) < amount) {
            vm.prank(holder);
            TestToken(asset).approve(address(d.account), type(uint256).max);
        }
        return 0;
    }

    function balance(address asset, address account) internal view returns (uint256) {
        return asset == NATIVE ? account.balance : TestToken(asset).balanceOf(account);
    }

    function held(Deal memory d) internal view returns (uint256) {
        return balance(address(token), address(d.account));
    }

    /// @dev The bond that the phase at hand asks of a party.
    function level(Deal memory d, uint256 party) internal view returns (uint256) {
        uint128[] memory bonds = current(d).bonds;
        return bonds.length == 0 ? d.terms.parties[party].bond : bonds[party];
    }

    function missing(Deal memory d, uint256 party) internal view returns (uint256) {
        return (d.account.state().short >> party) & 1 == 1 ? level(d, party) - d.account.shortBond(party) : 0;
    }

    /// @dev What is held of a party's bond while the agreement is in force.
    function bondOf(Deal memory d, uint256 party) internal view returns (uint256) {
        return level(d, party) - missing(d, party);
    }

    // Expectations

    function assertStatus(Deal memory d, Status expected) internal view {
        assertEq(uint256(d.account.state().status), uint256(expected), "status");
    }

    function assertVerdict(Deal memory d, uint256 obligation, Verdict expected) internal view {
        uint256 given = (d.account.state().verdicts >> (2 * obligation)) & 3;
        assertEq(given, uint256(expected), "verdict");
    }

    function assertBalance(address account, uint256 expected, string memory what) internal view {
        assertEq(token.balanceOf(account), expected, what);
    }

    /// @dev The next entry point called must fail with exactly this.
    function refuse(bytes memory reason) internal {
        _refusal = reason;
    }

    function refuse(bytes4 selector, uint256 value) internal {
        refuse(abi.encodeWithSelector(selector, value));
    }

    /// @dev What the call brings, hashed as it is now, is not what the account is committed to.
    function refuseTerms(Deal memory d, Phase memory phase, bytes32 chain) internal {
        bytes32 actual = hashing.chain(keccak256(packTerms(d.terms)), hashing.chain(keccak256(packPhase(phase)), chain));
        refuse(abi.encodeWithSelector(IAgreementEvents.TermsMismatch.selector, d.account.commitment(), actual));
    }

    function refuseStatus(Status actual) internal {
        refuse(abi.encodeWithSelector(IAgreementEvents.WrongStatus.selector, actual));
    }

    function act(address caller, Deal memory d, uint256 value, bytes memory data) internal {
        act(caller, address(d.account), value, data);
    }

    function act(address caller, address target, uint256 value, bytes memory data) internal {
        bytes memory expected = _refusal;
        delete _refusal;
        vm.prank(caller);
        (bool success, bytes memory answer) = target.call{value: value}(data);
        if (expected.length == 0) {
            if (!success) bubble(answer);
        } else {
            if (success) revert NotRefused(expected);
            if (keccak256(answer) != keccak256(expected)) revert RefusedOtherwise(answer, expected);
        }
    }

    function when(uint256 time) internal {
        vm.warp(time);
    }

    function openedAt(Deal memory d) internal view returns (uint256) {
        return d.account.state().openedAt;
    }
}
