#include "services/worker/settings.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/near/event_log.h"
#include "lib/near/transaction.h"
#include "lib/net/url.h"
#include "lib/proto/limits.h"

#define AT(member) offsetof(worker_settings, member)
#define TEXT(name, member, standard, help)                                                         \
    {name, OL_SETTING_TEXT, AT(member), standard, false, 0, 0, help}
#define SECRET(name, member, required, help)                                                       \
    {name, OL_SETTING_SECRET, AT(member), NULL, required, 0, 0, help}
#define NUMBER(name, member, standard, min, max, help)                                             \
    {name, OL_SETTING_U64, AT(member), standard, false, min, max, help}
#define FLAG(name, member, standard, help)                                                         \
    {name, OL_SETTING_BOOL, AT(member), standard, false, 0, 0, help}

enum { SLOTS_MAX = 256, DAY_SECONDS = 86400 };

static const ol_setting TABLE[] = {
    {"API_BASE_URL", OL_SETTING_TEXT, AT(api_url), NULL, true, 0, 0, "the coordinator"},
    SECRET("API_AUTH_TOKEN", api_token, true, "worker token of the coordinator"),
    TEXT("NEAR_RPC_URL", near_rpc_url, NULL, "JSON-RPC of the chain"),
    TEXT("OFFCHAINVM_CONTRACT_ID", contract_id, NULL, "account of the OutLayer contract"),
    TEXT("OPERATOR_ACCOUNT_ID", operator_account_id, NULL, "account results are delivered from"),
    TEXT("PROJECTS_FILE", projects_file, NULL,
         "projects served without a chain; read again on SIGHUP"),

    TEXT("WORKER_ID", worker_id, NULL, "made up when unset"),
    TEXT("LOG_LEVEL", log_level_name, "info", "debug, info, warn or error"),
    FLAG("COMPILATION_ENABLED", compilation, "false",
         "fetch code by URL and hash into the coordinator's cache; builds no sources yet"),
    FLAG("EXECUTION_ENABLED", execution, "true", "run programs"),
    FLAG("ENABLE_EVENT_MONITOR", event_monitor, "false",
         "watch the chain and relay the contract's events to the coordinator"),
    TEXT("EVENT_SOURCE", event_source_name, "neardata",
         "where blocks come from: neardata or rpc (NEAR_RPC_URL)"),
    TEXT("NEARDATA_API_URL", neardata_url, "https://testnet.neardata.xyz/v0/block",
         "block routes; {block_id} is replaced, else the height is appended"),
    TEXT("EVENT_FINALITY", finality_name, "final",
         "final, or optimistic: runs begin earlier, results wait for final blocks"),
    NUMBER("START_BLOCK_HEIGHT", start_height, "0", 0, INT64_MAX,
           "first block where the coordinator has no cursor; 0: the latest"),
    NUMBER("SCAN_INTERVAL_MS", scan_pause_ms, "0", 0, 60000, "pause between blocks"),
    TEXT("EVENT_FILTER_STANDARD_NAME", event_standard, "near-outlayer", "standard of the events"),
    TEXT("EVENT_FILTER_FUNCTION_NAME", event_name, "execution_requested", "event of a request"),
    TEXT("EVENT_FILTER_MIN_VERSION", event_version_min, NULL, "oldest version taken"),
    NUMBER("WORKER_CONCURRENCY", concurrency, "1", 1, SLOTS_MAX, "runs at once"),
    NUMBER("POLL_TIMEOUT_SECONDS", poll_seconds, "60", 1, 300, "length of a long poll"),
    NUMBER("MAX_EXECUTION_SECONDS_CAP", seconds_cap, "180", OL_SECONDS_MIN, DAY_SECONDS,
           "the most a run gets"),
    NUMBER("ITERATION_OVERHEAD_SECONDS", overhead_seconds, "60", 1, DAY_SECONDS,
           "what fetching and reporting may take beyond a run"),
    NUMBER("MAX_MEMORY_MB_CAP", memory_mb_cap, "512", 1, 4096, "the most memory a guest gets"),

    TEXT("COMPILATION_MODE", compilation_mode, "docker", "docker or native"),
    SECRET("INIT_ACCOUNT_PRIVATE_KEY", init_private_key, false, "key that pays registration"),
    SECRET("OPERATOR_PRIVATE_KEY", operator_private_key, false,
           "key of OPERATOR_ACCOUNT_ID that delivers on chain"),
    NUMBER("DELIVERY_CONCURRENCY", deliveries, "16", 1, 64, "results in flight to the chain"),
    TEXT("KEYSTORE_BASE_URL", keystore_url, NULL, "the keystore"),
    SECRET("KEYSTORE_AUTH_TOKEN", keystore_token, false, "its credential"),
    TEXT("TEE_MODE", tee_mode, "none", "none or outlayer_tee"),
    FLAG("USE_TEE_REGISTRATION", tee_registration, "false", "register a session key on chain"),

    FLAG("NEAR_RPC_PROXY_ENABLED", rpc_proxy, "true", "offer near:rpc/api to guests"),
    TEXT("NEAR_RPC_PROXY_URL", rpc_proxy_url, NULL, "node behind near:rpc/api; NEAR_RPC_URL"),
    NUMBER("NEAR_RPC_PROXY_MAX_CALLS", rpc_calls_max, "100", 0, 1000000, "calls of one run"),
    FLAG("NEAR_RPC_PROXY_ALLOW_TRANSACTIONS", rpc_transactions, "true",
         "guests may send transactions"),

    NUMBER("WASM_CACHE_MAX_SIZE_MB", cache_mb, "100", 0, 1 << 20,
           "size of each cache on disk; 0 turns both off"),
    TEXT("WASM_CACHE_DIR", cache_dir, NULL, "folder of code; the user's cache folder when unset"),
    FLAG("SAVE_SYSTEM_HIDDEN_LOGS_TO_DEBUG", hidden_logs, "true",
         "keep what guests print on stderr in the coordinator's hidden log"),
    TEXT("HIDDEN_LOGS_BASE_URL", hidden_logs_url, NULL,
         "private listener of the coordinator; none: hidden logs are not sent"),
    FLAG("PRINT_WASM_STDERR", print_stderr, "false", "log what guests print on stderr"),
    FLAG("EGRESS_AUDIT", egress_audit, "false", "report outgoing requests to the coordinator"),

    TEXT("RUNNER_CGROUP", runner_cgroup, NULL,
         "delegated cgroup v2 folder that all runs join; its limits are yours to set"),
    TEXT("RUNNER_PROGRAM", runner_program, NULL, "outlayer-runner; beside this program when unset"),
    TEXT("AOT_PROGRAM", aot_program, NULL, "outlayer-aot; beside this program when unset"),
    NUMBER("COMPILE_THREADS", compile_threads, "2", 1, 64, "threads of one compilation to code"),
    NUMBER("COMPILE_CODE_SECONDS", compile_seconds, "120", 1, 3600, "its time limit"),
    TEXT("TRUSTED_CA_FILE", ca_file, NULL, "authorities in place of the system's (tests)"),
    FLAG("ALLOW_LOOPBACK_ADDRESSES", allow_loopback, "false",
         "development only: guests may reach this machine"),

    /* Parsed and used nowhere in the reference (Worker 2). */
    NUMBER("DEFAULT_MAX_INSTRUCTIONS", ignored_number, "10000000000", 0, UINT64_MAX, "no effect"),
    NUMBER("DEFAULT_MAX_MEMORY_MB", ignored_number, "128", 0, UINT64_MAX, "no effect"),
    NUMBER("DEFAULT_MAX_EXECUTION_SECONDS", ignored_number, "60", 0, UINT64_MAX, "no effect"),
    TEXT("DOCKER_IMAGE", ignored_text, NULL, "no effect yet"),
};

