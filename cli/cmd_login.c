/* outlayer login, logout, whoami: which account signs, and what it has. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/amount.h"
#include "cli/chain.h"
#include "cli/commands.h"
#include "cli/key_ring.h"
#include "cli/network.h"
#include "lib/base/fd.h"
#include "lib/near/account_id.h"
#include "lib/near/transaction.h"

enum { KEY_TEXT_BYTES_MAX = 4096 };

/* ---- login */

/* Standard input or the terminal, for a secret. The caller wipes the buffer. */
static ol_rc secret_read(ol_str wish, const char *option, ol_buf *into, ol_err *err)
{
    if (!ol_str_eq(wish, OL_STR("-")))
        return ol_fail(err, OL_ERR_USAGE,
                       "a key on the command line is visible to every process: use --%s - and "
                       "standard input",
                       option);
    return credential_read(OL_STR("private key"), into, err);
}

/* Asks the network whether the key is one of the account's. A network that does not answer leaves
 * that open. */
static ol_rc key_check(const cli *it, const signer *who, ol_err *err)
{
    chain_client *c = NULL;
    uint64_t nonce;
    ol_rpc_fault fault = OL_RPC_FINE;
    ol_err unknown = {0};
    ol_ed25519_public public = ol_ed25519_public_of(&who->key);
    OL_TRY(chain_open(it, &c, err));
    ol_rc rc = ol_rpc_key_nonce(chain_rpc(c), who->account_id,
                                ol_near_public_key_format(&public, it->arena), OL_STR("final"),
                                &nonce, &fault, &unknown);
    chain_close(c);
    if (fault == OL_RPC_UNKNOWN_KEY || fault == OL_RPC_UNKNOWN_ACCOUNT)
        return ol_fail(err, OL_ERR_NO_ACCOUNT_KEY, "the key is not one of %.*s on %.*s",
                       OL_FMT(who->account_id), OL_FMT(it->network));
    if (rc != OL_OK)
        cli_note(it, "not checked against the network: %s", unknown.text);
    return OL_OK;
}

static ol_rc account_keep(const cli *it, ol_str wish, bool in_keychain, ol_err *err)
{
    OL_AUTO(ol_buf) text = ol_buf_new(KEY_TEXT_BYTES_MAX);
    OL_AUTO(signer) who = {.account_id = it->account, .in_keychain = in_keychain};
    const char *home = cli_cstr(it, it->home);
    if (it->account.len == 0)
        return ol_fail(err, OL_ERR_USAGE, "whose key is it? --account ID");
    if (!ol_account_id_valid(it->account))
        return ol_fail(err, OL_ERR_USAGE, "%.*s is no account id", OL_FMT(it->account));
    if (home == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(secret_read(wish, "import-key", &text, err));
    ol_rc rc = ol_near_secret_key_parse(ol_str_trim(ol_buf_str(&text)), &who.key, err);
    ol_wipe(text.data, text.len);
    if (rc != OL_OK) {
        (void)ol_prefix(err, "the private key is malformed: ");
        return err->rc = OL_ERR_USAGE;
    }
    OL_TRY(signer_check(it, &who, err));
    OL_TRY(key_check(it, &who, err));
    OL_TRY(signers_save(it, home, it->network, &who, 1, err));
    const credential standard = {"account_id", it->account};
    return credentials_save(home, it->network, &standard, 1, err);
}

static ol_rc payment_keep(const cli *it, ol_str wish, bool in_keychain, ol_str *ret_public,
                          ol_err *err)
{
    OL_AUTO(ol_secret) key = {0};
    OL_TRY(payment_key_load(it, wish, &key, err));
    *ret_public = payment_key_public(it, &key);
    return payment_key_keep(it, &key, in_keychain, err);
}

static const char *place_words(bool in_keychain)
{
    return in_keychain ? "in the system's keyring" : "in a file of mode 0600";
}

static int logged_in(const cli *it, ol_str account, const char *kind, bool in_keychain)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(4));
    ol_json_writer w = ol_json_writer_over(&text);
    if (!it->json) {
        ol_buf_addf(&text, "%.*s on %.*s: %s, %s", OL_FMT(account), OL_FMT(it->network), kind,
                    place_words(in_keychain));
        return cli_result_buf(it, &text, CLI_DONE);
    }
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "account", account);
    ol_json_put_str(&w, "network", it->network);
    ol_json_put_cstr(&w, "kind", kind);
    ol_json_put_cstr(&w, "kept_in", in_keychain ? "keychain" : "file");
    ol_json_object_end(&w);
    return cli_result_buf(it, &text, CLI_DONE);
}

