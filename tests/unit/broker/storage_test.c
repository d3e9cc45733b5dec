/* near:storage and near:vrf against a scripted keystore and coordinator (Host interfaces 8, 10). */
#include <stdio.h>
#include <string.h>

#include "lib/codec/json_read.h"
#include "tests/harness/http_stub.h"
#include "tests/harness/test.h"
#include "tests/unit/broker/fake_run.h"

enum { NEVER_MS = 120000 };

/* One answer that fits every request: a row is there, and opens. */
#define FITS_ALL                                                                                   \
    "{\"key_hash\":\"1111111111111111111111111111111111111111111111111111111111111111\","          \
    "\"encrypted_key_base64\":\"aw==\",\"encrypted_value_base64\":\"dg==\",\"key\":\"k\","         \
    "\"value_base64\":\"dg==\",\"exists\":true,\"is_encrypted\":true,\"inserted\":true,"           \
    "\"updated\":true,\"vrf_public_key_hex\":"                                                     \
    "\"2222222222222222222222222222222222222222222222222222222222222222\"}"

/* A coordinator's rows that other runs remove from while they are listed. */
typedef struct listed {
    bool on;
    unsigned first, last; /* rows k{first} to k{last} are there */
    unsigned pages;       /* asked for so far */
    unsigned goes_at;     /* before that page the first row goes */
    unsigned comes_at;    /* before that page one comes at the end */
} listed;

typedef struct fixture {
    int status;
    ol_str answer; /* NULL data: none ever comes */
    listed list;
    http_stub *stub;
    char url[64];
    ol_ed25519_key key;
    ol_keystore_link *link;
    ol_http_client *client;
    ol_broker *broker;
    ol_run *run;
    ol_run_host host;
} fixture;

static void list_page(listed *l, ol_str target, stub_conn *conn)
{
    enum { PAGE = 100 };
    char copy[512];
    unsigned offset = 0;
    l->pages++;
    l->first += l->pages == l->goes_at;
    l->last += l->pages == l->comes_at;
    (void)snprintf(copy, sizeof copy, "%.*s", OL_FMT(target));
    const char *at = strstr(copy, "&offset=");
    OL_ASSERT(at != NULL && sscanf(at, "&offset=%u", &offset) == 1);
    ol_buf page = ol_buf_new(OL_KIB(64));
    ol_buf_add_str(&page, OL_STR("{\"keys\":["));
    for (unsigned i = 0; i < PAGE && l->first + offset + i <= l->last; i++)
        ol_buf_addf(&page, "%s{\"key_hash\":\"h%u\",\"encrypted_key_base64\":\"k%u\"}",
                    i == 0 ? "" : ",", l->first + offset + i, l->first + offset + i);
    ol_buf_addf(&page, "],\"total\":%u}", l->last - l->first + 1);
    stub_answer(conn, 200, NULL, ol_buf_str(&page));
    ol_buf_deinit(&page);
}

/* The keystore opens a row's name as the name it is. */
static void list_open(ol_str body, stub_conn *conn)
{
    char answer[128];
    ol_json root;
    ol_json sealed;
    OL_ASSERT(ol_json_parse(body, &root, NULL) == OL_OK);
    OL_ASSERT(ol_json_find(&root, OL_STR("encrypted_key_base64"), &sealed));
    (void)snprintf(answer, sizeof answer, "{\"key\":%.*s}", OL_FMT(sealed.raw));
    stub_answer(conn, 200, NULL, ol_str_of(answer));
}

static void serve(void *context, const stub_request *request, stub_conn *conn)
{
    fixture *f = context;
    if (f->list.on && ol_str_starts(request->target, OL_STR("/storage/list?"))) {
        list_page(&f->list, request->target, conn);
        return;
    }
    if (f->list.on) {
        list_open(request->body, conn);
        return;
    }
    if (f->answer.data == NULL) {
        (void)stub_pause(conn, NEVER_MS);
        stub_close(conn);
        return;
    }
    stub_answer(conn, f->status, NULL, f->answer);
}

