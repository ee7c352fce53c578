"""What of a sheet's prompts is not read is told before it is drawn."""

from __future__ import annotations

from studio.diffusion import light_tokenizers, prompt_tokens
from studio.workflows.evaluate_measuring import not_read

LONG = ", ".join(f"a red potion with {word}" for word in "gold glass gems rubies wood iron".split())


def test_each_prompt_that_the_base_or_the_clip_reads_in_part_is_told() -> None:
    practice = prompt_tokens.of_base("pocket")
    assert practice is not None
    texts, plain = [f"<P> {LONG}", f"<P> {LONG}", "<P> a gem"], [LONG, LONG, "a gem"]
    (said,) = not_read(practice, texts, plain)
    assert said.startswith("The sheet's prompt '<P> a red potion with gold")
    (said,) = not_read(prompt_tokens.Reader(light_tokenizers.of_clip(), 77), texts, plain)
    assert "reads 30 tokens" in said and "the end of 1 of 2 prompts" in said
    assert not_read(practice, texts[2:], plain[2:]) == []
