#include "lib/near/block_source.h"

#include <stdlib.h>

void ol_block_source_close(ol_block_source *s)
{
    if (s != NULL)
        s->close(s);
}

ol_rc ol_block_source_get(ol_block_source *s, uint64_t height, ol_fetched *ret_what,
                          ol_chain_block *ret, ol_err *err)
{
    return s->get(s, height, ret_what, ret, err);
}
