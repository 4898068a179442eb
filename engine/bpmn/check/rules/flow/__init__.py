"""Rules about the flow."""
