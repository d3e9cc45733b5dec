/* What the operator calls (Contract 4). */
#include <stddef.h>

#include "contracts/outlayer/events.h"
#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/response.h"

typedef struct arguments {
    uint64_t request_id;
    ol_json value;
} arguments;

static arguments read_arguments(call *c, const char *value_name)
{
    const ol_json_field fields[] = {
        {"request_id", OL_BIND_U64, OL_REQUIRED, offsetof(arguments, request_id)},
        {value_name, OL_BIND_VALUE, OL_REQUIRED, offsetof(arguments, value)},
    };
    const ol_json_table table = {"arguments", fields, OL_COUNT(fields)};
    arguments a;
    call_arguments(c, &table, &a);
    return a;
}

/* Workers parse this line. It tells what the metrics cost; settlement decides what is charged. */
static void send(const call *c, const request *r, const response *answer)
{
    REQUIRE(response_send(r, answer), "Unable to resume execution promise");
    log_line("[[yNEAR charged: \"%s\"]]",
             AMOUNT(price_cost(&c->config, &answer->used, &r->limits)));
}

static void submit(const arguments *a, const output *result)
{
    if (result->kind == OUTPUT_NONE)
        fail_argument(&a->value, "expected an output");
    REQUIRE(!output_save(a->request_id, result), "Output already submitted for this request");
}

void method_resolve_execution(call *c)
{
    arguments a = read_arguments(c, "response");
    request r = request_find(a.request_id);
    response answer = response_read(c, &a.value);
    send(c, &r, &answer);
}

void method_submit_execution_output(call *c)
{
    arguments a = read_arguments(c, "output");
    (void)request_find(a.request_id);
    output result = output_read(c, &a.value);
    submit(&a, &result);
}

/* Both steps in one call: the arguments are those of a response, and the request's id. The output
 * waits in the state, what else there is travels. `refund_usd` is ours to accept (16, 12). */
void method_submit_execution_output_and_resolve(call *c)
{
    const ol_json root = call_document();
    static const ol_json_field FIELDS[] = {
        {"request_id", OL_BIND_U64, OL_REQUIRED, offsetof(arguments, request_id)},
        {"output", OL_BIND_VALUE, OL_REQUIRED, offsetof(arguments, value)},
    };
    static const ol_json_table TABLE = {"arguments", FIELDS, OL_COUNT(FIELDS)};
    arguments a;
    call_bind(c, &root, &TABLE, &a);
    request r = request_find(a.request_id);
    response answer = response_read(c, &root);
    submit(&a, &answer.output);
    answer.output = (output){.kind = OUTPUT_NONE};
    send(c, &r, &answer);
}
