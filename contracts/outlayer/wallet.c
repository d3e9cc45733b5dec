/* Policies of custody wallets (Contract 9): who controls one, what is sealed for the signer. */
#include "contracts/outlayer/deposit.h"
#include "contracts/outlayer/events.h"
#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/paging.h"
#include "contracts/outlayer/roster.h"
#include "contracts/outlayer/wallet_key.h"
#include "lib/codec/hex.h"

enum {
    LAYOUT = 1,
    POLICY_BYTES = 141, /* Contract 9: of the deposit, without key and data */
    DATA_BYTES_MAX = 100000,
    NUMBERS_BYTES_MAX = 64,
};

typedef struct policy_record {
    ol_str owner;
    ol_str data;
    bool frozen;
    uint64_t updated_at;
    ol_u128 deposit;
} policy_record;

/* --- State ---------------------------------------------------------------------------------------
 */

static ol_bytes item_of(const wallet_key *key)
{
    ol_buf *item = state_begin((uint8_t)key->curve, key->len);
    ol_buf_add(item, (ol_bytes){key->bytes, key->len});
    return state_end(item);
}

static ol_bytes record_key(ol_bytes item)
{
    return state_key_text(RECORD_WALLET, ol_bytes_str(item));
}

static bool load(ol_bytes item, policy_record *ret)
{
    ol_bytes stored;
    if (!near_storage_read(record_key(item), &stored))
        return false;
    ol_borsh *from = state_open(stored, LAYOUT, NULL);
    ret->owner = state_text(from);
    ret->data = state_text(from);
    ret->frozen = ol_borsh_bool(from);
    ret->updated_at = ol_borsh_u64(from);
    ret->deposit = state_number(from);
    state_close(from);
    return true;
}

static void save(ol_bytes item, const policy_record *it)
{
    ol_buf *into = state_begin(LAYOUT, NUMBERS_BYTES_MAX + it->owner.len + it->data.len);
    state_add_text(into, it->owner);
    state_add_text(into, it->data);
    ol_borsh_add_bool(into, it->frozen);
    ol_borsh_add_u64(into, it->updated_at);
    state_add_number(into, it->deposit);
    (void)near_storage_write(record_key(item), state_end(into));
}

static ol_bytes controlled_by(ol_str owner)
{
    return list_named(ROSTER_WALLETS, owner);
}

static ol_u128 price(ol_str key_text, ol_str data)
{
    return storage_price(POLICY_BYTES + key_text.len + data.len);
}

/* --- Arguments -----------------------------------------------------------------------------------
 */

typedef struct wallet_arguments {
    ol_str pubkey;
    ol_str data;
    ol_str signature;
} wallet_arguments;

static const ol_json_field WALLET_FIELDS[] = {
    {"wallet_pubkey", OL_BIND_TEXT, OL_REQUIRED, offsetof(wallet_arguments, pubkey)},
    {"encrypted_data", OL_BIND_TEXT, OL_REQUIRED, offsetof(wallet_arguments, data)},
    {"wallet_signature", OL_BIND_TEXT, OL_REQUIRED, offsetof(wallet_arguments, signature)},
};
static const ol_json_table KEY_ALONE = {"arguments", WALLET_FIELDS, 1};
static const ol_json_table KEY_AND_DATA = {"arguments", WALLET_FIELDS, 2};
static const ol_json_table STORE = {"arguments", WALLET_FIELDS, 3};

/* --- Storing -------------------------------------------------------------------------------------
 */

/* Ends the call where an event cannot carry the data (Contract 16, 22). */
static void announce(call *c, const char *variant, ol_str key, const policy_record *it,
                     bool with_data, bool with_frozen)
{
    event e;
    ol_json_writer *w = system_event_begin(&e, c, variant);
    ol_json_put_str(w, "wallet_pubkey", key);
    ol_json_put_str(w, "owner", it->owner);
    if (with_data)
        ol_json_put_str(w, "encrypted_data", it->data);
    if (with_frozen)
        ol_json_put_bool(w, "frozen", it->frozen);
    ol_json_object_end(w);
    REQUIRE(event_close(&e), "encrypted_data too large for its event");
    event_log(&e);
}

void method_store_wallet_policy(call *c)
{
    wallet_arguments in;
    call_arguments(c, &STORE, &in);
    REQUIRE(in.pubkey.len > 0, "wallet_pubkey cannot be empty");
    REQUIRE(in.data.len > 0, "encrypted_data cannot be empty");
    REQUIRE(in.data.len <= DATA_BYTES_MAX, "encrypted_data too large (max 100KB)");
    REQUIRE(in.signature.len > 0, "wallet_signature is required");
    wallet_key key = wallet_key_parse(in.pubkey);
    const ol_str message[] = {OL_STR("store_wallet_policy:v1"), key.text, number_text(in.data.len),
                              in.data, c->predecessor};
    wallet_key_verify(&key, message, OL_COUNT(message), in.signature);

    ol_bytes item = item_of(&key);
    policy_record it = {.owner = c->predecessor};
    bool is_new = !load(item, &it);
    REQUIRE(ol_str_eq(it.owner, c->predecessor),
            "Only the original controller (%.*s) can update this wallet policy", OL_FMT(it.owner));
    ol_u128 required = price(key.text, in.data);
    deposit_settle(c, required, it.deposit, "");
    it.data = in.data;
    it.updated_at = near_block_timestamp();
    it.deposit = required;
    save(item, &it);
    if (is_new)
        roster_add(controlled_by(it.owner), item);
    announce(c, "WalletPolicyUpdated", key.text, &it, true, true);
}

