"""What a button does is done as who is there when it is pressed."""

import ast

from studio.settings import CHECKOUT


def _kept(source: str) -> list[str]:
    """What callbacks are handed that says who somebody was when the page was drawn."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg in ("args", "kwargs"):
            names = {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
            asked = {n.attr for n in ast.walk(node.value) if isinstance(n, ast.Attribute)}
            if names & {"me", "who", "actor"} or "person" in asked:
                found.append(ast.unparse(node))
    return found


def test_no_button_remembers_who_somebody_was_when_the_page_was_drawn():
    files = [CHECKOUT / "Home.py", *sorted((CHECKOUT / "pages").rglob("*.py"))]
    assert {f.name: kept for f in files if (kept := _kept(f.read_text("utf-8")))} == {}
    assert _kept("st.button('x', args=(me,))") and _kept("st.button(kwargs={'by': ui.person()})")
