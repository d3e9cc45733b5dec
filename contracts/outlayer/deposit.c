#include "contracts/outlayer/deposit.h"

void deposit_settle(const call *c, ol_u128 required, ol_u128 before, const char *unit)
{
    ol_u128 available = money_add(c->deposit, before);
    if (available >= required) {
        pay(c->predecessor, available - required);
        return;
    }
    if (before == 0)
        fail("Insufficient storage deposit. Required: %s yoctoNEAR, attached: %s yoctoNEAR",
             AMOUNT(required), AMOUNT(c->deposit));
    fail("Insufficient deposit for update. Required: %s%s, available (attached %s + old %s): %s%s",
         AMOUNT(required), unit, AMOUNT(c->deposit), AMOUNT(before), AMOUNT(available), unit);
}
