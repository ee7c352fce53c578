"""Charts are drawn with their rows, never once without: Vega complains of scales without ends."""

import json
import re

from streamlit.testing.v1 import AppTest

from studio.settings import CHECKOUT


def test_a_charts_rows_go_along_under_a_name() -> None:
    def page() -> None:
        from studio.web import ui

        across = {"field": "step", "type": "quantitative"}
        ui.chart(
            {"data": {"values": [{"step": 1}]}, "mark": "point", "encoding": {"x": across}}, "a"
        )

    (chart,) = AppTest.from_function(page).run().get("vega_lite_chart")
    assert json.loads(chart.proto.spec)["data"] == {"name": "rows"}
    assert [one.name for one in chart.proto.datasets] == ["rows"]
    assert chart.proto.datasets[0].data.data and not chart.proto.data.data


def test_no_page_draws_a_chart_by_itself() -> None:
    drawn = [
        file.name
        for file in [CHECKOUT / "Home.py", *(CHECKOUT / "pages").rglob("*.py")]
        if re.search(r"st\.(\w+_chart|altair_chart)\(", file.read_text("utf-8"))
    ]
    assert drawn == []
