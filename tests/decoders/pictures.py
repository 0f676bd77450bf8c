# SPDX-License-Identifier: MIT
# Knows pictures for the tests: makes PNM, JPEG with inks and PNG, and compares what was decoded with PNM or PAM.
#
# usage: pictures.py pnm SEED WIDTH HEIGHT [CHANNELS [LARGEST]] > FILE
#        pictures.py inks TRANSFORM > FILE.jpg
#        pictures.py png SEED WIDTH HEIGHT COLOUR_TYPE DEPTH INTERLACED TRANSPARENT > FILE.png
#        pictures.py keyed SEED WIDTH HEIGHT DEPTH > FILE.pam
#        pictures.py same FILE FILE.pam
import math
import random
import struct
import sys
import zlib


def pnm(seed, width, height, channels=3, largest=255):
    """Waves with noise and a few sharp edges, as PGM, PPM or (2 and 4 channels) PAM with opacity."""
    rng = random.Random(seed)
    names = {1: b"P5", 3: b"P6"}
    waves = [(rng.uniform(0.01, 0.2), rng.uniform(0.01, 0.2), rng.random() * 6) for _ in range(channels)]
    samples = []
    for y in range(height):
        for x in range(width):
            edge = 0.3 if (x // 16 + y // 24) % 5 == 0 else 0
            for a, b, c in waves:
                level = 0.5 + 0.25 * math.sin(a * x + c) + 0.2 * math.cos(b * y) + edge
                samples.append(min(largest, max(0, int(level * largest + rng.gauss(0, largest / 60)))))
    if channels in names:
        head = b"%s\n%d %d\n%d\n" % (names[channels], width, height, largest)
    else:
        kind = {2: b"GRAYSCALE_ALPHA", 4: b"RGB_ALPHA"}[channels]
        head = b"P7\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL %d\nTUPLTYPE %s\nENDHDR\n" % (
            width, height, channels, largest, kind)
    return head + (bytes(samples) if largest < 256 else struct.pack(f">{len(samples)}H", *samples))


def read_pnm(data):
    """Gives width, height, channels, largest value, and the samples in rows from the top."""
    while b"\n#" in data[:200]:  # comments in the header
        before, _, after = data.partition(b"\n#")
        data = before + b"\n" + after.partition(b"\n")[2]
    fields = data.split(None, 4)
    if fields[0] == b"P7":
        head, _, body = data.partition(b"ENDHDR\n")
        words = dict(line.split(None, 1) for line in head.splitlines()[1:])
        width, height, channels, largest = (
            int(words[key]) for key in (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL"))
    else:
        width, height, largest = map(int, fields[1:4])
        channels = {b"P5": 1, b"P6": 3}[fields[0]]
        body = data[-(width * height * channels * (1 if largest < 256 else 2)):]
    return width, height, channels, largest, body


def read_bmp(data):
    """Gives width, height, channels and the samples in rows from the top; checks every header field."""
    magic, size, zero, start = struct.unpack_from("<2sIII", data)
    header, width, height, planes, bits, coding = struct.unpack_from("<IiiHHI", data, 14)
    step = bits // 8
    stride = (width * step + 3) // 4 * 4
    assert (magic, size, zero, planes) == (b"BM", len(data), 0, 1), "file header"
    assert height > 0 and len(data) == start + stride * height, "size"
    assert (header, coding) == ((108, 3) if bits == 32 else (40, 0)), "header"
    assert start == 14 + header + (1024 if bits == 8 else 0), "start"
    if bits == 8:
        assert data[54:1078] == b"".join(bytes([i, i, i, 0]) for i in range(256)), "greys"
    if bits == 32:
        masks = struct.unpack_from("<IIII4s", data, 54)
        assert masks == (0xFF0000, 0xFF00, 0xFF, 0xFF000000, b"BGRs"), "masks"
    body = bytearray()
    for y in reversed(range(height)):
        row = bytearray(data[start + y * stride:start + y * stride + width * step])
        assert not any(data[start + y * stride + width * step:start + (y + 1) * stride]), "padding"
        if step > 1:
            row[0::step], row[2::step] = row[2::step], row[0::step]
        body += row
    return width, height, step, bytes(body)


def spread(body, channels, wanted, largest):
    """The same pixels with more channels: greys as colours, no opacity as full opacity."""
    samples = list(body if largest < 256 else struct.unpack(f">{len(body) // 2}H", body))
    if channels == wanted:
        return samples
    opaque = largest if largest > 255 else 255
    out = [opaque] * (len(samples) // channels * wanted)
    colours = channels - (channels + 1) % 2
    for to in range(3 if wanted > 2 else 1):
        out[to::wanted] = samples[min(to, colours - 1)::channels]
    if wanted % 2 == 0 and channels % 2 == 0:
        out[wanted - 1::wanted] = samples[channels - 1::channels]
    return out


def same(path, pnm_path):
    data = open(path, "rb").read()
    *wanted, largest, wanted_body = read_pnm(open(pnm_path, "rb").read())
    if data.startswith(b"BM"):
        width, height, channels, body = read_bmp(data)
        assert 255 % largest == 0, largest
        wanted_body = bytes(value * (255 // largest) for value in wanted_body)
    else:
        width, height, channels, own_largest, body = read_pnm(data)
        assert own_largest == largest, largest
    assert [width, height] == wanted[:2], f"{width}x{height}, not {wanted[0]}x{wanted[1]}"
    assert channels >= wanted[2] or wanted[2] == 2 or (channels, wanted[2]) == (3, 4), "channels"
    most = max(channels, wanted[2])
    left, right = spread(body, channels, most, largest), spread(wanted_body, wanted[2], most, largest)
    if left != right:
        at = next(i for i in range(len(left)) if left[i] != right[i]) // most
        differing = sum(a != b for a, b in zip(left, right))
        sys.exit(f"pixels differ: {differing} samples, the first at {at % width},{at // width}")


def segment(marker, body):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def inks(transform, size=160):
    """A JPEG of four inks, each block of one tint; transform 0 is CMYK, 2 is YCCK."""
    bits = ""
    before = [0] * 4
    rng = random.Random(20050412)
    for _ in range((size // 8) ** 2):
        for component in range(4):
            tint = rng.randrange(-120, 120)
            change, before[component] = tint - before[component], tint
            length = abs(change).bit_length()
            # Codes of four bits for the lengths, one bit for the end of the block.
            value = change if change > 0 else change + (1 << length) - 1
            bits += f"{length:04b}" + (f"{value:0{length}b}" if length else "") + "0"
    bits += "1" * (-len(bits) % 8)
    coded = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
    frame = struct.pack(">BHHB", 8, size, size, 4) + b"".join(bytes([i, 0x11, 0]) for i in range(4))
    return (b"\xff\xd8" + segment(0xEE, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, transform))
            + segment(0xDB, b"\0" + b"\x08" * 64) + segment(0xC0, frame)
            + segment(0xC4, b"\0" + bytes([0, 0, 0, 12] + [0] * 12) + bytes(range(12)))
            + segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0")
            + segment(0xDA, b"\4" + b"".join(bytes([i, 0]) for i in range(4)) + b"\0\x3f\0")
            + coded + b"\xff\xd9")


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_filter(kind, row, above, step):
    """One row as each of the five filters writes it."""
    out = bytearray([kind])
    for i, value in enumerate(row):
        left = row[i - step] if i >= step else 0
        up = above[i]
        corner = above[i - step] if i >= step else 0
        guess = left + up - corner
        paeth = min((left, up, corner), key=lambda near: abs(guess - near))
        out.append((value - (0, left, up, (left + up) // 2, paeth)[kind]) & 255)
    return out


def png_samples(rng, width, height, channels, depth):
    return [[[rng.randrange(1 << depth) for _ in range(channels)] for _ in range(width)]
            for _ in range(height)]


def keyed(seed, width, height, depth):
    """The PAM of the colour PNG of the same arguments, whose middle colour is transparent."""
    samples = png_samples(random.Random(seed), width, height, 3, depth)
    largest = (1 << depth) - 1
    key = samples[height // 2][width // 2]
    body = [value for row in samples for pixel in row
            for value in (*pixel, 0 if pixel == key else largest)]
    head = f"P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH 4\nMAXVAL {largest}\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
    return head.encode() + (bytes(body) if depth < 9 else struct.pack(f">{len(body)}H", *body))


def png(seed, width, height, colour_type, depth, interlaced=0, transparent=0):
    """A PNG of any kind with every filter; palettes have 2^depth random colours."""
    rng = random.Random(seed)
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour_type]
    samples = png_samples(rng, width, height, channels, depth)
    head = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, interlaced)
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    if colour_type == 3:
        out += chunk(b"PLTE", rng.randbytes(3 << depth))
    if transparent:
        tint = [samples[height // 2][width // 2][i % channels] for i in range(channels)]
        out += chunk(b"tRNS", rng.randbytes(1 << depth) if colour_type == 3
                     else struct.pack(f">{channels}H", *tint))
    passes = [(0, 0, 1, 1)] if not interlaced else [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    coded = bytearray()
    for x0, y0, dx, dy in passes:
        above = b""
        for line in samples[y0::dy]:
            values = [value for pixel in line[x0::dx] for value in pixel]
            if not values:
                continue
            bits = "".join(f"{value:0{depth}b}" for value in values)
            bits += "0" * (-len(bits) % 8)
            row = int(bits, 2).to_bytes(len(bits) // 8, "big")
            above = above or bytes(len(row))
            coded += png_filter(rng.randrange(5), row, above, max(1, channels * depth // 8))
            above = row
    return out + chunk(b"IDAT", zlib.compress(bytes(coded))) + chunk(b"IEND", b"")


def main(command, *arguments):
    if command == "same":
        same(*arguments)
    else:
        make = {"pnm": pnm, "inks": inks, "png": png, "keyed": keyed}[command]
        sys.stdout.buffer.write(make(*map(int, arguments)))


if __name__ == "__main__":
    main(*sys.argv[1:])
