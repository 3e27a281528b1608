// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Deal} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";
import {PermitToken} from "./tokens/PermitToken.sol";

contract PermitTest is RecourseTest {
    uint256 private constant UNTIL = START + 1 hours;

    PermitToken private money;

    function setUp() public override {
        super.setUp();
        money = new PermitToken();
    }

    /// @dev The usual deal in the token that takes permits. Nobody has approved anything.
    function opened() private returns (Deal memory d) {
        d = between(address(money));
        addPhase(d, address(money));
        open(d);
        money.mint(payer, BOND + AMOUNT);
        money.mint(performer, BOND);
    }

    function signedPermit(address owner, address spender, uint256 amount, uint256 until)
        private
        view
        returns (bytes memory)
    {
        bytes32 permitType =
            keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 content = keccak256(abi.encode(permitType, owner, spender, amount, money.nonces(owner), until));
        return sign(owner, keccak256(abi.encodePacked("\x19\x01", money.DOMAIN_SEPARATOR(), content)));
    }

    function permit(Deal memory d, address caller, uint256 amount, uint256 until, bytes memory signature) private {
        act(caller, d, 0, permitting(address(money), amount, until, signature));
    }

    function allowance(Deal memory d, address owner) private view returns (uint256) {
        return money.allowance(owner, address(d.account));
    }

    function refuseAllowance(Deal memory d, uint256 actual, uint256 needed) private {
        address spender = address(d.account);
        refuse(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, spender, actual, needed));
    }

    function test_permit_GivesTheAllowance() public {
        Deal memory d = opened();
        permit(d, payer, BOND, UNTIL, signedPermit(payer, address(d.account), BOND, UNTIL));
        assertEq(allowance(d, payer), BOND, "allowance");
        act(payer, d, 0, accepting(d, PAYER, ""));
        assertEq(d.account.state().members, 1, "members");
    }

    function test_permit_WithAcceptanceAndFundingInOneCall() public {
        Deal memory d = opened();
        vm.prank(performer);
        money.approve(address(d.account), BOND);
        act(performer, d, 0, accepting(d, PERFORMER, ""));
        bytes memory signature = signedPermit(payer, address(d.account), BOND + AMOUNT, UNTIL);
        bytes memory permission = permitting(address(money), BOND + AMOUNT, UNTIL, signature);
        multicall(d, payer, list(permission, accepting(d, PAYER, ""), funding(d, 1)));
        assertEq(d.account.state().funded, 1, "funded");
        assertEq(money.balanceOf(address(d.account)), 2 * BOND + AMOUNT, "held");
        assertEq(allowance(d, payer), 0, "used up");
    }

    /// @dev Somebody has seen it and handed it in alone, to make what was to follow fail.
    function test_permit_UsedBySomebodyElseBefore() public {
        Deal memory d = opened();
        bytes memory signature = signedPermit(payer, address(d.account), BOND, UNTIL);
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        vm.prank(anyone);
        money.permit(payer, address(d.account), BOND, UNTIL, uint8(signature[64]), r, s);
        bytes memory permission = permitting(address(money), BOND, UNTIL, signature);
        multicall(d, payer, list(permission, accepting(d, PAYER, "")));
        assertEq(d.account.state().members, 1, "members");
    }

    function test_permit_TwiceIsOnce() public {
        Deal memory d = opened();
        bytes memory signature = signedPermit(payer, address(d.account), BOND, UNTIL);
        permit(d, payer, BOND, UNTIL, signature);
        permit(d, payer, BOND, UNTIL, signature);
        assertEq(allowance(d, payer), BOND, "allowance");
    }

    function test_permit_PassedOverWhenItIsNotGood() public {
        Deal memory d = opened();
        address account = address(d.account);
        permit(d, anyone, BOND, UNTIL, signedPermit(payer, account, BOND, UNTIL));
        permit(d, payer, BOND, UNTIL, signedPermit(performer, account, BOND, UNTIL));
        permit(d, payer, BOND, UNTIL, signedPermit(payer, address(factory), BOND, UNTIL));
        permit(d, payer, BOND + 1, UNTIL, signedPermit(payer, account, BOND, UNTIL));
        permit(d, payer, BOND, UNTIL + 1, signedPermit(payer, account, BOND, UNTIL));
        permit(d, payer, BOND, UNTIL, mirrored(signedPermit(payer, account, BOND, UNTIL)));
        assertEq(allowance(d, payer), 0, "payer");
        assertEq(allowance(d, anyone), 0, "whoever it is");
        refuseAllowance(d, 0, BOND);
        act(payer, d, 0, accepting(d, PAYER, ""));
    }

    function test_permit_UntilTheSecondOfItsDeadline() public {
        Deal memory d = opened();
        bytes memory signature = signedPermit(payer, address(d.account), BOND, UNTIL);
        when(UNTIL + 1);
        permit(d, payer, BOND, UNTIL, signature);
        assertEq(allowance(d, payer), 0, "expired");
        when(UNTIL);
        permit(d, payer, BOND, UNTIL, signature);
        assertEq(allowance(d, payer), BOND, "in time");
    }

    /// @dev All or nothing: a bad permit leaves the deposit without allowance, and its reason is what the caller sees.
    function test_permit_ADepositThatLacksItFailsByItself() public {
        Deal memory d = opened();
        bytes memory permission = permitting(address(money), BOND, UNTIL, new bytes(65));
        refuseAllowance(d, 0, BOND);
        multicall(d, payer, list(permission, accepting(d, PAYER, "")));
        assertEq(d.account.state().members, 0, "members");
    }

    function test_permit_PassedOverByATokenWithoutPermits() public {
        Deal memory d = opened();
        act(payer, d, 0, permitting(address(token), BOND, UNTIL, new bytes(65)));
        assertEq(token.allowance(payer, address(d.account)), 0, "allowance");
    }

    function test_permit_RevertWhen_TheAssetIsNoContract() public {
        Deal memory d = opened();
        address[2] memory assets = [NATIVE, anyone];
        for (uint256 i; i < 2; ++i) {
            vm.prank(payer);
            (bool success,) = address(d.account).call(permitting(assets[i], BOND, UNTIL, new bytes(65)));
            assertTrue(!success, "refused");
        }
    }

    function test_permit_ReenteredByTheToken() public {
        Deal memory d = opened();
        bytes[] memory calls = everyCall(d);
        for (uint256 i; i < calls.length; ++i) {
            RestlessToken restless = new RestlessToken(address(d.account), calls[i]);
            act(payer, d, 0, permitting(address(restless), BOND, UNTIL, new bytes(65)));
            bytes4 expected = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
            assertEq(bytes32(restless.answer()), bytes32(expected), vm.toString(i));
        }
    }

    function test_permit_RevertWhen_CoinIsSent() public {
        Deal memory d = opened();
        bytes memory signature = signedPermit(payer, address(d.account), BOND, UNTIL);
        vm.deal(payer, 1);
        vm.prank(payer);
        (bool success,) = address(d.account).call{value: 1}(permitting(address(money), BOND, UNTIL, signature));
        assertTrue(!success, "refused");
    }
}

/// @dev Answers a permit with a call of its choice.
contract RestlessToken {
    address private immutable _target;
    bytes private _data;
    bytes4 public answer;

    constructor(address target, bytes memory data) {
        (_target, _data) = (target, data);
    }

    function permit(address, address, uint256, uint256, uint8, bytes32, bytes32) external {
        (bool success, bytes memory answered) = _target.call(_data);
        answer = success ? bytes4(0) : bytes4(answered);
    }
}
