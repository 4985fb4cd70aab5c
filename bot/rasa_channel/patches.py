"""Where a stock Rasa 3.6.21 is slow, silent about its neighbours, or talkative in its log. Applied once, when the channel is loaded.

1. `RemoteAction` rebuilds and re-checks a JSON schema for every answer (RasaHQ/rasa#11717: up to 50 ms a call). The answers come from our own
   server, so their form is looked at and no more; deserialising refuses what is no event.
2. A failing action server is logged, the turn goes on and an empty answer is stored. Here the turn ends unsaved, so that the gateway can send
   the very same message again and nothing is lost or done twice (threats.md, rows 69-71).
3. The payload of a button (`/feiten{"uren":"…"}`) is taken for a text with placeholders, and the KeyError is logged with all local variables:
   what the person told of themselves. Payloads are left as they are, and no log holds local variables.
4. Reading a conversation looks through all classes of events again for each event. Once for each type is enough.
5. Every call of an action opens a connection and sends the whole conversation. Here one connection is kept, and the last events are sent.
6. RulePolicy compares every rule with the newest state at every prediction. Which rules fit a state is the same each time, so it is kept.
"""

from functools import lru_cache
from itertools import islice
from typing import Any, Dict, List, Optional, Set, Text

import aiohttp
import rasa
import structlog
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.nlg import interpolator
from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import EndpointConfig

ANSWER_SECONDS = 8      # how long an action may take; Rasa's own limit is 300
EVENTS_SENT = 30        # what an action may need of what came before: some three turns
STATES_KEPT = 5000
KEEP_ALIVE_SECONDS = 30 # less than the action server's own (actions/server.py), so that it is never the one to hang up


class ActionServerUnavailable(BaseException):
    """The action server gave no usable answer. Not an Exception: MessageProcessor swallows those and saves half a turn."""


def _validate_action_result(self: RemoteAction, result: Dict[Text, Any]) -> bool:
    events, responses = result["events"], result["responses"]
    if not all(isinstance(event["event"], str) for event in events) or not all(isinstance(response, dict) for response in responses):
        raise ValueError("the action server answered in another form")
    return True


_run = RemoteAction.run


async def _run_or_stop(self: RemoteAction, *args: Any, **kwargs: Any) -> List[Event]:
    try:
        return await _run(self, *args, **kwargs)
    except ActionExecutionRejection:
        raise
    except Exception as error:
        raise ActionServerUnavailable(self.name()) from error


_interpolate_text = interpolator.interpolate_text


def _interpolate_no_payload(response: Text, values: Dict[Text, Text]) -> Text:
    return response if response.startswith("/") else _interpolate_text(response, values)


def _action_call_format(self: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> Dict[Text, Any]:
    state = tracker.current_state(EventVerbosity.NONE)
    state["events"] = [event.as_dict() for event in islice(tracker.events, max(0, len(tracker.events) - EVENTS_SENT), None)]
    return {"next_action": self.name(), "sender_id": tracker.sender_id, "tracker": state, "version": rasa.__version__}


class _KeptSession:
    """One connection to the action server for all calls, where Rasa opens one for each."""

    _kept: Optional[aiohttp.ClientSession] = None

    async def __aenter__(self) -> aiohttp.ClientSession:
        if _KeptSession._kept is None or _KeptSession._kept.closed:
            _KeptSession._kept = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
                                                       connector=aiohttp.TCPConnector(keepalive_timeout=KEEP_ALIVE_SECONDS))
        return _KeptSession._kept

    async def __aexit__(self, *_: object) -> None:
        return


_get_possible_keys = RulePolicy._get_possible_keys


def _get_possible_keys_kept(self: RulePolicy, lookup: Dict[Text, Text], states: List[State]) -> Set[Text]:
    kept = self.__dict__.setdefault("_lesbrug_kept", {})
    now = (id(lookup), repr(states[-1:]))
    if now not in kept:
        if len(kept) >= STATES_KEPT:
            kept.clear()
        kept[now] = {key: lookup[key] for key in _get_possible_keys(self, lookup, states[-1:])}
    return _get_possible_keys(self, kept[now], states)


def apply() -> None:
    import rasa.core.actions.action as module

    interpolator.interpolate_text = _interpolate_no_payload
    structlog.processors.dict_tracebacks.format_exception.show_locals = False

    Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))
    RemoteAction._validate_action_result = _validate_action_result
    RemoteAction._action_call_format = _action_call_format
    RulePolicy._get_possible_keys = _get_possible_keys_kept
    EndpointConfig.session = lambda self: _KeptSession()
    RemoteAction.run = _run_or_stop
    module.DEFAULT_REQUEST_TIMEOUT = ANSWER_SECONDS
