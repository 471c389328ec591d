#pragma once
#include <string>

namespace shim {
/** SHA-256 (FIPS 180-4) of bytes, in lower-case hexadecimal. */
std::string sha256Hex(const std::string &bytes);
} // namespace shim
