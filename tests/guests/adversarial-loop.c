/* Never ends: by its instruction limit, or by its deadline where that limit is far away. */
int main(void)
{
    for (volatile unsigned turn = 0;; turn++) {
    }
}
