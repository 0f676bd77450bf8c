# SPDX-License-Identifier: MIT
"""Faults of one member: its local header, its descriptor, its place, its content, its name."""
import struct
import zlib

from archive import (ALL_ONES_32, ALL_ONES_64, Archive, FLAG_DESCRIPTOR, FLAG_UTF8, Member,
                     descriptor, field, unicode_path, zip64_field)
from fault import INNOCENT, beside_innocent, fault, harmless

DIFFERS = "member 0: data: its local header and the directory differ in "
OVERLAP = "data: its data overlaps another member or the directory"
DESCRIPTOR = "member 0: data: the data descriptor behind it does not agree with the directory"
HELLO = b"hello, hello, hello, hello"


# ---- local header ----

@fault("member 0: data: its local header is missing")
def local_signature_damaged():
    return beside_innocent(local={"signature": 0x04034B51})


@fault("member 0: data: its local header is missing", "member 1: " + OVERLAP)
def member_offset_amid_another_member():
    return beside_innocent(at=3)


@fault(DIFFERS + "the compression method")
def local_method_differs():
    return beside_innocent(local={"method": 8})


@fault(DIFFERS + "the flags")
def local_flag_of_encryption_differs():
    return beside_innocent(local={"flags": 1})


@fault(DIFFERS + "the flags")
def local_flag_of_the_descriptor_differs():
    return beside_innocent(local={"flags": FLAG_DESCRIPTOR})


@fault(DIFFERS + "the flags")
def local_flag_of_utf8_differs():
    return beside_innocent(local={"flags": FLAG_UTF8})


@fault(DIFFERS + "the name")
def local_name_differs():
    return beside_innocent(local={"name": b"b.txt"})


@fault(DIFFERS + "the name")
def local_name_is_shorter():
    return beside_innocent(local={"name_nbytes": 4})


@fault(DIFFERS + "the name")
def local_name_length_overruns():
    return beside_innocent(local={"name_nbytes": 40})


@fault(DIFFERS + "the name")
def local_name_length_beyond_the_file():
    return beside_innocent(local={"name_nbytes": 65535})


@fault("member 0: " + OVERLAP)
def local_extra_length_beyond_the_file():
    return beside_innocent(local={"extra_nbytes": 65535})


@fault("member 0: " + OVERLAP)
def local_extra_length_too_great():
    return beside_innocent(local={"extra_nbytes": 1})


@fault(DIFFERS + "the sizes")
def local_size_differs():
    return beside_innocent(local={"size": 4})


@fault(DIFFERS + "the sizes")
def local_compressed_size_differs():
    return beside_innocent(local={"compressed_size": 4})


@fault(DIFFERS + "the sizes")
def local_sizes_are_zero_without_a_descriptor():
    return beside_innocent(local={"crc": 0, "size": 0, "compressed_size": 0})


@fault(DIFFERS + "the CRC-32")
def local_crc_differs():
    return beside_innocent(local={"crc": 0})


@fault("member 0: data: the zip64 field of its local header is damaged")
def local_zip64_field_too_short():
    return beside_innocent(local={"size": ALL_ONES_32, "extra": field(1, bytes(7))})


@fault(DIFFERS + "the sizes")
def local_zip64_size_differs():
    return beside_innocent(local={"size": ALL_ONES_32, "extra": zip64_field(6)})


@harmless
def local_sizes_in_a_zip64_field():
    return beside_innocent(local={"size": ALL_ONES_32, "compressed_size": ALL_ONES_32,
                                  "extra": zip64_field(5, 5)})


@harmless
def central_sizes_and_offset_in_a_zip64_field():
    return beside_innocent(central={"size": ALL_ONES_32, "compressed_size": ALL_ONES_32,
                                    "local_off": ALL_ONES_32, "extra": zip64_field(5, 5, 0)})


@harmless
def local_extra_field_differs():
    return beside_innocent(local={"extra": field(0x5455, b"\1\0\0\0\0")})


@harmless
def extra_field_with_a_length_that_overruns():
    return beside_innocent(extra=field(0xCAFE, b"data", length=5))


@harmless
def extra_field_shorter_than_its_header():
    return beside_innocent(extra=b"\1\0\0")


# ---- data descriptor ----

def with_descriptor(behind, **rest):
    return beside_innocent(data=HELLO, flags=FLAG_DESCRIPTOR, behind=behind,
                           local={"crc": 0, "size": 0, "compressed_size": 0}, **rest)


@harmless
def descriptor_with_signature():
    return with_descriptor(descriptor(HELLO, HELLO))


@harmless
def descriptor_without_signature():
    return with_descriptor(descriptor(HELLO, HELLO, signature=False))


