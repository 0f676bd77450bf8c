# SPDX-License-Identifier: MIT
"""The bytes of ZIP archives, with any lie that a test wants: APPNOTE's records and nothing else."""
import struct
import zlib

LOCAL = (("signature", "I"), ("version", "H"), ("flags", "H"), ("method", "H"), ("time", "H"),
         ("date", "H"), ("crc", "I"), ("compressed_size", "I"), ("size", "I"), ("name_nbytes", "H"),
         ("extra_nbytes", "H"))
CENTRAL = (("signature", "I"), ("made_by", "H"), ("version", "H"), ("flags", "H"), ("method", "H"),
           ("time", "H"), ("date", "H"), ("crc", "I"), ("compressed_size", "I"), ("size", "I"),
           ("name_nbytes", "H"), ("extra_nbytes", "H"), ("comment_nbytes", "H"), ("disk", "H"),
           ("internal", "H"), ("attributes", "I"), ("local_off", "I"))
END = (("signature", "I"), ("disk", "H"), ("directory_disk", "H"), ("disk_entries", "H"),
       ("entries", "H"), ("directory_nbytes", "I"), ("directory_off", "I"), ("comment_nbytes", "H"))
END64 = (("signature", "I"), ("record_nbytes", "Q"), ("made_by", "H"), ("version", "H"),
         ("disk", "I"), ("directory_disk", "I"), ("disk_entries", "Q"), ("entries", "Q"),
         ("directory_nbytes", "Q"), ("directory_off", "Q"))
LOCATOR64 = (("signature", "I"), ("disk", "I"), ("end_off", "Q"), ("disks", "I"))

ALL_ONES_16 = 0xFFFF
ALL_ONES_32 = 0xFFFFFFFF
ALL_ONES_64 = 0xFFFFFFFFFFFFFFFF
FLAG_DESCRIPTOR = 1 << 3
FLAG_UTF8 = 1 << 11


def encode(layout, values):
    return b"".join(struct.pack("<" + form, values[name]) for name, form in layout)


def field(number, data, length=None):
    """An extra field, whose stated length may be a lie."""
    return struct.pack("<HH", number, len(data) if length is None else length) + data


def zip64_field(*values):
    return field(1, struct.pack(f"<{len(values)}Q", *values))


def unicode_path(raw_name, name, crc=None):
    return field(0x7075, struct.pack("<BI", 1, zlib.crc32(raw_name) if crc is None else crc) + name)


def deflate(data):
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush()


def descriptor(data, coded, signature=True, form="<III"):
    return (b"PK\7\10" if signature else b"") + struct.pack(form, zlib.crc32(data), len(coded),
                                                            len(data))


class Member:
    """Both headers and the coded bytes. Keywords are header fields; `local` and `central` hold
    those of one header only. With `at`, the member has no bytes of its own: they are there."""

    def __init__(self, name, data=b"", coded=None, behind=b"", at=None, local=(), central=(),
                 **both):
        if coded is None:
            coded = deflate(data) if both.get("method") == 8 else data
        fields = {"version": 20, "made_by": 3 << 8 | 63, "flags": 0, "method": 0, "time": 0,
                  "date": 1 << 5 | 1, "crc": zlib.crc32(data), "compressed_size": len(coded),
                  "size": len(data), "disk": 0, "internal": 0, "attributes": 0o100644 << 16,
                  "name": name, "extra": b"", "comment": b"", **both}
        self.local = {**fields, "signature": 0x04034B50, **dict(local)}
        self.central = {**fields, "signature": 0x02014B50, **dict(central)}
        self.body = coded + behind
        self.data = data
        self.at = at

    @staticmethod
    def _lengths(fields):
        lengths = {f"{name}_nbytes": len(fields[name]) for name in ("name", "extra", "comment")}
        return {**lengths, **fields}

    def local_bytes(self):
        fields = self._lengths(self.local)
        return encode(LOCAL, fields) + fields["name"] + fields["extra"] + self.body

    def central_bytes(self, local_off):
        fields = {"local_off": local_off, **self._lengths(self.central)}
        return encode(CENTRAL, fields) + fields["name"] + fields["extra"] + fields["comment"]


class Archive:
    """Members, directory and end records. `end`, `end64` and `locator` hold fields that differ from
    the truth; zip64 records are written if `end64` is given, even empty."""

    def __init__(self, members, prefix=b"", gap=b"", end=(), end64=None, end64_gap=b"", locator=(),
                 comment=b"", trailing=b""):
        self.members = members
        self.prefix, self.gap, self.comment, self.trailing = prefix, gap, comment, trailing
        self.end, self.end64, self.locator = dict(end), end64, dict(locator)
        self.end64_gap = end64_gap

    def _end64(self, truth, off):
        truth = {**truth, "made_by": 45, "version": 45}
        record = encode(END64, {"signature": 0x06064B50, "record_nbytes": 44, **truth,
                                **dict(self.end64)})
        locator = encode(LOCATOR64, {"signature": 0x07064B50, "disk": 0, "end_off": off, "disks": 1,
                                     **self.locator})
        return record + self.end64_gap + locator

    def bytes(self):
        parts, central, off = [], [], 0
        for member in self.members:
            central.append(member.central_bytes(off if member.at is None else member.at))
            if member.at is None:
                parts.append(member.local_bytes())
                off += len(parts[-1])
        body, directory = b"".join(parts), b"".join(central)
        truth = {"disk": 0, "directory_disk": 0, "disk_entries": len(self.members),
                 "entries": len(self.members), "directory_nbytes": len(directory),
                 "directory_off": len(body)}
        records = b""
        if self.end64 is not None:
            records = self._end64(truth, len(body) + len(directory) + len(self.gap))
        records += encode(END, {"signature": 0x06054B50, **truth,
                                "comment_nbytes": len(self.comment), **self.end})
        return (self.prefix + body + directory + self.gap + records + self.comment
                + self.trailing)
