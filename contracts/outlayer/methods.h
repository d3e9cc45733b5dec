/* The method table: what is checked before a method runs. Rows are in methods.def. */
#ifndef OL_CONTRACTS_OUTLAYER_METHODS_H
#define OL_CONTRACTS_OUTLAYER_METHODS_H

#include "contracts/outlayer/call.h"

#define METHOD(name, kind, auth, pause) void method_##name(call *c);
#include "contracts/outlayer/methods.def"
#undef METHOD

#endif
