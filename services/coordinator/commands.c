#include "services/coordinator/commands.h"

#include <stdio.h>
#include <string.h>

#include "lib/codec/hex.h"
#include "lib/crypto/secret.h"
#include "services/coordinator/ledger.h"
#include "services/coordinator/tasks.h"
#include "services/coordinator/workers.h"

enum { TOKEN_BYTES = 32, NAME_BYTES_MAX = 64 };

typedef struct fresh_secret {
    uint8_t bytes[TOKEN_BYTES];
    char hex[2 * TOKEN_BYTES];
} fresh_secret;

static void fresh_secret_deinit(fresh_secret *secret)
{
    ol_wipe(secret, sizeof *secret);
}

static void fresh_secret_make(fresh_secret *secret)
{
    ol_random_fill(ol_random_kernel(), secret->bytes, sizeof secret->bytes);
    ol_hex_encode((ol_bytes){secret->bytes, sizeof secret->bytes}, secret->hex);
}

static ol_sha256 fresh_secret_proof(const fresh_secret *secret)
{
    return ol_sha256_of((ol_bytes){(const uint8_t *)secret->hex, sizeof secret->hex});
}

static ol_rc name_check(ol_str name, ol_err *err)
{
    if (name.len == 0 || name.len > NAME_BYTES_MAX)
        return ol_fail(err, OL_ERR_USAGE, "a name has 1 to %d bytes", NAME_BYTES_MAX);
    return OL_OK;
}

static ol_rc op_result(const ol_op *op, ol_err *err)
{
    if (op->rc != OL_OK)
        *err = op->err;
    return op->rc;
}

static ol_rc token_add(domain *d, char **arguments, ol_err *err)
{
    OL_AUTO(fresh_secret) token = {0};
    worker_token_adding adding = {.name = ol_str_of(arguments[0]), .active = true};
    OL_TRY(name_check(adding.name, err));
    fresh_secret_make(&token);
    adding.token_hash = fresh_secret_proof(&token);
    worker_token_put(d, &adding);
    OL_TRY(op_result(&adding.op, err));
    (void)printf("%.*s\n", (int)sizeof token.hex, token.hex);
    return OL_OK;
}

/* From standard input: arguments of a process are for everybody to read. */
static ol_rc token_revoke(domain *d, char **arguments, ol_err *err)
{
    char line[2 * TOKEN_BYTES + 2] = {0};
    worker_token_adding revoking = {.name = OL_STR("revoked"), .active = false};
    (void)arguments;
    if (fgets(line, sizeof line, stdin) == NULL)
        return ol_fail(err, OL_ERR_USAGE, "no token on standard input");
    revoking.token_hash = ol_sha256_of(ol_str_bytes(ol_str_trim(ol_str_of(line))));
    ol_wipe(line, sizeof line);
    worker_token_put(d, &revoking);
    return op_result(&revoking.op, err);
}

/* A top-up task and its completion, as the chain's worker would bring them. */
static ol_rc key_fund(domain *d, ol_str owner, uint32_t nonce, ol_usd amount,
                      const ol_sha256 *proof, ol_err *err)
{
    ol_uuid_text data_id = ol_uuid_format(ol_random_uuid(ol_random_kernel()));
    system_task_adding task = {.task = {.kind = TASK_TOPUP,
                                        .data_id = ol_uuid_str(&data_id),
                                        .owner = owner,
                                        .nonce = nonce,
                                        .amount = amount,
                                        .encrypted_data = {"", 0}}};
    system_task_create(d, &task);
    OL_TRY(op_result(&task.op, err));
    topup_completion topup = {.owner = owner,
                              .nonce = nonce,
                              .new_initial_balance = amount,
                              .has_amount = true,
                              .amount = amount,
                              .proof = *proof,
                              .scopes_json = OL_STR("[]")};
    topup_complete(d, &topup);
    return op_result(&topup.op, err);
}

static ol_rc key_add(domain *d, char **arguments, ol_err *err)
{
    OL_AUTO(fresh_secret) secret = {0};
    ol_str owner = ol_str_of(arguments[0]);
    uint32_t nonce;
    ol_usd amount;
    OL_TRY(name_check(owner, err));
    if (!ol_u32_parse(ol_str_of(arguments[1]), &nonce))
        return ol_fail(err, OL_ERR_USAGE, "the nonce is a decimal number below 2^32");
    if (!ol_usd_parse(ol_str_of(arguments[2]), &amount))
        return ol_fail(err, OL_ERR_USAGE, "the amount is a decimal number of micro-USD");
    fresh_secret_make(&secret);
    ol_sha256 proof = fresh_secret_proof(&secret);
    OL_TRY(key_fund(d, owner, nonce, amount, &proof, err));
    (void)printf("%.*s:%u:%.*s\n", OL_FMT(owner), nonce, (int)sizeof secret.hex, secret.hex);
    return OL_OK;
}

static ol_rc ledger_verify(domain *d, char **arguments, ol_err *err)
{
    (void)arguments;
    OL_TRY(ledger_check(d, err));
    (void)printf("the ledger equals the sum of its rows\n");
    return OL_OK;
}

static ol_rc tasks_retry(domain *d, char **arguments, ol_err *err)
{
    system_task_revival it = {0};
    (void)arguments;
    system_tasks_revive(d, &it);
    OL_TRY(op_result(&it.op, err));
    (void)printf("%llu\n", (unsigned long long)it.revived);
    return OL_OK;
}

static const command COMMANDS[] = {
    {"token add", "NAME", "a worker's credential; printed once", 1, token_add},
    {"token revoke", "", "refuse the token on standard input from now on", 0, token_revoke},
    {"key add", "OWNER NONCE MICRO_USD", "a funded payment key; printed once", 3, key_add},
    {"ledger check", "", "verify the ledger's invariants", 0, ledger_verify},
    {"tasks retry", "", "deliver anew the system tasks that were given up", 0, tasks_retry},
};

const command *command_find(int argc, char **argv, int *ret_words)
{
    if (argc < 3)
        return NULL;
    OL_EACH (row, COMMANDS) {
        const char *space = strchr(row->name, ' ');
        size_t first = (size_t)(space - row->name);
        if (strncmp(argv[1], row->name, first) == 0 && argv[1][first] == 0 &&
            strcmp(argv[2], space + 1) == 0) {
            *ret_words = 3;
            return row;
        }
    }
    return NULL;
}

void commands_print(void)
{
    OL_EACH (row, COMMANDS)
        (void)printf("  outlayer-coordinator %s %-24s %s\n", row->name, row->arguments, row->help);
}
