"""Lists, search and the case file, each within what its reader may see."""
