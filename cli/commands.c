/* Every command: what it is called, what it takes, what runs it. Help, completion and the
 * documentation's command page walk this table. */
#include "cli/commands.h"

#define OPTIONS(table) {(table), OL_COUNT(table)}
#define NO_OPTIONS {NULL, 0}

static const cli_option GLOBAL[] = {
    {"network", 0, CLI_VALUE, "local|testnet|mainnet", "which network (OUTLAYER_NETWORK; local)"},
    {"api", 0, CLI_VALUE, "URL", "the coordinator, in place of the network's (OUTLAYER_API)"},
    {"rpc", 0, CLI_VALUE, "URL", "the chain's node, in place of the network's (OUTLAYER_RPC)"},
    {"account", 0, CLI_VALUE, "ID",
     "sign as this account (OUTLAYER_ACCOUNT; the credentials' one)"},
    {"json", 0, CLI_FLAG, NULL, "one JSON object on standard output, or one a line"},
    {"quiet", 'q', CLI_FLAG, NULL, "no progress"},
    {"verbose", 'v', CLI_FLAG, NULL, "say more about failures"},
    {"no-color", 0, CLI_FLAG, NULL, "no colours (NO_COLOR)"},
    {"timeout", 0, CLI_VALUE, "SEC", "how long to wait"},
    {"yes", 'y', CLI_FLAG, NULL, "answer yes to every question"},
    {"dry-run", 0, CLI_FLAG, NULL, "print what would be sent, send nothing"},
    {"help", 'h', CLI_FLAG, NULL, "this page"},
};

#define PAYMENT_KEY_OPTION                                                                         \
    {"payment-key", 0, CLI_VALUE, "-",                                                             \
     "read the key from standard input (else PAYMENT_KEY, else the credentials file)"}

#define LIMIT_OPTIONS(instructions, memory, seconds)                                               \
    {"instructions", 0, CLI_VALUE, "N", "instruction limit" instructions},                         \
        {"memory", 0, CLI_VALUE, "MB", "memory limit" memory},                                     \
    {                                                                                              \
        "seconds", 0, CLI_VALUE, "N", "time limit" seconds                                         \
    }
#define PAGE_OPTIONS(standard)                                                                     \
    {"limit", 0, CLI_VALUE, "N", "at most so many (" standard ")"},                                \
        {"cursor", 0, CLI_VALUE, "TEXT", "go on behind this one, as the page before says"}

static const cli_option RUN[] = {
    {"input", 0, CLI_VALUE, "FILE|-", "JSON input from a file or standard input"},
    {"version", 0, CLI_VALUE, "KEY", "another version than the active one"},
    {"path", 0, CLI_VALUE, "https|chain",
     "paid by a payment key, or in NEAR by a transaction (https)"},
    {"async", 0, CLI_FLAG, NULL, "print the call's id and do not wait"},
    {"deposit", 0, CLI_VALUE, "AMOUNT",
     "attached to the call, 10^-6 USD; on the chain NEAR: 0.01near, or yocto (what it may cost)"},
    {"compute-limit", 0, CLI_VALUE, "AMOUNT", "the most it may cost, 10^-6 USD (10000)"},
    {"max-cost", 0, CLI_VALUE, "AMOUNT", "refuse before sending when more would be reserved"},
    {"attached-usd", 0, CLI_VALUE, "AMOUNT", "for the program's author, 10^-6 USD (chain)"},
    {"github", 0, CLI_VALUE, "REPO", "run a repository's code in place of a project (chain)"},
    {"commit", 0, CLI_VALUE, "COMMIT", "which one of the repository"},
    {"wasm", 0, CLI_VALUE, "URL", "run these bytes in place of a project (chain)"},
    {"hash", 0, CLI_VALUE, "SHA256", "of the bytes"},
    {"target", 0, CLI_VALUE, "p1|p2", "what the code was built for"},
    LIMIT_OPTIONS("", "", ""),
    {"secrets-profile", 0, CLI_VALUE, "NAME", "secrets to run with"},
    {"secrets-account", 0, CLI_VALUE, "ACCOUNT", "whose secrets they are"},
    {"idempotency-key", 0, CLI_VALUE, "TEXT", "a repetition with this key is the same call"},
    PAYMENT_KEY_OPTION,
};

