/* Every command: what it is called, what it takes, what runs it. Help, completion and the
 * documentation's command page walk this table. */
#include "cli/commands.h"

#define OPTIONS(table) {(table), OL_COUNT(table)}

static const cli_option GLOBAL[] = {
    {"network", 0, CLI_VALUE, "local|testnet|mainnet", "which network (OUTLAYER_NETWORK; local)"},
    {"api", 0, CLI_VALUE, "URL", "the coordinator, in place of the network's (OUTLAYER_API)"},
    {"json", 0, CLI_FLAG, NULL, "one JSON object on standard output, or one a line"},
    {"quiet", 'q', CLI_FLAG, NULL, "no progress"},
    {"verbose", 'v', CLI_FLAG, NULL, "say more about failures"},
    {"no-color", 0, CLI_FLAG, NULL, "no colours (NO_COLOR)"},
    {"timeout", 0, CLI_VALUE, "SEC", "how long to wait"},
    {"yes", 'y', CLI_FLAG, NULL, "answer yes to every question; this version asks none"},
    {"dry-run", 0, CLI_FLAG, NULL, "print what would be sent, send nothing"},
    {"help", 'h', CLI_FLAG, NULL, "this page"},
};

#define PAYMENT_KEY_OPTION                                                                         \
    {"payment-key", 0, CLI_VALUE, "-",                                                             \
     "read the key from standard input (else PAYMENT_KEY, else the credentials file)"}

static const cli_option RUN[] = {
    {"input", 0, CLI_VALUE, "FILE|-", "JSON input from a file or standard input"},
    {"version", 0, CLI_VALUE, "KEY", "another version than the active one"},
    {"path", 0, CLI_VALUE, "https", "how the call is paid; the chain is not in this version"},
    {"async", 0, CLI_FLAG, NULL, "print the call's id and do not wait"},
    {"deposit", 0, CLI_VALUE, "AMOUNT", "attached to the call, 10^-6 USD"},
    {"compute-limit", 0, CLI_VALUE, "AMOUNT", "the most it may cost, 10^-6 USD (10000)"},
    {"max-cost", 0, CLI_VALUE, "AMOUNT", "refuse before sending when more would be reserved"},
    {"instructions", 0, CLI_VALUE, "N", "instruction limit"},
    {"memory", 0, CLI_VALUE, "MB", "memory limit"},
    {"seconds", 0, CLI_VALUE, "N", "time limit"},
    {"secrets-profile", 0, CLI_VALUE, "NAME", "secrets to run with"},
    {"secrets-account", 0, CLI_VALUE, "ACCOUNT", "whose secrets they are"},
    {"idempotency-key", 0, CLI_VALUE, "TEXT", "a repetition with this key is the same call"},
    PAYMENT_KEY_OPTION,
};

static const cli_option WAIT[] = {PAYMENT_KEY_OPTION};

static const cli_option TEST[] = {
    {"wasm", 0, CLI_VALUE, "FILE", "the program; its header decides between p1 and p2"},
    {"input", 0, CLI_VALUE, "TEXT", "what it reads on standard input"},
    {"input-file", 0, CLI_VALUE, "FILE|-", "the same from a file"},
    {"max-instructions", 0, CLI_VALUE, "N", "instruction limit (10000000000)"},
    {"max-memory-mb", 0, CLI_VALUE, "MB", "memory limit (128)"},
    {"max-seconds", 0, CLI_VALUE, "N", "time limit (60)"},
    {"env", 0, CLI_LIST, "K=V", "a variable; as often as wanted"},
    {"rpc", 0, CLI_FLAG, NULL, "offer near:rpc/api"},
    {"rpc-url", 0, CLI_VALUE, "URL", "the node behind it"},
    {"rpc-max-calls", 0, CLI_VALUE, "N", "calls of the run (100)"},
    {"rpc-allow-transactions", 0, CLI_FLAG, NULL, "let it send transactions"},
    {"attached-usd", 0, CLI_VALUE, "AMOUNT", "what refund-usd can give back"},
    {"allow-loopback", 0, CLI_FLAG, NULL, "let it reach loopback addresses of this machine"},
};