/* --- Freezing, deleting --------------------------------------------------------------------------
 */

typedef struct own_policy {
    wallet_key key;
    ol_bytes item;
    policy_record record;
} own_policy;

static own_policy own(call *c, const char *what)
{
    wallet_arguments in;
    call_arguments(c, &KEY_ALONE, &in);
    own_policy it = {.key = wallet_key_parse(in.pubkey)};
    it.item = item_of(&it.key);
    REQUIRE(load(it.item, &it.record), "Wallet policy not found");
    REQUIRE(ol_str_eq(it.record.owner, c->predecessor), "Only the controller (%.*s) can %s",
            OL_FMT(it.record.owner), what);
    return it;
}

static void set_frozen(call *c, own_policy *it, bool frozen)
{
    it->record.frozen = frozen;
    it->record.updated_at = near_block_timestamp();
    save(it->item, &it->record);
    announce(c, "WalletFrozenChanged", it->key.text, &it->record, false, true);
}

void method_freeze_wallet(call *c)
{
    own_policy it = own(c, "freeze this wallet");
    REQUIRE(!it.record.frozen, "Wallet is already frozen");
    set_frozen(c, &it, true);
}

void method_unfreeze_wallet(call *c)
{
    own_policy it = own(c, "unfreeze this wallet");
    REQUIRE(it.record.frozen, "Wallet is not frozen");
    set_frozen(c, &it, false);
}

void method_delete_wallet_policy(call *c)
{
    own_policy it = own(c, "delete this wallet policy");
    (void)near_storage_remove(record_key(it.item));
    roster_remove(controlled_by(it.record.owner), it.item);
    announce(c, "WalletPolicyDeleted", it.key.text, &it.record, false, false);
    pay(it.record.owner, it.record.deposit);
}

/* --- Views ---------------------------------------------------------------------------------------
 */

void method_has_wallet_policy(call *c)
{
    wallet_arguments in;
    wallet_key key;
    call_arguments(c, &KEY_ALONE, &in);
    answer_bool(wallet_key_try(in.pubkey, &key) && near_storage_has(record_key(item_of(&key))));
}

void method_get_wallet_policy(call *c)
{
    wallet_arguments in;
    wallet_key key;
    policy_record it;
    call_arguments(c, &KEY_ALONE, &in);
    if (!wallet_key_try(in.pubkey, &key) || !load(item_of(&key), &it)) {
        answer_null();
        return;
    }
    ol_json_writer *w = answer_begin();
    ol_json_object_begin(w);
    ol_json_put_str(w, "owner", it.owner);
    ol_json_put_str(w, "encrypted_data", it.data);
    ol_json_put_bool(w, "frozen", it.frozen);
    ol_json_put_u64(w, "updated_at", it.updated_at);
    ol_json_object_end(w);
    answer_end(w);
}

void method_estimate_wallet_policy_cost(call *c)
{
    wallet_arguments in;
    call_arguments(c, &KEY_AND_DATA, &in);
    answer_dec(price(in.pubkey, in.data));
}

enum { POLICIES_DEFAULT = 100, POLICIES_MAX = 500 }; /* on a page */

typedef struct list_arguments {
    ol_str owner;
    page page;
} list_arguments;

static const ol_json_field LIST_FIELDS[] = {
    {"owner", OL_BIND_TEXT, OL_REQUIRED, offsetof(list_arguments, owner),
     .check = ol_account_id_valid},
    PAGE_FIELDS(list_arguments, page),
};
static const ol_json_table LIST = {"arguments", LIST_FIELDS, OL_COUNT(LIST_FIELDS)};

static void write_item(ol_json_writer *w, const void *owner, uint32_t place)
{
    ol_bytes item;
    policy_record it;
    if (!list_item(controlled_by(*(const ol_str *)owner), place, &item) || !load(item, &it))
        return;
    ol_buf text = ol_buf_new(2 * KEY_BYTES_MAX + 16);
    ol_buf_add_str(&text, item.data[0] == KEY_ED25519 ? OL_STR("ed25519:") : OL_STR("secp256k1:"));
    ol_hex_add(&text, (ol_bytes){item.data + 1, item.len - 1});
    ol_json_object_begin(w);
    ol_json_put_str(w, "wallet_pubkey", ol_buf_str(&text));
    ol_json_put_str(w, "owner", it.owner);
    ol_json_put_bool(w, "frozen", it.frozen);
    ol_json_put_u64(w, "updated_at", it.updated_at);
    ol_json_object_end(w);
}

void method_get_wallet_policies_by_owner(call *c)
{
    list_arguments in = {.page.limit = POLICIES_DEFAULT};
    call_arguments(c, &LIST, &in);
    answer_page(&in.page, list_count(controlled_by(in.owner)), POLICIES_MAX, write_item, &in.owner);
}
