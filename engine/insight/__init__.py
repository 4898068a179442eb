"""What the county learns from its cases: statistics that are sent upward."""
