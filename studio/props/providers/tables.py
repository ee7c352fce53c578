"""The providers that there are, each as its documents have it. None of this was tried against the
service: a person with an account does that, and mends the row (docs/providers.md says how)."""

from __future__ import annotations

from studio.errors import StudioError, nearest
from studio.props.providers.shapes import (
    Cancel,
    Offer,
    Parameter,
    Provider,
    States,
    Upload,
)

DATED = "2026-11-30"  # when the documents were read
SEEDS = 2**31 - 1  # the largest that all of them take
SEED = Parameter("seed", "seed", 0, SEEDS)
HUNYUAN = (
    "Tencent's licence of Hunyuan3D gives no rights in the European Union, the United Kingdom and "
    "South Korea. Look at it before you use what comes of it."
)

SYNEXA = Provider(
    name="synexa",
    label="Synexa",
    shape="predictions",
    base="https://api.synexa.ai",
    documents="https://synexa.ai/docs",
    dated=DATED,
    header="x-api-key",
    key_form="{}",
    sends="link",
    reference="id",
    status="/v1/predictions/{id}",
    state="status",
    states=States(("succeeded",), ("failed",), ("canceled", "aborted")),
    error="error",
    offers=(
        Offer(
            "tencent/hunyuan3d-2",
            "picture",
            "/v1/predictions",
            outputs=("output",),
            picture="input.image",
            text="input.caption",
            parameters=(
                Parameter("steps", "input.steps", 1, 50, 10),
                Parameter("guidance", "input.guidance_scale", 0, 20, 5.5, whole=False),
                Parameter("octree", "input.octree_resolution", 64, 512, 256),
                Parameter("texture", "input.shape_only", default=True, opposite=True),
                Parameter("seed", "input.seed", 0, SEEDS),
            ),
            notice=HUNYUAN,
        ),
    ),
)

REPLICATE = Provider(
    name="replicate",
    label="Replicate",
    shape="predictions",
    base="https://api.replicate.com",
    documents="https://replicate.com/docs/reference/http",
    dated=DATED,
    header="Authorization",
    key_form="Bearer {}",
    sends="upload",
    upload=Upload("/v1/files", "content", "urls.get"),
    reference="id",
    status="/v1/predictions/{id}",
    state="status",
    states=States(("succeeded",), ("failed",), ("canceled", "aborted")),
    error="error",
    seconds="metrics.predict_time",
    cancel=Cancel("POST", "/v1/predictions/{id}/cancel"),
    listing="/v1/predictions",
    items="results",
    version=("/v1/models/{model}", "latest_version.id"),
    keeps="an hour",
    offers=(
        Offer(
            "firtoz/trellis",
            "picture",
            "/v1/predictions",
            outputs=("output.model_file",),
            fixed=(("input.generate_model", True), ("input.generate_color", False)),
            picture="input.images[]",
            parameters=(
                Parameter("steps", "input.slat_sampling_steps", 1, 50, 12),
                Parameter("seed", "input.seed", 0, SEEDS),
            ),
            alpha=True,
        ),
        Offer(
            "prunaai/hunyuan3d-2",
            "picture",
            "/v1/predictions",
            outputs=("output",),
            fixed=(("input.file_type", "glb"),),
            picture="input.image_path",
            parameters=(
                Parameter("steps", "input.num_inference_steps", 1, 50, 50),
                Parameter("octree", "input.octree_resolution", 64, 512, 200),
                Parameter("triangles", "input.face_count", 1_000, 200_000, 40_000),
                Parameter("seed", "input.generator_seed", 0, SEEDS),
            ),
            notice=HUNYUAN,
        ),
    ),
)

MESHY = Provider(
    name="meshy",
    label="Meshy",
    shape="tasks",
    base="https://api.meshy.ai/openapi",
    documents="https://docs.meshy.ai/openapi.yaml",
    dated=DATED,
    header="Authorization",
    key_form="Bearer {}",
    sends="data",
    reference="result",
    status="{path}/{id}",
    state="status",
    states=States(("SUCCEEDED",), ("FAILED", "EXPIRED"), ("CANCELED",)),
    percent="progress",
    error="task_error.message",
    credits="consumed_credits",
    # Deleting a task that has ended takes its files away for good, so only waiting ones are.
    cancel=Cancel("DELETE", "{path}/{id}", ("PENDING",)),
    keeps="3 days",
    offers=(
        Offer(
            "image-to-3d",
            "picture",
            "/v1/image-to-3d",
            outputs=("model_urls.glb",),
            fixed=(("ai_model", "latest"), ("topology", "triangle"), ("should_remesh", True)),
            picture="image_url",
            parameters=(
                Parameter("triangles", "target_polycount", 100, 300_000, 30_000),
                Parameter("texture", "should_texture", default=True),
            ),
            credits=30,
        ),
        Offer(
            "text-to-3d",
            "text",
            "/v2/text-to-3d",
            outputs=("model_urls.glb",),
            fixed=(("mode", "preview"), ("topology", "triangle"), ("should_remesh", True)),
            text="prompt",
            parameters=(Parameter("triangles", "target_polycount", 100, 300_000, 30_000),),
            credits=20,
            notice="The shape alone, without texture: its second step is another paid call.",
        ),
        Offer(
            "retexture",
            "texture",
            "/v1/retexture",
            outputs=("model_urls.glb",),
            fixed=(("ai_model", "latest"), ("enable_original_uv", True)),
            text="text_style_prompt",
            mesh="model_url",
            credits=10,
        ),
    ),
)

