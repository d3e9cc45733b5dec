/* `outlayer dev`, warm: from the command to ready, with chain, contracts, token, accounts, services
 * and a published program. The first start compiles the contracts into the cache and is not
 * counted; each counted one begins with an empty state, another takes up a kept one. */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/figure.h"
#include "lib/base/clock.h"
#include "lib/codec/json_read.h"

enum { STARTS = 9, LINE_BYTES = 4096, OUTPUT_BYTES = 1 << 20 };

static char folder[64] = "/tmp/outlayer-dev-bench.XXXXXX";

/* Runs the line, whose last word is said by dev itself: the `ms` of its event `ready`. */
static double ready_ms(const char *options)
{
    char line[LINE_BYTES];
    const char *bin = getenv("OL_BIN"), *wasm = getenv("OL_WASM");
    (void)snprintf(
        line, sizeof line,
        "HOME=%s OUTLAYER_CACHE=%s/cache XDG_CACHE_HOME=%s/cache "
        "%s/outlayer dev --json --projects %s/examples --state %s/state %s --once --exec "
        "true 2>&1 >/dev/null",
        folder, folder, folder, bin != NULL ? bin : ".", wasm != NULL ? wasm : ".", folder,
        options);
    FILE *out = popen(line, "re");
    static char text[OUTPUT_BYTES];
    size_t len = out != NULL ? fread(text, 1, sizeof text - 1, out) : 0;
    text[len] = '\0';
    if (out == NULL || pclose(out) != 0)
        return NAN;
    const char *ready = strstr(text, "{\"event\":\"ready\"");
    const char *ms = ready != NULL ? strstr(ready, ",\"ms\":") : NULL;
    return ms != NULL ? strtod(ms + strlen(",\"ms\":"), NULL) : NAN;
}

static double median(const char *options)
{
    double sample[STARTS];
    for (int i = 0; i < STARTS; i++) {
        sample[i] = ready_ms(options);
        if (isnan(sample[i]))
            return NAN;
    }
    return figure_quantile(sample, STARTS, 0.5);
}

static void folder_remove(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)execl("/bin/rm", "rm", "-rf", folder, (char *)NULL);
        _exit(127);
    }
    (void)waitpid(pid, NULL, 0);
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    (void)atexit(folder_remove);
    double cold = ready_ms("--reset");
    figure_print("dev_ready_cold_ms", cold, "ms", NAN, FIGURE_AT_MOST, NAN);
    figure_print("dev_ready_ms", median("--reset"), "ms", NAN, FIGURE_AT_MOST, 2000);
    figure_print("dev_ready_kept_ms", median(""), "ms", NAN, FIGURE_AT_MOST, 2000);
    return 0;
}
