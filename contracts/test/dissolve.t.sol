// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Cause, Share, Split, Status, Verdict} from "../src/interfaces/Types.sol";
import {TestToken} from "../src/tokens/TestToken.sol";
import {Building, Deal, MET, all, split} from "./base/Deal.sol";
import {OnPhaseTest} from "./base/OnPhaseTest.sol";
import {vm} from "./base/Vm.sol";
import {MoodyToken} from "./tokens/MoodyToken.sol";

contract DissolveTest is OnPhaseTest {
    using Building for Deal;

    uint256 private constant HELD = 2 * uint256(BOND) + AMOUNT;

    function enter(Deal memory d) internal override {
        dissolve(d, toCharity());
    }

    function toCharity() private view returns (Split[] memory) {
        return splitOf(address(token), all(charity));
    }

    function test_dissolve_SplitsAllThatIsHeld() public {
        Deal memory d = funded(usual());
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Ended(Status.Dissolved);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(payer, address(token), HELD / 4, Cause.Split, 0, false);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(charity, address(token), HELD - HELD / 4, Cause.Split, 0, false);
        dissolve(d, splitOf(address(token), split(payer, 2_500, charity)));
        assertStatus(d, Status.Dissolved);
        assertEq(held(d), 0, "nothing stays");
    }

    function test_dissolve_TheRemainderGoesToTheLastShare() public {
        Deal memory d = usual();
        d.terms.parties[PAYER].bond = 10;
        d.terms.parties[PERFORMER].bond = 1;
        inForce(d);
        Share[] memory thirds = new Share[](3);
        (thirds[0], thirds[1], thirds[2]) = (Share(payer, 3_333), Share(performer, 3_333), Share(charity, 3_334));
        dissolve(d, splitOf(address(token), thirds));
        assertBalance(payer, 3, "3.6663 rounded down");
        assertBalance(performer, 3, "3.6663 rounded down");
        assertBalance(charity, 5, "the rest");
    }

    function test_dissolve_EachAssetByItsOwnShares() public {
        TestToken other = new TestToken("Other", "OTHER", 18);
        Deal memory d = usual();
        d.payment(PAYER, NATIVE, 70, all(charity), MET);
        d.payment(PAYER, address(other), 90, all(charity), MET);
        d.payment(PAYER, address(other), 11, all(charity), MET);
        funded(d);
        dissolve(
            d, sorted(splitOf(address(token), all(payer)), splitOf(address(other), split(performer, 5_000, charity)))
        );
        assertStatus(d, Status.Dissolved);
        assertBalance(payer, HELD, "token");
        assertEq(other.balanceOf(performer), 50, "half of the other, rounded down");
        assertEq(other.balanceOf(charity), 51, "the other half");
        assertEq(community.balance, 70, "coin");
    }

    /// @dev Two tokens' splits in ascending order, after one of coin.
    function sorted(Split[] memory first, Split[] memory second) private view returns (Split[] memory) {
        Split[] memory coin = splitOf(NATIVE, all(community));
        bool ascending = first[0].asset < second[0].asset;
        return ascending ? joined(coin, joined(first, second)) : joined(coin, joined(second, first));
    }

    function test_dissolve_WhatIsNotFundedIsNotSplit() public {
        Deal memory d = usual();
        d.payment(PAYER, address(token), 70, all(charity), MET);
        inForce(d);
        uint256 bonds = held(d);
        fund(d, 2);
        dissolve(d, toCharity());
        assertBalance(charity, bonds + 70, "bonds, and the second payment alone");
        assertEq(held(d), 0, "nothing stays");
    }

    function test_dissolve_WhatIsPaidIsNotSplit() public {
        Deal memory d = usual();
        d.obligation(PAYER, Verdict.Breached, false, 0);
        d.payment(PAYER, address(token), 70, all(community), MET);
        funded(d);
        attest(d, 1, Verdict.Met, 0, voices(d, 1, Verdict.Met, 0, 1), 2);
        dissolve(d, toCharity());
        assertBalance(community, 70, "paid before");
        assertBalance(charity, HELD, "split");
    }

    function test_dissolve_ShortBondsAsTheyAre() public {
        Deal memory d = usual();
        d.levels(BOND, BOND + 500);
        inForce(d);
        dissolve(d, toCharity());
        assertBalance(charity, 2 * BOND, "what had been posted");
        assertEq(d.account.state().short, 0, "nobody is short any more");
    }

    /// @dev Surplus went back when the phase opened; of a lower level there is no more to split.
    function test_dissolve_BondsAtTheLevelOfThePhase() public {
        Deal memory d = usual();
        d.levels(BOND / 4, BOND / 2);
        inForce(d);
        dissolve(d, toCharity());
        assertBalance(charity, BOND / 4 + BOND / 2, "the levels");
    }

    function test_dissolve_NothingHeldNothingSplit() public {
        Deal memory d = usual();
        d.terms.parties[PAYER].bond = 0;
        d.terms.parties[PERFORMER].bond = 0;
        inForce(d);
        dissolve(d, new Split[](0));
        assertStatus(d, Status.Dissolved);
    }

    function test_dissolve_SplitsOfOtherAssetsAreNothing() public {
        Deal memory d = funded(usual());
        vm.deal(address(d.account), 1 ether);
        dissolve(d, joined(splitOf(NATIVE, all(charity)), toCharity()));
        assertEq(charity.balance, 0, "coin that nobody has paid in is not anybody's");
        assertBalance(charity, HELD, "split");
    }

    function test_dissolve_CreditsStay() public {
        MoodyToken moody = new MoodyToken();
        Deal memory d = between(address(moody));
        addPhase(d, address(moody));
        d.obligation(PAYER, Verdict.Breached, false, 0);
        d.payment(PAYER, address(moody), 70, all(community), MET);
        funded(d);
        moody.setMood(community, MoodyToken.Mood.Reverts);
        attest(d, 1, Verdict.Met, 0, voices(d, 1, Verdict.Met, 0, 1), 2);
        assertEq(d.account.credit(community, address(moody)), 70, "credit");
        dissolve(d, splitOf(address(moody), all(charity)));
        assertEq(moody.balanceOf(charity), HELD, "split");
        assertEq(d.account.credit(community, address(moody)), 70, "untouched");
        withdraw(d, community, address(moody), anyone);
        assertEq(moody.balanceOf(anyone), 70, "withdrawn");
    }

    function test_dissolve_WhoCannotBePaidIsCredited() public {
        MoodyToken moody = new MoodyToken();
        Deal memory d = between(address(moody));
        addPhase(d, address(moody));
        funded(d);
        moody.setMood(charity, MoodyToken.Mood.BurnsGas);
        dissolve(d, splitOf(address(moody), split(charity, 5_000, payer)));
        assertEq(d.account.credit(charity, address(moody)), HELD / 2, "credit");
        assertEq(moody.balanceOf(payer), HELD / 2, "the other is paid");
    }

    // Who has to sign

    function test_dissolve_NobodyAsksWhoIsAbsent() public {
        Deal memory d = entered(coalition(1));
        dissolve(d, toCharity());
        assertBalance(charity, 2 * BOND, "split");
    }

    function test_dissolve_WhoIsJoiningHasItsBondBack() public {
        Deal memory d = entered(coalition(2));
        fund(d, 1);
        accept(d, LATECOMER);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(latecomer, address(token), BOND, Cause.Bond, LATECOMER, false);
        dissolve(d, toCharity());
        assertBalance(charity, HELD, "split");
        assertBalance(latecomer, BOND, "whole");
        assertEq(held(d), 0, "nothing stays");
    }

    /// @dev In an asset that nobody else has anything in, which then is in no split.
    function test_dissolve_WhoIsJoiningInAnAssetOfItsOwn() public {
        Deal memory d = coalition(2);
        d.terms.parties[LATECOMER].asset = NATIVE;
        entered(d);
        accept(d, LATECOMER);
        assertEq(address(d.account).balance, BOND, "posted");
        dissolve(d, toCharity());
        assertEq(latecomer.balance, BOND, "whole");
        assertBalance(charity, 2 * BOND, "split");
    }

    function test_dissolve_InALaterPhaseWithWhoHasJoined() public {
        Deal memory d = entered(coalition(2));
        fund(d, 1);
        accept(d, LATECOMER);
        attest(d, 0, Verdict.Met);
        settle(d);
        dissolve(d, toCharity());
        assertBalance(charity, 3 * BOND, "all three bonds");
    }

    // When

    function test_dissolve_PastACutOff() public {
        Deal memory d = funded(usual());
        concede(d, performer, 0);
        when(START + 1);
        dissolve(d, toCharity());
        assertBalance(charity, HELD, "no forfeiture any more");
    }

    function test_dissolve_WhileAVerdictIsContested() public {
        Deal memory d = funded(contestable());
        attest(d, 0, Verdict.Breached);
        challenge(d, performer, 0);
        dissolve(d, toCharity());
        assertBalance(charity, HELD, "split");
    }

    function test_dissolve_PastTheEnd() public {
        Deal memory d = funded(contestable());
        uint256[2] memory times = [uint256(d.terms.longStop) + 1, end(d) + 1];
        for (uint256 i; i < 2; ++i) {
            uint256 id = vm.snapshotState();
            when(times[i]);
            dissolve(d, toCharity());
            assertBalance(charity, HELD, "split");
            vm.revertToState(id);
        }
    }

    function test_dissolve_RevertWhen_Repeated() public {
        Deal memory d = funded(usual());
        dissolve(d, toCharity());
        token.mint(address(d.account), 500);
        refuseStatus(Status.Dissolved);
        dissolve(d, toCharity());
    }

    function test_dissolve_RevertWhen_CoinIsSent() public {
        Deal memory d = funded(usual());
        uint40 expiry = uint40(START);
        bytes memory data = dissolving(d, toCharity(), expiry, dissolutionSignatures(d, toCharity(), expiry));
        vm.prank(anyone);
        (bool success,) = address(d.account).call{value: 1}(data);
        assertTrue(!success, "refused");
        assertStatus(d, Status.InForce);
    }
}
