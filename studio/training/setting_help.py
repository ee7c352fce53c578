"""What each training setting is called on a page, and one line of help for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """A setting's name in the field's words, and its help in plain ones. `group` is where it is
    folded away; empty for the settings that matter."""

    label: str
    help: str
    group: str = ""


LEARNED, PACE, MACHINE, WATCHED = "What is learned", "Pace", "Machine", "Watching and saving"
CHARACTER = "One character"
CHECKED, SEEN = "Which checkpoint", "How pictures are shown"

# One row for every field of TrainConfig, in its order.
HELP: dict[str, Words] = {
    "base": Words("Base", "The model that learns your style; it stays as it is."),
    "trigger_word": Words(
        "Trigger word", "A prompt with this word asks for the style. Best one that means nothing."
    ),
    "targets": Words(
        "Target modules",
        "What learns. Attention alone is gentle; the others catch strokes and textures.",
        LEARNED,
    ),
    "rank": Words(
        "Rank", "How much the style can hold. Higher catches more detail, and copies sooner."
    ),
    "alpha": Words(
        "Alpha",
        "The adapter acts at alpha / rank. Keep it equal to the rank unless you know better.",
        LEARNED,
    ),
    "dropout": Words(
        "Dropout", "Share of the adapter left out at random in each step, against copying.", LEARNED
    ),
    "adapter": Words(
        "Adapter type",
        "rslora bears high ranks; dora is closer to full training, slower.",
        LEARNED,
    ),
    "train_text_encoder": Words(
        "Train text encoder",
        "Words learn too: the text encoder gets an adapter, for characters and odd words.",
        LEARNED,
    ),
    "text_encoder_learning_rate": Words(
        "Text encoder learning rate",
        "How far words go in one step; 0: half of the other rate.",
        LEARNED,
    ),
    "ema_decay": Words(
        "EMA decay",
        "Averages the weights: 0.99 over about 100 steps, which calms the result; 0: off.",
        LEARNED,
    ),
    "learning_rate": Words(
        "Learning rate",
        "How far one step goes. Too high breaks the pictures, too low learns nothing.",
    ),
    "lr_scheduler": Words(
        "Learning rate scheduler",
        "The rate over time: cosine falls slowly to nothing, which ends calmly.",
        PACE,
    ),
    "warmup_steps": Words(
        "Warm-up steps", "Steps until the learning rate is full, so that it starts gently.", PACE
    ),
    "batch_size": Words(
        "Batch size", "Pictures a step. More is calmer and needs more memory and time a step.", PACE
    ),
    "gradient_accumulation_steps": Words(
        "Gradient accumulation",
        "Batches a step: like a larger batch, with more time in place of memory.",
        PACE,
    ),
    "max_train_steps": Words(
        "Training steps",
        "How long it learns. Too long, and it repeats your pictures instead of the style.",
    ),
    "save_every_n_steps": Words(
        "Steps between checkpoints", "From the last one a stopped training goes on.", WATCHED
    ),
    "preview_every_n_steps": Words(
        "Steps between previews", "Pictures drawn on the way; each time costs some time.", WATCHED
    ),
    "caption_dropout": Words(
        "Caption dropout",
        "Share of pictures shown without their caption, so that guidance works.",
        LEARNED,
    ),
    "optimizer": Words(
        "Optimizer", "adamw8bit needs less memory, where an NVIDIA GPU has bitsandbytes.", MACHINE
    ),
    "weight_decay": Words(
        "Weight decay", "Pulls the adapter back to nothing a little in each step.", PACE
    ),
    "max_grad_norm": Words(
        "Gradient clipping (max norm)", "How far one step may go; 1 suits nearly always.", PACE
    ),
    "min_snr_gamma": Words(
        "Min-SNR gamma", "Keeps easy, little-noised steps from ruling the lesson; 0: off.", LEARNED
    ),
    "noise_offset": Words(
        "Noise offset", "Lets pictures become darker or lighter as a whole, about 0.05.", LEARNED
    ),
    "prediction_type": Words(
        "Prediction type",
        "What is predicted; auto: as the base does. Another has to be learned first: many steps.",
        LEARNED,
    ),
    "zero_terminal_snr": Words(
        "Zero terminal SNR",
        "Lets pictures become quite dark or bright; v-prediction only.",
        LEARNED,
    ),
    "mixed_precision": Words(
        "Mixed precision",
        "fp16 or bf16 are faster and smaller on a GPU; on a CPU take no.",
        MACHINE,
    ),
    "gradient_checkpointing": Words(
        "Gradient checkpointing",
        "Saves memory: needs about a sixth of the working memory and a third more time.",
        MACHINE,
    ),
    "xformers": Words(
        "xformers", "Its attention in place of PyTorch's own, where it is installed.", MACHINE
    ),
    "compile": Words(
        "Compile (torch.compile)",
        "Faster steps after a minute or more of waiting; for long trainings.",
        MACHINE,
    ),
    "largest_batch": Words(
        "Auto batch size",
        "Fills the memory: tries how many pictures a step the device can hold.",
        MACHINE,
    ),
    "smaller_batch_when_full": Words(
        "Smaller batches when out of memory",
        "It goes on with smaller batches, more of them a step, in place of ending.",
        MACHINE,
    ),
    "flip": Words(
        "Random horizontal flip",
        "Mirrors at random: only where left and right mean the same in your pictures.",
        LEARNED,
    ),
    "resolution": Words(
        "Resolution", "A side of the square that is learned; 0: the dataset's or base's.", SEEN
    ),
    "aspect_buckets": Words(
        "Aspect-ratio buckets",
        "Wide and tall pictures keep their shape, without borders to a square.",
        SEEN,
    ),
    "transparent_weight": Words(
        "Transparency loss weight",
        "How much places with nothing drawn count; 1: as much as the rest.",
        SEEN,
    ),
    "repeats": Words(
        "Repeats by category", "Such as ships=2,rocks=0.5: how often each is seen an epoch.", SEEN
    ),
    "balance": Words(
        "Balance categories", "Rare categories are seen as often as the largest one.", SEEN
    ),
    "tag_shuffle": Words(
        "Shuffle tags", "Parts between a caption's commas come in another order each time.", SEEN
    ),
    "keep_tags": Words(
        "Keep first tags", "How many of a caption's first parts are never shuffled.", SEEN
    ),
    "instance_prompt": Words(
        "Instance prompt",
        "Who or what it is: herochar knight. It is every picture's caption.",
        CHARACTER,
    ),
    "class_prompt": Words(
        "Class prompt",
        "What others are: knight. Drawn by the base and learned along, so it stays.",
        CHARACTER,
    ),
    "class_pictures": Words(
        "Class pictures",
        "How many of the others the base draws once; they are kept for next time.",
        CHARACTER,
    ),
    "prior_weight": Words(
        "Prior preservation weight",
        "How much the others count beside yours; 1 suits nearly always.",
        CHARACTER,
    ),
    "seed": Words("Seed", "The same seed and settings give the same training again.", WATCHED),
    "held_out": Words(
        "Validation split",
        "Share of the pictures held out: not learned from, it tells when to stop; 0: none.",
        CHECKED,
    ),
    "check_every_n_steps": Words(
        "Steps between checks", "0: at every checkpoint. A check takes seconds.", CHECKED
    ),
    "early_stopping": Words(
        "Early stopping", "After so many checks without any gain; 0: go on to the end.", CHECKED
    ),
    "choose_best": Words(
        "Keep best checkpoint",
        "Register the best checkpoint's LoRA instead of the last one's.",
        CHECKED,
    ),
}
MATTER = tuple(name for name, words in HELP.items() if not words.group and name != "base")
GROUPS = (LEARNED, SEEN, CHARACTER, PACE, CHECKED, WATCHED, MACHINE)
