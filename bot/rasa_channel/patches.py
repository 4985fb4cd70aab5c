"""Where a stock Rasa 3.6.21 is slow, silent about its neighbours, or talkative in its log. Applied once, when the channel is loaded.

1. `RemoteAction` rebuilds and re-checks the JSON schema of every answer (RasaHQ/rasa#11717: some 50 ms a call). One compiled validator does.
2. A failing action server is logged, the turn goes on and an empty answer is stored. Here the turn ends unsaved, so that the gateway can send
   the very same message again and nothing is lost or done twice (threats.md, rows 69-71).
3. The payload of a button (`/feiten{"uren":"…"}`) is taken for a text with placeholders, and the KeyError is logged with all local variables:
   what the person told of themselves. Payloads are left as they are, and no log holds local variables.
4. Reading a conversation looks through all classes of events again for each event. Once for each type is enough.
"""

from functools import lru_cache
from typing import Any, Dict, List, Text

import structlog
from jsonschema.validators import validator_for
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.nlg import interpolator
from rasa.shared.core.events import Event

ANSWER_SECONDS = 8      # how long an action may take; Rasa's own limit is 300


class ActionServerUnavailable(BaseException):
    """The action server gave no usable answer. Not an Exception: MessageProcessor swallows those and saves half a turn."""


@lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    return validator_for(schema)(schema)


def _validate_action_result(self: RemoteAction, result: Dict[Text, Any]) -> bool:
    _validator().validate(result)
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


def apply() -> None:
    import rasa.core.actions.action as module

    interpolator.interpolate_text = _interpolate_no_payload
    structlog.processors.dict_tracebacks.format_exception.show_locals = False

    Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))
    RemoteAction._validate_action_result = _validate_action_result
    RemoteAction.run = _run_or_stop
    module.DEFAULT_REQUEST_TIMEOUT = ANSWER_SECONDS