static const cli_option DEV[] = {
    {"projects", 0, CLI_VALUE, "DIR", "each NAME.wasm in it is dev.test.near/NAME (.)"},
    {"state", 0, CLI_VALUE, "DIR", "database, keys, logs (.outlayer/dev)"},
    {"reset", 0, CLI_FLAG, NULL, "forget the state first"},
    {"port", 0, CLI_VALUE, "N", "of the API; the next free one when taken (8080)"},
    {"workers", 0, CLI_VALUE, "N", "runs at once (2)"},
    {"no-watch", 0, CLI_FLAG, NULL, "do not look for changed programs"},
    {"allow-loopback", 0, CLI_FLAG, NULL, "programs may reach loopback addresses of this machine"},
    {"first-call", 0, CLI_VALUE, "NAME", "call dev.test.near/NAME once when ready"},
    {"once", 0, CLI_FLAG, NULL, "end when the command of --exec ends, with its code"},
    {"exec", 0, CLI_VALUE, "CMD", "run by /bin/sh when ready, with OUTLAYER_API and a key"},
};

static const cli_option KEYS_CREATE[] = {
    {"amount", 0, CLI_VALUE, "AMOUNT", "what it holds, 10^-6 USD (10000000)"},
    {"project", 0, CLI_LIST, "ID", "only for this project; as often as wanted"},
    {"max-per-call", 0, CLI_VALUE, "AMOUNT", "the most one call may reserve"},
    {"out", 0, CLI_VALUE, "FILE|-", "where the secret goes (a file in the state folder)"},
    {"state", 0, CLI_VALUE, "DIR", "of the running `outlayer dev` (OUTLAYER_STATE; .outlayer/dev)"},
};

static const cli_option KEYS_LIST[] = {
    {"state", 0, CLI_VALUE, "DIR", "of the running `outlayer dev` (OUTLAYER_STATE; .outlayer/dev)"},
};

static const cli_option KEYS_BALANCE[] = {PAYMENT_KEY_OPTION};

static const cli_option DOCTOR[] = {
    {"state", 0, CLI_VALUE, "DIR", "where `outlayer dev` would keep its state"},
};

const cli_options CLI_GLOBAL_OPTIONS = OPTIONS(GLOBAL);

const cli_command CLI_COMMANDS[] = {
    {"dev", "", "start everything on this machine, with a funded key", 0, 0, OPTIONS(DEV), cmd_dev},
    {"run", "PROJECT [INPUT]", "call a program; its output is the output", 1, 2, OPTIONS(RUN),
     cmd_run},
    {"wait", "ID", "wait for a call that was sent", 1, 1, OPTIONS(WAIT), cmd_wait},
    {"test", "[FILE.wasm]", "run one program here, without services", 0, 1, OPTIONS(TEST),
     cmd_test},
    {"keys create", "", "a funded payment key of `outlayer dev`", 0, 0, OPTIONS(KEYS_CREATE),
     cmd_keys_create},
    {"keys list", "", "the payment keys of `outlayer dev`", 0, 0, OPTIONS(KEYS_LIST),
     cmd_keys_list},
    {"keys balance", "", "what the payment key still holds", 0, 0, OPTIONS(KEYS_BALANCE),
     cmd_keys_balance},
    {"keys show", "", "the same as keys balance", 0, 0, OPTIONS(KEYS_BALANCE), cmd_keys_balance},
    {"doctor", "", "check this machine", 0, 0, OPTIONS(DOCTOR), cmd_doctor},
    {"version", "", "version of this program", 0, 0, {NULL, 0}, cmd_version},
    {"completion", "bash|zsh|fish", "a completion script", 1, 1, {NULL, 0}, cmd_completion},
    {"help",
     "[COMMAND|exit-codes]",
     "this page, a command's, or the exit codes",
     0,
     2,
     {NULL, 0},
     cmd_help},
};
const size_t CLI_COMMANDS_COUNT = OL_COUNT(CLI_COMMANDS);

const cli_command *cli_command_find(char *const *word, size_t words, size_t *ret_words)
{
    for (size_t i = 0; i < CLI_COMMANDS_COUNT; i++) {
        ol_str first = ol_str_of(CLI_COMMANDS[i].name), second = {0};
        bool two = ol_str_cut(first, ' ', &first, &second);
        if (words >= (two ? 2 : 1) && ol_str_eq(ol_str_of(word[0]), first) &&
            (!two || ol_str_eq(ol_str_of(word[1]), second))) {
            *ret_words = two ? 2 : 1;
            return &CLI_COMMANDS[i];
        }
    }
    return NULL;
}
