#include "contracts/outlayer/secret.h"

#include "contracts/outlayer/access_condition.h"
#include "contracts/outlayer/deposit.h"
#include "contracts/outlayer/events.h"
#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/names.h"
#include "contracts/outlayer/payment_key.h"

enum {
    PROFILE_BYTES_MAX = 64,
    ACCESS_JSON_BYTES_MAX = 1 << 20, /* ours; the deposit is the real bound */
};

ol_str access_json(const ol_json *value)
{
    ol_buf text = ol_buf_new(ACCESS_JSON_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    access_fault fault;
    if (!access_condition_write(value, &w, &fault))
        fail_argument(&fault.value, fault.words);
    REQUIRE(ol_buf_ok(&text), "Access condition too long");
    return ol_buf_str(&text);
}

/* --- Arguments -----------------------------------------------------------------------------------
 */

/* Of every method here; each table takes what it needs. */
typedef struct secret_arguments {
    ol_json accessor;
    ol_str profile;
    ol_str encrypted;
    ol_json access;
    ol_str vault;
} secret_arguments;

#define ACCESSOR_FIELD                                                                             \
    {"accessor", OL_BIND_VALUE, OL_REQUIRED, offsetof(secret_arguments, accessor)}
#define PROFILE_FIELD {"profile", OL_BIND_TEXT, OL_REQUIRED, offsetof(secret_arguments, profile)}
#define ENCRYPTED_FIELD                                                                            \
    {"encrypted_secrets_base64", OL_BIND_TEXT, OL_REQUIRED, offsetof(secret_arguments, encrypted)}
#define VAULT_FIELD                                                                                \
    {"vault_id", OL_BIND_TEXT, OL_OPTIONAL, offsetof(secret_arguments, vault),                     \
     .check = ol_account_id_valid}
#define ACCESS_FIELD(name) {name, OL_BIND_VALUE, OL_REQUIRED, offsetof(secret_arguments, access)}

static const ol_json_field STORE_FIELDS[] = {ACCESSOR_FIELD, PROFILE_FIELD, ENCRYPTED_FIELD,
                                             ACCESS_FIELD("access"), VAULT_FIELD};
static const ol_json_table STORE = {"arguments", STORE_FIELDS, OL_COUNT(STORE_FIELDS)};

static const ol_json_table OWN = {"arguments", STORE_FIELDS, 2};

static const ol_json_field ACCESS_FIELDS[] = {ACCESSOR_FIELD, PROFILE_FIELD,
                                              ACCESS_FIELD("new_access")};
static const ol_json_table ACCESS = {"arguments", ACCESS_FIELDS, OL_COUNT(ACCESS_FIELDS)};

static secret_name name_of(call *c, const secret_arguments *in, ol_str owner)
{
    accessor of = accessor_read(c, &in->accessor);
    return (secret_name){of, profile_canonical(&of, in->profile), owner};
}

/* --- Storing -------------------------------------------------------------------------------------
 */

static bool names_an_agent(ol_str profile)
{
    return ol_account_id_is_implicit(profile);
}

static void check_profile(const secret_name *name)
{
    ol_str profile = name->profile;
    REQUIRE(profile.len > 0, "Profile cannot be empty");
    REQUIRE(profile.len <= PROFILE_BYTES_MAX, "Profile name too long (max 64 chars)");
    REQUIRE(plain_name(profile),
            "Profile name must contain only alphanumeric, dash, or underscore");
}

static void check_agent_profile(const secret_name *name)
{
    REQUIRE(!names_an_agent(name->profile) || ol_str_eq(name->profile, name->owner),
            "A profile of 64 hex characters names an AGENT and belongs to its account");
}

void secret_reprice(call *c, secret *it)
{
    ol_u128 required = secret_price(it, true);
    deposit_settle(c, required, it->deposit, YOCTO_NEAR);
    it->deposit = required;
}

void secret_store(call *c, secret *it)
{
    bool is_key = it->name.accessor.kind == ACCESSOR_PAYMENT_KEY;
    check_profile(&it->name);
    REQUIRE(it->encrypted.len > 0, "Encrypted secrets cannot be empty");
    check_agent_profile(&it->name);

    secret old = {0};
    ol_bytes id = secret_id(&it->name);
    bool is_new = !secret_load(id, it->name.owner, &old);
    it->updated_at = near_block_timestamp();
    it->created_at = is_new ? it->updated_at : old.created_at; /* Contract 16, 8 */
    it->deposit = old.deposit;
    if (it->vault.data == NULL)
        it->vault = old.vault;
    if (is_key)
        payment_key_check_new(it, is_new);

    secret_reprice(c, it);
    secret_save(id, it);
    if (is_new)
        secret_enlist(id, &it->name);
    if (is_key)
        payment_key_announce(c, it);
    else
        near_log(is_new ? OL_STR("Secrets stored") : OL_STR("Secrets updated"));
}

void method_store_secrets(call *c)
{
    secret_arguments in = {0};
    call_arguments(c, &STORE, &in);
    secret it = {
        .name = name_of(c, &in, c->predecessor),
        .encrypted = in.encrypted,
        .access_json = access_json(&in.access),
        .vault = in.vault,
    };
    accessor_check(&it.name.accessor);
    if (it.name.accessor.kind == ACCESSOR_PAYMENT_KEY)
        payment_key_check_profile(it.name.profile);
    secret_store(c, &it);
}

void method_delete_secrets(call *c)
{
    secret_arguments in = {0};
    secret removed;
    call_arguments(c, &OWN, &in);
    secret_name name = name_of(c, &in, c->predecessor);
    /* Contract 16, 6: a key's record off-chain must go with it. */
    REQUIRE(name.accessor.kind != ACCESSOR_PAYMENT_KEY,
            "A payment key is deleted with delete_payment_key");
    REQUIRE(secret_take(&name, &removed), "Secrets not found");
    near_log(OL_STR("Secrets deleted"));
    pay(c->predecessor, removed.deposit);
}

/* Contract 16, 7: a condition that grows is paid for. */
void method_update_access(call *c)
{
    secret_arguments in = {0};
    secret it;
    call_arguments(c, &ACCESS, &in);
    secret_name name = name_of(c, &in, c->predecessor);
    ol_bytes id = secret_id(&name);
    ol_str access = access_json(&in.access);
    REQUIRE(secret_load(id, name.owner, &it), "Secrets not found");
    it.access_json = access;
    it.updated_at = near_block_timestamp();
    secret_reprice(c, &it);
    secret_save(id, &it);
    near_log(OL_STR("Access updated"));
}

void method_unbind_secret_vault(call *c)
{
    secret_arguments in = {0};
    secret it;
    call_arguments(c, &OWN, &in);
    secret_name name = name_of(c, &in, c->predecessor);
    ol_bytes id = secret_id(&name);
    REQUIRE(secret_load(id, name.owner, &it), "secret not found or not owned by caller");
    if (it.vault.data == NULL)
        return;
    it.vault = (ol_str){0};
    secret_reprice(c, &it);
    secret_save(id, &it);
}
