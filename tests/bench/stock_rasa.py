"""Rasa with its own check of an action's answer put back, for comparing: `python -m tests.bench.stock_rasa`."""

from jsonschema import validate
from rasa.core.actions.action import RemoteAction

from bot.rasa_channel import channel


def _stock(self: RemoteAction, result: dict) -> bool:
    validate(result, self.action_response_format_spec())
    return True


if __name__ == "__main__":
    RemoteAction._validate_action_result = _stock
    channel.main()
