/* The crypto module of the guest library, inside the real engine: published vectors and what must
 * be refused (tests/data/crypto/vectors.json, which tests/clients/crypto checks a second way), what
 * it costs in bytes, and what a count of instructions tells of a secret. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/fd.h"
#include "lib/codec/hex.h"
#include "lib/codec/json_read.h"
#include "lib/codec/json_write.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"
#include "tests/e2e/cli_run.h"
#include "tests/harness/test.h"

static const char VECTORS[] = "tests/data/crypto/vectors.json";
static const char *const BOTH[] = {"", ".p2"};

enum { VECTORS_MIN = 190, SECRETS = 8, SECRET_BYTES = 64 };

static ol_str out_of(const cli_result *r)
{
    return ol_buf_str(&r->out);
}

/* Writes bytes into a file of the test's folder. */
static void save(const char *name, ol_bytes bytes, char path[static 4096])
{
    ol_err err = {0};
    (void)snprintf(path, 4096, "%s/%s", cli_folder(), name);
    CHECK_OK(ol_file_save(path, bytes, 0600, &err));
}

/* ---- vectors */

static void load_vectors(ol_buf *text, ol_json *ret)
{
    ol_err err = {0};
    CHECK_OK(ol_file_load(VECTORS, text, &err));
    CHECK_OK(ol_json_parse(ol_buf_str(text), ret, &err));
    CHECK(ol_json_count(ret) >= VECTORS_MIN);
}

/* The calls alone, as the guest takes them. */
static void save_calls(const ol_json *vectors, char path[static 4096])
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_MIB(4));
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json vector, call;
    ol_json_array_begin(&w);
    for (ol_json_iter it = ol_json_iterate(vectors); ol_json_next_item(&it, &vector);) {
        CHECK(ol_json_find(&vector, OL_STR("call"), &call));
        ol_json_add_raw(&w, call.raw);
    }
    ol_json_array_end(&w);
    save("calls.json", ol_buf_bytes(&text), path);
}

static void check_answers(const ol_json *vectors, ol_str printed, const char *kind)
{
    ol_json answers, vector, got, want, source;
    ol_err err = {0};
    CHECK_OK(ol_json_parse(printed, &answers, &err));
    ol_json_iter answer = ol_json_iterate(&answers);
    for (ol_json_iter it = ol_json_iterate(vectors); ol_json_next_item(&it, &vector);) {
        char row[256];
        CHECK(ol_json_find(&vector, OL_STR("answer"), &want) &&
              ol_json_find(&vector, OL_STR("source"), &source));
        (void)snprintf(row, sizeof row, "%.*s%s", OL_FMT(source.raw), kind);
        CHECK_ROW(ol_json_next_item(&answer, &got), row);
        CHECK_STR_ROW(got.raw, want.raw, row);
    }
    CHECK(!ol_json_next_item(&answer, &got));
}

TEST("published vectors hold inside of a run, and what must be refused is refused")
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_MIB(4));
    ol_json vectors;
    char calls[4096];
    load_vectors(&text, &vectors);
    save_calls(&vectors, calls);
    OL_EACH (kind, BOTH) {
        OL_AUTO(cli_result)
        r = cli_shell("outlayer test -q guests/guest-crypto%s.wasm --input-file %s", *kind, calls);
        CHECK_EQ_ROW(r.exit, 0, *kind);
        check_answers(&vectors, out_of(&r), *kind);
    }
}

/* ---- bytes */

static int64_t size_of(const char *inside)
{
    char path[4096];
    struct stat about;
    (void)snprintf(path, sizeof path, "%s/%s", getenv("OL_WASM"), inside);
    CHECK_ROW(stat(path, &about) == 0, inside);
    return about.st_size;
}

TEST("a program pays for what it calls: SHA-256 is less than 7 KB more than echo, which pays "
     "nothing")
{
    int64_t echo = size_of("examples/echo.wasm"), sha256 = size_of("guests/guest-sha256.wasm");
    CHECK(echo <= 5 * 1024);
    CHECK(sha256 > echo && sha256 - echo < 7 * 1024);
    CHECK(size_of("guests/guest-crypto.wasm") < 256 * 1024);
}

TEST("the smallest program of the module hashes what comes in")
{
    OL_EACH (kind, BOTH) {
        OL_AUTO(cli_result)
        r = cli_shell("outlayer test -q guests/guest-sha256%s.wasm --input abc | "
                      "head -c 32 | od -An -v -tx1 | tr -d ' \\n'",
                      *kind);
        ol_sha256_hex want = ol_sha256_hex_of(ol_str_bytes(OL_STR("abc")));
        CHECK_STR_ROW(out_of(&r), ol_sha256_hex_str(&want), *kind);
    }
}

/* ---- what instructions tell */

