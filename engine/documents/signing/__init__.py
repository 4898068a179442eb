"""Signatures on a final paper: who signs, strokes, links for telephones, the seal."""
