/*
 * Linked where lines and branches are counted. Who ends by _exit leaves its counts, too: the check
 * of a store does, and the children in which tests let calls fail. And libgcov does not look at
 * whether it got memory: a shim that refuses some has to stop before it begins.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

void __gcov_dump(void);
_Noreturn void __real__exit(int code);
_Noreturn void __wrap__exit(int code);

static void lift_shim(void)
{
    void (*lift)(void) = (void (*)(void))(uintptr_t)dlsym(RTLD_DEFAULT, "shim_lift");

    if (lift != NULL)
        lift();
}

__attribute__((constructor)) static void begin(void)
{
    if (atexit(lift_shim) != 0)
        abort();
}

_Noreturn void __wrap__exit(int code)
{
    lift_shim();
    __gcov_dump();
    __real__exit(code);
}
