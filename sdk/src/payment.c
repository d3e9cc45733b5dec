#include "sdk/src/host.h"

HOST_IMPORT("near:payment/api@0.1.0", "refund-usd")
void host_refund_usd(uint64_t amount, host_list *ret_error);

int32_t ol_refund_usd(uint64_t amount)
{
    host_list error;
    host_refund_usd(amount, &error);
    return error.len == 0 ? 0 : host_failed(error);
}
