/* Coordinator 15, cases 70 to 75: rows of projects over HTTP. */
#include <stdio.h>

#include "lib/crypto/hash.h"
#include "tests/conformance/coordinator/lab.h"

/* SHA-256 of `counter`. */
#define HASH "efe899c74558f20b08bbc19bf0228c0c25bddb7871d80bd34ac8b33c030b3698"
#define NAME "\"project_uuid\":\"p1\",\"account_id\":\"a.near\",\"key_hash\":\"" HASH "\""
#define SHOWN "\"project_uuid\":\"p1\",\"account_id\":\"@worker\",\"key_hash\":\"" HASH "\""
#define BYTES "\"encrypted_key\":[107],\"encrypted_value\":[1,2,255]"

static void check_body(wire_answer answer, int status, const char *want)
{
    CHECK_EQ(answer.status, status);
    CHECK_STR(answer.body, ol_str_of(want));
}

TEST("C70: set, then set-if-absent")
{
    lab it;
    lab_start(&it, NULL);
    check_body(lab_work(&it, "/storage/set", "{" NAME ",\"wasm_hash\":\"w\"," BYTES "}"), 200, "");
    check_body(lab_work(&it, "/storage/set-if-absent", "{" NAME ",\"wasm_hash\":\"w\"," BYTES "}"),
               200, "{\"inserted\":false}");
    check_body(lab_work(&it, "/storage/has", "{" NAME "}"), 200, "{\"exists\":true}");
    check_body(lab_work(&it, "/storage/get", "{" NAME "}"), 200,
               "{\"exists\":true,\"encrypted_key\":[107],\"encrypted_value\":[1,2,255],"
               "\"wasm_hash\":\"w\",\"is_encrypted\":true}");
    check_body(lab_work(&it, "/storage/get", "{" NAME ",\"base64\":true}"), 200,
               "{\"exists\":true,\"encrypted_key_base64\":\"aw==\",\"encrypted_value_base64\":"
               "\"AQL/\",\"wasm_hash\":\"w\",\"is_encrypted\":true}");
    check_body(lab_work_get(&it, "/storage/usage?project_uuid=p1&account_id=a.near"), 200,
               "{\"total_bytes\":4,\"key_count\":1}");
    check_body(lab_work_get(&it, "/storage/list?project_uuid=p1&account_id=a.near"), 200,
               "{\"keys\":[{\"key_hash\":\"" HASH "\",\"encrypted_key\":[107],"
               "\"encrypted_value\":[1,2,255],\"wasm_hash\":\"w\"}],\"total\":1}");
    check_body(lab_work_get(&it, "/storage/list?project_uuid=p1&account_id=a.near&values=0"), 200,
               "{\"keys\":[{\"key_hash\":\"" HASH
               "\",\"encrypted_key\":[107],\"wasm_hash\":\"w\"}],\"total\":1}");
    lab_stop(&it);
}

TEST("C71: set-if-equals with a stale value shows what is there")
{
    lab it;
    lab_start(&it, NULL);
    (void)lab_work(&it, "/storage/set", "{" NAME ",\"wasm_hash\":\"w\"," BYTES "}");
    check_body(lab_work(&it, "/storage/set-if-equals",
                        "{" NAME ",\"wasm_hash\":\"w\",\"expected_encrypted_value\":[9],"
                        "\"new_encrypted_key\":[1],\"new_encrypted_value\":[2]}"),
               200,
               "{\"updated\":false,\"current_encrypted_value\":[1,2,255],"
               "\"current_encrypted_key\":[107]}");
    check_body(lab_work(&it, "/storage/set-if-equals",
                        "{" NAME
                        ",\"wasm_hash\":\"w\",\"expected_encrypted_value_base64\":\"AQL/\","
                        "\"new_encrypted_key_base64\":\"aw==\","
                        "\"new_encrypted_value_base64\":\"Ag==\",\"base64\":true}"),
               200,
               "{\"updated\":true,\"current_encrypted_value_base64\":null,"
               "\"current_encrypted_key_base64\":null}");
    lab_stop(&it);
}

TEST("C72: get and delete of an absent key")
{
    lab it;
    lab_start(&it, NULL);
    check_body(lab_work(&it, "/storage/get", "{" NAME "}"), 200,
               "{\"exists\":false,\"encrypted_key\":null,\"encrypted_value\":null,"
               "\"wasm_hash\":null,\"is_encrypted\":true}");
    CHECK_EQ(lab_work(&it, "/storage/delete", "{" NAME "}").status, 404);
    CHECK_EQ(lab_post(&it, "/storage/get", "", "{" NAME "}").status, 401);
    lab_stop(&it);
}

