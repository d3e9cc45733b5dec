#include "cli/templates.h"

#include "lib/base/assert.h"

/* The bytes of a file of this tree, between two symbols. CLI_TREE is the folder of the sources. */
#define EMBED(symbol, file)                                                                        \
    __asm__(".pushsection .rodata,\"a\",@progbits\n"                                               \
            ".globl cli_file_" #symbol "\n"                                                        \
            ".globl cli_file_" #symbol "_end\n"                                                    \
            "cli_file_" #symbol ":\n"                                                              \
            ".incbin \"" CLI_TREE "/" file "\"\n"                                                  \
            "cli_file_" #symbol "_end:\n"                                                          \
            ".popsection\n");                                                                      \
    extern const char cli_file_##symbol[];                                                         \
    extern const char cli_file_##symbol##_end[];

#define EMBED_ROW(symbol, path, file) EMBED(symbol, file)
#define FILE_ROW(symbol, path, file) {path, cli_file_##symbol, cli_file_##symbol##_end},

/* Symbol, path inside the new folder, file in the tree. */
#define BASIC(ROW)                                                                                 \
    ROW(basic_toml, "outlayer.toml", "cli/templates/basic/outlayer.toml")                          \
    ROW(basic_main, "src/main.c", "cli/templates/basic/src/main.c")                                \
    ROW(basic_readme, "README.md", "cli/templates/basic/README.md")                                \
    ROW(basic_ignore, ".gitignore", "cli/templates/basic/gitignore")

#define CONTRACT(ROW)                                                                              \
    ROW(contract_toml, "outlayer.toml", "cli/templates/contract/outlayer.toml")                    \
    ROW(contract_main, "src/main.c", "examples/coin-flip/coin_flip.c")                             \
    ROW(contract_inner, "contract/outlayer.toml", "cli/templates/contract/contract/outlayer.toml") \
    ROW(contract_source, "contract/src/contract.c", "contracts/client/coin_flip.c")                \
    ROW(contract_readme, "README.md", "cli/templates/contract/README.md")                          \
    ROW(contract_ignore, ".gitignore", "cli/templates/basic/gitignore")

BASIC(EMBED_ROW)
CONTRACT(EMBED_ROW)

static const template_file BASIC_FILES[] = {BASIC(FILE_ROW)};
static const char *const BASIC_NEXT[] = {
    "outlayer build",
    "outlayer test build/*.wasm --input '{\"name\":\"world\"}'",
    "outlayer deploy    (while outlayer dev runs)",
    NULL,
};

static const template_file CONTRACT_FILES[] = {CONTRACT(FILE_ROW)};
static const char *const CONTRACT_NEXT[] = {
    "outlayer build && outlayer deploy    (while outlayer dev runs)",
    "cd contract && outlayer build",
    "README.md says how it is deployed and called",
    NULL,
};

static const template TEMPLATES[] = {
    {"basic", BASIC_FILES, OL_COUNT(BASIC_FILES), BASIC_NEXT},
    {"contract", CONTRACT_FILES, OL_COUNT(CONTRACT_FILES), CONTRACT_NEXT},
};

const template *template_find(ol_str name)
{
    OL_EACH (t, TEMPLATES) {
        if (ol_str_eq(ol_str_of(t->name), name))
            return t;
    }
    return NULL;
}