static const cli_option WAIT[] = {
    {"for", 0, CLI_VALUE, "done", "what to wait for"},
    PAYMENT_KEY_OPTION,
};

static const cli_option STATUS[] = {PAYMENT_KEY_OPTION};

static const cli_option COST[] = {
    {"path", 0, CLI_VALUE, "https|chain", "which of the two prices (https)"},
    LIMIT_OPTIONS(" (1000000000)", " (128)", " (60)"),
};

static const cli_option CREATE[] = {
    {"template", 0, CLI_VALUE, "basic|contract", "what to begin with (basic)"},
    {"lang", 0, CLI_VALUE, "c", "the language (c)"},
    {"dir", 0, CLI_VALUE, "DIR", "where (a folder of that name)"},
};

static const cli_option BUILD[] = {
    {"target", 0, CLI_VALUE, "p1|p2", "core module or component (what outlayer.toml says)"},
};

#define STATE_OPTION                                                                               \
    {"state", 0, CLI_VALUE, "DIR", "of the running `outlayer dev` (OUTLAYER_STATE; .outlayer/dev)"}

static const cli_option DEPLOY[] = {
    {"file", 0, CLI_VALUE, "FILE", "bytes to bring along (build/NAME.wasm; local network)"},
    {"hash", 0, CLI_VALUE, "SHA256", "of what lies at the URL"},
    {"wasm", 0, CLI_VALUE, "URL", "the URL, as an option"},
    {"github", 0, CLI_VALUE, "REPO", "built from this repository"},
    {"commit", 0, CLI_VALUE, "COMMIT", "at this commit"},
    {"target", 0, CLI_VALUE, "p1|p2", "what the code was built for"},
    {"no-activate", 0, CLI_FLAG, NULL, "add the version, leave the active one"},
    STATE_OPTION,
};

static const cli_option CONTRACT_DEPLOY[] = {
    {"to", 0, CLI_VALUE, "ACCOUNT", "where to; made when it is missing (the account that signs)"},
    {"init", 0, CLI_VALUE, "METHOD", "called in the same transaction"},
    {"args", 0, CLI_VALUE, "JSON", "its arguments"},
    {"balance", 0, CLI_VALUE, "AMOUNT", "of an account that is made (5near)"},
};

static const cli_option CONTRACT_CALL[] = {
    {"deposit", 0, CLI_VALUE, "AMOUNT", "attached: 0.25near, or yocto"},
    {"tgas", 0, CLI_VALUE, "N", "gas, 10^12 (100)"},
};

static const cli_option PROJECTS[] = {PAGE_OPTIONS("50")};

static const cli_option VERSIONS[] = {
    {"project", 0, CLI_VALUE, "ID", "which project (the one of outlayer.toml)"},
};

static const cli_option LOGIN[] = {
    {"import-key", 0, CLI_VALUE, "-",
     "read a private key from standard input; --account says whose"},
    PAYMENT_KEY_OPTION,
    {"keychain", 0, CLI_FLAG, NULL, "keep it in the system's keyring, not in a file of mode 0600"},
};

static const cli_option LOGOUT[] = {
    {"all", 0, CLI_FLAG, NULL, "of every network"},
};