int cmd_login(cli *it, const cli_args *args)
{
    ol_err err = {0};
    ol_str key, payment, public = OL_STR("");
    if (args->positionals > 0 && !cli_enter_network(it, args, args->positional[0]))
        return cli_fail_usage(it, "a network is local, testnet or mainnet");
    bool has_key = cli_value(args, "import-key", &key);
    bool has_payment = cli_value(args, "payment-key", &payment);
    if (has_key == has_payment)
        return cli_fail_usage(it, "name one credential: --import-key - or --payment-key -");
    bool in_keychain = cli_flag(args, "keychain");
    if (has_key) {
        if (account_keep(it, key, in_keychain, &err) != OL_OK)
            return cli_fail_err(it, &err);
        return logged_in(it, it->account, "private key", in_keychain);
    }
    if (payment_keep(it, payment, in_keychain, &public, &err) != OL_OK)
        return cli_fail_err(it, &err);
    return logged_in(it, public, "payment key", in_keychain);
}

/* ---- logout */

/* Secrets of payment keys are nobody else's, and hold money: they are not forgotten. */
static void ring_note(const cli *it, ol_str network)
{
    const cli there = {.home = it->home, .network = network, .arena = it->arena};
    ol_str path = key_ring_path(&there);
    if (path.data != NULL && access(path.data, F_OK) == 0)
        cli_note(it, "payment keys made here stay in %.*s: nobody else has their secrets",
                 OL_FMT(path));
}

int cmd_logout(cli *it, const cli_args *args)
{
    static const char *const NETWORKS[] = {"local", "testnet", "mainnet"};
    ol_err err = {0};
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(4));
    ol_json_writer w = ol_json_writer_over(&text);
    unsigned count = 0;
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_key(&w, "removed");
        ol_json_array_begin(&w);
    }
    OL_EACH (network, NETWORKS) {
        bool any = false;
        if (!cli_flag(args, "all") && !ol_str_eq(it->network, ol_str_of(*network)))
            continue;
        if (credentials_remove(it, ol_str_of(*network), &any, &err) != OL_OK)
            return cli_fail_err(it, &err);
        if (any && it->json)
            ol_json_add_cstr(&w, *network);
        else if (any)
            ol_buf_addf(&text, "%s%s", count > 0 ? "\n" : "", *network);
        count += any;
        ring_note(it, ol_str_of(*network));
    }
    if (it->json) {
        ol_json_array_end(&w);
        ol_json_object_end(&w);
    } else if (count == 0) {
        cli_note(it, "there were no credentials");
        return CLI_DONE;
    }
    return cli_result_buf(it, &text, CLI_DONE);
}

/* ---- whoami */

typedef struct me {
    ol_str account;
    ol_str payment_key; /* owner:nonce; empty: none */
    ol_yocto near;
    ol_usd usd; /* what the contract holds for the account, for attached_usd */
} me;

/* A fresh account, or a contract without a token: nothing is held. */
static ol_rc me_fetch(const cli *it, me *ret, ol_err *err)
{
    OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(4));
    ol_json_writer w = ol_json_writer_over(&args);
    ol_err ignored = {0};
    chain_client *c = NULL;
    OL_TRY(chain_open(it, &c, err));
    ol_rc rc = chain_balance(c, ret->account, &ret->near, err);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "account_id", ret->account);
    ol_json_object_end(&w);
    if (rc == OL_OK && chain_view_amount(c, "get_user_stablecoin_balance", &args, &ret->usd.micro,
                                         &ignored) != OL_OK)
        cli_note(it, "%s", ignored.text);
    chain_close(c);
    return rc;
}