static void check_url(const char *name, ol_str *text, ol_setting_faults *faults)
{
    ol_url url;
    ol_err err;
    if (text->len == 0)
        return;
    if (ol_url_parse(*text, &url, &err) != OL_OK)
        ol_setting_fault(faults, "%s: %s", name, err.text);
    while (ol_str_ends(*text, OL_STR("/")))
        text->len--;
}

static void check_roles(const worker_settings *s, ol_setting_faults *faults)
{
    if (!s->compilation && !s->execution)
        ol_setting_fault(faults,
                         "COMPILATION_ENABLED and EXECUTION_ENABLED are both false: nothing to do");
    if (ol_str_eq(s->compilation_mode, OL_STR("native")) &&
        (s->execution || s->init_private_key.len > 0 || s->operator_private_key.len > 0))
        ol_setting_fault(
            faults, "Security error: Native compilation mode (COMPILATION_MODE=native) must NOT "
                    "have EXECUTION_ENABLED, INIT_ACCOUNT_PRIVATE_KEY or OPERATOR_PRIVATE_KEY");
    else if (!ol_str_eq(s->compilation_mode, OL_STR("native")) &&
             !ol_str_eq(s->compilation_mode, OL_STR("docker")))
        ol_setting_fault(faults, "COMPILATION_MODE: neither docker nor native");
}

