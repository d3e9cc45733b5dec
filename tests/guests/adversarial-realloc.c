/* A module whose cabi_realloc lies. Its input picks how: `out` (an address beyond memory), `edge`
 * (the last byte of memory), `odd` (misaligned), `null`, `trap`, `loop`, `call` (calls the host
 * again from inside). Prints the length of what the host returned. */
#include <outlayer.h>
#include <stdio.h>

void *cabi_realloc(void *old, size_t old_bytes, size_t alignment, size_t bytes);

/* Room for what a component's adapter wants at its start, too: that much honesty is needed. */
static uint8_t honest[1 << 20];
static size_t used;
static char how;

/* C forbids making up addresses in most other ways. */
static void *address(size_t at)
{
    return (void *)at;
}

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_bytes,
                                                                size_t alignment, size_t bytes)
{
    (void)old;
    (void)old_bytes;
    size_t memory = __builtin_wasm_memory_size(0) * 65536;
    ol_buf ignored;
    switch (how) {
    case 'o':
        return address(memory + 4096);
    case 'e':
        return address(memory - 1);
    case 'd':
        return honest + 1;
    case 'n':
        return NULL;
    case 't':
        __builtin_trap();
    case 'l':
        for (volatile unsigned turn = 0;; turn++) {
        }
    case 'c':
        how = 'h';
        (void)ol_rpc_status(&ignored);
        break;
    default:
        break;
    }
    used = (used + alignment - 1) / alignment * alignment;
    void *given = honest + used;
    used += bytes;
    return used > sizeof honest ? NULL : given;
}

int main(void)
{
    static char storage[64];
    ol_buf input = ol_buf_over(storage, sizeof storage);
    if (ol_input(&input) != 0 || input.len == 0)
        return 1;
    how = ol_str_starts(ol_buf_str(&input), OL_STR("odd")) ? 'd' : storage[0];
    ol_buf answer;
    if (ol_rpc_status(&answer) != 0)
        return ol_output(ol_last_error()) != 0;
    (void)printf("%zu", answer.len);
    return 0;
}
