// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

import {IERC5192} from "../../src/entitlements/IERC5192.sol";
import {Condition} from "../../src/entitlements/IEntitlements.sol";
import {ISeats} from "../../src/entitlements/ISeats.sol";
import {IAgreement} from "../../src/interfaces/IAgreement.sol";
import {IAgreementEvents} from "../../src/interfaces/IAgreementEvents.sol";
import {Verdict} from "../../src/interfaces/Types.sol";
import {Deal} from "../base/Deal.sol";
import {packPhase, packTerms} from "../base/Packing.sol";
import {vm} from "../base/Vm.sol";
import {EntitledTest} from "./EntitledTest.sol";

contract SeatsTest is EntitledTest {
    string private constant ABOUT = "ipfs://about";

    // Creation

    function test_create_SaysWhatItHangsOn() public {
        Deal memory d = inForce(access(1));
        ISeats seats = seatsOf(d.account, own());
        assertEq(address(seats.agreement()), address(d.account), "agreement");
        assertEq(seats.conditions().length, 1, "conditions");
        assertEq(keccak256(abi.encode(seats.conditions())), keccak256(abi.encode(own())), "as given");
        assertTrue(keccak256(bytes(seats.name())) == keccak256("Working group"), "name");
        assertTrue(keccak256(bytes(seats.symbol())) == keccak256("SEAT"), "symbol");
        assertNobody(seats, performer);
    }

    function test_create_RevertWhen_ThereAreNoConditions() public {
        Deal memory d = inForce(access(1));
        bytes memory code = abi.encodePacked(
            VmBytecode(address(vm)).getCode("Seats.sol:Seats"),
            abi.encode(d.account, new Condition[](0), "Working group", "SEAT", ABOUT)
        );
        address made;
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
        }
        assertEq(made, address(0), "not made");
        bytes memory reason;
        assembly ("memory-safe") {
            reason := mload(0x40)
            mstore(reason, returndatasize())
            returndatacopy(add(reason, 0x20), 0, returndatasize())
            mstore(0x40, add(add(reason, 0x40), returndatasize()))
        }
        assertEq(keccak256(reason), keccak256(abi.encodeWithSelector(ISeats.NoConditions.selector)), "reason");
    }

    function test_supportsInterface() public {
        ISeats seats = seatsOf(inForce(access(1)).account, own());
        assertTrue(seats.supportsInterface(0x01ffc9a7), "ERC-165");
        assertTrue(seats.supportsInterface(0x80ac58cd), "ERC-721");
        assertTrue(seats.supportsInterface(0x5b5e139f), "ERC-721 metadata");
        assertTrue(seats.supportsInterface(0xb45a3c0e), "ERC-5192");
        assertTrue(!seats.supportsInterface(0xffffffff), "nothing else");
    }

    // Publish

    function test_publish_KeepsWhatTheAgreementIsCommittedTo() public {
        Deal memory d = inForce(access(1));
        ISeats seats = seatsOf(d.account, own());
        vm.expectEmit(address(seats));
        emit ISeats.Published(d.account.commitment());
        publish(seats, d);
        assertEq(seats.published(), d.account.commitment(), "published");
        mintPublished(seats, performer);
        assertSeated(seats, performer);
        publish(seats, d);
    }

    function test_publish_RevertWhen_ItIsSomethingElse() public {
        Deal memory d = inForce(access(2));
        ISeats seats = seatsOf(d.account, own());
        d.phases[0].obligations[USE_KEPT].presumption = uint8(Verdict.Lapsed);
        refuseTerms(d, d.phases[0], later(d, 0));
        publish(seats, d);
        refuseTerms(d, d.phases[0], later(d, 0));
        mint(seats, d, performer);
    }

    // Mint

    function test_mint_ByAnyoneForWhoIsEntitled() public {
        Deal memory d = inForce(access(1));
        ISeats seats = seatsOf(d.account, own());
        vm.expectEmit(address(seats));
        emit ISeats.Published(d.account.commitment());
        vm.expectEmit(address(seats));
        emit IERC721.Transfer(address(0), performer, idOf(performer));
        vm.expectEmit(address(seats));
        emit IERC5192.Locked(idOf(performer));
        mint(seats, d, performer);
        assertSeated(seats, performer);
        assertEq(seats.seatedUntil(performer), d.terms.longStop, "until");
        assertNobody(seats, payer);
    }

    function test_mint_RevertWhen_NothingIsPublished() public {
        Deal memory d = inForce(access(1));
        ISeats seats = seatsOf(d.account, own());
        refuse(abi.encodeWithSelector(ISeats.NotPublished.selector, d.account.commitment()));
        mintPublished(seats, performer);
    }

    function test_mint_RevertWhen_NotEntitled() public {
        Deal memory d = inForce(access(1));
        ISeats seats = seatsOf(d.account, own());
        refuseFor(ISeats.NotEntitled.selector, payer);
        mint(seats, d, payer);
        refuseFor(ISeats.NotEntitled.selector, anyone);
        mint(seats, d, anyone);
        concede(d, performer, USE_KEPT);
        refuseFor(ISeats.NotEntitled.selector, performer);
        mint(seats, d, performer);
    }

    function test_mint_RevertWhen_TheGiverHasNotJoined() public {
        Deal memory d = entered(coalition(2));
        Condition[] memory second = own();
        second[0].phase = 1;
        Condition[] memory list = both(own(), second);
        (list[0].givers, list[1].givers) = (4, 4);
        ISeats seats = seatsOf(d.account, list);
        refuseFor(ISeats.NotEntitled.selector, performer);
        mint(seats, d, performer);
        accept(d, LATECOMER);
        fund(d, 1);
        attest(d, 0, Verdict.Met);
        settle(d);
        mint(seats, d, performer);
        assertSeated(seats, performer);
    }

    function test_mint_RevertWhen_AlreadySeated() public {
        Deal memory d = inForce(access(1));
        ISeats seats = seatsOf(d.account, own());
        mint(seats, d, performer);
        refuseFor(ISeats.AlreadySeated.selector, performer);
        mint(seats, d, performer);
        concede(d, performer, USE_KEPT);
        refuseFor(ISeats.AlreadySeated.selector, performer);
        mint(seats, d, performer);
    }

    // What is shown follows from the agreement's state

    function test_ownerOf_NobodyInTheSecondOfABreach() public {
        Deal memory d = inForce(access(1));
        ISeats seats = minted(d);
        attest(d, USE_KEPT, Verdict.Breached);
        assertNobody(seats, performer);
        assertTrue(seats.seated(performer), "although nobody has burned it");
    }

    function test_ownerOf_NobodyOnceTheAgreementIsCutOff() public {
        Deal memory d = inForce(access(1));
        ISeats seats = minted(d);
        concede(d, payer, ACCESS_KEPT);
        assertSeated(seats, performer);
        when(START + 1);
        assertNobody(seats, performer);
        settle(d);
        assertNobody(seats, performer);
    }

    function test_ownerOf_NobodyAfterTheLongStop() public {
        Deal memory d = inForce(access(1));
        ISeats seats = minted(d);
        when(d.terms.longStop);
        assertSeated(seats, performer);
        when(d.terms.longStop + 1);
        assertNobody(seats, performer);
    }

    function test_ownerOf_AgainOnceACourtHasOverruled() public {
        Deal memory d = under(address(court), access(1));
        inForce(d);
        ISeats seats = minted(d);
        attest(d, USE_KEPT, Verdict.Breached);
        challenge(d, performer, USE_KEPT);
        assertNobody(seats, performer);
        rule(1, uint256(Verdict.Met));
        assertSeated(seats, performer);
    }

    function test_ownerOf_InTheNextPhaseOnceItIsPublished() public {
        Deal memory d = inForce(access(2));
        Condition[] memory second = own();
        second[0].phase = 1;
        ISeats seats = seatsOf(d.account, both(own(), second));
        mint(seats, d, performer);
        attest(d, ACCESS_OPENED, Verdict.Met);
        when(SILENT + 1);
        settle(d);
        assertNobody(seats, performer);
        refuse(abi.encodeWithSelector(ISeats.NotPublished.selector, d.account.commitment()));
        burn(seats, performer);
        publish(seats, d);
        assertSeated(seats, performer);
    }

    function test_ownerOf_AfterAnExtensionOnceItIsPublished() public {
        Deal memory d = inForce(access(1));
        ISeats seats = minted(d);
        extend(d, false, USE_KEPT, 60 days);
        assertNobody(seats, performer);
        publish(seats, d);
        assertSeated(seats, performer);
    }

    function test_ownerOf_NobodyByANumberThatIsNoAccount() public {
        Deal memory d = inForce(access(1));
        ISeats seats = minted(d);
        uint256 wide = idOf(performer) | 1 << 160;
        refuse(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, wide));
        act(anyone, address(seats), 0, abi.encodeCall(IERC721.ownerOf, (wide)));
        refuseFor(IERC721Errors.ERC721InvalidOwner.selector, address(0));
        act(anyone, address(seats), 0, abi.encodeCall(IERC721.balanceOf, (address(0))));
    }

    /// @dev Whatever time it is, whatever was admitted or attested: a seat is shown exactly when its entitlement holds.
    function testFuzz_ownerOf_ExactlyWhileTheEntitlementHolds(uint32 wait, uint8 which, uint32 more) public {
        Deal memory d = under(address(court), access(1));
        inForce(d);
        ISeats seats = minted(d);
        when(START + wait % 30 days);
        if (which % 4 < 3) attest(d, which % 3, Verdict.Breached);
        when(vm.getBlockTimestamp() + more % 800 days);
        if (holds(d, performer, own())) assertSeated(seats, performer);
        else assertNobody(seats, performer);
    }

    // Burn

    function test_burn_ByAnyoneOnceTheEntitlementHasEnded() public {
        Deal memory d = inForce(access(1));
        ISeats seats = minted(d);
        concede(d, performer, USE_KEPT);
        vm.expectEmit(address(seats));
        emit IERC721.Transfer(performer, address(0), idOf(performer));
        burn(seats, performer);
        assertTrue(!seats.seated(performer), "gone");
    }

    function test_burn_ThenAnewOnceACourtHasOverruled() public {
        Deal memory d = under(address(court), access(1));
        inForce(d);
        ISeats seats = minted(d);
        attest(d, USE_KEPT, Verdict.Breached);
        burn(seats, performer);
        challenge(d, performer, USE_KEPT);
        rule(1, uint256(Verdict.Met));
        assertNobody(seats, performer);
        mintPublished(seats, performer);
        assertSeated(seats, performer);
    }

    function test_burn_RevertWhen_StillEntitled() public {
        Deal memory d = inForce(access(1));
        ISeats seats = minted(d);
        refuseFor(ISeats.StillEntitled.selector, performer);
        burn(seats, performer);
    }

    function test_burn_RevertWhen_ThereIsNoSeat() public {
        Deal memory d = inForce(access(1));
        ISeats seats = minted(d);
        refuseNobody(payer);
        burn(seats, payer);
    }

    // Transfers and approvals

    function test_transfer_RevertAlways() public {
        Deal memory d = inForce(access(1));
        ISeats seats = minted(d);
        uint256 id = idOf(performer);
        bytes[] memory calls = new bytes[](5);
        calls[0] = abi.encodeCall(IERC721.transferFrom, (performer, payer, id));
        calls[1] = abi.encodeWithSignature("safeTransferFrom(address,address,uint256)", performer, payer, id);
        calls[2] = abi.encodeWithSignature("safeTransferFrom(address,address,uint256,bytes)", performer, payer, id, "");
        calls[3] = abi.encodeCall(IERC721.approve, (payer, id));
        calls[4] = abi.encodeCall(IERC721.setApprovalForAll, (payer, true));
        for (uint256 i; i < calls.length; ++i) {
            refuse(abi.encodeWithSelector(ISeats.NotTransferable.selector));
            act(performer, address(seats), 0, calls[i]);
        }
        assertSeated(seats, performer);
        assertTrue(!seats.isApprovedForAll(performer, payer), "nobody is approved");
    }

    // Seats

    function seatsOf(IAgreement agreement, Condition[] memory list) private returns (ISeats) {
        bytes memory arguments = abi.encode(agreement, list, "Working group", "SEAT", ABOUT);
        return ISeats(vm.deployCode("Seats.sol:Seats", arguments));
    }

    /// @dev The host has its seat.
    function minted(Deal memory d) private returns (ISeats seats) {
        seats = seatsOf(d.account, own());
        mint(seats, d, performer);
    }

    function publish(ISeats seats, Deal memory d) private {
        bytes memory data = abi.encodeCall(ISeats.publish, (packTerms(d.terms), packPhase(current(d)), ahead(d)));
        act(anyone, address(seats), 0, data);
    }

    function mint(ISeats seats, Deal memory d, address account) private {
        bytes memory data = abi.encodeCall(ISeats.mint, (account, packTerms(d.terms), packPhase(current(d)), ahead(d)));
        act(anyone, address(seats), 0, data);
    }

    function mintPublished(ISeats seats, address account) private {
        act(anyone, address(seats), 0, abi.encodeCall(ISeats.mint, (account, "", "", 0)));
    }

    function burn(ISeats seats, address account) private {
        act(anyone, address(seats), 0, abi.encodeCall(ISeats.burn, (account)));
    }

    function idOf(address account) private pure returns (uint256) {
        return uint160(account);
    }

    function assertSeated(ISeats seats, address account) private view {
        uint256 id = idOf(account);
        assertEq(seats.ownerOf(id), account, "owner");
        assertEq(seats.balanceOf(account), 1, "balance");
        assertTrue(seats.locked(id), "locked");
        assertEq(seats.getApproved(id), address(0), "nobody is approved");
        assertTrue(keccak256(bytes(seats.tokenURI(id))) == keccak256(bytes(ABOUT)), "about");
    }

    function assertNobody(ISeats seats, address account) private {
        uint256 id = idOf(account);
        assertEq(seats.balanceOf(account), 0, "no balance");
        assertEq(seats.seatedUntil(account), 0, "not seated");
        bytes[] memory calls = new bytes[](4);
        calls[0] = abi.encodeCall(IERC721.ownerOf, (id));
        calls[1] = abi.encodeCall(IERC5192.locked, (id));
        calls[2] = abi.encodeCall(IERC721.getApproved, (id));
        calls[3] = abi.encodeWithSignature("tokenURI(uint256)", id);
        for (uint256 i; i < calls.length; ++i) {
            refuseNobody(account);
            act(anyone, address(seats), 0, calls[i]);
        }
    }

    function refuseNobody(address account) private {
        refuse(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, idOf(account)));
    }
}

/// @dev Cheatcodes that only these tests use.
interface VmBytecode {
    function getCode(string calldata artifact) external view returns (bytes memory);
}