/* `Outlayer_TEE `, `"none"`: trimmed, unquoted, lower-cased (Worker 2). */
static void check_tee_mode(worker_settings *s, ol_setting_faults *faults)
{
    ol_str mode = ol_str_trim(s->tee_mode);
    if (mode.len >= 2 && (mode.data[0] == '"' || mode.data[0] == '\'') &&
        mode.data[mode.len - 1] == mode.data[0])
        mode = ol_str_trim(ol_str_slice(mode, 1, mode.len - 1));
    if (ol_str_eq_nocase(mode, OL_STR("none")) || mode.len == 0)
        s->tee_mode = OL_STR("none");
    else if (ol_str_eq_nocase(mode, OL_STR("outlayer_tee")))
        s->tee_mode = OL_STR("outlayer_tee");
    else
        ol_setting_fault(faults, "TEE_MODE: neither none nor outlayer_tee");
}

/* Without a projects file everything about projects comes from the contract. */
static void check_chain(const worker_settings *s, ol_setting_faults *faults)
{
    if (s->projects_file.len > 0)
        return;
    if (s->near_rpc_url.len == 0)
        ol_setting_fault(faults,
                         "NEAR_RPC_URL is required: JSON-RPC of the chain (or set PROJECTS_FILE)");
    if (s->contract_id.len == 0)
        ol_setting_fault(faults,
                         "OFFCHAINVM_CONTRACT_ID is required: account of the OutLayer contract (or "
                         "set PROJECTS_FILE)");
    if (s->operator_account_id.len == 0)
        ol_setting_fault(faults,
                         "OPERATOR_ACCOUNT_ID is required: account results are delivered from (or "
                         "set PROJECTS_FILE)");
}

/* Exactly one of two words. */
static bool check_word(const char *name, ol_str value, const char *first, const char *second,
                       ol_setting_faults *faults)
{
    if (!ol_str_eq(value, ol_str_of(first)) && !ol_str_eq(value, ol_str_of(second)))
        ol_setting_fault(faults, "%s: neither %s nor %s", name, first, second);
    return ol_str_eq(value, ol_str_of(second));
}

static void check_monitor(worker_settings *s, ol_setting_faults *faults)
{
    ol_version version;
    s->blocks_by_rpc = check_word("EVENT_SOURCE", s->event_source_name, "neardata", "rpc", faults);
    s->optimistic = check_word("EVENT_FINALITY", s->finality_name, "final", "optimistic", faults);
    if (s->event_version_min.len > 0 && !ol_version_parse(s->event_version_min, &version))
        ol_setting_fault(faults, "EVENT_FILTER_MIN_VERSION: one to three numbers with points");
    if (s->event_monitor && (s->near_rpc_url.len == 0 || s->contract_id.len == 0))
        ol_setting_fault(faults, "ENABLE_EVENT_MONITOR needs NEAR_RPC_URL and "
                                 "OFFCHAINVM_CONTRACT_ID");
}

/* Worker 2: the key is required exactly when this worker executes and registers none of its own.
 * A worker that lives from a projects file alone serves HTTPS calls and needs none. */
