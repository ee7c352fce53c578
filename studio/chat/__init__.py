"""Language models behind an OpenAI-compatible address: asked for JSON, and paid once."""
