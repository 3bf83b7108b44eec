"""The one entry point: every ``fihris`` command, from whichever package it comes."""

from __future__ import annotations

import click

from index.commands import COMMANDS as INDEX_COMMANDS
from search.commands import COMMANDS as SEARCH_COMMANDS
from web.server import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fihris")
def main() -> None:
    """Full-text search for Arabic articles. فهرس: بحث في نصوص المقالات العربية."""


for command in (*INDEX_COMMANDS, *SEARCH_COMMANDS, serve):
    main.add_command(command)

if __name__ == "__main__":
    main()
