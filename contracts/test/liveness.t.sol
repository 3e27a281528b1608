// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Status, Verdict} from "../src/interfaces/Types.sol";
import {NeverRules} from "./arbitration/HostileArbitrators.sol";
import {Assertions} from "./base/Assertions.sol";
import {Building, Deal, all} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";
import {more} from "./hostile/Cheats.sol";
import {HostileTest} from "./hostile/HostileTest.sol";
import {Handler} from "./invariants/Handler.sol";
import {MoodyToken} from "./tokens/MoodyToken.sol";

/// @dev From wherever any deal has come, one stranger with nobody's key empties the account for good as soon as the long stop
/// and both windows are past: see `invariants/Liquidation.sol` for what it does, and what must have come of it.
contract LivenessTest is Assertions {
    Handler private handler;

    function setUp() public {
        handler = new Handler();
    }

    function testFuzz_AnyHistoryCanBeBroughtToAnEnd(uint256 seed, uint256 length) public {
        length %= 160;
        for (uint256 i; i < length; ++i) {
            uint256 drawn = uint256(keccak256(abi.encode(seed, i)));
            try handler.play(Handler.Kind(drawn % handler.KINDS()), drawn) returns (bool) {} catch {}
        }
        string memory trouble = handler.finish();
        assertTrue(bytes(trouble).length == 0, trouble);
    }
}

/// @dev The same where one might doubt it most, each by itself.
contract LivenessOfTest is HostileTest {
    using Building for Deal;

    uint256 private constant TRANSACTION_CAP = 1 << 24;
    address private stranger = address(uint160(uint256(keccak256("somebody who passes by"))));

    /// @dev A stranger makes one call in the second after the end, and everybody has their own.
    function emptied(Deal memory d, bytes memory data, Status status) private {
        when(end(d) + 1);
        act(stranger, d, 0, data);
        assertTrue(more.lastCallGas().gasTotalUsed < TRANSACTION_CAP, "gas");
        assertStatus(d, status);
        assertEq(held(d), 0, "tokens held");
        assertEq(address(d.account).balance, 0, "coin held");
    }

    function test_NobodyElseJoined() public {
        Deal memory d = open(contestable(2), 1);
        accept(d, PAYER);
        emptied(d, voiding(d), Status.Void);
        assertBalance(payer, BOND, "payer");
    }

    function test_ACoalitionThatNobodyEntered() public {
        Deal memory d = open(under(address(court), coalition(2)), 1);
        accept(d, PAYER);
        accept(d, PERFORMER);
        emptied(d, voiding(d), Status.Void);
        assertBalance(payer, BOND, "payer");
        assertBalance(performer, BOND, "performer");
    }

    /// @dev Nobody knows what comes next; what was decided stands.
    function test_TheNextPhaseIsLost() public {
        Deal memory d = open(contestable(2), 1);
        accept(d, PAYER);
        accept(d, PERFORMER);
        fund(d, 1);
        attest(d, 0, Verdict.Met);
        d.phases[1].salt = "lost";
        emptied(d, unwinding(d), Status.Unwound);
        assertBalance(performer, AMOUNT + BOND, "performer");
        assertBalance(payer, BOND, "payer");
    }

    /// @dev A verdict of the last second is challenged in the last second, and the court is silent: the verdict stands.
    function test_TheCourtNeverRules() public {
        Deal memory d = under(address(new NeverRules()), usual());
        d.phases[0].obligations[0].within = 800 days;
        d.phases[0].payments[0].due = 800 days;
        funded(d);
        when(d.terms.longStop);
        attest(d, 0, Verdict.Met);
        when(uint256(d.terms.longStop) + CHALLENGE_WINDOW);
        challengeWith(d, community, 0, 0.01 ether);
        emptied(d, unwinding(d), Status.Unwound);
        assertBalance(performer, AMOUNT + BOND, "performer");
        assertBalance(payer, BOND, "payer");
    }

    function test_PartiesAreWaitingToJoin() public {
        Deal memory d = entered(under(address(court), coalition(2)));
        fund(d, 1);
        accept(d, LATECOMER);
        emptied(d, unwinding(d), Status.Unwound);
        assertBalance(latecomer, BOND, "latecomer");
    }

    /// @dev Members put off what they owe each other to a day that never comes.
    function test_DeadlinesArePutOffForEver() public {
        Deal memory d = funded(contestable());
        extend(d, false, 0, type(uint32).max - 3 days - 1);
        extend(d, true, 0, type(uint32).max - 1);
        emptied(d, unwinding(d), Status.Unwound);
        assertBalance(payer, AMOUNT + BOND, "payer");
        assertBalance(performer, BOND, "performer");
    }

    /// @dev A phase whose clocks would start after everything is over.
    function test_APhaseThatNeverOpens() public {
        Deal memory d = contestable();
        d.phases[0].notBefore = type(uint40).max;
        funded(d);
        emptied(d, unwinding(d), Status.Unwound);
        assertBalance(payer, AMOUNT + BOND, "payer");
    }

    /// @dev Nobody takes anything: all is credited, and delivered years later, when they do.
    function test_RecipientsWouldNotTakeIt() public {
        MoodyToken moody = new MoodyToken();
        Deal memory d = under(address(court), between(address(moody)));
        addPhase(d, address(moody));
        funded(d);
        address[2] memory both = [payer, performer];
        for (uint256 i; i < 2; ++i) {
            moody.setMood(both[i], MoodyToken.Mood(2 + i));
        }
        when(end(d) + 1);
        act(stranger, d, 0, unwinding(d));
        uint256 credits = d.account.credit(payer, address(moody)) + d.account.credit(performer, address(moody));
        assertEq(credits, AMOUNT + 2 * BOND, "all is credited");
        assertEq(moody.balanceOf(address(d.account)), credits, "and held");
        when(end(d) + 3_000 days);
        for (uint256 i; i < 2; ++i) {
            moody.setMood(both[i], MoodyToken.Mood.Fine);
            act(stranger, d, 0, delivering(both[i], address(moody)));
        }
        assertEq(moody.balanceOf(address(d.account)), 0, "all is delivered");
    }

    /// @dev In the last second before, nothing can be forced: it is still the parties' time.
    function test_RevertWhen_ItIsNotOver() public {
        Deal memory d = funded(contestable());
        when(end(d));
        assertTrue(!attempt(stranger, d, 0, unwinding(d)), "unwound too early");
    }
}
