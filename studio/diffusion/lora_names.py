"""What LoRA files call their tensors: whose they are, and which part of a pair."""

from __future__ import annotations

import re

from studio.diffusion.weight_shapes import Shapes

# Of DoRA. With its end, which peft leaves out: transformers finds no place without it.
MAGNITUDE = ".lora_magnitude_vector.weight"
OF_PEFT = "base_model.model."  # before every name in a folder that peft wrote
ENDS = {
    "down": r"\.lora_down\.weight|\.lora_A(\.\w+)?\.weight"
    r"|\.lora\.down\.weight|\.lora_linear_layer\.down\.weight|_lora\.down\.weight",
    "up": r"\.lora_up\.weight|\.lora_B(\.\w+)?\.weight"
    r"|\.lora\.up\.weight|\.lora_linear_layer\.up\.weight|_lora\.up\.weight",
    "mid": r"\.lora_mid\.weight",
    "alpha": r"\.alpha",
    "magnitude": r"\.lora_magnitude_vector(\.\w+)?(\.weight)?|\.dora_scale",
}
END = re.compile("|".join(f"(?P<{role}>{end})" for role, end in ENDS.items()))
OLD = re.compile(r"_lora\.(down|up)\.weight$")
# Of what diffusers up to 0.17 called the text encoders' modules.
OLD_TEXT = {"to_q": "q_proj", "to_k": "k_proj", "to_v": "v_proj", "to_out": "out_proj"}
# What a pair can't say, and what it is called. It is small where pairs were learned beside it.
BESIDE = {
    r"\.diff$|\.diff\.weight$": "full differences",
    r"\.(w|b)_norm$": "differences of norms",
    r"\.diff_b$|\.lora_B(\.\w+)?\.bias$|\.lora_up\.bias$": "differences of biases",
}
EMBEDDING = "bundle_emb."  # before the names of an embedding, which OneTrainer puts into its files
MARKS = ("v_pred", "ztsnr", "edm_vpred.sigma_max", "edm_vpred.sigma_min")  # say how it was trained


def place(key: str, shapes: Shapes) -> tuple[str, str]:
    """The module and the role of a tensor; ("", "") for one that has no place in the base."""
    name, role = split(key)
    name = re.sub(r"\.processor(?=[._])", "", name)
    if OLD.search(key):
        before, _, last = name.rpartition(".")
        if before.endswith("self_attn"):
            name = f"{before}.{OLD_TEXT.get(last, last)}"
        elif last == "to_out":
            name += ".0"
    module = shapes.places.get(name) if role else None
    return (module, role) if module else ("", "")


def split(key: str) -> tuple[str, str]:
    """A tensor's name without its end, and the role that the end says; "" for no end of a LoRA."""
    found = next((one for one in END.finditer(key) if one.end() == len(key)), None)
    if found is None or found.lastgroup is None:
        return key, ""
    return key[: found.start()], found.lastgroup


def is_lora(key: str) -> bool:
    """Whether it is one of a pair."""
    return split(key)[1] in ("down", "up")


def beside(key: str) -> str:
    """What a tensor is that no pair can say, in words; "" for others."""
    return next((said for end, said in BESIDE.items() if re.search(end, key)), "")
