/* outlayer keys create, show, topup, delete: payment keys on the chain. The secret is drawn here,
 * sealed to the keystore and stored; a transfer of the payment token fills it. It is kept in
 * HOME/NETWORK/keys.json before anything is sent, so that no money can follow a lost secret. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/amount.h"
#include "cli/chain_key.h"
#include "cli/commands.h"
#include "cli/key_near.h"
#include "cli/key_ring.h"
#include "cli/secrets.h"
#include "lib/base/fd.h"
#include "lib/codec/hex.h"
#include "lib/crypto/random.h"
#include "lib/near/account_id.h"

enum { KEY_BYTES = 32, PLAIN_BYTES_MAX = 16 * 1024, DELETE_TGAS = 100, PROJECTS_MAX = 64 };

#define ACCESS_OWNER "{\"Whitelist\":{\"accounts\":[\"%.*s\"]}}"

/* ---- create */

typedef struct creation {
    secret_command s;
    uint32_t nonce;
    ol_usd amount;
    bool funds; /* --amount */
    ol_str max_per_call;
    ol_secret secret; /* 64 hex digits */
    ol_fd ring;       /* locked until the chain has the key */
    chain_outcome stored, funded;
    ol_yocto stake;
} creation;

/* Coordinator 2.1, step 7: a project, or all of an owner. */
static bool is_scope(ol_str text)
{
    ol_str owner, name;
    return ol_project_id_valid(text) ||
           (ol_str_cut(text, '/', &owner, &name) && ol_account_id_valid(owner) &&
            ol_str_eq(name, OL_STR("*")));
}

/* A key for projects that cannot be, or with a file that cannot be written, is not made: it would
 * cost its stake, and the money that follows. */
