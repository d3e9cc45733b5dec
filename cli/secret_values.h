/* Names and values of a secret as the user brings them: from a file or standard input (`NAME=value`
 * lines, or a JSON object), or by prompt. Never from an argument, which every process of the
 * machine can see. */
#ifndef CLI_SECRET_VALUES_H
#define CLI_SECRET_VALUES_H

#include "cli/cli.h"

enum { SECRET_VALUES_MAX = 256, SECRET_TEXT_BYTES_MAX = 256 * 1024 };

typedef struct secret_item {
    ol_str name;
    ol_str value; /* a secret: in `memory` */
} secret_item;

typedef struct secret_items {
    secret_item item[SECRET_VALUES_MAX];
    size_t count;
    ol_arena memory; /* of names and values; wiped by deinit */
} secret_items;

secret_items secret_items_new(void);
void secret_items_deinit(secret_items *all);

/* `source`: a file, or `-`. A repeated, reserved or PROTECTED_ name is refused: OL_ERR_USAGE. */
ol_rc secret_items_load(const cli *it, ol_str source, secret_items *all, ol_err *err);
/* A name of the command line: one that can be set, without a value in it. OL_ERR_USAGE. */
ol_rc secret_name_check(ol_str name, ol_err *err);
/* One value: asked for on a terminal without echo, else standard input to its end, without the last
 * line end. OL_ERR_USAGE where several names would share standard input. */
ol_rc secret_items_ask(ol_str name, bool alone, secret_items *all, ol_err *err);
/* `NAME=value` lines of a .env file, or a JSON object of texts, from memory. */
ol_rc secret_items_parse(ol_str text, secret_items *all, ol_err *err);

/* {"NAME":"value",…}: the plaintext, which the caller wipes; {"NAME":"",…} without values. */
void secret_items_put(const secret_items *all, bool values, ol_json_writer *w);

#endif
