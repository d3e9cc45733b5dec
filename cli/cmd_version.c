#include <stdio.h>

#include "cli/commands.h"
#include "lib/run/aot.h"

int cmd_version(cli *it, const cli_args *args)
{
    OL_AUTO(ol_buf) text = ol_buf_new(4096);
    ol_json_writer w = ol_json_writer_over(&text);
    char engine[OL_AOT_FINGERPRINT_BYTES] = "";
    const char *aot;
    ol_err err = {0};
    (void)args;
    if (cli_program(it, "outlayer-aot", &aot, &err) == OL_OK)
        (void)ol_aot_fingerprint(aot, engine, &err);
    if (!it->json) {
        (void)printf("outlayer %s\n", OL_VERSION);
        if (engine[0] != '\0')
            (void)printf("engine   %s\n", engine);
        return CLI_DONE;
    }
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "version", OL_VERSION);
    if (engine[0] != '\0')
        ol_json_put_cstr(&w, "engine", engine);
    else
        ol_json_put_null(&w, "engine");
    ol_json_object_end(&w);
    return cli_result_buf(it, &text, CLI_DONE);
}
