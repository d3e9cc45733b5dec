/* Functions of WASI interfaces that are answered from a table. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "shim.h"

enum { ITEMS_MAX = 16, DEPTH_MAX = 8 };

typedef wasmtime_component_val_t value;

/* What one function needs: its rows, and all rows, for the numbers of resources. Never freed: a
 * world lives as long as its process. */
typedef struct group {
    const olw_answer *rows;
    size_t len, first;
} group;

typedef struct reader {
    const char *at;
    wasmtime_context_t *context;
    const group *group;
    unsigned depth;
} reader;

static bool is_resource(const olw_answer *row, const char **ret_name)
{
    static const char prefix[] = "resource ";
    if (strncmp(row->name, prefix, sizeof prefix - 1) != 0)
        return false;
    *ret_name = row->name + sizeof prefix - 1;
    return true;
}

/* The number of a declared resource is the place of its row. */
static bool resource_number(const group *g, olw_str want, uint32_t *ret)
{
    const char *name;
    for (size_t i = 0; i < g->len; i++) {
        if (is_resource(&g->rows[i], &name) && strlen(name) == want.len &&
            memcmp(name, want.data, want.len) == 0) {
            *ret = (uint32_t)i;
            return true;
        }
    }
    return false;
}

static bool eat(reader *r, char c)
{
    while (*r->at == ' ')
        r->at++;
    if (*r->at != c)
        return false;
    r->at++;
    return true;
}

static olw_str word(reader *r)
{
    while (*r->at == ' ')
        r->at++;
    const char *from = r->at;
    while (isalnum((unsigned char)*r->at) || *r->at == '-')
        r->at++;
    return (olw_str){(const uint8_t *)from, (size_t)(r->at - from)};
}

static bool is(olw_str w, const char *text)
{
    return w.len == strlen(text) && memcmp(w.data, text, w.len) == 0;
}

static bool ends(olw_str w, const char *suffix)
{
    size_t len = strlen(suffix);
    return w.len > len && isdigit(w.data[0]) && memcmp(w.data + w.len - len, suffix, len) == 0;
}

static wasm_name_t name_new(olw_str text)
{
    wasm_name_t name;
    wasm_name_new(&name, text.len, (const char *)text.data);
    return name;
}

static bool value_read(reader *r, value *ret);

/* A value that owns the one inside. */
static bool boxed_read(reader *r, value **ret)
{
    value inside;
    if (!value_read(r, &inside))
        return false;
    *ret = wasmtime_component_val_new(&inside);
    return true;
}

static bool many_read(reader *r, char end, value items[ITEMS_MAX], size_t *ret_len)
{
    size_t n = 0;
    while (!eat(r, end)) {
        if (n == ITEMS_MAX || !value_read(r, &items[n]))
            return false;
        n++;
    }
    *ret_len = n;
    return true;
}

static bool flags_read(reader *r, value *ret)
{
    wasm_name_t flags[ITEMS_MAX];
    size_t n = 0;
    while (!eat(r, '}')) {
        olw_str flag = word(r);
        if (n == ITEMS_MAX || flag.len == 0)
            return false;
        flags[n++] = name_new(flag);
    }
    ret->kind = WASMTIME_COMPONENT_FLAGS;
    wasmtime_component_valflags_new(&ret->of.flags, n, flags);
    return true;
}

static bool record_read(reader *r, value *ret)
{
    wasmtime_component_valrecord_entry_t fields[ITEMS_MAX];
    size_t n = 0;
    while (!eat(r, ')')) {
        olw_str name = word(r);
        if (n == ITEMS_MAX || !eat(r, '=') || !value_read(r, &fields[n].val))
            return false;
        fields[n++].name = name_new(name);
    }
    ret->kind = WASMTIME_COMPONENT_RECORD;
    wasmtime_component_valrecord_new(&ret->of.record, n, fields);
    return true;
}

