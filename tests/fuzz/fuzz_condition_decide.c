/* Access conditions against an oracle. Two kinds of input, by the first byte: an even one is the
 * text of a condition, whatever it is; an odd one are instructions that build a condition and, by
 * plain recursion beside it, what it must come to. A chain that fails denies, however deep inside
 * `Not` it was asked; and whatever was not granted by the oracle is not granted. */
#include <stdlib.h>
#include <string.h>

#include "lib/codec/json_write.h"
#include "lib/secrets/condition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CALLER "alice.near"

enum { ARENA_BYTES = 8 * 1024 * 1024, TEXT_BYTES = 1024 * 1024, BUILD_DEPTH_MAX = 40, PARTS = 4 };

/* ---- the chain ---- */

typedef struct facts {
    bool fails;
    unsigned asked;
} facts;

static ol_rc balance(void *context, ol_str account, ol_u128 *ret, ol_err *err)
{
    facts *f = context;
    f->asked++;
    if (f->fails)
        return ol_fail(err, OL_ERR_TIMEOUT, "no answer");
    *ret = 100 + account.len; /* 110 for the caller */
    return OL_OK;
}

static ol_rc view(void *context, ol_str contract, ol_str method, ol_str args, ol_arena *arena,
                  ol_str *ret, ol_err *err)
{
    facts *f = context;
    ol_json parsed;
    (void)arena;
    f->asked++;
    OL_ASSERT(method.len > 0);
    if (args.len > 0) {
        ol_rc rc = ol_json_parse(args, &parsed, NULL);
        OL_ASSERT(rc == OL_OK);
    }
    if (f->fails)
        return ol_fail(err, OL_ERR_NETWORK, "no answer");
    *ret = ol_str_starts(contract, OL_STR("mine")) ? OL_STR("{\"owner_id\":\"" CALLER "\"}")
                                                   : OL_STR("null");
    return OL_OK;
}

static ol_rc decide(ol_str text, facts *f, ol_access *ret)
{
    ol_json root;
    ol_condition *tree;
    OL_AUTO(ol_arena) arena = ol_arena_new(ARENA_BYTES);
    const ol_chain_facts chain = {f, balance, view};
    *ret = OL_ACCESS_DENIED;
    OL_TRY(ol_json_parse(text, &root, NULL));
    OL_TRY(ol_condition_parse(&root, &arena, &tree, NULL));
    return ol_condition_decide(tree, OL_STR(CALLER), &chain, &arena, NULL, ret, NULL);
}

/* ---- any text ---- */

static void any_text(ol_str text)
{
    ol_access access;
    facts silent = {.fails = true};
    ol_rc rc = decide(text, &silent, &access);
    OL_ASSERT(rc == OL_OK || access == OL_ACCESS_DENIED);
    OL_ASSERT(silent.asked == 0 || rc != OL_OK); /* a failure is never an answer */
    facts speaking = {.fails = false};
    rc = decide(text, &speaking, &access);
    OL_ASSERT(rc == OL_OK || access == OL_ACCESS_DENIED);
    OL_ASSERT(speaking.asked <= OL_CONDITION_CHAIN_LEAVES_MAX);
}

/* ---- built conditions ---- */

typedef enum truth { NO, YES, FAILS } truth;

typedef struct builder {
    const uint8_t *data;
    size_t size;
    ol_json_writer w;
    unsigned depth; /* the deepest node */
    unsigned leaves;
    unsigned patterns;
    bool poisoned; /* a pattern that cannot be used stands somewhere */
    bool chain_fails;
} builder;

static uint8_t next(builder *b)
{
    if (b->size == 0)
        return 0;
    b->size--;
    return *b->data++;
}

static truth whitelist(builder *b)
{
    uint8_t which = next(b);
    ol_json_object_begin(&b->w);
    ol_json_key(&b->w, "Whitelist");
    ol_json_object_begin(&b->w);
    ol_json_key(&b->w, "accounts");
    ol_json_array_begin(&b->w);
    for (int i = 0; i < which % 4; i++)
        ol_json_add_cstr(&b->w, i % 2 == 0 ? "bob.near" : "alice.nea");
    if ((which & 0x80) != 0)
        ol_json_add_cstr(&b->w, CALLER);
    ol_json_array_end(&b->w);
    ol_json_object_end(&b->w);
    ol_json_object_end(&b->w);
    return (which & 0x80) != 0 ? YES : NO;
}

static const struct {
    const char *text;
    truth matches; /* FAILS: cannot be used */
} PATTERNS[] = {
    {"alice\\.near", YES},
    {"alice", NO},
    {"bob|alice\\.near", YES},
    {"", NO},
    {".*", YES},
    {"[bad", FAILS},
    {"(?=alice).*", FAILS},
    {"(a)lice\\1.*", FAILS},
    {"a)(?:lice\\.near", YES},
    {"(?m)^lice\\.near$", NO},
    {"near$", NO},
    {"[a-z]{5}\\.[nN]ear", YES},
    {"(?x)#[\n(?=a)].*", FAILS},
    {"(?R)?.*", FAILS},
};

