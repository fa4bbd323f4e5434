"""``pp completion``: what a shell needs to complete the command."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete `pp`.

    \b
    Examples:
      pp completion bash > ~/.local/share/bash-completion/completions/pp
      pp completion zsh > ~/.zfunc/_pp      # where fpath has ~/.zfunc
      pp completion fish > ~/.config/fish/completions/pp.fish
    """
    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - the choice names none but those that click has
    click.echo(found(ctx.find_root().command, {}, "pp", "_PP_COMPLETE").source())
