#include "sdk/outlayer.h"

static const ol_str NAMES[] = {
    [OL_LOG_DEBUG] = OL_STR_INIT("debug "),
    [OL_LOG_INFO] = OL_STR_INIT("info "),
    [OL_LOG_WARN] = OL_STR_INIT("warn "),
    [OL_LOG_ERROR] = OL_STR_INIT("error "),
};

void ol_log(ol_log_level level, ol_str text)
{
    (void)ol_error_output(NAMES[level]);
    (void)ol_error_output(text);
    (void)ol_error_output(OL_STR("\n"));
}
