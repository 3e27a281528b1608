"""What touches a chain: artifacts, nodes, keys, transactions, events. The only room that knows web3."""
