"""``lectern models server``: lists the models of a server, tries one, and has it answer from here on."""

from typing import Annotated

import typer

from app.commands.common import one_line, output, settings_for
from app.commands.models import models
from app.what_leaves import OF_QUESTIONS, unencrypted


def register(cli: typer.Typer) -> None:  # noqa: ARG001 - it stands among the commands of `lectern models`
    models.command(epilog="Example: lectern models server http://127.0.0.1:8000/v1 --model qwen3-8b")(server)


def server(
    url: Annotated[str, typer.Argument(metavar="URL", help="The address of an OpenAI-compatible server.")],
    model: Annotated[str, typer.Option("--model", metavar="NAME", help="The model; needed where it has several.")] = "",
    save_key: Annotated[
        bool, typer.Option("--save-key", help="Ask for the server's key and save it in the system's keyring.")
    ] = False,
) -> None:
    """Have a server's model answer from here on: its models are listed, one is tried, and noted in settings.toml.

    Your questions, and the passages of your documents that are found for them, are then sent to that server. The key
    comes from LECTERN_SERVER_KEY, else from the system's keyring.
    """
    from core import server_address
    from generate import server as servers

    settings = settings_for(None)
    address = server_address.checked_url(url)
    server_address.require_package()
    if save_key:
        server_address.save_key(address, typer.prompt(f"Key to {address}", hide_input=True))
    key = server_address.read_key(address)
    names = servers.model_names(address, key)
    console = output()
    if not model and len(names) > 1:
        for name in names:
            console.print(one_line(name), markup=False)
        console.print(f"Choose one: lectern models server {address} --model NAME", style="dim", markup=False)
        return
    name = servers.known_model(model or names[0], names, address)
    seconds = servers.try_model(address, key, name)
    servers.use_server(settings, address, name)
    console.print(f"{one_line(name)} at {address} answered in {seconds:.1f} s and answers from here on.", markup=False)
    console.print(f"{OF_QUESTIONS}{unencrypted(address)}", style="yellow", markup=False)
