// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IRecourse} from "../src/interfaces/IRecourse.sol";
import {ICourse} from "../src/interfaces/ICourse.sol";
import {IAgreement} from "../src/interfaces/IAgreement.sol";
import {Phase, State, Status, Verdict} from "../src/interfaces/Types.sol";
import {AgreementTest} from "./base/AgreementTest.sol";
import {BREACHED, Building, Deal, LAPSED, MET, all, split} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";
import {MoodyToken} from "./tokens/MoodyToken.sol";

/// @dev Makes any move at any time in one deal of three phases, in a token that some recipients may be barred from. Moves
/// that the agreement refuses change nothing; ghosts remember what came in and what was seen.
contract Handler is AgreementTest {
    using Building for Deal;

    uint256 public constant SUPPLY = 3e12;

    bytes private _deal;
    MoodyToken public money;
    IAgreement public account;
    uint256 public paidIn;
    bool public forbiddenTransition;
    bool public verdictChanged;
    State private _before;

    constructor() {
        setUp();
        money = new MoodyToken();
        token = money;
        Deal memory d = between(address(money));
        d.terms.parties[PERFORMER].forfeiture = split(charity, 3_333, payer);
        for (uint256 i; i < 3; ++i) {
            d.phase();
            d.obligation(PERFORMER, Verdict.Breached, i == 1, 6_000);
            d.payment(PAYER, address(money), 7_777, split(performer, 6_667, charity), MET);
            d.obligation(PAYER, Verdict.Met, i == 2, 2_500);
            d.payment(PERFORMER, address(money), 333, all(payer), BREACHED | LAPSED);
        }
        d.last().bonds = new uint128[](2);
        (d.last().bonds[0], d.last().bonds[1]) = (BOND / 2, BOND * 2);
        open(d);
        account = d.account;
        address[3] memory holders = [payer, performer, anyone];
        for (uint256 i; i < 3; ++i) {
            money.mint(holders[i], SUPPLY / 3);
            vm.prank(holders[i]);
            money.approve(address(account), type(uint256).max);
        }
        _deal = abi.encode(d);
    }

    modifier moving() {
        _before = account.state();
        _;
        State memory now_ = account.state();
        if (!allowed(_before.status, now_.status)) forbiddenTransition = true;
        if (_before.status == Status.InForce && _before.phase == now_.phase) {
            for (uint256 i; i < 2; ++i) {
                uint256 was = (_before.verdicts >> (2 * i)) & 3;
                if (was != 0 && was != (now_.verdicts >> (2 * i)) & 3) verdictChanged = true;
            }
        }
    }

    function deal() private view returns (Deal memory) {
        return abi.decode(_deal, (Deal));
    }

    function passTime(uint256 seconds_) external {
        when(vm.getBlockTimestamp() + seconds_ % 12 days);
    }

    function leap(uint256 seed) external {
        if (seed % 16 == 0) when(vm.getBlockTimestamp() + 300 days);
    }

    /// @dev What parties do that mean well, so that runs get far.
    function progress(uint8 verdict) external moving {
        Deal memory d = deal();
        State memory s = account.state();
        if (s.status == Status.Open) {
            for (uint8 i; i < 2; ++i) {
                bytes memory joining = abi.encodeCall(ICourse.accept, (d.terms, d.phases[0], later(d, 0), i, ""));
                attempt(d.terms.parties[i].account, joining, BOND);
            }
        } else if (s.funded != 3) {
            uint32 missing_ = 3 & ~s.funded;
            uint256 sum = (missing_ & 1 == 1 ? 7_777 : 0) + (missing_ & 2 == 2 ? 333 : 0);
            attempt(payer, abi.encodeCall(ICourse.fund, (d.terms, current(d), ahead(d), missing_)), sum);
        } else if (s.verdicts == 0) {
            Verdict given = Verdict(1 + verdict % 3);
            bytes memory data = abi.encodeCall(
                ICourse.attest, (d.terms, current(d), ahead(d), 0, given, 0, voices(d, 0, given, 0, 1), verdict % 2)
            );
            attempt(anyone, data, 0);
        } else {
            when(uint256(s.openedAt) + 33 days + 1);
            attempt(anyone, settlement(d), 0);
        }
    }

    function accept(uint8 party) external moving {
        Deal memory d = deal();
        party %= 2;
        attempt(
            d.terms.parties[party].account,
            abi.encodeCall(ICourse.accept, (d.terms, d.phases[0], later(d, 0), party, "")),
            BOND
        );
    }

    function fund(uint32 payments) external moving {
        Deal memory d = deal();
        payments %= 4;
        uint32 missing_ = payments & ~account.state().funded;
        uint256 sum = (missing_ & 1 == 1 ? 7_777 : 0) + (missing_ & 2 == 2 ? 333 : 0);
        attempt(payer, abi.encodeCall(ICourse.fund, (d.terms, current(d), ahead(d), payments)), sum);
    }

    function topUp(uint8 party) external moving {
        Deal memory d = deal();
        party %= 2;
        uint256 sum = missing(d, party);
        attempt(anyone, abi.encodeCall(ICourse.topUp, (d.terms, current(d), ahead(d), party)), sum);
    }

    function attest(uint8 obligation, uint8 verdict, uint32 pay) external moving {
        Deal memory d = deal();
        obligation %= 2;
        Verdict given = Verdict(verdict % 4);
        bytes memory data = abi.encodeCall(
            ICourse.attest,
            (d.terms, current(d), ahead(d), obligation, given, 0, voices(d, obligation, given, 0, 1), pay % 4)
        );
        attempt(anyone, data, 0);
    }

    function concede(uint8 obligation, bool byPayer) external moving {
        Deal memory d = deal();
        obligation %= 2;
        address caller = byPayer ? payer : performer;
        attempt(caller, abi.encodeCall(ICourse.concede, (d.terms, current(d), ahead(d), obligation)), 0);
    }

    function release(uint32 payments) external moving {
        Deal memory d = deal();
        attempt(anyone, abi.encodeCall(ICourse.release, (d.terms, current(d), ahead(d), payments % 4)), 0);
    }

    function settle() external moving {
        attempt(anyone, settlement(deal()), 0);
    }

    function settlement(Deal memory d) private view returns (bytes memory) {
        uint256 next = uint256(account.state().phase) + 1;
        Phase[] memory following = new Phase[](next < 3 ? 1 : 0);
        if (next < 3) following[0] = d.phases[next];
        return abi.encodeCall(ICourse.settle, (d.terms, current(d), ahead(d), following, later(d, next)));
    }

    function unwind() external moving {
        Deal memory d = deal();
        attempt(anyone, abi.encodeCall(IRecourse.unwind, (d.terms, current(d), ahead(d))), 0);
    }

    function void() external moving {
        Deal memory d = deal();
        attempt(anyone, abi.encodeCall(IRecourse.void, (d.terms, agenda(d))), 0);
    }

    function withdraw(uint256 who) external moving {
        address[3] memory owners = [payer, performer, charity];
        attempt(owners[who % 3], abi.encodeCall(IRecourse.withdraw, (address(money), anyone)), 0);
    }

    function deliver(uint256 who) external moving {
        address[3] memory owners = [payer, performer, charity];
        attempt(anyone, abi.encodeCall(IRecourse.deliver, (owners[who % 3], address(money))), 0);
    }

    function bar(uint256 who, bool barred) external {
        address[3] memory owners = [payer, performer, charity];
        money.setMood(owners[who % 3], barred ? MoodyToken.Mood.Reverts : MoodyToken.Mood.Fine);
    }

    function attempt(address caller, bytes memory data, uint256 deposit) private {
        vm.prank(caller);
        (bool success,) = address(account).call(data);
        if (success) paidIn += deposit;
    }

    function allowed(Status from, Status to) private pure returns (bool) {
        if (from == to) return true;
        if (from == Status.Open) return to == Status.InForce || to == Status.Void;
        return from == Status.InForce && (to == Status.Completed || to == Status.Terminated || to == Status.Unwound);
    }

    // What the books say

    function credits() public view returns (uint256) {
        return account.credit(payer, address(money)) + account.credit(performer, address(money))
            + account.credit(charity, address(money));
    }

    /// @dev Bonds and escrow that follow from state and terms.
    function committed() public view returns (uint256 sum) {
        Deal memory d = deal();
        State memory s = account.state();
        for (uint256 i; i < 2; ++i) {
            if (s.status == Status.Open && (s.members >> i) & 1 == 1) sum += BOND;
            if (s.status != Status.InForce) continue;
            sum += bondOf(d, i);
            if ((s.funded >> i) & 1 == 1 && (s.paid >> i) & 1 == 0) sum += current(d).payments[i].amount;
        }
    }

    /// @dev Everything ever given to those who hold none of the agreement's money now.
    function outside() public view returns (uint256) {
        return money.balanceOf(payer) + money.balanceOf(performer) + money.balanceOf(charity) + money.balanceOf(anyone);
    }
}

