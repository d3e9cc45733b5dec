/* outlayer cost: what a run may cost at most, what the newest ones did cost, and what one costs
 * that needs next to nothing. Prices are asked for, never assumed. */
#include "cli/amount.h"
#include "cli/api.h"
#include "cli/chain.h"
#include "cli/commands.h"
#include "cli/project_file.h"
#include "cli/public_jobs.h"

enum {
    INSTRUCTIONS_STANDARD = 1000000000,
    SECONDS_STANDARD = 60,
    MEMORY_MB_STANDARD = 128, /* Contract 2 */
    PRICING_MS = 15000,
    PER_MILLION = 1000000,
};

typedef struct limits {
    uint64_t instructions, memory_mb, seconds;
} limits;

typedef struct cost {
    ol_u128 most;
    ol_u128 base;    /* what a run pays that needs next to nothing */
    ol_u128 typical; /* the median of `runs` */
    size_t runs;     /* 0: none are known */
    ol_str project;  /* whose runs they are; empty: everybody's */
    const char *currency;
} cost;

static ol_rc limits_read(const cli_args *args, limits *ret, ol_err *err)
{
    *ret = (limits){INSTRUCTIONS_STANDARD, MEMORY_MB_STANDARD, SECONDS_STANDARD};
    OL_TRY(cli_number(args, "instructions", 0, UINT64_MAX, &ret->instructions, err));
    OL_TRY(cli_number(args, "memory", 1, UINT32_MAX, &ret->memory_mb, err));
    return cli_number(args, "seconds", 0, UINT32_MAX, &ret->seconds, err);
}

/* Contract 6: the contract's own estimate, and its base fee. */
static ol_rc of_chain(const cli *it, const limits *l, cost *ret, ol_err *err)
{
    OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(4));
    ol_json_writer w = ol_json_writer_over(&args);
    ol_json prices, base;
    chain_client *c = NULL;
    ol_json_object_begin(&w);
    ol_json_key(&w, "resource_limits");
    ol_json_object_begin(&w);
    ol_json_put_u64(&w, "max_instructions", l->instructions);
    ol_json_put_u64(&w, "max_memory_mb", l->memory_mb);
    ol_json_put_u64(&w, "max_execution_seconds", l->seconds);
    ol_json_object_end(&w);
    ol_json_object_end(&w);
    OL_TRY(chain_open(it, &c, err));
    ol_rc rc = chain_view_amount(c, "estimate_execution_cost", &args, &ret->most, err);
    if (rc == OL_OK)
        rc = chain_view(c, "get_pricing_full", NULL, &prices, err);
    chain_close(c);
    OL_TRY(rc);
    if (!ol_json_find(&prices, OL_STR("base_fee"), &base))
        return ol_fail(err, OL_ERR_PROTOCOL, "the contract names no base fee");
    ret->currency = "yocto";
    return ol_json_u128_text(&base, &ret->base, err);
}

static ol_rc price(const ol_json *root, const char *name, ol_u128 *ret, ol_err *err)
{
    ol_json value;
    if (!ol_json_find(root, ol_str_of(name), &value))
        return ol_fail(err, OL_ERR_PROTOCOL, "the coordinator's prices have no %s", name);
    return ol_json_u128_text(&value, ret, err);
}

/* Coordinator 8: base, per million instructions, per second. */
static ol_rc of_https(const cli *it, const limits *l, cost *ret, cli_failure *failure)
{
    OL_AUTO(ol_buf) answer = ol_buf_new(OL_KIB(64));
    const api_request request = {.method = "GET",
                                 .path = OL_STR("/public/pricing"),
                                 .total_ms = PRICING_MS,
                                 .repeatable = true};
    ol_u128 base, per_million, per_second, part;
    ol_err *err = &failure->err;
    ol_json root;
    api *a = NULL;
    OL_TRY(api_open(it, &a, err));
    ol_rc rc = api_send(a, &request, &answer, failure);
    api_close(a);
    OL_TRY(rc);
    OL_TRY_NOTE(err, api_json(ol_buf_str(&answer), &root, err), "prices");
    OL_TRY(price(&root, "base_fee_usd", &base, err));
    OL_TRY(price(&root, "per_instruction_fee_usd", &per_million, err));
    OL_TRY(price(&root, "per_sec_fee_usd", &per_second, err));
    *ret = (cost){.most = base, .base = base, .currency = "micro_usd"};
    bool fits = ol_u128_mul(per_million, l->instructions / PER_MILLION, &part) &&
                ol_u128_add(ret->most, part, &ret->most) &&
                ol_u128_mul(per_second, l->seconds, &part) &&
                ol_u128_add(ret->most, part, &ret->most);
    return fits ? OL_OK : ol_fail(err, OL_ERR_AMOUNT_RANGE, "Amount out of range");
}

