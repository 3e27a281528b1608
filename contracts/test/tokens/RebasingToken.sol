// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @dev Balances are shares of a whole that grows or shrinks while they are held.
contract RebasingToken {
    uint256 public constant ONE = 1e18;
    uint256 public index = ONE;
    mapping(address account => uint256) public sharesOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    function rebase(uint256 index_) external {
        index = index_;
    }

    function balanceOf(address account) public view returns (uint256) {
        return sharesOf[account] * index / ONE;
    }

    function mint(address to, uint256 amount) external {
        sharesOf[to] += amount * ONE / index;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        return _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        uint256 shares = amount * ONE / index;
        sharesOf[from] -= shares;
        sharesOf[to] += shares;
        return true;
    }
}
