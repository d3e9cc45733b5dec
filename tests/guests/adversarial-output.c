/* Writes as many MiB as its input names, to stdout, or to stderr behind a leading `e`; without a
 * number it never stops. */
#include <outlayer.h>
#include <string.h>

static char chunk[1 << 16];

int main(void)
{
    uint64_t mib = UINT64_MAX;
    ol_buf input = ol_buf_new(64);
    if (ol_input(&input) != 0)
        return 1;
    ol_str wish = ol_str_trim(ol_buf_str(&input));
    bool diagnostics = ol_str_starts(wish, OL_STR("e"));
    (void)ol_u64_parse(ol_str_slice(wish, diagnostics ? 1 : 0, wish.len), &mib);
    memset(chunk, 'x', sizeof chunk);
    for (uint64_t i = 0; mib == UINT64_MAX || i < mib * (OL_MIB(1) / sizeof chunk); i++) {
        ol_str text = {chunk, sizeof chunk};
        if ((diagnostics ? ol_error_output(text) : ol_output(text)) != 0)
            return 2;
    }
    return 0;
}