static ol_rc places_check(const cli *it, const cli_args *args, ol_err *err)
{
    ol_str text, folder, file;
    for (size_t i = 0; cli_list(args, "project", i, &text); i++) {
        if (!is_scope(text))
            return ol_fail(err, OL_ERR_USAGE, "--project reads owner/name or owner/*, not %.*s",
                           OL_FMT(text));
    }
    if (!cli_value(args, "out", &text) || ol_str_eq(text, OL_STR("-")))
        return OL_OK;
    if (!ol_str_cut_last(text, '/', &folder, &file))
        folder = OL_STR(".");
    const char *path = cli_cstr(it, folder.len > 0 ? folder : OL_STR("/"));
    if (path == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    return access(path, W_OK | X_OK) == 0
               ? OL_OK
               : ol_fail_errno(err, OL_ERR_USAGE, "--out: cannot write into %s", path);
}

static ol_rc options_read(const cli_args *args, creation *it, ol_err *err)
{
    ol_str text;
    ol_usd most = {0};
    it->funds = cli_value(args, "amount", &text);
    if (it->funds)
        OL_TRY(chain_key_amount(text, &it->amount, err));
    if (it->funds && it->amount.micro < CHAIN_KEY_TOP_UP_MIN)
        return ol_fail(err, OL_ERR_USAGE, "--amount is at least 0.01usd");
    if (cli_value(args, "max-per-call", &text)) {
        OL_TRY(chain_key_amount(text, &most, err));
        if (ol_usd_is_zero(most)) /* Coordinator 3.4: zero stands for no limit */
            return ol_fail(err, OL_ERR_USAGE, "--max-per-call is at least 1; without it no limit");
    }
    OL_TRY(places_check(it->s.it, args, err));
    it->max_per_call = ol_arena_printf(it->s.it->arena, "%s", ol_u128_format(most.micro).data);
    return OL_OK;
}

static void secret_draw(ol_secret *ret)
{
    uint8_t bytes[KEY_BYTES];
    char digits[KEY_SECRET_HEX_DIGITS];
    ol_random_fill(ol_random_kernel(), bytes, sizeof bytes);
    ol_hex_encode((ol_bytes){bytes, sizeof bytes}, digits);
    OL_ASSERT(ol_secret_of((ol_bytes){(const uint8_t *)digits, sizeof digits}, ret));
    ol_wipe(bytes, sizeof bytes);
    ol_wipe(digits, sizeof digits);
}

/* Keystore 3: the plaintext of a payment key. */
static void plain_write(const creation *it, ol_json_writer *w)
{
    ol_str id;
    ol_json_object_begin(w);
    ol_json_put_str(w, "key", ol_bytes_str(ol_secret_reveal(&it->secret)));
    ol_json_key(w, "project_ids");
    ol_json_array_begin(w);
    for (size_t i = 0; cli_list(it->s.args, "project", i, &id); i++)
        ol_json_add_str(w, id);
    ol_json_array_end(w);
    ol_json_put_str(w, "max_per_call", it->max_per_call);
    ol_json_put_cstr(w, "initial_balance", "0");
    ol_json_object_end(w);
}

static ol_rc seal(creation *it, ol_str *ret_blob, cli_failure *failure)
{
    OL_AUTO(ol_buf) plain = ol_buf_new(PLAIN_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&plain);
    OL_TRY(secret_command_key(&it->s, failure));
    plain_write(it, &w);
    ol_rc rc = ol_buf_ok(&plain) ? sealing_seal(it->s.it, &it->s.key, ol_buf_bytes(&plain),
                                                ret_blob, &failure->err)
                                 : ol_fail(&failure->err, OL_ERR_LIMIT, "too many projects");
    if (plain.data != NULL)
        ol_wipe(plain.data, plain.size);
    return rc;
}

static ol_rc store(creation *it, const secret_store *plan, ol_err *err)
{
    const cli *by = it->s.it;
    OL_TRY(key_ring_put(by, it->s.place.owner, it->nonce, &it->secret, err));
    ol_rc rc = chain_call(it->s.chain, &it->s.from, "store_secrets", &plan->args, SECRET_STORE_TGAS,
                          plan->deposit, &it->stored, err);
    ol_err ignored = {0};
    if (rc == OL_ERR_CONTRACT || rc == OL_ERR_NEAR_BALANCE) /* it certainly is not there */
        (void)key_ring_put(by, it->s.place.owner, it->nonce, NULL, &ignored);
    return rc;
}

/* Where the next calls find it. */
static ol_rc use(const cli *it, const creation *made, ol_err *err)
{
    OL_AUTO(ol_secret) full = {0};
    const char *home = cli_cstr(it, it->home);
    OL_TRY(key_ring_find(it, made->s.place.owner, made->nonce, &full, err));
    const credential kept = {"payment_key", ol_bytes_str(ol_secret_reveal(&full))};
    return home != NULL ? credentials_save(home, it->network, &kept, 1, err)
                        : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

/* --out FILE: mode 0600. */
static ol_rc out_write(const cli *it, const cli_args *args, const creation *made, ol_err *err)
{
    OL_AUTO(ol_secret) full = {0};
    ol_str out;
    const char *path;
    if (!cli_value(args, "out", &out) || ol_str_eq(out, OL_STR("-")))
        return OL_OK;
    OL_TRY(key_ring_find(it, made->s.place.owner, made->nonce, &full, err));
    path = cli_cstr(it, out);
    return path != NULL ? ol_file_save(path, ol_secret_reveal(&full), S_IRUSR | S_IWUSR, err)
                        : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

static ol_rc create(creation *it, cli_failure *failure)
{
    const cli *by = it->s.it;
    ol_err *err = &failure->err;
    secret_store plan;
    ol_str blob, access;
    if (it->funds)
        OL_TRY(chain_key_afford(by, it->s.chain, it->s.from.account_id, it->amount, failure));
    if (!by->dry_run)
        OL_TRY(key_ring_lock(by, &it->ring, err));
    OL_TRY(chain_key_nonce(by, it->s.chain, it->s.from.account_id, &it->nonce, failure));
    OL_TRY(secret_place_of_key(by, it->s.from.account_id, it->nonce, &it->s.place, err));
    secret_draw(&it->secret);
    OL_TRY(seal(it, &blob, failure));
    access = ol_arena_printf(by->arena, ACCESS_OWNER, OL_FMT(it->s.place.owner));
    ol_rc rc =
        secret_store_plan(it->s.chain, &it->s.place, blob, access, &it->s.before, &plan, err);
    it->stake = plan.stake;
    if (rc == OL_OK && by->dry_run) {
        failure->exit =
            chain_call_dry_run(by, "store_secrets", &plan.args, SECRET_STORE_TGAS, plan.deposit);
        secret_store_deinit(&plan);
        return OL_OK;
    }
    if (rc == OL_OK)
        rc = store(it, &plan, err);
    ol_fd_deinit(&it->ring);
    secret_store_deinit(&plan);
    OL_TRY(rc);
    cli_note(by, "key %.*s:%u is on the chain", OL_FMT(it->s.place.owner), it->nonce);
    if (it->funds)
        rc = chain_key_top_up(by, it->s.chain, &it->s.from, it->s.place.owner, it->nonce,
                              it->amount, &it->funded, failure);
    if (rc != OL_OK) {
        (void)snprintf(failure->hint, sizeof failure->hint,
                       "the key is there: outlayer keys topup %u AMOUNT", it->nonce);
        return rc;
    }
    if (cli_flag(it->s.args, "use"))
        rc = use(by, it, err);
    if (rc == OL_OK)
        rc = out_write(by, it->s.args, it, err);
    if (rc != OL_OK)
        (void)snprintf(failure->hint, sizeof failure->hint,
                       "the key is there: outlayer keys show %u --secret", it->nonce);
    return rc;
}

static void created_json(const creation *it, bool shown, ol_json_writer *w)
{
    OL_AUTO(ol_secret) full = {0};
    const cli *by = it->s.it;
    ol_err err = {0};
    ol_json_object_begin(w);
    ol_json_put_str(w, "owner", it->s.place.owner);
    ol_json_put_u64(w, "nonce", it->nonce);
    ol_json_key(w, "key");
    if (shown && key_ring_find(by, it->s.place.owner, it->nonce, &full, &err) == OL_OK)
        ol_json_add_str(w, ol_bytes_str(ol_secret_reveal(&full)));
    else
        ol_json_add_null(w);
    ol_json_put_dec(w, "funded", it->funds ? it->amount.micro : 0);
    ol_json_put_str(w, "file", key_ring_path(by));
    ol_json_put_cstr(w, "tx", it->stored.hash);
    ol_json_key(w, "topup_tx");
    if (it->funds)
        ol_json_add_cstr(w, it->funded.hash);
    else
        ol_json_add_null(w);
    ol_json_put_dec(w, "stake_yocto", it->stake.yocto);
    ol_json_object_end(w);
}

static int created(const creation *it)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(16));
    OL_AUTO(ol_secret) full = {0};
    const cli *by = it->s.it;
    ol_json_writer w = ol_json_writer_over(&text);
    ol_err err = {0};
    bool shown = ol_str_eq(cli_value_or(it->s.args, "out", OL_STR("")), OL_STR("-"));
    int exit;
    if (by->json) {
        created_json(it, shown, &w);
    } else if (shown) {
        if (key_ring_find(by, it->s.place.owner, it->nonce, &full, &err) != OL_OK)
            return cli_fail_err(by, &err);
        ol_buf_add(&text, ol_secret_reveal(&full));
    } else {
        ol_buf_addf(&text, "%.*s:%u holds %s µUSD; stake %.*s; its secret is in %.*s",
                    OL_FMT(it->s.place.owner), it->nonce,
                    ol_u128_format(it->funds ? it->amount.micro : 0).data,
                    OL_FMT(amount_near_format(by->arena, it->stake)), OL_FMT(key_ring_path(by)));
    }
    exit = cli_result_buf(by, &text, CLI_DONE);
    ol_wipe(text.data, text.size);
    return exit;
}

int keys_create_on_chain(cli *it, const cli_args *args)
{
    cli_failure failure = {0};
    creation *made = OL_ARENA_NEW(it->arena, creation);
    int exit;
    if (made == NULL)
        return cli_fail_memory(it);
    *made = (creation){.s = {.it = it}, .ring = OL_FD_NONE};
    ol_rc rc = options_read(args, made, &failure.err);
    if (rc == OL_OK)
        rc = secret_command_open(it, args, false, &made->s, &failure.err);
    if (rc == OL_OK)
        rc = create(made, &failure);
    exit = rc != OL_OK ? cli_fail(it, &failure) : it->dry_run ? failure.exit : created(made);
    ol_secret_deinit(&made->secret);
    ol_fd_deinit(&made->ring);
    secret_command_deinit(&made->s);
    return exit;
}

/* ---- the key that a command names */

static ol_rc nonce_read(const cli_args *args, uint32_t *ret, ol_err *err)
{
    return ol_u32_parse(args->positional[0], ret) && *ret > 0
               ? OL_OK
               : ol_fail(err, OL_ERR_USAGE, "a key is named by its nonce, as 1");
}

static ol_rc key_open(const cli *it, const cli_args *args, secret_command *s, uint32_t *ret_nonce,
                      key_balance *ret, cli_failure *failure)
{
    ol_err *err = &failure->err;
    OL_TRY(nonce_read(args, ret_nonce, err));
    OL_TRY(secret_command_open(it, args, false, s, err));
    OL_TRY(secret_place_of_key(it, s->from.account_id, *ret_nonce, &s->place, err));
    OL_TRY(secret_stored_fetch(it, s->chain, &s->place, &s->before, err));
    if (!s->before.found)
        return ol_fail(err, OL_ERR_NOT_FOUND, "%.*s has no payment key %u on the chain",
                       OL_FMT(s->from.account_id), *ret_nonce);
    return key_balance_look(it, s->place.owner, *ret_nonce, ret, failure);
}

/* ---- show */

static int shown(const secret_command *s, uint32_t nonce, key_balance *b)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(16));
    ol_json_writer w = ol_json_writer_over(&text);
    OL_AUTO(ol_secret) full = {0};
    ol_err err = {0};
    ol_rc found = key_ring_find(s->it, s->place.owner, nonce, &full, &err);
    bool here = found == OL_OK;
    if (!here && found != OL_ERR_NOT_FOUND && !cli_flag(s->args, "secret"))
        cli_warn(s->it, "%s", err.text);
    if (cli_flag(s->args, "secret"))
        return !here                                               ? cli_fail_err(s->it, &err)
               : cli_result(ol_bytes_str(ol_secret_reveal(&full))) ? CLI_DONE
                                                                   : CLI_FAILED;
    cli_failure ignored = {0}; /* what only the key may know is told where it is told */
    if (here)
        (void)key_balance_fetch(s->it, &full, b, &ignored);
    if (s->it->json) {
        ol_json_object_begin(&w);
        ol_json_key(&w, "key");
        key_balance_put(&w, b);
        ol_json_put_dec(&w, "stake_yocto", s->before.deposit.yocto);
        ol_json_put_bool(&w, "secret_here", here);
        ol_json_object_end(&w);
    } else {
        key_balance_line(&text, b);
        key_terms_line(s->it, &text, b);
        ol_buf_addf(&text, "\nstake %.*s; its secret is %s",
                    OL_FMT(amount_near_format(s->it->arena, s->before.deposit)),
                    here                        ? "kept here"
                    : found == OL_ERR_NOT_FOUND ? "not on this machine"
                                                : "not to be read here");
    }
    return cli_result_buf(s->it, &text, CLI_DONE);
}

