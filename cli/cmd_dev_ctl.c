/* outlayer dev ctl: asks the running dev over the socket in its state folder. */
#include "cli/commands.h"
#include "cli/dev_control.h"
#include "cli/dev_state.h"
#include "lib/codec/json_read.h"

int cmd_dev_ctl(cli *it, const cli_args *args)
{
    ol_err err = {0};
    OL_AUTO(ol_buf) answer = ol_buf_new(DEV_CONTROL_BYTES_MAX);
    ol_json root, text;
    ol_str line;
    dev_order order = {0};
    if (dev_order_read(args->positional, args->positionals, &order, &err) != OL_OK)
        return cli_fail_err(it, &err);
    if (dev_control_ask(it, dev_state_folder(it, args), &order, &answer, &err) != OL_OK)
        return cli_fail_err(it, &err);
    if (it->json || ol_json_parse(ol_buf_str(&answer), &root, NULL) != OL_OK ||
        !ol_json_find(&root, OL_STR("text"), &text) ||
        ol_json_text(&text, it->arena, &line, NULL) != OL_OK)
        line = ol_buf_str(&answer);
    return cli_result(line) ? CLI_DONE : CLI_FAILED;
}
