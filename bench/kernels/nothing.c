/* A command that does nothing: a reason to link the C library behind it. */
int main(void)
{
    return 0;
}