int cmd_keys_show(cli *it, const cli_args *args)
{
    cli_failure failure = {0};
    key_balance b;
    uint32_t nonce;
    secret_command *s = OL_ARENA_NEW(it->arena, secret_command);
    if (s == NULL)
        return cli_fail_memory(it);
    int exit = key_open(it, args, s, &nonce, &b, &failure) == OL_OK ? shown(s, nonce, &b)
                                                                    : cli_fail(it, &failure);
    secret_command_deinit(s);
    return exit;
}

/* ---- topup */

static int topped_up(const cli *it, const secret_command *s, uint32_t nonce, ol_u128 credited,
                     const chain_outcome *sent)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(16));
    ol_json_writer w = ol_json_writer_over(&text);
    cli_failure failure = {0};
    key_balance b;
    if (key_balance_look(it, s->place.owner, nonce, &b, &failure) != OL_OK)
        return cli_fail(it, &failure);
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_put_cstr(&w, "tx", sent->hash);
        ol_json_put_dec(&w, "credited", credited);
        ol_json_key(&w, "key");
        key_balance_put(&w, &b);
        ol_json_object_end(&w);
    } else {
        cli_note(it, "credited %s µUSD", ol_u128_format(credited).data);
        key_balance_line(&text, &b);
    }
    return cli_result_buf(it, &text, CLI_DONE);
}