static truth pattern(builder *b)
{
    size_t which = next(b) % OL_COUNT(PATTERNS);
    ol_json_object_begin(&b->w);
    ol_json_key(&b->w, "AccountPattern");
    ol_json_object_begin(&b->w);
    ol_json_put_cstr(&b->w, "pattern", PATTERNS[which].text);
    ol_json_object_end(&b->w);
    ol_json_object_end(&b->w);
    b->patterns++;
    b->poisoned = b->poisoned || PATTERNS[which].matches == FAILS;
    return PATTERNS[which].matches;
}

static truth near_balance(builder *b)
{
    static const char *const NAMES[] = {"Gte", "Lte", "Gt", "Lt", "Eq", "Ne"};
    uint8_t which = next(b) % OL_COUNT(NAMES);
    unsigned want = 108U + next(b) % 5;
    const bool holds[] = {110 >= want, 110 <= want, 110 > want,
                          110 < want,  110 == want, 110 != want};
    ol_json_object_begin(&b->w);
    ol_json_key(&b->w, "NearBalance");
    ol_json_object_begin(&b->w);
    ol_json_put_cstr(&b->w, "operator", NAMES[which]);
    ol_json_put_dec(&b->w, "value", want);
    ol_json_object_end(&b->w);
    ol_json_object_end(&b->w);
    b->leaves++;
    return b->chain_fails ? FAILS : holds[which] ? YES : NO;
}

static truth nft_owned(builder *b)
{
    bool mine = next(b) % 2 == 0;
    ol_json_object_begin(&b->w);
    ol_json_key(&b->w, "NftOwned");
    ol_json_object_begin(&b->w);
    ol_json_put_cstr(&b->w, "contract", mine ? "mine.near" : "other.near");
    ol_json_put_cstr(&b->w, "token_id", "1");
    ol_json_object_end(&b->w);
    ol_json_object_end(&b->w);
    b->leaves++;
    return b->chain_fails ? FAILS : mine ? YES : NO;
}

static truth build(builder *b, unsigned depth);

static truth negation(builder *b, unsigned depth)
{
    ol_json_object_begin(&b->w);
    ol_json_key(&b->w, "Not");
    ol_json_object_begin(&b->w);
    ol_json_key(&b->w, "condition");
    truth inner = build(b, depth + 1);
    ol_json_object_end(&b->w);
    ol_json_object_end(&b->w);
    return inner == FAILS ? FAILS : inner == YES ? NO : YES;
}

/* Left to right; what follows the part that settles it is not asked, so it cannot fail. */
static truth logic(builder *b, unsigned depth)
{
    uint8_t shape = next(b);
    bool is_or = (shape & 1) != 0;
    truth settles = is_or ? YES : NO;
    truth whole = is_or ? NO : YES;
    bool settled = false;
    ol_json_object_begin(&b->w);
    ol_json_key(&b->w, "Logic");
    ol_json_object_begin(&b->w);
    ol_json_put_cstr(&b->w, "operator", is_or ? "Or" : "And");
    ol_json_key(&b->w, "conditions");
    ol_json_array_begin(&b->w);
    for (int i = 0; i < (shape >> 1) % (PARTS + 1); i++) {
        truth part = build(b, depth + 1);
        if (!settled && part != whole)
            whole = part;
        settled = settled || part == settles || part == FAILS;
    }
    ol_json_array_end(&b->w);
    ol_json_object_end(&b->w);
    ol_json_object_end(&b->w);
    return whole;
}

static truth build(builder *b, unsigned depth)
{
    uint8_t kind = b->size == 0 || depth >= BUILD_DEPTH_MAX ? 0 : next(b) % 8;
    b->depth = depth > b->depth ? depth : b->depth;
    switch (kind) {
    case 1:
        return whitelist(b);
    case 2:
        return pattern(b);
    case 3:
        return near_balance(b);
    case 4:
        return nft_owned(b);
    case 5:
    case 6:
        return logic(b, depth);
    case 7:
        return negation(b, depth);
    default:
        ol_json_add_cstr(&b->w, "AllowAll");
        return YES;
    }
}

static void built(const uint8_t *data, size_t size, bool chain_fails)
{
    ol_access access;
    ol_buf text = ol_buf_new(TEXT_BYTES);
    builder b = {data, size, ol_json_writer_over(&text), 0, 0, 0, false, chain_fails};
    facts f = {.fails = chain_fails};
    truth want = build(&b, 1);
    if (ol_buf_ok(&text)) {
        ol_rc rc = decide(ol_buf_str(&text), &f, &access);
        bool refused = b.depth > OL_CONDITION_DEPTH_MAX || b.poisoned ||
                       b.leaves > OL_CONDITION_CHAIN_LEAVES_MAX ||
                       b.patterns > OL_CONDITION_PATTERNS_MAX;
        bool granted = want == YES && !refused;
        OL_ASSERT((access == OL_ACCESS_GRANTED) == granted || b.depth > OL_CONDITION_DEPTH_MAX);
        OL_ASSERT(access == OL_ACCESS_DENIED || granted);
        OL_ASSERT(refused || (rc != OL_OK) == (want == FAILS));
        OL_ASSERT(!refused || f.asked == 0);
    }
    ol_buf_deinit(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if ((data[0] & 1) == 0)
        any_text((ol_str){(const char *)data + 1, size - 1});
    else
        built(data + 1, size - 1, (data[0] & 2) != 0);
    return 0;
}
