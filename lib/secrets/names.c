#include "lib/secrets/names.h"

#include "lib/base/assert.h"

static const ol_str RESERVED[] = {
    OL_STR_INIT("NEAR_SENDER_ID"),
    OL_STR_INIT("NEAR_CONTRACT_ID"),
    OL_STR_INIT("NEAR_BLOCK_HEIGHT"),
    OL_STR_INIT("NEAR_BLOCK_TIMESTAMP"),
    OL_STR_INIT("NEAR_RECEIPT_ID"),
    OL_STR_INIT("NEAR_PREDECESSOR_ID"),
    OL_STR_INIT("NEAR_SIGNER_PUBLIC_KEY"),
    OL_STR_INIT("NEAR_GAS_BURNT"),
    OL_STR_INIT("NEAR_USER_ACCOUNT_ID"),
    OL_STR_INIT("NEAR_PAYMENT_YOCTO"),
    OL_STR_INIT("NEAR_TRANSACTION_HASH"),
    OL_STR_INIT("NEAR_MAX_INSTRUCTIONS"),
    OL_STR_INIT("NEAR_MAX_MEMORY_MB"),
    OL_STR_INIT("NEAR_MAX_EXECUTION_SECONDS"),
    OL_STR_INIT("NEAR_REQUEST_ID"),
    OL_STR_INIT("NEAR_NETWORK_ID"),
    OL_STR_INIT("NEAR_RPC_PROXY_AVAILABLE"),
    OL_STR_INIT("OUTLAYER_PROJECT_ID"),
    OL_STR_INIT("OUTLAYER_PROJECT_UUID"),
    OL_STR_INIT("OUTLAYER_PROJECT_NAME"),
    OL_STR_INIT("OUTLAYER_PROJECT_OWNER"),
    OL_STR_INIT("OUTLAYER_EXECUTION_TYPE"),
    OL_STR_INIT("OUTLAYER_CALL_ID"),
    OL_STR_INIT("ATTACHED_USD"),
    OL_STR_INIT("USD_PAYMENT"),
    OL_STR_INIT("WALLET_ID"),
};

_Static_assert(OL_COUNT(RESERVED) == OL_SECRET_NAMES_RESERVED, "as many as the page has");

bool ol_secret_name_reserved(ol_str name)
{
    OL_EACH (one, RESERVED) {
        if (ol_str_eq(name, *one))
            return true;
    }
    return false;
}

bool ol_secret_name_fits(ol_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] == '=' || name.data[i] == '\0')
            return false;
    }
    return name.len > 0;
}
