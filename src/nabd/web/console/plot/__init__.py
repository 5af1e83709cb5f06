"""Charts as SVG written on the server: no script, no request, the page's own fonts and colours.

Drawn directly because Vega-Lite took 300 ms and 126 KB for a map that takes 1 ms and 40 KB here
(``docs/decisions/0010-charts.md``).  Colours and strokes are classes of the stylesheet, so the
dark scheme and print follow.
"""
