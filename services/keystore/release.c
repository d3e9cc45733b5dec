#include "services/keystore/release.h"

#include "lib/crypto/secret.h"
#include "lib/near/account_id.h"
#include "lib/secrets/agent_rule.h"
#include "lib/secrets/blob.h"
#include "lib/secrets/names.h"
#include "services/keystore/access_log.h"
#include "services/keystore/code_binding.h"
#include "services/keystore/secret_json.h"

/* --- The decision --- */

static bool names(const ol_json *request, const char *member, ol_str account)
{
    ol_json value;
    return ol_json_find(request, ol_str_of(member), &value) &&
           ol_json_kind_of(&value) == OL_JSON_STRING && ol_json_text_is(&value, account);
}

/* X7: the caller of a run that the chain asked for is one the chain recorded: who called the
 * contract, or who signed. Not the payer: the requester names that at will. */
static ol_rc caller_check(const keystore *ks, const release *ask, chain_read *read, ol_arena *arena,
                          ol_err *err)
{
    ol_str text;
    ol_json root;
    if (!ask->has_request_id)
        return OL_OK;
    ol_str args =
        ol_arena_printf(arena, "{\"request_id\":%llu}", (unsigned long long)ask->request_id);
    if (args.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(chain_view(read, ks->set->contract_id, OL_STR("get_request"), args, arena, &text, err));
    if (ol_json_parse(text, &root, NULL) != OL_OK)
        return ol_fail(err, OL_ERR_PROTOCOL, "the contract's answer is not understood");
    if (names(&root, "sender_id", ask->user_account_id) ||
        names(&root, "signer_id", ask->user_account_id))
        return OL_OK;
    return ol_fail(err, OL_ERR_UNAUTHORIZED,
                   "Access denied: the caller is not the one of this request");
}

static ol_rc access_check(const stored_secret *stored, ol_str caller, chain_read *read,
                          ol_arena *arena, ol_err *err)
{
    ol_access access;
    ol_chain_facts facts = chain_facts(read);
    OL_TRY(ol_condition_decide(stored->access, caller, &facts, arena, NULL, &access, err));
    return access == OL_ACCESS_GRANTED
               ? OL_OK
               : ol_fail(err, OL_ERR_UNAUTHORIZED, "Access denied by access condition");
}

/* Conditions speak of accounts: what is none could pass for not being on a list of the excluded. */
static ol_rc caller_form_check(const release *ask, ol_err *err)
{
    return ol_account_id_valid(ask->user_account_id)
               ? OL_OK
               : ol_fail(err, OL_ERR_UNAUTHORIZED, "Access denied: the caller is no account");
}

static ol_rc decide(keystore *ks, const release *ask, const stored_secret *stored, chain_read *read,
                    ol_arena *arena, ol_err *err)
{
    OL_TRY(caller_form_check(ask, err));
    OL_TRY(ol_agent_rule(ask->profile, ask->owner, ask->user_account_id, err));
    OL_TRY(code_check(ks, ask, read, arena, err));
    OL_TRY(caller_check(ks, ask, read, arena, err));
    return access_check(stored, ask->user_account_id, read, arena, err);
}

static void record(keystore *ks, const release *ask, ol_rc rc, const ol_err *err)
{
    const access_entry entry = {"/decrypt", ask->owner, ask->profile, ask->user_account_id,
                                ask->task_id};
    access_record(ks, &entry, rc, err);
}

/* --- The secret --- */

/* The names that are told point into the old text, so they are copied before it goes. */
static ol_rc plain_replace(released *ret, const secret_values *kept, ol_arena *arena, ol_err *err)
{
    ol_buf text = ol_buf_new(OL_BLOB_BYTES_MAX);
    bool copied = true;
    secret_values_add_json(kept, &text);
    for (size_t i = 0; i < ret->verified_count; i++)
        copied = copied && ol_arena_copy(arena, ret->verified[i], &ret->verified[i]);
    ol_wipe(ret->plain.data, ret->plain.size);
    ol_buf_deinit(&ret->plain);
    ret->plain = text;
    return ol_buf_ok(&text) && copied ? OL_OK : ol_fail(err, OL_ERR_LIMIT, "secrets are too large");
}

/* X4: takes the codes out, tells which values have one that is right, drops the others when strict.
 * A secret without codes is left byte for byte. */
static ol_rc codes_strip(const keystore *ks, const ol_master *master, ol_str seed, ol_arena *arena,
                         released *ret, ol_err *err)
{
    secret_values all;
    secret_values kept;
    bool any = false;
    if (secret_values_parse(ol_buf_str(&ret->plain), arena, &all, NULL) != OL_OK)
        return ks->set->strict_protected /* what is not read cannot be dropped */
                   ? ol_fail(err, OL_ERR_INVALID, "Invalid secrets format")
                   : OL_OK; /* the worker says what is wrong with it */
    OL_TRY(secret_values_init(arena, &kept, err));
    ret->verified = ol_arena_array(arena, all.count + 1, sizeof *ret->verified);
    if (ret->verified == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < all.count; i++) {
        const secret_value *one = &all.items[i];
        any = any || ol_secret_name_protected(one->name);
        if (ol_secret_name_mac(one->name))
            continue;
        bool proved = ol_secret_name_protected(one->name) &&
                      secret_values_proved(&all, master, seed, one, arena);
        if (proved)
            ret->verified[ret->verified_count++] = one->name;
        if (!ol_secret_name_protected(one->name) || proved || !ks->set->strict_protected)
            OL_TRY(secret_values_set(&kept, one->name, one->value, err));
    }
    if (!any)
        return OL_OK;
    ret->has_verified = true;
    return plain_replace(ret, &kept, arena, err);
}

static ol_rc open_stored(keystore *ks, const release *ask, const stored_secret *stored,
                         ol_arena *arena, released *ret, ol_err *err)
{
    const ol_master *master;
    ol_str seed;
    ol_accessor accessor = ask->accessor;
    OL_TRY(keyring_master(ks->ring, stored->vault, &master, err));
    accessor.branch =
        stored->accessor.branch; /* a secret of every branch has no branch in its seed */
    OL_TRY(ol_accessor_seed(&accessor, ask->owner, ask->profile, arena, &seed, err));
    ret->plain = ol_buf_new(OL_BLOB_BYTES_MAX);
    if (ol_blob_open(master, seed, stored->blob, keystore_legacy(ks), &ret->plain, err) != OL_OK)
        return ol_fail(err, OL_ERR_INTERNAL, "Decryption failed");
    return codes_strip(ks, master, seed, arena, ret, err);
}

static ol_rc attempt(keystore *ks, const release *ask, chain_read *read, ol_arena *arena,
                     stored_secret *ret, ol_err *err)
{
    const ol_master *master;
    OL_TRY(stored_secret_view(read, ks->set->contract_id, &ask->accessor, ask->profile, ask->owner,
                              arena, ret, err));
    OL_TRY(keyring_master(ks->ring, ret->vault, &master, err));
    return decide(ks, ask, ret, read, arena, err);
}

/* A refusal is never based on a block older than the request: what was granted a second ago counts.
 */
ol_rc secret_release(keystore *ks, const release *ask, chain_read *read, ol_arena *arena,
                     released *ret, ol_err *err)
{
    stored_secret stored = {0};
    *ret = (released){0};
    ol_rc rc = attempt(ks, ask, read, arena, &stored, err);
    if ((rc == OL_ERR_UNAUTHORIZED || rc == OL_ERR_INVALID) && chain_read_afresh(read))
        rc = attempt(ks, ask, read, arena, &stored, err);
    record(ks, ask, rc, err);
    OL_TRY(rc);
    return open_stored(ks, ask, &stored, arena, ret, err);
}
