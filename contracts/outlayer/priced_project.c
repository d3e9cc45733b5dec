#include "contracts/outlayer/priced_project.h"

#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/paging.h"
#include "contracts/outlayer/project.h"
#include "contracts/outlayer/project_record.h"
#include "contracts/outlayer/roster.h"

enum {
    LAYOUT = 1,
    OPERATIONS_MAX = 32, /* Contract 11 */
    SHARE_BP_MAX = 10000,
    INPUT_BYTES_MAX = 10000,
    NUMBERS_BYTES_MAX = 32, /* of one operation, without its name */
};

typedef struct operation {
    ol_str name; /* trimmed (Contract 16, 17) */
    ol_u128 price;
    uint32_t share_bp; /* of the author; u16 on the wire */
} operation;

typedef struct project_prices {
    ol_str project_id;
    ol_str author;
    operation operations[OPERATIONS_MAX];
    size_t count;
} project_prices;

static ol_bytes everything_priced(void)
{
    return list_named(ROSTER_PRICED, (ol_str){0});
}

/* --- State ---------------------------------------------------------------------------------------
 */

static ol_bytes number_bytes(uint64_t number)
{
    ol_buf item = ol_buf_over(near_alloc(sizeof number), sizeof number);
    ol_borsh_add_u64(&item, number);
    return state_end(&item);
}

static bool prices_load(uint64_t number, project_prices *ret)
{
    ol_bytes stored;
    if (!near_storage_read(state_key_u64(RECORD_PROJECT_PRICING, number), &stored))
        return false;
    ol_borsh *from = state_open(stored, LAYOUT, NULL);
    ret->project_id = state_text(from);
    ret->author = state_text(from);
    ret->count = 0;
    while (from->rest.len > 0 && !from->failed && ret->count < OPERATIONS_MAX) {
        operation *next = &ret->operations[ret->count++];
        next->name = state_text(from);
        next->price = state_number(from);
        next->share_bp = ol_borsh_u16(from);
    }
    state_close(from);
    return true;
}

static void prices_save(uint64_t number, const project_prices *it)
{
    size_t bytes = 16 + it->project_id.len + it->author.len;
    for (size_t i = 0; i < it->count; i++)
        bytes += NUMBERS_BYTES_MAX + it->operations[i].name.len;
    ol_buf *into = state_begin(LAYOUT, bytes);
    state_add_text(into, it->project_id);
    state_add_text(into, it->author);
    for (size_t i = 0; i < it->count; i++) {
        state_add_text(into, it->operations[i].name);
        state_add_number(into, it->operations[i].price);
        ol_borsh_add_u16(into, (uint16_t)it->operations[i].share_bp);
    }
    (void)near_storage_write(state_key_u64(RECORD_PROJECT_PRICING, number), state_end(into));
}

void project_pricing_forget(uint64_t project_number)
{
    (void)near_storage_remove(state_key_u64(RECORD_PROJECT_PRICING, project_number));
    roster_remove(everything_priced(), number_bytes(project_number));
}

void project_pricing_rename(uint64_t project_number, ol_str new_id)
{
    project_prices *it = near_alloc(sizeof *it);
    if (!prices_load(project_number, it))
        return;
    it->project_id = new_id;
    prices_save(project_number, it);
}

static const operation *find(const project_prices *it, ol_str name)
{
    for (size_t i = 0; i < it->count; i++) {
        if (ol_str_eq(it->operations[i].name, name))
            return &it->operations[i];
    }
    return NULL;
}

/* --- Setting prices ------------------------------------------------------------------------------
 */

typedef struct pricing_arguments {
    ol_str author;
    ol_json_structs operations; /* of operation */
} pricing_arguments;

typedef struct set_arguments {
    ol_str project_id;
    pricing_arguments pricing;
} set_arguments;

