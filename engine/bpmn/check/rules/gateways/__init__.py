"""Rules about gateways and branches."""
