// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IArbitrator} from "../../src/arbitration/IArbitrator.sol";
import {IPanelArbitrator} from "../../src/arbitration/IPanelArbitrator.sol";
import {Assertions} from "../base/Assertions.sol";
import {vm} from "../base/Vm.sol";
import {Litigant} from "./Litigant.sol";

/// @dev Cheatcodes that only these tests use.
interface VmCode {
    function getCode(string calldata artifact) external view returns (bytes memory);
}

/// @dev A court of three, two of whom decide, and somebody with a dispute before it.
abstract contract PanelTest is Assertions {
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant FEE = 0.01 ether;
    uint256 internal constant CHOICES = 3;
    bytes32 internal constant OPINION = "because";

    address internal recipient = actor("recipient");
    address internal anyone = actor("anyone");
    address[] internal judges = actors("judge", 3);
    IPanelArbitrator internal court;
    Litigant internal litigant;

    mapping(address account => uint256) private _keys;

    function setUp() public virtual {
        vm.warp(START);
        vm.deal(anyone, 1 ether);
        court = courtOf(judges, 2);
        litigant = new Litigant();
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

    // Courts

    function courtOf(address[] memory panel, uint256 threshold) internal returns (IPanelArbitrator) {
        return IPanelArbitrator(create(panel, threshold, FEE, recipient, ""));
    }

    /// @dev Creates what ships, or sees it refused with exactly this.
    function create(address[] memory panel, uint256 threshold, uint256 fee, address feeRecipient, bytes memory refusal)
        internal
        returns (address created)
    {
        bytes memory code = VmCode(address(vm)).getCode("PanelArbitrator.sol:PanelArbitrator");
        code = abi.encodePacked(code, abi.encode(panel, threshold, fee, feeRecipient));
        bytes memory answer;
        assembly ("memory-safe") {
            created := create(0, add(code, 0x20), mload(code))
            answer := mload(0x40)
            mstore(answer, returndatasize())
            returndatacopy(add(answer, 0x20), 0, returndatasize())
            mstore(0x40, add(answer, add(0x20, and(add(returndatasize(), 0x1f), not(0x1f)))))
        }
        check(created != address(0), answer, refusal);
    }

    function sue() internal returns (uint256 disputeId) {
        return litigant.sue{value: FEE}(court, CHOICES);
    }

    // Rulings

    function one(IPanelArbitrator.Voice memory said) internal pure returns (IPanelArbitrator.Voice[] memory list) {
        list = new IPanelArbitrator.Voice[](1);
        list[0] = said;
    }

    function two(IPanelArbitrator.Voice memory first, IPanelArbitrator.Voice memory second)
        internal
        pure
        returns (IPanelArbitrator.Voice[] memory list)
    {
        list = new IPanelArbitrator.Voice[](2);
        (list[0], list[1]) = (first, second);
    }

    /// @dev What a seat says for a day.
    function voice(uint256 disputeId, uint256 ruling, uint8 seat)
        internal
        view
        returns (IPanelArbitrator.Voice memory said)
    {
        (said.seat, said.expiry) = (seat, uint40(vm.getBlockTimestamp() + 1 days));
        said.signature = sign(court.seats()[seat], digest(disputeId, ruling, OPINION, said.expiry));
    }

    /// @dev The first `count` seats agree.
    function voices(uint256 disputeId, uint256 ruling, uint8 count)
        internal
        view
        returns (IPanelArbitrator.Voice[] memory said)
    {
        said = new IPanelArbitrator.Voice[](count);
        for (uint8 i; i < count; ++i) {
            said[i] = voice(disputeId, ruling, i);
        }
    }

    function digest(uint256 disputeId, uint256 ruling, bytes32 opinion, uint40 expiry) internal view returns (bytes32) {
        return digest(block.chainid, address(court), address(litigant), disputeId, ruling, opinion, expiry);
    }

    /// @dev EIP-712 written out, for any chain, court and litigant.
    function digest(
        uint256 chainId,
        address arbitrator,
        address arbitrable,
        uint256 disputeId,
        uint256 ruling,
        bytes32 opinion,
        uint40 expiry
    ) internal pure returns (bytes32) {
        bytes32 domainType = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
        bytes32 rulingType =
            keccak256("Ruling(address arbitrable,uint256 dispute,uint256 ruling,bytes32 opinion,uint40 expiry)");
        bytes32 name = keccak256("pyledger arbitrator");
        bytes32 domain = keccak256(abi.encode(domainType, name, keccak256("1"), chainId, arbitrator));
        bytes32 content = keccak256(abi.encode(rulingType, arbitrable, disputeId, ruling, opinion, expiry));
        return keccak256(abi.encodePacked("\x19\x01", domain, content));
    }

    function sign(address account, bytes32 hash) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[account], hash);
        return abi.encodePacked(r, s, v);
    }

    /// @dev Whoever has the key of `owner` signs for `wallet`.
    function entrust(address wallet, address owner) internal {
        _keys[wallet] = _keys[owner];
    }

    // Entry points, each with the exact error that it should fail with, or none.

    function rule(uint256 disputeId, uint256 ruling, IPanelArbitrator.Voice[] memory said, bytes memory refusal)
        internal
    {
        ruleFrom(anyone, disputeId, ruling, said, refusal);
    }

    function ruleFrom(
        address caller,
        uint256 disputeId,
        uint256 ruling,
        IPanelArbitrator.Voice[] memory said,
        bytes memory refusal
    ) internal {
        act(caller, 0, abi.encodeCall(IPanelArbitrator.rule, (disputeId, ruling, OPINION, said)), refusal);
    }

    function act(address caller, uint256 value, bytes memory data, bytes memory refusal) internal {
        vm.prank(caller);
        (bool success, bytes memory answer) = address(court).call{value: value}(data);
        check(success, answer, refusal);
    }

    function check(bool success, bytes memory answer, bytes memory refusal) internal pure {
        if (refusal.length == 0) {
            if (!success) bubble(answer);
        } else {
            if (success) revert NotRefused(refusal);
            if (keccak256(answer) != keccak256(refusal)) revert RefusedOtherwise(answer, refusal);
        }
    }

    function because(bytes4 selector, uint256 value) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, value);
    }

    function because(bytes4 selector, address account) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, account);
    }

    // Expectations

    function assertWaiting(uint256 disputeId) internal view {
        IArbitrator.DisputeStatus status = court.disputeStatus(disputeId);
        assertEq(uint256(status), uint256(IArbitrator.DisputeStatus.Waiting), "status");
        assertEq(court.currentRuling(disputeId), 0, "no ruling");
        assertEq(litigant.told(disputeId), 0, "nobody is told");
    }

    function assertRuled(uint256 disputeId, uint256 ruling) internal view {
        IArbitrator.DisputeStatus status = court.disputeStatus(disputeId);
        assertEq(uint256(status), uint256(IArbitrator.DisputeStatus.Solved), "status");
        assertEq(court.currentRuling(disputeId), ruling, "ruling");
        assertEq(litigant.told(disputeId), 1, "told once");
        assertEq(litigant.ruling(disputeId), ruling, "told what");
    }
}
