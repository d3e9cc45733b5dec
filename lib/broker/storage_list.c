/* list-keys: pages of rows, each key opened. Rows stand in order of creation, so other runs add at
 * the end; when one removes a row, those behind move up and a page would begin too late. So each
 * page begins with the last row of the one before, and where it does not, the list begins anew. */
#include "lib/broker/storage_steps.h"

enum { LIST_PAGE = 100, LIST_SECONDS = 25, PATH_BYTES_MAX = 2048 };

#define NONE OL_STR("")

static void list_next(ol_broker *broker);
static void list_page(ol_broker *broker);

static void list_answer(ol_broker *broker)
{
    ol_buf *keys = &broker->storage.keys;
    ol_buf_add_char(keys, ']');
    if (ol_buf_ok(keys))
        ol__storage_answer_bytes(broker, ol_buf_bytes(keys), NONE);
    else
        ol__storage_fail(broker, OL_STR("list_keys: the keys are too many for one answer"));
}

static void list_key(ol_broker *broker, ol_str key)
{
    ol_buf *keys = &broker->storage.keys;
    if (!ol_str_starts(key, broker->storage.key))
        return;
    if (keys->len > 1)
        ol_buf_add_char(keys, ',');
    ol_buf_add_char(keys, '"');
    ol_json_escape(keys, key);
    ol_buf_add_char(keys, '"');
}

static void list_opened(ol_broker *broker)
{
    ol_str key;
    if (!ol__service_text(broker, "key", &key)) {
        ol__storage_fail_with(broker, "Keystore decrypt failed");
        return;
    }
    list_key(broker, key);
    list_next(broker);
}

static bool list_too_long(ol_broker *broker)
{
    const ol__storage *it = &broker->storage;
    if (ol__now_ns() < it->list_until_ns)
        return false;
    ol__storage_fail(broker,
                     ol_arena_printf(&broker->service.arena,
                                     "list_keys timed out after %ds: too many keys (%llu total). "
                                     "Consider using prefix filter or reducing stored keys.",
                                     LIST_SECONDS, (unsigned long long)it->total));
    return true;
}

/* From the first row on; the time for the whole list runs on. */
static void list_restart(ol_broker *broker)
{
    ol__storage *it = &broker->storage;
    ol_buf_clear(&it->keys);
    ol_buf_add_char(&it->keys, '[');
    it->offset = 0;
    it->last_name = (ol_str){NULL, 0};
    list_page(broker);
}

/* The row that was seen already is passed over; false: it is another one. */
static bool list_meets(ol_broker *broker)
{
    ol__storage *it = &broker->storage;
    ol_json first;
    ol_json name;
    return it->last_name.data == NULL ||
           (ol_json_next_item(&it->rows, &first) &&
            ol_json_find(&first, OL_STR("key_hash"), &name) && ol_json_says(&name, it->last_name));
}

static void list_page_came(ol_broker *broker)
{
    ol__storage *it = &broker->storage;
    ol_json root;
    ol_json total;
    ol_json keys;
    ol_buf *page = &it->page;
    ol_buf_clear(page);
    ol_buf_add(page, ol_buf_bytes(&broker->service.answer)); /* the next steps reuse the answer */
    if (broker->service.status != 200 ||
        ol_json_parse_within(ol_buf_str(page),
                             (ol_json_limits){OL_KEYSTORE_ANSWER_BYTES_MAX, OL_JSON_DEPTH_MAX},
                             &root, NULL) != OL_OK ||
        !ol_json_find(&root, OL_STR("total"), &total) ||
        ol_json_u64(&total, &it->total, NULL) != OL_OK ||
        !ol_json_find(&root, OL_STR("keys"), &keys) || ol_json_kind_of(&keys) != OL_JSON_ARRAY) {
        ol__storage_fail_with(broker, "Storage list failed");
        return;
    }
    it->rows = ol_json_iterate(&keys);
    it->page_rows = ol_json_count(&keys);
    it->offset += it->page_rows;
    if (list_meets(broker))
        list_next(broker);
    else if (!list_too_long(broker))
        list_restart(broker);
}

static void list_page(ol_broker *broker)
{
    char path[PATH_BYTES_MAX];
    ol_buf text = ol_buf_over(path, sizeof path);
    ol_buf_add_str(&text, OL_STR("/storage/list?project_uuid="));
    ol_percent_encode(broker->about.storage.project_uuid, &text);
    ol_buf_add_str(&text, OL_STR("&account_id="));
    ol_percent_encode(broker->storage.account, &text);
    ol_buf_addf(&text, "&limit=%d&offset=%llu&base64=1&values=0", LIST_PAGE,
                (unsigned long long)broker->storage.offset);
    ol_buf_add_char(&text, '\0');
    if (ol_buf_ok(&text))
        ol__service_get(broker, OL__TO_COORDINATOR, path, list_page_came);
    else
        ol__storage_fail(broker, OL_STR("Storage list failed: the account's name is too long"));
}

static void list_open(ol_broker *broker, const ol_json *one)
{
    ol_str sealed;
    ol_str hash;
    if (!ol__storage_row_text(broker, one, "encrypted_key_base64", &sealed) ||
        !ol__storage_row_text(broker, one, "key_hash", &hash)) {
        ol__storage_fail_with(broker, "Storage list failed");
        return;
    }
    ol_json_writer w = ol__service_body(broker);
    ol__storage_put_space(broker, &w);
    broker->storage.last_name = hash;
    ol_json_put_str(&w, "key_hash", hash);
    ol_json_put_str(&w, "encrypted_key_base64", sealed);
    ol__service_post(broker, &w, OL__TO_KEYSTORE, "/storage/decrypt", list_opened);
}

static void list_next(ol_broker *broker)
{
    ol__storage *it = &broker->storage;
    ol_json one;
    if (list_too_long(broker))
        return;
    if (ol_json_next_item(&it->rows, &one)) {
        list_open(broker, &one);
    } else if (it->page_rows < LIST_PAGE) {
        list_answer(broker);
    } else {
        it->offset--; /* the last row once more */
        list_page(broker);
    }
}

void ol__storage_list_begin(ol_broker *broker)
{
    ol__storage *it = &broker->storage;
    it->keys = ol_buf_new(OL_STORAGE_VALUE_BYTES_MAX);
    it->page = ol_buf_new(OL_KEYSTORE_ANSWER_BYTES_MAX);
    it->list_until_ns = ol__now_ns() + LIST_SECONDS * INT64_C(1000000000);
    ol_buf_add_char(&it->keys, '[');
    list_page(broker);
}
