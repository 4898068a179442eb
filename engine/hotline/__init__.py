"""What helps the operator at the telephone: the caller's earlier cases, likely duplicates."""
