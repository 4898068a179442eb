"""GCJ-02, BD-09 and CGCS2000 plane coordinates to WGS-84 and back, without a library.

Longitude and latitude of CGCS2000 differ from WGS-84 by centimetres: they are taken as they are.
Every position is (longitude, latitude) in degrees.
"""

from __future__ import annotations

from collections.abc import Callable
from math import asinh, atan, atan2, atanh, cos, cosh, degrees, hypot, pi, radians, sin, sinh, sqrt

Position = tuple[float, float]

# The ellipsoid of Krasovsky, 1940, which the offset was made with.
AXIS, SQUARE = 6378245.0, 0.00669342162296594323
BAIDU = pi * 3000 / 180
METRES_PER_DEGREE = 111_320.0
FALSE_EASTING = 500_000
MILLION = 1_000_000
ENOUGH, ROUNDS = 1e-11, 10


def in_china(lon: float, lat: float) -> bool:
    """Return whether the offset applies: outside of it the systems are the same."""
    return 72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271


def wgs_to_gcj(lon: float, lat: float) -> Position:
    """Return where maps of AMap and Tencent draw a position of a phone."""
    if not in_china(lon, lat):
        return lon, lat
    east, north = _offset(lon, lat)
    return lon + east, lat + north


def gcj_to_wgs(lon: float, lat: float) -> Position:
    """Return the position of a phone that GCJ-02 shows there."""
    return _inverse(wgs_to_gcj, lon, lat)


def gcj_to_bd(lon: float, lat: float) -> Position:
    """Return where Baidu draws a position of GCJ-02."""
    far = hypot(lon, lat) + 0.00002 * sin(lat * BAIDU)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * BAIDU)
    return far * cos(angle) + 0.0065, far * sin(angle) + 0.006


def bd_to_wgs(lon: float, lat: float) -> Position:
    """Return the position of a phone that Baidu shows there."""
    return gcj_to_wgs(*_inverse(gcj_to_bd, lon, lat))


def unchanged(lon: float, lat: float) -> Position:
    """Return the position itself: it is WGS-84 already."""
    return lon, lat


# By the system that positions are given in: how they become WGS-84.
SYSTEMS: dict[str, Callable[[float, float], Position]] = {
    "WGS-84": unchanged,
    "GCJ-02": gcj_to_wgs,
    "BD-09": bd_to_wgs,
}
PLANE = "CGCS2000"


def zone_meridian(easting: float) -> int | None:
    """Return the central meridian that the zone in front of an easting tells; None without one."""
    zone = int(easting // MILLION)
    if 13 <= zone <= 23:
        return zone * 6 - 3
    return zone * 3 if 25 <= zone <= 45 else None


def plane_to_wgs(easting: float, northing: float, meridian: float) -> Position:
    """Return the position of Gauss-Kruger metres (EPSG:4491 to 4554), by the series of Kruger."""
    easting = easting % MILLION if easting >= MILLION else easting
    axis, flattening = 6378137.0, 1 / 298.257222101
    n = flattening / (2 - flattening)
    whole = axis / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    xi, eta = northing / whole, (easting - FALSE_EASTING) / whole
    series = (n / 2 - 2 * n**2 / 3 + 37 * n**3 / 96, n**2 / 48 + n**3 / 15, 17 * n**3 / 480)
    steps = tuple(enumerate(series, 1))
    flat_xi = xi - sum(b * sin(2 * j * xi) * cosh(2 * j * eta) for j, b in steps)
    flat_eta = eta - sum(b * cos(2 * j * xi) * sinh(2 * j * eta) for j, b in steps)
    lon = degrees(atan2(sinh(flat_eta), cos(flat_xi))) + meridian
    eccentricity = sqrt(flattening * (2 - flattening))
    conformal = sin(flat_xi) / hypot(sinh(flat_eta), cos(flat_xi))
    slope = conformal
    # From the conformal to the geographic latitude; four rounds reach a micrometre.
    for _ in range(4):
        sine = slope / hypot(1, slope)
        slope = sinh(asinh(conformal) + eccentricity * atanh(eccentricity * sine))
    return lon, degrees(atan(slope))


def _offset(lon: float, lat: float) -> Position:
    """Return how far, in degrees, GCJ-02 moves a position."""
    x, y = lon - 105, lat - 35
    short = _wave(2 / 3, x, (20, 1 / 6), (20, 1 / 2))
    root = sqrt(abs(x))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + short
    east += _wave(2 / 3, x, (20, 1), (40, 3), (150, 12), (300, 30))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + short
    north += _wave(2 / 3, y, (20, 1), (40, 3), (160, 12), (320, 30))
    angle = radians(lat)
    curve = 1 - SQUARE * sin(angle) ** 2
    east = degrees(east / (AXIS / sqrt(curve) * cos(angle)))
    north = degrees(north / (AXIS * (1 - SQUARE) / (curve * sqrt(curve))))
    return east, north


def _wave(size: float, x: float, *periods: tuple[float, float]) -> float:
    return sum(height * sin(x * pi / period) for height, period in periods) * size


def _inverse(forward: Callable[[float, float], Position], lon: float, lat: float) -> Position:
    """Return what ``forward`` moves there; each round gains two digits, as the offset is smooth."""
    x, y = lon, lat
    for _ in range(ROUNDS):
        ahead = forward(x, y)
        dx, dy = lon - ahead[0], lat - ahead[1]
        x, y = x + dx, y + dy
        if hypot(dx, dy) < ENOUGH:
            break
    return x, y