static int topup_usd(const cli *it, secret_command *s, uint32_t nonce, ol_usd amount,
                     cli_failure *failure)
{
    chain_outcome sent;
    if (it->dry_run)
        return chain_key_top_up_dry_run(it, s->chain, s->place.owner, nonce, amount);
    return chain_key_top_up(it, s->chain, &s->from, s->place.owner, nonce, amount, &sent,
                            failure) == OL_OK
               ? topped_up(it, s, nonce, amount.micro, &sent)
               : cli_fail(it, failure);
}

static int topup_near(const cli *it, secret_command *s, uint32_t nonce, ol_yocto amount,
                      cli_failure *failure)
{
    chain_outcome sent;
    key_near plan;
    ol_u128 credited;
    if (key_near_plan(it, s->chain, s->args, nonce, amount, &plan, failure) != OL_OK)
        return cli_fail(it, failure);
    if (it->dry_run)
        return key_near_dry_run(it, &plan);
    return key_near_top_up(it, s->chain, &s->from, &plan, &sent, &credited, failure) == OL_OK
               ? topped_up(it, s, nonce, credited, &sent)
               : cli_fail(it, failure);
}

int cmd_keys_topup(cli *it, const cli_args *args)
{
    cli_failure failure = {0};
    key_balance b;
    uint32_t nonce;
    ol_usd amount = {0};
    ol_yocto near = OL_YOCTO(0);
    ol_str swap, text = args->positional[1];
    bool is_near = key_near_meant(text);
    int exit;
    secret_command *s = OL_ARENA_NEW(it->arena, secret_command);
    if (s == NULL)
        return cli_fail_memory(it);
    if (!is_near && cli_value(args, "swap", &swap))
        return cli_fail_usage(it, "--swap is for amounts of NEAR, as 0.5near");
    ol_rc rc = is_near ? key_near_amount(text, &near, &failure.err)
                       : chain_key_amount(text, &amount, &failure.err);
    if (rc == OL_OK)
        rc = key_open(it, args, s, &nonce, &b, &failure);
    exit = rc != OL_OK ? cli_fail(it, &failure)
           : is_near   ? topup_near(it, s, nonce, near, &failure)
                       : topup_usd(it, s, nonce, amount, &failure);
    secret_command_deinit(s);
    return exit;
}

