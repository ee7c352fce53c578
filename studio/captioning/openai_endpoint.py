"""Captions from a model behind an OpenAI-compatible address (vLLM, Ollama, a provider's)."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable
from typing import Any

import httpx
from PIL import Image

from studio import numbers
from studio.errors import StudioError

TRIES = 4
WAIT_S = 1.0  # before the second try; doubled each time
LONGEST_WAIT_S = 30.0
TIMEOUT = httpx.Timeout(120.0, connect=10.0)
TOKENS = 120
SIDE = 512  # larger pictures are sent smaller; pixel art is enlarged by whole factors up to it
AGAIN = (408, 425, 429, 500, 502, 503, 504)


def caption(
    client: httpx.Client,
    url: str,
    key: str,
    model: str,
    prompt: str,
    picture: Image.Image,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """What the model at `url` (which ends in /v1 as a rule) says of an RGBA picture.

    Tried again after time-outs, lost connections and answers that ask for it. StudioError names
    what the server said otherwise; the key is never part of it.
    """
    said = {
        "model": model,
        "max_tokens": TOKENS,
        "temperature": 0,
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": prompt},
                    {"type": "image_url", "image_url": {"url": _address(picture)}},
                ],
            }
        ],
    }
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    wait, problem = WAIT_S, ""
    for attempt in range(TRIES):
        if attempt:
            sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_S)
        try:
            answer = client.post(
                f"{url.rstrip('/')}/chat/completions", json=said, headers=headers, timeout=TIMEOUT
            )
        except httpx.InvalidURL as error:
            raise StudioError(f"STUDIO_CAPTION_URL is no address: {error}.", "Mend it.") from error
        except httpx.HTTPError as error:
            problem = f"does not answer ({type(error).__name__})"
            continue
        if answer.status_code == 200:
            return _said(answer)
        problem = f"answers {answer.status_code}: {_reason(answer, key)}"
        if answer.status_code not in AGAIN:
            break
        asked = numbers.counted(answer.headers.get("Retry-After"))  # it may be a date, too
        wait = wait if asked is None else min(asked, LONGEST_WAIT_S)
    raise StudioError(
        f"The model {model} at STUDIO_CAPTION_URL {problem}.",
        "Check the settings STUDIO_CAPTION_URL, STUDIO_CAPTION_KEY and STUDIO_CAPTION_NAME, and "
        "that the server runs. What was proposed so far is kept; ask again for the rest.",
    )


def _address(picture: Image.Image) -> str:
    rgba = picture.convert("RGBA")
    longest = max(rgba.size)
    if longest * 2 <= SIDE:
        factor = SIDE // longest
        rgba = rgba.resize((rgba.width * factor, rgba.height * factor), Image.Resampling.NEAREST)
    elif longest > SIDE:
        rgba.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    sheet = Image.new("RGBA", rgba.size, (128, 128, 128, 255))
    sheet.alpha_composite(rgba)
    data = io.BytesIO()
    sheet.convert("RGB").save(data, format="PNG")
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()


def _said(answer: httpx.Response) -> str:
    try:
        content: Any = answer.json()["choices"][0]["message"]["content"]
        if isinstance(content, list):  # some servers answer in parts
            content = " ".join(str(part.get("text", "")) for part in content)
        return str(content or "")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise StudioError(
            "What STUDIO_CAPTION_URL answers is no chat completion.",
            "Give the address of an OpenAI-compatible server; it ends in /v1 as a rule.",
        ) from error


def _reason(answer: httpx.Response, key: str) -> str:
    try:
        found = answer.json()
        error = found.get("error", found)
        said = str(error.get("message", error) if isinstance(error, dict) else error)
        return (said.replace(key, "(the key)") if key else said)[:200]
    except (ValueError, AttributeError):
        return answer.reason_phrase