static void fixture_init(fixture *f, ol_str answer, bool sessions)
{
    static const uint8_t seed[OL_ED25519_SEED_BYTES] = {1};
    ol_err err = {0};
    *f = (fixture){.status = 200, .answer = answer};
    f->stub = http_stub_start(serve, f);
    (void)snprintf(f->url, sizeof f->url, "http://127.0.0.1:%u", http_stub_port(f->stub));
    ol_ed25519_key_of_seed(seed, &f->key);
    const ol_keystore_plan keystore = {.url = ol_str_of(f->url),
                                       .token = OL_STR("t"),
                                       .key = sessions ? &f->key : NULL,
                                       .clock = ol_clock_real()};
    CHECK_OK(ol_keystore_link_open(&keystore, &f->link, &err));
    f->client = ol_http_client_new(&(ol_http_options){0});
    const ol_broker_plan plan = {.keystore = f->link,
                                 .keystore_client = f->client,
                                 .coordinator_url = ol_str_of(f->url),
                                 .coordinator_token = OL_STR("t")};
    CHECK_OK(ol_broker_open(&plan, &f->broker, &err));
    f->run = fake_run_new();
    f->host = ol_broker_host(f->broker);
    const ol_broker_run about = {
        .storage = {OL_STR("p0000000000000001"), OL_STR("h"), OL_STR("a.near")},
        .vrf = {.request_id = 7, .identity = OL_STR("a.near")}};
    ol_broker_begin(f->broker, &about);
}

static void fixture_deinit(fixture *f)
{
    ol_broker_end(f->broker);
    ol_broker_close(f->broker);
    ol_http_client_free(f->client);
    ol_keystore_link_close(f->link);
    http_stub_stop(f->stub);
    fake_run_free(f->run);
}

static void call(fixture *f, ol_host_fn function, const ol_host_value *values, size_t count)
{
    f->run->answered = false;
    f->host.call(f->host.env, f->run, 1, function, values, count);
    CHECK(fake_run_until(f->run, &f->host, fake_answered));
}

static ol_str set(fixture *f, ol_str key, ol_bytes value)
{
    const ol_host_value values[] = {{.bytes = ol_str_bytes(key)}, {.bytes = value}};
    call(f, OL_FN_STORAGE_SET, values, OL_COUNT(values));
    return fake_value(f->run, 0);
}

TEST("keys and values of the allowed length are kept, longer ones refused in words")
{
    static uint8_t block[OL_STORAGE_VALUE_BYTES_MAX + 1];
    const ol_bytes most = {block, OL_STORAGE_VALUE_BYTES_MAX};
    const ol_bytes more = {block, sizeof block};
    const ol_bytes none = {NULL, 0};
    OL_AUTO(fixture) f;
    fixture_init(&f, OL_STR(FITS_ALL), false);
    memset(block, 'k', sizeof block);
    CHECK_STR(set(&f, OL_STR("k"), most), OL_STR(""));
    CHECK_STR(set(&f, OL_STR("k"), more),
              OL_STR("Storage value too large: 2097153 bytes (max 2097152)"));
    CHECK_STR(set(&f, (ol_str){(const char *)block, 1024}, none), OL_STR(""));
    CHECK_STR(set(&f, (ol_str){(const char *)block, 1025}, none),
              OL_STR("Storage key must have 1 to 1024 bytes, not 1025"));
    CHECK_STR(set(&f, OL_STR(""), none), OL_STR("Storage key must have 1 to 1024 bytes, not 0"));
    const ol_host_value swap[][3] = {
        {{.bytes = ol_str_bytes(OL_STR("k"))}, {.bytes = most}, {.bytes = most}},
        {{.bytes = ol_str_bytes(OL_STR("k"))}, {.bytes = more}, {.bytes = none}},
        {{.bytes = ol_str_bytes(OL_STR("k"))}, {.bytes = none}, {.bytes = more}},
    };
    for (size_t i = 0; i < OL_COUNT(swap); i++) {
        call(&f, OL_FN_STORAGE_SET_IF_EQUALS, swap[i], 3);
        CHECK_EQ(f.run->number[0], 0);
        CHECK_STR(fake_value(f.run, 1), i == 0 ? OL_STR("v") : OL_STR("")); /* what is there */
        CHECK_STR(fake_value(f.run, 2),
                  i == 0 ? OL_STR("")
                         : OL_STR("Storage value too large: 2097153 bytes (max 2097152)"));
    }
}

