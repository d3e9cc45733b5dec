/* How each function of near:storage answers (Host interfaces 8). */
#include "lib/broker/storage_steps.h"

void ol__storage_answer_text(ol_broker *broker, ol_str error)
{
    const ol_host_value value = {.bytes = ol_str_bytes(error)};
    ol__service_answer(broker, &value, 1);
}

void ol__storage_answer_bool(ol_broker *broker, bool yes)
{
    const ol_host_value value = {.number = yes};
    ol__service_answer(broker, &value, 1);
}

void ol__storage_answer_bytes(ol_broker *broker, ol_bytes value, ol_str error)
{
    const ol_host_value values[] = {{.bytes = value}, {.bytes = ol_str_bytes(error)}};
    ol__service_answer(broker, values, OL_COUNT(values));
}

void ol__storage_answer_inserted(ol_broker *broker, bool yes, ol_str error)
{
    const ol_host_value values[] = {{.number = yes}, {.bytes = ol_str_bytes(error)}};
    ol__service_answer(broker, values, OL_COUNT(values));
}

void ol__storage_answer_swapped(ol_broker *broker, bool yes, ol_bytes current, ol_str error)
{
    const ol_host_value values[] = {
        {.number = yes}, {.bytes = current}, {.bytes = ol_str_bytes(error)}};
    ol__service_answer(broker, values, OL_COUNT(values));
}

void ol__storage_answer_counter(ol_broker *broker, int64_t value, ol_str error)
{
    const ol_host_value values[] = {{.number = (uint64_t)value}, {.bytes = ol_str_bytes(error)}};
    ol__service_answer(broker, values, OL_COUNT(values));
}

/* The function's own shape of a failure. */
void ol__storage_fail(ol_broker *broker, ol_str error)
{
    switch ((int)broker->service.function) { /* the rows of near:storage/api */
    case OL_FN_STORAGE_HAS:
    case OL_FN_STORAGE_DELETE:
        ol__storage_answer_bool(broker, false);
        return;
    case OL_FN_STORAGE_SET_IF_ABSENT:
        ol__storage_answer_inserted(broker, false, error);
        return;
    case OL_FN_STORAGE_SET_IF_EQUALS:
        ol__storage_answer_swapped(broker, false, (ol_bytes){NULL, 0}, error);
        return;
    case OL_FN_STORAGE_INCREMENT:
    case OL_FN_STORAGE_DECREMENT:
        ol__storage_answer_counter(broker, 0, error);
        return;
    case OL_FN_STORAGE_LIST_KEYS:
        ol__storage_answer_bytes(broker, ol_str_bytes(OL_STR("[]")), error);
        return;
    case OL_FN_STORAGE_GET:
    case OL_FN_STORAGE_GET_WORKER:
    case OL_FN_STORAGE_GET_BY_VERSION:
        ol__storage_answer_bytes(broker, (ol_bytes){NULL, 0}, error);
        return;
    default:
        ol__storage_answer_text(broker, error);
    }
}

void ol__storage_fail_with(ol_broker *broker, const char *what)
{
    ol__storage_fail(broker, ol__service_failure(broker, what));
}