TEST("C74: encrypted rows are not public, plain ones are")
{
    lab it;
    lab_start(&it, NULL);
    (void)lab_work(&it, "/storage/set", "{" SHOWN ",\"wasm_hash\":\"w\"," BYTES "}");
    CHECK_EQ(
        lab_work(&it, "/storage/get-public", "{\"project_uuid\":\"p1\",\"key_hash\":\"" HASH "\"}")
            .status,
        403);
    check_body(lab_send(&it, "GET", "/public/storage/get?project_uuid=p1&key=counter", "", NULL),
               403, "Storage key exists but is encrypted (not public)");
    check_body(
        lab_send(&it, "GET", "/public/storage/get?project_uuid=p1&key=none&format=raw", "", NULL),
        404, "Key not found");
    (void)lab_work(&it, "/storage/set",
                   "{" SHOWN ",\"wasm_hash\":\"w\",\"is_encrypted\":false," BYTES "}");
    check_body(lab_send(&it, "GET", "/public/storage/get?project_uuid=p1&key=counter", "", NULL),
               200, "{\"exists\":true,\"value\":\"AQL/\"}");
    check_body(lab_send(&it, "GET", "/public/storage/get?project_uuid=p1&key=none", "", NULL), 200,
               "{\"exists\":false}");
    check_body(
        lab_work(&it, "/storage/get-public", "{\"project_uuid\":\"p1\",\"key_hash\":\"" HASH "\"}"),
        200, "{\"exists\":true,\"value\":[1,2,255]}");
    lab_stop(&it);
}

TEST("C75: a batch answers each key once, at most fifty")
{
    lab it;
    lab_start(&it, NULL);
    (void)lab_work(&it, "/storage/set",
                   "{" SHOWN ",\"wasm_hash\":\"w\",\"is_encrypted\":false," BYTES "}");
    check_body(lab_post(&it, "/public/storage/batch", "",
                        "{\"project_uuid\":\"p1\",\"keys\":[\"counter\",\"none\",\"counter\"]}"),
               200,
               "{\"results\":{\"counter\":{\"exists\":true,\"value\":\"AQL/\"},"
               "\"none\":{\"exists\":false}}}");
    check_body(lab_post(&it, "/public/storage/batch", "", "{\"project_uuid\":\"p1\",\"keys\":[]}"),
               400, "No keys provided");
    ol_buf body = ol_buf_new(OL_MIB(1));
    ol_buf_add_str(&body, OL_STR("{\"project_uuid\":\"p1\",\"keys\":[\"0\""));
    for (unsigned i = 1; i <= 50; i++)
        ol_buf_addf(&body, ",\"%u\"", i);
    ol_buf_add_str(&body, OL_STR("]}"));
    ol_buf_add_char(&body, '\0');
    check_body(lab_post(&it, "/public/storage/batch", "", (const char *)body.data), 400,
               "Maximum 50 keys allowed per request");
    ol_buf_deinit(&body);
    lab_stop(&it);
}

/* A readable row of two megabytes. */
static void put_large(lab *it, unsigned number)
{
    enum { BASE64_DIGITS = 2796200 };
    ol_buf body = ol_buf_new(OL_MIB(4));
    char key[4];
    (void)snprintf(key, sizeof key, "%u", number);
    ol_sha256_hex hash = ol_sha256_hex_of(ol_str_bytes(ol_str_of(key)));
    ol_buf_addf(&body,
                "{\"project_uuid\":\"p1\",\"account_id\":\"@worker\",\"key_hash\":\"%s\","
                "\"wasm_hash\":\"w\",\"is_encrypted\":false,\"encrypted_key_base64\":\"aw==\","
                "\"encrypted_value_base64\":\"",
                hash.data);
    for (unsigned k = 0; k < BASE64_DIGITS / 8; k++)
        ol_buf_add_str(&body, OL_STR("AAAAAAAA"));
    ol_buf_add_str(&body, OL_STR("\"}"));
    ol_buf_add_char(&body, '\0');
    CHECK(ol_buf_ok(&body));
    CHECK_EQ(lab_work(it, "/storage/set", (const char *)body.data).status, 200);
    ol_buf_deinit(&body);
}

TEST("a batch of more bytes than one answer holds is refused in words")
{
    lab it;
    lab_start(&it, NULL);
    for (unsigned i = 0; i < 20; i++)
        put_large(&it, i);
    CHECK_EQ(lab_post(&it, "/public/storage/batch", "",
                      "{\"project_uuid\":\"p1\",\"keys\":[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\","
                      "\"6\"]}")
                 .status,
             200);
    check_body(lab_post(&it, "/public/storage/batch", "",
                        "{\"project_uuid\":\"p1\",\"keys\":[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\","
                        "\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\",\"13\",\"14\",\"15\","
                        "\"16\",\"17\",\"18\",\"19\"]}"),
               400, "Values of more than 16777216 bytes: ask for fewer keys");
    lab_stop(&it);
}

TEST("clearing a project takes its rows and ends its task")
{
    lab it;
    lab_start(&it, NULL);
    (void)lab_work(&it, "/storage/set", "{" NAME ",\"wasm_hash\":\"w\"," BYTES "}");
    CHECK_EQ(lab_work(&it, "/projects/cleanup-task/create",
                      "{\"project_id\":\"a.near/p\",\"project_uuid\":\"p1\"}")
                     .status /
                 100,
             2);
    check_body(lab_work(&it, "/storage/clear-project", "{\"project_uuid\":\"p1\"}"), 200, "");
    check_body(lab_work(&it, "/storage/has", "{" NAME "}"), 200, "{\"exists\":false}");
    CHECK_STR(lab_work_get(&it, "/system-callbacks/poll?timeout=0").body, OL_STR("null"));
    lab_stop(&it);
}