static const cli_option TEST[] = {
    {"wasm", 0, CLI_VALUE, "FILE", "the program; its header decides between p1 and p2"},
    {"input", 0, CLI_VALUE, "TEXT", "what it reads on standard input"},
    {"input-file", 0, CLI_VALUE, "FILE|-", "the same from a file"},
    {"fixtures", 0, CLI_VALUE, "DIR",
     "cases: NAME.in, and NAME.out or NAME.err (part of the error)"},
    {"filter", 0, CLI_VALUE, "TEXT", "only cases with this in their names"},
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
    {"chain-port", 0, CLI_VALUE, "N", "of the chain; likewise (3030)"},
    {"keystore-port", 0, CLI_VALUE, "N", "of the keystore; likewise (8081)"},
    {"port-base", 0, CLI_VALUE, "N",
     "all ports: the API at N, the chain at N + 1, the keystore at N + 2"},
    {"seed", 0, CLI_VALUE, "TEXT", "all keys follow from it (the state's; dev)"},
    {"block-ms", 0, CLI_VALUE, "N", "an empty block after so much rest; 0: never (1000)"},
    {"clock", 0, CLI_VALUE, "real|steps",
     "the chain's: steps are 600 ms a block from 2026 on (real)"},
    {"finality-lag", 0, CLI_VALUE, "N", "blocks by which final stays behind the head (0)"},
    {"no-chain", 0, CLI_FLAG, NULL, "HTTPS alone: projects file, coordinator, worker"},
    {"workers", 0, CLI_VALUE, "N", "runs at once (2)"},
    {"no-watch", 0, CLI_FLAG, NULL, "do not look for changed programs"},
    {"allow-loopback", 0, CLI_FLAG, NULL, "programs may reach loopback addresses of this machine"},
    {"first-call", 0, CLI_VALUE, "NAME", "call dev.test.near/NAME once when ready"},
    {"once", 0, CLI_FLAG, NULL, "end when the command of --exec ends, with its code"},
    {"exec", 0, CLI_VALUE, "CMD", "run by /bin/sh when ready, with OUTLAYER_API and a key"},
};

static const cli_option KEYS_CREATE[] = {
    {"amount", 0, CLI_VALUE, "AMOUNT",
     "transferred to it: 0.25usd, or 10^-6 USD (nothing; with --grant 10 USD)"},
    {"project", 0, CLI_LIST, "ID", "only for this project, or owner/*; as often as wanted"},
    {"max-per-call", 0, CLI_VALUE, "AMOUNT", "the most one call may reserve"},
    {"out", 0, CLI_VALUE, "FILE|-", "where its secret goes, too (keys.json among the credentials)"},
    {"use", 0, CLI_FLAG, NULL, "run pays with it from now on"},
    {"attestor", 0, CLI_VALUE, "HEX", "who vouches for the keystore's keys (the one known)"},
    {"grant", 0, CLI_FLAG, NULL, "given out by the dev of this machine, without a transfer"},
    STATE_OPTION,
};

static const cli_option KEYS_SHOW[] = {
    {"secret", 0, CLI_FLAG, NULL, "the whole key alone, for --payment-key -"},
};

static const cli_option KEYS_TOPUP[] = {
    {"swap", 0, CLI_VALUE, "ACCOUNT", "who swaps the NEAR (the first the contract lists)"},
};

static const cli_option KEYS_DELETE[] = {
    {"forfeit", 0, CLI_FLAG, NULL, "although it holds a balance: nobody gives that back"},
};

static const cli_option DEV_CTL[] = {STATE_OPTION};

static const cli_option KEYS_LIST[] = {
    STATE_OPTION,
};

static const cli_option KEYS_BALANCE[] = {PAYMENT_KEY_OPTION};

#define PLACE_OPTIONS                                                                              \
    {"project", 0, CLI_VALUE, "ID", "of this project (the one of outlayer.toml)"},                 \
        {"repo", 0, CLI_VALUE, "URL", "of code from this repository"},                             \
        {"branch", 0, CLI_VALUE, "NAME", "of this branch alone"},                                  \
        {"wasm-hash", 0, CLI_VALUE, "SHA256", "of these very bytes"},                              \
        {"profile", 0, CLI_VALUE, "NAME", "one of several for the same code (default)"}
