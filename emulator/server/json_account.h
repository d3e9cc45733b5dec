/* Accounts as clients read them (NEAR 5.1, view_account). */
#ifndef LOCALNET_JSON_ACCOUNT_H
#define LOCALNET_JSON_ACCOUNT_H

#include "emulator/account.h"
#include "emulator/server/json_views.h"

void json_account_members(ol_json_writer *w, const ol_account *account);

#endif