TEST("the call beyond a thousand is refused without a request, and refused calls count on")
{
    OL_AUTO(fixture) f;
    fixture_init(&f, OL_STR(FITS_ALL), false);
    for (int i = 0; i < OL_STORAGE_CALLS_MAX; i++)
        CHECK_STR(set(&f, OL_STR(""), (ol_bytes){NULL, 0}),
                  OL_STR("Storage key must have 1 to 1024 bytes, not 0"));
    CHECK_STR(set(&f, OL_STR("k"), (ol_bytes){NULL, 0}),
              OL_STR("Storage rate limit exceeded: 1001 calls (max: 1000)"));
    const ol_host_value key = {.bytes = ol_str_bytes(OL_STR("k"))};
    call(&f, OL_FN_STORAGE_GET, &key, 1);
    CHECK_STR(fake_value(f.run, 1), OL_STR("Storage rate limit exceeded: 1002 calls (max: 1000)"));
    call(&f, OL_FN_STORAGE_LIST_KEYS, &key, 1);
    CHECK_STR(fake_value(f.run, 0), OL_STR("[]"));
    call(&f, OL_FN_STORAGE_HAS, &key, 1);
    CHECK_EQ(f.run->number[0], 0);
    CHECK_EQ(http_stub_requests(f.stub), 0);
    const ol_broker_run next = {
        .storage = {OL_STR("p0000000000000001"), OL_STR("h"), OL_STR("a.near")}};
    ol_broker_begin(f.broker, &next);
    CHECK_STR(set(&f, OL_STR("k"), (ol_bytes){NULL, 0}), OL_STR(""));
}

/* Of an account's own rows, and of those that all callers share by their hidden name. */
TEST("a value that the keystore has not sealed is no value, whoever serves it")
{
    static const char forged[] =
        "{\"exists\":true,\"is_encrypted\":false,\"encrypted_key_base64\":\"aw==\","
        "\"encrypted_value_base64\":\"Zm9yZ2Vk\",\"key_hash\":"
        "\"1111111111111111111111111111111111111111111111111111111111111111\"}";
    const ol_host_value values[] = {{.bytes = ol_str_bytes(OL_STR("k"))},
                                    {.bytes = ol_str_bytes(OL_STR("forged"))},
                                    {.bytes = ol_str_bytes(OL_STR("mine"))}};
    const ol_host_value worker[] = {values[0], {.number = 0}};
    OL_AUTO(fixture) f;
    fixture_init(&f, ol_str_of(forged), false);
    call(&f, OL_FN_STORAGE_GET, values, 1);
    CHECK_STR(fake_value(f.run, 0), OL_STR(""));
    CHECK_STR(fake_value(f.run, 1), OL_STR("Storage get failed: the row is not encrypted"));
    call(&f, OL_FN_STORAGE_GET_BY_VERSION, values, 2);
    CHECK_STR(fake_value(f.run, 1), OL_STR("Storage get failed: the row is not encrypted"));
    call(&f, OL_FN_STORAGE_SET_IF_EQUALS, values, 3);
    CHECK_EQ(f.run->number[0], 0);
    CHECK_STR(fake_value(f.run, 2),
              OL_STR("Storage get failed during set_if_equals: the row is not encrypted"));
    call(&f, OL_FN_STORAGE_GET_WORKER, worker, OL_COUNT(worker));
    CHECK_STR(fake_value(f.run, 1), OL_STR("Storage get failed: the row is not encrypted"));
}

TEST("a plain row that all callers share is read by its plain name")
{
    static const char shown[] =
        "{\"exists\":true,\"is_encrypted\":false,\"encrypted_key_base64\":\"aw==\","
        "\"encrypted_value_base64\":\"c2hvd24=\",\"key_hash\":"
        "\"8254c329a92850f6d539dd376f4816ee2764517da5e0235514af433164480d7a\"}";
    const ol_host_value worker[] = {{.bytes = ol_str_bytes(OL_STR("k"))}, {.number = 0}};
    OL_AUTO(fixture) f;
    fixture_init(&f, ol_str_of(shown), false);
    call(&f, OL_FN_STORAGE_GET_WORKER, worker, OL_COUNT(worker));
    CHECK_STR(fake_value(f.run, 0), OL_STR("shown"));
    CHECK_STR(fake_value(f.run, 1), OL_STR(""));
}

static void check_list(listed list, unsigned pages)
{
    OL_AUTO(fixture) f;
    ol_buf want = ol_buf_new(OL_KIB(64));
    fixture_init(&f, OL_STR(""), false);
    list.on = true;
    f.list = list;
    const ol_host_value prefix = {.bytes = ol_str_bytes(OL_STR("k"))};
    call(&f, OL_FN_STORAGE_LIST_KEYS, &prefix, 1);
    for (unsigned i = f.list.first; i <= f.list.last; i++)
        ol_buf_addf(&want, "%s\"k%u\"", i == f.list.first ? "[" : ",", i);
    ol_buf_add_char(&want, ']');
    CHECK_STR(fake_value(f.run, 1), OL_STR(""));
    CHECK_STR(fake_value(f.run, 0), ol_buf_str(&want));
    CHECK_EQ(f.list.pages, pages);
    ol_buf_deinit(&want);
}

