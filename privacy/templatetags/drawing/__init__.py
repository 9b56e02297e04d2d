"""Charts drawn on the server as SVG: no script, no inline style, colours by class, a table behind each (SCREENS.md).

Every chart takes a title that says the finding. Horizontal places are percentages, so that a chart fills its frame at any width while
its words keep their size.
"""

from privacy.templatetags.drawing.charts import bar_chart, dot_chart, line_chart
from privacy.templatetags.drawing.small import donut, due_strip, sparkline

__all__ = ["bar_chart", "donut", "dot_chart", "due_strip", "line_chart", "sparkline"]
