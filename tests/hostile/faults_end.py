# SPDX-License-Identifier: MIT
"""Faults of the end records and of the central directory as a whole: no archive is opened."""
from archive import ALL_ONES_16, ALL_ONES_32, ALL_ONES_64, Archive, END, Member, encode, zip64_field
from fault import INNOCENT, fault, harmless

DISKS = "archive: unsupported: archives of several disks are not read"
NO_END = "archive: not zip: no end record: this is not a ZIP archive, or its end is missing"
BEYOND = "archive: data: its directory is said to lie beyond its end record"
DISAGREE = "archive: data: its end record and zip64 record disagree"
TWO_ENDS = "archive: data: it has two end records"
NO_END64 = "archive: data: its zip64 end record is missing or damaged"
OTHER = Member(b"a name that is long enough to make room for one more entry of the directory",
               b"hello")


def two(**rest):
    return Archive([OTHER, INNOCENT], **rest)


# ---- the end record ----

@fault("archive: not zip: it is too short for a ZIP archive")
def empty_file():
    return b""


@fault(NO_END)
def no_zip_at_all():
    return b"This is a text, and no archive of any kind."


@fault(NO_END)
def end_record_truncated():
    return two().bytes()[:-1]


@fault(NO_END)
def end_record_missing():
    return two().bytes()[:-22]


@fault(NO_END)
def comment_length_beyond_the_file():
    return two(end={"comment_nbytes": 1}).bytes()


@fault(NO_END)
def comment_truncated():
    return two(comment=b"a comment").bytes()[:-1]


@fault("warning: 3 bytes after the end of the archive")
def comment_length_too_short():
    return two(comment=b"a comment", end={"comment_nbytes": 6})


@fault("warning: 17 bytes after the end of the archive")
def bytes_behind_the_end():
    return two(trailing=b"seventeen bytes!!")


@fault("warning: 11 bytes stand in front of the archive")
def bytes_in_front():
    return two(prefix=b"#!/bin/sh\n\n")


@harmless
def comment_of_the_greatest_length():
    return two(comment=bytes(ALL_ONES_16))


@harmless
def no_members():
    return Archive([])


def end_record(comment_nbytes):
    return encode(END, {"signature": 0x06054B50, "disk": 0, "directory_disk": 0, "disk_entries": 0,
                        "entries": 0, "directory_nbytes": 0, "directory_off": 0,
                        "comment_nbytes": comment_nbytes})


@fault(TWO_ENDS)
def end_record_in_the_comment():
    return two(comment=end_record(0)).bytes()


@fault(TWO_ENDS)
def end_record_in_the_comment_with_bytes_behind():
    return two(comment=end_record(0) + b"behind").bytes()


@fault(DISKS)
def disk_number_not_zero():
    return two(end={"disk": 1}).bytes()


@fault(DISKS)
def directory_on_another_disk():
    return two(end={"directory_disk": 1}).bytes()


@fault(DISKS)
def fewer_entries_on_this_disk():
    return two(end={"disk_entries": 1}).bytes()


@fault("archive: unsupported: entry 1 of its directory lies on another disk")
def member_on_another_disk():
    return Archive([Member(b"a.txt", b"hello", disk=1), INNOCENT]).bytes()


# ---- the directory's place and counts ----

@fault(BEYOND)
def directory_offset_beyond_the_file():
    return two(end={"directory_off": 0x7FFFFFFF}).bytes()


@fault(BEYOND)
def directory_offset_one_too_many():
    whole = two()
    off = len(whole.bytes()) - 22 - sum(len(m.central_bytes(0)) for m in whole.members)
    return two(end={"directory_off": off + 1}).bytes()


@fault(BEYOND)
def directory_size_beyond_the_file():
    return two(end={"directory_nbytes": 0x7FFFFFFF}).bytes()


@fault("archive: data: entry 1 of its directory is missing")
def directory_size_one_too_few():
    nbytes = sum(len(m.central_bytes(0)) for m in two().members)
    return two(end={"directory_nbytes": nbytes - 1}).bytes()


@fault("archive: data: 60000 members cannot fit in its directory of 179 bytes")
def too_many_members_claimed():
    return two(end={"entries": 60000, "disk_entries": 60000}).bytes()


@fault("archive: data: entry 3 of its directory is missing")
def one_member_too_many_claimed():
    return two(end={"entries": 3, "disk_entries": 3}).bytes()


@fault("archive: data: its directory has 58 bytes too many")
def one_member_too_few_claimed():
    return two(end={"entries": 1, "disk_entries": 1}).bytes()


@fault("archive: data: entry 1 of its directory is missing")
def bytes_between_directory_and_end():
    return two(gap=b"gap").bytes()


@fault("archive: data: entry 2 of its directory is missing")
def central_signature_damaged():
    return Archive([OTHER, Member(b"a.txt", central={"signature": 0x02014B51})]).bytes()


@fault("archive: data: entry 3 of its directory is missing")
def last_central_entry_truncated():
    nbytes = sum(len(m.central_bytes(0)) for m in two().members)
    return two(gap=b"PK\1\2", end={"entries": 3, "disk_entries": 3,
                                   "directory_nbytes": nbytes + 4}).bytes()


LONGER = "archive: data: entry 1 of its directory is longer than the directory"


@fault(LONGER)
def central_name_length_overruns():
    return Archive([Member(b"a.txt", central={"name_nbytes": 500})]).bytes()


@fault(LONGER)
def central_extra_length_overruns():
    return Archive([Member(b"a.txt", central={"extra_nbytes": 1})]).bytes()


