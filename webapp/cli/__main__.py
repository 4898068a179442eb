"""``python -m webapp.cli``: the command of a program that is reached through a link."""

from webapp.cli import main

main(prog_name="fengqiao")
