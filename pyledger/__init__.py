"""Escrow and commitment-device ledger for phased agreements."""

__version__ = "0.1.0"