@harmless
def descriptor_of_64_bits_with_signature():
    return with_descriptor(descriptor(HELLO, HELLO, form="<IQQ"))


@harmless
def descriptor_of_64_bits_without_signature():
    return with_descriptor(descriptor(HELLO, HELLO, signature=False, form="<IQQ"))


@fault(DESCRIPTOR)
def descriptor_missing():
    return with_descriptor(b"")


@fault(DESCRIPTOR)
def descriptor_truncated():
    return with_descriptor(descriptor(HELLO, HELLO)[:-1])


@fault(DESCRIPTOR)
def descriptor_with_another_crc():
    return with_descriptor(descriptor(HELLO[1:] + b"!", HELLO))


@fault(DESCRIPTOR)
def descriptor_with_another_compressed_size():
    return with_descriptor(descriptor(HELLO, HELLO + b"!"))


@fault(DESCRIPTOR)
def descriptor_with_another_size():
    return with_descriptor(struct.pack("<III", zlib.crc32(HELLO), len(HELLO), len(HELLO) + 1))


@fault(DESCRIPTOR)
def descriptor_of_64_bits_with_another_compressed_size():
    return with_descriptor(descriptor(HELLO, HELLO + b"!", form="<IQQ"))


@fault(DESCRIPTOR)
def descriptor_of_64_bits_with_another_size():
    return with_descriptor(struct.pack("<IQQ", zlib.crc32(HELLO), len(HELLO), 1 << 32))


@fault(DIFFERS + "the CRC-32")
def descriptor_and_a_wrong_local_crc():
    return beside_innocent(data=HELLO, flags=FLAG_DESCRIPTOR, behind=descriptor(HELLO, HELLO),
                           local={"crc": 1})


# ---- place ----

@fault("member 0: " + OVERLAP, "member 1: " + OVERLAP)
def two_entries_for_one_member():
    return Archive([Member(b"a.txt", b"hello"), Member(b"a.txt", b"hello", at=0)])


@fault("member 0: " + OVERLAP, "member 1: " + OVERLAP)
def member_within_another_members_data():
    inner = Member(b"inner", b"hello")
    return Archive([Member(b"a.txt", inner.local_bytes()), Member(b"inner", b"hello", at=35)])


@fault("member 0: " + OVERLAP, "member 1: " + OVERLAP)
def data_reaches_into_the_next_member():
    return beside_innocent(compressed_size=6, size=6)


@fault("member 1: " + OVERLAP)
def data_reaches_into_the_directory():
    return Archive([INNOCENT, Member(b"a.txt", b"hello", compressed_size=6, size=6)])


@fault("member 1: " + OVERLAP)
def data_reaches_beyond_the_file():
    return Archive([INNOCENT, Member(b"a.txt", b"hello", compressed_size=0x7FFFFFFF)])


@fault("member 1: " + OVERLAP)
def compressed_size_of_all_ones():
    return Archive([INNOCENT, Member(b"a.txt", b"hello", compressed_size=ALL_ONES_32)])


@fault("member 1: " + OVERLAP)
def zip64_compressed_size_of_all_ones():
    return Archive([INNOCENT, Member(b"a.txt", b"hello", compressed_size=ALL_ONES_32,
                                     size=ALL_ONES_32, extra=zip64_field(5, ALL_ONES_64))])


@fault("member 1: " + OVERLAP)
def zip64_compressed_size_wraps_around():
    return Archive([INNOCENT, Member(b"a.txt", b"hello", compressed_size=ALL_ONES_32,
                                     size=ALL_ONES_32, extra=zip64_field(5, ALL_ONES_64 - 100))])


@fault("member 0: " + OVERLAP, "member 1: " + OVERLAP)
def zip64_compressed_size_wraps_around_in_front_of_another_member():
    return Archive([Member(b"a.txt", b"hello", compressed_size=ALL_ONES_32, size=ALL_ONES_32,
                           extra=zip64_field(5, ALL_ONES_64 - 20)), INNOCENT])


@harmless
def directory_in_another_order_than_the_members():
    first, second = Member(b"a.txt", b"hello"), Member(b"b.txt", b"world")
    first_nbytes = len(first.local_bytes())
    first.central["local_off"], second.central["local_off"] = first_nbytes, 0
    first.local, second.local = second.local, first.local
    first.body, second.body = second.body, first.body
    return Archive([first, second])


# ---- flags ----

@fault("member 0: unsupported: encrypted members are not read")
def member_encrypted():
    return beside_innocent(flags=1)


@fault("member 0: unsupported: encrypted members are not read")
def member_strongly_encrypted():
    return beside_innocent(flags=1 << 6)


