"""What a model file is and what it is made for, by its header and the names in it.

The header's word counts first: several families share the names of their parts. Names as in
modelspec, sd-scripts, musubi-tuner, ai-toolkit, OneTrainer, ComfyUI and diffusers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from studio.diffusion import tensor_headers

OURS = {"sd1": "Stable Diffusion 1.x", "sd2": "Stable Diffusion 2.x", "sdxl": "SDXL"}
# Of headers; the first that is found counts.
TOLD = (
    (r"stable-video|\bsvd", "Stable Video Diffusion"),
    (r"xl-v1-refiner|sdxl.refiner", "the refiner of SDXL"),
    (r"kolors", "Kolors"),
    (r"chroma", "Chroma"),
    (r"hunyuan[-_ ]?image", "HunyuanImage"),
    (r"hunyuan[-_ ]?dit", "HunyuanDiT"),
    (r"hunyuan|framepack", "HunyuanVideo"),
    (r"flux[-_. ]?2|\bklein", "Flux.2"),
    (r"flux", "Flux"),
    (r"qwen", "Qwen-Image"),
    (r"\bz[-_ ]?image", "Z-Image"),
    (r"\bwan(?![a-z])", "Wan"),
    (r"lumina", "Lumina-Image"),
    (r"pixart", "PixArt"),
    (r"aura[-_ ]?flow", "AuraFlow"),
    (r"hi[-_]?dream", "HiDream"),
    (r"cascade|w(ü|u|ue)rstchen", "Stable Cascade"),
    (r"\bsana", "Sana"),
    (r"\bltx", "LTX-Video"),
    (r"cog[-_ ]?video", "CogVideoX"),
    (r"cog[-_ ]?view", "CogView"),
    (r"\bmochi", "Mochi"),
    (r"\banima(?!te)", "Anima"),
    (r"cosmos", "Cosmos"),
    (r"\bkrea", "Krea"),
    (r"kandinsky", "Kandinsky"),
    (r"omnigen", "OmniGen"),
    (r"ernie[-_ ]?image", "ERNIE-Image"),
    (r"deep[-_ ]?floyd", "DeepFloyd IF"),
    (r"stable-diffusion-v?3|\bsd[-_ ]?v?3", "Stable Diffusion 3"),
    (r"stable-diffusion-xl|sdxl|\bsd[-_ ]?xl|\bpony|illustrious|noob", OURS["sdxl"]),
    (r"stable-diffusion-v?2|\bsd[-_ ]?v?2", OURS["sd2"]),
    (r"stable-diffusion-v?1|\bsd[-_ ]?v?1", OURS["sd1"]),
)
# Of names; the first that is found counts. A dot stands for itself or for kohya's underscore.
BESIDE_UNET = (
    (r"motion_modules", "AnimateDiff"),
    (r"lora_prior_unet|(^|.)prior\.", "Stable Cascade or Kandinsky"),
    (r"encoder_hid_proj|chatglm", "Kolors"),
)
SHOWN = (
    (r"double_stream_modulation|to_qkv_mlp_proj|single_blocks.4\d.", "Flux.2"),
    (r"distilled_guidance_layer", "Chroma"),
    (r"token_refiner|double_blocks.19.", "HunyuanVideo"),
    (r"double_stream_blocks|single_stream_blocks", "HiDream"),
    (r"joint_transformer_blocks|double_layers.\d|single_layers.\d", "AuraFlow"),
    (
        r"double_blocks|single_blocks|single_transformer_blocks",
        "Flux or one of its kin, such as Chroma or HunyuanVideo",
    ),
    (r"joint_blocks", "Stable Diffusion 3"),
    (r"txtfusion", "Krea"),
    (r"transformer_blocks.\d+.(img|txt)_m(lp|od)", "Qwen-Image"),
    (r"(diffusion_model\.|lora_unet_)transformer_blocks.\d+.attn[._]", "Qwen-Image"),
    (r"transformer_blocks.\d+.attn[._]", "Stable Diffusion 3, Flux or Qwen-Image"),
    (r"diffusion_model\.transformer_blocks.\d+.attn1[._]", "LTX-Video"),
    (r"transformer_blocks.\d+.attn1[._]|adaln_single", "PixArt, Sana or LTX-Video"),
    (r"blocks.\d+.(cross_attn.kv_linear|attn.qkv)", "PixArt"),
    (r"blocks.\d+.(self|cross)_attn.[qkv]_proj", "Anima or Cosmos"),
    (r"blocks.\d+.((self|cross)_attn|ffn).", "Wan"),
    (r"blocks.\d+.attn[12].", "Wan or HunyuanDiT"),
    (r"layers.\d+.attention.to_[qkv]", "Z-Image"),
    (r"layers.\d+.attention.|noise_refiner|context_refiner", "Lumina-Image or Z-Image"),
    (r"layers.\d+.attn.to_", "Lumina-Image"),
    (r"lora_te3_|t5xxl|lora_t5|llama", "a base with a large language model as text encoder"),
)
UNET = re.compile(r"(down|up|input|output)_blocks.\d|(mid|middle)_block.")
TEXT = re.compile(r"text_model.encoder.layers|text_encoder")
# Kinds that are no LoRA, by the end of a name.
KINDS = (
    (r"\.hada_[wt]\d", "LoHa"),
    (r"\.lokr_[wt]\d", "LoKr"),
    (r"\.boft_", "BOFT"),
    (r"\.oft_", "OFT"),
    (r"\.[ab][12]\.weight$", "GLoRA"),
    (r"\.vera_lambda", "VeRA"),
    (r"\.(lora_E|ranknum)($|\.)", "AdaLoRA"),
    (r"\.ia3_l|\.on_input$", "(IA)³"),
    (r"^lllite_", "ControlNet-LLLite"),
    (r"^lora_controlnet$|^control_model\.|^controlnet_", "a ControlNet"),
    (r"^image_proj\.|^ip_adapter\.|\.to_k_ip\.", "an IP-Adapter"),
    (r"^(emb_params|string_to_param.*|clip_[lg])$", "an embedding (textual inversion)"),
)
# How wide the text is that a UNet listens to. A matrix of a LoRA, or the weight itself.
LISTENS = re.compile(r"attn2[._]to_[kv][._].*(down|lora_A)[.\w]*weight$|attn2\.to_[kv]\.weight$")
WIDTHS = {**{768: OURS["sd1"], 1024: OURS["sd2"], 2048: OURS["sdxl"]}, 1280: "the refiner of SDXL"}
LARGE = re.compile(r"^(lora_te2_|text_encoder_2\.|clip_g\.)|label_emb|add_embedding")
ARCHITECTURE = ("modelspec.architecture", "ss_base_model_version")


def told(header: Mapping[str, str]) -> str:
    """The family that a header names, in words; "" where it names none that is known."""
    for key in ARCHITECTURE:
        said = header.get(key, "")[:200].lower()
        if family := next((name for mark, name in TOLD if re.search(mark, said)), ""):
            return family
    return ""


def shown(shapes: Mapping[str, tuple[int, ...]]) -> str:
    """The family that names and shapes in a file give away; "" where they don't."""
    if not any(UNET.search(key) for key in shapes):
        return _first(SHOWN, shapes) or _first(BESIDE_UNET, shapes)
    if family := _first(BESIDE_UNET, shapes):
        return family
    for key, shape in shapes.items():
        if len(shape) == 2 and LISTENS.search(key) and shape[1] in WIDTHS:
            return WIDTHS[shape[1]]
    return OURS["sdxl"] if any(LARGE.search(key) for key in shapes) else ""


def made_for(shapes: Mapping[str, tuple[int, ...]], header: Mapping[str, str]) -> str:
    """The family that a file is for, in words: as its header says, else as its names give away."""
    said = next((header[key] for key in ARCHITECTURE if header.get(key, "").strip()), "")
    unknown = f"what its header calls {tensor_headers.shown(said.strip())!r}" if said else ""
    return told(header) or shown(shapes) or unknown


def is_stable_diffusion(names: Iterable[str]) -> bool:
    """Whether names are those of the parts of Stable Diffusion, of whichever version."""
    return any(UNET.search(name) or TEXT.search(name) for name in names)


def _first(table: Iterable[tuple[str, str]], names: Iterable[str]) -> str:
    names = list(names)
    return next((said for mark, said in table if any(re.search(mark, n) for n in names)), "")


def other_kind(names: Iterable[str]) -> str:
    """What a file is where it is no LoRA but of that kind, in words; "" for others."""
    for name in names:
        for mark, kind in KINDS:
            if re.search(mark, name):
                return kind
    return ""