#define VALUE_OPTIONS                                                                              \
    {"from", 0, CLI_VALUE, "FILE|-", "names and values: NAME=value lines, or a JSON object"},      \
        {"generate", 0, CLI_LIST, "NAME:TYPE",                                                     \
         "PROTECTED_… drawn inside the keystore: "                                                 \
         "hex16|hex32|hex64|ed25519|ed25519_seed|password[:N]"},                                   \
        {"attestor", 0, CLI_VALUE, "HEX", "who vouches for the keystore's keys (the one known)"}
#define ACCESS_HELP                                                                                \
    "me, everyone, accounts A,B, pattern P, near>=N, ft TOKEN>=N, JSON or @FILE (me)"

static const cli_option SECRETS_SET[] = {
    PLACE_OPTIONS,
    VALUE_OPTIONS,
    {"access", 0, CLI_VALUE, "EXPR", ACCESS_HELP},
    {"replace", 0, CLI_FLAG, NULL, "in place of what is there"},
};

static const cli_option SECRETS_IMPORT[] = {
    PLACE_OPTIONS,
    {"generate", 0, CLI_LIST, "NAME:TYPE", "as secrets set"},
    {"attestor", 0, CLI_VALUE, "HEX", "as secrets set"},
    {"access", 0, CLI_VALUE, "EXPR", ACCESS_HELP},
    {"replace", 0, CLI_FLAG, NULL, "in place of what is there"},
};

static const cli_option SECRETS_UPDATE[] = {
    PLACE_OPTIONS,
    VALUE_OPTIONS,
    {"replace", 0, CLI_FLAG, NULL, "drop the values not named; generated ones stay"},
};

static const cli_option SECRETS_PLACE[] = {PLACE_OPTIONS};

static const cli_option SECRETS_TEST[] = {
    PLACE_OPTIONS,
    {"as", 0, CLI_VALUE, "ACCOUNT", "who asks (you)"},
    {"access", 0, CLI_VALUE, "EXPR", "this condition in place of the stored one"},
};

#define WHOSE_OPTIONS                                                                              \
    {"worker", 0, CLI_FLAG, NULL, "the rows of all callers; the project's owner alone"},           \
        {"public", 0, CLI_FLAG, NULL, "among these, what everybody may read"}

static const cli_option STORAGE_LS[] = {
    WHOSE_OPTIONS,
    {"prefix", 0, CLI_VALUE, "TEXT", "public rows whose key begins so"},
    PAGE_OPTIONS("100"),
};

static const cli_option STORAGE_RM[] = {
    WHOSE_OPTIONS,
    {"all", 0, CLI_FLAG, NULL, "every one of them; wants --yes"},
};

static const cli_option STORAGE_USAGE[] = {PAGE_OPTIONS("100")};

static const cli_option VRF_VERIFY[] = {
    {"key", 0, CLI_VALUE, "HEX", "the key that must have signed (the network's)"},
};

static const cli_option DOCTOR[] = {
    {"state", 0, CLI_VALUE, "DIR", "where `outlayer dev` would keep its state"},
};

const cli_options CLI_GLOBAL_OPTIONS = OPTIONS(GLOBAL);

