#include "lib/base/settings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/fd.h"

void ol_setting_fault(ol_setting_faults *faults, const char *format, ...)
{
    size_t used = strlen(faults->text);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(faults->text + used, sizeof faults->text - used, format, arguments);
    va_end(arguments);
    used = strlen(faults->text);
    if (used + 1 < sizeof faults->text)
        memcpy(faults->text + used, "\n", 2);
    faults->count++;
}

static bool take_from_file(const ol_setting *row, const char *path, ol_arena *arena,
                           ol_str *ret_value, ol_setting_faults *faults)
{
    uint8_t storage[OL_SETTING_VALUE_BYTES_MAX];
    ol_buf body = ol_buf_over(storage, sizeof storage);
    ol_err err;
    if (ol_file_load(path, &body, &err) != OL_OK) {
        ol_setting_fault(faults, "%s_FILE: %s", row->name, err.text);
        return false;
    }
    ol_str text = ol_buf_str(&body);
    if (ol_str_ends(text, OL_STR("\n")))
        text.len--;
    bool copied = ol_arena_copy(arena, text, ret_value);
    explicit_bzero(storage, sizeof storage);
    if (!copied)
        ol_setting_fault(faults, "%s: out of memory", row->name);
    return copied;
}

/* The value as text, or false where there is none or a fault was noted. */
static bool take_value(const ol_setting *row, ol_arena *arena, ol_str *ret_value,
                       ol_setting_faults *faults)
{
    char file_name[128];
    (void)snprintf(file_name, sizeof file_name, "%s_FILE", row->name);
    char *value = getenv(row->name);
    const char *path = getenv(file_name);
    if (value != NULL && path != NULL) {
        ol_setting_fault(faults, "%s and %s are both set", row->name, file_name);
        return false;
    }
    if (path != NULL)
        return take_from_file(row, path, arena, ret_value, faults);
    if (value != NULL && value[0] != '\0') {
        if (!ol_arena_copy(arena, ol_str_of(value), ret_value)) {
            ol_setting_fault(faults, "%s: out of memory", row->name);
            return false;
        }
        if (row->type == OL_SETTING_SECRET) {
            explicit_bzero(value, strlen(value));
            (void)unsetenv(row->name);
        }
        return true;
    }
    if (row->standard != NULL) {
        *ret_value = ol_str_of(row->standard);
        return true;
    }
    if (row->required)
        ol_setting_fault(faults, "%s is required: %s", row->name, row->help);
    return false;
}

static bool parse_bool(ol_str value, bool *ret)
{
    static const ol_str yes[] = {OL_STR_INIT("true"), OL_STR_INIT("1"), OL_STR_INIT("on"),
                                 OL_STR_INIT("yes")};
    static const ol_str no[] = {OL_STR_INIT("false"), OL_STR_INIT("0"), OL_STR_INIT("off"),
                                OL_STR_INIT("no")};
    for (size_t i = 0; i < OL_COUNT(yes); i++) {
        if (ol_str_eq_nocase(value, yes[i]) || ol_str_eq_nocase(value, no[i])) {
            *ret = ol_str_eq_nocase(value, yes[i]);
            return true;
        }
    }
    return false;
}

static void store(const ol_setting *row, ol_str value, uint8_t *at, ol_setting_faults *faults)
{
    bool truth = false;
    uint64_t number = 0;
    switch (row->type) {
    case OL_SETTING_TEXT:
    case OL_SETTING_SECRET:
        memcpy(at, &value, sizeof value);
        return;
    case OL_SETTING_BOOL:
        if (!parse_bool(value, &truth))
            ol_setting_fault(faults, "%s: \"%.*s\" is not true or false", row->name, OL_FMT(value));
        memcpy(at, &truth, sizeof truth);
        return;
    case OL_SETTING_U64:
        if (!ol_u64_parse(value, &number) || number < row->min || number > row->max)
            ol_setting_fault(faults, "%s: \"%.*s\" is not a number from %llu to %llu", row->name,
                             OL_FMT(value), (unsigned long long)row->min,
                             (unsigned long long)row->max);
        memcpy(at, &number, sizeof number);
        return;
    }
    OL_UNREACHABLE();
}

ol_rc ol_settings_load(const ol_setting *table, size_t rows, void *into, ol_arena *arena,
                       ol_setting_faults *ret_faults)
{
    *ret_faults = (ol_setting_faults){0};
    for (size_t i = 0; i < rows; i++) {
        ol_str value;
        if (take_value(&table[i], arena, &value, ret_faults))
            store(&table[i], value, (uint8_t *)into + table[i].offset, ret_faults);
    }
    return ret_faults->count == 0 ? OL_OK : OL_ERR_SETTINGS;
}

void ol_settings_print(const ol_setting *table, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        const ol_setting *row = &table[i];
        (void)printf("  %-34s %s", row->name, row->help);
        if (row->type == OL_SETTING_U64)
            (void)printf(" (%llu-%llu)", (unsigned long long)row->min,
                         (unsigned long long)row->max);
        if (row->standard != NULL)
            (void)printf(" [%s]", row->standard);
        (void)printf("%s\n", row->required ? " (required)" : "");
    }
}
