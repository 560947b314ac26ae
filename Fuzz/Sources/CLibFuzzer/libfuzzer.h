#pragma once

#include <stddef.h>
#include <stdint.h>

// The entry of libFuzzer for programs that bring their own main; compilers ship the library without a header.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
