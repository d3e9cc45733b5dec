#include "emulator/server/json_account.h"

void json_account_members(ol_json_writer *w, const ol_account *account)
{
    static const ol_sha256 none = {{0}}; /* 32 times "1" in base58 */
    ol_json_put_dec(w, "amount", account->amount.yocto);
    ol_json_put_dec(w, "locked", account->locked.yocto);
    json_put_hash(w, "code_hash", account->code == OL_CODE_LOCAL ? &account->code_hash : &none);
    ol_json_put_u64(w, "storage_usage", account->storage_usage);
    ol_json_put_u64(w, "storage_paid_at", 0);
    if (account->code == OL_CODE_GLOBAL_HASH)
        json_put_hash(w, "global_contract_hash", &account->code_hash);
    if (account->code == OL_CODE_GLOBAL_ACCOUNT)
        ol_json_put_str(w, "global_contract_account_id", account->code_account);
}
