"""Words that several parts of the page use."""

ASKS = {
    "panel": "what these voters prefer",
    "people": "what people like them prefer (needs 8 or more)",
}