@fault("member 0: unsupported: patched members are not read")
def member_patched():
    return beside_innocent(flags=1 << 5)


@fault("member 0: unsupported: encrypted members are not read")
def member_with_masked_header():
    return beside_innocent(flags=1 << 13)


@harmless
def flags_without_a_meaning():
    return beside_innocent(flags=0xC000)


# ---- content ----

@fault("member 0: data: bad CRC-32: 3610a686 instead of 00000001")
def content_with_another_crc():
    return beside_innocent(crc=1)


@fault("member 0: data: it decodes to 5 bytes instead of 6")
def stored_size_too_great():
    return beside_innocent(size=6)


@fault("member 0: data: it decodes to more than its 4 bytes")
def stored_size_too_small():
    return beside_innocent(size=4)


@fault("member 0: unsupported: no decoder for compression method 1 (shrink)")
def method_without_a_decoder():
    return beside_innocent(method=1)


@fault("member 0: unsupported: no decoder for compression method 65535")
def method_of_all_ones():
    return beside_innocent(method=65535)


# ---- names ----

def named(name, **rest):
    return beside_innocent(name=name, **rest)


OUT = "member 0: name: its name has a part \"..\", which leads out of the target folder"


@fault(OUT)
def name_leads_out():
    return named(b"../evil.txt")


@fault(OUT)
def name_leads_out_in_the_middle():
    return named(b"a/../../evil.txt")


@fault(OUT)
def name_leads_out_at_the_end():
    return named(b"a/b/..")


@fault(OUT)
def name_is_the_folder_above():
    return named(b"..")


@fault(OUT)
def name_leads_out_behind_double_slashes():
    return named(b"a//..//..//evil.txt")


@fault(OUT)
def name_leads_out_in_its_unicode_field():
    return named(b"a.txt", extra=unicode_path(b"a.txt", b"../evil.txt"))


@fault("member 0: name: its name is absolute")
def name_is_absolute():
    return named(b"/etc/passwd")


@fault("member 0: name: its name is absolute")
def name_is_absolute_in_its_unicode_field():
    return named(b"a.txt", extra=unicode_path(b"a.txt", b"/etc/passwd"))


@fault("member 0: name: its name contains a NUL byte")
def name_with_a_nul():
    return named(b"a.txt\0.exe")


@fault("member 0: name: its name contains a NUL byte")
def name_begins_with_a_nul():
    return named(b"\0a.txt")


@fault("member 0: name: its name contains a NUL byte")
def name_leads_out_behind_a_nul():
    return named(b"a\0/../../evil.txt")


@fault("member 0: name: its name is empty")
def name_is_empty():
    return named(b"")


@fault("member 0: name: its name is that of the target folder itself")
def name_is_the_folder_itself():
    return named(b".")


@fault("member 0: name: its name is that of the target folder itself")
def name_is_the_folder_itself_with_slashes():
    return named(b"././/")


@fault("member 0: name: a part of its name is longer than 255 bytes")
def name_with_a_part_too_long():
    return named(b"a/" + b"b" * 256)


@fault("member 0: name: its name is too long")
def name_too_long():
    return named(b"a/" * 2049)


@fault("member 0: name: its name is too long")
def name_of_the_greatest_length():
    return named(b"a/" * 32767)


@harmless
def name_with_backslashes_which_are_ordinary():
    return named(b"..\\..\\evil.txt")


@harmless
def name_with_dots_that_lead_nowhere():
    return named(b".../a../..b/...")


@harmless
def name_with_control_characters():
    return named(b"\x1b[2Ja\nb\r\x7f")


@harmless
def name_that_is_no_utf8_in_spite_of_its_flag():
    return named(b"\xff\xfe\xc0\xaf", flags=FLAG_UTF8)


@harmless
def unicode_field_for_another_name():
    return named(b"a.txt", extra=unicode_path(b"b.txt", b"../evil.txt"))


@harmless
def unicode_field_too_short():
    return named(b"a.txt", extra=field(0x7075, struct.pack("<BH", 1, 0)))


@harmless
def unicode_field_without_a_name():
    return named(b"a.txt", extra=unicode_path(b"a.txt", b""))


@harmless
def unicode_field_of_another_version():
    extra = unicode_path(b"a.txt", b"../evil.txt")
    return named(b"a.txt", extra=extra[:4] + b"\2" + extra[5:])


@harmless
def unicode_field_that_is_no_utf8():
    return named(b"a.txt", extra=unicode_path(b"a.txt", b"\xc0\xae\xc0\xae/evil.txt"))


@harmless
def two_members_of_one_name():
    return Archive([Member(b"a.txt", b"hello"), Member(b"a.txt", b"world"), INNOCENT])
