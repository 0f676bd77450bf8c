/* SPDX-License-Identifier: MIT */
/* SHA-256 against the published examples and at every length around its block borders. */
#include "support/test.h"

#include "sha256.h"

#include <stdlib.h>
#include <string.h>

static void check_text(const void *data, size_t nbytes, const char *expected)
{
    uint8_t digest[32];
    char text[65];

    vxa_sha256(data, nbytes, digest);
    vxa_hex32(digest, text);
    CHECK(strcmp(text, expected) == 0);
}

static void the_empty_message_has_its_digest(void)
{
    check_text(NULL, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* FIPS 180-2, appendix B. */
static void the_examples_of_the_standard_have_their_digests(void)
{
    char *million = malloc(1000000);

    check_text("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(million != NULL);
    if (!million)
        return;
    memset(million, 'a', 1000000);
    check_text(million, 1000000,
               "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(million);
}

/* The digest of the digests of 0 to 256 bytes 0, 1, 2, ...; exact buffers, so that a sanitizer
 * sees every byte too many. Reference: Python's hashlib. */
static void every_length_around_the_block_borders_is_right(void)
{
    uint8_t digests[257][32];

    for (size_t nbytes = 0; nbytes < 257; nbytes++) {
        uint8_t *data = malloc(nbytes + !nbytes);

        for (size_t i = 0; data && i < nbytes; i++)
            data[i] = (uint8_t)i;
        vxa_sha256(data, nbytes, digests[nbytes]);
        free(data);
    }
    check_text(digests, sizeof digests,
               "35970715cb0d62a006d72921e886dd4ea67151affe64b55164397fe5bb5c1730");
}

int main(void)
{
    RUN(the_empty_message_has_its_digest);
    RUN(the_examples_of_the_standard_have_their_digests);
    RUN(every_length_around_the_block_borders_is_right);
    return test_report();
}
