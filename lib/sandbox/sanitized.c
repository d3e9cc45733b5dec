/* Linked into the sandboxed programs of sanitizer builds only: their environment is empty, so that
 * the options of the runtime stand here.
 *   detect_leaks: a run ends by _exit, and the engine's globals are no leak;
 *   detect_stack_use_after_return: the engine runs guests on stacks of its own;
 *   symbolize: the symboliser is a file, and there are none behind the fences. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void)
{
    return "detect_leaks=0:detect_stack_use_after_return=0:symbolize=0:abort_on_error=1";
}

const char *__ubsan_default_options(void)
{
    return "print_stacktrace=1:symbolize=0";
}