/* ---- delete */

/* Deletion gives back the stake alone (Contract 6): what the key still holds is lost. */
static ol_rc forfeit_check(const cli *it, const cli_args *args, const key_balance *b,
                           cli_failure *failure)
{
    if (ol_str_eq(b->available, OL_STR("0")) || cli_flag(args, "forfeit"))
        return OL_OK;
    ol_str question = ol_arena_printf(
        it->arena, "the key still holds %.*s µUSD, which nobody gives back", OL_FMT(b->available));
    if (question.data != NULL && cli_confirm(it, question.data, b->available))
        return OL_OK;
    (void)snprintf(failure->hint, sizeof failure->hint, "spend it, or --forfeit");
    return ol_fail(&failure->err, OL_ERR_USAGE, "%.*s", OL_FMT(question));
}

static int deleted(const secret_command *s, const key_balance *b, const chain_outcome *sent)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(16));
    ol_json_writer w = ol_json_writer_over(&text);
    if (s->it->json) {
        ol_json_object_begin(&w);
        ol_json_put_cstr(&w, "tx", sent->hash);
        ol_json_put_dec(&w, "refunded_yocto", s->before.deposit.yocto);
        ol_json_put_str(&w, "forfeited", b->available);
        ol_json_object_end(&w);
    } else {
        ol_buf_addf(&text, "%.*s:%.*s is gone, %.*s back, %.*s µUSD lost", OL_FMT(b->owner),
                    OL_FMT(b->nonce), OL_FMT(amount_near_format(s->it->arena, s->before.deposit)),
                    OL_FMT(b->available));
    }
    return cli_result_buf(s->it, &text, CLI_DONE);
}

/* The operator answers: an error or silence keeps the key (Contract 6). */
static ol_rc gone_check(secret_command *s, ol_err *err)
{
    secret_stored after;
    OL_TRY(secret_stored_fetch(s->it, s->chain, &s->place, &after, err));
    return !after.found ? OL_OK
                        : ol_fail(err, OL_ERR_CONTRACT,
                                  "the key was not deleted: calls may be under way; try again");
}

static ol_rc ring_remove(const cli *it, ol_str owner, uint32_t nonce, ol_err *err)
{
    OL_AUTO(ol_fd) ring = OL_FD_NONE;
    OL_TRY(key_ring_lock(it, &ring, err));
    return key_ring_put(it, owner, nonce, NULL, err);
}

int cmd_keys_delete(cli *it, const cli_args *args)
{
    OL_AUTO(ol_buf) body = ol_buf_new(OL_KIB(1));
    cli_failure failure = {0};
    key_balance b;
    uint32_t nonce = 0;
    chain_outcome sent;
    int exit;
    secret_command *s = OL_ARENA_NEW(it->arena, secret_command);
    if (s == NULL)
        return cli_fail_memory(it);
    ol_rc rc = key_open(it, args, s, &nonce, &b, &failure);
    if (rc == OL_OK)
        rc = forfeit_check(it, args, &b, &failure);
    ol_buf_addf(&body, "{\"nonce\":%u}", nonce);
    if (rc == OL_OK && it->dry_run) {
        exit = chain_call_dry_run(it, "delete_payment_key", &body, DELETE_TGAS, OL_YOCTO(1));
    } else {
        if (rc == OL_OK)
            rc = chain_call(s->chain, &s->from, "delete_payment_key", &body, DELETE_TGAS,
                            OL_YOCTO(1), &sent, &failure.err);
        if (rc == OL_OK)
            rc = gone_check(s, &failure.err);
        if (rc == OL_OK)
            rc = ring_remove(it, s->place.owner, nonce, &failure.err);
        exit = rc == OL_OK ? deleted(s, &b, &sent) : cli_fail(it, &failure);
    }
    secret_command_deinit(s);
    return exit;
}
