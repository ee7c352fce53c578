"""The pocket base: a small Stable Diffusion pipeline and CLIP, and the recipe that trains them."""
