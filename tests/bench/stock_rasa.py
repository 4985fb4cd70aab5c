"""Rasa as it comes, without bot/rasa_channel/patches.py, for comparing: `python -m tests.bench.stock_rasa`."""

from rasa.core.actions.action import RemoteAction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.events import Event
from rasa.utils.endpoints import EndpointConfig

STOCK = [(RemoteAction, "_validate_action_result"), (RemoteAction, "_action_call_format"), (RemoteAction, "run"), (EndpointConfig, "session"),
         (Event, "resolve_by_type"), (RulePolicy, "_get_possible_keys")]
kept = [(owner, name, vars(owner)[name]) for owner, name in STOCK]

if __name__ == "__main__":
    from bot.rasa_channel import channel

    for owner, name, was in kept:
        setattr(owner, name, was)
    channel.main()
