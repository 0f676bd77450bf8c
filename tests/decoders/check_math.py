# SPDX-License-Identifier: MIT
# Knows the mathematics that guest_math.c prints, as Python computes it: check_math.py ARGUMENTS RESULTS
import math
import struct
import sys


def read(name):
    data = open(name, "rb").read()
    return struct.unpack(f"<{len(data) // 8}d", data)


def even(x):
    return float(round(x)) if abs(x) < 2**52 else x


def away(x):
    return math.copysign(math.floor(abs(x) + 0.5), x) if abs(x) < 2**52 else x


def whole(round_it):
    return lambda x: round_it(x) if abs(x) < 2**31 else None


doubles = [math.acos, math.asin, math.atan, math.cbrt, math.ceil, math.cos, math.exp,
           lambda x: 2.0**x, abs, math.floor, math.log, math.log10, math.log2, even, away, math.sin,
           math.sqrt, math.tan, math.trunc, lambda x: math.pow(x, 1.7),
           lambda x: math.atan2(x, 0.3), lambda x: math.fmod(x, 0.3), lambda x: math.hypot(x, 3),
           lambda x: math.ldexp(x, -3), whole(even), whole(away)]
floats = [math.acos, math.asin, math.atan, math.ceil, math.cos, math.exp, lambda x: 2.0**x, abs,
          math.floor, math.log, math.log2, math.log10, even, away, math.sin, math.sqrt, math.tan,
          math.trunc, lambda x: math.pow(x, struct.unpack("f", struct.pack("f", 1.7))[0]),
          lambda x: math.atan2(x, struct.unpack("f", struct.pack("f", 0.3))[0]), whole(even)]


def check(function, x, result, places):
    try:
        expected = function(x)
    except (ValueError, OverflowError):
        return not math.isfinite(result)
    if expected is None or abs(expected) > 1e38 or 0 < abs(expected) < 1e-37:
        return True
    return abs(result - expected) <= abs(expected) * places


arguments, results = read(sys.argv[1]), iter(read(sys.argv[2]))
for x in arguments:
    single = struct.unpack("f", struct.pack("f", x))[0]
    for i, function in enumerate(doubles):
        result = next(results)
        assert check(function, x, result, 1e-15), (x, "double", i, result)
    for i, function in enumerate(floats):
        result = next(results)
        assert check(function, single, result, 2.4e-7), (single, "float", i, result)
assert next(results, None) is None
print(len(arguments), "arguments")
