"""The report as an assistant gets it."""

from tests.api.mcp.calling import drawn, words


def test_an_assistant_gets_the_figures_of_a_style(call, studio):
    drawn(studio, "for the report", category="props")
    told = call("get_report", style="props").structured_content
    assert (told["style"], told["month"]) == ("props", "")
    by_key = {one["key"]: one for one in told["figures"]}
    assert by_key["style match"]["state"] == "not shown" and by_key["style match"]["why"]
    assert told["open"] and not any(key.startswith("roi") for key in by_key)


def test_what_nobody_knows_is_named(call):
    assert "'rocks'" in words(call("get_report", style="rocks"))
    assert "no month" in words(call("get_report", style="props", month="soon"))