TEST("every key that is there from beginning to end is listed, once, whatever goes and comes")
{
    check_list((listed){.first = 1, .last = 99}, 1);
    check_list((listed){.first = 1, .last = 100}, 2);
    check_list((listed){.first = 1, .last = 101}, 2);
    check_list((listed){.first = 1, .last = 199}, 3); /* the second page is full, too */
    check_list((listed){.first = 1, .last = 150, .goes_at = 2}, 4); /* found, and begun anew */
    check_list((listed){.first = 1, .last = 250, .goes_at = 3}, 6);
    check_list((listed){.first = 1, .last = 150, .comes_at = 2}, 2);
    check_list((listed){.first = 1, .last = 100, .goes_at = 2}, 3);
}

TEST("what a service answers instead is told from its start, as text")
{
    static char page[OL_MIB(1)];
    OL_AUTO(fixture) f;
    memset(page, 'p', sizeof page);
    page[3] = '\xFF';
    fixture_init(&f, (ol_str){page, sizeof page}, false);
    f.status = 502;
    const ol_host_value seed = {.bytes = ol_str_bytes(OL_STR("s"))};
    call(&f, OL_FN_VRF_GENERATE, &seed, 1);
    CHECK_STARTS(fake_value(f.run, 3), OL_STR("Keystore VRF failed (502 Bad Gateway): ppp\uFFFDp"),
                 "vrf");
    CHECK(fake_value(f.run, 3).len < OL_KIB(2));
    ol_str said = set(&f, OL_STR("k"), (ol_bytes){NULL, 0});
    CHECK_STARTS(said, OL_STR("Keystore encrypt failed: 502 Bad Gateway - ppp\uFFFDp"), "set");
    CHECK(said.len < OL_KIB(2));
}

TEST("the key of randomness, which is not counted, is asked for once a run")
{
    OL_AUTO(fixture) f;
    fixture_init(&f, OL_STR("{}"), false);
    call(&f, OL_FN_VRF_PUBKEY, NULL, 0);
    CHECK_STR(fake_value(f.run, 1),
              OL_STR("Failed to parse VRF pubkey response: a member is missing"));
    f.answer = OL_STR(FITS_ALL);
    for (int i = 0; i < 100; i++) {
        call(&f, OL_FN_VRF_PUBKEY, NULL, 0);
        CHECK_STR(fake_value(f.run, 0),
                  OL_STR("2222222222222222222222222222222222222222222222222222222222222222"));
        CHECK_STR(fake_value(f.run, 1), OL_STR(""));
    }
    CHECK_EQ(http_stub_requests(f.stub), 2);
    const ol_broker_run next = {.vrf = {.request_id = 8, .identity = OL_STR("a.near")}};
    ol_broker_begin(f.broker, &next);
    call(&f, OL_FN_VRF_PUBKEY, NULL, 0);
    CHECK_EQ(http_stub_requests(f.stub), 3);
}

TEST("a session that never comes holds a run no longer than its deadline")
{
    static const int64_t DEADLINE_NS = INT64_C(200000000);
    static const int64_t SESSION_NS = OL_KEYSTORE_CONNECT_SECONDS * INT64_C(1000000000);
    OL_AUTO(fixture) f;
    fixture_init(&f, (ol_str){NULL, 0}, true);
    int64_t begun = ol_mono_ns(ol_clock_real());
    f.run->deadline_ns = begun + DEADLINE_NS;
    CHECK_STR(set(&f, OL_STR("k"), (ol_bytes){NULL, 0}),
              OL_STR("Keystore encrypt failed: no answer"));
    CHECK_EQ(http_stub_requests(f.stub), 1);
    CHECK(ol_mono_ns(ol_clock_real()) - begun < SESSION_NS); /* what opening one may take */
    const ol_host_value seed = {.bytes = ol_str_bytes(OL_STR("s"))};
    call(&f, OL_FN_VRF_GENERATE, &seed, 1); /* no time is left: nothing is asked */
    CHECK_STR(fake_value(f.run, 3), OL_STR("VRF request failed: no answer"));
    CHECK_EQ(http_stub_requests(f.stub), 1);
}
