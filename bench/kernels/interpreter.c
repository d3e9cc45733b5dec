/* A bytecode interpreter inside the guest: a branch per byte, the worst case for metering. */
#include "bench/kernels/kernel.h"

enum { OP_CONST, OP_ADD, OP_MUL, OP_XOR, OP_LOAD, OP_STORE, OP_DEC, OP_JUMP_UNLESS_ZERO, OP_END };

/* Counts r0 down while r1 = (r1 * 31 + r0) ^ 7. */
static const uint8_t PROGRAM[] = {OP_LOAD,
                                  1,
                                  OP_CONST,
                                  31,
                                  OP_MUL,
                                  0,
                                  OP_LOAD,
                                  0,
                                  OP_ADD,
                                  0,
                                  OP_CONST,
                                  7,
                                  OP_XOR,
                                  0,
                                  OP_STORE,
                                  1,
                                  OP_LOAD,
                                  0,
                                  OP_DEC,
                                  0,
                                  OP_STORE,
                                  0,
                                  OP_JUMP_UNLESS_ZERO,
                                  0,
                                  OP_END,
                                  0};

static uint32_t interpret(uint32_t rounds)
{
    uint32_t reg[2] = {rounds, 1};
    uint32_t stack[16];
    uint32_t top = 0;
    uint32_t at = 0;
    for (;;) {
        uint8_t op = PROGRAM[at];
        uint8_t arg = PROGRAM[at + 1];
        at += 2;
        switch (op) {
        case OP_CONST:
            stack[top++ & 15] = arg;
            break;
        case OP_ADD:
            top--;
            stack[(top - 1) & 15] += stack[top & 15];
            break;
        case OP_MUL:
            top--;
            stack[(top - 1) & 15] *= stack[top & 15];
            break;
        case OP_XOR:
            top--;
            stack[(top - 1) & 15] ^= stack[top & 15];
            break;
        case OP_LOAD:
            stack[top++ & 15] = reg[arg & 1];
            break;
        case OP_STORE:
            reg[arg & 1] = stack[--top & 15];
            break;
        case OP_DEC:
            stack[(top - 1) & 15]--;
            break;
        case OP_JUMP_UNLESS_ZERO:
            if (reg[0] != 0)
                at = arg;
            break;
        default:
            return reg[1];
        }
    }
}

KERNEL uint32_t run(void)
{
    return interpret(6000000);
}
