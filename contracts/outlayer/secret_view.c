/* Views of secrets (Contract 8, 11). */
#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/nonces.h"
#include "contracts/outlayer/paging.h"
#include "contracts/outlayer/secret.h"
#include "contracts/outlayer/types.h"

typedef struct find_arguments {
    ol_json accessor;
    ol_str profile;
    ol_str owner;
    ol_str encrypted;
    ol_json access;
    ol_str vault;
} find_arguments;

static const ol_json_field FIND_FIELDS[] = {
    {"accessor", OL_BIND_VALUE, OL_REQUIRED, offsetof(find_arguments, accessor)},
    {"profile", OL_BIND_TEXT, OL_REQUIRED, offsetof(find_arguments, profile)},
    {"owner", OL_BIND_TEXT, OL_REQUIRED, offsetof(find_arguments, owner),
     .check = ol_account_id_valid},
    /* estimate_storage_cost alone */
    {"encrypted_secrets_base64", OL_BIND_TEXT, OL_REQUIRED, offsetof(find_arguments, encrypted)},
    {"access", OL_BIND_VALUE, OL_REQUIRED, offsetof(find_arguments, access)},
    {"vault_id", OL_BIND_TEXT, OL_OPTIONAL, offsetof(find_arguments, vault),
     .check = ol_account_id_valid},
};
static const ol_json_table FIND = {"arguments", FIND_FIELDS, 3};
static const ol_json_table COST = {"arguments", FIND_FIELDS, OL_COUNT(FIND_FIELDS)};

static secret_name name_of(call *c, const find_arguments *in)
{
    accessor of = accessor_read(c, &in->accessor);
    return (secret_name){of, profile_canonical(&of, in->profile), in->owner};
}

/* Contract 8: a repository with a branch falls back to any branch. */
static bool find(secret_name name, secret *ret)
{
    if (secret_load(secret_id(&name), name.owner, ret))
        return true;
    if (name.accessor.branch.data == NULL)
        return false;
    name.accessor.branch = (ol_str){0};
    return secret_load(secret_id(&name), name.owner, ret);
}

static void write_profile(ol_json_writer *w, const secret *it)
{
    ol_json_object_begin(w);
    ol_json_put_str(w, "encrypted_secrets", it->encrypted);
    ol_json_put_raw(w, "access", it->access_json);
    ol_json_put_u64(w, "created_at", it->created_at);
    ol_json_put_u64(w, "updated_at", it->updated_at);
    ol_json_put_dec(w, "storage_deposit", it->deposit);
    ol_json_key(w, "accessor");
    accessor_write(w, &it->name.accessor);
    ol_json_object_end(w);
}

static bool find_by_arguments(call *c, secret *ret)
{
    find_arguments in = {0};
    call_arguments(c, &FIND, &in);
    return find(name_of(c, &in), ret);
}

void method_get_secrets(call *c)
{
    secret it;
    if (!find_by_arguments(c, &it)) {
        answer_null();
        return;
    }
    ol_json_writer *w = answer_begin();
    write_profile(w, &it);
    answer_end(w);
}

void method_get_secret_with_vault(call *c)
{
    secret it;
    bool found = find_by_arguments(c, &it);
    ol_json_writer *w = answer_begin();
    ol_json_object_begin(w);
    ol_json_key(w, "profile");
    if (found)
        write_profile(w, &it);
    else
        ol_json_add_null(w);
    put_text_or_null(w, "vault_id", found ? it.vault : (ol_str){0});
    ol_json_object_end(w);
    answer_end(w);
}

void method_get_secret_vault(call *c)
{
    find_arguments in = {0};
    secret it;
    call_arguments(c, &FIND, &in);
    secret_name name = name_of(c, &in);
    if (secret_load(secret_id(&name), name.owner, &it) && it.vault.data != NULL)
        answer_str(it.vault);
    else
        answer_null();
}

void method_secrets_exist(call *c)
{
    find_arguments in = {0};
    call_arguments(c, &FIND, &in);
    secret_name name = name_of(c, &in);
    answer_bool(secret_exists(secret_id(&name)));
}

/* As Contract 8 has it: without the 64 index bytes for a key that exists. Storing counts them every
 * time and credits what was paid (Contract 16, 8), so the estimate is never too low to attach. It
 * is arithmetic, and works before the contract is initialised. */
void method_estimate_storage_cost(call *c)
{
    find_arguments in = {0};
    secret old = {0};
    call_arguments(c, &COST, &in);
    secret it = {
        .name = name_of(c, &in),
        .encrypted = in.encrypted,
        .access_json = access_json(&in.access),
        .vault = in.vault,
    };
    bool is_new = !secret_load(secret_id(&it.name), it.name.owner, &old);
    if (it.vault.data == NULL)
        it.vault = old.vault;
    answer_dec(secret_price(&it, is_new));
}

/* --- Lists ---------------------------------------------------------------------------------------
 */

enum { SECRETS_DEFAULT = 100, SECRETS_MAX = 500 }; /* on a page */

static void write_info(ol_json_writer *w, const void *owner, uint32_t place)
{
    secret it;
    if (!secret_at(*(const ol_str *)owner, place, &it))
        return;
    ol_json_object_begin(w);
    ol_json_key(w, "accessor");
    accessor_write(w, &it.name.accessor);
    ol_json_put_str(w, "profile", it.name.profile);
    ol_json_put_u64(w, "created_at", it.created_at);
    ol_json_put_u64(w, "updated_at", it.updated_at);
    ol_json_put_dec(w, "storage_deposit", it.deposit);
    ol_json_put_raw(w, "access", it.access_json);
    ol_json_object_end(w);
}

void method_list_user_secrets(call *c)
{
    account_page in = {.page.limit = SECRETS_DEFAULT};
    call_arguments(c, &ACCOUNT_PAGE, &in);
    answer_page(&in.page, secret_count(in.account_id), SECRETS_MAX, write_info, &in.account_id);
}

/* Kept for older clients (Contract 8). */
void method_list_profiles(call *c)
{
    (void)c;
    near_return_str(OL_STR("[]"));
}

void method_get_next_payment_key_nonce(call *c)
{
    account_page in = {0};
    uint32_t highest = 0;
    call_arguments(c, &ACCOUNT_PAGE, &in);
    (void)nonces_highest(in.account_id, &highest);
    answer_u64((uint64_t)highest + 1);
}
