/* The recorded exchanges of the reference (tests/data/reference/http.json) against our program, in
 * their order. An entry that agrees with the specification is compared byte for byte: status,
 * headers named below, body with placeholders. The others are sent for the state they leave.
 * Entries that differ on purpose stand with their reason and our answer in http_differences.json:
 * they must differ, and in this way. */
#include <stdio.h>
#include <string.h>

#include "lib/codec/base64.h"
#include "lib/crypto/hash.h"
#include "tests/conformance/coordinator/lab.h"

enum { PLACEHOLDERS_MAX = 8, MISSES_SHOWN = 60, SHOWN_BYTES = 1500 };

static const char PROJECTS[] =
    "{\"projects\":[{\"owner\":\"bob.near\",\"name\":\"x\",\"uuid\":\"p1fad412074fd3e59\","
    "\"active_version\":\"a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa\","
    "\"versions\":[{\"key\":\"a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa\","
    "\"file\":\"x.wasm\",\"sha256\":"
    "\"93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476\"}]},"
    "{\"owner\":\"bob.near\",\"name\":\"y\",\"uuid\":\"p0000000000000001\","
    "\"active_version\":\"v1\",\"versions\":[{\"key\":\"v1\",\"file\":\"y.wasm\",\"sha256\":"
    "\"93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476\"}]},"
    "{\"owner\":\"bob.near\",\"name\":\"gh\",\"uuid\":\"pd0f8e126ca98f774\","
    "\"active_version\":\"v1\",\"versions\":[{\"key\":\"v1\",\"file\":\"gh.wasm\",\"sha256\":"
    "\"93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476\"}]}]}";

/* ---- Placeholders: what differs from run to run, remembered for later requests. */

typedef struct captured {
    ol_str name;
    ol_str value; /* in the lab's arena */
} captured;

typedef struct replay {
    lab it;
    captured seen[PLACEHOLDERS_MAX];
    size_t seen_count;
    const char *other_token; /* of "tokenB" */
    ol_str made[256];        /* keys made so far, owner:nonce */
    size_t made_count;
} replay;

static captured *captured_find(replay *run, ol_str name)
{
    for (size_t i = 0; i < run->seen_count; i++) {
        if (ol_str_eq(run->seen[i].name, name))
            return &run->seen[i];
    }
    return NULL;
}

static void capture(replay *run, ol_str name, ol_str value)
{
    /* The recording took the instruction cap of the prices for the first request id, its equal. */
    if (ol_str_eq(name, OL_STR("request_id")) && ol_str_eq(value, OL_STR("100000000000")))
        return;
    captured *known = captured_find(run, name);
    CHECK(known != NULL || run->seen_count < PLACEHOLDERS_MAX);
    if (known == NULL)
        known = &run->seen[run->seen_count++];
    *known = (captured){name, lab_keep(&run->it, value)};
}

static bool in_class(ol_str name, char c)
{
    bool digit = c >= '0' && c <= '9';
    bool hex = digit || (c >= 'a' && c <= 'f');
    if (ol_str_eq(name, OL_STR("uuid")))
        return hex || c == '-';
    if (ol_str_eq(name, OL_STR("hex64")))
        return hex;
    return digit;
}

/* `<ts:0000-00-00T…>`: digits where the shape has zeros. */
static size_t shape_len(ol_str shape, ol_str text)
{
    if (text.len < shape.len)
        return 0;
    for (size_t i = 0; i < shape.len; i++) {
        bool digit = text.data[i] >= '0' && text.data[i] <= '9';
        if (shape.data[i] == '0' ? !digit : shape.data[i] != text.data[i])
            return 0;
    }
    return shape.len;
}

static bool placeholder_at(ol_str text, size_t at, ol_str *ret_name)
{
    static const char *const names[] = {"<uuid>",       "<unix>",  "<n>",
                                        "<request_id>", "<hex64>", "<ts:"};
    ol_str rest = ol_str_slice(text, at, text.len);
    ol_str head;
    ol_str tail;
    OL_EACH (name, names) {
        if (ol_str_starts(rest, ol_str_of(*name)) && ol_str_cut(rest, '>', &head, &tail)) {
            *ret_name = ol_str_slice(head, 1, head.len);
            return true;
        }
    }
    return false;
}

