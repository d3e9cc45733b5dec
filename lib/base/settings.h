/* Settings: a program declares a table, reads it once from the environment into a const struct,
 * reports all faults together, then starts or refuses.
 *
 * NAME=value, or NAME_FILE=path to a file that holds the value (trailing newline ignored): the form
 * for secrets. A secret that came by the environment is overwritten there at once, so that
 * /proc/PID/environ and children do not have it. */
#ifndef OL_BASE_SETTINGS_H
#define OL_BASE_SETTINGS_H

#include "lib/base/arena.h"
#include "lib/base/err.h"

typedef enum ol_setting_type {
    OL_SETTING_TEXT,   /* ol_str; absent optional text is empty */
    OL_SETTING_BOOL,   /* bool: true false 1 0 on off yes no */
    OL_SETTING_U64,    /* uint64_t within min..max */
    OL_SETTING_SECRET, /* ol_str that no message ever quotes */
} ol_setting_type;

typedef struct ol_setting {
    const char *name;
    ol_setting_type type;
    size_t offset;        /* of the member in the program's settings struct */
    const char *standard; /* value when unset; NULL: optional, stays zero */
    bool required;
    uint64_t min; /* OL_SETTING_U64: range, inclusive */
    uint64_t max;
    const char *help;
} ol_setting;

typedef struct ol_setting_faults {
    size_t count;
    char text[2048]; /* one line each */
} ol_setting_faults;

enum { OL_SETTING_VALUE_BYTES_MAX = 16 * 1024 };

/* Fills `into`; texts are copied into the arena. OL_ERR_SETTINGS with every fault, one a line, in
 * *ret_faults; a fault names the setting, never a secret's value. */
ol_rc ol_settings_load(const ol_setting *table, size_t rows, void *into, ol_arena *arena,
                       ol_setting_faults *ret_faults);

/* Adds a line: for what a program checks beyond its table. Lines that do not fit are only counted.
 */
void ol_setting_fault(ol_setting_faults *faults, const char *format, ...) OL_PRINTF(2, 3);

/* The table as text for --help: name, default, range, help. */
void ol_settings_print(const ol_setting *table, size_t rows);

#endif
