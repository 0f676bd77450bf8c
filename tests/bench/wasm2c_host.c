/* SPDX-License-Identifier: MIT */
/* What a decoder that wasm2c made asks of its system: standard input, standard output, the end. */
#include <decoder.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct Z_wasi_snapshot_preview1_instance_t {
    Z_decoder_instance_t decoder;
};

static uint8_t *memory_of(struct Z_wasi_snapshot_preview1_instance_t *host)
{
    return Z_decoderZ_memory(&host->decoder)->data;
}

static void put(struct Z_wasi_snapshot_preview1_instance_t *host, u32 addr, u32 value)
{
    memcpy(memory_of(host) + addr, &value, sizeof value);
}

/* Reads or writes the first of the pieces at `pieces`; the C library asks again for the rest. */
static u32 transfer(struct Z_wasi_snapshot_preview1_instance_t *host, u32 fd, u32 pieces, u32 count,
                    u32 done, int writes)
{
    u32 piece[2] = {0, 0};
    ssize_t nbytes;

    for (u32 i = 0; i < count && piece[1] == 0; i++)
        memcpy(piece, memory_of(host) + pieces + 8 * i, sizeof piece);
    nbytes = writes ? write((int)fd, memory_of(host) + piece[0], piece[1])
                    : read((int)fd, memory_of(host) + piece[0], piece[1]);
    put(host, done, nbytes < 0 ? 0 : (u32)nbytes);
    return nbytes < 0 ? 29 : 0; /* EIO */
}

u32 Z_wasi_snapshot_preview1Z_fd_read(struct Z_wasi_snapshot_preview1_instance_t *host, u32 fd,
                                      u32 pieces, u32 count, u32 done)
{
    return transfer(host, fd, pieces, count, done, 0);
}

u32 Z_wasi_snapshot_preview1Z_fd_write(struct Z_wasi_snapshot_preview1_instance_t *host, u32 fd,
                                       u32 pieces, u32 count, u32 done)
{
    return transfer(host, fd, pieces, count, done, 1);
}

/* Only messages, at the end. */
u32 Z_wasi_snapshot_preview1Z_fd_close(struct Z_wasi_snapshot_preview1_instance_t *host, u32 fd);
u32 Z_wasi_snapshot_preview1Z_fd_seek(struct Z_wasi_snapshot_preview1_instance_t *host, u32 fd,
                                      u64 offset, u32 from, u32 position);

u32 Z_wasi_snapshot_preview1Z_fd_close(struct Z_wasi_snapshot_preview1_instance_t *host, u32 fd)
{
    (void)host;
    (void)fd;
    return 0;
}

u32 Z_wasi_snapshot_preview1Z_fd_seek(struct Z_wasi_snapshot_preview1_instance_t *host, u32 fd,
                                      u64 offset, u32 from, u32 position)
{
    (void)host;
    (void)fd;
    (void)offset;
    (void)from;
    (void)position;
    return 70; /* ESPIPE */
}

u32 Z_wasi_snapshot_preview1Z_args_sizes_get(struct Z_wasi_snapshot_preview1_instance_t *host,
                                             u32 count, u32 nbytes)
{
    put(host, count, 1);
    put(host, nbytes, 2);
    return 0;
}

u32 Z_wasi_snapshot_preview1Z_args_get(struct Z_wasi_snapshot_preview1_instance_t *host,
                                       u32 arguments, u32 text)
{
    put(host, arguments, text);
    memcpy(memory_of(host) + text, "d", 2);
    return 0;
}

void Z_wasi_snapshot_preview1Z_proc_exit(struct Z_wasi_snapshot_preview1_instance_t *host,
                                         u32 status)
{
    (void)host;
    exit((int)status);
}

int main(void)
{
    static struct Z_wasi_snapshot_preview1_instance_t host;

    wasm_rt_init();
    Z_decoder_init_module();
    Z_decoder_instantiate(&host.decoder, &host);
    Z_decoderZ__start(&host.decoder);
    return 0;
}
