/* Imports a function that no host has (H13). */
__attribute__((import_module("env"), import_name("foo"))) void foo(void);

int main(void)
{
    foo();
    return 0;
}
