/* contract_source_metadata (NEP-330): what this contract was built from, so that anybody can build
 * it again and compare the bytes (contracts/README.md). One text, put together by the compiler. */
#include "contracts/outlayer/methods.h"

void method_contract_source_metadata(call *c)
{
    (void)c;
    near_return_str(OL_STR("{\"version\":\"" OL_VERSION "\",\"link\":" OL_CONTRACT_LINK
                           ",\"standards\":[{\"standard\":\"nep330\",\"version\":\"1.3.0\"}],"
                           "\"build_info\":null}"));
}
