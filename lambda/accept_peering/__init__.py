"""Accepts a link between transit gateways in the region of the gateway that was asked."""
