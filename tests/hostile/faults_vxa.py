# SPDX-License-Identifier: MIT
"""Faults of VXA blocks, of decoders, and of what decoders do."""
import hashlib
import struct
import zlib

import programs
from archive import Archive, Member, deflate, field
from fault import INNOCENT, fault, harmless

VXA_ID = 0x5856
VXA_METHOD = 0x5856
KIND_MEMBER, KIND_DECODER = 1, 2
REQUIRED, ORIGINAL_CODED = 1, 2
SIZE, CRC, MEDIA_TYPE, SUFFIX, CODEC, ARGUMENTS = 1, 2, 3, 4, 6, 7
HELLO = b"hello, hello, hello, hello"
NO_HASH = bytes(32)


def digest(elf):
    return hashlib.sha256(elf).digest()


def item(number, data, length=None):
    return struct.pack("<BH", number, len(data) if length is None else length) + data


def block(sha256=NO_HASH, kind=KIND_MEMBER, flags=0, items=b"", signature=b"VXA1", reserved=0):
    return field(VXA_ID, signature + struct.pack("<BBH", kind, flags, reserved) + sha256 + items)


def decoder(elf, sha256=None, name=b".vxa/tiny-0123456789abcdef.elf", method=8, **rest):
    return Member(name, elf, method=method, **{
        "extra": block(digest(elf) if sha256 is None else sha256, KIND_DECODER), **rest})


def coded(sha256, data=HELLO, flags=REQUIRED, items=b"", **rest):
    """A member that only the decoder with this hash can read."""
    return Member(b"coded.txt", data, extra=block(sha256, flags=flags, items=items),
                  **{"method": VXA_METHOD, **rest})


def decoded_by(elf, **rest):
    """Decoder, then a member coded for it, then an innocent one."""
    return Archive([decoder(elf), coded(digest(elf), **rest), INNOCENT])


# ---- blocks: a reader that does not understand one does not use it ----

def with_block(extra, **rest):
    return Archive([Member(b"a.txt", b"hello", extra=extra, **rest), INNOCENT])


NOT_USED = "member 0: block not used"


@fault(NOT_USED)
def block_doubled():
    return with_block(block() + block())


@fault(NOT_USED)
def block_doubled_with_another_field_between():
    return with_block(block() + field(0x5455, b"\1\0\0\0\0") + block())


@fault(NOT_USED)
def block_empty():
    return with_block(field(VXA_ID, b""))


@fault(NOT_USED)
def block_one_byte_too_short():
    return with_block(field(VXA_ID, block()[4:-1]))


@fault(NOT_USED)
def block_longer_than_the_extra_field():
    return with_block(field(VXA_ID, block()[4:], length=41))


@fault(NOT_USED)
def block_with_another_signature():
    return with_block(block(signature=b"VXA2"))


@fault(NOT_USED)
def block_of_kind_zero():
    return with_block(block(kind=0))


@fault(NOT_USED)
def block_of_kind_three():
    return with_block(block(kind=3))


@fault(NOT_USED)
def block_with_an_unknown_flag():
    return with_block(block(flags=4))


@fault(NOT_USED)
def block_with_all_flags():
    return with_block(block(flags=0xFF))


@fault(NOT_USED)
def block_with_a_reserved_bit():
    return with_block(block(reserved=0x8000))


@fault(NOT_USED)
def block_with_an_unknown_obligation():
    return with_block(block(items=item(0x80, b"")))


@harmless
def block_with_an_unknown_item():
    return with_block(block(items=item(0x7F, b"anything") + item(0x7E, b"")))


@fault(NOT_USED)
def block_item_header_truncated():
    return with_block(block(items=b"\6\1"))


@fault(NOT_USED)
def block_item_overruns():
    return with_block(block(items=item(CODEC, b"tiny", length=5)))


@fault(NOT_USED)
def block_item_of_the_greatest_length():
    return with_block(block(items=item(CODEC, b"tiny", length=0xFFFF)))


@fault(NOT_USED)
def block_item_doubled():
    return with_block(block(items=item(CODEC, b"one") + item(CODEC, b"two")))


@fault(NOT_USED)
def block_decoded_size_too_short():
    return with_block(block(items=item(SIZE, bytes(7))))


