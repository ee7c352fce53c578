"""An answer by a schema from whatever server there is: asked for strictly first, then more plainly.

By JSON Schema, once more where the answer is of no use, then as any JSON object, then as a text.
What a server refuses is passed over at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from studio.chat import answers
from studio.chat.answers import NoUse
from studio.chat.endpoint import FORMS, LIMITS, Question, Refused, Said
from studio.errors import StudioError

T = TypeVar("T")
Ask = Callable[[Question], Said]

MOST_ANSWERS = 4  # of one question: twice by the schema, once as an object, once as a text
UNKNOWN = (400, 415, 422, 501)  # as servers refuse what they do not know
BUSY = 429
WAITS = 3  # for a server that is busy
LONGEST_WAIT_S = 30.0


class Declined(StudioError):
    """The model, or a filter of the server's, would not answer; it is not asked again."""


def structured(
    ask: Ask,
    question: Question,
    read: Callable[[Any], T],
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """What `read` makes of the answer, which is given as plain JSON; it says by NoUse that nothing
    can be made of one. `ask` sends a question once, and each call of it may cost.

    NoUse where every answer was of no use, Declined, and what `ask` raises else.
    """
    waits, again = 0, True
    while True:
        try:
            said = ask(question)
        except Refused as refused:
            if refused.status == BUSY and waits < WAITS:
                sleep(min(2.0**waits if refused.wait is None else refused.wait, LONGEST_WAIT_S))
                waits += 1
                continue
            plainer = _plainer(question, refused)
            if plainer is None:
                raise
            question = plainer
            continue
        if said.declined:
            raise Declined("The model would not answer.", "Say it in other words, or by rules.")
        try:
            return read(answers.read(said.text))
        except NoUse:
            place = FORMS.index(question.form) + 1
            if again:
                again = False
            elif place < len(FORMS):
                question = replace(question, form=FORMS[place])
            else:
                raise


def _plainer(question: Question, refused: Refused) -> Question | None:
    """What to ask in place of a question that was refused; None where that is for another reason
    than how it was asked."""
    if refused.status not in UNKNOWN:
        return None
    first, other = LIMITS
    if question.limit == first and other in refused.says:
        return replace(question, limit=other)
    place = FORMS.index(question.form) + 1
    return replace(question, form=FORMS[place]) if place < len(FORMS) else None
