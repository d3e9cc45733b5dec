/* What the commands of `secrets` and `keys` share: the account that signs, the chain, where the
 * secret lies. */
#ifndef CLI_SECRET_COMMAND_H
#define CLI_SECRET_COMMAND_H

#include "cli/sealing.h"
#include "cli/secret_values.h"

enum { SECRET_GENERATED_MAX = 16 };

typedef struct secret_command {
    const cli *it;
    const cli_args *args;
    signer from;
    chain_client *chain;
    secret_place place;
    secret_items items;
    ol_str generate_name[SECRET_GENERATED_MAX]; /* --generate NAME:TYPE */
    ol_str generate_type[SECRET_GENERATED_MAX];
    size_t generates;
    secret_stored before;
    sealing_key key;
} secret_command;

/* Who signs, and the chain; the place from the options with `with_place`. */
ol_rc secret_command_open(const cli *it, const cli_args *args, bool with_place, secret_command *ret,
                          ol_err *err);
void secret_command_deinit(secret_command *s);

/* --generate, and the names of the command line: what is wrong with them is said before anybody is
 * asked. OL_ERR_USAGE. */
ol_rc secret_command_names(secret_command *s, ol_str source, ol_err *err);
/* Behind that: names and values of the positionals and --from. OL_ERR_USAGE when there are none. */
ol_rc secret_command_values(secret_command *s, ol_str source, ol_err *err);

/* The keystore's key for the place, asked for with the names that will be set. */
ol_rc secret_command_key(secret_command *s, cli_failure *failure);
/* The values sealed, Base64. */
ol_rc secret_command_seal(secret_command *s, ol_str *ret_base64, ol_err *err);

/* POST of a JSON body to the coordinator; the answer in `into`. */
ol_rc secret_command_post(const secret_command *s, const char *path, const ol_buf *body,
                          ol_buf *into, cli_failure *failure);

/* `names`, sorted out of what was brought and generated, into an open object. */
void secret_command_put_names(const secret_command *s, ol_json_writer *w);

#endif
