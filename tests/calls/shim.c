/*
 * LD_PRELOADed into a daemon under test: its allocations, from main on, are counted, and some are
 * refused. Whose they were is noted by the address that they were asked from.
 */
#include "calls/shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t align, size_t size);
void *memalign(size_t align, size_t size);

static struct shim *shim;
static bool lifted;

void shim_lift(void)
{
    __atomic_store_n(&lifted, true, __ATOMIC_SEQ_CST);
}

__attribute__((constructor)) static void open_shim(void)
{
    const char *path = getenv("CALLS");
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *map =
        fd >= 0 ? mmap(NULL, sizeof *shim, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;

    if (map == MAP_FAILED)
        abort();
    shim = map;
    (void)close(fd); /* the mapping stays */
}

/* Libraries that abort where they get no memory. A thread's is the loader's, and they start them.
 */
static bool is_aborting(const char *library)
{
    static const char *const names[] = {"libnanomsg", "libuv", "ld-linux"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncmp(library, names[i], strlen(names[i])) == 0)
            return true;
    }
    return false;
}

static void note(const void *caller)
{
    Dl_info info;
    const char *name = dladdr(caller, &info) != 0 ? info.dli_fname : "?";
    const char *last = strrchr(name, '/');

    name = last != NULL ? last + 1 : name;
    if (__atomic_fetch_add(&shim->failed, 1, __ATOMIC_SEQ_CST) == 0)
        strncpy(shim->who, name, SHIM_NAME_BYTES - 1);
    if (is_aborting(name))
        (void)__atomic_add_fetch(&shim->aborting, 1, __ATOMIC_SEQ_CST);
}

static bool refused(const void *caller)
{
    if (shim == NULL || __atomic_load_n(&lifted, __ATOMIC_SEQ_CST))
        return false;
    uint64_t number = __atomic_add_fetch(&shim->counted, 1, __ATOMIC_SEQ_CST);
    uint64_t at = __atomic_load_n(&shim->at, __ATOMIC_SEQ_CST);
    if (at == 0 || number < at || number > __atomic_load_n(&shim->upto, __ATOMIC_SEQ_CST))
        return false;
    note(caller);
    errno = ENOMEM;
    return true;
}

#define CALLER __builtin_return_address(0)

void *malloc(size_t size)
{
    return refused(CALLER) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refused(CALLER) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return refused(CALLER) ? NULL : __libc_realloc(old, size);
}

void *memalign(size_t align, size_t size)
{
    return refused(CALLER) ? NULL : __libc_memalign(align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
    return refused(CALLER) ? NULL : __libc_memalign(align, size);
}

int posix_memalign(void **ret_memory, size_t align, size_t size)
{
    void *memory = refused(CALLER) ? NULL : __libc_memalign(align, size);

    if (memory == NULL)
        return ENOMEM;
    *ret_memory = memory;
    return 0;
}