static void put_key(ol_json_writer *w, ol_str public)
{
    ol_str owner, nonce;
    ol_json_key(w, "keys");
    ol_json_array_begin(w);
    if (ol_str_cut_last(public, ':', &owner, &nonce)) {
        ol_json_object_begin(w);
        ol_json_put_str(w, "owner", owner);
        ol_json_put_raw(w, "nonce", nonce);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
}

/* Where the account's key lies; the keyring itself is not asked. NULL: there is none here. */
static const char *key_words(const char *place)
{
    return place == NULL                       ? "none here"
           : strcmp(place, "keychain") == 0    ? "in the system's keyring"
           : strcmp(place, "environment") == 0 ? "from PAYMENT_KEY"
                                               : "in a file of mode 0600";
}

static void put_place(ol_json_writer *w, const char *name, const char *place)
{
    if (place != NULL)
        ol_json_put_cstr(w, name, place);
    else
        ol_json_put_null(w, name);
}

int cmd_whoami(cli *it, const cli_args *args)
{
    ol_err err = {0};
    OL_AUTO(ol_secret) key = {0};
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(16));
    ol_json_writer w = ol_json_writer_over(&text);
    me m = {.account = it->account.len > 0 ? it->account : credentials_text(it, "account_id")};
    (void)args;
    if (m.account.len == 0) {
        (void)ol_fail(&err, OL_ERR_NO_ACCOUNT_KEY, "no account on %.*s", OL_FMT(it->network));
        return cli_fail_err(it, &err);
    }
    const char *key_place = signer_place(it, m.account), *payment_place = payment_key_place(it);
    if (payment_place != NULL && strcmp(payment_place, "keychain") == 0)
        m.payment_key = credentials_text(it, PAYMENT_KEY_IN_KEYCHAIN);
    else if (payment_key_load(it, OL_STR(""), &key, &err) == OL_OK)
        m.payment_key = payment_key_public(it, &key);
    if (me_fetch(it, &m, &err) != OL_OK)
        return cli_fail_err(it, &err);
    if (!it->json) {
        ol_buf_addf(&text, "%.*s on %.*s\n", OL_FMT(m.account), OL_FMT(it->network));
        ol_buf_addf(&text, "  near         %.*s\n", OL_FMT(amount_near_format(it->arena, m.near)));
        ol_buf_addf(&text, "  deposited    %s µUSD\n", USD(m.usd));
        ol_buf_addf(&text, "  key          %s\n", key_words(key_place));
        ol_buf_addf(&text, "  payment key  %.*s%s%s\n",
                    OL_FMT(m.payment_key.len > 0 ? m.payment_key : OL_STR("none")),
                    m.payment_key.len > 0 ? ", " : "",
                    m.payment_key.len > 0 ? key_words(payment_place) : "");
        ol_buf_addf(&text, "  contract     %.*s\n  node         %.*s\n  api          %.*s",
                    OL_FMT(it->contract), OL_FMT(it->rpc), OL_FMT(it->api));
        return cli_result_buf(it, &text, CLI_DONE);
    }
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "account", m.account);
    ol_json_put_str(&w, "network", it->network);
    ol_json_put_str(&w, "contract", it->contract);
    ol_json_put_str(&w, "rpc", it->rpc);
    ol_json_put_str(&w, "api", it->api);
    ol_json_put_dec(&w, "near_yocto", m.near.yocto);
    ol_json_put_dec(&w, "deposited_usd", m.usd.micro);
    put_key(&w, m.payment_key);
    put_place(&w, "key_in", key_place);
    put_place(&w, "payment_key_in", payment_place);
    ol_json_object_end(&w);
    return cli_result_buf(it, &text, CLI_DONE);
}
