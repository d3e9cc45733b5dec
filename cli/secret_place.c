#include "cli/secret_place.h"

#include "cli/project_file.h"
#include "lib/codec/hex.h"
#include "lib/crypto/hash.h"

/* Contract 8: 64 bytes of an index entry at 10^19 yocto. */
#define INDEX_YOCTO ((ol_u128)64 * UINT64_C(10000000000000000000))

static ol_rc accessor_read(const cli *it, const cli_args *args, ol_accessor *ret, ol_err *err)
{
    ol_str project = OL_STR(""), repo, hash, branch;
    bool has_project = cli_value(args, "project", &project);
    bool has_repo = cli_value(args, "repo", &repo);
    bool has_hash = cli_value(args, "wasm-hash", &hash);
    if (has_project + has_repo + has_hash > 1)
        return ol_fail(err, OL_ERR_USAGE, "one of --project, --repo and --wasm-hash");
    if (cli_value(args, "branch", &branch) && !has_repo)
        return ol_fail(err, OL_ERR_USAGE, "--branch is of a --repo");
    if (has_repo) {
        ret->kind = OL_ACCESSOR_REPO;
        if (cli_value(args, "branch", &branch))
            ret->branch = branch;
        if (ol_secret_repo_normalise(repo, it->arena, &ret->name, err) != OL_OK)
            return ol_fail(err, OL_ERR_USAGE, "%.*s names no repository", OL_FMT(repo));
        return OL_OK;
    }
    if (has_hash) {
        ol_sha256 digest;
        *ret = (ol_accessor){.kind = OL_ACCESSOR_WASM_HASH};
        if (!ol_hex_decode_fixed(hash, digest.bytes, sizeof digest.bytes))
            return ol_fail(err, OL_ERR_USAGE, "--wasm-hash: 64 hex digits are wanted");
        ret->name = ol_hex_of(it->arena, ol_sha256_bytes(&digest)); /* lower case, as stored */
        return ret->name.data != NULL ? OL_OK : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    }
    ret->kind = OL_ACCESSOR_PROJECT;
    return project_id_find(it, project, &ret->name, err);
}

ol_rc secret_place_read(const cli *it, const cli_args *args, ol_str owner, secret_place *ret,
                        ol_err *err)
{
    secret_place place = {.owner = owner};
    OL_TRY(accessor_read(it, args, &place.accessor, err));
    place.profile = cli_value_or(args, "profile", OL_STR(SECRET_PROFILE_STANDARD));
    OL_TRY(ol_accessor_seed(&place.accessor, owner, place.profile, it->arena, &place.seed, err));
    *ret = place;
    return OL_OK;
}

