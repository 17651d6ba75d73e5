#include "core/device.h"

bool gp_device_has_key(const struct gp_device *device)
{
    for (unsigned i = 0; i < GP_DEVICE_KEY_BYTES; i++) {
        if (device->key[i] != 0)
            return true;
    }
    return false;
}
