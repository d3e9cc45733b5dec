#include "lib/crypto/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/crypto/random.h"
#include "tests/harness/test.h"

TEST("a secret holds up to its size and is wiped when it ends")
{
    static const ol_secret ZERO;
    uint8_t bytes[OL_SECRET_BYTES_MAX + 1];
    memset(bytes, 0x5A, sizeof bytes);
    ol_secret secret;
    CHECK(ol_secret_of((ol_bytes){bytes, OL_SECRET_BYTES_MAX}, &secret));
    CHECK_EQ(ol_secret_reveal(&secret).len, OL_SECRET_BYTES_MAX);
    ol_secret_deinit(&secret);
    CHECK_EQ(memcmp(&secret, &ZERO, sizeof secret), 0);
    CHECK(!ol_secret_of((ol_bytes){bytes, sizeof bytes}, &secret));
    CHECK_EQ(memcmp(&secret, &ZERO, sizeof secret), 0);
}

TEST("secrets compare by all of their bytes")
{
    OL_AUTO(ol_secret) a;
    OL_AUTO(ol_secret) b;
    CHECK(ol_secret_of(ol_str_bytes(OL_STR("correct horse")), &a));
    CHECK(ol_secret_of(ol_str_bytes(OL_STR("correct horse")), &b));
    CHECK(ol_secret_eq(&a, &b));
    b.bytes[12] ^= 1;
    CHECK(!ol_secret_eq(&a, &b));
    b.bytes[12] ^= 1;
    b.len--;
    CHECK(!ol_secret_eq(&a, &b));
    CHECK(ol_bytes_eq_secret((ol_bytes){NULL, 0}, (ol_bytes){NULL, 0}));
}

/* Compiles a program around one statement; the compiler's exit code. */
static int compile(const char *statement)
{
    char path[] = "/tmp/outlayer-secret-XXXXXX.c";
    int fd = mkstemps(path, 2);
    CHECK(fd >= 0);
    FILE *file = fdopen(fd, "w");
    CHECK(file != NULL);
    (void)fprintf(file,
                  "#include \"lib/base/log.h\"\n#include \"lib/crypto/secret.h\"\n"
                  "#include \"lib/crypto/ed25519.h\"\n"
                  "void f(ol_secret secret, ol_ed25519_key key, ol_str text);\n"
                  "void f(ol_secret secret, ol_ed25519_key key, ol_str text)\n"
                  "{ (void)secret; (void)key; (void)text; %s; }\n",
                  statement);
    (void)fclose(file);
    pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(127);
        (void)execlp(OL_TEST_COMPILER, OL_TEST_COMPILER, "-std=gnu17", "-D_GNU_SOURCE", "-I.",
                     "-fsyntax-only", path, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    (void)unlink(path);
    return WEXITSTATUS(status);
}

TEST("logging a secret does not compile")
{
    int with_text = compile("OL_LOG(OL_INFO, \"event\", KV(\"text\", text))");
    if (with_text == 127)
        ol_test_skip("no compiler here");
    CHECK_EQ(with_text, 0);
    CHECK_EQ(compile("OL_LOG(OL_INFO, \"event\", KV(\"secret\", secret))"), 1);
    CHECK_EQ(compile("OL_LOG(OL_INFO, \"event\", KV(\"key\", key))"), 1);
    CHECK_EQ(compile("ol_str shown = secret; (void)shown"), 1);
}

TEST("random bytes differ, and numbers stay below their bound")
{
    const ol_random *random = ol_random_kernel();
    uint8_t a[32] = {0};
    uint8_t b[32] = {0};
    ol_random_fill(random, a, sizeof a);
    ol_random_fill(random, b, sizeof b);
    CHECK(memcmp(a, b, sizeof a) != 0);
    bool seen[5] = {false};
    for (int i = 0; i < 1000; i++) {
        uint64_t n = ol_random_below(random, 5);
        CHECK(n < 5);
        seen[n] = true;
    }
    for (size_t i = 0; i < OL_COUNT(seen); i++)
        CHECK(seen[i]); /* missing one of five in 1,000 draws: 10^-96 */
    CHECK_EQ(ol_random_below(random, 1), 0);
    ol_uuid_text text = ol_uuid_format(ol_random_uuid(random));
    CHECK_EQ(text.data[14], '4');
}

/* A source that counts up, so that the refused range of ol_random_below is reached for certain. */
typedef struct counting {
    ol_random random;
    uint64_t next;
} counting;

static void fill_counting(const ol_random *random, void *ret, size_t size)
{
    counting *self = (counting *)(uintptr_t)(const void *)random;
    CHECK_EQ(size, sizeof self->next);
    memcpy(ret, &self->next, sizeof self->next);
    self->next++;
}

TEST("draws that would favour small numbers are drawn again")
{
    /* 2^64 = 3 * 0x5555555555555555 + 1: the largest value is one too many for a bound of 3. */
    counting source = {{fill_counting}, UINT64_MAX};
    CHECK_EQ(ol_random_below(&source.random, 3), 0);
    CHECK_EQ(source.next, 1);
    source.next = UINT64_MAX;
    CHECK(ol_random_below(&source.random, (uint64_t)1 << 63) == ((uint64_t)1 << 63) - 1);
}
