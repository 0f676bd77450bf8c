/* SPDX-License-Identifier: MIT */
/* Validates ELF files: the only place that looks at the bytes of a foreign program file. */
#include "image.h"

#include <libelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Each check returns the static text of its fault, or NULL. */

static bool range_within(uint64_t start, uint64_t nbytes, uint64_t end)
{
    return start <= end && nbytes <= end - start;
}

static const char *check_ident(const unsigned char *ident)
{
    if (memcmp(ident, ELFMAG, SELFMAG) != 0)
        return "not an ELF file";
    if (ident[EI_CLASS] != ELFCLASS32)
        return "not a 32-bit ELF file";
    if (ident[EI_DATA] != ELFDATA2LSB)
        return "not a little-endian ELF file";
    if (ident[EI_VERSION] != EV_CURRENT)
        return "unknown version of ELF in the identification";
    if (ident[EI_OSABI] != ELFOSABI_NONE && ident[EI_OSABI] != ELFOSABI_LINUX)
        return "made for another operating system";
    return NULL;
}

static const char *check_header(const Elf32_Ehdr *header, uint64_t file_nbytes)
{
    uint64_t table_nbytes = (uint64_t)header->e_phnum * sizeof(Elf32_Phdr);

    if (header->e_machine != EM_386)
        return "not for the i386 processor";
    if (header->e_version != EV_CURRENT)
        return "unknown version of ELF in the header";
    if (header->e_type == ET_DYN)
        return "a shared object or position-independent program, not a static one";
    if (header->e_type != ET_EXEC)
        return "not an executable program";
    if (header->e_ehsize != sizeof(Elf32_Ehdr))
        return "wrong size of the ELF header";
    if (header->e_phnum == 0)
        return "no program headers";
    if (header->e_phnum > VX_MAX_PROGRAM_HEADERS)
        return "too many program headers";
    if (header->e_phentsize != sizeof(Elf32_Phdr))
        return "wrong size of a program header";
    if (!range_within(header->e_phoff, table_nbytes, file_nbytes))
        return "program headers outside the file";
    if (header->e_phoff % sizeof(Elf32_Word) != 0)
        return "program headers not aligned";
    return NULL;
}

static const char *check_alignment(const Elf32_Phdr *segment)
{
    if ((segment->p_align & (segment->p_align - 1)) != 0)
        return "alignment of a segment is not a power of two";
    if ((segment->p_offset ^ segment->p_vaddr) % VX32_PAGE_NBYTES != 0)
        return "a segment's address and file offset disagree within a page";
    return NULL;
}

static const char *check_segment(const Elf32_Phdr *segment, uint64_t file_nbytes)
{
    if (!range_within(segment->p_offset, segment->p_filesz, file_nbytes))
        return "a segment outside the file";
    if (segment->p_filesz > segment->p_memsz)
        return "a segment larger in the file than in memory";
    if (segment->p_vaddr < VX32_LOWEST_ADDR)
        return "a segment below the lowest address";
    if (!range_within(segment->p_vaddr, segment->p_memsz, UINT64_C(1) << 32))
        return "a segment that wraps around the address space";
    if (!range_within(segment->p_vaddr, segment->p_memsz, VX_HIGHEST_END_ADDR))
        return "a segment above the highest address";
    if ((segment->p_flags & PF_W) != 0 && (segment->p_flags & PF_X) != 0)
        return "a segment both writable and executable";
    return check_alignment(segment);
}

/* What i386 pages can do: whatever is accessible at all is readable. */
static unsigned permissions_of(const Elf32_Phdr *segment)
{
    unsigned permissions = 0;

    if ((segment->p_flags & (PF_R | PF_W | PF_X)) != 0)
        permissions |= VX32_ACCESS_READ;
    if ((segment->p_flags & PF_W) != 0)
        permissions |= VX32_ACCESS_WRITE;
    if ((segment->p_flags & PF_X) != 0)
        permissions |= VX32_ACCESS_EXECUTE;
    return permissions;
}

static uint32_t first_page(const struct vx_segment *segment)
{
    return segment->addr / VX32_PAGE_NBYTES;
}

static uint32_t last_page(const struct vx_segment *segment)
{
    return (segment->addr + (segment->nbytes - 1)) / VX32_PAGE_NBYTES;
}

/* Whether a page of `segment` would be made both writable and executable by earlier segments. */
static bool page_conflicts(const struct vx32_image *image, const struct vx_segment *segment)
{
    const unsigned both = VX32_ACCESS_WRITE | VX32_ACCESS_EXECUTE;

    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct vx_segment *earlier = &image->segments[i];

        if (last_page(earlier) == first_page(segment) &&
            ((earlier->permissions | segment->permissions) & both) == both)
            return true;
    }
    return false;
}

static const char *add_segment(struct vx32_image *image, const Elf32_Phdr *header)
{
    struct vx_segment *segment = &image->segments[image->segment_count];

    if (header->p_memsz == 0)
        return NULL;
    *segment = (struct vx_segment){
        .addr = header->p_vaddr,
        .nbytes = header->p_memsz,
        .file_nbytes = header->p_filesz,
        .permissions = permissions_of(header),
        .bytes = image->file + header->p_offset,
    };
    if (image->segment_count > 0) {
        const struct vx_segment *before = segment - 1;

        if (segment->addr < before->addr)
            return "segments not in ascending order";
        if (segment->addr - before->addr < before->nbytes)
            return "segments that overlap";
    }
    if (page_conflicts(image, segment))
        return "a page both writable and executable";
    image->segment_count++;
    image->end = (last_page(segment) + 1) * VX32_PAGE_NBYTES;
    return NULL;
}

