"""What must not be lost: the audit chain, anchors, the vault, answers and attachments."""
