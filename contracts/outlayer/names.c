#include "contracts/outlayer/names.h"

#include "contracts/host/near.h"

ol_str lower_case(ol_str text)
{
    char *copy = near_alloc(text.len);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        copy[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return (ol_str){copy, text.len};
}
