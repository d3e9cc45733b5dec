/* A module without an entry point (H8). */
int answer(void);

__attribute__((export_name("answer"))) int answer(void)
{
    return 42;
}
