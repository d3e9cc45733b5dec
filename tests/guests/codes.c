/* What the library makes of the host's words: one call, its code. */
#include <outlayer.h>

int main(void)
{
    ol_buf out = ol_buf_new(OL_KIB(1));
    ol_buf_addf(&out, "%d", (int)ol_storage_set(OL_STR("k"), (ol_bytes){NULL, 0}));
    return ol_output(ol_buf_str(&out)) != 0;
}