@fault(NOT_USED)
def block_decoded_crc_too_long():
    return with_block(block(items=item(CRC, bytes(5))))


@fault(NOT_USED)
def block_text_with_a_nul():
    return with_block(block(items=item(CODEC, b"ti\0ny")))


@fault(NOT_USED)
def block_text_with_control_characters():
    return with_block(block(items=item(CODEC, b"\x1b[2J")))


@fault(NOT_USED)
def block_text_too_long():
    return with_block(block(items=item(MEDIA_TYPE, b"a" * 128)))


@fault(NOT_USED)
def block_suffix_that_leads_elsewhere():
    return with_block(block(items=item(SUFFIX, b"/../evil")))


@fault(NOT_USED)
def block_suffix_without_a_dot():
    return with_block(block(items=item(SUFFIX, b"evil")))


@fault(NOT_USED)
def block_arguments_too_long():
    return with_block(block(items=item(ARGUMENTS, b"a" * 4097)))


@harmless
def block_only_in_the_directory():
    return with_block(b"", central={"extra": block()})


@harmless
def block_only_in_the_local_header():
    return with_block(b"", local={"extra": block()})


@fault("member 0: data: its local header and the directory differ in the VXA block")
def block_with_another_hash_in_the_local_header():
    return with_block(block(), local={"extra": block(b"\1" * 32)})


# ---- decoders as members ----

TINY = programs.COPIES
MISSING = ("member 1: no decoder: its decoder is missing: codec not named, SHA-256 "
           + digest(b"").hex())
WRONG = "data: its SHA-256 is not the one that it states"
DAMAGED = "member 1: data: its decoder in the archive is damaged"


@harmless
def decoder_that_copies():
    return decoded_by(TINY)


@harmless
def decoder_behind_its_member():
    return Archive([coded(digest(TINY)), decoder(TINY)])


@harmless
def decoder_stored():
    return Archive([decoder(TINY, method=0), coded(digest(TINY))])


@fault(MISSING)
def decoder_missing():
    return Archive([decoder(TINY), coded(digest(b"")), INNOCENT])


@fault(MISSING)
def decoder_not_marked_as_one():
    elf = Member(b".vxa/tiny.elf", b"", extra=block(digest(b"")))
    return Archive([elf, coded(digest(b"")), INNOCENT])


@fault("member 0: " + WRONG,
       "member 1: data: its decoder in the archive does not have the hash that it claims")
def decoder_with_another_hash():
    return Archive([decoder(TINY, sha256=digest(b"")), coded(digest(b"")), INNOCENT])


@fault("member 0: " + WRONG)
def decoder_with_another_hash_in_front_of_the_right_one():
    elf = programs.EXITS_AT_ONCE
    return Archive([decoder(elf, sha256=digest(TINY)), decoder(TINY), coded(digest(TINY))])


@harmless
def decoder_twice():
    return Archive([decoder(TINY), decoder(TINY), coded(digest(TINY))])


@fault("member 0: data: its deflate stream is damaged", DAMAGED)
def decoder_deflate_stream_damaged():
    return Archive([decoder(TINY, coded=b"\7" + deflate(TINY)[1:]), coded(digest(TINY))])


@fault("member 0: data: its deflate stream is damaged", DAMAGED)
def decoder_deflate_stream_truncated():
    return Archive([decoder(TINY, coded=deflate(TINY)[:-1]), coded(digest(TINY))])


@fault("member 0: data: its deflate stream is damaged", DAMAGED)
def decoder_deflate_stream_without_an_end():
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return Archive([decoder(TINY, coded=stream.compress(TINY) + stream.flush(zlib.Z_SYNC_FLUSH)),
                    coded(digest(TINY))])


@fault("member 0: data: its deflate stream is damaged", DAMAGED)
def decoder_deflate_stream_with_bytes_behind():
    return Archive([decoder(TINY, coded=deflate(TINY) + b"!"), coded(digest(TINY))])


@fault("member 0: data: its deflate stream is damaged", DAMAGED)
def decoder_without_bytes():
    return Archive([decoder(TINY, coded=b""), coded(digest(TINY))])


@fault("member 0: data: it decodes to more than its 100 bytes", DAMAGED)
def decoder_longer_than_declared():
    return Archive([decoder(TINY, size=100), coded(digest(TINY))])


