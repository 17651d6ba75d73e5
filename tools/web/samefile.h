/** Whether a file that was read is still the same one, for what is read again when it changes. */
#ifndef GP_WEB_SAMEFILE_H
#define GP_WEB_SAMEFILE_H

#include <stdbool.h>
#include <sys/stat.h>

/** A zeroed stat stands for no file, and is the same as no other. Thread: any. */
static inline bool gp_same_file(const struct stat *was, const struct stat *is)
{
    return was->st_ino != 0 && was->st_ino == is->st_ino && was->st_size == is->st_size &&
           was->st_mtim.tv_sec == is->st_mtim.tv_sec &&
           was->st_mtim.tv_nsec == is->st_mtim.tv_nsec && was->st_mode == is->st_mode;
}

#endif