ol_rc secret_place_of_key(const cli *it, ol_str owner, uint32_t nonce, secret_place *ret,
                          ol_err *err)
{
    secret_place place = {.accessor = {.kind = OL_ACCESSOR_PAYMENT_KEY}, .owner = owner};
    place.profile = ol_arena_printf(it->arena, "%u", nonce);
    if (place.profile.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(ol_accessor_seed(&place.accessor, owner, place.profile, it->arena, &place.seed, err));
    *ret = place;
    return OL_OK;
}

void secret_place_put(ol_json_writer *w, const secret_place *place)
{
    ol_json_key(w, "accessor");
    ol_accessor_add_contract(w, &place->accessor);
    ol_json_put_str(w, "profile", place->profile);
    ol_json_put_str(w, "owner", place->owner);
}

/* A repository's and a branch's name are whatever somebody stored. */
static ol_str clean(const cli *it, ol_str text)
{
    OL_AUTO(ol_buf) cleaned = ol_buf_new(OL_KIB(64));
    ol_str copy;
    cli_add_clean(&cleaned, text);
    return ol_arena_copy(it->arena, ol_buf_str(&cleaned), &copy) ? copy : OL_STR("");
}

ol_str secret_place_words(const cli *it, const secret_place *place)
{
    const ol_accessor *a = &place->accessor;
    switch (a->kind) {
    case OL_ACCESSOR_REPO:
        return ol_arena_printf(it->arena, "repository %.*s%s%.*s, profile %.*s",
                               OL_FMT(clean(it, a->name)),
                               a->branch.data != NULL ? ", branch " : "",
                               OL_FMT(clean(it, a->branch)), OL_FMT(place->profile));
    case OL_ACCESSOR_WASM_HASH:
        return ol_arena_printf(it->arena, "code %.*s, profile %.*s", OL_FMT(a->name),
                               OL_FMT(place->profile));
    case OL_ACCESSOR_PROJECT:
        return ol_arena_printf(it->arena, "project %.*s, profile %.*s", OL_FMT(a->name),
                               OL_FMT(place->profile));
    case OL_ACCESSOR_PAYMENT_KEY:
        break;
    }
    return ol_arena_printf(it->arena, "payment key %.*s", OL_FMT(place->profile));
}

/* ---- what lies there */

static ol_rc stored_read(const cli *it, const ol_json *view, secret_stored *ret, ol_err *err)
{
    ol_json value;
    secret_stored stored = {.found = true};
    if (!ol_json_find(view, OL_STR("access"), &value) ||
        !ol_arena_copy(it->arena, value.raw, &stored.access_json) ||
        !ol_json_find(view, OL_STR("storage_deposit"), &value))
        return ol_fail(err, OL_ERR_PROTOCOL, "the contract's answer names no access or deposit");
    OL_TRY(ol_json_u128_text(&value, &stored.deposit.yocto, err));
    if (ol_json_find(view, OL_STR("updated_at"), &value))
        OL_TRY(ol_json_u64(&value, &stored.updated_at, err));
    if (ol_json_find(view, OL_STR("accessor"), &value))
        OL_TRY(ol_accessor_parse(&value, it->arena, &stored.accessor, err));
    if (ol_json_find(view, OL_STR("encrypted_secrets"), &value)) {
        OL_TRY(ol_json_text(&value, it->arena, &stored.blob_base64, err));
        if (!ol_arena_copy(it->arena, stored.blob_base64, &stored.blob_base64))
            return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    }
    *ret = stored;
    return OL_OK;
}

ol_rc secret_stored_fetch(const cli *it, chain_client *c, const secret_place *place,
                          secret_stored *ret, ol_err *err)
{
    OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(8));
    ol_json_writer w = ol_json_writer_over(&args);
    ol_json view;
    *ret = (secret_stored){0};
    ol_json_object_begin(&w);
    secret_place_put(&w, place);
    ol_json_object_end(&w);
    OL_TRY(chain_view(c, "get_secrets", &args, &view, err));
    if (ol_json_is_null(&view))
        return OL_OK;
    OL_TRY_NOTE(err, stored_read(it, &view, ret, err), "get_secrets");
    return OL_OK;
}

/* ---- storing */

static void put_content(ol_json_writer *w, ol_str blob_base64, ol_str access_json)
{
    ol_json_put_str(w, "encrypted_secrets_base64", blob_base64);
    ol_json_key(w, "access");
    ol_json_add_raw(w, access_json);
}

void secret_store_deinit(secret_store *store)
{
    ol_buf_deinit(&store->args);
}

ol_rc secret_store_plan(chain_client *c, const secret_place *place, ol_str blob_base64,
                        ol_str access_json, const secret_stored *before, secret_store *ret,
                        ol_err *err)
{
    OL_AUTO(ol_buf) question = ol_buf_new(OL_MIB(2));
    ol_json_writer w = ol_json_writer_over(&question);
    ol_json_object_begin(&w);
    secret_place_put(&w, place);
    put_content(&w, blob_base64, access_json);
    ol_json_object_end(&w);
    *ret = (secret_store){.args = ol_buf_new(OL_MIB(2))};
    OL_TRY(chain_view_amount(c, "estimate_storage_cost", &question, &ret->stake.yocto, err));
    bool same = before->found && (before->accessor.branch.data == NULL) ==
                                     (place->accessor.branch.data == NULL); /* no fallback */
    ol_u128 held = same ? before->deposit.yocto : 0;
    if (same && place->accessor.kind != OL_ACCESSOR_PAYMENT_KEY)
        ret->stake.yocto += INDEX_YOCTO; /* the view leaves out what storing counts every time */
    ret->deposit = OL_YOCTO(ret->stake.yocto > held ? ret->stake.yocto - held : 0);
    w = ol_json_writer_over(&ret->args);
    ol_json_object_begin(&w);
    ol_json_key(&w, "accessor");
    ol_accessor_add_contract(&w, &place->accessor);
    ol_json_put_str(&w, "profile", place->profile);
    put_content(&w, blob_base64, access_json);
    ol_json_object_end(&w);
    return ol_buf_ok(&ret->args) ? OL_OK
                                 : ol_fail(err, OL_ERR_LIMIT, "the secret is too large to store");
}
