/* Every variable the system sets (Host interfaces 3), null where it is unset: what a program can
 * know about its call and its limits. Secrets are variables, too; none are printed here. */
#include <outlayer.h>

static const ol_str NAMES[] = {
    OL_STR_INIT("OUTLAYER_EXECUTION_TYPE"),
    OL_STR_INIT("NEAR_NETWORK_ID"),
    OL_STR_INIT("NEAR_SENDER_ID"),
    OL_STR_INIT("NEAR_USER_ACCOUNT_ID"),
    OL_STR_INIT("NEAR_PREDECESSOR_ID"),
    OL_STR_INIT("NEAR_SIGNER_PUBLIC_KEY"),
    OL_STR_INIT("NEAR_CONTRACT_ID"),
    OL_STR_INIT("NEAR_BLOCK_HEIGHT"),
    OL_STR_INIT("NEAR_BLOCK_TIMESTAMP"),
    OL_STR_INIT("NEAR_RECEIPT_ID"),
    OL_STR_INIT("NEAR_GAS_BURNT"),
    OL_STR_INIT("NEAR_TRANSACTION_HASH"),
    OL_STR_INIT("NEAR_REQUEST_ID"),
    OL_STR_INIT("NEAR_PAYMENT_YOCTO"),
    OL_STR_INIT("ATTACHED_USD"),
    OL_STR_INIT("USD_PAYMENT"),
    OL_STR_INIT("OUTLAYER_CALL_ID"),
    OL_STR_INIT("NEAR_MAX_INSTRUCTIONS"),
    OL_STR_INIT("NEAR_MAX_MEMORY_MB"),
    OL_STR_INIT("NEAR_MAX_EXECUTION_SECONDS"),
    OL_STR_INIT("OUTLAYER_PROJECT_ID"),
    OL_STR_INIT("OUTLAYER_PROJECT_OWNER"),
    OL_STR_INIT("OUTLAYER_PROJECT_NAME"),
    OL_STR_INIT("OUTLAYER_PROJECT_UUID"),
    OL_STR_INIT("WALLET_ID"),
    OL_STR_INIT("NEAR_RPC_PROXY_AVAILABLE"),
};

int main(void)
{
    ol_buf answer = ol_buf_new(OL_KIB(256));
    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json_object_begin(&w);
    OL_EACH (name, NAMES) {
        ol_str value;
        ol_json_key_str(&w, *name);
        if (ol_var(*name, &value) == 0)
            ol_json_add_str(&w, value);
        else
            ol_json_add_null(&w);
    }
    ol_json_object_end(&w);
    return !ol_buf_ok(&answer) || ol_output(ol_buf_str(&answer)) != 0;
}