contract InvariantsTest is AgreementTest {
    Handler private handler;

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function setUp() public override {
        handler = new Handler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory selected) {
        bytes4[] memory moves = new bytes4[](15);
        moves[0] = Handler.passTime.selector;
        moves[1] = Handler.leap.selector;
        moves[2] = Handler.accept.selector;
        moves[3] = Handler.fund.selector;
        moves[4] = Handler.topUp.selector;
        moves[5] = Handler.attest.selector;
        moves[6] = Handler.concede.selector;
        moves[7] = Handler.release.selector;
        moves[8] = Handler.settle.selector;
        moves[9] = Handler.unwind.selector;
        moves[10] = Handler.void.selector;
        moves[11] = Handler.withdraw.selector;
        moves[12] = Handler.bar.selector;
        moves[13] = Handler.progress.selector;
        moves[14] = Handler.deliver.selector;
        selected = new FuzzSelector[](1);
        selected[0] = FuzzSelector(address(handler), moves);
    }

    /// @dev Paid out + held = paid in; what is owed is held, to the last unit, as nobody here gives anything unasked; and
    /// no final verdict and no ended agreement ever changes.
    /// forge-config: default.invariant.runs = 64
    /// forge-config: default.invariant.depth = 50
    function invariant_BooksAreWholeAndFinal() public view {
        uint256 owed = handler.committed() + handler.credits();
        assertEq(handler.money().balanceOf(address(handler.account())), owed, "held = owed");
        uint256 paidOut = handler.outside() + handler.paidIn() - handler.SUPPLY();
        assertEq(paidOut + owed, handler.paidIn(), "paid out + held = paid in");
        assertTrue(!handler.forbiddenTransition(), "a status that cannot follow");
        assertTrue(!handler.verdictChanged(), "a verdict that was final");
    }
}
