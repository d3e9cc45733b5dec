/* The entry point. The C library's own leaves constructors and destructors to wrappers that the
 * linker puts around every export, so that a host calling cabi_realloc would flush and close stdio
 * in the middle of a run. Calling the constructors by name tells the linker to wrap nothing
 * (Host interfaces 17). */
#include <wasi/api.h>

void __wasm_call_ctors(void); /* made by the linker */
void __wasm_call_dtors(void); /* the C library's: atexit functions, flushing stdio */
int __main_void(void);        /* what clang makes of `int main(void)` */

enum { EXIT_CODE_LAST = 125 };

void _start(void);

__attribute__((export_name("_start"))) void _start(void)
{
    __wasm_call_ctors();
    int code = __main_void();
    __wasm_call_dtors();
    if (code != 0) /* a host takes 1 to 125: what a program returned may be an OL_E… code */
        __wasi_proc_exit(code < 0 || code > EXIT_CODE_LAST ? 1 : (__wasi_exitcode_t)code);
}
