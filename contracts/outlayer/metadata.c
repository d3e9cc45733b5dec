/* contract_source_metadata (NEP-330): what this contract was built from, so that anybody can build
 * it again and compare the bytes (contracts/README.md). */
#include "contracts/outlayer/methods.h"

void method_contract_source_metadata(call *c)
{
    (void)c;
    ol_json_writer *w = answer_begin();
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "version", OL_VERSION);
    if (sizeof OL_CONTRACT_LINK_URL > 1)
        ol_json_put_cstr(w, "link", OL_CONTRACT_LINK_URL);
    else
        ol_json_put_null(w, "link");
    ol_json_key(w, "standards");
    ol_json_array_begin(w);
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "standard", "nep330");
    ol_json_put_cstr(w, "version", "1.3.0");
    ol_json_object_end(w);
    ol_json_array_end(w);
    ol_json_put_null(w, "build_info");
    ol_json_object_end(w);
    answer_end(w);
}
