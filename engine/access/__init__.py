"""Who somebody is, what they may do, and whom a case is told to."""