static const ol_json_field OPERATION_FIELDS[] = {
    {"operation", OL_BIND_TEXT, OL_REQUIRED, offsetof(operation, name)},
    {"price_usd", OL_BIND_DEC, OL_REQUIRED, offsetof(operation, price)},
    {"developer_share_bp", OL_BIND_U32, OL_REQUIRED, offsetof(operation, share_bp)},
};
static const ol_json_table OPERATION = {"arguments", OPERATION_FIELDS, OL_COUNT(OPERATION_FIELDS)};
static const ol_json_field PRICING_FIELDS[] = {
    {"author_account_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(pricing_arguments, author),
     .check = ol_account_id_valid},
    {"operations", OL_BIND_OBJECT_LIST, OL_REQUIRED, offsetof(pricing_arguments, operations),
     .size = sizeof(operation), .sub = &OPERATION},
};
static const ol_json_table PRICING = {"arguments", PRICING_FIELDS, OL_COUNT(PRICING_FIELDS)};
static const ol_json_field SET_FIELDS[] = {
    {"project_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(set_arguments, project_id)},
    {"pricing", OL_BIND_OBJECT, OL_REQUIRED, offsetof(set_arguments, pricing), .sub = &PRICING},
};
static const ol_json_table SET = {"arguments", SET_FIELDS, OL_COUNT(SET_FIELDS)};
static const ol_json_table PROJECT_ALONE = {"arguments", SET_FIELDS, 1};

static void add_operation(project_prices *to, operation given)
{
    given.name = ol_str_trim(given.name);
    REQUIRE(given.name.len > 0, "an operation needs a name");
    REQUIRE(given.share_bp <= SHARE_BP_MAX,
            "operation '%.*s' has developer_share_bp %u exceeding 10000", OL_FMT(given.name),
            given.share_bp);
    REQUIRE(find(to, given.name) == NULL, "duplicate operation '%.*s'", OL_FMT(given.name));
    to->operations[to->count++] = given;
}

void method_set_project_pricing(call *c)
{
    set_arguments in;
    project priced;
    call_arguments(c, &SET, &in);
    REQUIRE(project_load(in.project_id, &priced),
            "Project '%.*s' does not exist; register it before pricing it", OL_FMT(in.project_id));
    size_t count = in.pricing.operations.count;
    REQUIRE(count > 0, "no operations priced: use remove_project_pricing");
    REQUIRE(count <= OPERATIONS_MAX, "at most 32 operations");
    project_prices *it = near_alloc(sizeof *it);
    it->project_id = in.project_id;
    it->author = in.pricing.author;
    const operation *given = in.pricing.operations.items;
    for (size_t i = 0; i < count; i++)
        add_operation(it, given[i]);
    prices_save(priced.number, it);
    if (priced.priced)
        return;
    priced.priced = true;
    (void)project_save(in.project_id, &priced);
    roster_add(everything_priced(), number_bytes(priced.number));
}

void method_remove_project_pricing(call *c)
{
    set_arguments in;
    project priced;
    call_arguments(c, &PROJECT_ALONE, &in);
    if (!project_load(in.project_id, &priced) || !priced.priced)
        return;
    priced.priced = false;
    (void)project_save(in.project_id, &priced);
    project_pricing_forget(priced.number);
}

/* --- Admission -----------------------------------------------------------------------------------
 */

static _Noreturn void fail_input(ol_str project_id, const char *what)
{
    fail("Project '%.*s' is priced per operation. %s", OL_FMT(project_id), what);
}

/* The one member `operation`; a second one could mean another action to the guest than was paid for
 * (Contract 16, 16). */
static ol_str operation_named(ol_str project_id, ol_str input)
{
    static const char NO_NAME[] =
        "input_data must name \"operation\" as a non-empty string at the top level.";
    ol_json root;
    ol_json key;
    ol_json value;
    ol_json found = {0};
    if (ol_json_parse(input, &root, NULL) != OL_OK)
        fail_input(project_id, "input_data must be a JSON object naming \"operation\".");
    if (ol_json_kind_of(&root) != OL_JSON_OBJECT)
        fail_input(project_id, NO_NAME);
    ol_json_iter it = ol_json_iterate(&root);
    while (ol_json_next_member(&it, &key, &value)) {
        if (!ol_json_text_is(&key, OL_STR("operation")))
            continue;
        if (found.doc != NULL)
            fail_input(project_id, "input_data names \"operation\" twice.");
        found = value;
    }
    if (found.doc == NULL || ol_json_kind_of(&found) != OL_JSON_STRING)
        fail_input(project_id, NO_NAME);
    char *text = near_alloc(found.raw.len);
    ol_str name = ol_str_trim((ol_str){text, ol_json_text_decode(&found, text)});
    if (name.len == 0)
        fail_input(project_id, NO_NAME);
    return name;
}

ol_str priced_project_gate(ol_str project_id, uint64_t project_number, ol_str input,
                           ol_u128 attached)
{
    project_prices *prices = near_alloc(sizeof *prices);
    REQUIRE(input.len <= INPUT_BYTES_MAX,
            "Project '%.*s' is priced per operation. input_data is %zu bytes; a priced project "
            "accepts at most 10000.",
            OL_FMT(project_id), input.len);
    ol_str name = operation_named(project_id, input);
    const operation *it = prices_load(project_number, prices) ? find(prices, name) : NULL;
    REQUIRE(it != NULL, "Project '%.*s' does not sell operation '%.*s'.", OL_FMT(project_id),
            OL_FMT(name));
    REQUIRE(attached >= it->price,
            "Operation '%.*s' of '%.*s' costs %s; attach at least that as attached_usd (got %s).",
            OL_FMT(name), OL_FMT(project_id), AMOUNT(it->price), AMOUNT(attached));
    return name;
}

/* --- Settlement ----------------------------------------------------------------------------------
 */

usd_shares usd_divide(ol_u128 attached, ol_u128 price, uint16_t developer_share_bp,
                      ol_u128 guest_refund)
{
    ol_u128 share = developer_share_bp < SHARE_BP_MAX ? developer_share_bp : SHARE_BP_MAX;
    ol_u128 over = money_sub_floor(attached, price);
    ol_u128 due = attached - over;
    ol_u128 refund = money_min(guest_refund, due);
    ol_u128 net = due - refund;
    /* net * share may pass 128 bits: whole ten-thousandths first, then the rest. */
    ol_u128 author = net / SHARE_BP_MAX * share + net % SHARE_BP_MAX * share / SHARE_BP_MAX;
    return (usd_shares){.sender = over + refund, .author = author, .owner = net - author};
}

usd_shares usd_settle(ol_str project_id, ol_str operation_name, token_number token, ol_str sender,
                      ol_u128 attached, ol_u128 guest_refund)
{
    project_owner of;
    project_prices *prices = near_alloc(sizeof *prices);
    const operation *it = NULL;
    usd_shares shares = {.sender = attached};
    if (project_find_owner(project_id, &of)) {
        if (of.priced && operation_name.len > 0 && prices_load(of.number, prices))
            it = find(prices, operation_name);
        shares = it != NULL ? usd_divide(attached, it->price, (uint16_t)it->share_bp, guest_refund)
                            : usd_divide(attached, attached, 0, guest_refund);
    }
    if (shares.sender > 0)
        (void)ledger_credit(LEDGER_BALANCE, token, sender, shares.sender);
    if (shares.author > 0)
        (void)ledger_credit(LEDGER_EARNINGS, token, prices->author, shares.author);
    if (shares.owner > 0)
        (void)ledger_credit(LEDGER_EARNINGS, token, of.account, shares.owner);
    return shares;
}

/* --- Views ---------------------------------------------------------------------------------------
 */

static bool prices_of(call *c, project_prices *ret)
{
    set_arguments in;
    project_owner of;
    call_arguments(c, &PROJECT_ALONE, &in);
    return project_find_owner(in.project_id, &of) && of.priced && prices_load(of.number, ret);
}

void method_get_project_pricing(call *c)
{
    project_prices *it = near_alloc(sizeof *it);
    if (!prices_of(c, it)) {
        answer_null();
        return;
    }
    ol_json_writer *w = answer_begin();
    ol_json_object_begin(w);
    ol_json_put_str(w, "author_account_id", it->author);
    ol_json_key(w, "operations");
    ol_json_array_begin(w);
    for (size_t i = 0; i < it->count; i++) {
        ol_json_object_begin(w);
        ol_json_put_str(w, "operation", it->operations[i].name);
        ol_json_put_dec(w, "price_usd", it->operations[i].price);
        ol_json_put_u64(w, "developer_share_bp", it->operations[i].share_bp);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
    ol_json_object_end(w);
    answer_end(w);
}

void method_get_project_max_price(call *c)
{
    project_prices *it = near_alloc(sizeof *it);
    ol_u128 most = 0;
    if (prices_of(c, it)) {
        for (size_t i = 0; i < it->count; i++)
            most = it->operations[i].price > most ? it->operations[i].price : most;
    }
    answer_dec(most);
}

enum { PRICED_DEFAULT = 100, PRICED_MAX = 500 }; /* on a page */

static const ol_json_field PAGE_ROWS[] = {
    {"from_index", OL_BIND_U64, OL_OPTIONAL, offsetof(page, from)},
    {"limit", OL_BIND_U64, OL_OPTIONAL, offsetof(page, limit)},
};
static const ol_json_table PAGE = {"arguments", PAGE_ROWS, OL_COUNT(PAGE_ROWS)};

static void write_priced(ol_json_writer *w, const void *nothing, uint32_t place)
{
    (void)nothing;
    ol_bytes item;
    project_prices *it = near_alloc(sizeof *it);
    if (!list_item(everything_priced(), place, &item))
        return;
    ol_borsh number = ol_borsh_over(item);
    if (prices_load(ol_borsh_u64(&number), it))
        ol_json_add_str(w, it->project_id);
}

void method_get_priced_projects(call *c)
{
    page in = {.limit = PRICED_DEFAULT};
    call_arguments(c, &PAGE, &in);
    answer_page(&in, list_count(everything_priced()), PRICED_MAX, write_priced, NULL);
}

void method_get_priced_project_count(call *c)
{
    (void)c;
    answer_u64(list_count(everything_priced()));
}