@fault("member 0: data: it decodes to 143 bytes instead of 200", DAMAGED)
def decoder_shorter_than_declared():
    return Archive([decoder(TINY, size=200), coded(digest(TINY))])


@fault("member 0: data: bad CRC-32: %08x instead of 00000001" % decoder(TINY).central["crc"])
def decoder_with_another_crc():
    return Archive([decoder(TINY, crc=1), coded(digest(TINY))])


@fault("member 0: limit: it is too large for a decoder",
       "member 1: limit: its decoder in the archive is larger than 16 MiB")
def decoder_of_a_gigabyte():
    return Archive([decoder(TINY, size=1 << 30), coded(digest(TINY))])


@fault("member 0: unsupported: encrypted members are not read",
       "member 1: unsupported: encrypted members are not read")
def decoder_encrypted():
    return Archive([decoder(TINY, flags=1), coded(digest(TINY))])


@fault("member 0: data: a decoder must be deflated or stored",
       "member 1: unsupported: its decoder in the archive is compressed with method 22614")
def decoder_that_needs_a_decoder():
    return Archive([decoder(TINY, method=VXA_METHOD), coded(digest(TINY))])


@fault("member 0: data: its local header and the directory differ in the name",
       "member 1: data: its local header and the directory differ in the name")
def decoder_with_another_local_name():
    return Archive([decoder(TINY, local={"name": b".vxa/other-123456789abcdef.elf"}),
                    coded(digest(TINY))])


# ---- decoders that are no programs ----

UNUSABLE = "member 1: decoder: its decoder cannot be used: "


@fault(UNUSABLE + "not an ELF file")
def decoder_that_is_a_text():
    return decoded_by(b"#!/bin/sh\nexec rm -rf ~\n" + bytes(100))


@fault(UNUSABLE + "too short for an ELF file")
def decoder_that_is_empty():
    return decoded_by(b"")


@fault(UNUSABLE + "not for the i386 processor")
def decoder_for_another_processor():
    return decoded_by(programs.elf(b"", machine=62))


@fault(UNUSABLE + "a segment outside the file")
def decoder_truncated():
    return decoded_by(TINY[:-1])


# ---- decoders that do wrong ----

TRAPPED = "member 1: decoder: its decoder trapped: "


@fault(TRAPPED + "#UD invalid opcode at eip 0x08048054, `ud2`")
def decoder_executes_nonsense():
    return decoded_by(programs.EXECUTES_NONSENSE)


@fault(TRAPPED + "#PF page fault at eip 0x08048054, `mov eax, dword ptr [0x10]`, "
       "reading address 0x00000010")
def decoder_reads_nowhere():
    return decoded_by(programs.READS_NOWHERE)


@fault(TRAPPED + "#PF page fault at eip 0x08048054, `mov dword ptr [0x8048054], eax`, "
       "writing address 0x08048054")
def decoder_writes_its_code():
    return decoded_by(programs.WRITES_ITS_CODE)


@fault(TRAPPED + "#DE divide error at eip 0x08048056, `div ecx`")
def decoder_divides_by_zero():
    return decoded_by(programs.DIVIDES_BY_ZERO)


@fault(TRAPPED + "#PF page fault at eip 0x0ffff000, `nop`, executing address 0x0ffff000")
def decoder_executes_its_stack():
    return decoded_by(programs.EXECUTES_ITS_STACK)


@fault(TRAPPED + "#PF page fault at eip 0x08049000, `(unmapped)`, executing address 0x08049000")
def decoder_runs_off_its_end():
    return decoded_by(programs.RUNS_OFF_ITS_END)


@fault(TRAPPED + "#PF page fault at eip 0x08048054, `call 0x8048054`, writing address 0x0f7ffffc")
def decoder_recurses_for_ever():
    return decoded_by(programs.RECURSES_FOR_EVER)


FUEL = "member 1: limit: its decoder executed more than the 5000000 instructions allowed"


@fault(FUEL)
def decoder_loops_for_ever():
    return decoded_by(programs.LOOPS_FOR_EVER)


@fault("member 1: data: it decodes to more than its 26 bytes")
def decoder_writes_for_ever():
    return decoded_by(programs.WRITES_FOR_EVER)


@fault(FUEL)
def decoder_talks_for_ever():
    return decoded_by(programs.TALKS_FOR_EVER)


