/* Filling structs from JSON by table: the shape of a request body is data.
 *
 *   static const ol_json_field FIELDS[] = {
 *       {"input", OL_BIND_RAW, OL_REQUIRED, offsetof(body, input_json)},
 *       {"async", OL_BIND_BOOL, OL_DEFAULT, offsetof(body, is_async)},
 *       {"version_key", OL_BIND_TEXT, OL_OPTIONAL, offsetof(body, version_key)},
 *       {"secrets_ref", OL_BIND_OBJECT, OL_OPTIONAL, offsetof(body, secrets_ref),
 *        .has = offsetof(body, has_secrets_ref), .sub = &SECRETS_REF},
 *   };
 *   static const ol_json_table BODY = {"HttpsCallRequest", FIELDS, OL_COUNT(FIELDS)};
 *
 *   body it = {.is_async = false};           // defaults first
 *   OL_TRY(ol_json_bind(text, &BODY, &it, arena, err));
 *
 * Unknown members are ignored; a member of the table given twice is refused (Coordinator 19).
 * On failure the struct is half filled and must not be used. */
#ifndef OL_CODEC_JSON_BIND_H
#define OL_CODEC_JSON_BIND_H

#include "lib/codec/json_read.h"

/* The member of the struct that a type fills stands beside it. */
typedef enum ol_bind_type {
    OL_BIND_TEXT = 1,    /* ol_str, slice of the document or in the arena */
    OL_BIND_BOOL,        /* bool */
    OL_BIND_U8,          /* uint8_t */
    OL_BIND_U32,         /* uint32_t */
    OL_BIND_U64,         /* uint64_t */
    OL_BIND_I64,         /* int64_t */
    OL_BIND_U128,        /* ol_u128 from a number */
    OL_BIND_DEC,         /* ol_u128 (ol_usd, ol_yocto) from a decimal string */
    OL_BIND_RAW,         /* ol_str: the value's own bytes */
    OL_BIND_VALUE,       /* ol_json */
    OL_BIND_TEXT_LIST,   /* ol_json_texts */
    OL_BIND_ENUM,        /* int: index into `variants` */
    OL_BIND_OBJECT,      /* a struct, by `sub` */
    OL_BIND_OBJECT_LIST, /* ol_json_structs: array of objects by `sub`, `size` bytes each */
#ifndef OL_BIND_FEW      /* contracts, which pay for code that they do not use, go without: */
    OL_BIND_DOUBLE,      /* double */
    OL_BIND_HEX,         /* ol_bytes in the arena; both cases, even number of digits */
    OL_BIND_HEX_FIXED,   /* uint8_t[size] */
    OL_BIND_BASE64,      /* ol_bytes in the arena */
    OL_BIND_BYTE_ARRAY,  /* ol_bytes in the arena, from [0,255,…] */
#endif
} ol_bind_type;

typedef enum ol_bind_need {
    OL_REQUIRED, /* absent or null is refused (a RAW or VALUE may be null) */
    OL_DEFAULT,  /* absent keeps what is there; null is refused */
    OL_OPTIONAL, /* absent or null keeps what is there */
} ol_bind_need;

typedef struct ol_json_table ol_json_table;

typedef struct ol_json_field {
    const char *name;
    ol_bind_type type : 8;
    ol_bind_need need : 8;
    uint16_t offset; /* where the value goes */
    uint16_t has;    /* offset of a bool set when present and not null; 0: none */
    uint16_t size;   /* HEX_FIXED: bytes; OBJECT_LIST: bytes of one struct */
    union {
        const ol_json_table *sub;    /* OBJECT, OBJECT_LIST */
        const char *const *variants; /* ENUM: names, NULL behind the last */
        bool (*check)(ol_str);       /* TEXT, where given: which texts are taken */
    };
} ol_json_field;

enum { OL_JSON_FIELDS_MAX = 64 };

struct ol_json_table {
    const char *name; /* named in errors: "expected struct NAME" */
    const ol_json_field *fields;
    size_t count; /* at most OL_JSON_FIELDS_MAX */
};

typedef struct ol_json_texts {
    const ol_str *items;
    size_t count;
} ol_json_texts;

typedef struct ol_json_structs {
    void *items;
    size_t count;
} ol_json_structs;

/* OL_ERR_SYNTAX, OL_ERR_SHAPE, OL_ERR_LIMIT, OL_ERR_NO_MEMORY (arena full). */
ol_rc ol_json_bind(ol_str text, const ol_json_table *table, void *into, ol_arena *arena,
                   ol_err *err);
/* The same from a value of a document that is checked already. */
ol_rc ol_json_bind_value(const ol_json *value, const ol_json_table *table, void *into,
                         ol_arena *arena, ol_err *err);

#endif
