"""Rules about loops and multi-instances."""
