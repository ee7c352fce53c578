"""Vision-language models of the real classes, a few thousand weights each, saved to folders."""

from pathlib import Path
from typing import Any

import pytest

WORDS = "a red gem blue what is it user assistant : <|im_end|> in one line".split()


def _tokenizer(special: list[str]) -> Any:
    from studio.diffusion import torchvision_compat  # noqa: F401

    from tokenizers import Tokenizer, models, pre_tokenizers  # isort: skip
    from transformers import PreTrainedTokenizerFast  # isort: skip

    words = ["<unk>", "<pad>", "<bos>", "<eos>", *special, *WORDS]
    words = list(dict.fromkeys(words))
    made = Tokenizer(models.WordLevel({w: k for k, w in enumerate(words)}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        unk_token="<unk>",
        pad_token="<pad>",
        bos_token="<bos>",
        eos_token="<eos>",
        additional_special_tokens=special,
    )


@pytest.fixture(scope="session")
def blip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from studio.diffusion import torchvision_compat  # noqa: F401

    import torch  # isort: skip
    from transformers import (  # isort: skip
        BlipConfig,
        BlipForConditionalGeneration,
        BlipImageProcessor,
        BlipProcessor,
    )

    folder = tmp_path_factory.mktemp("blip")
    tokenizer = _tokenizer(["[CLS]", "[SEP]", "[ENC]", "[DEC]"])
    small = dict(hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2)
    text = {
        **small,
        "vocab_size": len(tokenizer),
        "encoder_hidden_size": 16,
        "bos_token_id": 2,
        "eos_token_id": 3,
        "pad_token_id": 1,
        "sep_token_id": 3,
        "max_position_embeddings": 128,
    }
    vision = {**small, "image_size": 32, "patch_size": 8}
    torch.manual_seed(1)
    config = BlipConfig(text_config=text, vision_config=vision, projection_dim=8)
    BlipForConditionalGeneration(config).save_pretrained(folder)
    shown = BlipImageProcessor(size={"height": 32, "width": 32})
    BlipProcessor(shown, tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Qwen2-VL, asked by a chat template."""
    from studio.diffusion import torchvision_compat  # noqa: F401

    import torch  # isort: skip
    from transformers import (  # isort: skip
        Qwen2VLConfig,
        Qwen2VLForConditionalGeneration,
        Qwen2VLImageProcessor,
        Qwen2VLProcessor,
    )

    folder = tmp_path_factory.mktemp("qwen")
    marks = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
    tokenizer = _tokenizer(marks)
    names = [f"{name}_token_id" for name in ("vision_start", "vision_end", "image", "video")]
    ids = dict(zip(names, tokenizer.convert_tokens_to_ids(marks), strict=True))
    torch.manual_seed(1)
    config = Qwen2VLConfig(
        text_config=dict(
            vocab_size=len(tokenizer),
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=1,
            bos_token_id=2,
            eos_token_id=3,
            pad_token_id=1,
            rope_parameters={
                "rope_type": "default",
                "mrope_section": [1, 1, 2],
                "rope_theta": 10000.0,
            },
        ),
        vision_config=dict(
            depth=1,
            embed_dim=16,
            hidden_size=16,
            num_heads=2,
            mlp_ratio=1,
            patch_size=14,
            spatial_merge_size=2,
            temporal_patch_size=2,
        ),
        **ids,
    )
    Qwen2VLForConditionalGeneration(config).save_pretrained(folder)
    shown = Qwen2VLImageProcessor(
        patch_size=14, merge_size=2, temporal_patch_size=2, min_pixels=28 * 28, max_pixels=56 * 56
    )
    template = (
        "{% for m in messages %}{{ m['role'] }} : {% for c in m['content'] %}"
        "{% if c['type'] == 'image' %}<|vision_start|> <|image_pad|> <|vision_end|> "
        "{% else %}{{ c['text'] }} {% endif %}{% endfor %}<|im_end|> {% endfor %}"
        "{% if add_generation_prompt %}assistant : {% endif %}"
    )
    from transformers import Qwen2VLVideoProcessor  # isort: skip

    Qwen2VLProcessor(
        shown, tokenizer, Qwen2VLVideoProcessor(), chat_template=template
    ).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def florence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Florence-2, which is told its task by a word."""
    from studio.diffusion import torchvision_compat  # noqa: F401

    import torch  # isort: skip
    from transformers import (  # isort: skip
        CLIPImageProcessor,
        Florence2Config,
        Florence2ForConditionalGeneration,
        Florence2Processor,
    )

    folder = tmp_path_factory.mktemp("florence")
    tokenizer = _tokenizer(["<image>"])
    tokenizer._set_model_specific_special_tokens({"image_token": "<image>"})
    torch.manual_seed(1)
    config = Florence2Config(
        vision_config=dict(
            embed_dim=(8, 8, 8, 8),
            depths=(1, 1, 1, 1),
            num_heads=(1, 1, 1, 1),
            num_groups=(1, 1, 1, 1),
            projection_dim=16,
            window_size=4,
        ),
        text_config=dict(
            model_type="bart",
            vocab_size=len(tokenizer),
            d_model=16,
            encoder_layers=1,
            decoder_layers=1,
            encoder_ffn_dim=16,
            decoder_ffn_dim=16,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
            pad_token_id=1,
            bos_token_id=2,
            eos_token_id=3,
            decoder_start_token_id=2,
            max_position_embeddings=128,
            forced_eos_token_id=None,
        ),
        image_token_id=tokenizer.image_token_id,
    )
    Florence2ForConditionalGeneration(config).save_pretrained(folder)
    shown: Any = CLIPImageProcessor(
        size={"height": 64, "width": 64}, crop_size={"height": 64, "width": 64}
    )
    shown.image_seq_length = 5
    Florence2Processor(shown, tokenizer).save_pretrained(folder)
    return folder