static const char *add_program_header(struct vx32_image *image, const Elf32_Phdr *header,
                                      uint64_t file_nbytes)
{
    const char *problem;

    switch (header->p_type) {
    case PT_INTERP: return "a program that needs an interpreter (a dynamic linker)";
    case PT_DYNAMIC: return "a dynamically linked program";
    case PT_LOAD:
        problem = check_segment(header, file_nbytes);
        return problem != NULL ? problem : add_segment(image, header);
    default: return NULL; /* notes, thread-local template and the like are the guest's own affair */
    }
}

static const char *check_entry(const struct vx32_image *image)
{
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct vx_segment *segment = &image->segments[i];

        if (image->entry >= segment->addr && image->entry - segment->addr < segment->nbytes)
            return (segment->permissions & VX32_ACCESS_EXECUTE) != 0
                       ? NULL
                       : "entry point in a segment that is not executable";
    }
    return "entry point outside all segments";
}

/* Where the guest finds its own program headers, or 0. */
static vx32_addr find_headers(const struct vx32_image *image, const Elf32_Ehdr *header)
{
    uint64_t nbytes = (uint64_t)header->e_phnum * sizeof(Elf32_Phdr);

    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct vx_segment *segment = &image->segments[i];
        uint64_t start_off = (uint64_t)(segment->bytes - image->file);

        if (header->e_phoff >= start_off &&
            range_within(header->e_phoff - start_off, nbytes, segment->file_nbytes))
            return segment->addr + (header->e_phoff - (uint32_t)start_off);
    }
    return 0;
}

static const char *read_elf(struct vx32_image *image, Elf *elf, uint64_t file_nbytes)
{
    const Elf32_Ehdr *header = elf32_getehdr(elf);
    const Elf32_Phdr *table;
    const char *problem;

    if (header == NULL)
        return "unreadable ELF header";
    problem = check_header(header, file_nbytes);
    if (problem != NULL)
        return problem;
    table = elf32_getphdr(elf);
    if (table == NULL)
        return "unreadable program headers";
    for (uint32_t i = 0; i < header->e_phnum; i++) {
        problem = add_program_header(image, &table[i], file_nbytes);
        if (problem != NULL)
            return problem;
    }
    image->entry = header->e_entry;
    image->header_count = header->e_phnum;
    image->header_addr = find_headers(image, header);
    return check_entry(image);
}

/*
 * elf_version() must come first. It stores the same constant whenever it is called, so that calling
 * it each time needs no once-only state of ours. libelf's error state is per thread and not used.
 */
static const char *read_file(struct vx32_image *image, size_t file_nbytes)
{
    const char *problem;
    Elf *elf;

    if (file_nbytes < sizeof(Elf32_Ehdr))
        return "too short for an ELF file";
    problem = check_ident(image->file);
    if (problem != NULL)
        return problem;
    if (elf_version(EV_CURRENT) == EV_NONE)
        return "libelf is too old";
    elf = elf_memory((char *)image->file, file_nbytes);
    if (elf == NULL)
        return "unreadable ELF file";
    problem = read_elf(image, elf, file_nbytes);
    (void)elf_end(elf);
    return problem;
}

/* The copy is aligned as libelf likes it, and the caller cannot change it behind our checks. */
static struct vx32_image *new_image(const void *elf, size_t nbytes)
{
    struct vx32_image *image = calloc(1, sizeof *image);

    if (image == NULL)
        return NULL;
    image->file = malloc(nbytes > 0 ? nbytes : 1);
    if (image->file == NULL) {
        free(image);
        return NULL;
    }
    if (nbytes > 0)
        memcpy(image->file, elf, nbytes);
    atomic_init(&image->reference_count, 1);
    return image;
}

enum vx32_status vx32_image_parse(const void *elf, size_t nbytes, struct vx32_image **image,
                                  const char **problem)
{
    struct vx32_image *parsed;
    const char *fault;

    if (image == NULL || (elf == NULL && nbytes > 0))
        return VX32_INVALID_ARGUMENT;
    *image = NULL;
    parsed = new_image(elf, nbytes);
    if (parsed == NULL)
        return VX32_NO_MEMORY;
    fault = read_file(parsed, nbytes);
    if (problem != NULL)
        *problem = fault;
    if (fault != NULL) {
        vx32_image_free(parsed);
        return VX32_BAD_IMAGE;
    }
    *image = parsed;
    return VX32_OK;
}

struct vx32_image *vx_image_share(struct vx32_image *image)
{
    atomic_fetch_add_explicit(&image->reference_count, 1, memory_order_relaxed);
    return image;
}

void vx32_image_free(struct vx32_image *image)
{
    if (image == NULL)
        return;
    if (atomic_fetch_sub_explicit(&image->reference_count, 1, memory_order_acq_rel) != 1)
        return;
    free(image->file);
    free(image);
}

vx32_addr vx32_image_entry(const struct vx32_image *image)
{
    return image->entry;
}