/* In the order of the help page. */
const cli_command CLI_COMMANDS[] = {
    {"dev", "", "start everything on this machine: chain, contracts, services, accounts", 0, 0,
     OPTIONS(DEV), cmd_dev},
    {"dev ctl",
     "fast-forward N|Ns|mine N|snapshot [NAME]|restore NAME|fund ACCOUNT [AMOUNT]|fail KIND",
     "time, states, money and faults of the running dev", 1, 3, OPTIONS(DEV_CTL), cmd_dev_ctl},
    {"create", "NAME", "a new folder with a program in it", 1, 1, OPTIONS(CREATE), cmd_create},
    {"build", "", "the program or contract of this folder", 0, 0, OPTIONS(BUILD), cmd_build},
    {"test", "[FILE.wasm]", "run one program here, without services", 0, 1, OPTIONS(TEST),
     cmd_test},
    {"deploy", "[NAME] [WASM_URL]", "make a project of it, or a version", 0, 2, OPTIONS(DEPLOY),
     cmd_deploy},
    {"run", "[PROJECT] [INPUT]", "call a program; its output is the output", 0, 2, OPTIONS(RUN),
     cmd_run},
    {"wait", "ID", "wait for a call or transaction that was sent", 1, 1, OPTIONS(WAIT), cmd_wait},
    {"status", "[ID]", "of a call, a request, a transaction; of the project here", 0, 1,
     OPTIONS(STATUS), cmd_status},
    {"cancel", "REQUEST", "take back a request that nobody answered", 1, 1, NO_OPTIONS, cmd_cancel},
    {"cost", "[PROJECT]", "what a run costs", 0, 1, OPTIONS(COST), cmd_cost},
    {"projects", "[ACCOUNT]", "the projects of an account", 0, 1, OPTIONS(PROJECTS), cmd_projects},
    {"project show", "[PROJECT]", "versions, deposit, prices", 0, 1, NO_OPTIONS, cmd_project_show},
    {"project transfer", "PROJECT ACCOUNT", "give it to somebody", 2, 2, NO_OPTIONS,
     cmd_project_transfer},
    {"project delete", "PROJECT", "with its versions; deposits come back", 1, 1, NO_OPTIONS,
     cmd_project_delete},
    {"versions", "[PROJECT]", "the versions of a project", 0, 1, NO_OPTIONS, cmd_versions},
    {"versions activate", "KEY", "run this one from now on", 1, 1, OPTIONS(VERSIONS),
     cmd_versions_activate},
    {"versions rollback", "", "run the one before the active one", 0, 0, OPTIONS(VERSIONS),
     cmd_versions_rollback},
    {"versions remove", "KEY", "forget one that is not active", 1, 1, OPTIONS(VERSIONS),
     cmd_versions_remove},
    {"versions diff", "A B", "what differs between two", 2, 2, OPTIONS(VERSIONS),
     cmd_versions_diff},
    {"contract deploy", "[FILE.wasm]", "bring a contract of yours to an account", 0, 1,
     OPTIONS(CONTRACT_DEPLOY), cmd_contract_deploy},
    {"contract call", "ACCOUNT METHOD [JSON|@FILE]", "call a contract", 2, 3,
     OPTIONS(CONTRACT_CALL), cmd_contract_call},
    {"contract view", "ACCOUNT METHOD [JSON|@FILE]", "ask a contract; costs nothing", 2, 3,
     NO_OPTIONS, cmd_contract_view},
    {"secrets set", "[NAME…]", "encrypt values here and store them; each comes on standard input",
     0, 16, OPTIONS(SECRETS_SET), cmd_secrets_set},
    {"secrets import", "FILE", "the values of a .env file, encrypted here", 1, 1,
     OPTIONS(SECRETS_IMPORT), cmd_secrets_import},
    {"secrets update", "[NAME…]", "change single values; others, and who may have them, stay", 0,
     16, OPTIONS(SECRETS_UPDATE), cmd_secrets_update},
    {"secrets list", "[ACCOUNT]", "the secrets of an account, without values", 0, 1, NO_OPTIONS,
     cmd_secrets_list},
    {"secrets show", "", "who may have it, what it costs; values are read by runs alone", 0, 0,
     OPTIONS(SECRETS_PLACE), cmd_secrets_show},
    {"secrets access", "EXPR", "change who may have it", 1, 1, OPTIONS(SECRETS_PLACE),
     cmd_secrets_access},
    {"secrets test-access", "", "would somebody get it now, and why", 0, 0, OPTIONS(SECRETS_TEST),
     cmd_secrets_test_access},
    {"secrets delete", "", "with its values; the stake comes back", 0, 0, OPTIONS(SECRETS_PLACE),
     cmd_secrets_delete},
    {"keys create", "", "a payment key on the chain, its secret drawn here", 0, 0,
     OPTIONS(KEYS_CREATE), cmd_keys_create},
    {"keys list", "", "the payment keys of the account, and those that dev gave out", 0, 0,
     OPTIONS(KEYS_LIST), cmd_keys_list},
    {"keys show", "NONCE", "one key: what it holds, what its storage costs", 1, 1,
     OPTIONS(KEYS_SHOW), cmd_keys_show},
    {"keys topup", "NONCE AMOUNT", "transfer to it: 0.25usd or 10^-6 USD, or NEAR: 0.5near", 2, 2,
     OPTIONS(KEYS_TOPUP), cmd_keys_topup},
    {"keys delete", "NONCE", "its stake comes back, its balance does not", 1, 1,
     OPTIONS(KEYS_DELETE), cmd_keys_delete},
    {"keys balance", "", "what the payment key still holds", 0, 0, OPTIONS(KEYS_BALANCE),
     cmd_keys_balance},
    {"login", "[NETWORK]", "keep a key for an account", 0, 1, OPTIONS(LOGIN), cmd_login},
    {"logout", "",
     "forget the network's keys, those in the keyring, too; payment keys made here stay", 0, 0,
     OPTIONS(LOGOUT), cmd_logout},
    {"whoami", "", "account, balances, addresses", 0, 0, NO_OPTIONS, cmd_whoami},
    {"storage get", "PROJECT KEY",
     "what a project shows to everybody; what it keeps for accounts is encrypted and read by its "
     "runs alone",
     2, 2, NO_OPTIONS, cmd_storage_get},
    {"storage ls", "PROJECT", "the rows that the account keeps there, without values", 1, 1,
     OPTIONS(STORAGE_LS), cmd_storage_ls},
    {"storage rm", "PROJECT [KEY|HASH]", "take rows away for good", 1, 2, OPTIONS(STORAGE_RM),
     cmd_storage_rm},
    {"storage usage", "PROJECT", "how much the account keeps there; for the owner everybody", 1, 1,
     OPTIONS(STORAGE_USAGE), cmd_storage_usage},
    {"vrf verify", "[FILE]", "randomness that a program drew, from its answer on standard input", 0,
     1, OPTIONS(VRF_VERIFY), cmd_vrf_verify},
    {"doctor", "", "check this machine", 0, 0, OPTIONS(DOCTOR), cmd_doctor},
    {"version", "", "version of this program", 0, 0, NO_OPTIONS, cmd_version},
    {"completion", "bash|zsh|fish", "a completion script", 1, 1, NO_OPTIONS, cmd_completion},
    {"help", "[COMMAND|exit-codes]", "this page, a command's, or the exit codes", 0, 2, NO_OPTIONS,
     cmd_help},
};
const size_t CLI_COMMANDS_COUNT = OL_COUNT(CLI_COMMANDS);

static const cli_command *find(ol_str first, ol_str second)
{
    for (size_t i = 0; i < CLI_COMMANDS_COUNT; i++) {
        ol_str one = ol_str_of(CLI_COMMANDS[i].name), two = OL_STR("");
        (void)ol_str_cut(one, ' ', &one, &two);
        if (ol_str_eq(one, first) && ol_str_eq(two, second))
            return &CLI_COMMANDS[i];
    }
    return NULL;
}

/* Two words before one: `versions activate` is not `versions` of a project of that name. */
const cli_command *cli_command_find(char *const *word, size_t words, size_t *ret_words)
{
    const cli_command *found = NULL;
    for (*ret_words = words < 2 ? words : 2; *ret_words > 0 && found == NULL; --*ret_words) {
        ol_str second = *ret_words == 2 ? ol_str_of(word[1]) : OL_STR("");
        if (*ret_words == 1 || second.len > 0)
            found = find(ol_str_of(word[0]), second);
        if (found != NULL)
            return found;
    }
    return NULL;
}
