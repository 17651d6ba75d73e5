#include "bench/devices.h"

#include "base/bytes.h"

#include <stdio.h>

void bench_device(unsigned number, struct gp_keypair *ret_pair)
{
    unsigned char secret[GP_KEY_BYTES] = {0};

    gp_put_u64(secret, number + 1);
    gp_keypair_of(secret, ret_pair);
}

void bench_devices(unsigned count)
{
    char text[GP_KEY_TEXT];
    struct gp_keypair pair;

    puts("person,role,key,label");
    for (unsigned i = 0; i < count; i++) {
        bench_device(i, &pair);
        gp_key_format(pair.public, text);
        printf("li,officer,%s,bench\n", text);
    }
}