/* Those the header promises something of, and base58, of which it does not. */
static const char OPERATIONS[] = "hHkepsXxcCb", NOT_STEADY = 'b';

/* All zeroes, all ones, and some of the kernel's. */
static void secret_make(int number, uint8_t ret[static SECRET_BYTES])
{
    if (number < 2)
        memset(ret, number == 0 ? 0 : 0xff, SECRET_BYTES);
    else
        ol_random_fill(ol_random_kernel(), ret, SECRET_BYTES);
}

/* A case for each operation and secret, as `outlayer test --fixtures` reads them. */
static void save_cases(void)
{
    for (const char *operation = OPERATIONS; *operation != '\0'; operation++) {
        for (int i = 0; i < SECRETS; i++) {
            char name[32], path[4096];
            uint8_t input[1 + SECRET_BYTES] = {(uint8_t)*operation};
            secret_make(i, input + 1);
            (void)snprintf(name, sizeof name, "%c-%d.in", *operation, i);
            save(name, (ol_bytes){input, sizeof input}, path);
            (void)snprintf(name, sizeof name, "%c-%d.out", *operation, i);
            save(name, ol_str_bytes(OL_STR("done")), path);
        }
    }
}

static void counts_read(const cli_result *r, uint64_t ret[static 128][SECRETS])
{
    ol_json root, cases, one, name, count;
    ol_err err = {0};
    CHECK_OK(ol_json_parse(out_of(r), &root, &err));
    CHECK(ol_json_find(&root, OL_STR("cases"), &cases));
    CHECK_EQ(ol_json_count(&cases), strlen(OPERATIONS) * SECRETS);
    for (ol_json_iter it = ol_json_iterate(&cases); ol_json_next_item(&it, &one);) {
        CHECK(ol_json_find(&one, OL_STR("name"), &name) && name.raw.len == strlen("\"h-0\""));
        CHECK(ol_json_find(&one, OL_STR("instructions"), &count));
        int i = name.raw.data[3] - '0';
        CHECK(i >= 0 && i < SECRETS);
        CHECK_OK(ol_json_u64(&count, &ret[(unsigned char)name.raw.data[1] & 127][i], &err));
    }
}

TEST("a count of instructions says nothing of a secret that is used as the header promises")
{
    static uint64_t counts[128][SECRETS];
    save_cases();
    OL_AUTO(cli_result)
    r = cli_shell("outlayer test --json guests/guest-crypto-steady.wasm --fixtures %s",
                  cli_folder());
    CHECK_EQ(r.exit, 0);
    counts_read(&r, counts);
    for (const char *operation = OPERATIONS; *operation != '\0'; operation++) {
        const uint64_t *count = counts[(unsigned char)*operation];
        char row[2] = {*operation, '\0'};
        bool same = count[0] > 0;
        for (int i = 1; i < SECRETS; i++)
            same = same && count[i] == count[0];
        CHECK_EQ_ROW(same, *operation != NOT_STEADY, row); /* the comparison can tell */
    }
}

/* ---- a user's own project */

TEST("a new project has the module, for both targets, and imports nothing for it")
{
    static const char MAIN[] =
        "#include <outlayer.h>\n"
        "int main(void)\n"
        "{\n"
        "    uint8_t key[OL_CRYPTO_SECP256K1_PUBLIC_BYTES], hash[32] = {7}, signature[64] = {0};\n"
        "    ol_buf text = ol_buf_new(OL_KIB(1));\n"
        "    ol_crypto_keccak256(ol_str_bytes(OL_STR(\"\")), hash);\n"
        "    ol_base58_add(&text, (ol_bytes){hash, sizeof hash});\n"
        "    ol_buf_addf(&text, \" %d\", ol_crypto_secp256k1_recover(hash, signature, 0, key));\n"
        "    return ol_output(ol_buf_str(&text)) != 0;\n"
        "}\n";
    char path[4096];
    save("main.c", ol_str_bytes(ol_str_of(MAIN)), path);
    OL_AUTO(cli_result)
    r = cli_shell("cd %s && outlayer create -q signs >/dev/null && cd signs && cp %s src/main.c && "
                  "for t in p1 p2; do outlayer build --target $t | grep imports; "
                  "outlayer test -q build/signs.wasm; echo; done",
                  cli_folder(), path);
    CHECK_STR(ol_str_trim(out_of(&r)), OL_STR("imports  wasi_snapshot_preview1\n"
                                              "EKDHSGbrGztomDfuiV4iqiZ6LschDJPsFiXjZ83f92Md -3\n"
                                              "  imports  wasi_snapshot_preview1\n"
                                              "EKDHSGbrGztomDfuiV4iqiZ6LschDJPsFiXjZ83f92Md -3"));
    CHECK_EQ(r.exit, 0);
}