static void check_operator(worker_settings *s, ol_setting_faults *faults)
{
    ol_ed25519_key key;
    ol_err err;
    bool chain =
        s->near_rpc_url.len > 0 && s->contract_id.len > 0 && s->operator_account_id.len > 0;
    if (s->operator_private_key.len > 0) {
        if (ol_near_secret_key_parse(s->operator_private_key, &key, &err) != OL_OK)
            ol_setting_fault(faults, "OPERATOR_PRIVATE_KEY: %s", err.text);
        else
            ol_ed25519_key_deinit(&key);
    } else if (s->execution && !s->tee_registration && s->projects_file.len == 0) {
        ol_setting_fault(faults, "OPERATOR_PRIVATE_KEY is required: key that delivers on chain "
                                 "(or set USE_TEE_REGISTRATION or PROJECTS_FILE)");
    }
    s->on_chain = chain && s->execution && s->operator_private_key.len > 0;
}

static void check_worker_id(const worker_settings *s, ol_setting_faults *faults)
{
    for (size_t i = 0; i < s->worker_id.len; i++) {
        char c = s->worker_id.data[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_' || c == '.' || c == ':';
        if (!fine) {
            ol_setting_fault(faults, "WORKER_ID: letters, digits and - _ . : only");
            return;
        }
    }
    if (s->worker_id.len > OL_WORKER_ID_BYTES_MAX)
        ol_setting_fault(faults, "WORKER_ID: longer than %d bytes", OL_WORKER_ID_BYTES_MAX);
}

/* A program next to ours. */
static bool beside(ol_arena *arena, const char *name, ol_str *ret)
{
    char self[4096];
    ol_str folder;
    ol_str file;
    ssize_t n = readlink("/proc/self/exe", self, sizeof self);
    if (n <= 0 || !ol_str_cut_last((ol_str){self, (size_t)n}, '/', &folder, &file))
        return false;
    *ret = ol_arena_printf(arena, "%.*s/%s", OL_FMT(folder), name);
    return ret->data != NULL;
}

static void fill_paths(ol_arena *arena, worker_settings *s, ol_setting_faults *faults)
{
    if (s->runner_program.len == 0 && !beside(arena, "outlayer-runner", &s->runner_program))
        ol_setting_fault(faults, "RUNNER_PROGRAM: cannot tell where this program lies");
    if (s->aot_program.len == 0 && !beside(arena, "outlayer-aot", &s->aot_program))
        ol_setting_fault(faults, "AOT_PROGRAM: cannot tell where this program lies");
    if (s->cache_dir.len > 0)
        return;
    const char *base = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    if (base != NULL && base[0] == '/')
        s->cache_dir = ol_arena_printf(arena, "%s/outlayer/wasm", base);
    else if (home != NULL && home[0] == '/')
        s->cache_dir = ol_arena_printf(arena, "%s/.cache/outlayer/wasm", home);
    else
        s->cache_dir = OL_STR("/var/cache/outlayer/wasm");
}

ol_rc worker_settings_load(ol_arena *arena, worker_settings *ret, ol_setting_faults *ret_faults)
{
    worker_settings s = {0};
    size_t at;
    (void)ol_settings_load(TABLE, OL_COUNT(TABLE), &s, arena, ret_faults);
    check_url("API_BASE_URL", &s.api_url, ret_faults);
    check_url("NEAR_RPC_URL", &s.near_rpc_url, ret_faults);
    check_url("NEAR_RPC_PROXY_URL", &s.rpc_proxy_url, ret_faults);
    check_url("HIDDEN_LOGS_BASE_URL", &s.hidden_logs_url, ret_faults);
    check_roles(&s, ret_faults);
    check_tee_mode(&s, ret_faults);
    if (!ol_str_find(s.neardata_url, OL_STR("{block_id}"), &at))
        check_url("NEARDATA_API_URL", &s.neardata_url, ret_faults);
    check_chain(&s, ret_faults);
    check_monitor(&s, ret_faults);
    check_operator(&s, ret_faults);
    check_worker_id(&s, ret_faults);
    if (!ol_level_parse(s.log_level_name, &s.log_level))
        ol_setting_fault(ret_faults, "LOG_LEVEL: none of debug, info, warn, error");
    fill_paths(arena, &s, ret_faults);
    if (s.rpc_proxy_url.len == 0)
        s.rpc_proxy_url = s.near_rpc_url;
    *ret = s;
    return ret_faults->count == 0 ? OL_OK : OL_ERR_SETTINGS;
}

void worker_settings_print(void)
{
    ol_settings_print(TABLE, OL_COUNT(TABLE));
}