static bool own_new(reader *r, olw_str name, value *ret)
{
    uint32_t number;
    wasmtime_error_t *error;
    ret->kind = WASMTIME_COMPONENT_RESOURCE;
    if (is(name, "pollable")) {
        error = olw__pollable(r->context, &ret->of.resource);
    } else {
        if (!resource_number(r->group, name, &number))
            return false;
        wasmtime_component_resource_host_t *host =
            wasmtime_component_resource_host_new(true, 0, number);
        error = wasmtime_component_resource_host_to_any(r->context, host, &ret->of.resource);
        wasmtime_component_resource_host_delete(host);
    }
    if (error == NULL)
        return true;
    wasmtime_error_delete(error);
    return false;
}

/* head( … ) */
static bool form_read(reader *r, olw_str head, value *ret)
{
    if (is(head, "rec"))
        return record_read(r, ret);
    if (is(head, "own"))
        return own_new(r, word(r), ret) && eat(r, ')');
    if (is(head, "some")) {
        ret->kind = WASMTIME_COMPONENT_OPTION;
        return boxed_read(r, &ret->of.option) && eat(r, ')');
    }
    if (!is(head, "ok") && !is(head, "err"))
        return false;
    ret->kind = WASMTIME_COMPONENT_RESULT;
    ret->of.result.is_ok = is(head, "ok");
    return boxed_read(r, &ret->of.result.val) && eat(r, ')');
}

static void atom_read(olw_str head, value *ret)
{
    if (is(head, "ok")) {
        ret->kind = WASMTIME_COMPONENT_RESULT;
        ret->of.result.is_ok = true;
    } else if (is(head, "none")) {
        ret->kind = WASMTIME_COMPONENT_OPTION;
    } else if (is(head, "true") || is(head, "false")) {
        ret->kind = WASMTIME_COMPONENT_BOOL;
        ret->of.boolean = is(head, "true");
    } else if (ends(head, "u64")) {
        ret->kind = WASMTIME_COMPONENT_U64;
        ret->of.u64 = strtoull((const char *)head.data, NULL, 10);
    } else if (ends(head, "u32")) {
        ret->kind = WASMTIME_COMPONENT_U32;
        ret->of.u32 = (uint32_t)strtoul((const char *)head.data, NULL, 10);
    } else if (ends(head, "u8")) {
        ret->kind = WASMTIME_COMPONENT_U8;
        ret->of.u8 = (uint8_t)strtoul((const char *)head.data, NULL, 10);
    } else {
        ret->kind = WASMTIME_COMPONENT_ENUM;
        ret->of.enumeration = name_new(head);
    }
}

static bool sequence_read(reader *r, char end, value *ret)
{
    value items[ITEMS_MAX];
    size_t n;
    if (!many_read(r, end, items, &n))
        return false;
    if (end == ']') {
        ret->kind = WASMTIME_COMPONENT_LIST;
        wasmtime_component_vallist_new(&ret->of.list, n, items);
    } else {
        ret->kind = WASMTIME_COMPONENT_TUPLE;
        wasmtime_component_valtuple_new(&ret->of.tuple, n, items);
    }
    return true;
}

static bool string_read(reader *r, value *ret)
{
    const char *end = strchr(r->at, '"');
    if (end == NULL)
        return false;
    ret->kind = WASMTIME_COMPONENT_STRING;
    ret->of.string = name_new((olw_str){(const uint8_t *)r->at, (size_t)(end - r->at)});
    r->at = end + 1;
    return true;
}

static bool value_read(reader *r, value *ret)
{
    bool good;
    *ret = (value){0};
    if (++r->depth > DEPTH_MAX)
        return false;
    if (eat(r, '['))
        good = sequence_read(r, ']', ret);
    else if (eat(r, '('))
        good = sequence_read(r, ')', ret);
    else if (eat(r, '{'))
        good = flags_read(r, ret);
    else if (eat(r, '"'))
        good = string_read(r, ret);
    else {
        olw_str head = word(r);
        good = head.len > 0;
        if (good && eat(r, '('))
            good = form_read(r, head, ret);
        else if (good)
            atom_read(head, ret);
    }
    r->depth--;
    return good;
}