TRIPO = Provider(
    name="tripo",
    label="Tripo",
    shape="tasks",
    base="https://api.tripo3d.ai/v2/openapi",
    documents="https://platform.tripo3d.ai/docs/generation",
    dated=DATED,
    header="Authorization",
    key_form="Bearer {}",
    sends="upload",
    upload=Upload("/upload/sts", "file", "data.image_token"),
    reference="data.task_id",
    status="/task/{id}",
    state="data.status",
    states=States(("success",), ("failed", "expired"), ("cancelled",), ("banned",)),
    percent="data.progress",
    error="message",
    moderation=("content policy", "moderat"),
    keeps="5 minutes for each link; a new link comes with each look",
    offers=(
        Offer(
            "image_to_model",
            "picture",
            "/task",
            outputs=("data.output.pbr_model", "data.output.model", "data.output.base_model"),
            fixed=(("type", "image_to_model"), ("file.type", "png")),
            picture="file.file_token",
            parameters=(
                Parameter("triangles", "face_limit", 1_000, 500_000),
                Parameter("texture", "texture", default=True),
                Parameter("seed", "model_seed", 0, SEEDS),
            ),
            alpha=True,
        ),
        Offer(
            "text_to_model",
            "text",
            "/task",
            outputs=("data.output.pbr_model", "data.output.model", "data.output.base_model"),
            fixed=(("type", "text_to_model"),),
            text="prompt",
            longest=1024,
            parameters=(
                Parameter("triangles", "face_limit", 1_000, 500_000),
                Parameter("texture", "texture", default=True),
                Parameter("seed", "model_seed", 0, SEEDS),
            ),
        ),
    ),
)

FAL = Provider(
    name="fal",
    label="fal",
    shape="tasks",
    base="https://queue.fal.run",
    documents="https://fal.ai/docs/api-reference/inference-api",
    dated=DATED,
    header="Authorization",
    key_form="Key {}",
    sends="data",
    reference="request_id",
    status="{app}/requests/{id}/status",
    state="status",
    states=States(("COMPLETED",), ("FAILED", "ERROR"), ("CANCELLED", "CANCELED")),
    error="detail",
    result="{app}/requests/{id}",
    follows=(("status", "status_url"), ("result", "response_url"), ("cancel", "cancel_url")),
    cancel=Cancel("PUT", "{app}/requests/{id}/cancel", ("IN_QUEUE",)),
    offers=(
        Offer(
            "fal-ai/trellis",
            "picture",
            "/fal-ai/trellis",
            outputs=("model_mesh.url",),
            picture="image_url",
            parameters=(Parameter("steps", "slat_sampling_steps", 1, 50, 12), SEED),
            alpha=True,
        ),
        Offer(
            "fal-ai/trellis-2",
            "picture",
            "/fal-ai/trellis-2",
            outputs=("model_glb.url", "model_mesh.url"),
            picture="image_url",
            parameters=(Parameter("steps", "ss_sampling_steps", 1, 50, 12), SEED),
            alpha=True,
        ),
        Offer(
            "fal-ai/hunyuan3d-v3/text-to-3d",
            "text",
            "/fal-ai/hunyuan3d-v3/text-to-3d",
            outputs=("model_glb.url", "model_urls.glb.url"),
            text="prompt",
            longest=1024,
            parameters=(Parameter("triangles", "face_count", 40_000, 1_500_000, 500_000), SEED),
            notice=HUNYUAN,
        ),
    ),
)

PROVIDERS: dict[str, Provider] = {one.name: one for one in (SYNEXA, REPLICATE, MESHY, TRIPO, FAL)}


def provider(name: str) -> Provider:
    """The provider of that name, or StudioError."""
    found = PROVIDERS.get(name)
    if found is None:
        raise StudioError(
            f"There is no provider {name[:40]!r}.",
            f"{nearest(name, PROVIDERS)}Known: {', '.join(PROVIDERS)}.",
        )
    return found


def app_of(path: str) -> str:
    """A path without what stands behind owner and app: fal's calls are asked for by these alone."""
    return "/" + "/".join(path.strip("/").split("/")[:2])
