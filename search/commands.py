"""The commands that read the index: search, evaluate (``search.assessment``) and compile."""

from __future__ import annotations

import json
from pathlib import Path

import click

from index.commands import failing_clearly, index_option
from index.compilation import CACHE, KERNELS
from search.assessment import evaluate
from search.engine import EngineUnavailableError
from search.engines import open_live
from search.presentation import results_as_data
from search.request import MAX_PER_PAGE, SearchRequest
from search.results import Fragment

_BOLD, _PLAIN = "\033[1m", "\033[0m"


@click.command("compile")
def compile_kernels() -> None:
    """Compile what is compiled, so that no server has to: for `make setup` and for the making of an image.

    Importing this module has done so already.
    """
    click.echo(f"{len(KERNELS)} kernels are compiled, {f'in {CACHE}' if CACHE else 'for this process only'}")


@click.command()
@click.argument("query")
@click.option("-n", "count", type=click.IntRange(1, MAX_PER_PAGE), default=10, show_default=True, help="Hits to show.")
@click.option("--json", "as_json", is_flag=True, help="As /api/search answers, without links.")
@index_option
@failing_clearly
def search(query: str, count: int, as_json: bool, directory: Path | None) -> None:
    """Search the live index from the terminal."""
    try:
        results = open_live(directory).search(SearchRequest(query, per_page=count))
    except EngineUnavailableError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(results_as_data(results), ensure_ascii=False, indent=1))
        return
    click.echo(f"{results.total:,} article{'' if results.total == 1 else 's'}, {results.took_ms:.1f} ms")
    for note in results.notes:
        click.echo(f"({note.text})")
    for hit in results.hits:
        article = hit.article
        shown = filter(None, (article.published[:10], article.source, article.author, article.category))
        click.echo()
        click.echo("".join(_marked(each) for each in hit.title) or article.id)
        click.echo(f"  {' · '.join(shown)} · {article.id}")
        for fragment in hit.body:
            click.echo(f"  {'… ' * fragment.clipped_start}{_marked(fragment)}{' …' * fragment.clipped_end}")


def _marked(fragment: Fragment) -> str:
    """Return the text with its marks in bold; click drops the codes where stdout is no terminal."""
    pieces: list[str] = []
    at = 0
    for begin, end in fragment.ranges:
        pieces += (fragment.text[at:begin], _BOLD, fragment.text[begin:end], _PLAIN)
        at = end
    return "".join((*pieces, fragment.text[at:])).replace("\n", " ")


COMMANDS: tuple[click.Command, ...] = (search, evaluate, compile_kernels)
"""What the ``fihris`` command takes from this package."""