static bool name_is(const wasm_name_t *name, const char *want)
{
    return name->size == strlen(want) && memcmp(name->data, want, name->size) == 0;
}

static bool flag_set(const wasmtime_component_valflags_t *flags, const char *want)
{
    for (size_t i = 0; i < flags->size; i++) {
        if (name_is(&flags->data[i], want))
            return true;
    }
    return false;
}

static bool holds(const char *condition, const value *args, size_t args_len)
{
    if (condition == NULL)
        return true;
    for (size_t i = 0; i < args_len; i++) {
        if (condition[0] == '.' && args[i].kind == WASMTIME_COMPONENT_STRING &&
            name_is(&args[i].of.string, condition + 1))
            return true;
        if (condition[0] == '+' && args[i].kind == WASMTIME_COMPONENT_FLAGS &&
            flag_set(&args[i].of.flags, condition + 1))
            return true;
    }
    return false;
}

static wasmtime_error_t *on_call(void *env, wasmtime_context_t *context,
                                 const wasmtime_component_func_type_t *type, value *args,
                                 size_t args_len, value *results, size_t results_len)
{
    const group *g = env;
    (void)type;
    for (size_t i = 0; i < args_len; i++) {
        if (args[i].kind == WASMTIME_COMPONENT_RESOURCE)
            olw__release(context, args[i].of.resource);
    }
    for (size_t i = g->first; i < g->len; i++) {
        const olw_answer *row = &g->rows[i];
        if (strcmp(row->name, g->rows[g->first].name) != 0)
            break;
        if (!holds(row->condition, args, args_len))
            continue;
        reader r = {.at = row->answer, .context = context, .group = g};
        if (results_len == 0 || value_read(&r, &results[0]))
            return NULL;
        break;
    }
    return wasmtime_error_new("host call failed");
}

static wasmtime_error_t *on_resource_drop(void *env, wasmtime_context_t *context, uint32_t rep)
{
    (void)env, (void)context, (void)rep;
    return NULL;
}

static wasmtime_error_t *row_link(wasmtime_component_linker_instance_t *interface,
                                  const olw_answer *rows, size_t len, size_t i)
{
    const char *name;
    if (is_resource(&rows[i], &name)) {
        wasmtime_component_resource_type_t *type =
            wasmtime_component_resource_type_new_host((uint32_t)i);
        wasmtime_error_t *error = wasmtime_component_linker_instance_add_resource(
            interface, name, strlen(name), type, on_resource_drop, NULL, NULL);
        wasmtime_component_resource_type_delete(type);
        return error;
    }
    group *g = malloc(sizeof *g);
    if (g == NULL)
        return wasmtime_error_new("out of memory");
    *g = (group){.rows = rows, .len = len, .first = i};
    name = rows[i].name;
    return wasmtime_component_linker_instance_add_func(interface, name, strlen(name), on_call, g,
                                                       free);
}

wasmtime_error_t *olw__answers_link(wasmtime_component_linker_t *linker, const olw_answer *rows,
                                    size_t rows_len)
{
    wasmtime_error_t *error = NULL;
    for (size_t i = 0; i < rows_len && error == NULL; i++) {
        wasmtime_component_linker_instance_t *interface = NULL;
        if (i > 0 && strcmp(rows[i - 1].name, rows[i].name) == 0)
            continue; /* another row of the same function */
        wasmtime_component_linker_instance_t *root = wasmtime_component_linker_root(linker);
        error = wasmtime_component_linker_instance_add_instance(
            root, rows[i].interface, strlen(rows[i].interface), &interface);
        if (error == NULL) {
            error = row_link(interface, rows, rows_len, i);
            wasmtime_component_linker_instance_delete(interface);
        }
        wasmtime_component_linker_instance_delete(root);
    }
    return error;
}