static bool matches(replay *run, ol_str want, ol_str got)
{
    size_t w = 0;
    size_t g = 0;
    while (w < want.len) {
        ol_str name;
        if (!placeholder_at(want, w, &name)) {
            if (g >= got.len || want.data[w] != got.data[g])
                return false;
            w++;
            g++;
            continue;
        }
        size_t len = 0;
        ol_str rest = ol_str_slice(got, g, got.len);
        if (ol_str_starts(name, OL_STR("ts:")))
            len = shape_len(ol_str_slice(name, 3, name.len), rest);
        else
            while (len < rest.len && in_class(name, rest.data[len]))
                len++;
        if (len == 0)
            return false;
        capture(run, name, ol_str_slice(rest, 0, len));
        w += name.len + 2;
        g += len;
    }
    return g == got.len;
}

/* A request's text with what earlier answers brought. false: a placeholder nothing has filled. */
static bool fill(replay *run, ol_str text, ol_buf *into)
{
    for (size_t at = 0; at < text.len;) {
        ol_str name;
        if (!placeholder_at(text, at, &name)) {
            ol_buf_add_char(into, text.data[at++]);
            continue;
        }
        const captured *seen = captured_find(run, name);
        if (seen != NULL)
            ol_buf_add_str(into, seen->value);
        else if (ol_str_eq(name, OL_STR("uuid")))
            ol_buf_add_str(into, OL_STR("00000000-0000-4000-8000-000000000000"));
        else if (ol_str_eq(name, OL_STR("hex64")))
            ol_buf_add_str(into, OL_STR(LAB_PROOF));
        else
            return false;
        at += name.len + 2;
    }
    return true;
}

/* ---- An entry. */

typedef struct entry {
    uint64_t n;
    ol_str note;
    bool agrees;
    ol_str coordinator;
    ol_str method;
    ol_str path;
    ol_json headers;
    ol_json body;
    uint64_t status;
    ol_json want_headers;
    ol_json want_body;
} entry;

static ol_json member(const ol_json *object, const char *name)
{
    ol_json value;
    if (!ol_json_find(object, ol_str_of(name), &value))
        ol_test_fail(__FILE__, __LINE__, "no %s in %.*s", name, OL_FMT(object->raw));
    return value;
}

static ol_str text_of(replay *run, const ol_json *value)
{
    ol_err err;
    ol_str text;
    CHECK_OK(ol_json_text(value, &run->it.arena, &text, &err));
    return text;
}

static ol_str text_member(replay *run, const ol_json *object, const char *name)
{
    ol_json value = member(object, name);
    return text_of(run, &value);
}

static entry entry_of(replay *run, const ol_json *json)
{
    ol_err err;
    ol_json request = member(json, "request");
    ol_json response = member(json, "response");
    ol_json n = member(json, "n");
    ol_json agrees = member(json, "agrees");
    ol_json status = member(&response, "status");
    entry it = {
        .note = text_member(run, json, "note"),
        .coordinator = text_member(run, &request, "coordinator"),
        .method = text_member(run, &request, "method"),
        .path = text_member(run, &request, "path"),
        .headers = member(&request, "headers"),
        .body = member(&request, "body"),
        .want_headers = member(&response, "headers"),
        .want_body = member(&response, "body"),
    };
    CHECK_OK(ol_json_u64(&n, &it.n, &err));
    CHECK_OK(ol_json_bool(&agrees, &it.agrees, &err));
    CHECK_OK(ol_json_u64(&status, &it.status, &err));
    return it;
}