@fault(LONGER)
def central_comment_length_overruns():
    return Archive([Member(b"a.txt", central={"comment_nbytes": ALL_ONES_16})]).bytes()


@fault("archive: data: entry 2 of its directory is missing")
def central_name_length_eats_the_next_entry():
    return Archive([Member(b"a.txt", central={"name_nbytes": 6}), INNOCENT]).bytes()


@fault("archive: data: entry 2 of its directory is missing")
def central_name_length_too_short():
    return Archive([Member(b"a.txt", central={"name_nbytes": 4}), INNOCENT]).bytes()


BEHIND = "archive: data: entry 1 of its directory points behind the members"


@fault(BEHIND)
def member_offset_beyond_the_file():
    return Archive([Member(b"a.txt", central={"local_off": 0x7FFFFFFF}), INNOCENT]).bytes()


@fault(BEHIND)
def member_offset_in_the_directory():
    body = Archive([INNOCENT]).members[0].local_bytes()
    return Archive([Member(b"a.txt", at=len(body) - 29), INNOCENT]).bytes()


@fault(BEHIND)
def member_offset_where_there_are_no_members():
    return Archive([Member(b"a.txt", at=0)]).bytes()


# ---- zip64 ----

def all_ones_end():
    return {"disk": ALL_ONES_16, "directory_disk": ALL_ONES_16, "disk_entries": ALL_ONES_16,
            "entries": ALL_ONES_16, "directory_nbytes": ALL_ONES_32, "directory_off": ALL_ONES_32}


@harmless
def zip64_end_record_instead():
    return two(end64={}, end=all_ones_end())


@harmless
def zip64_end_record_beside_the_other():
    return two(end64={})


@fault("warning: 5 bytes stand in front of the archive")
def zip64_end_record_behind_a_prefix():
    return two(end64={}, end=all_ones_end(), prefix=b"front")


@harmless
def zip64_end_record_with_further_data():
    return two(end64={"record_nbytes": 44 + 8}, end64_gap=bytes(8), end=all_ones_end())


@fault(BEYOND)
def zip64_end_record_needed_and_missing():
    return two(end={"directory_off": ALL_ONES_32}).bytes()


@fault(NO_END64)
def zip64_locator_beyond_the_file():
    return two(end64={}, locator={"end_off": ALL_ONES_64}, end64_gap=b"-").bytes()


@fault(NO_END64)
def zip64_end_record_signature_damaged():
    return two(end64={"signature": 0x06064B51}).bytes()


@fault(NO_END64)
def zip64_end_record_too_long():
    return two(end64={"record_nbytes": ALL_ONES_64}).bytes()


@fault(NO_END64)
def zip64_end_record_too_short():
    return two(end64={"record_nbytes": 43}).bytes()


@fault("archive: data: its directory and its zip64 record are not where they are said to be")
def zip64_locator_counts_from_elsewhere_than_the_directory():
    nbytes = len(two().bytes()) - 22
    return two(end64={}, prefix=b"front", locator={"end_off": nbytes + 5}).bytes()


@fault(DISKS)
def zip64_locator_names_two_disks():
    return two(end64={}, locator={"disks": 2}).bytes()


@fault(DISKS)
def zip64_locator_names_disk_one():
    return two(end64={}, locator={"disk": 1}).bytes()


@fault(DISKS)
def zip64_end_record_on_disk_one():
    return two(end64={"disk": 1}, end=all_ones_end()).bytes()


@fault(DISAGREE)
def zip64_end_record_with_another_count():
    return two(end64={"entries": 1}).bytes()


@fault(DISAGREE)
def zip64_end_record_with_another_size():
    return two(end64={"directory_nbytes": 46}).bytes()


@fault(DISAGREE)
def zip64_end_record_with_another_offset():
    return two(end64={"directory_off": 1}).bytes()


@fault("archive: data: 18446744073709551615 members cannot fit in its directory of 179 bytes")
def zip64_count_of_all_ones():
    return two(end64={"entries": ALL_ONES_64, "disk_entries": ALL_ONES_64},
               end=all_ones_end()).bytes()


@fault(BEYOND)
def zip64_directory_size_of_all_ones():
    return two(end64={"directory_nbytes": ALL_ONES_64}, end=all_ones_end()).bytes()


@fault(BEYOND)
def zip64_directory_offset_of_all_ones():
    return two(end64={"directory_off": ALL_ONES_64}, end=all_ones_end()).bytes()


@fault(BEYOND)
def zip64_directory_offset_and_size_wrap_around():
    nbytes = sum(len(m.central_bytes(0)) for m in two().members)
    return two(end64={"directory_off": ALL_ONES_64 - nbytes + 1}, end=all_ones_end()).bytes()


@fault(BEHIND)
def zip64_member_offset_of_all_ones():
    return Archive([Member(b"a.txt", central={"local_off": ALL_ONES_32,
                                              "extra": zip64_field(ALL_ONES_64)})]).bytes()


@fault("archive: data: entry 1 of its directory has a damaged zip64 field")
def zip64_field_too_short():
    return Archive([Member(b"a.txt", central={
        "size": ALL_ONES_32, "compressed_size": ALL_ONES_32, "extra": zip64_field(5)})]).bytes()


@fault("archive: data: entry 1 of its directory has a damaged zip64 field")
def zip64_field_doubled():
    return Archive([Member(b"a.txt", b"hello", central={
        "size": ALL_ONES_32, "extra": zip64_field(5) + zip64_field(6)})]).bytes()
