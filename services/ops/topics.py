"""`manyhands topics`: the log's topics, made once and for good."""

import asyncio

import typer

from events.topics import ALL
from services.runtime.log import check_topics, create_topics
from services.runtime.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Create the log's topics, or check that they are as they must be.")


@app.command()
def create() -> None:
    """Make the topics that are missing, and check all of them."""
    settings = Settings.from_env()
    made = asyncio.run(create_topics(settings))
    for topic in ALL:
        name = settings.topic(topic)
        typer.echo(f"{name:<32}{settings.count(topic):>4} partitions  {'made' if name in made else 'there'}")


@app.command()
def check() -> None:
    """Check partition counts and settings; a fault is named and the exit code is 1."""
    settings = Settings.from_env()
    asyncio.run(check_topics(settings))
    typer.echo(f"All {len(ALL)} topics are as they must be.")
