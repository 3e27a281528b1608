// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {ERC165, IERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";

import {IAgreement} from "../interfaces/IAgreement.sol";
import {Entitlements} from "./Entitlements.sol";
import {IERC5192} from "./IERC5192.sol";
import {Condition} from "./IEntitlements.sol";
import {ISeats} from "./ISeats.sol";

/// @dev Holds bytes as code, which is cheaper to keep and to read than storage. The first byte stops whoever calls it.
contract Shelf {
    constructor(bytes memory data) {
        bytes memory code = abi.encodePacked(hex"00", data);
        assembly ("memory-safe") {
            return(add(code, 0x20), mload(code))
        }
    }
}

/// @title Seats
/// @notice See `ISeats`. OpenZeppelin's `ERC721` keeps owners and balances in storage, which is what must not be believed here.
contract Seats is ISeats, Entitlements, ERC165 {
    /// @inheritdoc ISeats
    IAgreement public immutable agreement;
    /// @inheritdoc IERC721Metadata
    string public name;
    /// @inheritdoc IERC721Metadata
    string public symbol;
    string private _about;
    Condition[] private _conditions;
    /// @inheritdoc ISeats
    bytes32 public published;
    /// @dev Terms, phase at hand and hash chain of the later ones, as `published`.
    Shelf private _shelf;
    /// @inheritdoc ISeats
    mapping(address account => bool) public seated;

    /// @param about where the seats are described: the same `tokenURI` for each
    constructor(
        IAgreement agreement_,
        Condition[] memory conditions_,
        string memory name_,
        string memory symbol_,
        string memory about
    ) {
        if (conditions_.length == 0) revert NoConditions();
        (agreement, name, symbol, _about) = (agreement_, name_, symbol_, about);
        for (uint256 i; i < conditions_.length; ++i) {
            _conditions.push(conditions_[i]);
        }
    }

    /// @inheritdoc ISeats
    function publish(bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later) public {
        bytes32 committed = agreement.commitment();
        if (committed == published) return;
        _identify(agreement, packedTerms, packedPhase, later);
        (published, _shelf) = (committed, new Shelf(abi.encode(packedTerms, packedPhase, later)));
        emit Published(committed);
    }

    /// @inheritdoc ISeats
    function mint(address account, bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later) external {
        if (packedTerms.length != 0) publish(packedTerms, packedPhase, later);
        else _requirePublished();
        if (seated[account]) revert AlreadySeated(account);
        if (_entitledUntil(account) == 0) revert NotEntitled(account);
        seated[account] = true;
        uint256 tokenId = uint160(account);
        emit Transfer(address(0), account, tokenId);
        emit Locked(tokenId);
    }

    /// @inheritdoc ISeats
    function burn(address account) external {
        uint256 tokenId = uint160(account);
        if (!seated[account]) revert ERC721NonexistentToken(tokenId);
        _requirePublished();
        if (_entitledUntil(account) != 0) revert StillEntitled(account);
        delete seated[account];
        emit Transfer(account, address(0), tokenId);
    }

    /// @inheritdoc IERC721
    function approve(address, uint256) external pure {
        revert NotTransferable();
    }

    /// @inheritdoc IERC721
    function setApprovalForAll(address, bool) external pure {
        revert NotTransferable();
    }

    /// @inheritdoc IERC721
    function transferFrom(address, address, uint256) external pure {
        revert NotTransferable();
    }

    /// @inheritdoc IERC721
    function safeTransferFrom(address, address, uint256) external pure {
        revert NotTransferable();
    }

    /// @inheritdoc IERC721
    function safeTransferFrom(address, address, uint256, bytes calldata) external pure {
        revert NotTransferable();
    }

    /// @inheritdoc IERC721
    function ownerOf(uint256 tokenId) external view returns (address) {
        return _requireOwned(tokenId);
    }

    /// @inheritdoc IERC721
    function balanceOf(address owner) external view returns (uint256) {
        if (owner == address(0)) revert ERC721InvalidOwner(owner);
        return seatedUntil(owner) == 0 ? 0 : 1;
    }

    /// @inheritdoc IERC721
    function getApproved(uint256 tokenId) external view returns (address) {
        _requireOwned(tokenId);
        return address(0);
    }

    /// @inheritdoc IERC5192
    function locked(uint256 tokenId) external view returns (bool) {
        _requireOwned(tokenId);
        return true;
    }

    /// @inheritdoc IERC721Metadata
    function tokenURI(uint256 tokenId) external view returns (string memory) {
        _requireOwned(tokenId);
        return _about;
    }

    /// @inheritdoc ISeats
    function conditions() external view returns (Condition[] memory) {
        return _conditions;
    }

    /// @inheritdoc IERC721
    function isApprovedForAll(address, address) external pure returns (bool) {
        return false;
    }

    /// @inheritdoc ISeats
    function seatedUntil(address account) public view returns (uint256) {
        return seated[account] ? _entitledUntil(account) : 0;
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 id) public view override(ERC165, IERC165) returns (bool) {
        return id == type(IERC721).interfaceId || id == type(IERC721Metadata).interfaceId
            || id == type(IERC5192).interfaceId || super.supportsInterface(id);
    }

    function _requireOwned(uint256 tokenId) private view returns (address account) {
        account = address(uint160(tokenId));
        if (tokenId >> 160 != 0 || seatedUntil(account) == 0) revert ERC721NonexistentToken(tokenId);
    }

    function _requirePublished() private view {
        bytes32 committed = agreement.commitment();
        if (committed != published) revert NotPublished(committed);
    }

    /// @dev Zero also while what the agreement is committed to has not been published. Asks this contract from outside, as terms
    /// are read from calldata.
    function _entitledUntil(address account) private view returns (uint256) {
        if (agreement.commitment() != published) return 0;
        bytes memory kept = address(_shelf).code;
        assembly ("memory-safe") {
            // Without the byte that stops whoever calls it.
            let length := sub(mload(kept), 1)
            kept := add(kept, 1)
            mstore(kept, length)
        }
        (bytes memory packedTerms, bytes memory packedPhase, bytes32 later) = abi.decode(kept, (bytes, bytes, bytes32));
        return this.until(agreement, packedTerms, packedPhase, later, account, _conditions);
    }
}