@fault(FUEL)
def decoder_fills_memory_for_ever():
    return decoded_by(programs.FILLS_MEMORY_FOR_EVER)


@fault(FUEL)
def decoder_maps_and_unmaps_for_ever():
    return decoded_by(programs.MAPS_AND_UNMAPS_FOR_EVER)


@fault(FUEL)
def decoder_maps_uses_and_unmaps_for_ever():
    return decoded_by(programs.MAPS_USES_AND_UNMAPS_FOR_EVER)


@fault(FUEL)
def decoder_moves_its_break_for_ever():
    return decoded_by(programs.MOVES_ITS_BREAK_FOR_EVER)


@fault(FUEL)
def decoder_reads_much_for_ever():
    return decoded_by(programs.READS_MUCH_FOR_EVER)


@fault(FUEL)
def decoder_says_much_for_ever():
    return decoded_by(programs.SAYS_MUCH_FOR_EVER)


@fault("member 1: data: its decoder reports an error (status 7)")
def decoder_maps_all_memory():
    return decoded_by(programs.MAPS_ALL_MEMORY)


@fault("member 1: data: its decoder reports an error (status 4)")
def decoder_asks_for_files_and_gets_none():
    return decoded_by(programs.ASKS_FOR_FILES)


@fault("member 1: data: its decoder reports an error (status 14)")
def decoder_writes_from_nowhere():
    return decoded_by(programs.WRITES_FROM_NOWHERE)


@fault("member 1: data: its decoder reports an error (status 1): bad ?[2Jdata")
def decoder_says_control_characters():
    return decoded_by(programs.says(b"\nbad \x1b[2Jdata\nsecond line", 1))


@fault("member 1: data: its decoder reports an error (status 255): " + "a" * 200)
def decoder_says_too_much():
    return decoded_by(programs.says(b"a" * 5000, 255))


@fault("member 1: limit: its decoder needs more than the 256 MiB of memory allowed")
def decoder_says_that_memory_is_short():
    return decoded_by(programs.says(b"out of memory\n", 3))


@fault("member 1: data: it decodes to 0 bytes instead of 26")
def decoder_exits_at_once():
    return decoded_by(programs.EXITS_AT_ONCE)


@fault("member 1: data: its coded bytes go on after their end")
def decoder_leaves_its_input_unread():
    elf = programs.EXITS_AT_ONCE
    return Archive([decoder(elf), coded(digest(elf), data=b"", coded=b"unread"), INNOCENT])


@fault("member 1: data: it decodes to more than its 10 bytes")
def decoded_size_too_small():
    return decoded_by(TINY, size=10)


@fault("member 1: data: it decodes to 26 bytes instead of 549755813888")
def decoded_size_of_half_the_largest_total():
    extra = field(1, (1 << 39).to_bytes(8, "little")) + block(digest(TINY), flags=REQUIRED)
    return Archive([decoder(TINY), Member(b"coded.txt", HELLO, method=VXA_METHOD, extra=extra,
                                          size=0xFFFFFFFF), INNOCENT])


@fault("member 1: data: bad CRC-32: %08x instead of 00000001" % coded(NO_HASH).central["crc"])
def decoded_crc_differs():
    return decoded_by(TINY, crc=1)


# ---- already coded files: the second form ----

def already_coded(items):
    return decoded_by(TINY, flags=ORIGINAL_CODED, method=0, items=items)


def right_items(size=len(HELLO), crc=coded(NO_HASH).central["crc"]):
    return item(SIZE, struct.pack("<Q", size)) + item(CRC, struct.pack("<I", crc))


@harmless
def already_coded_file():
    return already_coded(right_items())


@fault("member 1: data: size and CRC-32 of its decoded form are not given")
def already_coded_file_without_a_size():
    return already_coded(b"")


@fault("member 1: data: it decodes to more than its 25 bytes")
def already_coded_file_decodes_to_more():
    return already_coded(right_items(size=25))


@fault("member 1: data: it decodes to 26 bytes instead of 27")
def already_coded_file_decodes_to_less():
    return already_coded(right_items(size=27))


@fault("member 1: data: bad CRC-32: %08x instead of 00000001" % coded(NO_HASH).central["crc"])
def already_coded_file_with_another_crc():
    return already_coded(right_items(crc=1))