/* Text, {"base64":…}, or the beginning of a long body with its length and hash. */
static ol_str content_of(replay *run, const ol_json *value)
{
    ol_json part;
    ol_bytes bytes;
    ol_err err;
    uint64_t length;
    if (ol_json_kind_of(value) == OL_JSON_STRING)
        return text_of(run, value);
    if (ol_json_find(value, OL_STR("base64"), &part)) {
        CHECK(ol_base64_decode(text_of(run, &part), &run->it.arena, &bytes));
        return ol_bytes_str(bytes);
    }
    ol_str prefix = text_member(run, value, "prefix");
    part = member(value, "bytes");
    CHECK_OK(ol_json_u64(&part, &length, &err));
    char *whole = ol_arena_alloc(&run->it.arena, length + 1);
    CHECK(whole != NULL && length > prefix.len + 2);
    memset(whole, prefix.data[prefix.len - 1], length);
    memcpy(whole, prefix.data, prefix.len);
    memcpy(whole + length - 2, "\"}", 2);
    ol_sha256_hex hash = ol_sha256_hex_of((ol_bytes){(const uint8_t *)whole, length});
    CHECK_STR(ol_sha256_hex_str(&hash), text_member(run, value, "sha256"));
    return (ol_str){whole, length};
}

/* ---- Keys the recording had, made when first needed. */

static const struct {
    const char *key;
    const char *balance;
    const char *scope;
    const char *cap;
    bool grant;
} KEYS[] = {
    {"alice.near:19", "1000000", "\"bob.near/x\"", NULL, false},
    {"alice.near:20", "1000000", "\"bob.near/*\"", NULL, false},
    {"alice.near:21", "1000000", "", NULL, true},
    {"alice.near:22", "1000000", "", "10999", false},
    {"alice.near:23", "1000000", "", "0", false},
    {"alice.near:123", "1000000", "", "", false},
    {"alice.near:124", "1000000", "", "abc", false},
    {"alice.near:25", "9999", "", NULL, false},
    {"alice.near:38", "10000", "", NULL, false},
    {"new.near:1", "5", "", NULL, false},
    {"init.near:1", "0", "", NULL, true},
    {"g.near:1", "0", "", NULL, true},
    {"g.near:2", "77", "", NULL, false},
};

static void key_make(replay *run, ol_str owner, unsigned nonce, ol_str name)
{
    lab *it = &run->it;
    const char *owner_text = lab_text(it, "%.*s", OL_FMT(owner));
    OL_EACH (row, KEYS) {
        if (!ol_str_eq(ol_str_of(row->key), name))
            continue;
        if (!row->grant) {
            (void)lab_key(it, owner_text, nonce, row->balance, row->scope, row->cap);
            return;
        }
        (void)lab_work(it, "/payment-keys/init",
                       lab_text(it,
                                "{\"owner\":\"%s\",\"nonce\":%u,\"key_hash\":\"" LAB_PROOF "\"}",
                                owner_text, nonce));
        if (strcmp(row->balance, "0") != 0)
            (void)lab_post(it, "/admin/grant-payment-key", "Authorization: Bearer lab\r\n",
                           lab_text(it, "{\"owner\":\"%s\",\"nonce\":%u,\"amount\":\"%s\"}",
                                    owner_text, nonce, row->balance));
        return;
    }
    (void)lab_key(it, owner_text, nonce, "1000000", "", NULL);
}

static void key_ensure(replay *run, const entry *e, ol_str header)
{
    ol_str owner;
    ol_str rest;
    ol_str nonce_text;
    ol_str secret;
    uint32_t nonce;
    if (e->status == 401 || !ol_str_cut(header, ':', &owner, &rest) ||
        !ol_str_cut(rest, ':', &nonce_text, &secret) || !ol_u32_parse(nonce_text, &nonce) ||
        owner.len == 0 || !ol_str_eq_nocase(secret, OL_STR(LAB_SECRET)))
        return;
    ol_str name = {header.data, owner.len + 1 + nonce_text.len};
    for (size_t i = 0; i < run->made_count; i++) {
        if (ol_str_eq(run->made[i], name))
            return;
    }
    CHECK(run->made_count < OL_COUNT(run->made));
    run->made[run->made_count++] = lab_keep(&run->it, name);
    key_make(run, owner, nonce, name);
}

