#include "contracts/outlayer/methods.h"

/* A row takes 12 bytes of the module: enums are bytes, and a name stands only where a refusal says
 * it. */
typedef enum __attribute__((packed)) method_kind {
    METHOD_PAYABLE,
    METHOD_CALL,
    METHOD_PRIVATE,
    METHOD_VIEW,
    METHOD_INIT
} method_kind;
typedef enum __attribute__((packed)) method_auth {
    AUTH_ANY,
    AUTH_OWNER,
    AUTH_OPERATOR
} method_auth;
typedef enum __attribute__((packed)) method_pause {
    PAUSE_ALWAYS,
    PAUSE_PAUSABLE,
    PAUSE_LEAN,
    PAUSE_PURE
} method_pause;

#define NAME_PAYABLE(name) NULL
#define NAME_CALL(name) #name
#define NAME_PRIVATE(name) #name
#define NAME_VIEW(name) NULL
#define NAME_INIT(name) #name

typedef struct method {
    const char *name; /* NULL: no refusal names it */
    void (*work)(call *c);
    method_kind kind;
    method_auth auth;
    method_pause pause;
} method;

#define NOT_INITIALIZED "The contract is not initialized"

/* Arguments may need many small pieces; the memory of a call is the only limit that counts. */
enum { ARENA_BYTES_MAX = 32 << 20 };

static void check_state(const method *m, call *c)
{
    bool present = config_load(&c->config);
    if (m->kind == METHOD_INIT)
        REQUIRE(!present, "The contract has already been initialized");
    else
        REQUIRE(present, NOT_INITIALIZED);
}

static void check_caller(const method *m, const call *c)
{
    if (m->kind == METHOD_PRIVATE)
        REQUIRE(ol_str_eq(c->predecessor, near_self()), "Method %s is private", m->name);
    if (m->auth == AUTH_OWNER)
        REQUIRE(ol_str_eq(c->predecessor, c->config.owner), "Only owner can call this method");
    if (m->auth == AUTH_OPERATOR)
        REQUIRE(ol_str_eq(c->predecessor, c->config.operator), "Only operator can call this");
    if (m->pause == PAUSE_PAUSABLE)
        REQUIRE(!c->config.paused, "Contract is paused");
}

static void method_run(const method *m)
{
    call c = {.arena = ol_arena_new(ARENA_BYTES_MAX)};
    if (m->kind != METHOD_VIEW) {
        c.predecessor = near_predecessor();
        c.deposit = near_attached_deposit();
        if (m->kind != METHOD_PAYABLE)
            REQUIRE(c.deposit == 0, "Method %s doesn't accept deposit", m->name);
    }
    if (m->pause < PAUSE_LEAN) {
        check_state(m, &c);
        check_caller(m, &c);
    }
    m->work(&c);
    if (m->pause == PAUSE_LEAN) /* where records are found, there was `new` */
        REQUIRE(near_storage_found() || config_exists(), NOT_INITIALIZED);
}

#define METHOD(name, kind, auth, pause)                                                            \
    NEAR_METHOD(name)                                                                              \
    {                                                                                              \
        static const method ROW = {NAME_##kind(name), method_##name, METHOD_##kind, AUTH_##auth,   \
                                   PAUSE_##pause};                                                 \
        method_run(&ROW);                                                                          \
    }
#include "contracts/outlayer/methods.def"
#undef METHOD