/* What was named, else the project of this folder, else all. */
static ol_rc project_find(const cli *it, const cli_args *args, ol_str *ret, ol_err *err)
{
    project_file file;
    *ret = OL_STR("");
    if (args->positionals > 0)
        return project_id_find(it, args->positional[0], ret, err);
    if (project_file_load(it, NULL, &file, NULL) == OL_OK && file.found &&
        project_id_find(it, OL_STR(""), ret, NULL) != OL_OK)
        *ret = OL_STR("");
    return OL_OK;
}

static ol_str words(const cli *it, const cost *k, ol_u128 amount)
{
    if (ol_str_eq(ol_str_of(k->currency), OL_STR("yocto")))
        return amount_near_format(it->arena, OL_YOCTO(amount));
    return ol_arena_printf(it->arena, "%s µUSD", USD(OL_USD(amount)));
}

static void put_json(ol_json_writer *w, const cost *k)
{
    ol_json_object_begin(w);
    ol_json_put_dec(w, "max", k->most);
    if (k->runs > 0)
        ol_json_put_dec(w, "typical", k->typical);
    else
        ol_json_put_null(w, "typical");
    ol_json_put_u64(w, "runs", k->runs);
    ol_json_put_dec(w, "base", k->base);
    ol_json_put_cstr(w, "currency", k->currency);
    ol_json_object_end(w);
}

static int print(const cli *it, const cost *k)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(4));
    ol_json_writer w = ol_json_writer_over(&text);
    if (it->json) {
        put_json(&w, k);
        return cli_result_buf(it, &text, CLI_DONE);
    }
    ol_buf_addf(&text, "at most %.*s, at least %.*s", OL_FMT(words(it, k, k->most)),
                OL_FMT(words(it, k, k->base)));
    if (k->runs > 1)
        ol_buf_addf(&text, "; typically %.*s, the median of the last %zu runs",
                    OL_FMT(words(it, k, k->typical)), k->runs);
    else if (k->runs == 1)
        ol_buf_addf(&text, "; it was %.*s for the last run", OL_FMT(words(it, k, k->typical)));
    else
        ol_buf_add_str(&text, OL_STR("; no run tells yet what is typical"));
    if (k->project.len > 0)
        ol_buf_addf(&text, " of %.*s", OL_FMT(k->project));
    return cli_result_buf(it, &text, CLI_DONE);
}

int cmd_cost(cli *it, const cli_args *args)
{
    cli_failure failure = {0};
    limits l;
    cost k = {0};
    ol_str path = cli_value_or(args, "path", OL_STR("https"));
    ol_str project;
    if (limits_read(args, &l, &failure.err) != OL_OK ||
        project_find(it, args, &project, &failure.err) != OL_OK)
        return cli_fail(it, &failure);
    ol_rc rc;
    if (ol_str_eq(path, OL_STR("chain")))
        rc = of_chain(it, &l, &k, &failure.err);
    else if (ol_str_eq(path, OL_STR("https")))
        rc = of_https(it, &l, &k, &failure);
    else
        return cli_fail_usage(it, "--path is https or chain");
    if (rc != OL_OK)
        return cli_fail(it, &failure);
    k.project = project;
    public_jobs_typical(it, ol_str_eq(path, OL_STR("chain")), project, &k.typical, &k.runs);
    return print(it, &k);
}