/* ---- Sending and comparing. */

static void header_add(replay *run, const entry *e, const ol_json *pair, ol_buf *into)
{
    ol_json name;
    ol_json value;
    ol_json_iter walk = ol_json_iterate(pair);
    CHECK(ol_json_next_item(&walk, &name) && ol_json_next_item(&walk, &value));
    ol_str key = text_of(run, &name);
    ol_str text = content_of(run, &value);
    if (ol_str_eq(text, OL_STR("Bearer labworkertoken"))) {
        ol_buf_add_str(into, ol_str_of(run->it.worker));
        return;
    }
    if (ol_str_eq(text, OL_STR("Bearer tokenB"))) {
        ol_buf_add_str(into, ol_str_of(run->other_token));
        return;
    }
    if (ol_str_eq(key, OL_STR("x-payment-key")))
        key_ensure(run, e, text);
    ol_buf_add_str(into, key);
    ol_buf_add_str(into, OL_STR(": "));
    (void)fill(run, text, into);
    ol_buf_add_str(into, OL_STR("\r\n"));
}

/* false: the request needs something no answer has brought. */
static bool request_make(replay *run, const entry *e, ol_buf *into)
{
    ol_buf body = ol_buf_new(OL_MIB(16));
    ol_json pair;
    bool filled = fill(run, content_of(run, &e->body), &body);
    ol_buf_addf(into, "%.*s ", OL_FMT(e->method));
    filled &= fill(run, e->path, into);
    ol_buf_addf(into, " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    ol_json_iter walk = ol_json_iterate(&e->headers);
    while (ol_json_next_item(&walk, &pair))
        header_add(run, e, &pair, into);
    if (body.len > 0 || ol_str_eq(e->method, OL_STR("POST")))
        ol_buf_addf(into, "Content-Length: %zu\r\n", body.len);
    ol_buf_add_str(into, OL_STR("\r\n"));
    ol_buf_add_str(into, ol_buf_str(&body));
    ol_buf_deinit(&body);
    CHECK(ol_buf_ok(into));
    return filled;
}

/* The policy of the HTTPS API names more headers than the recorded one: ours begins with it. */
static bool header_same(ol_str name, ol_str want, ol_str got)
{
    if (ol_str_eq(name, OL_STR("access-control-allow-headers")))
        return ol_str_starts(got, want);
    return ol_str_eq(want, got);
}

static bool headers_match(replay *run, const entry *e, wire_answer answer, ol_buf *why)
{
    ol_json pair;
    ol_json_iter walk = ol_json_iterate(&e->want_headers);
    while (ol_json_next_item(&walk, &pair)) {
        ol_json name;
        ol_json value;
        ol_str got = {"", 0};
        ol_json_iter inner = ol_json_iterate(&pair);
        CHECK(ol_json_next_item(&inner, &name) && ol_json_next_item(&inner, &value));
        ol_str key = text_of(run, &name);
        ol_str want = text_of(run, &value);
        (void)wire_header(answer.head, key, &got);
        if (!header_same(key, want, got)) {
            ol_buf_addf(why, "%.*s is '%.*s', not '%.*s'", OL_FMT(key), OL_FMT(got), OL_FMT(want));
            return false;
        }
    }
    ol_str stray;
    ol_json found;
    if (wire_header(answer.head, OL_STR("access-control-allow-origin"), &stray)) {
        size_t at;
        bool wanted = ol_str_find(e->want_headers.raw, OL_STR("access-control-allow-origin"), &at);
        (void)found;
        if (!wanted)
            ol_buf_addf(why, "an unexpected access-control-allow-origin");
        return wanted;
    }
    return true;
}

static bool content_matches(replay *run, const entry *e, uint64_t status, ol_str want,
                            wire_answer answer, ol_buf *why)
{
    bool body = ol_str_eq(e->method, OL_STR("HEAD")) || matches(run, want, answer.body);
    if ((uint64_t)answer.status == status && body)
        return true;
    ol_buf_clear(why);
    ol_buf_addf(why, "%d ", answer.status);
    ol_buf_add_str(why, ol_str_slice(answer.body, 0, SHOWN_BYTES));
    ol_buf_addf(why, ", not %u ", (unsigned)status);
    ol_buf_add_str(why, ol_str_slice(want, 0, SHOWN_BYTES));
    return false;
}

static bool answer_matches(replay *run, const entry *e, wire_answer answer, ol_buf *why)
{
    ol_str want = content_of(run, &e->want_body);
    return content_matches(run, e, e->status, want, answer, why) &&
           headers_match(run, e, answer, why);
}

/* ---- Differences, with their reasons. `skip`: not even sent, for it needs what one client alone
 * cannot do. */

typedef struct remark {
    bool differs;
    bool skip;
    bool drain;   /* before it, what lies in the execute queue is polled away, as then */
    ol_json code; /* before it, code of this `repo` and `commit` comes into the cache */
    bool has_code;
    ol_json ours; /* status and body of our answer */
    bool has_ours;
} remark;

static remark remark_find(const ol_json *differences, const entry *e)
{
    remark found = {0};
    ol_json item;
    ol_err err;
    ol_json list = member(differences, "differences");
    ol_json_iter walk = ol_json_iterate(&list);
    while (ol_json_next_item(&walk, &item)) {
        uint64_t n;
        ol_json number = member(&item, "n");
        CHECK_OK(ol_json_u64(&number, &n, &err));
        ol_json flag;
        if (n != e->n)
            continue;
        found.differs |= ol_json_find(&item, OL_STR("reason"), &flag);
        found.skip |= ol_json_find(&item, OL_STR("skip"), &flag);
        found.drain |= ol_json_find(&item, OL_STR("drain"), &flag);
        found.has_code |= ol_json_find(&item, OL_STR("code"), &found.code);
        found.has_ours |= ol_json_find(&item, OL_STR("ours"), &found.ours);
    }
    return found;
}

static void drain(replay *run)
{
    while (lab_work_get(&run->it, "/executions/poll?timeout=0&capabilities=execution").status ==
           200)
        ;
}

typedef struct tally {
    unsigned same;
    unsigned differ;
    unsigned skipped;
    unsigned missed;
} tally;

/* What a difference is: not the recorded answer, and ours as it is noted. */
static bool differs_as_noted(replay *run, const entry *e, const remark *note, wire_answer answer,
                             ol_buf *why)
{
    ol_err err;
    uint64_t status;
    if (!note->has_ours || answer_matches(run, e, answer, why)) {
        ol_buf_clear(why);
        ol_buf_addf(why, note->has_ours ? "it does not differ any more" : "ours is not noted");
        return false;
    }
    ol_json number = member(&note->ours, "status");
    CHECK_OK(ol_json_u64(&number, &status, &err));
    const captured *call = captured_find(run, OL_STR("uuid"));
    const captured before = call == NULL ? (captured){0} : *call;
    bool same = content_matches(run, e, status, text_member(run, &note->ours, "body"), answer, why);
    if (call != NULL) /* which call is meant was said by an answer that agrees */
        capture(run, before.name, before.value);
    return same;
}

static void prepare(replay *run, const remark *note)
{
    if (note->drain)
        drain(run);
    if (note->has_code)
        lab_code(&run->it,
                 lab_text(&run->it, "%.*s", OL_FMT(text_member(run, &note->code, "repo"))),
                 lab_text(&run->it, "%.*s", OL_FMT(text_member(run, &note->code, "commit"))));
}

static void entry_run(replay *run, const entry *e, const ol_json *differences, tally *sum)
{
    remark note = remark_find(differences, e);
    prepare(run, &note);
    if (note.skip) {
        sum->skipped++;
        return;
    }
    ol_buf request = ol_buf_new(OL_MIB(32));
    ol_buf why = ol_buf_new(OL_KIB(8));
    bool good = false;
    if (request_make(run, e, &request)) {
        lab_pending pending = lab_begin_raw(&run->it, ol_buf_str(&request));
        wire_answer answer = lab_finish(&pending);
        good = note.differs ? differs_as_noted(run, e, &note, answer, &why)
                            : answer_matches(run, e, answer, &why);
        lab_drop(&pending);
    } else {
        ol_buf_addf(&why, "its request cannot be made again");
    }
    sum->differ += e->agrees && note.differs;
    sum->same += e->agrees && !note.differs && good;
    if (e->agrees && !good && sum->missed++ < MISSES_SHOWN)
        (void)fprintf(stderr, "  entry %u (%.*s): %.*s\n", (unsigned)e->n, OL_FMT(e->note),
                      OL_FMT(ol_buf_str(&why)));
    ol_buf_deinit(&request);
    ol_buf_deinit(&why);
}

static void file_load(const char *path, ol_buf *into, ol_json *ret)
{
    ol_err err;
    *into = ol_buf_new(OL_MIB(4));
    CHECK_OK(ol_file_load(path, into, &err));
    CHECK_OK(ol_json_parse_within(ol_buf_str(into), (ol_json_limits){OL_MIB(4), 1000}, ret, &err));
}

static void replay_coordinator(const char *name, const char *const *settings, unsigned least)
{
    static replay run; /* its lab is large; one at a time */
    ol_buf exchanges_text;
    ol_buf differences_text;
    ol_json exchanges;
    ol_json differences;
    ol_json item;
    tally sum = {0};
    run = (replay){.seen_count = 0};
    lab_start_with(&run.it, PROJECTS, settings);
    run.other_token = lab_token(&run.it, "tokenB");
    key_make(&run, OL_STR("g.near"), 1, OL_STR("g.near:1"));
    key_make(&run, OL_STR("g.near"), 2, OL_STR("g.near:2"));
    file_load("tests/data/reference/http.json", &exchanges_text, &exchanges);
    file_load("tests/data/reference/http_differences.json", &differences_text, &differences);
    ol_json list = member(&exchanges, "exchanges");
    ol_json_iter walk = ol_json_iterate(&list);
    while (ol_json_next_item(&walk, &item)) {
        entry e = entry_of(&run, &item);
        if (ol_str_eq(e.coordinator, ol_str_of(name)))
            entry_run(&run, &e, &differences, &sum);
    }
    ol_buf_deinit(&exchanges_text);
    ol_buf_deinit(&differences_text);
    (void)fprintf(stderr, "  coordinator %s: %u the same, %u ours, %u elsewhere, %u missed\n", name,
                  sum.same, sum.differ, sum.skipped, sum.missed);
    CHECK_EQ(sum.missed, 0);
    CHECK(sum.same >= least);
    lab_stop(&run.it);
}

TEST("the recorded exchanges of a coordinator with standard settings come out the same")
{
    static const char *const settings[] = {"ADMIN_BEARER_TOKEN=lab",
                                           "MAX_CONCURRENT_CALLS_PER_KEY=100",
                                           "GITHUB_API_URL=http://127.0.0.1:1", NULL};
    replay_coordinator("a", settings, 100);
}

TEST("the recorded exchanges of a coordinator that demands sessions come out the same")
{
    static const char *const settings[] = {"ADMIN_BEARER_TOKEN=lab",
                                           "REQUIRE_TEE_SESSION=true",
                                           "OPERATOR_ACCOUNT_ID=worker.testnet",
                                           "NEAR_RPC_URL=http://127.0.0.1:1/",
                                           "OFFCHAINVM_CONTRACT_ID=outlayer.testnet",
                                           NULL};
    replay_coordinator("c", settings, 5);
}

TEST("the recorded exchanges of a coordinator with listed origins come out the same")
{
    static const char *const settings[] = {
        "ADMIN_BEARER_TOKEN=lab", "CORS_ALLOWED_ORIGINS=http://ok.example,https://dash.example",
        NULL};
    replay_coordinator("d", settings, 4);
}
