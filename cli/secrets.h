/* Steps that the commands of `secrets` share (cmd_secrets*.c). */
#ifndef CLI_SECRETS_H
#define CLI_SECRETS_H

#include "cli/secret_command.h"

/* OL_ERR_NOT_FOUND when nothing lies at the place; else s->before tells what. */
ol_rc secrets_find(secret_command *s, ol_err *err);
/* store_secrets with the deposit it needs, and the result told; with --dry-run the transaction. */
int secrets_store(secret_command *s, ol_str blob_base64, ol_str access_json);

#endif
